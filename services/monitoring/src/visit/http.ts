import { DateText, HouseholdId, Month, refuse } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { addDays, afterCursor, cutPage, everyone, monthOf, PageQuery, pageOf } from "@shouwang/service-kit";
import { z } from "zod";
import { findHousehold } from "../household/store.ts";
import { command, query, schedule, slice } from "../kit.ts";
import { findCase } from "../monitored-case/store.ts";
import { Area } from "../round/settings.ts";
import { addLateVisit, amendVisitRoute, listAmendments } from "./amendment.ts";
import { syncVisits } from "./batch.ts";
import { helperVisits } from "./clauses.ts";
import { visitors } from "./decide.ts";
import { keepHelperVisitMonths } from "./helper-visit.ts";
import { listHelperVisitMonths, lockCasesWithoutMonth } from "./helper-visit-store.ts";
import { casesWithHelpers, visitsOf } from "./store.ts";
import { takeVisits } from "./sync.ts";
import { caseOn, SentVisit, settingsByRegion } from "./upload.ts";
import { VisitView, visitView } from "./views.ts";

const recordVisit = command(
  {
    method: "post",
    operation: "record-visit",
    path: "/visits",
    summary: { zh: "上报走访(可离线补传)", en: "Record a visit; a repeated upload is the same visit" },
    clauses: ["M-02", "M-04c", "M-05"],
    allow: visitors,
    body: SentVisit,
    reply: VisitView,
    status: 201,
    problems: ["household-not-found", "visit-in-future", "visit-month-locked", "already-exists"],
  },
  async ({ tx, body, actor, keys, now, today }) => {
    const { answers, events } = await takeVisits(tx, [body], { actor, keys, now, today });
    const answer = answers[0];
    if (!answer) throw new Error("one visit has one answer");
    if (answer.outcome === "refused") return answer.refusal;
    return { reply: visitView(answer.visit, answer.context), events };
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
    const { phoneCountsWhenAbsent } = await settingsByRegion(tx, today)(household.region);
    const cases = await casesWithHelpers(tx, [household.id]);
    const visits = await visitsOf(tx, household.id, { ...span, withdrawn: true });
    const items = visits.map((visit) => {
      const monitored = caseOn(cases, household.id, visit.visitedOn);
      return visitView(visit, { phoneCountsWhenAbsent, monitored, helpers: monitored?.helpers ?? [] });
    });
    return { reply: { items } };
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
    exports: {},
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
  routes: [recordVisit, syncVisits, amendVisitRoute, addLateVisit, listVisits, listAmendments, listHelperVisits],
  schedules: [openHelperVisitMonths],
  clauses: [helperVisits],
});
