import type { Month } from "@shouwang/contract";
import { toRegionCode } from "@shouwang/regions";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lightOf, type Measured, ranked, reaches, type TargetState, targetOf } from "./indicator-decide.ts";

const [region, city, county] = [toRegionCode("45"), toRegionCode("4512"), toRegionCode("451228")];
const figure = (code: string, more: Partial<Measured> = {}): Measured => ({
  code,
  unit: "%",
  value: 50,
  target: null,
  direction: null,
  ...more,
});
const nothing = { issued: null, baseline: null };

describe("the target of a figure", () => {
  it.each([
    ["a share is asked of every area", figure("F-02"), county, nothing, { value: 95, direction: ">=", from: "plan" }],
    [
      "a number of the region is asked of the region",
      figure("E-05", { unit: "posts" }),
      region,
      nothing,
      { value: 245_100, from: "plan" },
    ],
    ["and of a county only where it was issued", figure("E-05", { unit: "posts" }), county, nothing, "not-issued"],
    [
      "what was issued to a county",
      figure("E-05", { unit: "posts" }),
      county,
      { issued: { value: 1_200, document: "桂乡振发〔2022〕9号" }, baseline: null },
      { value: 1_200, direction: ">=", from: "issued", document: "桂乡振发〔2022〕9号" },
    ],
    [
      "an issued share comes before the plan's",
      figure("I-07"),
      county,
      { issued: { value: { numerator: 92, denominator: 100 }, document: "某文" }, baseline: null },
      { value: 92, from: "issued" },
    ],
    ["an earlier figure that nobody loaded", figure("E-08-workshops", { unit: "workshops" }), region, nothing, "not-loaded"],
    [
      "an earlier figure",
      figure("E-08-workshops", { unit: "workshops" }),
      region,
      { issued: null, baseline: 3_644 },
      { value: 3_644, from: "baseline" },
    ],
    ["a figure without one", figure("M-05"), city, nothing, "none"],
    [
      "one the clause names itself",
      figure("M-04a-without-helper", { target: 0, direction: "=" }),
      county,
      nothing,
      { value: 0, from: "plan" },
    ],
  ] as const)("%s", (_, measured, place, given, expected) => {
    const target = targetOf(measured, place, given);
    if (typeof expected === "string") expect(target).toBe(expected);
    else expect(target).toMatchObject(expected);
  });

  it.each([
    [50, ">", false],
    [50.01, ">", true],
    [50, ">=", true],
    [49.99, ">=", false],
    [50, "=", true],
    [50.01, "=", false],
  ] as const)("%d is %s 50: %s", (value, direction, expected) => expect(reaches(value, { value: 50, direction })).toBe(expected));
});

const asked = (value: number): TargetState => ({ value, direction: ">=", from: "plan", document: null });
// Safe: a month as the contract writes it.
const august = "2022-08" as Month;

describe("the light of a figure", () => {
  it.each([
    ["reached", { unit: "%", value: 95 }, asked(95), "green"],
    ["five points behind", { unit: "%", value: 90 }, asked(95), "yellow"],
    ["more than five points behind", { unit: "%", value: 89.99 }, asked(95), "red"],
    ["a number in step with the year", { unit: "posts", value: 800 }, asked(1_200), "green"],
    ["within five points of the year", { unit: "posts", value: 750 }, asked(1_200), "yellow"],
    ["behind the year", { unit: "posts", value: 700 }, asked(1_200), "red"],
    ["nothing to count", { unit: "%", value: null }, asked(95), "grey"],
    ["no target issued", { unit: "posts", value: 7 }, "not-issued" as const, "grey"],
  ])("%s", (_, measured, target, light) => expect(lightOf(measured, target, august)).toBe(light));
});

describe("a ranking", () => {
  it("shares ranks among equals, leaves the next out, and does not rank who has no target", () => {
    const rows = [
      { value: 90, target: asked(100) },
      { value: 95, target: asked(100) },
      { value: 90, target: asked(100) },
      { value: 80, target: asked(100) },
      { value: 99, target: "not-issued" as const },
      { value: null, target: asked(100) },
    ];
    expect(ranked(rows).map(({ rank }) => rank)).toEqual([2, 1, 2, 4, null, null]);
  });

  it("does not depend on the order of the rows", () => {
    const row = fc.record({
      value: fc.integer({ min: 0, max: 5 }),
      target: fc.constantFrom(asked(4), asked(5), "none" as const),
    });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 8 }), (rows) => {
        const places = (some: typeof rows) =>
          ranked(some).map(({ rank, value, target }) => JSON.stringify([rank, value, target]));
        expect(places(rows.toReversed()).sort()).toEqual(places(rows).sort());
      }),
    );
  });
});
