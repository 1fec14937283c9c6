import { allSettings, findSetting, issuedTargetKey, targets } from "@shouwang/plan";
import { describe, expect, it } from "vitest";
import { checkLoading, type LoadingRow } from "./loading-decide.ts";

const [region, city, county, township, village] = [
  "450000000000",
  "451200000000",
  "451228000000",
  "451228100000",
  "451228100003",
];
const limits: Record<string, number> = { "labourSubsidy.min": 20_000, "labourSubsidy.max": 50_000 };
const check = (row: Partial<LoadingRow>, area = "45", more: LoadingRow[] = []) =>
  checkLoading(
    [{ key: "labourSubsidy.rate", region: county, value: 30_000, validFrom: "2022-01-01", validTo: null, ...row }, ...more],
    { area, counties: undefined, limit: (key) => limits[key] ?? null },
  ).map(({ pointer, rule, clause }) => [pointer, rule, clause]);

describe("a document's value", () => {
  it.each([
    ["a county's rate between the limits", {}],
    ["the floor itself", { value: 20_000 }],
    ["the ceiling itself", { value: 50_000 }],
    ["a city's rate, which holds for its counties", { region: city }],
    ["a rate whose ceiling is not loaded", { key: "transport.rate", value: 999_999 }],
    ["a target issued to a county", { key: issuedTargetKey("E-05"), value: 1_200 }],
    ["a share", { key: issuedTargetKey("I-07"), value: { numerator: 92, denominator: 100 } }],
    ["one day only", { validTo: "2022-01-01" }],
  ])("may be %s", (_, row) => expect(check(row)).toEqual([]));

  it.each([
    ["of an unknown key", { key: "transport.rates" }, "/rows/0/key", "unknown-setting", undefined],
    ["below the floor", { value: 19_999 }, "/rows/0/value", "below-floor", "E-09"],
    ["above the ceiling", { value: 50_001 }, "/rows/0/value", "above-ceiling", "E-09"],
    ["of another unit", { value: "300" }, "/rows/0/value", "parameter-unit", "E-09"],
    ["a part of a fen", { value: 300.5 }, "/rows/0/value", "parameter-unit", "E-09"],
    ["a share without a whole", { key: issuedTargetKey("I-07"), value: 92 }, "/rows/0/value", "parameter-unit", "I-07"],
    ["no option of the choice", { key: "round.scope", region, value: "some" }, "/rows/0/value", "parameter-unit", "M-02"],
    ["for no division", { region: "451228999999" }, "/rows/0/region", "unknown-division", "E-09"],
    ["for a village, which sets none", { region: village }, "/rows/0/region", "setting-level", "E-09"],
    [
      "for a county, where the region alone sets it",
      { key: "round.scope", value: "all" },
      "/rows/0/region",
      "setting-level",
      "M-02",
    ],
    ["over before it begins", { validTo: "2021-12-31" }, "/rows/0/validTo", "span", "E-09"],
  ])("may not be %s", (_, row, pointer, rule, clause) => expect(check(row)).toEqual([[pointer, rule, clause]]));

  it("is for the loader's own area", () => {
    expect(check({}, "451229")).toEqual([["/rows/0/region", "outside-area", "E-09"]]);
    expect(
      checkLoading([{ key: "labourSubsidy.rate", region: county, value: 30_000, validFrom: "2022-01-01", validTo: null }], {
        area: "45",
        counties: ["451229"],
        limit: () => null,
      }),
    ).toMatchObject([{ rule: "outside-area" }]);
  });

  it.each([
    ["a county to itself", "451228", county, [["/rows/0/region", "issued-from-above", "E-05"]]],
    ["a city to its county", "4512", county, []],
    ["a county to its township", "451228", township, []],
    ["the region to itself", "45", region, []],
  ])("that is a target is issued by the level above: %s", (_, area, to, errors) =>
    expect(check({ key: issuedTargetKey("E-05"), region: to, value: 10 }, area)).toEqual(errors),
  );

  it("may be set once", () => {
    const again = { key: "labourSubsidy.rate", region: county, value: 40_000, validFrom: "2022-01-01", validTo: null };
    expect(check({}, "45", [again])).toEqual([["/rows/1/key", "set-twice", "E-09"]]);
    expect(check({}, "45", [{ ...again, validFrom: "2022-07-01" }])).toEqual([]);
  });
});

it("every parameter and every target of the plan can be set", () => {
  expect(allSettings().filter(({ kind }) => kind === "issued-target")).toHaveLength(targets.length);
  for (const { key, title } of allSettings()) {
    expect(findSetting(key)?.title).toEqual(title);
    expect(title.zh).not.toBe("");
  }
});
