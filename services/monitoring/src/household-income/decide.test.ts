import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import fc from "fast-check";
import { expect, test } from "vitest";
import { netIncome } from "../household/decide.ts";
import { incomeLineCodes } from "./code-lists.ts";
import { checkPeriod, type IncomeKind, totalsOf } from "./decide.ts";

test("lines go to their source, what the settings do not count adds nothing and stays on record, cost always counts", () => {
  const lines = [
    { line: "work-wage", amountFen: 3_000_000 },
    { line: "village-post", amountFen: 600_000 },
    { line: "planting", amountFen: 500_000 },
    { line: "planting-cost", amountFen: 200_000 },
    { line: "pension", amountFen: 150_000 },
    { line: "housing-grant", amountFen: 2_000_000 },
  ] as const;
  const totals = totalsOf(lines, ["housing-grant", "planting-cost"]);
  expect(totals.entry).toEqual({
    wageFen: 3_600_000,
    businessFen: 500_000,
    propertyFen: 0,
    transferFen: 150_000,
    businessCostFen: 200_000,
  });
  expect(totals.lines.filter((line) => !line.counts).map((line) => line.line)).toEqual(["housing-grant"]);
  expect(netIncome(totals.entry, 4)).toEqual({ netFen: 4_050_000, perCapitaFen: 1_012_500 });
});

test("for any lines: the net income is what counts less the cost, and per head times heads never exceeds it by a fen", () => {
  const line = fc.record({ line: fc.constantFrom(...incomeLineCodes), amountFen: fc.integer({ min: 0, max: 10_000_000 }) });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), fc.integer({ min: 1, max: 12 }), (lines, heads) => {
      const { entry } = totalsOf(lines, []);
      const signed = lines.reduce((sum, one) => sum + (one.line.endsWith("-cost") ? -one.amountFen : one.amountFen), 0);
      const { netFen, perCapitaFen } = netIncome(entry, heads);
      expect(netFen).toBe(signed);
      expect(perCapitaFen * heads).toBeLessThanOrEqual(netFen);
      expect((perCapitaFen + 1) * heads).toBeGreaterThan(netFen);
    }),
  );
});

const today = parseBusinessDate("2022-08-15");
test.each<[string, IncomeKind, string, string, string, string | undefined]>([
  ["a calendar year", "annual", "2021-01-01", "2021-12-31", "calendar", undefined],
  ["a year that is not over", "annual", "2022-01-01", "2022-12-31", "calendar", "period"],
  ["another span as annual", "annual", "2020-10-01", "2021-09-30", "calendar", "income-year"],
  ["October to September where the settings say so", "annual", "2020-10-01", "2021-09-30", "october-september", undefined],
  ["a calendar year there", "annual", "2021-01-01", "2021-12-31", "october-september", "income-year"],
  ["a whole month", "monthly", "2022-02-01", "2022-02-28", "calendar", undefined],
  ["half a month", "monthly", "2022-02-01", "2022-02-15", "calendar", "whole-month"],
  ["a whole quarter", "quarterly", "2022-01-01", "2022-03-31", "calendar", undefined],
  ["three months that are no quarter", "quarterly", "2022-02-01", "2022-04-30", "calendar", "whole-quarter"],
  ["the twelve months before an inclusion", "at-inclusion", "2021-08-01", "2022-07-31", "calendar", undefined],
  ["a period that ends before it begins", "at-inclusion", "2022-07-31", "2021-08-01", "calendar", "period"],
])("%s", (_, kind, from, until, basis, rule) => {
  expect(checkPeriod(kind, { from, until }, { today, basis })?.rule).toBe(rule);
});
