import { expect, test } from "vitest";
import { originsOf, type RecordedChange } from "./decide.ts";

const origin = (source: string, at: string) => ({
  source,
  department: null,
  document: null,
  dataDate: null,
  by: "issuer|somebody",
  at: new Date(at),
});
const change = (version: number, changed: RecordedChange["changed"], source: string): RecordedChange => ({
  version,
  changed,
  ...origin(source, `2022-08-0${version}T00:00:00Z`),
});
const met = { housing: true, drinkingWater: true };

test("each field has the source of its last change, each guarantee its own; what never changed has the registration's", () => {
  const origins = originsOf(
    ["hamlet", "lowIncome", "guarantees.housing", "guarantees.drinkingWater"],
    [
      change(2, { guarantees: { from: met, to: { ...met, housing: false } } }, "housing bureau"),
      change(3, { lowIncome: { from: false, to: true } }, "civil affairs"),
      change(
        4,
        { guarantees: { from: { ...met, housing: false }, to: { housing: false, drinkingWater: false } } },
        "water bureau",
      ),
      change(5, { lowIncome: { from: true, to: false }, unknown: { from: 1, to: 2 } }, "township"),
    ],
    origin("registration", "2022-08-01T00:00:00Z"),
  );
  expect(origins.map(({ field, source }) => [field, source])).toEqual([
    ["hamlet", "registration"],
    ["lowIncome", "township"],
    ["guarantees.housing", "housing bureau"],
    ["guarantees.drinkingWater", "water bureau"],
  ]);
});
