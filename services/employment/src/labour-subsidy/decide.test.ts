import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Claimant, type ClaimantWork, claimantOn } from "../claimant/decide.ts";
import { assessLabour, daysWithin, labourFactsOn, type NamedEmployer, placesOf, stableMonths } from "./decide.ts";
import type { LabourFacts, LabourRules } from "./terms-decide.ts";

const day = parseBusinessDate;
const set = <T>(value: T) => ({ value, document: "桂人社规〔2022〕8号" });
const rules: LabourRules = {
  ...{
    rate: set<number | null>(30_000),
    min: set(20_000),
    max: set(50_000),
    maxMonths: set(6),
    maxMonthsPer: set("calendar-year"),
  },
  ...{ minDays: set(15), minStableMonths: set(3), payStableMonths: set(true) },
  ...{ ageMin: set(16), ageMax: set<number | null>(null), afterClearance: set(false) },
};
const village = "451228101201";
const works = (from: string, until: string | null, more: Partial<ClaimantWork> = {}): ClaimantWork => ({
  ...{
    id: from,
    from,
    until,
    scope: "in-county",
    channel: "enterprise",
    place: "451228",
    creditCode: null,
    householdId: "h",
    ...more,
  },
});
const person = (...of: ClaimantWork[]): Claimant => ({
  ...{ personId: "p", region: village, birthDate: day("1985-03-05"), numberVerified: true, works: of },
  memberships: [{ since: "2015-01-01", householdId: "h", status: "member" }],
  households: new Map([
    [
      "h",
      {
        days: [
          {
            fromDate: "2021-01-01",
            registeredIn: village,
            householdKind: "lifted-household",
            monitoredKind: null,
            riskCleared: false,
            status: "active",
          },
        ],
        cases: [],
      },
    ],
  ]),
});
const employer: NamedEmployer = {
  id: "e",
  kind: "enterprise",
  creditCode: null,
  region: "451228102000",
  ownerHouseholdId: null,
  closedOn: null,
};
type More = {
  employer?: Partial<NamedEmployer>;
  rules?: Partial<LabourRules>;
  posts?: { from: string; until: string | null }[];
  today?: string;
};
function factsOf(claimant: Claimant, month: string, more: More = {}): LabourFacts {
  const on = claimantOn(claimant, day(`${month}-28`));
  if (!on) throw new Error("a member");
  return labourFactsOn(claimant, on, {
    ...{
      month,
      employer: { ...employer, ...more.employer },
      posts: more.posts ?? [],
      minDays: 15,
      today: day(more.today ?? "2022-11-15"),
    },
    ...{ wageFen: 250_000, wageProof: "bank-statement" },
  });
}
const says = (claimant: Claimant, month: string, more: More = {}) =>
  assessLabour({ on: `${month}-28` }, factsOf(claimant, month, more), { ...rules, ...more.rules });
const steady = person(works("2022-02-10", "2022-10-20"));

describe("E-09, a month", () => {
  test("from 10 February to 20 October nine months count, from the 19 days of February to the 20 of October", () => {
    const months = Array.from({ length: 12 }, (_, n) => `2022-${String(n + 1).padStart(2, "0")}`);
    const counted = months.filter((month) => says(steady, month).outcome === "eligible");
    expect(counted).toEqual(months.slice(1, 10));
    expect([factsOf(steady, "2022-02").daysInCounty, factsOf(steady, "2022-10").daysInCounty]).toEqual([19, 20]);
    expect(says(steady, "2022-05").amountFen).toBe(30_000);
  });

  test.each<[string, Claimant, More, string, string]>([
    ["15 days", person(works("2022-05-17", null)), {}, "eligible", "month-worked"],
    ["14 days", person(works("2022-05-18", null)), {}, "not-eligible", "month-too-short"],
    [
      "a day outside the region",
      person(works("2022-02-01", "2022-05-30"), works("2022-05-31", null, { scope: "outside-region", place: "4403" })),
      {},
      "not-eligible",
      "work-outside-region",
    ],
    [
      "work outside from the next month on",
      person(works("2022-02-01", "2022-05-31"), works("2022-06-01", null, { scope: "outside-region", place: "4403" })),
      {},
      "eligible",
      "month-worked",
    ],
    [
      "a post until its first day",
      person(works("2022-02-01", null)),
      { posts: [{ from: "2021-01-01", until: "2022-05-01" }] },
      "not-eligible",
      "month-at-a-post",
    ],
    [
      "a post until the day before",
      person(works("2022-05-01", null)),
      { posts: [{ from: "2021-01-01", until: "2022-04-30" }] },
      "eligible",
      "month-worked",
    ],
    [
      "a record of a post",
      person(works("2022-02-01", null, { channel: "public-welfare-post" })),
      {},
      "not-eligible",
      "month-at-a-post",
    ],
    [
      "work in another county of the region",
      person(works("2022-02-01", null, { scope: "in-region", place: "451202" })),
      {},
      "not-eligible",
      "month-too-short",
    ],
    [
      "an employer in another county",
      steady,
      { employer: { region: "451202001000" } },
      "not-eligible",
      "employer-in-other-county",
    ],
    ["an employer that closed on its last day", steady, { employer: { closedOn: "2022-05-31" } }, "eligible", "lawful-employer"],
    [
      "an employer that closed the day before",
      steady,
      { employer: { closedOn: "2022-05-30" } },
      "not-eligible",
      "employer-closed",
    ],
    ["the household's own", steady, { employer: { ownerHouseholdId: "h" } }, "not-eligible", "own-household"],
    [
      "another employer's work",
      person(works("2022-02-01", null, { creditCode: "A" })),
      { employer: { creditCode: "B" } },
      "not-eligible",
      "other-employer",
    ],
    [
      "the employer's own",
      person(works("2022-02-01", null, { creditCode: "B" })),
      { employer: { creditCode: "B" } },
      "eligible",
      "lawful-employer",
    ],
    ["two months in a row so far", person(works("2022-05-01", "2022-06-30")), {}, "waiting", "not-yet-steady"],
    ["three months in a row", person(works("2022-05-01", "2022-07-31")), {}, "eligible", "steady"],
    [
      "three months that work in another place interrupts",
      person(works("2022-05-01", "2022-06-30"), works("2022-08-01", "2022-08-31")),
      {},
      "waiting",
      "not-yet-steady",
    ],
    [
      "the first of steady months, where they are not paid back",
      steady,
      { rules: { payStableMonths: set(false) } },
      "eligible",
      "steady",
    ],
    [
      "the third of steady months, where they are not paid back",
      person(works("2022-03-01", null)),
      { rules: { payStableMonths: set(false) } },
      "not-eligible",
      "stable-month-unpaid",
    ],
    ["no rate", steady, { rules: { rate: set<number | null>(null) } }, "waiting", "rate-not-loaded"],
    ["200 yuan", steady, { rules: { rate: set<number | null>(20_000) } }, "eligible", "county-rate"],
    ["a fen below", steady, { rules: { rate: set<number | null>(19_999) } }, "not-eligible", "rate-outside-bounds"],
    ["500 yuan", steady, { rules: { rate: set<number | null>(50_000) } }, "eligible", "county-rate"],
    ["550 yuan", steady, { rules: { rate: set<number | null>(55_000) } }, "not-eligible", "rate-outside-bounds"],
  ])("with %s", (_, claimant, more, outcome, code) => {
    const said = says(claimant, "2022-05", more);
    expect([said.outcome, said.reasons.map((reason) => reason.code)]).toEqual([outcome, expect.arrayContaining([code])]);
  });
});

test.each([
  ["2022-02-10", "2022-10-20", "2022-02", 19],
  ["2022-02-10", "2022-10-20", "2022-10", 20],
  ["2022-02-10", null, "2022-03", 31],
  ["2022-02-10", null, "2022-01", 0],
  ["2022-02-28", "2022-02-28", "2022-02", 1],
] as const)("from %s until %s, %s has %d days of it", (from, until, month, days) => {
  expect(daysWithin({ from, until }, month)).toBe(days);
});

test("work that goes on is steady by the days done, not those to come", () => {
  const given = { posts: [], county: "451228", month: "2022-06", minDays: 15 };
  const goesOn = person(works("2022-06-01", null));
  expect(stableMonths(goesOn, { ...given, today: day("2022-08-14") })).toEqual({ before: 0, total: 2 });
  expect(stableMonths(goesOn, { ...given, today: day("2022-08-15") })).toEqual({ before: 0, total: 3 });
});

test("in whatever order months are granted, given back and granted again, nobody holds more than the cap, and the cap can be reached", () => {
  const month = fc.integer({ min: 1, max: 12 }).map((n) => `2022-${String(n).padStart(2, "0")}`);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), month), { maxLength: 60 }), fc.integer({ min: 1, max: 8 }), (moves, most) => {
      const held = new Map<string, string>();
      const cap = { maxMonths: set(most), maxMonthsPer: set("calendar-year") };
      for (const [grants, one] of moves) {
        if (!grants) {
          held.delete(one);
          continue;
        }
        if (held.has(one)) continue;
        // What the database does: the first key that nobody holds, or none.
        const free = placesOf("p", one, cap).keys.find((key) => ![...held.values()].includes(key));
        expect(free === undefined).toBe(held.size === most);
        if (free !== undefined) held.set(one, free);
      }
      expect(held.size).toBeLessThanOrEqual(most);
    }),
  );
  expect(placesOf("p", "2022-05", { maxMonths: set(6), maxMonthsPer: set("lifetime") }).keys[0]).toBe("p/lifetime/1");
});
