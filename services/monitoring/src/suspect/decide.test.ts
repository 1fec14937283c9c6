import { Refusal } from "@shouwang/contract";
import { describe, expect, test } from "vitest";
import { assign, check, examine, isDecided, pass, type SuspectStep, suspectRules } from "./decide.ts";
import type { HouseholdFacts, PersonFacts, RuleSettings, WorkFacts } from "./facts-decide.ts";

const settings: RuleSettings = { labourShare: { numerator: 25, denominator: 100 }, wageLeastFen: 10_000 };
const head: PersonFacts = {
  personId: "head",
  relation: "head",
  sex: "male",
  age: 45,
  schooling: null,
  education: "junior",
  dropoutReason: null,
  health: ["healthy"],
  labourSkill: "ordinary",
  medicalInsurance: "resident",
  seriousIllnessInsurance: true,
  destitute: false,
  ableWorker: true,
  student: false,
};
const met = { schooling: true, medicalCare: true, housing: true, drinkingWater: true };
const household: HouseholdFacts = {
  householdId: "h",
  region: "451228100003",
  householdKind: "lifted-household",
  monitored: false,
  guarantees: met,
  safetyNetOnly: false,
  members: [head],
  monitoredCase: null,
  measures: [],
  income: null,
  selfPaidFen: 0,
};
const work: WorkFacts = {
  channel: "enterprise",
  place: "440300",
  inCounty: false,
  away: true,
  months: 6,
  monthlyIncomeFen: 400_000,
  employer: "91440300708461136T",
  industry: "C",
  pointToPoint: false,
};
const helping = {
  caseId: "c",
  status: "helping",
  risks: ["unsafe-housing" as const],
  disasterKind: null,
  monthsIncluded: 0,
  clearedBy: null,
};
const with_ = (person: Partial<PersonFacts>): Partial<HouseholdFacts> => ({ members: [{ ...head, ...person }] });
const monitored = (more: Partial<NonNullable<HouseholdFacts["monitoredCase"]>>, facts: Partial<HouseholdFacts> = {}) => ({
  monitored: true,
  monitoredCase: { ...helping, ...more },
  ...facts,
});
const posted = (more: Partial<WorkFacts>) => ({ work: [{ ...work, channel: "public-welfare-post", inCounty: true, ...more }] });
const codes = (facts: Partial<HouseholdFacts>) => examine({ ...household, ...facts }, settings).map(({ rule }) => rule.code);

describe("M-01: the data-quality rules, each by example and by its edge", () => {
  test("a household in order breaks none, and the rules are Q01 to Q25, each said in both languages", () => {
    expect(codes({})).toEqual([]);
    const numbers = new Set(suspectRules.map((rule) => rule.code.slice(0, 3)));
    expect([...numbers].sort()).toEqual(Array.from({ length: 25 }, (_, index) => `Q${String(index + 1).padStart(2, "0")}`));
    for (const rule of suspectRules) {
      expect(rule.zh).toMatch(/[\u4e00-\u9fff]/);
      expect(rule.en).toMatch(/^[A-Z]/);
      expect(rule.fields.length).toBeGreaterThan(0);
    }
  });

  test.each([
    ["two heads", { members: [head, { ...head, personId: "b" }] }, ["Q03"]],
    ["education and schooling at once", with_({ schooling: "senior", student: true }), ["Q04"]],
    ["neither, at 16", with_({ education: null, age: 16 }), ["Q04b"]],
    [
      "neither, at 15 with a reason",
      with_({ education: null, age: 15, dropoutReason: "illness", labourSkill: "none", ableWorker: true }),
      [],
    ],
    ["primary school at 15", with_({ education: null, schooling: "primary", student: true, age: 15 }), ["Q05"]],
    ["primary school at 14", with_({ education: null, schooling: "primary", student: true, age: 14 }), []],
    ["postgraduate at 19", with_({ education: null, schooling: "postgraduate", student: true, age: 19 }), ["Q05"]],
    ["postgraduate at 20", with_({ education: null, schooling: "postgraduate", student: true, age: 20 }), []],
    ["six years old, at kindergarten, no reason", with_({ education: null, schooling: "kindergarten", age: 6 }), ["Q05b"]],
    ["five years old, at kindergarten", with_({ education: null, schooling: "kindergarten", age: 5 }), []],
    ["no state of health", with_({ health: [] }), ["Q06"]],
    ["healthy, 16, no labour", with_({ age: 16, labourSkill: "none" }), ["Q07"]],
    ["healthy, 60, no labour", with_({ age: 60, labourSkill: "none" }), []],
    ["disabled, 40, no labour", with_({ health: ["disabled"], labourSkill: "none" }), []],
    ["place without months", with_({ work: [{ ...work, months: null }] }), ["Q08"]],
    ["thirteen months", with_({ work: [{ ...work, months: 13 }] }), ["Q08"]],
    ["lost labour at work", with_({ health: ["disabled"], labourSkill: "lost", work: [work] }), ["Q09"]],
    ["destitute and away", with_({ health: ["disabled"], destitute: true, work: [work] }), ["Q10"]],
    ["destitute, healthy, 59", with_({ age: 59, destitute: true }), ["Q10b"]],
    ["destitute, healthy, 60", with_({ age: 60, destitute: true }), []],
    ["post at 69", with_({ age: 69, ...posted({}) }), []],
    ["post at 70", with_({ age: 70, ...posted({}) }), ["Q11"]],
    [
      "post without labour",
      with_({ age: 65, labourSkill: "none", ...posted({ months: 0, place: null }) }),
      ["Q08", "Q11b", "Q11c"],
    ],
    ["post of no month", with_(posted({ months: 0 })), ["Q11c"]],
    ["post outside the county", with_(posted({ inCounty: false })), ["Q11d"]],
    ["work of unknown income", with_({ work: [{ ...work, monthlyIncomeFen: null }] }), ["Q12"]],
    ["not insured", with_({ medicalInsurance: "none" }), ["Q14"]],
    ["insured, without the second insurance", with_({ seriousIllnessInsurance: false }), ["Q14b"]],
    ["unsafe dwelling, not monitored", { guarantees: { ...met, housing: false } }, ["Q15"]],
    [
      "unsafe dwelling of an ordinary household",
      { householdKind: "ordinary-household", guarantees: { ...met, housing: false } },
      [],
    ],
    ["unsafe dwelling, monitored for it", monitored({}, { guarantees: { ...met, housing: false } }), []],
    ["monitored a month, no measure", monitored({ monthsIncluded: 1 }), ["Q16"]],
    ["monitored six months, no development measure", monitored({ monthsIncluded: 6 }, { measures: ["housing"] }), ["Q16b"]],
    ["monitored five months, housing only", monitored({ monthsIncluded: 5 }, { measures: ["housing"] }), []],
    ["monitored, the safety net only", monitored({ monthsIncluded: 2 }, { measures: ["safety-net", "safety-net"] }), ["Q16c"]],
    ["illness without an ill person or a bill", monitored({ risks: ["illness"] }), ["Q17", "Q17b"]],
    ["illness with both", monitored({ risks: ["illness"] }, { ...with_({ health: ["serious-illness"] }), selfPaidFen: 1 }), []],
    [
      "unstable work, nobody able",
      monitored({ risks: ["unstable-work"] }, { ...with_({ ableWorker: false }), safetyNetOnly: true }),
      ["Q18"],
    ],
    ["unstable work, no work told of", monitored({ risks: ["unstable-work"] }), []],
    ["unstable work, told that there is none", monitored({ risks: ["unstable-work"] }, with_({ work: [] })), ["Q18"]],
    [
      "lack of labour, one of four able",
      monitored(
        { risks: ["lack-of-labour"] },
        { members: [head, ...["a", "b", "c"].map((personId) => ({ ...head, personId, relation: "other", ableWorker: false }))] },
      ),
      ["Q19"],
    ],
    [
      "lack of labour, one of five able",
      monitored(
        { risks: ["lack-of-labour"] },
        {
          members: [
            head,
            ...["a", "b", "c", "d"].map((personId) => ({ ...head, personId, relation: "other", ableWorker: false })),
          ],
        },
      ),
      [],
    ],
    ["a disaster of no kind", monitored({ risks: ["natural-disaster"] }), ["Q20"]],
    ["water a problem, monitored for the house", monitored({}, { guarantees: { ...met, drinkingWater: false } }), ["Q21"]],
    ["a grant at no vocational school", with_({ trainingGrant: true }), ["Q22"]],
    ["wages of 99.99 yuan", { income: { wageFen: 9_999, transferFen: 1, until: "2021-12-31" } }, ["Q23"]],
    ["wages of 100 yuan", { income: { wageFen: 10_000, transferFen: 1, until: "2021-12-31" } }, []],
    [
      "cleared with work and no wages",
      {
        monitoredCase: { ...helping, status: "cleared" },
        measures: ["job"],
        income: { wageFen: 0, transferFen: 1, until: "2021-12-31" },
      },
      ["Q24"],
    ],
    [
      "cleared with the safety net and no transfers",
      {
        monitoredCase: { ...helping, status: "cleared" },
        measures: ["safety-net"],
        income: { wageFen: 10_000, transferFen: 0, until: "2021-12-31" },
      },
      ["Q24b"],
    ],
    ["nobody able, not marked", with_({ age: 70, ableWorker: false }), ["Q25"]],
    ["nobody able, marked", { ...with_({ age: 70, ableWorker: false }), safetyNetOnly: true }, []],
  ] as [string, Partial<HouseholdFacts>, string[]][])("%s → %j", (_, facts, expected) => {
    expect(codes(facts)).toEqual(expected);
  });
});

describe("the life of a suspect", () => {
  const suspect: SuspectStep = {
    status: "new",
    outcome: null,
    because: null,
    assignedTo: null,
    vanishedAt: null,
    round: 1,
    version: 1,
  };
  const asIs = { outcome: "true-as-recorded" as const, because: "proved-at-home", ownRule: true };
  const go = <T>(value: T): Exclude<T, Refusal> => {
    if (value instanceof Refusal) throw new Error(value.code);
    return value as Exclude<T, Refusal>; // Safe: a refusal was thrown just above.
  };

  test("new, assigned, checked, reviewed, closed", () => {
    const closed = go(pass(go(pass(go(check(go(assign(suspect, "v")), asIs)), "review", true)), "closure", true));
    expect(closed).toMatchObject({ status: "closed", outcome: "true-as-recorded", version: 5 });
  });
  test("sent back it starts another round, its outcome gone", () => {
    const back = go(pass(go(check(go(assign(suspect, null)), asIs)), "review", false));
    expect(back).toMatchObject({ status: "returned", outcome: null, round: 2 });
    expect(assign(back, null)).toMatchObject({ status: "assigned" });
  });
  test.each([
    ["checked before it is assigned", () => check(suspect, asIs), "suspect-state"],
    ["reviewed before it is checked", () => pass(suspect, "review", true), "suspect-state"],
    ["closed before it is reviewed", () => pass(go(check(go(assign(suspect, null)), asIs)), "closure", true), "suspect-state"],
    ["as recorded without a reason", () => check(go(assign(suspect, null)), { ...asIs, because: null }), "invalid-input"],
    [
      "mended while the record still shows it",
      () => check(go(assign(suspect, null)), { outcome: "true-and-mended", because: null, ownRule: true }),
      "suspect-not-mended",
    ],
  ] as const)("refused: %s", (_, step, code) => {
    expect(step()).toMatchObject({ code });
  });

  test.each([
    ["found right, same values, in force", { outcome: "true-as-recorded", expiresOn: "2023-08-31", sameValues: true }, true],
    ["on the last day", { outcome: "not-true", expiresOn: "2022-08-15", sameValues: true }, true],
    ["the day after", { outcome: "not-true", expiresOn: "2022-08-14", sameValues: true }, false],
    ["other values", { outcome: "true-as-recorded", expiresOn: null, sameValues: false }, false],
    ["said to be mended, and back", { outcome: "true-and-mended", expiresOn: null, sameValues: true }, false],
  ])("asked twice: %s → not %s", (_, decision, decided) => {
    expect(isDecided(decision, "2022-08-15")).toBe(decided);
  });
});
