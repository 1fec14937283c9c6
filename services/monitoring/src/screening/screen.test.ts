import type { ParameterKey, Ratio } from "@shouwang/plan";
import { getParameter } from "@shouwang/plan";
import { toRegionCode } from "@shouwang/regions";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Expression, evaluate, parametersOf, type Settings } from "./expression.ts";
import { type FactName, factNames, type HouseholdFacts, type KnownFact } from "./facts.ts";
import { ExpressionEntry } from "./rule-schema.ts";
import { builtInRules, incomeConditions, type Rule } from "./rules.ts";
import { factsHash, screen, waitingFor } from "./screen.ts";

const ruleOf = (builtIn: (typeof builtInRules)[number]): Rule => ({
  ...builtIn,
  region: "450000000000",
  validFrom: "2022-01-01",
  validTo: null,
  document: "平台默认设置",
});
const allRules = builtInRules.map(ruleOf);
const screeningRules = allRules.filter(({ code }) => code.startsWith("medical-"));
const unknown: KnownFact = { value: null, source: "none", date: null, mark: "none" };
/** A household of which these facts are known and no others. */
const factsWith = (known: Partial<Record<FactName, KnownFact>>): HouseholdFacts["facts"] => ({
  // Safe: every fact's name is a key.
  ...(Object.fromEntries(factNames.map((name) => [name, unknown])) as Record<FactName, KnownFact>),
  ...known,
});

const line = 1_000_000;
const severeLine = 3_000_000;

function settings(values: Partial<Record<ParameterKey, number | Ratio | null>> = {}): Settings {
  const all = {
    "screening.medicalSelfPaid": line,
    "screening.medicalIncomeShare": { numerator: 50, denominator: 100 },
    "screening.medicalSevere": severeLine,
    ...values,
  };
  return new Map(
    // Safe: the keys are written out just above; the type of an object's keys is lost in its entries.
    Object.entries(all).map(([key, value]) => [
      key as ParameterKey,
      {
        key: key as ParameterKey,
        value,
        region: toRegionCode("451228"),
        validFrom: "2022-01-01",
        validTo: null,
        document: "河乡振〔2022〕1号",
      },
    ]),
  );
}
const household = (selfPaidFen: number, incomeFen: number | null, more: Partial<HouseholdFacts> = {}): HouseholdFacts => ({
  householdId: "018f0000-0000-7000-8000-000000000001",
  region: "451228100003",
  knownCauses: [],
  verified: {},
  facts: factsWith({
    medicalSelfPaidFen: { value: selfPaidFen, source: "health 都卫函〔2022〕8号", date: "2022-08-10", mark: "bill-1" },
    annualNetIncomeFen: { value: incomeFen, source: "household-income", date: "2021-12-31", mark: "income-1 1" },
  }),
  ...more,
});
const found = (facts: HouseholdFacts, given = settings()) =>
  screen(facts, screeningRules, given, new Set()).findings.map(({ ruleCode, severity }) => `${ruleCode} ${severity}`);

describe("the edges of the amounts, in fen", () => {
  test.each<[string, number, number | null, string[]]>([
    ["one fen below the line", line - 1, null, []],
    ["on the line", line, null, ["medical-self-paid general"]],
    ["one fen above the line", line + 1, null, ["medical-self-paid general"]],
    ["one fen below the severe line", severeLine - 1, null, ["medical-self-paid general"]],
    ["on the severe line", severeLine, null, ["medical-severe severe"]],
    ["one fen below half of the income", 499_999, 1_000_000, []],
    ["half of the income", 500_000, 1_000_000, ["medical-income-share general"]],
    ["half of an odd income is not rounded down", 500_000, 1_000_001, []],
    ["no income at all, and a cost", 1, 0, ["medical-income-share general"]],
    ["a loss, and a cost", 1, -100, ["medical-income-share general"]],
    ["a loss, but no cost", 0, -100, []],
    ["income not known", 500_000, null, []],
  ])("%s", (_, selfPaid, income, expected) => expect(found(household(selfPaid, income))).toEqual(expected));
});

test("a rule whose line is not loaded proposes nothing and says what it waits for", () => {
  const none = settings({ "screening.medicalSelfPaid": null, "screening.medicalSevere": null });
  expect(found(household(99_000_000, null), none)).toEqual([]);
  expect(screeningRules.map((rule) => waitingFor(rule, none))).toEqual([
    ["screening.medicalSelfPaid"],
    [],
    ["screening.medicalSevere"],
  ]);
  const [rule] = screeningRules;
  if (!rule) throw new Error("there are rules");
  const { truth, reasons } = evaluate(rule.when, household(1, null).facts, none);
  expect({ truth, reasons: reasons() }).toMatchObject({
    truth: "unknown",
    reasons: [{ zh: "标准未下达,不作判断", parameter: "screening.medicalSelfPaid" }],
  });
});

test("a finding explains itself: fact, source, date, parameter and document of each comparison", () => {
  const [finding] = screen(household(3_000_000, null), screeningRules, settings(), new Set()).findings;
  expect(finding?.explanation.map(({ code }) => code)).toEqual([
    "medical-self-paid",
    "medical-self-paid-at-least",
    "medical-severe",
    "medical-self-paid-at-least",
  ]);
  expect(finding?.explanation[1]).toMatchObject({
    clause: "M-01",
    parameter: "screening.medicalSelfPaid",
    document: "河乡振〔2022〕1号",
    zh: "近12个月户自付医疗费不低于10000元",
    facts: [{ value: 3_000_000, source: "health 都卫函〔2022〕8号", date: "2022-08-10" }],
  });
});

describe("what is known already is not raised again", () => {
  test("a household identified or helped for the cause", () => {
    const screened = screen(household(line, null, { knownCauses: ["illness"] }), screeningRules, settings(), new Set());
    expect(screened).toEqual({ findings: [], known: ["illness"], knownFalse: [] });
  });
  const remembered = new Set(screeningRules.map((rule) => factsHash(rule, household(line, null))));
  test("a false lead on the same facts, also when old bills have left the window", () => {
    for (const selfPaid of [line, line + 500])
      expect(screen(household(selfPaid, null), screeningRules, settings(), remembered)).toEqual({
        findings: [],
        known: [],
        knownFalse: ["illness"],
      });
  });
  test("one bill more raises it", () => {
    const facts = household(line, null).facts;
    const more = { ...facts, medicalSelfPaidFen: { ...facts.medicalSelfPaidFen, mark: "bill-2" } };
    expect(screen(household(line, null, { facts: more }), screeningRules, settings(), remembered).findings).toHaveLength(1);
  });
});

describe("a lead that was found real and has no case yet", () => {
  const severe = household(severeLine, null, { verified: { illness: "general" } });
  test("does not hide a graver finding of its cause", () => {
    expect(screen(severe, screeningRules, settings(), new Set()).findings).toMatchObject([{ severity: "severe" }]);
  });
  test.each([
    ["an equal one", line, "general"],
    ["a lighter one", line, "severe"],
    ["the same severe one", severeLine, "severe"],
  ])("covers %s", (_, cost, verified) => {
    const screened = screen(household(cost, null, { verified: { illness: verified } }), screeningRules, settings(), new Set());
    expect(screened).toEqual({ findings: [], known: ["illness"], knownFalse: [] });
  });
  test("of another cause says nothing", () => {
    expect(found(household(line, null, { verified: { schooling: "severe" } }))).toEqual(["medical-self-paid general"]);
  });
});

describe("each kind of what departments send", () => {
  const given = settings({
    "screening.newDays": 90,
    "screening.disasterLoss": line,
    "screening.disasterSevere": severeLine,
    "screening.wageStoppedDays": 30,
    "monitoring-line": 700_000,
  });
  const value = (number: number): KnownFact => ({ value: number, source: "a list", date: "2022-08-01", mark: "1" });
  test.each<[string, Partial<Record<FactName, number>>, string[]]>([
    ["a certificate of 90 days ago", { daysSinceDisability: 90 }, ["new-disability"]],
    ["a certificate of 91 days ago", { daysSinceDisability: 91 }, []],
    ["one child out of school", { dropouts: 1 }, ["school-dropout"]],
    ["none out of school", { dropouts: 0 }, []],
    ["a house of grade B", { housingGrade: 2 }, []],
    ["a house of grade C", { housingGrade: 3 }, ["unsafe-housing"]],
    ["no safe water", { unsafeWater: 1 }, ["unsafe-water"]],
    ["a loss on the line", { disasterLossFen: line }, ["disaster-loss"]],
    ["a loss on the severe line", { disasterLossFen: severeLine }, ["disaster-severe"]],
    ["a wage stopped 29 days", { daysSinceWageStopped: 29 }, []],
    ["a wage stopped 30 days", { daysSinceWageStopped: 30 }, ["wage-stopped"]],
    ["one of two workers unemployed", { unemployedMembers: 1, ableWorkers: 2 }, []],
    ["both workers unemployed", { unemployedMembers: 2, ableWorkers: 2 }, ["all-unemployed"]],
    ["nobody unemployed of no worker", { unemployedMembers: 0, ableWorkers: 0 }, []],
    ["no worker, income on the line", { ableWorkers: 0, annualPerCapitaFen: 700_000 }, ["no-labour"]],
    ["no worker, income above the line", { ableWorkers: 0, annualPerCapitaFen: 700_001 }, []],
    ["a worker died", { daysSinceWorkerDied: 0 }, ["worker-died"]],
    ["relief ended", { daysSinceLowIncomeEnded: 10 }, ["low-income-ended"]],
    ["relief began", { daysSinceLowIncomeAdded: 10 }, ["low-income-added"]],
    ["an accident", { daysSinceAccident: 3 }, ["accident"]],
    ["a car and a business alone", { assetChecks: 2 }, []],
  ])("%s", (_, known, expected) => {
    // Safe: the keys are facts' names, as the table's type says.
    const entries = Object.entries(known) as [FactName, number][];
    const facts = factsWith(Object.fromEntries(entries.map(([name, number]) => [name, value(number)])));
    const screened = screen({ ...household(0, null), facts }, allRules, given, new Set());
    expect(screened.findings.map(({ ruleCode }) => ruleCode)).toEqual(expected);
  });
});

test("a county's own rule holds in the county alone", () => {
  const own: Rule = { ...ruleOf(builtInRules[0] ?? failed()), code: "own", region: "451228000000" };
  expect(found(household(line, null))).toHaveLength(1);
  expect(screen(household(line, null), [own], settings(), new Set()).findings).toHaveLength(1);
  expect(screen(household(line, null, { region: "451229100003" }), [own], settings(), new Set()).findings).toEqual([]);
});
const failed = (): never => {
  throw new Error("there are rules");
};

describe("a condition that comes from outside", () => {
  test.each([...builtInRules, ...incomeConditions].map((rule) => [rule.code, rule.when] as const))("%s is one", (_, when) => {
    expect(ExpressionEntry.parse(JSON.parse(JSON.stringify(when)))).toEqual(when);
  });
  const deep = (levels: number): unknown =>
    levels === 0 ? { fact: "headcount", is: "above", limit: { constant: 1 } } : { not: deep(levels - 1) };
  test.each<[string, unknown]>([
    ["a fact nobody knows", { fact: "shoeSize", is: "above", limit: { constant: 1 } }],
    ["a parameter nobody knows", { fact: "headcount", is: "above", limit: { parameter: "no.such" } }],
    ["days compared with fen", { fact: "daysSinceAccident", is: "above", limit: { parameter: "screening.medicalSevere" } }],
    [
      "persons as a share of fen",
      { fact: "dropouts", is: "above", limit: { ratio: { numerator: 1, denominator: 2 }, of: "disasterLossFen" } },
    ],
    [
      "a ratio by nothing",
      { fact: "dropouts", is: "above", limit: { ratio: { numerator: 1, denominator: 0 }, of: "headcount" } },
    ],
    ["half a person", { fact: "dropouts", is: "above", limit: { constant: 0.5 } }],
    ["something besides", { fact: "dropouts", is: "above", limit: { constant: 1 }, sql: "true" }],
    ["nothing at all", { all: [] }],
    ["a tree without end", deep(5_000)],
  ])("%s is none", (_, when) => expect(ExpressionEntry.safeParse(when).success).toBe(false));
});

describe("laws", () => {
  const fen = fc.integer({ min: 0, max: 10_000_000_000 });
  const income = fc.option(fc.integer({ min: -1_000_000, max: 10_000_000_000 }), { nil: null });
  const limit = fc.option(fen, { nil: null });
  test("more cost never removes a lead, nor makes it lighter", () => {
    const gravity = ["ungraded", "general", "severe"];
    const gravest = (facts: HouseholdFacts, given: Settings) =>
      Math.max(-1, ...screen(facts, screeningRules, given, new Set()).findings.map(({ severity }) => gravity.indexOf(severity)));
    fc.assert(
      fc.property(fen, fen, income, limit, limit, (cost, more, net, warning, severe) => {
        const given = settings({ "screening.medicalSelfPaid": warning, "screening.medicalSevere": severe });
        expect(gravest(household(cost + more, net), given)).toBeGreaterThanOrEqual(gravest(household(cost, net), given));
      }),
    );
  });
  test("not all is any of not, with facts and limits that may be missing", () => {
    const comparison = fc.record({
      fact: fc.constantFrom("medicalSelfPaidFen" as const, "annualNetIncomeFen" as const),
      is: fc.constantFrom("at-least" as const, "above" as const, "at-most" as const, "below" as const),
      limit: fc.oneof(
        fc.record({ constant: fen }),
        fc.constant({ parameter: "screening.medicalSevere" as const }),
        fc.constant({ share: "screening.medicalIncomeShare" as const, of: "annualNetIncomeFen" as const }),
      ),
    });
    fc.assert(
      fc.property(fc.array(comparison, { minLength: 1, maxLength: 4 }), fen, income, limit, (parts, cost, net, severe) => {
        const given = settings({ "screening.medicalSevere": severe });
        const truth = (expression: Expression) => evaluate(expression, household(cost, net).facts, given).truth;
        expect(truth({ not: { all: parts } })).toBe(truth({ any: parts.map((part) => ({ not: part })) }));
      }),
    );
  });
});

test("the rules' parameters are set by county and above, so that one reading serves a county", () => {
  for (const key of allRules.flatMap((rule) => parametersOf(rule.when)))
    expect(["region", "city", "county"]).toContain(getParameter(key).setBy);
});
