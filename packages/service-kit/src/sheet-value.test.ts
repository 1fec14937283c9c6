import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseBusinessDate } from "./calendar.ts";
import { parseDate, parseMonth, parseYuan } from "./sheet-value.ts";

describe("a date in a sheet", () => {
  test.each([
    "2022-06-03",
    "2022/6/3",
    "2022.6.3",
    "20220603",
    "2022年6月3日",
    "2022 年 6 月 3 日",
    "２０２２-06-03",
    "2022-06-03 00:00:00",
    "2022-06-03T08:00",
    "44715",
    "44715.5",
  ])("%s is 3 June 2022", (text) => expect(parseDate(text)).toEqual({ ok: true, value: "2022-06-03" }));

  test.each([
    ["", "date-empty"],
    ["　", "date-empty"],
    ["2022-02-30", "date-not-real"],
    ["20221301", "date-not-real"],
    ["2022年13月3日", "date-not-real"],
    ["03/06/2022", "date-form"],
    ["22-06-03", "date-form"],
    ["2022-06/03", "date-form"],
    ["202206", "date-form"],
    ["2022-06", "date-form"],
    ["6月3日", "date-form"],
    ["不详", "date-form"],
  ])("%j is refused as %s", (text, rule) => expect(parseDate(text)).toMatchObject({ ok: false, rule }));

  test("written in any of the forms reads back", () => {
    fc.assert(
      fc.property(fc.date({ min: new Date("1950-01-01"), max: new Date("2100-12-31"), noInvalidDate: true }), (day) => {
        const value = parseBusinessDate(day.toISOString().slice(0, 10));
        const [year, month, date] = value.split("-").map(Number);
        const serial = Math.floor(day.getTime() / 86_400_000) + 25_569;
        for (const text of [
          value,
          `${year}/${month}/${date}`,
          value.replaceAll("-", ""),
          `${year}年${month}月${date}日`,
          String(serial),
        ]) {
          expect(parseDate(text)).toEqual({ ok: true, value });
        }
      }),
    );
  });
});

describe("a month in a sheet", () => {
  test.each(["202206", "2022-06", "2022-6", "2022/6", "2022年6月", "2022-06-03", "20220603", "44715"])(
    "%s is June 2022",
    (text) => {
      expect(parseMonth(text)).toEqual({ ok: true, value: "2022-06" });
    },
  );

  test.each([
    ["", "month-empty"],
    ["202213", "month-form"],
    ["2022.1", "month-form"],
    ["6月", "month-form"],
    ["2022", "month-form"],
  ])("%j is refused as %s", (text, rule) => expect(parseMonth(text)).toMatchObject({ ok: false, rule }));
});

describe("an amount in yuan", () => {
  test.each([
    ["0", 0],
    ["800", 80_000],
    ["800.5", 80_050],
    ["0.07", 7],
    ["1,234,567.89", 123_456_789],
    ["￥200", 20_000],
    ["¥ 200.00", 20_000],
    ["200元", 20_000],
    ["１２３．５", 12_350],
    ["12.340000", 1_234],
    ["4503599627370.49", 450_359_962_737_049],
  ])("%s is %d fen", (text, value) => expect(parseYuan(text)).toEqual({ ok: true, value }));

  test.each([
    ["", "amount-empty"],
    ["元", "amount-empty"],
    ["-5", "amount-negative"],
    ["－5", "amount-negative"],
    ["−5", "amount-negative"],
    ["(100)", "amount-negative"],
    ["￥-5", "amount-negative"],
    ["0.001", "amount-decimals"],
    ["99999999999999999", "amount-too-large"],
    ["1,23", "amount-form"],
    ["12,34,567", "amount-form"],
    ["3万元", "amount-form"],
    ["1.2E+6", "amount-form"],
    ["1.2.3", "amount-form"],
    ["5.", "amount-form"],
    ["八百", "amount-form"],
  ])("%j is refused as %s", (text, rule) => expect(parseYuan(text)).toMatchObject({ ok: false, rule }));

  test("is exact for every amount of fen", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (fen) => {
        const yuan = `${BigInt(fen) / 100n}.${String(BigInt(fen) % 100n).padStart(2, "0")}`;
        expect(parseYuan(yuan)).toEqual({ ok: true, value: fen });
      }),
    );
  });
});
