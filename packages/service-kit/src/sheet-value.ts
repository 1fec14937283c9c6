import { Fen, type Month } from "@shouwang/contract";
import { addDays, BusinessDate, monthOf, parseBusinessDate } from "./calendar.ts";
import { fail, type Refused, toHalfWidth } from "./identity-text.ts";

export type Parsed<T> = { ok: true; value: T } | Refused;

const SPREADSHEET_DAY_ZERO = parseBusinessDate("1899-12-30");

/**
 * A date as sheets bring it: `2022-06-03`, `2022/6/3`, `2022.6.3`, `20220603`, `2022年6月3日`, a spreadsheet's serial number of
 * five digits; a time of day behind it is dropped. Day-first and two-digit years are refused, since they can be read twice.
 * Refusals: `date-empty`, `date-form`, `date-not-real`.
 */
export function parseDate(text: string): Parsed<BusinessDate> {
  const written = toHalfWidth(text);
  if (written === "") return fail("date-empty", "日期为空", "The date is empty");
  if (/^[1-9]\d{4}(?:\.\d+)?$/.test(written))
    return { ok: true, value: addDays(SPREADSHEET_DAY_ZERO, Math.floor(Number(written))) };
  const parts =
    /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[ T].*)?$/.exec(written) ??
    /^(\d{4})(\s*年\s*)(\d{1,2})\s*月\s*(\d{1,2})\s*日?$/.exec(written) ??
    /^(\d{4})()(\d{2})(\d{2})$/.exec(written);
  if (!parts) return fail("date-form", "日期格式不正确，请写成2022-06-03", "Write the date as 2022-06-03");
  const date = BusinessDate.safeParse(`${parts[1]}-${parts[3]?.padStart(2, "0")}-${parts[4]?.padStart(2, "0")}`);
  return date.success ? { ok: true, value: date.data } : fail("date-not-real", "日期不存在", "There is no such date");
}

/**
 * A month as sheets bring it: `202206`, `2022-06`, `2022/6`, `2022年6月`, or any date that `parseDate` reads, whose month it is.
 * `2022.6` is refused, because a numeric cell writes October as `2022.1`. Refusals: `month-empty`, `month-form`.
 */
export function parseMonth(text: string): Parsed<Month> {
  const written = toHalfWidth(text);
  if (written === "") return fail("month-empty", "月份为空", "The month is empty");
  const parts =
    /^(\d{4})[-/](\d{1,2})$/.exec(written) ??
    /^(\d{4})\s*年\s*(\d{1,2})\s*月?$/.exec(written) ??
    /^(\d{4})(\d{2})$/.exec(written);
  const date = parseDate(parts ? `${parts[1]}-${parts[2]}-1` : written);
  return date.ok
    ? { ok: true, value: monthOf(date.value) }
    : fail("month-form", "月份格式不正确，请写成2022-06", "Write the month as 2022-06");
}

/**
 * An amount written in yuan, exactly, in fen: `1234.5`, `1,234.50`, `￥200`, `200元`. Refusals: `amount-empty`,
 * `amount-negative`, `amount-decimals` (more than two that are not zero), `amount-too-large`, `amount-form` (also 万元: the unit
 * of a column is yuan).
 */
export function parseYuan(text: string): Parsed<Fen> {
  const written = toHalfWidth(text)
    .replace(/^[¥￥]\s*/, "")
    .replace(/\s*元$/, "");
  if (written === "") return fail("amount-empty", "金额为空", "The amount is empty");
  if (/^(?:[-−]\s*[¥￥]?[\d.,]+|\([\d.,]+\))$/.test(written))
    return fail("amount-negative", "金额不能为负数", "The amount is below zero");
  const parts = /^(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?$/.exec(written);
  if (!parts) return fail("amount-form", "金额格式不正确，请以元为单位填写数字", "Write the amount as a number of yuan");
  const decimals = (parts[2] ?? "").replace(/0+$/, "");
  if (decimals.length > 2) return fail("amount-decimals", "金额最多保留两位小数", "An amount has at most two decimals");
  const fen = Fen.safeParse(Number((parts[1] ?? "").replaceAll(",", "") + decimals.padEnd(2, "0")));
  return fen.success ? { ok: true, value: fen.data } : fail("amount-too-large", "金额过大", "The amount is too large");
}
