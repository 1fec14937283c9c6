import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { describe, expect, test } from "vitest";
import { newNumber } from "../people.testing.ts";
import { readHousehold } from "./read-household.ts";

const given = { today: parseBusinessDate("2022-08-15"), area: "451228" };
const head = newNumber("1975-03-05", "male");
const wife = newNumber("1978-06-01", "female");
const row = (line: number, cells: object) => ({
  line,
  cells: {
    ...{ village: "定福村", township: "高岭镇", householdNo: "4512280001", householdKind: "脱贫户", name: "韦大明" },
    ...{ identityNumber: head, relation: "户主", labourSkill: "普通劳动力" },
    ...cells,
  },
});
const spouse = (cells: object = {}) =>
  row(3, { name: "覃小花", identityNumber: wife, relation: "配偶", householdKind: "", ...cells });
const read = (rows: Parameters<typeof readHousehold>[0], area = "451228") => readHousehold(rows, { ...given, area });
const reasonsOf = (rows: Parameters<typeof readHousehold>[0], area?: string) => {
  const result = read(rows, area);
  return "reasons" in result
    ? Object.fromEntries([...result.reasons].map(([line, reasons]) => [line, reasons.map(({ rule }) => rule)]))
    : {};
};

test("rows of one household become an entry: words are codes, the village is found by name, empty cells say nothing", () => {
  const rows = [
    row(2, { health: "长期慢性病、残疾", housingOk: "是", drinkingWaterOk: "不安全", lowIncome: "是", phone: "13800138000" }),
    spouse({ education: "初中", medicalInsurance: "是" }),
  ];
  expect(read(rows)).toMatchObject({
    household: {
      region: "451228101201",
      householdNo: "4512280001",
      hamlet: null,
      householdKind: "lifted-household",
      guarantees: { schooling: null, medicalCare: null, housing: true, drinkingWater: false },
      lowIncome: true,
      relocated: false,
      members: [
        { relation: "head", health: ["chronic-illness", "disabled"], ableWorker: true, phone: "13800138000" },
        { relation: "spouse", health: ["healthy"], education: "junior", medicalInsurance: "resident" },
      ],
    },
  });
});

describe("the village", () => {
  test.each([
    ["a code", { village: "451228101201", township: "" }, "451228", {}],
    ["of another county", { village: "451229100001" }, "451228", { 2: ["village-unknown"] }],
    ["outside a township officer's area", {}, "451228100", { 2: ["village-unknown"] }],
    ["a village officer's own", {}, "451228101201", {}],
    ["no such name", { village: "没有村" }, "451228", { 2: ["village-unknown"] }],
  ])("%s", (_, cells, area, expected) => {
    expect(reasonsOf([row(2, cells)], area)).toEqual(expected);
  });
});

describe("none of a household is taken while one of its rows is wrong", () => {
  test.each<[string, object, object, Record<number, string[]>]>([
    [
      "a wrong check digit",
      {},
      { identityNumber: "451228197806010040" },
      { 2: ["household-incomplete"], 3: ["identity-check-digit"] },
    ],
    ["a word nobody knows", { labourSkill: "壮劳力" }, {}, { 2: ["code-unknown"], 3: ["household-incomplete"] }],
    ["no name", { name: "" }, {}, { 2: ["value-missing"], 3: ["household-incomplete"] }],
    ["two heads", {}, { relation: "户主" }, { 2: ["household-incomplete"], 3: ["one-head"] }],
    [
      "the same person twice",
      {},
      { identityNumber: head, relation: "兄弟" },
      { 2: ["household-incomplete"], 3: ["code-unknown"] },
    ],
    ["two kinds of one household", {}, { householdKind: "一般农户" }, { 2: ["household-incomplete"], 3: ["household-differs"] }],
  ])("%s", (_, first, second, expected) => {
    expect(reasonsOf([row(2, first), spouse(second)])).toEqual(expected);
  });
  test("and no reason repeats what stood in the row", () => {
    const result = read([row(2, { identityNumber: "451228197806010040", labourSkill: "壮劳力" })]);
    expect(JSON.stringify([...("reasons" in result ? result.reasons : [])])).not.toMatch(/韦大明|451228197806010040|壮劳力/);
  });
});
