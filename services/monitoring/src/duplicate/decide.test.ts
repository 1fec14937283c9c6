import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Alike, pairsOf } from "./decide.ts";

const record = (n: number, more: Partial<Alike> = {}): Alike => ({
  id: `p${String(n).padStart(3, "0")}`,
  householdId: `h${n}`,
  region: "451228100003",
  relation: "head",
  birthDate: "1969-09-09",
  sex: "male",
  name: "a b c",
  ...more,
});
const everybody = (records: readonly Alike[]) => new Set(records.map(({ id }) => id));
const shown = (pairs: ReturnType<typeof pairsOf>) => pairs.map(({ one, other }) => `${one.id} ${other.id}`).sort();

describe("M-01: records that may be one", () => {
  test.each([
    ["people of one name, sex and birth date", "person", {}, ["p001 p002"]],
    ["people of another birth date", "person", { birthDate: "1969-09-10" }, []],
    ["people of another sex", "person", { sex: "female" }, []],
    ["people of another name under one mask", "person", { name: "a d c" }, []],
    ["people of two villages", "person", { region: "451228100004" }, ["p001 p002"]],
    ["two people of one household", "person", { householdId: "h1" }, ["p001 p002"]],
    ["heads of one village, whatever their birth dates", "household", { birthDate: "1980-01-01" }, ["p001 p002"]],
    ["heads of two villages", "household", { region: "451228100004" }, []],
    ["two heads of one household", "household", { householdId: "h1" }, []],
  ] as const)("%s", (_, kind, more, pairs) => {
    const records = [record(1), record(2, more)];
    expect(shown(pairsOf(kind, everybody(records), records))).toEqual(pairs);
    expect(shown(pairsOf(kind, new Set(["p002"]), records))).toEqual(pairs);
  });

  test("somebody who was found twice is one record, and nobody is a pair with themselves", () => {
    expect(pairsOf("person", new Set(["p001"]), [record(1), record(1)])).toEqual([]);
  });

  test("law: however many are registered under one name, in whatever order, the pairs are those of the earliest", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 12 }), (count, most) => {
        const records = Array.from({ length: count }, (_, n) => record(n));
        const compared = Math.min(count, most);
        const together = shown(pairsOf("household", everybody(records), records, most));
        expect(together).toHaveLength((compared * (compared - 1)) / 2);
        const oneByOne = records.flatMap(({ id }, n) => pairsOf("household", new Set([id]), records.slice(0, n + 1), most));
        expect(shown(oneByOne)).toEqual(together);
      }),
    );
  });
});
