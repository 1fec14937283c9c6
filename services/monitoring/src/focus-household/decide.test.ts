import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { describe, expect, test } from "vitest";
import { type DropFacts, type FocusFacts, judge, proposeDrop, type YearIncome } from "./decide.ts";

const settings = { baseYear: 2021, incomeMaxFen: 1_000_000, document: "plan" };
const income = (netFen: number, headcount: number): YearIncome => ({
  netFen,
  headcount,
  perCapitaFen: Math.floor(netFen / headcount),
});
const facts = (base: YearIncome | null, before: YearIncome | null, more: Partial<FocusFacts> = {}): FocusFacts => ({
  watched: true,
  dropped: false,
  base,
  before,
  ...more,
});

describe("M-05: which households are focus households", () => {
  test.each([
    ["income neither fell nor is low", facts(income(4_000_004, 4), income(4_000_000, 4)), []],
    ["(a) one fen less per member than the year before", facts(income(4_800_000, 4), income(4_800_004, 4)), ["income-fell"]],
    ["(a) as much as the year before has not fallen", facts(income(4_800_000, 4), income(4_800_000, 4)), []],
    ["(b) exactly 10,000 yuan is within", facts(income(4_000_000, 4), income(3_000_000, 4)), ["income-low"]],
    ["(b) one fen above is not", facts(income(4_000_004, 4), income(3_000_000, 4)), []],
    ["(a) and (b) together", facts(income(3_000_000, 4), income(3_600_000, 4)), ["income-fell", "income-low"]],
    ["(b) below zero, where cost ate the income", facts(income(-4_000, 4), income(-8_000, 4)), ["income-low"]],
    [
      "(c) as a person confirmed, whatever the base year",
      facts(income(8_000_000, 4), income(7_000_000, 4), { dropped: true }),
      ["epidemic-income-drop"],
    ],
    [
      "all three",
      facts(income(3_000_000, 4), income(3_600_000, 4), { dropped: true }),
      ["income-fell", "income-low", "epidemic-income-drop"],
    ],
    ["not lifted and not monitored: outside whatever its income", facts(income(1, 1), income(2, 1), { watched: false }), []],
  ])("%s", (_, known, expected) => {
    expect(judge(known, settings)).toMatchObject({ criteria: expected, missing: [] });
  });

  test.each([
    ["the base year's", facts(null, income(4_000_000, 4)), [], [2021]],
    ["the year before's: (b) is still decided", facts(income(2_000_000, 4), null), ["income-low"], [2020]],
    ["both: (c) is still a person's word", facts(null, null, { dropped: true }), ["epidemic-income-drop"], [2021, 2020]],
  ])("a missing income is to be completed, never skipped: %s", (_, known, expected, missing) => {
    expect(judge(known, settings)).toMatchObject({ criteria: expected, missing });
  });

  test("a headcount that alone turns (a) is said, with both figures", () => {
    const grown = judge(facts(income(6_000_000, 5), income(5_200_000, 4)), settings);
    expect(grown).toMatchObject({ criteria: ["income-fell"], byHeadcount: true });
    expect(grown.reasons[0]?.zh).toContain("按原人口计算为15000.00元,结论相反");
    expect(judge(facts(income(4_500_000, 3), income(5_200_000, 4)), settings)).toMatchObject({ criteria: [], byHeadcount: true });
    expect(judge(facts(income(4_400_000, 4), income(5_200_000, 4)), settings)).toMatchObject({ byHeadcount: false });
  });
});

describe("M-05 (c): when a sharp loss is proposed", () => {
  const drop = { dropRatio: { numerator: 70, denominator: 100 }, wageStopMonths: 1, document: "plan" };
  const today = parseBusinessDate("2022-08-15");
  const known = (more: Partial<DropFacts>): DropFacts => ({ basePerCapitaFen: 1_200_000, toDate: null, wageStops: [], ...more });
  test.each([
    ["exactly 70 % of six months' share", known({ toDate: { perCapitaFen: 420_000, months: 6 } }), true],
    ["one fen more", known({ toDate: { perCapitaFen: 420_001, months: 6 } }), false],
    ["no base income to compare with", known({ basePerCapitaFen: null, toDate: { perCapitaFen: 0, months: 6 } }), false],
    ["a base income below zero says nothing", known({ basePerCapitaFen: -5, toDate: { perCapitaFen: -90, months: 6 } }), false],
    ["a wage stopped for a month to the day", known({ wageStops: [{ from: "2022-07-16", until: null }] }), true],
    ["a day less", known({ wageStops: [{ from: "2022-07-17", until: null }] }), false],
    ["a stop that ended: 1 to 30 June is a month", known({ wageStops: [{ from: "2022-06-01", until: "2022-06-30" }] }), true],
    ["1 to 29 June is not", known({ wageStops: [{ from: "2022-06-01", until: "2022-06-29" }] }), false],
    ["from 31 January to the end of February", known({ wageStops: [{ from: "2022-01-31", until: "2022-02-27" }] }), true],
  ])("%s → %s", (_, given, proposed) => {
    expect(proposeDrop(given, drop, today).proposed).toBe(proposed);
  });
});
