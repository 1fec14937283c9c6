import { DateText, HouseholdId, Month, type Role, refuse, VisitId, VisitRecorded } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import {
  addDays,
  afterCursor,
  cutPage,
  everyone,
  monthOf,
  PageQuery,
  pageOf,
  parameterFor,
  parseBusinessDate,
  type Tx,
} from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { helpersOf } from "../helper/store.ts";
import { findHousehold } from "../household/store.ts";
import { command, query, schedule, slice } from "../kit.ts";
import { casesOf, findCase, lockCase } from "../monitored-case/store.ts";
import { helperVisits, roundCovered } from "./clauses.ts";
import { checkVisitDay, type HelperSpan, type Visit, type VisitorRole } from "./decide.ts";
import { keepHelperVisitMonths } from "./helper-visit.ts";
import { Area, readRound } from "./round.ts";
import { findVisit, insertVisit, listHelperVisitMonths, lockCasesWithoutMonth, visitsOf } from "./store.ts";
import { Mode, Need, Purpose, type VisitContext, VisitView, visitView } from "./views.ts";

const visitors = ["grid-worker", "helper", "first-secretary", "village-officer", "township-officer"] as const satisfies Role[];

/** As whom somebody went: as the household's helper where they are one, else in the office they hold. */
const roleOf = (roles: readonly Role[], isItsHelper: boolean): VisitorRole =>
  isItsHelper ? "helper" : (visitors.find((role) => roles.includes(role)) ?? "village-officer");

/** For any day of a household: the case it falls in and that case's helpers. A case that ended by itself asks for no visits. */
async function contextsOf(
  tx: Tx<DB>,
  household: { id: string; region: string },
  today: string,
): Promise<(day: string) => VisitContext & { caseId: string | null }> {
  const phone = await parameterFor(tx, "round.phoneCountsWhenAbsent", household.region, today);
  const cases: { id: string; includedOn: string; clearedOn: string | null; helpers: HelperSpan[] }[] = [];
  for (const monitored of await casesOf(tx, household.id)) {
    const { id, includedOn, clearedOn, status } = monitored;
    if (includedOn !== null && status !== "closed") cases.push({ id, includedOn, clearedOn, helpers: await helpersOf(tx, id) });
  }
  return (day) => {
    const found = cases.filter((one) => one.includedOn <= day && (one.clearedOn === null || day <= one.clearedOn)).at(-1);
    return {
      phoneCountsWhenAbsent: phone.value ?? true,
      monitored: found,
      helpers: found?.helpers ?? [],
      caseId: found?.id ?? null,
    };
  };
}

/** Whether an upload is the one that is there already: a phone sends again what it has no answer for. */
const isSame = (visit: Visit, sent: { householdId: string; visitedOn: string; mode: string }, subject: string): boolean =>
  visit.visitor === subject &&
  visit.householdId === sent.householdId &&
  visit.visitedOn === sent.visitedOn &&
  visit.mode === sent.mode;

const recordVisit = command(
  {
    method: "post",
    operation: "record-visit",
    path: "/visits",
    summary: { zh: "上报走访(可离线补传)", en: "Record a visit; a repeated upload is the same visit" },
    clauses: ["M-02", "M-04c", "M-05"],
    allow: visitors,
    body: z.object({
      visitId: VisitId,
      householdId: HouseholdId,
      purposes: z.array(Purpose).min(1).max(5),
      mode: Mode,
      visitedOn: DateText,
      householdAway: z.boolean().default(false).describe("The whole household was away"),
      changed: z.boolean().describe("Something in the household has changed"),
      needs: z.array(Need).max(10).default([]),
      note: z.string().trim().min(2).max(500).optional().describe("Sealed: may name people"),
    }),
    reply: VisitView,
    status: 201,
    problems: ["household-not-found", "visit-in-future", "visit-month-locked", "already-exists"],
  },
  async ({ tx, body: { note, visitId, purposes, needs, ...facts }, actor, keys, now, today }) => {
    const household = await findHousehold(tx, facts.householdId);
    if (!household) return refuse("household-not-found");
    const context = (await contextsOf(tx, household, today))(facts.visitedOn);
    const answerKnown = async () => {
      const known = await findVisit(tx, visitId);
      return known && isSame(known, facts, actor.subject) ? { reply: visitView(known, context) } : refuse("already-exists");
    };
    // Before the month is looked at: what was sent in time and comes again after the lock is answered as the first time.
    if (await findVisit(tx, visitId)) return await answerKnown();
    const lockDay = await parameterFor(tx, "month.lockDay", household.region, today);
    const wrongDay = checkVisitDay(facts.visitedOn, { now, today, lockDay: lockDay.value ?? 3 });
    if (wrongDay) return wrongDay;
    const isItsHelper = context.helpers.some((helper) => helper.subject === actor.subject && helper.until === null);
    const visit: Visit = {
      ...facts,
      id: visitId,
      region: household.region,
      caseId: context.caseId,
      purposes: [...new Set(purposes)],
      needs: [...new Set(needs)],
      visitor: actor.subject,
      visitorRole: roleOf(actor.roles, isItsHelper),
      syncedAt: now,
    };
    const monitored = context.caseId === null ? undefined : await lockCase(tx, context.caseId);
    if (!(await insertVisit(tx, keys, visit, note))) return await answerKnown();
    if (monitored) await keepHelperVisitMonths(tx, monitored, [monthOf(parseBusinessDate(visit.visitedOn))], { now, today });
    const { region, visitorRole } = visit;
    const data = {
      ...facts,
      visitId,
      region,
      purposes: visit.purposes,
      visitorRole,
      syncedOn: today,
      needs: [...new Set(needs)],
    };
    return { reply: visitView(visit, context), events: [VisitRecorded.of(visitId, 1, region, data)] };
  },
);

const listVisits = query(
  {
    operation: "list-visits",
    path: "/households/{householdId}/visits",
    summary: { zh: "农户走访记录", en: "Visits to a household, and what each counts for" },
    clauses: ["M-02", "M-04c"],
    allow: everyone,
    params: z.object({ householdId: HouseholdId }),
    query: z.object({ from: DateText.optional(), until: DateText.optional() }),
    reply: z.object({ items: z.array(VisitView) }),
    problems: ["household-not-found"],
  },
  async ({ tx, params, today, query: { from, until } }) => {
    const household = await findHousehold(tx, params.householdId);
    if (!household) return refuse("household-not-found");
    const span = { from: from ?? addDays(today, -365), until: until ?? today };
    const contextOn = await contextsOf(tx, household, today);
    const visits = await visitsOf(tx, household.id, span);
    return { reply: { items: visits.map((visit) => visitView(visit, contextOn(visit.visitedOn))) } };
  },
);

const listHelperVisits = query(
  {
    operation: "list-helper-visits",
    path: "/helper-visits/{month}",
    summary: { zh: "帮扶责任人月度入户情况", en: "Which monitored households had their helper's home visit in a month" },
    clauses: ["M-04c"],
    allow: everyone,
    params: z.object({ month: Month }),
    query: PageQuery.extend({ region: Area.optional() }),
    reply: pageOf(
      z.object({
        caseId: z.string(),
        householdId: z.string(),
        region: z.string(),
        state: z
          .enum(["visited", "not-visited", "away", "exempt"])
          .describe("`away`: the whole household could only be reached by a call, or nobody was in; it is not a home visit"),
        visitedOn: z.string().nullable(),
        awayOn: z.string().nullable(),
      }),
    ),
    problems: [],
  },
  async ({ tx, params: { month }, query: { region, cursor, limit } }) => {
    const area = region ? rangeOf(region) : undefined;
    const rows = await listHelperVisitMonths(tx, { month, area, after: afterCursor(cursor), limit });
    const page = cutPage(rows, limit, (row) => row.caseId);
    const items = page.items.map(({ caseId, householdId, region: place, owed, metOn, awayOn }) => ({
      caseId,
      householdId,
      region: place,
      state: !owed
        ? ("exempt" as const)
        : metOn !== null
          ? ("visited" as const)
          : awayOn === null
            ? ("not-visited" as const)
            : ("away" as const),
      visitedOn: metOn,
      awayOn,
    }));
    return { reply: { items, next: page.next } };
  },
);

/** M-04c: opens the month for every monitored household. Without a slot, since a county's cases are more than one transaction should take; a row a case and month makes it run once. */
const openHelperVisitMonths = schedule({
  name: "helper-visit-months",
  everyMs: 5_000,
  run: async ({ tx, now, today }) => {
    const due = await lockCasesWithoutMonth(tx, monthOf(today), 100);
    for (const caseId of due) {
      const monitored = await findCase(tx, caseId);
      if (monitored) await keepHelperVisitMonths(tx, monitored, [monthOf(today)], { now, today });
    }
    return { more: due.length === 100 };
  },
});

export const visitSlice = slice({
  name: "visit",
  title: { zh: "入户走访", en: "Visits" },
  routes: [recordVisit, listVisits, listHelperVisits, readRound],
  schedules: [openHelperVisitMonths],
  clauses: [roundCovered, helperVisits],
});
