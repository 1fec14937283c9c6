import { pathOf } from "@shouwang/regions";
import { makeIdentityNumber } from "@shouwang/service-kit";
import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { describe, expect, test } from "vitest";
import { checkRow } from "./check-row.ts";
import type { FeedLayout } from "./layout.ts";
import { findLayout, layouts } from "./layouts.ts";

const number = makeIdentityNumber("451228", parseBusinessDate("1975-03-05"), 7);
const given = { dataDate: "2022-08-10", today: parseBusinessDate("2022-08-15"), county: "451228000000" };
const village = "451228101201";
const villageName = pathOf(village).at(-1) ?? "";

function layoutOf(kind: string): FeedLayout {
  const layout = findLayout(kind);
  if (!layout) throw new Error(`no layout ${kind}`);
  return layout;
}
const bills = layoutOf("medical-bills");
const good = {
  name: "韦大明",
  identityNumber: number,
  settledOn: "2022-08-10",
  billNumber: "YB20220801001",
  total: "20000",
  selfPaid: "12,345.60",
};
const reasonsOf = (layout: FeedLayout, cells: Record<string, string>) => {
  const checked = checkRow(layout, cells, given);
  return "reasons" in checked ? checked.reasons.map(({ rule }) => rule) : [];
};

test("a good row of bills comes in fen", () => {
  expect(checkRow(bills, good, given)).toEqual({
    row: {
      name: "韦大明",
      personKey: number,
      birthDate: "1975-03-05",
      village: undefined,
      day: "2022-08-10",
      code: null,
      totalFen: 2_000_000,
      amountFen: 1_234_560,
      same: ["YB20220801001"],
      texts: {},
    },
  });
});

describe("one wrong cell refuses the row and says which rule", () => {
  test.each<[keyof typeof good & string, string, string]>([
    ["name", "", "name-empty"],
    ["identityNumber", "", "identity-empty"],
    ["identityNumber", "4.51228E+17", "identity-scientific-notation"],
    ["identityNumber", number.slice(0, 17) + (number.endsWith("X") ? "0" : "X"), "identity-check-digit"],
    ["settledOn", "10/08/2022", "date-form"],
    ["settledOn", "2022-02-30", "date-not-real"],
    ["settledOn", "2022-08-11", "day-after-data-date"],
    ["billNumber", "", "number-empty"],
    ["billNumber", "2.02208E+17", "number-scientific-notation"],
    ["billNumber", "9".repeat(81), "number-length"],
    ["total", "", "amount-empty"],
    ["total", "-1", "amount-negative"],
    ["selfPaid", "1万元", "amount-form"],
    ["selfPaid", "0.005", "amount-decimals"],
    ["selfPaid", "20000.01", "part-above-total"],
  ])("%s %j: %s", (column, text, rule) => expect(reasonsOf(bills, { ...good, [column]: text })).toEqual([rule]));
});

test("every reason is said at once, and none repeats what stood in the row", () => {
  const checked = checkRow(
    bills,
    { ...good, name: "", identityNumber: `${number.slice(0, 17)}?`, total: "12a", selfPaid: "-9" },
    given,
  );
  expect("reasons" in checked && checked.reasons.map(({ rule }) => rule)).toEqual([
    "name-empty",
    "identity-characters",
    "amount-form",
    "amount-negative",
  ]);
  expect(JSON.stringify(checked)).not.toContain(number.slice(0, 17));
});

describe("cells of the other lists", () => {
  const person = { name: "韦大明", identityNumber: number };
  test.each<[string, Record<string, string>, object]>([
    ["schooling", { status: "辍学", day: "202206" }, { code: "dropped-out", day: "2022-06-01" }],
    ["schooling", { status: "在读", day: "2022-06" }, { code: "enrolled", day: "2022-06-01" }],
    ["schooling", { status: "enrolled", day: "44715" }, { code: "enrolled", day: "2022-06-03" }],
    ["housing-grades", { grade: "D级", day: "2022-06-03", address: "某屯" }, { code: "D", texts: { address: "某屯" } }],
    ["drinking-water", { status: "否", day: "2022/6/3" }, { code: "unsafe", day: "2022-06-03" }],
    ["disaster-losses", { kind: "洪涝", day: "2022-06-03", loss: "3,000.5" }, { code: "flood", amountFen: 300_050 }],
    ["employment", { status: "工资停发", day: "2022年6月" }, { code: "wage-stopped", same: ["2022-06-01", "wage-stopped"] }],
    ["low-income", { relief: "低保", day: "2022-06-03" }, { code: "low-allowance", amountFen: null }],
    ["vehicles", { number: "桂M12345", day: "2022-06-03" }, { code: "vehicle", same: ["桂M12345"] }],
  ])("%s %j", (kind, cells, expected) => {
    expect(checkRow(layoutOf(kind), { ...person, ...cells }, given)).toMatchObject({ row: expected });
  });
  test.each<[string, string, Record<string, string>]>([
    ["a word that is no code", "code-unknown", { status: "休学", day: "2022-06" }],
    ["a month that is none", "month-form", { status: "在读", day: "202213" }],
    ["a month after the data", "day-after-data-date", { status: "在读", day: "2022-09" }],
    ["a code left empty", "code-unknown", { status: "", day: "2022-06" }],
  ])("%s: %s", (_, rule, cells) => expect(reasonsOf(layoutOf("schooling"), { ...person, ...cells })).toEqual([rule]));

  test("a certificate's number says person and grade; an identity card's is none", () => {
    const layout = layoutOf("disability-certificates");
    for (const text of [`${number}42`, `${number}42B1`])
      expect(checkRow(layout, { name: "韦大明", identityNumber: text, day: "2022-06-03" }, given)).toMatchObject({
        row: { personKey: number, code: "grade-2" },
      });
    expect(reasonsOf(layout, { name: "韦大明", identityNumber: number, day: "2022-06-03" })).toEqual(["certificate-length"]);
  });

  test("name, birth date and village stand for a number nobody knows; a village that is none does not", () => {
    const cells = { name: "韦大明", birthDate: "1975-03-05", village: villageName, status: "在读", day: "2022-06" };
    const named = { personKey: undefined, birthDate: "1975-03-05", village };
    expect(checkRow(layoutOf("schooling"), cells, given)).toMatchObject({ row: named });
    expect(checkRow(layoutOf("schooling"), { ...cells, village }, given)).toMatchObject({ row: named });
    expect(reasonsOf(layoutOf("schooling"), { ...cells, village: "没有的村" })).toEqual(["village-unknown"]);
    expect(reasonsOf(layoutOf("schooling"), { ...cells, birthDate: "" })).toEqual(["identity-empty"]);
  });
});

test("every layout hangs together: its day, code, amounts and keys are columns of it, and no two titles of a list are the same", () => {
  expect(new Set(layouts.map(({ kind }) => kind)).size).toBe(layouts.length);
  expect(new Set(layouts.map(({ index }) => index)).size).toBe(layouts.length);
  for (const layout of layouts) {
    const keys = layout.columns.map(({ key }) => key);
    const { day, amount, total, code, sameRow } = layout;
    const named = [
      day,
      ...sameRow,
      ...(amount ? [amount] : []),
      ...(total ? [total] : []),
      ...(code && "column" in code ? [code.column] : []),
    ];
    expect(keys, layout.kind).toEqual(expect.arrayContaining(named));
    const titles = layout.columns.flatMap((column) => column.titles);
    expect(new Set(titles).size, layout.kind).toBe(titles.length);
    for (const column of layout.columns) expect(column.type === "code", column.key).toBe(column.codes !== undefined);
    expect(layout.senders.length).toBeGreaterThan(0);
  }
});
