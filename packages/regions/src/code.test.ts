import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cityAndCounty, isRegionCode, isWithin, levelOf, parentOf, prefixOf, rangeOf, toRegionCode } from "./code.ts";
import { divisionsUnder } from "./divisions.ts";

const codes = ["450000000000", "451200000000", "451228000000", "451228100000", "451228100201"].map(toRegionCode);

describe("a code says its level, prefix, parent and subject tokens", () => {
  test.each([
    ["450000000000", "region", "45", undefined, "4500", "450000"],
    ["451200000000", "city", "4512", "450000000000", "4512", "451200"],
    ["451228000000", "county", "451228", "451200000000", "4512", "451228"],
    ["451228100000", "township", "451228100", "451228000000", "4512", "451228"],
    ["451228100201", "village", "451228100201", "451228100000", "4512", "451228"],
    ["451000000000", "city", "4510", "450000000000", "4510", "451000"],
  ])("%s", (text, level, prefix, parent, city, county) => {
    const code = toRegionCode(text);
    expect([levelOf(code), prefixOf(code), parentOf(code)]).toEqual([level, prefix, parent]);
    expect(cityAndCounty(code)).toEqual({ city, county });
    expect(toRegionCode(prefix)).toBe(code);
  });
});

test.each([
  "",
  "4",
  "451",
  "45122",
  "4512281",
  "450000000001",
  "451200100000",
  "451228000201",
  "051228000000",
  "4512280000000",
  "４５12",
  "45122810020x",
])("%j is neither code nor prefix", (text) => {
  expect(isRegionCode(text)).toBe(false);
  expect(() => toRegionCode(text)).toThrow(RangeError);
  expect(() => rangeOf(text)).toThrow(RangeError);
  expect(() => isWithin(codes[0] ?? toRegionCode("45"), text)).toThrow(RangeError);
});

describe("bounds of a division", () => {
  test.each([
    ["45", "45", "46"],
    ["450000000000", "45", "46"],
    ["4512", "4512", "4513"],
    ["4509", "4509", "451"],
    ["4599", "4599", "46"],
    ["451228", "451228", "451229"],
    ["451228100201", "451228100201", "451228100202"],
    ["99", "99", ":"],
  ])("%s: %s <= code < %s", (given, lo, hi) => {
    expect(rangeOf(given)).toEqual({ lo, hi });
  });
});

test("a code is within a division exactly when the division's bounds hold it in C order", () => {
  const real = divisionsUnder("45").map((division) => division.code);
  const anyReal = fc.constantFrom(...real);
  const digits = (length: number) =>
    fc.array(fc.constantFrom(..."0129"), { minLength: length, maxLength: length }).map((all) => all.join(""));
  const anyShape = fc
    .tuple(fc.constantFrom("45", "49", "99", "44"), digits(2), digits(2), digits(3), digits(3))
    .map((parts) => parts.join(""))
    .filter(isRegionCode);
  const anyCode = fc.oneof(anyReal, anyShape);
  const anyPrefix = fc.tuple(anyCode, fc.constantFrom(2, 4, 6, 9, 12)).map(([code, length]) => code.slice(0, length));
  const inOrder = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
  fc.assert(
    fc.property(anyCode, fc.oneof(anyPrefix, anyCode), (code, prefix) => {
      const { lo, hi } = rangeOf(prefix);
      expect(inOrder(lo, code) <= 0 && inOrder(code, hi) < 0).toBe(isWithin(code, prefix));
    }),
    { numRuns: 3000 },
  );
  fc.assert(
    fc.property(anyReal, (code) => {
      const parent = parentOf(code);
      expect(parent === undefined || isWithin(code, parent)).toBe(true);
      expect(isWithin(code, code)).toBe(true);
    }),
  );
});
