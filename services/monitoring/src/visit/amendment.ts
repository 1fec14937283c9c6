import { DateText, type EventDraft, HouseholdId, Refusal, refuse, VisitId } from "@shouwang/contract";
import {
  actorOf,
  type BusinessDate,
  type Keys,
  monthOf,
  type Principal,
  parseBusinessDate,
  type Tx,
} from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import type { DB } from "../db.ts";
import { findHousehold } from "../household/store.ts";
import { command, query } from "../kit.ts";
import { lockCase } from "../monitored-case/store.ts";
import { lockedEvent } from "../round/count.ts";
import { correctVillage, type Standing, standingOf } from "../round/lock-store.ts";
import { roundSettings } from "../round/settings.ts";
import { markVillages } from "../round/store.ts";
import { markSweeps } from "../sweep/store.ts";
import { amendVisit, factsOf } from "./amendment-decide.ts";
import { amendmentsOf, findVisit, insertAmendment, saveAmended } from "./amendment-store.ts";
import { isMonthOpen, type Visit } from "./decide.ts";
import { keepHelperVisitMonths } from "./helper-visit.ts";
import { casesWithHelpers, ensureVisitMonths, holdHouseholds, insertVisits, type VisitedHousehold } from "./store.ts";
import { caseOn, SentVisit, settingsByRegion } from "./upload.ts";
import { Mode, Purpose, VisitView, visitView } from "./views.ts";

const AmendmentReason = z.string().trim().min(4).max(200).describe("Why; sealed, since it may name people");

export const amendVisitRoute = command(
  {
    method: "post",
    operation: "amend-visit",
    path: "/visits/{visitId}/amendment",
    summary: {
      zh: "更正或作废走访(乡镇,须说明理由,保留原记录)",
      en: "Amend a visit or take it back, with a reason; the original is kept, and after the lock the frozen figure too",
    },
    clauses: ["M-02", "M-04c"],
    allow: ["township-officer"],
    params: z.object({ visitId: VisitId }),
    body: z.object({
      reason: AmendmentReason,
      withdraw: z.boolean().default(false).describe("It did not take place"),
      visitedOn: DateText.optional(),
      mode: Mode.optional(),
      purposes: z.array(Purpose).min(1).max(5).optional(),
      householdAway: z.boolean().optional(),
    }),
    reply: VisitView,
    problems: ["visit-not-found", "visit-unchanged", "state-conflict", "invalid-input"],
  },
  async ({ tx, params, body: { reason, ...change }, actor, keys, now, today }) => {
    const seen = await findVisit(tx, params.visitId);
    if (!seen) return refuse("visit-not-found");
    const given = await hold(tx, seen, { actor, keys, now, today, reason });
    const before = await findVisit(tx, seen.id);
    if (!before || !given) return refuse("visit-not-found");
    const after = amendVisit(before, change.withdraw ? { withdraw: true } : { ...change, withdraw: false }, { today });
    if (after instanceof Refusal) return after;
    const standing = await given.standing();
    await saveAmended(tx, before, after);
    const events = await given.finish({
      visit: after,
      kind: after.withdrawn ? "withdrawn" : "changed",
      original: factsOf(before),
      standing,
    });
    const about = { action: "amend-visit", entity: "visit", entityId: after.id, region: after.region, clause: "M-02" };
    return { reply: visitView(after, given.context), events, audit: [{ ...about, changed: factsOf(after) }] };
  },
);

export const addLateVisit = command(
  {
    method: "post",
    operation: "add-late-visit",
    path: "/late-visits",
    summary: {
      zh: "补录已锁定月份的走访(乡镇,须说明理由)",
      en: "Enter a visit of a locked month, with a reason; the frozen figure is corrected and kept",
    },
    clauses: ["M-02", "M-04c"],
    allow: ["township-officer"],
    body: z.object({
      reason: AmendmentReason,
      visitor: z.string().trim().min(1).max(200).describe("Sign-in of whoever went"),
      visitorRole: z.enum(["grid-worker", "helper", "first-secretary", "village-officer", "township-officer"]),
      ...SentVisit.omit({ note: true }).shape,
      householdId: HouseholdId,
    }),
    reply: VisitView,
    status: 201,
    problems: ["household-not-found", "already-exists", "state-conflict"],
  },
  async ({ tx, body: { reason, visitId, ...facts }, actor, keys, now, today }) => {
    const household = await findHousehold(tx, facts.householdId);
    if (!household) return refuse("household-not-found");
    const { lockDay } = await settingsByRegion(tx, today)(household.region);
    const month = facts.visitedOn.slice(0, 7);
    if (facts.visitedOn > today || isMonthOpen(month, now, lockDay)) {
      return refuse("state-conflict", {
        detail: { zh: "该月尚未锁定,请按正常走访上报", en: "That month is not locked: record the visit as usual" },
      });
    }
    const cases = await casesWithHelpers(tx, [household.id]);
    const visit: Visit = {
      ...facts,
      id: visitId,
      region: household.region,
      caseId: caseOn(cases, household.id, facts.visitedOn)?.id ?? null,
      purposes: [...new Set(facts.purposes)],
      needs: [...new Set(facts.needs)],
      syncedAt: now,
      version: 1,
      withdrawn: false,
    };
    const given = await hold(tx, visit, { actor, keys, now, today, reason });
    if (!given) return refuse("household-not-found");
    const standing = await given.standing();
    await ensureVisitMonths(tx, [month]);
    const stored = (await findVisit(tx, visitId)) ? new Set() : await insertVisits(tx, keys, [{ ...visit, note: undefined }]);
    if (stored.size === 0) return refuse("already-exists");
    const events = await given.finish({ visit, kind: "added", original: null, standing });
    const about = { action: "add-late-visit", entity: "visit", entityId: visit.id, region: visit.region, clause: "M-02" };
    return { reply: visitView(visit, given.context), events, audit: [{ ...about, changed: factsOf(visit) }] };
  },
);

export const listAmendments = query(
  {
    operation: "list-visit-amendments",
    path: "/households/{householdId}/visit-amendments",
    summary: { zh: "走访更正记录(含原记录与理由)", en: "Amendments of a household's visits, with the originals and the reasons" },
    clauses: ["M-02"],
    allow: ["township-officer", "county-officer", "auditor"],
    params: z.object({ householdId: HouseholdId }),
    reply: z.object({
      items: z.array(
        z.object({
          amendmentId: z.string(),
          visitId: z.string(),
          kind: z.enum(["changed", "withdrawn", "added"]),
          original: z
            .object({
              visitedOn: z.string(),
              mode: Mode,
              purposes: z.array(Purpose),
              householdAway: z.boolean(),
              withdrawn: z.boolean(),
            })
            .nullable(),
          reason: z.string(),
          afterLock: z.boolean().describe("The month was locked: its frozen figure was corrected"),
          amendedAt: z.string(),
        }),
      ),
    }),
    problems: ["household-not-found"],
  },
  async ({ tx, params, keys }) => {
    if (!(await findHousehold(tx, params.householdId))) return refuse("household-not-found");
    const items = (await amendmentsOf(tx, keys, params.householdId)).map((one) => ({
      ...one,
      amendmentId: one.id,
      amendedAt: one.amendedAt.toISOString(),
    }));
    return { reply: { items } };
  },
);

type Amending = { actor: Principal; keys: Keys; now: Date; today: BusinessDate; reason: string };

/**
 * Holds what an amendment of a visit is about, its case before its household as everywhere, and answers how to go on: how the household stands in the month's
 * round before the change, and what is to be done after it (the amendment kept, the helper's month counted anew, the round's figure corrected or marked).
 */
async function hold(tx: Tx<DB>, visit: Visit, given: Amending) {
  const monitored = visit.caseId === null ? undefined : await lockCase(tx, visit.caseId);
  const household = (await holdHouseholds(tx, [visit.householdId])).get(visit.householdId);
  if (!household) return undefined;
  const month = monthOf(parseBusinessDate(visit.visitedOn));
  const { lockDay, phoneCountsWhenAbsent } = await settingsByRegion(tx, given.today)(visit.region);
  const { callsFrom } = await roundSettings(tx, { month, region: household.place, today: given.today });
  const helpersCase = caseOn(await casesWithHelpers(tx, [household.id]), household.id, visit.visitedOn);
  const standing = () => standingOf(tx, household.id, { month, callsFrom });
  return {
    context: { phoneCountsWhenAbsent, monitored: helpersCase, helpers: helpersCase?.helpers ?? [] },
    standing,
    finish: async (done: {
      visit: Visit;
      kind: "changed" | "withdrawn" | "added";
      original: ReturnType<typeof factsOf> | null;
      standing: Standing;
    }) => {
      const amendmentId = uuidv7();
      const { id: visitId, visitedOn, region } = done.visit;
      await insertAmendment(
        tx,
        given.keys,
        {
          id: amendmentId,
          visitId,
          visitedOn,
          householdId: household.id,
          region,
          kind: done.kind,
          original: done.original,
          afterLock: !isMonthOpen(month, given.now, lockDay),
          amendedAt: given.now,
        },
        { reason: given.reason, by: actorOf(given.actor) },
      );
      if (monitored) await keepHelperVisitMonths(tx, monitored, [month], { now: given.now, today: given.today, amended: true });
      const change = { from: done.standing, to: await standing(), amendmentId };
      return await carryIntoRound(tx, { month, household, now: given.now, ...change });
    },
  };
}

async function carryIntoRound(
  tx: Tx<DB>,
  given: { month: string; household: VisitedHousehold; from: Standing; to: Standing; amendmentId: string; now: Date },
): Promise<EventDraft[]> {
  const { household, ...change } = given;
  await markSweeps(tx, [household.place]);
  if (change.from === change.to) {
    // The day may have moved within the month: the day's figures follow while it is open.
    await markVillages(tx, [{ month: given.month, place: household.place }]);
    return [];
  }
  const corrected = await correctVillage(tx, { ...change, householdId: household.id });
  if (corrected) return [lockedEvent(corrected)];
  await markVillages(tx, [{ month: given.month, place: household.place }]);
  return [];
}
