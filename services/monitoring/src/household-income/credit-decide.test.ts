import type { TransportSubsidyState } from "@shouwang/contract";
import fc from "fast-check";
import { expect, test } from "vitest";
import { incomeLineCodes } from "./code-lists.ts";
import { type Credit, coverSums, creditOf, incomeYearOf, takeCredits, unsettledCredits } from "./credit-decide.ts";

// Safe: the ids are made here.
const claim = (more: Record<string, unknown>) =>
  ({
    claimId: "c1",
    personId: "p1",
    householdId: "h1",
    region: "451228100003",
    amountFen: 90_000,
    status: "paid",
    paidOn: "2022-10-12",
    payingCounty: "451228000000",
    year: 2022,
    ...more,
  }) as TransportSubsidyState;
const credit = (more: Partial<Credit> = {}): Credit => {
  const made = creditOf("transport-subsidy", claim({}), "2022-10-13");
  if (!made) throw new Error("a paid claim makes a credit");
  return { ...made, ...more };
};

test.each<[string, Record<string, unknown>, Partial<Credit> | undefined]>([
  ["approved is not income", { status: "approved", paidOn: null }, undefined],
  ["nor is what waits for funds", { status: "awaiting-funds", paidOn: null }, undefined],
  ["nor what was rejected", { status: "rejected", paidOn: null }, undefined],
  [
    "what arrived is",
    {},
    { line: "transport-subsidy", amountFen: 90_000, paidOn: "2022-10-12", clawedBackOn: null, period: "2022" },
  ],
  ["of nothing there is no line", { amountFen: 0 }, undefined],
  [
    "what was clawed back stays, and says since when",
    { status: "clawed-back" },
    { clawedBackOn: "2022-10-13", paidOn: "2022-10-12" },
  ],
  ["clawed back before it arrived: nothing came", { status: "clawed-back", paidOn: null }, undefined],
])("M-05: %s", (_, more, expected) => {
  const made = creditOf("transport-subsidy", claim(more), "2022-10-13");
  if (expected === undefined) expect(made).toBeUndefined();
  else expect(made).toMatchObject(expected);
});

test.each<[string, string, number]>([
  ["2022-09-30", "calendar", 2022],
  ["2022-12-31", "calendar", 2022],
  ["2022-09-30", "october-september", 2022],
  ["2022-10-01", "october-september", 2023],
  ["2022-01-01", "october-september", 2022],
])("what arrives on %s is income of the %s year %i", (day, basis, year) => {
  expect(incomeYearOf(day, basis)).toBe(year);
});

test.each<[string, number | undefined, number[], number]>([
  ["the household says nothing of it: what was paid counts", undefined, [90_000], 90_000],
  ["it states the same: once", 90_000, [90_000], 90_000],
  ["it states less: what arrived counts", 50_000, [90_000], 90_000],
  ["it states more: the rest is added", 120_000, [90_000], 120_000],
  ["six months are paid and stated in one sum", 180_000, [30_000, 30_000, 30_000, 30_000, 30_000, 30_000], 180_000],
  ["nothing was paid", 70_000, [], 70_000],
])("M-05: %s", (_, stated, paid, total) => {
  const { lines, reasons } = takeCredits(
    stated === undefined ? [] : [{ line: "transport-subsidy", amountFen: stated }],
    paid.map((amountFen, n) => credit({ sourceId: `c${n}`, amountFen })),
  );
  expect(lines.reduce((sum, { amountFen }) => sum + amountFen, 0)).toBe(total);
  expect(lines.filter(({ source }) => source !== undefined)).toHaveLength(paid.length);
  expect(reasons).toHaveLength(paid.length > 0 ? 1 : 0);
  if (reasons[0]) expect(reasons[0].facts).toHaveLength(paid.length);
});

test("M-05: for any lines and payments each line comes to the greater of what was stated and what was paid, and every payment is there whole", () => {
  const line = fc.constantFrom(...incomeLineCodes);
  const amountFen = fc.integer({ min: 0, max: 1_000_000 });
  const statedLines = fc.array(fc.record({ line, amountFen }), { maxLength: 12 });
  const payments = fc.array(fc.record({ line, amountFen }), { maxLength: 12 });
  fc.assert(
    fc.property(statedLines, payments, (stated, paid) => {
      const { lines } = takeCredits(
        stated,
        paid.map((one, n) => credit({ ...one, sourceId: `c${n}` })),
      );
      const of = (code: string, all: readonly { line: string; amountFen: number }[]) =>
        all.reduce((sum, one) => (one.line === code ? sum + one.amountFen : sum), 0);
      for (const code of incomeLineCodes) expect(of(code, lines)).toBe(Math.max(of(code, stated), of(code, paid)));
      expect(lines.filter(({ source }) => source).map(({ amountFen: fen }) => fen)).toEqual(
        paid.map(({ amountFen: fen }) => fen),
      );
    }),
  );
});

test("of the five sums alone, each is the greater of the two; cost is the household's own", () => {
  const stated = { wageFen: 100, businessFen: 5, propertyFen: 0, transferFen: 30, businessCostFen: 7 };
  const paid = { wageFen: 40, businessFen: 0, propertyFen: 0, transferFen: 90, businessCostFen: 0 };
  expect(coverSums(stated, paid)).toEqual({ ...stated, transferFen: 90 });
});

const year = { from: "2022-01-01", until: "2022-12-31" };
test.each<[string, [string, number][], Credit, boolean]>([
  ["taken in as it was paid", [["c1", 90_000]], credit(), false],
  ["told after the record", [], credit(), true],
  ["clawed back since", [["c1", 90_000]], credit({ clawedBackOn: "2023-02-01" }), true],
  ["clawed back before the record", [], credit({ clawedBackOn: "2022-11-01" }), false],
  ["of another year", [], credit({ paidOn: "2023-01-04" }), false],
])("a record and a payment %s: differ is %4$s", (_, taken, paid, differs) => {
  expect(unsettledCredits({ ...year, recordedCredits: new Map(taken) }, [paid])).toHaveLength(differs ? 1 : 0);
});
