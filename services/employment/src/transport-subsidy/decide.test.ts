import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { describe, expect, test } from "vitest";
import { ageOn, type Claimant, type ClaimantWork, claimantOn } from "../claimant/decide.ts";
import { assessTransport, dayThatCounts, factsOn, monthsAway } from "./decide.ts";
import type { TransportFacts, TransportRules } from "./terms-decide.ts";

const day = parseBusinessDate;
const document = "桂乡村振兴发〔2022〕8号";
const set = <T>(value: T) => ({ value, document });
const rules: TransportRules = {
  ...{ rate: set<number | null>(90_000), ceiling: set(80_000), keyCeiling: set(100_000), keyCounty: "yes" },
  ...{ minMonthsAway: set(0), lateClaimUntil: set("03-31"), newTripRequired: set(false), fareByTicket: set(false) },
  ...{ ageMin: set(16), ageMax: set<number | null>(null), afterClearance: set(false) },
};
const facts: TransportFacts = {
  ...{ year: 2022, workRecordId: "w", scope: "outside-region", workFrom: "2022-03-05", workUntil: null },
  ...{ householdKind: "lifted", monitored: false, cleared: false, statusAssumed: false, age: 37, numberVerified: true },
  ...{ monthsAway: 5, postFrom: null, postUntil: null, fareFen: null, proofs: [], asOf: "2022-08-15", movedSince: false },
};
const claim = { on: "2022-03-05", madeOn: "2022-08-15" };
const says = (more: { facts?: Partial<TransportFacts>; rules?: Partial<TransportRules>; madeOn?: string } = {}) =>
  assessTransport({ ...claim, madeOn: more.madeOn ?? claim.madeOn }, { ...facts, ...more.facts }, { ...rules, ...more.rules });

describe("E-02, the sum", () => {
  test.each<[string, Partial<TransportRules>, string, number | null, boolean]>([
    ["a key county's rate of 900", {}, "eligible", 90_000, false],
    ["a key county's own ceiling", { rate: set<number | null>(100_000) }, "eligible", 100_000, false],
    ["an ordinary county's ceiling", { keyCounty: "no", rate: set<number | null>(80_000) }, "eligible", 80_000, false],
    ["a fen above it, the list loaded", { keyCounty: "no", rate: set<number | null>(80_001) }, "not-eligible", null, false],
    ["900 in an ordinary county, the list loaded", { keyCounty: "no" }, "not-eligible", null, false],
    ["900 while the list is awaited", { keyCounty: "awaited" }, "eligible", 90_000, true],
    ["1,000 while the list is awaited", { keyCounty: "awaited", rate: set<number | null>(100_000) }, "eligible", 100_000, true],
    [
      "a fen above 1,000 while it is awaited",
      { keyCounty: "awaited", rate: set<number | null>(100_001) },
      "not-eligible",
      null,
      false,
    ],
    [
      "800 while it is awaited needs no mark",
      { keyCounty: "awaited", rate: set<number | null>(80_000) },
      "eligible",
      80_000,
      false,
    ],
    ["no rate loaded", { rate: set<number | null>(null) }, "waiting", null, false],
  ])("%s", (_, more, outcome, amountFen, listAwaited) => {
    expect(says({ rules: more })).toMatchObject({ outcome, amountFen, listAwaited });
  });

  test.each([
    [null, "waiting", null],
    [42_350, "eligible", 42_350],
    [123_450, "eligible", 90_000],
  ] as const)("by ticket, a fare of %j fen: %s, %j", (fareFen, outcome, amountFen) => {
    expect(says({ facts: { fareFen }, rules: { fareByTicket: set(true) } })).toMatchObject({ outcome, amountFen });
  });

  test("is explained in both languages, with parameter and document", () => {
    const { reasons } = says({ rules: { keyCounty: "awaited" } });
    expect(reasons.map(({ zh }) => zh)).toEqual(
      expect.arrayContaining([
        "本县标准每人每年900.00元",
        "一般县上限每人每年800.00元",
        expect.stringContaining("自治区重点帮扶县名单未载入"),
        "一次往返,管2022年全年(至2022-12-31);该年度申请截止2023-03-31",
      ]),
    );
    expect(reasons).toContainEqual(expect.objectContaining({ code: "county-rate", parameter: "transport.rate", document }));
  });
});

describe("E-02, who and when", () => {
  test.each<[string, Parameters<typeof says>[0], string, string]>([
    ["never poor and not monitored", { facts: { householdKind: "never-poor" } }, "not-eligible", "not-entitled-household"],
    ["never poor but monitored", { facts: { householdKind: "never-poor", monitored: true } }, "eligible", "entitled-household"],
    ["never poor, cleared", { facts: { householdKind: "never-poor", cleared: true } }, "not-eligible", "not-entitled-household"],
    [
      "never poor, cleared, where the settings let it",
      { facts: { householdKind: "never-poor", cleared: true }, rules: { afterClearance: set(true) } },
      ...(["eligible", "entitled-household"] as const),
    ],
    ["lifted, cleared", { facts: { cleared: true } }, "eligible", "entitled-household"],
    ["fifteen", { facts: { age: 15 } }, "not-eligible", "too-young"],
    ["sixteen", { facts: { age: 16 } }, "eligible", "of-working-age"],
    ["seventy, no upper limit", { facts: { age: 70 } }, "eligible", "of-working-age"],
    [
      "sixty-one above a limit of sixty",
      { facts: { age: 61 }, rules: { ageMax: set<number | null>(60) } },
      "not-eligible",
      "too-old",
    ],
    [
      "sixty at a limit of sixty",
      { facts: { age: 60 }, rules: { ageMax: set<number | null>(60) } },
      "eligible",
      "of-working-age",
    ],
    ["of unknown age", { facts: { age: null } }, "eligible", "age-not-known"],
    ["number not verified", { facts: { numberVerified: false } }, "waiting", "number-not-verified"],
    ["abroad", { facts: { scope: "abroad" } }, "by-decision", "work-abroad"],
    ["in the region", { facts: { scope: "in-region" } }, "not-eligible", "no-work-outside-region"],
    ["three months of three", { facts: { monthsAway: 3 }, rules: { minMonthsAway: set(3) } }, "eligible", "months-away"],
    ["two months of three", { facts: { monthsAway: 2 }, rules: { minMonthsAway: set(3) } }, "waiting", "months-away-short"],
    ["left last year, no new trip asked", { facts: { workFrom: "2021-11-01" } }, "eligible", "work-outside-region"],
    [
      "left last year, a new trip asked",
      { facts: { workFrom: "2021-11-01" }, rules: { newTripRequired: set(true) } },
      "not-eligible",
      "no-new-trip",
    ],
    ["a post that goes on", { facts: { postFrom: "2022-01-01" } }, "waiting", "post-not-ended"],
    ["claimed on the last day", { madeOn: "2023-03-31" }, "eligible", "covers-the-year"],
    ["claimed a day later", { madeOn: "2023-04-01" }, "not-eligible", "claimed-too-late"],
  ])("%s", (_, more, outcome, code) => {
    const said = says(more);
    expect(said.outcome).toBe(outcome);
    expect(said.reasons.map((reason) => reason.code)).toContain(code);
  });

  test("everything against is said, before what is for it", () => {
    const { reasons } = says({ facts: { age: 15, scope: "in-region" } });
    expect(reasons.slice(0, 2).map(({ code }) => code)).toEqual(["too-young", "no-work-outside-region"]);
  });
});

const householdDay = (fromDate: string, registeredIn: string, more: { lifted?: boolean } = {}) => ({
  ...{ fromDate, registeredIn, monitoredKind: null, riskCleared: false, status: "active" },
  householdKind: more.lifted === false ? "ordinary-household" : "lifted-household",
});
const work = (from: string, until: string | null, scope: ClaimantWork["scope"] = "outside-region"): ClaimantWork => ({
  ...{ id: `${from} ${scope}`, from, until, scope, channel: "own-search", place: "4403", creditCode: null, householdId: "h" },
});
const person = (more: Partial<Claimant> = {}): Claimant => ({
  ...{ personId: "p", region: "451228101201", birthDate: day("2006-05-20"), numberVerified: true },
  memberships: [{ since: "2015-01-01", householdId: "h", status: "member" }],
  households: new Map([["h", { days: [householdDay("2021-01-01", "451228101201")], cases: [] }]]),
  works: [work("2022-03-05", null)],
  ...more,
});
const asked = (claimant: Claimant, county = "451228", today = "2022-08-15") =>
  dayThatCounts(claimant, {
    year: 2022,
    today: day(today),
    afterClearance: false,
    isHere: ({ status }) => status.registeredIn.startsWith(county),
  });

describe("E-02, the date that counts", () => {
  test.each<[string, Partial<Claimant>, string, string]>([
    ["the way out", {}, "451228", "2022-03-05"],
    ["the first day of the year for work that went on", { works: [work("2021-10-01", null)] }, "451228", "2022-01-01"],
    ["work that ended on the first of January", { works: [work("2021-10-01", "2022-01-01")] }, "451228", "2022-01-01"],
    ["work that ended the day before", { works: [work("2021-10-01", "2021-12-31")] }, "451228", "no-work-away"],
    ["work in the region alone", { works: [work("2022-03-05", null, "in-region")] }, "451228", "no-work-away"],
    [
      "the day monitoring began",
      {
        households: new Map([
          [
            "h",
            {
              days: [householdDay("2021-01-01", "451228101201", { lifted: false })],
              cases: [{ monitoredKind: "k", includedOn: "2022-06-10", endedOn: null }],
            },
          ],
        ]),
      },
      ...(["451228", "2022-06-10"] as const),
    ],
    [
      "the last day of work on which it had begun",
      {
        works: [work("2022-03-05", "2022-06-10")],
        households: new Map([
          [
            "h",
            {
              days: [householdDay("2021-01-01", "451228101201", { lifted: false })],
              cases: [{ monitoredKind: "k", includedOn: "2022-06-10", endedOn: null }],
            },
          ],
        ]),
      },
      ...(["451228", "2022-06-10"] as const),
    ],
    [
      "the day of the move, for the new county",
      {
        households: new Map([
          ["h", { days: [householdDay("2021-01-01", "451228101201"), householdDay("2022-05-01", "451202001001")], cases: [] }],
        ]),
      },
      ...(["451202", "2022-05-01"] as const),
    ],
    ["nobody's who is registered elsewhere", {}, "450126", "registered-elsewhere"],
  ])("is %s", (_, more, county, on) => {
    expect(asked(person(more), county)).toBe(on);
  });

  test("a year that has not begun has none", () => {
    expect(dayThatCounts(person(), { year: 2023, today: day("2022-08-15"), afterClearance: false, isHere: () => true })).toBe(
      "no-work-away",
    );
  });
});

test.each([
  ["2022-05-19", 15],
  ["2022-05-20", 16],
  ["2022-12-31", 16],
])("born on 2006-05-20, on %s the age is %d", (on, age) => {
  expect(ageOn(day("2006-05-20"), day(on))).toBe(age);
});

test.each<[string, ClaimantWork[], number]>([
  ["one from the 5th to the 4th is whole", [work("2022-03-05", "2022-04-04")], 1],
  ["a day short is none", [work("2022-03-05", "2022-04-03")], 0],
  ["two times of work add up", [work("2022-01-01", "2022-02-28"), work("2022-04-01", "2022-05-31")], 4],
  ["what was before the year does not count", [work("2021-06-01", "2022-01-31")], 1],
  ["what is to come does not count", [work("2022-07-01", null)], 1],
  ["nor what was in the region", [work("2022-01-01", "2022-06-30", "in-region")], 0],
])("months away: %s", (_, works, months) => {
  expect(monthsAway(works, 2022, day("2022-08-15"))).toBe(months);
});

test("of two works of one day the one away is the claim's", () => {
  const claimant = person({ works: [work("2022-02-01", null, "in-region"), work("2022-03-05", null)] });
  const on = day("2022-03-05");
  const found = claimantOn(claimant, on);
  if (!found) throw new Error("a member");
  const given = { year: 2022, on, today: day("2022-08-15"), fareFen: null, proofs: [], posts: [] };
  expect(factsOn(claimant, found, given)).toMatchObject({ workFrom: "2022-03-05", scope: "outside-region", age: 15 });
});
