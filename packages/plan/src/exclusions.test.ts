import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clauseIds } from "./clause.ts";
import {
  claimKeysOf,
  exclusionMatrix,
  isPeriodOf,
  type PeriodKind,
  type PurposeCode,
  periodKeyPattern,
  purposes,
  purposesExcluding,
} from "./exclusions.ts";

// Safe: the object is written out in full beside its type.
const codes = Object.keys(purposes) as PurposeCode[];

test("each pair is there once, in order, within one subject and kind of period", () => {
  const pairs = exclusionMatrix.map(({ purposes: [a, b] }) => {
    expect(a < b).toBe(true);
    expect([purposes[a].subject, purposes[a].period]).toEqual([purposes[b].subject, purposes[b].period]);
    return `${a}|${b}`;
  });
  expect(new Set(pairs).size).toBe(pairs.length);
  for (const { clause } of [...exclusionMatrix, ...Object.values(purposes)]) expect(clauseIds).toContain(clause);
});

describe("who excludes whom", () => {
  test.each([
    ["transport-subsidy", ["employment-fund-transport-subsidy"]],
    ["labour-subsidy", ["employment-fund-labour-subsidy", "public-welfare-post"]],
    ["public-welfare-post", ["labour-subsidy"]],
    ["employment-fund-labour-subsidy", ["labour-subsidy"]],
    ["yulu-term-grant", []],
    ["household-industry-award", []],
  ] as const)("%s: %j", (purpose, others) => {
    expect(purposesExcluding(purpose)).toEqual(others);
  });
});

describe("a period is written in its purpose's way", () => {
  test.each([
    ["transport-subsidy", "2022", true],
    ["transport-subsidy", "2022-05", false],
    ["labour-subsidy", "2022-05", true],
    ["labour-subsidy", "2022-13", false],
    ["labour-subsidy", "2022-5", false],
    ["yulu-term-grant", "2022-t1", true],
    ["yulu-term-grant", "2022-autumn", false],
    ["yulu-term-grant", "2022-t3", false],
    ["yulu-course-grant", "01825a10-7c00-7000-8000-000000000001", true],
    ["yulu-course-grant", "a short course", false],
    ["household-industry-award", "goat-rearing:2022", true],
    ["household-industry-award", "2022", false],
    ["origin-warehouse-award", "", false],
  ] as const)("%s %j: %s", (purpose, period, valid) => {
    expect(isPeriodOf(purpose, period)).toBe(valid);
    if (valid) expect(period).toMatch(periodKeyPattern);
    if (!valid) expect(() => claimKeysOf(purpose, "p1", period)).toThrow(RangeError);
  });
});

test("a month at a post and a month of labour subsidy meet in one key", () => {
  expect(claimKeysOf("public-welfare-post", "p1", "2022-05")).toEqual([
    { kind: "payment:labour-subsidy|public-welfare-post", key: "p1/2022-05" },
    { kind: "payment:public-welfare-post", key: "p1/2022-05" },
  ]);
});

const anId = (n: number) => `01825a10-7c00-7000-8000-00000000000${n}`;

test("two payments share a key exactly when they are the same one twice or exclude each other", () => {
  const periods = {
    year: ["2022", "2023"],
    month: ["2022-05", "2022-06"],
    term: ["2022-t1", "2022-t2"],
    course: [anId(1), anId(2)],
    "item-year": ["goats:2022", "tea:2022"],
    award: [anId(3), anId(4)],
  } satisfies Record<PeriodKind, string[]>;
  const payment = fc
    .tuple(fc.constantFrom(...codes), fc.constantFrom("p1", "p2"), fc.nat(1))
    .map(([purpose, subject, at]) => ({ purpose, subject, period: periods[purposes[purpose].period][at] ?? "" }));
  fc.assert(
    fc.property(payment, payment, (a, b) => {
      const keys = (one: typeof a) => claimKeysOf(one.purpose, one.subject, one.period).map(({ kind, key }) => `${kind} ${key}`);
      expect(keys(a)).toEqual(keys(a).toSorted());
      const excluded = a.purpose === b.purpose || purposesExcluding(a.purpose).includes(b.purpose);
      const meet = excluded && a.subject === b.subject && a.period === b.period;
      expect(keys(a).some((key) => keys(b).includes(key))).toBe(meet);
    }),
    { numRuns: 2000 },
  );
});
