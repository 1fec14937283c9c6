import type { Principal, Tx } from "@shouwang/service-kit";
import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DB } from "./db.ts";
import { countSigns, listBelowLine } from "./early-sign/board-store.ts";
import { leadsByTownship } from "./early-sign/store.ts";
import { manyHouseholds, manyRows } from "./many-rows.testing.ts";
import { countHelps, listMissingHelps } from "./monthly-help/store.ts";
import { unsignedHouseholds, unsignedVisits } from "./printed-form/batch-store.ts";
import { parseQuarter } from "./quarterly-analysis/decide.ts";
import { countAnalyses, figuresOf, listUnanalysed, reportsMissing } from "./quarterly-analysis/store.ts";
import { ungradedLeads } from "./risk-lead/store.ts";
import { dueHouseholds, mustVisitHouseholds } from "./round/due-store.ts";
import { recountVillages, roundByPlace } from "./round/store.ts";
import { notSeenBySweep, recountSweep, sweepByPlace } from "./sweep/store.ts";
import { divisionsWithTaskForce, listTaskForces } from "./task-force/store.ts";

let many: Awaited<ReturnType<typeof manyRows>>;
beforeAll(async () => {
  many = await manyRows();
}, 60_000);
afterAll(() => many.stop());

const officer = (role: "county-officer" | "region-officer", region: string): Principal => ({
  ...{ issuer: "test", subject: role, roles: [role], region },
});
const readers = [
  ["a county officer", officer("county-officer", "451228"), { lo: "451228", hi: "451229" }],
  ["an officer of the region", officer("region-officer", "45"), { lo: "45", hi: "46" }],
] as const;
const today = parseBusinessDate("2022-08-15");
const quarter = parseQuarter("2022-Q2");
if (!quarter) throw new Error("a quarter");
const settings = { year: 2022, counts: ["measure", "home-visit", "call", "record"], least: 1, exemptFromDay: 26 };
const village = "451228100003";
const villages = Array.from({ length: 20 }, (_, n) => `4512281${String(n).padStart(5, "0")}`);
const page = { after: undefined, limit: 50 };
const month = { month: "2022-08", callsFrom: "2022-08-01" };
const sweep = {
  id: "01825a10-7c00-7000-8000-000000000001",
  ...{
    division: "450000000000",
    title: "排查",
    document: "桂防返贫〔2022〕9号",
    scope: ["45"],
    closedAt: null,
    figures: null,
    version: 1,
  },
  ...{ from: "2022-08-01", until: "2022-08-31", status: "open" as const },
};
type Area = { lo: string; hi: string };

/** Each store's question, and how many rows it may touch to answer it, as a multiple of the households there are: an area's once for each step of its way, a village's hardly any. */
const questions: [string, number, (tx: Tx<DB>, area: Area) => Promise<unknown>][] = [
  ["monthly help, counted", 20, (tx, area) => countHelps(tx, { month: "2022-08", settings, today, area, digits: 9 })],
  ["monthly help, missing", 20, (tx, area) => listMissingHelps(tx, { month: "2022-08", settings, today, area, ...page })],
  ["quarterly analysis, counted", 20, (tx, area) => countAnalyses(tx, { quarter, year: 2022, area, digits: 9 })],
  ["quarterly analysis, missing", 20, (tx, area) => listUnanalysed(tx, { quarter, year: 2022, area, ...page })],
  ["quarterly analysis, figures", 20, (tx, area) => figuresOf(tx, quarter, 2022, area)],
  ["quarterly reports, missing", 20, (tx) => reportsMissing(tx, quarter, 2022)],
  ["round, by place", 20, (tx, area) => roundByPlace(tx, { ...month, area, digits: 9 })],
  ["round, due", 20, (tx, area) => dueHouseholds(tx, { ...month, phoneCounts: true, area, scope: "all", ...page })],
  [
    "round, must be visited",
    20,
    (tx, area) =>
      mustVisitHouseholds(tx, {
        ...month,
        ...{ phoneCounts: true, area, ...page, elderlyFrom: 60, today, unseenOnly: true },
        kinds: ["lifted-household", "monitored-household", "open-lead", "elderly-alone", "without-labour", "low-income"],
      }),
  ],
  ["round, villages counted anew", 10, (tx) => recountVillages(tx, { ...month, places: villages, now: new Date(), today })],
  ["sweep, villages counted anew", 10, (tx) => recountSweep(tx, sweep, { places: villages, now: new Date(), final: false })],
  ["sweep, by place", 20, (tx, area) => sweepByPlace(tx, sweep, [area], 9)],
  ["sweep, not seen", 20, (tx, area) => notSeenBySweep(tx, sweep, { parts: [area], phoneCounts: true, ...page })],
  ["early signs, by township", 20, (tx, area) => countSigns(tx, { area, today, windowDays: 7, line: 800_000 }, 9)],
  ["early signs, below the line", 20, (tx, area) => listBelowLine(tx, { area, line: 800_000, ...page })],
  ["early signs, leads", 20, (tx) => leadsByTownship(tx, { today, windowDays: 7 })],
  ["task forces", 0.5, (tx, area) => listTaskForces(tx, area)],
  ["task forces, divisions", 0.5, (tx) => divisionsWithTaskForce(tx)],
  ["leads nobody graded", 0.5, (tx) => ungradedLeads(tx)],
  ["forms to sign", 0.5, (tx) => unsignedHouseholds(tx, village, 2021)],
  ["visits to sign", 0.5, (tx) => unsignedVisits(tx, village, { from: "2022-08-01", until: "2022-08-31" })],
];

describe.each(readers)("asked by %s, over twenty thousand households", (_, reader, area) => {
  test.each(questions)("%s: no table is read whole a second time, and work grows with the rows", async (_, most, ask) => {
    const costs = await many.cost(reader, (tx) => ask(tx, area));
    expect(costs.length).toBeGreaterThan(0);
    for (const { sql, touched, readAgain } of costs) {
      expect(readAgain, sql).toEqual([]);
      expect(touched, sql).toBeLessThan(most * manyHouseholds);
    }
  });
});
