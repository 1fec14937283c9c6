import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { afterWord, mayTake, mayTakeLine, type PayStatus, payOf } from "./decide.ts";

describe("a month's pay", () => {
  test.each<[string, Parameters<typeof payOf>[0], number, number]>([
    ["a full month", { mode: "monthly", rateFen: 80_000, unitsPerMonth: 22 }, 22, 80_000],
    ["more days than asked for", { mode: "monthly", rateFen: 80_000, unitsPerMonth: 22 }, 26, 80_000],
    ["ten of 22 days: 363.636…", { mode: "monthly", rateFen: 80_000, unitsPerMonth: 22 }, 10, 36_364],
    ["half a fen is rounded up", { mode: "monthly", rateFen: 1_001, unitsPerMonth: 2 }, 1, 501],
    ["a third of 100.00 is rounded down", { mode: "monthly", rateFen: 10_000, unitsPerMonth: 3 }, 1, 3_333],
    ["no day", { mode: "monthly", rateFen: 80_000, unitsPerMonth: 22 }, 0, 0],
    ["by the day", { mode: "daily", rateFen: 9_000, unitsPerMonth: 10 }, 4, 36_000],
    ["by the day, up to the most", { mode: "daily", rateFen: 9_000, unitsPerMonth: 10 }, 12, 90_000],
    ["by the task", { mode: "by-task", rateFen: 15_000, unitsPerMonth: 6 }, 3, 45_000],
  ])("%s", (_, terms, units, fen) => expect(payOf(terms, units)).toBe(fen));

  test("grows with the days, and is never above the standard nor more than half a fen off its share", () => {
    const terms = fc.record({ rateFen: fc.integer({ min: 1, max: 300_000 }), unitsPerMonth: fc.integer({ min: 1, max: 31 }) });
    fc.assert(
      fc.property(terms, fc.integer({ min: 0, max: 31 }), (given, units) => {
        const pay = payOf({ ...given, mode: "monthly" }, units);
        expect(pay).toBeLessThanOrEqual(given.rateFen);
        expect(payOf({ ...given, mode: "monthly" }, units + 1)).toBeGreaterThanOrEqual(pay);
        const share = given.rateFen * Math.min(units, given.unitsPerMonth);
        expect(Math.abs(pay * given.unitsPerMonth - share) * 2).toBeLessThanOrEqual(given.unitsPerMonth);
      }),
    );
  });
});

test.each([
  ["generated", "check", { lines: 2, amountFen: 10 }, undefined],
  ["generated", "check", { lines: 2, amountFen: 11 }, "post-pay-list-changed"],
  ["generated", "approval", { lines: 2, amountFen: 10 }, "post-pay-list-state"],
  ["checked", "approval", { lines: 3, amountFen: 10 }, "post-pay-list-changed"],
  ["approved", "return", undefined, "post-pay-list-state"],
  ["generating", "cancel", undefined, "post-pay-list-state"],
] as const)("a list that is %s: %s", (status, step, seen, code) => {
  expect(mayTake({ status, lines: 2, amountFen: 10 }, step, seen)?.code).toBe(code);
});

const seen = { lines: 2, amountFen: 10 };
test.each([
  ["generating", "again", undefined, undefined],
  ["approving", "approval", seen, undefined],
  ["approving", "approval", { ...seen, lines: 3 }, "post-pay-list-changed"],
  ["approving", "again", undefined, "post-pay-list-state"],
  ["approving", "cancel", undefined, "post-pay-list-state"],
  ["approved", "approval", seen, "post-pay-list-state"],
] as const)("a list whose work has failed while it was %s: %s", (status, step, given, code) => {
  expect(mayTake({ status, ...seen, stalled: true }, step, given)?.code).toBe(code);
  if (code === undefined) expect(mayTake({ status, ...seen, stalled: false }, step, given)?.code).toBe("post-pay-list-state");
});

test.each<[PayStatus, string, PayStatus | undefined]>([
  ["awaiting-funds", "accepted", "accepted"],
  ["accepted", "paid", "paid"],
  ["paid", "paid", undefined],
  ["withdrawing", "paid", "paid"],
  ["withdrawing", "withdrawn", "rejected"],
  ["withdrawing", "refused", "rejected"],
  ["accepted", "withdrawn", undefined],
  ["awaiting-funds", "refused", "payment-refused"],
  ["paid", "returned", "payment-returned"],
  ["paid", "clawed-back", "clawed-back"],
  ["clawback-due", "clawed-back", "clawed-back"],
  ["clawback-due", "paid", undefined],
  ["rejected", "paid", undefined],
])("a line that is %s, when funds says %s: %s", (status, word, after) => expect(afterWord(status, word)).toBe(after));

test("what was paid is got back, not rejected; what was not is rejected, not got back", () => {
  expect([mayTakeLine("paid", "rejection")?.code, mayTakeLine("accepted", "clawback")?.code]).toEqual([
    "claim-state",
    "claim-state",
  ]);
  expect([mayTakeLine("paid", "clawback"), mayTakeLine("payment-returned", "resending")]).toEqual([undefined, undefined]);
});
