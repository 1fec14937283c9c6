import { Refusal } from "@shouwang/contract";
import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  checkChangeDay,
  checkRate,
  dayThatCounts,
  type PostMode,
  type PostTerms,
  type RateBounds,
  standingOf,
} from "./decide.ts";

const bounds: RateBounds = {
  on: "2022-08-01",
  wage: { fen: 158_000, document: "二类" },
  lowestWageFen: 143_000,
  factor: { numerator: 12, denominator: 10 },
  allowance: { fen: 540_000, document: "县民政〔2022〕1号" },
  floorForAll: false,
};
const terms = (rateFen: number, unitsPerMonth: number, floorReason: PostTerms["floorReason"]): PostTerms => ({
  ...{ headcount: 2, rateFen, unitsPerMonth, floorReason },
});
const decide = (
  mode: PostMode,
  rateFen: number,
  more: Partial<RateBounds> = {},
  units = 22,
  reason: PostTerms["floorReason"] = null,
) => {
  const answer = checkRate(mode, terms(rateFen, units, reason), { ...bounds, ...more });
  return answer instanceof Refusal ? answer.code : answer.standing;
};

describe("a post's rate", () => {
  test.each<[string, string, PostMode, number, Partial<RateBounds>?, number?, PostTerms["floorReason"]?]>([
    ["1,896 yuan in a county of the second class: the ceiling itself", "at-ceiling", "monthly", 189_600],
    ["one fen above it", "post-above-ceiling", "monthly", 189_601],
    [
      "a ceiling that is no whole fen is not rounded up",
      "post-above-ceiling",
      "monthly",
      120,
      { wage: { fen: 99, document: "" } },
    ],
    ["400 yuan where the allowance is 450 a month", "floor-reason-needed", "monthly", 40_000],
    ["the same, with a reason", "below-floor", "monthly", 40_000, {}, 22, "part-time-duty"],
    ["450 yuan: the floor itself", "within", "monthly", 45_000],
    [
      "an annual allowance that twelve do not divide: 450.00 is below 5,400.01",
      "floor-reason-needed",
      "monthly",
      45_000,
      { allowance: { fen: 540_001, document: "" } },
    ],
    ["no allowance loaded", "within", "monthly", 1, { allowance: null }],
    ["by the day: the floor does not bind", "within", "daily", 8_000, {}, 3],
    ["by the day, where the setting makes it bind", "floor-reason-needed", "daily", 8_000, { floorForAll: true }, 3],
    ["by the day: the month's sum is at most the ceiling", "at-ceiling", "daily", 9_480, {}, 20],
    ["by the day: one day more and the sum is above", "post-above-ceiling", "daily", 9_480, {}, 21],
    ["the county's class not loaded, within the lowest class's ceiling", "within", "monthly", 171_600, { wage: null }],
    ["the county's class not loaded, above it", "post-ceiling-unknown", "monthly", 171_601, { wage: null }],
  ])("%s: %s", (_, answer, mode, rate, more, units, reason) => expect(decide(mode, rate, more, units, reason)).toBe(answer));

  test("says both bounds with their documents, whichever way it goes", () => {
    const answer = checkRate("monthly", terms(80_000, 22, null), bounds);
    expect(answer instanceof Refusal ? [] : answer.reasons.map(({ code, document }) => [code, document])).toEqual([
      ["within-ceiling", "二类"],
      ["at-least-floor", "县民政〔2022〕1号"],
    ]);
  });

  test("above a ceiling stays above it with every fen more, and what is within has nothing above it below", () => {
    const fen = fc.integer({ min: 1, max: 400_000 });
    fc.assert(
      fc.property(fen, fen, fc.integer({ min: 1, max: 300_000 }), (one, more, wageFen) => {
        const stands = (rate: number) => standingOf("monthly", rate, { ...bounds, wage: { fen: wageFen, document: "" } });
        expect(stands(one) === "above-ceiling").toBe(one * 10 > wageFen * 12);
        if (stands(one) === "above-ceiling") expect(stands(one + more)).toBe("above-ceiling");
      }),
    );
  });
});

test.each([
  ["first-of-month", "2022-08-01"],
  ["last-of-month", "2022-08-31"],
])("the day whose values count is %s", (basis, day) => expect(dayThatCounts(basis, parseBusinessDate("2022-08-15"))).toBe(day));

test.each([
  ["2022-08-01", "ok"],
  ["2022-09-01", "ok"],
  ["2022-08-02", "invalid-input"],
  ["2022-07-01", "invalid-input"],
])("terms that change from %s are %s on 15 August", (from, answer) => {
  const refused = checkChangeDay(parseBusinessDate(from), parseBusinessDate("2022-08-15"));
  expect(refused?.code ?? "ok").toBe(answer);
});
