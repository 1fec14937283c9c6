import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AlarmSettings, signsOf, type TownshipLeads } from "./decide.ts";

const settings: AlarmSettings = {
  windowDays: 28,
  deviations: { numerator: 2, denominator: 1 },
  minimumLeads: 5,
  causeCluster: 5,
  silenceMonths: 3,
  document: "plan",
};
const today = parseBusinessDate("2022-08-15");
const calm: TownshipLeads = { present: 2, before: [2, 2, 2, 2], byCause: new Map(), quietSince: parseBusinessDate("2022-08-01") };
const kinds = (leads: Partial<TownshipLeads>, more: Partial<AlarmSettings> = {}) =>
  signsOf({ ...calm, ...leads }, { ...settings, ...more }, today).map(({ kind }) => kind);

describe("G-01: a rise", () => {
  test.each<[string, number, number[], string[]]>([
    ["more than the mean and two deviations", 9, [2, 4, 2, 4], ["rise"]],
    ["exactly mean plus two deviations (3 + 2 × 1) is no rise", 5, [2, 4, 2, 4], []],
    ["one above it", 6, [2, 4, 2, 4], ["rise"]],
    ["above what never changed, by one", 6, [5, 5, 5], ["rise"]],
    ["far above, but fewer than the least that may sound", 4, [0, 0, 0, 0], []],
    ["as many as the least", 5, [0, 0, 0, 0], ["rise"]],
    ["two spans before say nothing", 50, [1, 1], []],
  ])("%s", (_, present, before, expected) => {
    expect(kinds({ present, before })).toEqual(expected);
  });

  test("as a mean and a deviation in floating point would have it, away from the border", () => {
    const counts = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 3, maxLength: 12 });
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 1_000 }), counts, fc.integer({ min: 1, max: 6 }), (present, before, halves) => {
        const mean = before.reduce((sum, one) => sum + one, 0) / before.length;
        const deviation = Math.sqrt(before.reduce((sum, one) => sum + (one - mean) ** 2, 0) / before.length);
        const line = mean + (halves / 2) * deviation;
        fc.pre(Math.abs(present - line) > 1e-6);
        expect(kinds({ present, before }, { deviations: { numerator: halves, denominator: 2 } })).toEqual(
          present > line ? ["rise"] : [],
        );
      }),
    );
  });
});

describe("G-01: a cluster and silence", () => {
  test.each([
    [4, []],
    [5, ["cluster"]],
  ])("%i leads of one cause", (count, expected) => {
    expect(kinds({ byCause: new Map([["illness", count] as const, ["accident", 4] as const]) })).toEqual(expected);
  });
  test("each cause is told of by itself", () => {
    const signs = signsOf({ ...calm, byCause: new Map([["illness", 7] as const, ["accident", 5] as const]) }, settings, today);
    expect(signs).toMatchObject([
      { kind: "cluster", cause: "illness", leads: 7, reason: { clause: "G-01", parameter: "alarm.causeCluster" } },
      { kind: "cluster", cause: "accident", leads: 5 },
    ]);
  });
  test.each([
    ["2022-05-16", []],
    ["2022-05-15", ["silence"]],
    ["2021-01-01", ["silence"]],
  ])("quiet since %s", (since, expected) => {
    expect(kinds({ present: 0, quietSince: parseBusinessDate(since) })).toEqual(expected);
  });
});
