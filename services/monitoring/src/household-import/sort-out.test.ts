import { checkIdentityNumber } from "@shouwang/service-kit";
import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { expect, test } from "vitest";
import type { CheckedMember } from "../household/decide.ts";
import { newNumber } from "../people.testing.ts";
import { type Known, sortOut } from "./sort-out.ts";

const member = (number: string): CheckedMember => {
  const identity = checkIdentityNumber(number, parseBusinessDate("2022-08-15"));
  if (!identity.ok) throw new Error("a test's number is good");
  return {
    ...{ name: "韦大明", identityNumber: number, relation: "other", health: [], labourSkill: "ordinary" },
    identity,
    ableWorker: true,
    student: false,
  };
};
const [first, second] = [newNumber("1975-03-05", "male"), newNumber("1978-06-01", "female")];
const at = (householdId: string | null): Known => ({ householdId, householdNo: "0007" });

test.each<[string, [Known | undefined, Known | undefined], "new" | "unchanged" | Record<number, string>]>([
  ["nobody is registered", [undefined, undefined], "new"],
  ["both stand in one household", [at("h1"), at("h1")], "unchanged"],
  ["one is registered, one is new", [at("h1"), undefined], { 0: "person-registered" }],
  ["they stand in two households", [at("h1"), at("h2")], { 0: "person-registered", 1: "person-registered" }],
  ["one left or died", [at(null), undefined], { 0: "person-left-or-died" }],
  ["both left", [at(null), at(null)], { 0: "person-left-or-died", 1: "person-left-or-died" }],
])("%s", (_, [one, other], expected) => {
  const result = sortOut({ members: [member(first), member(second)] }, (key) =>
    key === first ? one : key === second ? other : undefined,
  );
  expect(typeof result === "string" ? result : Object.fromEntries([...result].map(([index, { rule }]) => [index, rule]))).toEqual(
    expected,
  );
});
