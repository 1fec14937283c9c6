import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { describe, expect, test } from "vitest";
import { type ClearanceFacts, decideClearance } from "./clearance-decide.ts";
import { compare, dayOfInclusion, type MonitoredCase, refuseCase, reviewCarries, takeShared } from "./decide.ts";
import { decideInclusion } from "./inclusion-decide.ts";

const income = { perCapitaFen: 599_999, until: "2022-07-31", lineFen: 600_000, lineDocument: "line of the year" };
const inclusion = {
  householdKind: "lifted-household",
  monitoredKind: "unstable-lifted",
  risks: ["illness"],
  risksMax: 5,
  disasterKind: null,
  income,
} as const;

describe("M-03: may the household be included as this kind?", () => {
  test.each([
    ["a lifted household below the line as unstable", inclusion, true, "income-weighed"],
    [
      "an ordinary household below the line as borderline",
      { ...inclusion, householdKind: "ordinary-household", monitoredKind: "borderline" },
      true,
      "income-weighed",
    ],
    [
      "exactly at the line is not below it",
      { ...inclusion, income: { ...income, perCapitaFen: 600_000 } },
      false,
      "income-above-line",
    ],
    [
      "above the line as sudden hardship",
      { ...inclusion, monitoredKind: "sudden-hardship", income: { ...income, perCapitaFen: 2_000_000 } },
      true,
      "income-weighed",
    ],
    [
      "sudden hardship of an ordinary household",
      { ...inclusion, householdKind: "ordinary-household", monitoredKind: "sudden-hardship" },
      true,
      "income-weighed",
    ],
    [
      "an ordinary household as unstable lifted",
      { ...inclusion, householdKind: "ordinary-household" },
      false,
      "kind-of-household",
    ],
    ["a lifted household as borderline", { ...inclusion, monitoredKind: "borderline" }, false, "kind-of-household"],
    ["no income recorded", { ...inclusion, income: { ...income, perCapitaFen: null } }, false, "income-not-recorded"],
    ["the line not loaded: people judge", { ...inclusion, income: { ...income, lineFen: null } }, true, "line-not-loaded"],
    [
      "six risks",
      { ...inclusion, risks: ["illness", "schooling", "disability", "accident", "epidemic", "other"] },
      false,
      "number-of-risks",
    ],
    ["a disaster without its kind", { ...inclusion, risks: ["natural-disaster"] }, false, "disaster-kind"],
    ["a disaster with its kind", { ...inclusion, risks: ["natural-disaster"], disasterKind: "flood" }, true, "income-weighed"],
  ] as [string, Parameters<typeof decideInclusion>[0], boolean, string][])("%s", (_, given, ok, code) => {
    const decision = decideInclusion(given);
    expect(decision.ok).toBe(ok);
    expect(decision.reasons.map((reason) => reason.code)).toContain(code);
  });

  test("every reason against is said at once", () => {
    const decision = decideInclusion({
      ...inclusion,
      monitoredKind: "borderline",
      risks: ["natural-disaster"],
      income: { ...income, perCapitaFen: null },
    });
    expect(decision.reasons.map((reason) => reason.code).sort()).toEqual([
      "disaster-kind",
      "income-not-recorded",
      "kind-of-household",
    ]);
  });
});

describe("M-04a: the day of inclusion", () => {
  test.each([
    ["earlier", "2022-08-10", null, "2022-08-10"],
    ["earlier", "2022-08-10", "2022-08-08", "2022-08-08"],
    ["earlier", "2022-08-10", "2022-08-12", "2022-08-10"],
    ["county-approval", "2022-08-10", "2022-08-08", "2022-08-10"],
    ["national-system-entry", "2022-08-10", "2022-08-12", "2022-08-12"],
  ])("%s of approval %s and entry %s → %s", (basis, approved, entered, day) => {
    expect(dayOfInclusion(basis, approved, entered)).toBe(day);
  });
});

const facts: ClearanceFacts = {
  today: parseBusinessDate("2023-03-01"),
  includedOn: parseBusinessDate("2022-08-10"),
  clearedBy: "help",
  guarantees: { schooling: true, medicalCare: true, housing: true, drinkingWater: true },
  income: { ...income, perCapitaFen: 600_000 },
  stableMonths: 6,
  stableMonthsNeeded: 6,
  risks: ["illness"],
  risksGone: ["illness"],
  rigidExpenseSolved: true,
  openLeads: 0,
  measures: 1,
  ableWorkers: 2,
};

describe("may the risk be cleared?", () => {
  test.each([
    ["everything met", {}, undefined],
    ["income one fen below the line", { income: { ...income, perCapitaFen: 599_999 } }, "income-below-line"],
    ["steady for five months", { stableMonths: 5 }, "not-stable-yet"],
    ["water never looked at", { guarantees: { ...facts.guarantees, drinkingWater: null } }, "guarantee-open"],
    ["housing unsafe", { guarantees: { ...facts.guarantees, housing: false } }, "guarantee-open"],
    ["one risk left", { risks: ["illness", "schooling"] }, "risks-left"],
    ["rigid expense unsolved", { rigidExpenseSolved: false }, "rigid-expense"],
    ["a new lead is open", { openLeads: 1 }, "new-risk"],
    ["by help in the month of inclusion", { today: parseBusinessDate("2022-08-31") }, "too-soon"],
    ["by help in the month after", { today: parseBusinessDate("2022-09-30") }, "too-soon"],
    ["by help in the second month after", { today: parseBusinessDate("2022-10-01") }, undefined],
    ["by nature in the month of inclusion", { today: parseBusinessDate("2022-08-31"), clearedBy: "nature" }, undefined],
    ["by help without a measure", { measures: 0 }, "no-measure"],
    ["by nature without a measure", { measures: 0, clearedBy: "nature" }, undefined],
    ["a household without labour", { ableWorkers: 0 }, "no-labour"],
    ["the line not loaded", { income: { ...income, lineFen: null } }, "line-not-loaded"],
  ] as [string, Partial<ClearanceFacts>, string | undefined][])("%s → %s", (_, change, code) => {
    const decision = decideClearance({ ...facts, ...change });
    expect(decision.ok).toBe(code === undefined);
    if (code) expect(decision.reasons.map((reason) => reason.code)).toEqual([code]);
  });
});

describe("steps", () => {
  const monitored = { status: "compared", procedure: "inclusion", clearanceStep: null, version: 4 } as MonitoredCase;
  test("a case cannot be posted before its village review, nor checked before its posting", () => {
    expect(takeShared(monitored, "posting")).toMatchObject({ code: "case-state" });
    expect(takeShared({ ...monitored, status: "village-reviewed" }, "township-check")).toMatchObject({ code: "case-state" });
  });
  test("clearance goes the same way without leaving its status", () => {
    const clearing = {
      ...monitored,
      status: "clearance-proposed",
      procedure: "clearance",
      clearanceStep: "proposed",
    } as MonitoredCase;
    expect(takeShared(clearing, "village-review")).toMatchObject({
      status: "clearance-proposed",
      clearanceStep: "village-reviewed",
    });
  });
  test("a clearance that fails leaves the household monitored", () => {
    const clearing = {
      ...monitored,
      status: "clearance-proposed",
      procedure: "clearance",
      clearanceStep: "posted",
    } as MonitoredCase;
    expect(refuseCase(clearing)).toMatchObject({ status: "helping", procedure: "inclusion", clearanceStep: null });
  });
  test.each([
    [10, 6, 4, true],
    [10, 5, 5, false],
    [10, 0, 0, false],
    [10, 8, 4, false],
  ])("of %i people %i for and %i against: carried %s", (attendees, votesFor, votesAgainst, carried) => {
    expect(reviewCarries({ attendees, votesFor, votesAgainst })).toBe(carried);
  });
  test("a comparison waits for every department asked", () => {
    expect(compare({ ...monitored, status: "authorised" }, { asked: ["housing", "health"], replied: ["health"] })).toMatchObject({
      code: "comparison-incomplete",
    });
    expect(compare({ ...monitored, status: "authorised" }, { asked: ["health"], replied: ["health"] })).toMatchObject({
      status: "compared",
    });
  });
});
