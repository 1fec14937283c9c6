import { describe, expect, test } from "vitest";
import { clauseIds } from "./clause.ts";
import { findParameter, getParameter, parameterDefinitions } from "./parameters.ts";
import { targets } from "./targets.ts";

test("every key is there once, and belongs to clauses that exist", () => {
  expect(new Set(parameterDefinitions.map(({ key }) => key)).size).toBe(parameterDefinitions.length);
  for (const { key, clause, alsoIn } of parameterDefinitions) {
    expect(clauseIds, key).toEqual(expect.arrayContaining([clause, ...alsoIn]));
    expect(alsoIn, key).not.toContain(clause);
  }
});

const integer = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0;
const matches = (shape: RegExp) => (value: unknown) => typeof value === "string" && shape.test(value);
const wellFormed = {
  fen: integer,
  persons: integer,
  count: integer,
  years: integer,
  months: integer,
  days: integer,
  hours: integer,
  metres: integer,
  year: (value) => integer(value) && Number(value) > 2000,
  "day-of-month": (value) => integer(value) && Number(value) >= 1 && Number(value) <= 31,
  "month-day": matches(/^(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/),
  date: matches(/^\d{4}-\d{2}-\d{2}$/),
  ratio: (value) =>
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every(integer) &&
    !("denominator" in value && value.denominator === 0),
  flag: (value) => typeof value === "boolean",
  choice: matches(/./),
  list: (value) => Array.isArray(value) && value.length > 0,
} satisfies Record<string, (value: unknown) => boolean>;

test.each(parameterDefinitions.map((definition) => [definition.key, definition] as const))("%s is whole", (_, definition) => {
  const { unit, value, state, title, document, options, within } = definition;
  expect(value === null ? state !== "in-force" : state === "in-force" && wellFormed[unit](value)).toBe(true);
  expect(title.zh).toMatch(/\p{Script=Han}/u);
  expect(title.en).toMatch(/^[A-Z]/);
  expect(document.zh && document.en).toBeTruthy();
  if (options && value !== null) expect(options).toEqual(expect.arrayContaining([value].flat()));
  if (unit === "choice") expect(options?.length).toBeGreaterThan(1);
  for (const key of Object.values(within ?? {})) expect(findParameter(key)?.unit).toBe(unit);
});

describe("the plan's own figures", () => {
  test.each([
    ["transport.cap.normal", 80_000],
    ["transport.cap.key", 100_000],
    ["labourSubsidy.min", 20_000],
    ["labourSubsidy.max", 50_000],
    ["labourSubsidy.maxMonths", 6],
    ["post.ceilingFactor", { numerator: 12, denominator: 10 }],
    ["workRelief.payRatio", { numerator: 15, denominator: 100 }],
    ["workRelief.maxInvest", 400_000_000],
    ["industry.central.min", { numerator: 55, denominator: 100 }],
    ["industry.region.minExclusive", { numerator: 50, denominator: 100 }],
    ["coop.industry.min", { numerator: 55, denominator: 100 }],
    ["warehouse.maxRatio", { numerator: 50, denominator: 100 }],
    ["warehouse.returnMin", { numerator: 20, denominator: 100 }],
    ["warehouse.returnMax", { numerator: 30, denominator: 100 }],
    ["collective.minTotal", 10_000_000],
    ["collective.perHouseholdExclusive", 20_000],
    ["coverage.min", { numerator: 90, denominator: 100 }],
    ["completion.min", { numerator: 95, denominator: 100 }],
    ["maintenance.max", { numerator: 5, denominator: 100 }],
    ["focus.incomeMax", 1_000_000],
    ["posting.urgentProject.days", 3],
    ["emergency.days", 3],
    ["helper.days", 5],
    ["settlement.large", 8000],
    ["settlement.team", 800],
    ["funds.regionAllocatedBy", "2022-07-31"],
    ["funds.cityReleasedBy", "2022-09-30"],
  ] as const)("%s", (key, value) => {
    const definition = getParameter(key);
    expect([definition.value, definition.source]).toEqual([value, "plan"]);
  });
});

test("what only a document can tell is not loaded, and what has no limit is open", () => {
  const inState = (state: string) =>
    parameterDefinitions.filter((definition) => definition.state === state).map(({ key }) => key);
  expect(inState("not-loaded").sort()).toEqual(
    [
      ...[
        "baseline.industry.central",
        "baseline.loans",
        "baseline.postHolders",
        "baseline.workshopWorkers",
        "baseline.workshops",
      ],
      ...["fumin.countyListUntil", "funds.cityBudget", "funds.regionBudget", "labourSubsidy.rate", "loanPrimeRate.fiveYear"],
      ...["loanPrimeRate.oneYear", "minimumWage.class", "monitoring-line", "ruralAllowance.annual", "transport.rate"],
      ...["screening.disasterLoss", "screening.disasterSevere", "screening.medicalSelfPaid", "screening.medicalSevere"],
    ].sort(),
  );
  expect(inState("open").sort()).toEqual(["labour.ageMax", "newEntrant.ageMax", "urgent.identify.days"]);
});

test("only two limits exclude the limit itself", () => {
  const exclusive = parameterDefinitions.filter(({ bound }) => bound && !bound.inclusive).map(({ key }) => key);
  expect(exclusive.sort()).toEqual(["collective.perHouseholdExclusive", "industry.region.minExclusive"]);
});

test("the month is frozen before its returns are due", () => {
  expect(Number(getParameter("month.lockDay").value)).toBeLessThan(Number(getParameter("month.returnDay").value));
});

test("a posting of each kind has its own length", () => {
  const days = (
    ["posting.urgentProject.days", "posting.monitor.days", "posting.project.days", "posting.subsidy.days"] as const
  ).map((key) => getParameter(key).value);
  expect(days).toEqual([3, 5, 10, 5]);
});

test("the library's weights make up one whole", () => {
  const weights = (["participation", "income", "mechanism", "epidemicResponse"] as const).map(
    (name) => getParameter(`library.weight.${name}`).value,
  );
  expect(weights.map((weight) => weight?.denominator)).toEqual([100, 100, 100, 100]);
  expect(weights.reduce((sum, weight) => sum + (weight?.numerator ?? 0), 0)).toBe(100);
});

test.each([
  ["E-15", "workRelief.payRatio"],
  ["I-01a-share", "industry.central.min"],
  ["I-01b", "industry.region.minExclusive"],
  ["I-07", "coverage.min"],
  ["F-02", "completion.min"],
  ["C-05", "coop.industry.min"],
] as const)("target %s and rule %s say the same", (code, key) => {
  expect(targets.find((target) => target.code === code)?.target).toEqual(getParameter(key).value);
});
