import { DateText, PersonId, refuse } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { actorOf, afterCursor, cutPage, everyone, PageQuery, pageOf } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { command, query, slice } from "../kit.ts";
import { Area } from "../registry/views.ts";
import { recorders } from "../work-record/record.ts";
import { lockWorker } from "../work-record/store.ts";
import { WorkplaceEntry } from "../work-record/views.ts";
import {
  cancelDeparture,
  insertDeparture,
  type ListedDeparture,
  listDepartures,
  lockDeparture,
  type PlannedDeparture,
} from "./store.ts";

const needs = ["job-offer", "transport", "training", "care-at-home", "rights-advice", "other"] as const;

const DepartureView = z.object({
  plannedDepartureId: z.string(),
  personId: z.string(),
  householdId: z.string(),
  region: z.string(),
  leavesOn: z.string(),
  country: z.string(),
  place: z.string().nullable(),
  needs: z.array(z.enum(needs)),
  status: z.enum(["planned", "left", "cancelled"]),
  workRecordId: z.string().nullable().describe("The work it became"),
  version: z.int(),
});
const departureView = ({ id, ...plan }: PlannedDeparture): z.input<typeof DepartureView> => ({
  ...plan,
  plannedDepartureId: id,
  // Safe: the entry takes them from the same list.
  needs: plan.needs as (typeof needs)[number][],
});
const listed = ({ nameMask, phoneMask, ...plan }: ListedDeparture): z.input<typeof ListedView> => ({
  ...departureView(plan),
  ...{ name: nameMask, phone: phoneMask },
});
const ListedView = DepartureView.extend({
  name: z.string().nullable().describe("Masked"),
  phone: z.string().nullable().describe("Masked"),
});

const planDeparture = command(
  {
    method: "post",
    operation: "plan-departure",
    path: "/planned-departures",
    summary: { zh: "登记计划外出", en: "Record that somebody plans to leave for work, and what they need" },
    clauses: ["E-01"],
    allow: recorders,
    body: z.object({
      personId: PersonId,
      leavesOn: DateText,
      ...WorkplaceEntry,
      needs: z.array(z.enum(needs)).max(needs.length).default([]),
    }),
    reply: DepartureView,
    status: 201,
    problems: ["person-not-found", "no-member-on-the-day", "invalid-input", "planned-departure-exists"],
  },
  async ({ tx, body, actor, today }) => {
    const { personId, leavesOn, country, place } = body;
    const worker = await lockWorker(tx, personId, today);
    if (!worker) return refuse("person-not-found");
    if (worker.householdId === null) return refuse("no-member-on-the-day");
    if (leavesOn < today)
      return refuse("invalid-input", {
        errors: [
          {
            pointer: "/leavesOn",
            rule: "not-in-past",
            zh: "已外出请登记务工记录",
            en: "Who has left has a work record",
            clause: "E-01",
          },
        ],
      });
    const plan: PlannedDeparture = {
      ...{
        id: uuidv7(),
        personId,
        householdId: worker.householdId,
        region: worker.region,
        leavesOn,
        country,
        place: place ?? null,
      },
      ...{ needs: [...new Set(body.needs)].sort(), status: "planned", workRecordId: null, version: 1 },
    };
    if (!(await insertDeparture(tx, plan, actorOf(actor)))) return refuse("planned-departure-exists");
    return { reply: departureView(plan) };
  },
);

const listDeparturesRoute = query(
  {
    operation: "list-planned-departures",
    path: "/planned-departures",
    summary: { zh: "计划外出名单", en: "List planned departures" },
    clauses: ["E-01"],
    allow: everyone,
    query: PageQuery.extend({
      region: Area.optional(),
      status: z.enum(["planned", "left", "cancelled"]).optional(),
      overdue: z.stringbool().optional().describe("Only people who meant to have left by today and have no work recorded"),
    }),
    reply: pageOf(ListedView),
    exports: { titles: { place: "去向" } },
    problems: [],
  },
  async ({ tx, query: { region, status, overdue, cursor, limit }, actor, today }) => {
    const rows = await listDepartures(tx, {
      ...{ area: rangeOf(region ?? actor.region), status: overdue ? "planned" : status, before: overdue ? today : undefined },
      ...{ after: afterCursor(cursor), limit },
    });
    const page = cutPage(rows, limit, ({ id }) => id);
    return { reply: { items: page.items.map(listed), next: page.next } };
  },
);

const cancelDepartureRoute = command(
  {
    method: "post",
    operation: "cancel-planned-departure",
    path: "/planned-departures/{plannedDepartureId}/cancellation",
    summary: { zh: "取消计划外出", en: "Record that somebody stays after all" },
    clauses: ["E-01"],
    allow: recorders,
    params: z.object({ plannedDepartureId: z.uuid() }),
    reply: DepartureView,
    problems: ["planned-departure-not-found", "planned-departure-closed"],
  },
  async ({ tx, params }) => {
    const plan = await lockDeparture(tx, params.plannedDepartureId);
    if (!plan) return refuse("planned-departure-not-found");
    if (plan.status !== "planned") return refuse("planned-departure-closed");
    await cancelDeparture(tx, plan.id);
    return { reply: departureView({ ...plan, status: "cancelled", version: plan.version + 1 }) };
  },
);

export const plannedDepartureSlice = slice({
  name: "planned-departure",
  title: { zh: "计划外出", en: "Planned departures" },
  routes: [planDeparture, listDeparturesRoute, cancelDepartureRoute],
});
