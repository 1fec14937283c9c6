import { describe, expect, test } from "vitest";
import { isRegionCode, parentOf } from "./code.ts";
import { divisionsUnder, findDivision, getDivision, pathOf, province } from "./divisions.ts";

test("the list has every division of the region, in code order, each with its parent", () => {
  const counts = (["city", "county", "township", "village"] as const).map((level) => divisionsUnder("45", level).length);
  expect(counts).toEqual([14, 111, 1284, 16681]);
  const all = [province(), ...divisionsUnder("45")];
  expect(all).toHaveLength(18091);
  let previous = "";
  for (const { code, name } of all) {
    expect(isRegionCode(code) && code > previous && name.length > 0, `${previous} ${code} ${name}`).toBe(true);
    previous = code;
    const parent = parentOf(code);
    expect(parent ? findDivision(parent) : province(), code).toBeDefined();
  }
});

test("every village leads through township, county and city to the region", () => {
  for (const village of divisionsUnder("45", "village")) {
    const levels = [];
    for (let at = parentOf(village.code); at; at = parentOf(at)) levels.push(getDivision(at).level);
    expect(levels).toEqual(["township", "county", "city", "region"]);
  }
});

describe("what lies under a division", () => {
  test.each([
    ["4512", "county", 11],
    ["451200000000", "county", 11],
    ["451228000000", "township", 19],
    ["451228", "village", 253],
    ["451228", "county", 0],
    ["4512", "city", 0],
    ["45", "region", 0],
    ["4414", "county", 0],
  ] as const)("%s has %s: %i", (under, level, count) => {
    expect(divisionsUnder(under, level)).toHaveLength(count);
  });
  test("a division is not under itself", () => {
    expect(divisionsUnder("451228").map((division) => division.code)).not.toContain("451228000000");
    expect(divisionsUnder("451228")).toHaveLength(19 + 253);
  });
});

test("a path reads from the city down; the region reads as itself", () => {
  expect(pathOf("451228000000")).toEqual(["河池市", "都安瑶族自治县"]);
  expect(pathOf("450102001003")).toEqual(["南宁市", "兴宁区", "民生街道", "兴宁社区居委会"]);
  expect(pathOf("450000000000")).toEqual(["广西壮族自治区"]);
});

test("an unknown code is missed by find and refused by get", () => {
  expect(findDivision("450127000000")).toBeUndefined();
  expect(() => getDivision("450127000000")).toThrow(RangeError);
  expect(() => pathOf("450127000000")).toThrow(RangeError);
});
