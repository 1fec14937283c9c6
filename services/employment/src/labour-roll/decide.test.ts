import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { amountOf, checkLine, checkPayment, periodsOverlap, rollStatus } from "./decide.ts";

const day = parseBusinessDate;
const july = { from: day("2022-07-01"), until: day("2022-07-31") };
const line = { days: 20, rateFen: 16_000, signedOn: "2022-07-31" };

describe("a labour roll (E-15)", () => {
  test.each<[Partial<Omit<typeof line, "signedOn">> & { signedOn?: string | null }, string[]]>([
    [{}, []],
    [{ days: 31 }, []],
    [{ days: 32 }, ["days-in-period"]],
    [{ days: 0 }, ["days-in-period"]],
    [{ rateFen: 0 }, ["rate-above-zero"]],
    [{ signedOn: null }, []],
    [{ signedOn: "2022-06-30" }, ["date-order"]],
    [{ signedOn: "2022-08-15" }, []],
    [{ signedOn: "2022-08-16" }, ["date-order"]],
  ])("a line with %o breaks %o", (more, rules) => {
    expect(checkLine({ ...line, ...more }, july, day("2022-08-15")).map(({ rule }) => rule)).toEqual(rules);
  });

  test.each<[number, string | null, boolean, string | undefined]>([
    [320_000, null, true, undefined],
    [320_001, null, true, "at-most-earned"],
    [100_000, null, true, "reason-for-unpaid"],
    [100_000, "money-short", true, undefined],
    [0, "account-wrong", false, undefined],
    [1, "other", false, "to-an-account"],
  ])("of 3,200 yuan %i fen paid, because %s", (paidFen, because, account, rule) => {
    expect(checkPayment({ amountFen: 320_000, account }, { paidFen, because })?.rule).toBe(rule);
  });

  test.each<[Parameters<typeof rollStatus>[0], string]>([
    [[], "open"],
    [["verified", "posted"], "posted"],
    [["verified", "paid", "open"], "open"],
    [["verified", "verified"], "verified"],
    [["paid", "verified"], "paid"],
  ])("with periods at %o stands at %s", (periods, status) => expect(rollStatus(periods)).toBe(status));

  test("periods share a day or they do not, whichever is asked first", () => {
    const dates = fc.integer({ min: 1, max: 28 }).map((n) => `2022-07-${String(n).padStart(2, "0")}`);
    const span = fc.tuple(dates, dates).map(([a, b]) => (a <= b ? { from: a, until: b } : { from: b, until: a }));
    fc.assert(
      fc.property(span, span, (one, other) => {
        expect(periodsOverlap(one, other)).toBe(periodsOverlap(other, one));
        expect(periodsOverlap(one, one)).toBe(true);
      }),
    );
    expect(periodsOverlap({ from: "2022-07-01", until: "2022-07-31" }, { from: "2022-08-01", until: "2022-08-31" })).toBe(false);
  });

  test("amounts are exact", () => expect(amountOf(366, 99_999_999)).toBe(36_599_999_634));
});
