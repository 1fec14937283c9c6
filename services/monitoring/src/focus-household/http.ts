import { HouseholdId, refuse } from "@shouwang/contract";
import { findDivision, rangeOf } from "@shouwang/regions";
import { everyone, mayReach, PageQuery, pageOf, requestJob } from "@shouwang/service-kit";
import { z } from "zod";
import { command, query, slice } from "../kit.ts";
import { focusClause } from "./clauses.ts";
import {
  countFocus,
  countWatched,
  dropFactsOf,
  dropSettings,
  factsOf,
  focusSettings,
  listFound,
  listIncomplete,
} from "./condition-store.ts";
import { judge, proposeDrop } from "./decide.ts";
import { decideDrop, listDropProposals, recordWageStop } from "./drop.ts";
import { findDrop } from "./drop-store.ts";
import { listFocusHouseholds } from "./job.ts";
import { afterPlaceCursor, cutPlaces } from "./page.ts";
import { countPending, focusOf, listFocus } from "./store.ts";
import {
  Area,
  CandidateView,
  CountView,
  CriterionView,
  digitsBelow,
  ExplanationView,
  FocusView,
  focusView,
  nameOf,
} from "./views.ts";

const AreaPage = PageQuery.extend({ region: Area.optional().describe("The caller's own area where absent") });
const HouseholdPath = z.object({ householdId: HouseholdId });
const listers = ["county-officer", "city-officer", "region-officer"] as const;

const countCandidates = query(
  {
    operation: "count-focus-candidates",
    path: "/focus-candidates/counts",
    summary: { zh: "重点户试算(不写入)", en: "Who would be a focus household, counted; nothing is written" },
    clauses: ["M-05"],
    allow: everyone,
    query: z.object({
      region: Area.optional(),
      pending: z.stringbool().default(false).describe("Also what a run of the listing would change"),
    }),
    reply: CountView,
    problems: [],
  },
  async ({ tx, query: { region, pending }, actor, today }) => {
    const prefix = region ?? actor.region;
    const area = rangeOf(prefix);
    const settings = await focusSettings(tx, prefix.padEnd(12, "0"), today);
    const places = await countFocus(tx, settings, area, digitsBelow(prefix));
    const population = await countWatched(tx, area);
    const total = (of: (place: (typeof places)[number]) => number) => places.reduce((sum, place) => sum + of(place), 0);
    return {
      reply: {
        ...settings,
        population,
        incomplete: population - total((place) => place.complete),
        households: total((place) => place.households),
        incomeFell: total((place) => place.incomeFell),
        incomeLow: total((place) => place.incomeLow),
        epidemicDrop: total((place) => place.epidemicDrop),
        byHeadcount: total((place) => place.byHeadcount),
        pending: pending ? await countPending(tx, settings, area) : null,
        places: places
          .filter((place) => place.households > 0)
          .map(({ known: _, complete: __, ...place }) => ({ ...place, name: nameOf(place.region) })),
      },
    };
  },
);

const listCandidates = query(
  {
    operation: "list-focus-candidates",
    path: "/focus-candidates",
    summary: { zh: "符合重点户条件的农户", en: "Households that meet the conditions now" },
    clauses: ["M-05"],
    allow: everyone,
    query: AreaPage.extend({ criterion: CriterionView.optional() }),
    reply: pageOf(CandidateView),
    problems: [],
  },
  async ({ tx, query: { region, criterion, cursor, limit }, actor, today }) => {
    const prefix = region ?? actor.region;
    const settings = await focusSettings(tx, prefix.padEnd(12, "0"), today);
    const rows = await listFound(tx, settings, { area: rangeOf(prefix), criterion, after: afterPlaceCursor(cursor), limit });
    return { reply: cutPlaces(rows, limit) };
  },
);

const listIncompleteIncomes = query(
  {
    operation: "list-incomplete-incomes",
    path: "/incomplete-incomes",
    summary: { zh: "收入待补清单", en: "Households whose income of one of the two years is missing" },
    clauses: ["M-05"],
    allow: everyone,
    query: AreaPage,
    reply: pageOf(z.object({ householdId: z.string(), region: z.string(), missing: z.array(z.int()).describe("Years") })),
    exports: {},
    problems: [],
  },
  async ({ tx, query: { region, cursor, limit }, actor, today }) => {
    const prefix = region ?? actor.region;
    const settings = await focusSettings(tx, prefix.padEnd(12, "0"), today);
    const rows = await listIncomplete(tx, settings, { area: rangeOf(prefix), after: afterPlaceCursor(cursor), limit });
    return { reply: cutPlaces(rows, limit) };
  },
);

const openFocusList = command(
  {
    method: "post",
    operation: "open-focus-list",
    path: "/focus-lists",
    summary: { zh: "确认并更新重点户名单", en: "Bring the year's list of an area to what the conditions say" },
    clauses: ["M-05"],
    allow: listers,
    body: z.object({ region: Area }),
    reply: z.object({ jobId: z.string(), year: z.int() }),
    status: 202,
    problems: ["unknown-division", "outside-area"],
  },
  async ({ tx, body: { region }, actor, today }) => {
    const whole = region.padEnd(12, "0");
    if (!findDivision(whole)) return refuse("unknown-division");
    if (!mayReach(actor, whole)) return refuse("outside-area");
    const { year } = await focusSettings(tx, whole, today);
    const jobId = await requestJob(tx, actor, { kind: listFocusHouseholds.kind, region: whole, input: { region } });
    const audit = { action: "open-focus-list", entity: "focus-list", entityId: jobId, region: whole, clause: "M-05" };
    return { reply: { jobId, year }, audit: [{ ...audit, changed: { year } }] };
  },
);

const listFocusRoute = query(
  {
    operation: "list-focus-households",
    path: "/focus-households",
    summary: { zh: "重点户名单", en: "The list of focus households" },
    clauses: ["M-05", "M-06"],
    allow: everyone,
    query: AreaPage.extend({
      year: z.coerce.number().int().min(2000).max(2100).optional().describe("The list in force where absent"),
      criterion: CriterionView.optional(),
      removed: z.stringbool().default(false).describe("Those taken off instead"),
    }),
    reply: pageOf(FocusView),
    exports: {},
    problems: [],
  },
  async ({ tx, query: { region, year, criterion, removed, cursor, limit }, actor, today }) => {
    const prefix = region ?? actor.region;
    const settings = await focusSettings(tx, prefix.padEnd(12, "0"), today);
    const after = afterPlaceCursor(cursor);
    const rows = await listFocus(tx, { area: rangeOf(prefix), year: year ?? settings.year, criterion, removed, after, limit });
    const page = cutPlaces(rows, limit);
    return { reply: { items: page.items.map(focusView), next: page.next } };
  },
);

const explainFocus = query(
  {
    operation: "explain-focus-household",
    path: "/households/{householdId}/focus-explanation",
    summary: { zh: "该户为何(不)是重点户", en: "Why a household is, or is not, a focus household" },
    clauses: ["M-05"],
    allow: everyone,
    params: HouseholdPath,
    reply: ExplanationView,
    problems: ["household-not-found"],
  },
  async ({ tx, params: { householdId }, actor, today }) => {
    const base = await focusSettings(tx, actor.region.padEnd(12, "0"), today);
    const known = await factsOf(tx, householdId, base.baseYear);
    if (!known) return refuse("household-not-found");
    const settings = await focusSettings(tx, known.region, today);
    const drop = proposeDrop(
      await dropFactsOf(tx, householdId, settings.baseYear),
      await dropSettings(tx, known.region, today),
      today,
    );
    const decided = await findDrop(tx, householdId, settings.year);
    return {
      reply: {
        householdId,
        year: settings.year,
        ...judge(known.facts, settings),
        drop: {
          ...drop,
          decided: decided === undefined ? null : decided.confirmed ? ("confirmed" as const) : ("refused" as const),
        },
        listed: (await focusOf(tx, householdId)).map(focusView),
      },
    };
  },
);

/** M-05: the focus households of a year, how they are found, listed and taken off, and the person's word on a sharp loss. */
export const focusHouseholdSlice = slice({
  name: "focus-household",
  title: { zh: "收入监测重点户", en: "Focus households" },
  routes: [
    countCandidates,
    listCandidates,
    listIncompleteIncomes,
    openFocusList,
    listFocusRoute,
    explainFocus,
    listDropProposals,
    decideDrop,
    recordWageStop,
  ],
  jobs: [listFocusHouseholds],
  clauses: [focusClause],
});
