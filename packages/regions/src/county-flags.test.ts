import { describe, expect, test } from "vitest";
import { type CountyFlagList, countiesWith, hasFlag, isFlagLoaded, shippedCountyFlags } from "./county-flags.ts";
import { getDivision } from "./divisions.ts";

const day = "2022-07-19";

test("20 national key counties, all of them among the 33 cooperation counties", () => {
  const key = countiesWith("national-key-county", day);
  const cooperation = countiesWith("cooperation-county", day);
  expect([key.length, cooperation.length]).toEqual([20, 33]);
  expect(key.filter((code) => !cooperation.includes(code))).toEqual([]);
  expect(cooperation.every((code) => getDivision(code).level === "county")).toBe(true);
});

test("the cooperation counties lie in eight cities, as many in each as paired", () => {
  const perCity = Map.groupBy(countiesWith("cooperation-county", day), (code) => getDivision(`${code.slice(0, 4)}00000000`).name);
  expect(Object.fromEntries([...perCity].map(([city, codes]) => [city, codes.length]))).toEqual({
    南宁市: 3,
    柳州市: 3,
    桂林市: 2,
    百色市: 10,
    贺州市: 2,
    河池市: 7,
    来宾市: 2,
    崇左市: 4,
  });
});

describe("a flag is asked on a date", () => {
  test.each([
    ["451024000000", "national-key-county", "2021-08-26", false],
    ["451024000000", "national-key-county", "2021-08-27", true],
    ["450126000000", "national-key-county", day, false],
    ["450123000000", "cooperation-county", day, true],
    ["450123000000", "national-key-county", day, false],
    ["451024000000", "key-county", day, true],
    ["450126000000", "region-key-county", day, false],
    ["450126000000", "reference-county", day, false],
  ] as const)("%s %s on %s: %s", (county, flag, onDate, expected) => {
    expect(hasFlag(county, flag, onDate)).toBe(expected);
  });
  test("only counties have flags", () => {
    expect(() => hasFlag("451000000000", "key-county", day)).toThrow(RangeError);
    expect(() => hasFlag("451024", "key-county", day)).toThrow(RangeError);
  });
});

describe("lists that are not public", () => {
  const regionKey: CountyFlagList = {
    flag: "region-key-county",
    validFrom: "2022-01-01",
    validTo: "2022-12-31",
    source: { zh: "测试名单", en: "test list" },
    counties: ["450123000000", "451024000000"],
  };
  const lists = [...shippedCountyFlags, regionKey];
  test("are not loaded, and with them the key counties are only half known", () => {
    const loaded = (
      ["national-key-county", "cooperation-county", "region-key-county", "reference-county", "key-county"] as const
    ).map((flag) => isFlagLoaded(flag, day));
    expect(loaded).toEqual([true, true, false, false, false]);
  });
  test("count from their first to their last day once loaded, a county on both lists once", () => {
    expect(hasFlag("450123000000", "key-county", "2022-01-01", lists)).toBe(true);
    expect(hasFlag("450123000000", "key-county", "2022-12-31", lists)).toBe(true);
    expect(hasFlag("450123000000", "key-county", "2021-12-31", lists)).toBe(false);
    expect(hasFlag("450123000000", "key-county", "2023-01-01", lists)).toBe(false);
    expect([isFlagLoaded("key-county", day, lists), countiesWith("key-county", day, lists).length]).toEqual([true, 21]);
  });
});
