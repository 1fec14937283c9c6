import { describe, expect, test } from "vitest";
import { divisionsUnder } from "./divisions.ts";
import { matchDivision } from "./match-division.ts";

describe("a name means one division", () => {
  test.each([
    ["马山", "4501", "马山县"],
    ["马山县", "45", "马山县"],
    [" 马 山　县 ", "450100000000", "马山县"],
    ["隆林县", "4510", "隆林各族自治县"],
    ["隆林", "45", "隆林各族自治县"],
    ["罗城仫佬族自治县", "4512", "罗城仫佬族自治县"],
    ["罗城", "4512", "罗城仫佬族自治县"],
    ["融水苗族县", "4502", "融水苗族自治县"],
    ["田阳县", "4510", "田阳区"],
    ["靖西县", "4510", "靖西市"],
    ["横县", "4501", "横州市"],
    ["容", "4509", "容县"],
    ["城中", "4502", "城中区"],
    ["南宁", "45", "南宁市"],
    ["百色地区", "45", "百色市"],
    ["防城港", "45", "防城港市"],
    ["防城", "45", "防城区"],
    ["古寨乡", "450124", "古寨瑶族乡"],
    ["民生街道办事处", "450102", "民生街道"],
    ["兴宁社区居民委员会", "450102001", "兴宁社区居委会"],
    ["兴宁社区", "450102", "兴宁社区居委会"],
  ])("%s under %s is %s", (name, under, expected) => {
    expect(matchDivision(name, under)).toMatchObject({ kind: "unique", division: { name: expected } });
  });
});

test("a level asked for is the only one searched", () => {
  expect(matchDivision("南宁", "45", "county")).toEqual({ kind: "none" });
  expect(matchDivision("马山", "45", "county")).toMatchObject({ kind: "unique", division: { code: "450124000000" } });
});

test("a name that several divisions share is given back with all of them", () => {
  const match = matchDivision("太平镇", "45", "township");
  expect(match.kind).toBe("ambiguous");
  expect(match.kind === "ambiguous" && match.candidates.map((division) => division.name)).toEqual(Array(5).fill("太平镇"));
});

test.each([
  ["不存在县", "45"],
  ["", "45"],
  ["县", "4501"],
  ["马山县", "4502"],
])("%j under %s is nothing known", (name, under) => {
  expect(matchDivision(name, under)).toEqual({ kind: "none" });
});

test("every official name is found under its own parent, alone or among its namesakes", () => {
  for (const { code, name, level } of divisionsUnder("45")) {
    const parent = { region: "45", city: "45", county: code.slice(0, 4), township: code.slice(0, 6), village: code.slice(0, 9) }[
      level
    ];
    const match = matchDivision(name, parent, level);
    const found = match.kind === "unique" ? [match.division] : match.kind === "ambiguous" ? match.candidates : [];
    expect(
      found.map((division) => division.code),
      name,
    ).toContain(code);
    expect(new Set(found.map((division) => division.name))).toEqual(new Set([name]));
  }
});
