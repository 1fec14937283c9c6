import { DateText, RegionCode, refuse } from "@shouwang/contract";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { type ActingAppointment, actingRoles, appointers, appoints, mayAppoint } from "./acting-decide.ts";
import { endAppointment, insertAppointment, listAppointments, lockAppointment } from "./acting-store.ts";
import { brokenConstraint } from "./database.ts";
import { kitFor, type Route } from "./declare.ts";
import { everyone } from "./offices.ts";
import { afterCursor, cutPage, PageQuery, pageOf } from "./page.ts";
import { actorOf, mayReach } from "./principal.ts";

const Subject = z.string().trim().min(1).max(200);
const View = z.object({
  appointmentId: z.string().describe("Said in the header `Sw-Acting` of whatever is done under it"),
  region: z.string(),
  role: z.enum(actingRoles),
  acting: z.string().describe("Who acts: issuer and sign-in"),
  actingFor: z.string().describe("Whose office it is"),
  from: z.string(),
  until: z.string(),
  document: z.string(),
  endedOn: z.string().nullable(),
});
const viewOf = ({ id, ...appointment }: ActingAppointment): z.input<typeof View> => ({ appointmentId: id, ...appointment });
const auditOf = (action: string, appointment: ActingAppointment) => [
  {
    action,
    entity: "acting-appointment",
    entityId: appointment.id,
    region: appointment.region,
    changed: { ...appointment },
  },
];

/** Who acts for whom: appointed by the office one level up, for a time, by a document. */
export function actingRoutes<Db>(): Route<Db>[] {
  const { command, query } = kitFor<Db>();
  return [
    command(
      {
        method: "post",
        operation: "appoint-acting-officer",
        path: "/acting-appointments",
        summary: { zh: "任命代理", en: "Appoint somebody to act in another's office for a time" },
        allow: appointers,
        body: z.object({
          role: z.enum(actingRoles),
          region: RegionCode.describe("The office's division"),
          acting: Subject.describe("Sign-in of whoever is to act"),
          actingFor: Subject.describe("Sign-in of whose office it is"),
          from: DateText,
          until: DateText.describe("The last day"),
          document: z.string().trim().min(2).max(120).describe("What appoints"),
        }),
        reply: View,
        status: 201,
        problems: ["acting-not-allowed", "already-exists", "invalid-input", "outside-area", "unknown-division"],
      },
      async ({ tx, body, actor, now, today }) => {
        const person = (subject: string) => actorOf({ issuer: actor.issuer, subject });
        const asked = { ...body, acting: person(body.acting), actingFor: person(body.actingFor) };
        const refused = mayAppoint(asked, { by: actor, today });
        if (refused) return refused;
        const appointment: ActingAppointment = { id: uuidv7(), ...asked, endedOn: null };
        try {
          await insertAppointment(tx, appointment, { by: actorOf(actor), at: now });
        } catch (error) {
          if (brokenConstraint(error) === "acting_appointment_once") return refuse("already-exists");
          throw error;
        }
        return { reply: viewOf(appointment), audit: auditOf("appoint-acting-officer", appointment) };
      },
    ),
    command(
      {
        method: "post",
        operation: "end-acting-appointment",
        path: "/acting-appointments/{appointmentId}/end",
        summary: { zh: "终止代理", en: "End an acting appointment before its last day" },
        allow: appointers,
        params: z.object({ appointmentId: z.uuid() }),
        body: z.object({}),
        reply: View,
        problems: ["not-found", "acting-not-allowed", "state-conflict"],
      },
      async ({ tx, params, actor, today }) => {
        const appointment = await lockAppointment(tx, params.appointmentId);
        if (!appointment || !mayReach(actor, appointment.region)) return refuse("not-found");
        if (!appoints(actor, appointment.role)) return refuse("acting-not-allowed");
        if (appointment.endedOn !== null) return refuse("state-conflict");
        const ended = { ...appointment, endedOn: today };
        await endAppointment(tx, appointment.id, { on: today, by: actorOf(actor) });
        return { reply: viewOf(ended), audit: auditOf("end-acting-appointment", ended) };
      },
    ),
    query(
      {
        operation: "list-acting-appointments",
        path: "/acting-appointments",
        summary: { zh: "代理任命", en: "Acting appointments of the area, and one's own wherever they are" },
        allow: everyone,
        query: PageQuery.extend({
          mine: z.stringbool().default(false).describe("Only those I act under"),
          inForce: z.stringbool().default(true).describe("Only those in force today"),
        }),
        reply: pageOf(View),
        problems: [],
      },
      async ({ tx, query: { mine, inForce, cursor, limit }, actor, today }) => {
        const rows = await listAppointments(tx, {
          acting: mine ? actorOf(actor) : undefined,
          inForceOn: inForce ? today : undefined,
          after: afterCursor(cursor),
          limit,
        });
        const page = cutPage(rows, limit, ({ id }) => id);
        return { reply: { items: page.items.map(viewOf), next: page.next } };
      },
    ),
  ];
}
