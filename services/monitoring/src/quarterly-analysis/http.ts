import { Fen, HouseholdId, Risk, refuse } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { actorOf, addDays, endOfDay, everyone, PageQuery, pageOf, sealRecord, startOfDay } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { afterPlaceCursor, cutPlaces } from "../focus-household/page.ts";
import { focusOf } from "../focus-household/store.ts";
import { Area, digitsBelow, nameOf } from "../focus-household/views.ts";
import { lockHousehold } from "../household/store.ts";
import { command, query, round, slice } from "../kit.ts";
import { quarterlyAnalyses } from "./clauses.ts";
import { endedQuarters, parseQuarter, trends } from "./decide.ts";
import { approveReport, readReport, reopenReport, writeReport } from "./report.ts";
import { countAnalyses, idOfLine, listUnanalysed, quarterSettings, reportsMissing, saveLine } from "./store.ts";
import { QuarterText } from "./views.ts";

const LineView = z.object({
  quarterlyAnalysisId: z.string(),
  householdId: z.string(),
  quarter: QuarterText,
  trend: z.enum(trends),
  cause: Risk,
  perCapitaFen: z.int().nullable(),
  expectedPerCapitaFen: z.int().nullable(),
  version: z.int(),
});

const recordAnalysis = command(
  {
    method: "post",
    operation: "record-quarterly-analysis",
    path: "/households/{householdId}/quarterly-analyses",
    summary: { zh: "登记重点户季度分析", en: "A focus household's line in the quarterly analysis; again to correct it" },
    clauses: ["M-05"],
    allow: ["helper", "first-secretary", "village-officer", "township-officer"],
    params: z.object({ householdId: HouseholdId }),
    body: z.object({
      quarter: QuarterText,
      trend: z.enum(trends),
      cause: Risk.describe("What weighs most on the household's income"),
      perCapitaFen: Fen.optional().describe("Net income per member in the quarter"),
      expectedPerCapitaFen: Fen.optional().describe("Net income per member expected for the year"),
      note: z.string().trim().min(2).max(500).optional().describe("Sealed: may name people"),
    }),
    reply: LineView,
    status: 201,
    problems: ["household-not-found", "not-a-focus-household", "invalid-input"],
  },
  async ({ tx, params, body: { note, ...body }, actor, keys, today }) => {
    const household = await lockHousehold(tx, params.householdId);
    if (!household) return refuse("household-not-found");
    const quarter = parseQuarter(body.quarter);
    if (!quarter || quarter.from > today)
      return refuse("invalid-input", {
        errors: [
          {
            pointer: "/quarter",
            rule: "quarter-has-begun",
            zh: "该季度尚未开始",
            en: "That quarter has not begun",
            clause: "M-05",
          },
        ],
      });
    const { id: householdId, region } = household;
    if ((await focusOf(tx, householdId)).length === 0) return refuse("not-a-focus-household");
    const id = (await idOfLine(tx, householdId, quarter.quarter)) ?? uuidv7();
    const sealed = note === undefined ? undefined : sealRecord(keys, { table: "monitoring.quarterly_analysis", id }, { note });
    const line = {
      id,
      householdId,
      region,
      quarter: quarter.quarter,
      trend: body.trend,
      cause: body.cause,
      perCapitaFen: body.perCapitaFen ?? null,
      expectedPerCapitaFen: body.expectedPerCapitaFen ?? null,
      recordedBy: actorOf(actor),
      recordedOn: today,
    };
    const { version } = await saveLine(tx, line, sealed);
    const { recordedBy: _, recordedOn: __, region: ___, id: ____, ...said } = line;
    const about = { action: "record-quarterly-analysis", entity: "household", entityId: householdId, region, clause: "M-05" };
    return { reply: { ...said, cause: body.cause, quarterlyAnalysisId: id, version }, audit: [{ ...about, changed: said }] };
  },
);

const QuarterPath = z.object({ quarter: QuarterText });

const readAnalyses = query(
  {
    operation: "read-quarterly-analyses",
    path: "/quarterly-analyses/{quarter}",
    summary: { zh: "季度分析进度", en: "The quarter's analysis by place" },
    clauses: ["M-05"],
    allow: everyone,
    params: QuarterPath,
    query: z.object({ region: Area.optional() }),
    reply: z.object({
      quarter: QuarterText,
      items: z.array(
        z.object({ region: z.string(), name: z.string(), households: z.int(), analysed: z.int(), missing: z.int() }),
      ),
      reportsMissing: z.array(z.string()).describe("Townships and counties of the caller's area without an approved report"),
    }),
    problems: ["not-found"],
  },
  async ({ tx, params, query: { region }, actor }) => {
    const quarter = parseQuarter(params.quarter);
    if (!quarter) return refuse("not-found");
    const prefix = region ?? actor.region;
    const { year } = await quarterSettings(tx, prefix.padEnd(12, "0"), quarter.until);
    const places = await countAnalyses(tx, { quarter, year, area: rangeOf(prefix), digits: digitsBelow(prefix) });
    const items = places.map((place) => ({ ...place, name: nameOf(place.region), missing: place.households - place.analysed }));
    return { reply: { quarter: quarter.quarter, items, reportsMissing: await reportsMissing(tx, quarter, year) } };
  },
);

const listMissingAnalyses = query(
  {
    operation: "list-missing-quarterly-analyses",
    path: "/quarterly-analyses/{quarter}/missing",
    summary: { zh: "尚无季度分析的重点户", en: "Focus households without the quarter's line" },
    clauses: ["M-05"],
    allow: everyone,
    params: QuarterPath,
    query: PageQuery.extend({ region: Area.optional() }),
    reply: pageOf(z.object({ householdId: z.string(), region: z.string() })),
    exports: {},
    problems: ["not-found"],
  },
  async ({ tx, params, query: { region, cursor, limit }, actor }) => {
    const quarter = parseQuarter(params.quarter);
    if (!quarter) return refuse("not-found");
    const prefix = region ?? actor.region;
    const { year } = await quarterSettings(tx, prefix.padEnd(12, "0"), quarter.until);
    const rows = await listUnanalysed(tx, { quarter, year, area: rangeOf(prefix), after: afterPlaceCursor(cursor), limit });
    return { reply: cutPlaces(rows, limit) };
  },
);

const wholeRegion = "450000000000";
const everywhere = { lo: "0", hi: ":" };

/** M-05: a line a household and quarter, owed by the day after the quarter's end that the settings name; made good later, it is late. */
const analysisRound = round({
  kind: "quarterly-analysis",
  clause: "M-05",
  entity: "focus-household",
  roles: ["helper", "first-secretary", "village-officer", "township-officer", "county-officer"],
  toldBy: 12,
  periods: async ({ tx, today }) => {
    const { dueDay } = await quarterSettings(tx, wholeRegion, today);
    return endedQuarters(today, dueDay).map(({ quarter, until, due }) => ({
      period: quarter,
      startsAt: startOfDay(addDays(until, 1)),
      dueAt: endOfDay(due),
    }));
  },
  open: async ({ tx, period, digits }) => {
    const quarter = parseQuarter(period);
    if (!quarter) return [];
    const { year } = await quarterSettings(tx, wholeRegion, quarter.until);
    const places = await countAnalyses(tx, { quarter, year, area: everywhere, digits });
    return places.flatMap(({ region, households, analysed }) =>
      households > analysed ? [{ region, open: households - analysed }] : [],
    );
  },
});

/** M-05: one report a quarter of each township and county with focus households, approved by somebody other than its author. */
const reportRound = round({
  ...analysisRound,
  kind: "quarterly-report",
  entity: "quarterly-report",
  roles: ["township-officer", "county-officer"],
  toldBy: 9,
  open: async ({ tx, period }) => {
    const quarter = parseQuarter(period);
    if (!quarter) return [];
    const { year } = await quarterSettings(tx, wholeRegion, quarter.until);
    return (await reportsMissing(tx, quarter, year)).map((region) => ({ region, open: 1 }));
  },
});

export const quarterlyAnalysisSlice = slice({
  name: "quarterly-analysis",
  title: { zh: "季分析", en: "Quarterly analysis" },
  routes: [recordAnalysis, readAnalyses, listMissingAnalyses, writeReport, approveReport, reopenReport, readReport],
  clauses: [quarterlyAnalyses],
  rounds: [analysisRound, reportRound],
});
