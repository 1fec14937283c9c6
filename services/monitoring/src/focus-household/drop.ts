import { DateText, HouseholdId, PersonId, Reason, refuse } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { actorOf, everyone, PageQuery, pageOf, sealRecord } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { membersOf } from "../household/person-store.ts";
import { lockHousehold } from "../household/store.ts";
import { command, query } from "../kit.ts";
import { dropFactsOf, dropSettings, focusSettings, listProposedDrops } from "./condition-store.ts";
import { proposeDrop } from "./decide.ts";
import { endWageStop, insertWageStop, saveDrop } from "./drop-store.ts";
import { bringOn, removeEnded } from "./listing.ts";
import { afterPlaceCursor, cutPlaces } from "./page.ts";
import { Area, CriterionView } from "./views.ts";

const HouseholdPath = z.object({ householdId: HouseholdId });

export const listDropProposals = query(
  {
    operation: "list-epidemic-drop-proposals",
    path: "/epidemic-drop-proposals",
    summary: {
      zh: "因疫收入骤降待确认名单",
      en: "Households for whom a sharp loss by the epidemic is proposed and nobody has decided",
    },
    clauses: ["M-05"],
    allow: everyone,
    query: PageQuery.extend({ region: Area.optional() }),
    reply: pageOf(z.object({ householdId: z.string(), region: z.string(), reasons: z.array(Reason) })),
    problems: [],
  },
  async ({ tx, query: { region, cursor, limit }, actor, today }) => {
    const prefix = region ?? actor.region;
    const { baseYear } = await focusSettings(tx, prefix.padEnd(12, "0"), today);
    const settings = await dropSettings(tx, prefix.padEnd(12, "0"), today);
    const given = { baseYear, settings, today, area: rangeOf(prefix), after: afterPlaceCursor(cursor), limit };
    const page = cutPlaces(await listProposedDrops(tx, given), limit);
    const items = [];
    for (const place of page.items)
      items.push({ ...place, reasons: proposeDrop(await dropFactsOf(tx, place.householdId, baseYear), settings, today).reasons });
    return { reply: { items, next: page.next } };
  },
);

export const decideDrop = command(
  {
    method: "post",
    operation: "decide-epidemic-drop",
    path: "/households/{householdId}/epidemic-drop",
    summary: { zh: "确认或否定因疫收入骤降", en: "Confirm or refuse a sharp loss of income by the epidemic" },
    clauses: ["M-05"],
    allow: ["county-officer", "township-officer"],
    params: HouseholdPath,
    body: z.object({
      confirmed: z.boolean(),
      note: z.string().trim().min(2).max(500).describe("What was found at the home; sealed: may name people"),
    }),
    reply: z.object({
      householdId: z.string(),
      year: z.int(),
      confirmed: z.boolean(),
      proposed: z.boolean().describe("The figures had proposed it; a person may also decide on what they know"),
      reasons: z.array(Reason),
      criteria: z.array(CriterionView).nullable().describe("The household's entry on the list afterwards, where this changed it"),
    }),
    problems: ["household-not-found", "not-watched"],
  },
  async ({ tx, params, body: { confirmed, note }, actor, keys, today }) => {
    const household = await lockHousehold(tx, params.householdId);
    if (!household) return refuse("household-not-found");
    const lifted = household.householdKind === "lifted-household";
    if (household.status !== "active" || !(lifted || (household.monitoredKind !== null && !household.riskCleared)))
      return refuse("not-watched");
    const { id: householdId, region } = household;
    const settings = await focusSettings(tx, region, today);
    const facts = await dropFactsOf(tx, householdId, settings.baseYear);
    const { proposed, reasons } = proposeDrop(facts, await dropSettings(tx, region, today), today);
    const { year } = settings;
    const said = {
      householdId,
      region,
      year,
      confirmed,
      proposed,
      explanation: reasons,
      decidedBy: actorOf(actor),
      decidedOn: today,
    };
    await saveDrop(tx, said, sealRecord(keys, { table: "monitoring.epidemic_drop", id: `${householdId}/${year}` }, { note }));
    const given = { area: rangeOf(region), after: undefined, limit: 1, householdId, today };
    const listed = await bringOn(tx, settings, given);
    const removed = await removeEnded(tx, settings, given);
    const events = [...listed.events, ...removed.events];
    const criteria = z.object({ criteria: z.array(CriterionView) }).safeParse(events.at(-1)?.data).data?.criteria ?? null;
    const about = { action: "decide-epidemic-drop", entity: "household", entityId: householdId, region, clause: "M-05" };
    return {
      reply: { householdId, year, confirmed, proposed, reasons, criteria },
      events,
      audit: [{ ...about, changed: { year, confirmed } }, ...listed.audit, ...removed.audit],
    };
  },
);

export const recordWageStop = command(
  {
    method: "post",
    operation: "record-wage-stop",
    path: "/households/{householdId}/wage-stops",
    summary: { zh: "登记劳动力停发工资", en: "Record that a worker's wage stopped, or is paid again" },
    clauses: ["M-05"],
    allow: ["county-officer", "township-officer", "village-officer"],
    params: HouseholdPath,
    body: z.object({
      personId: PersonId,
      from: DateText.optional().describe("First day without wages; absent to end a stop that runs"),
      until: DateText.optional().describe("Last day without wages; absent while it lasts"),
      epidemic: z.boolean().default(false).describe("Because of the epidemic"),
    }),
    reply: z.object({ householdId: z.string(), personId: z.string(), from: z.string().nullable(), until: z.string().nullable() }),
    status: 201,
    problems: ["household-not-found", "invalid-input", "already-exists"],
  },
  async ({ tx, params, body: { personId, from, until, epidemic }, actor, now, today }) => {
    const household = await lockHousehold(tx, params.householdId);
    if (!household) return refuse("household-not-found");
    const wrong = (pointer: string, rule: string, zh: string, en: string) =>
      refuse("invalid-input", { errors: [{ pointer, rule, zh, en, clause: "M-05" }] });
    const members = await membersOf(tx, household.id);
    if (!members.some((member) => member.id === personId && member.ableWorker))
      return wrong("/personId", "able-worker-of-the-household", "不是该户的劳动力", "Not an able worker of this household");
    if (
      (from ?? until ?? today) > today ||
      (until ?? today) > today ||
      (from !== undefined && until !== undefined && until < from)
    )
      return wrong("/from", "period", "停发期间有误,不得晚于今天", "The period ends before it begins or lies in the future");
    if (from === undefined) {
      if (until === undefined || !(await endWageStop(tx, personId, until)))
        return wrong("/until", "running-stop", "没有正在停发的记录可结束", "There is no running stop that this would end");
    } else {
      const { region } = household;
      const stop = { id: uuidv7(), householdId: household.id, region, personId, from, until: until ?? null, epidemic };
      const source = { sourceDepartment: "monitoring", sourceId: null, recordedBy: actorOf(actor), recordedAt: now };
      if (!(await insertWageStop(tx, { ...stop, ...source }))) return refuse("already-exists");
    }
    const about = {
      action: "record-wage-stop",
      entity: "household",
      entityId: household.id,
      region: household.region,
      clause: "M-05",
    };
    return {
      reply: { householdId: household.id, personId, from: from ?? null, until: until ?? null },
      audit: [{ ...about, changed: { from, until, epidemic } }],
    };
  },
);
