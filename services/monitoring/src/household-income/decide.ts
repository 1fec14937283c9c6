import type { FieldError } from "@shouwang/contract";
import { addDays, type BusinessDate, firstDayOf, lastDayOf, monthOf, parseBusinessDate } from "@shouwang/service-kit/calendar";
import type { IncomeEntry } from "../household/decide.ts";
import { type IncomeGroup, type IncomeLineCode, incomeLines } from "./code-lists.ts";

export type IncomeKind = "annual" | "at-inclusion" | "at-clearance" | "monthly" | "quarterly";
export type LineEntry = { line: IncomeLineCode; amountFen: number };
export type CheckedLine = LineEntry & { counts: boolean };

const groupOf = new Map<string, IncomeGroup>(incomeLines.map(({ code, group }) => [code, group]));

/** The five sums out of detail lines. A line the settings do not count stays on record and adds nothing; a cost always counts. */
export function totalsOf<L extends LineEntry>(
  lines: readonly L[],
  notCounted: readonly string[],
): { entry: IncomeEntry; lines: (L & CheckedLine)[] } {
  const checked = lines.map((line) => ({
    ...line,
    counts: groupOf.get(line.line) === "cost" || !notCounted.includes(line.line),
  }));
  const sum = (group: IncomeGroup) =>
    checked.reduce((total, line) => (line.counts && groupOf.get(line.line) === group ? total + line.amountFen : total), 0);
  return {
    lines: checked,
    entry: {
      wageFen: sum("wage"),
      businessFen: sum("business"),
      propertyFen: sum("property"),
      transferFen: sum("transfer"),
      businessCostFen: sum("cost"),
    },
  };
}

/** First and last day of an income year: the calendar's, or from October of the year before to September. */
export function incomeYear(year: number, basis: string): { from: BusinessDate; until: BusinessDate } {
  return basis === "october-september"
    ? { from: parseBusinessDate(`${year - 1}-10-01`), until: parseBusinessDate(`${year}-09-30`) }
    : { from: parseBusinessDate(`${year}-01-01`), until: parseBusinessDate(`${year}-12-31`) };
}

/** Whether a period fits its kind: an annual one is the income year, a monthly one a whole month, a quarterly one a whole quarter; none lies in the future. */
export function checkPeriod(
  kind: IncomeKind,
  period: { from: string; until: string },
  given: { today: BusinessDate; basis: string },
): FieldError | undefined {
  const { from, until } = period;
  const wrong = (pointer: string, rule: string, zh: string, en: string): FieldError => ({
    pointer,
    rule,
    zh,
    en,
    clause: "M-05",
  });
  if (until < from || until > given.today)
    return wrong("/until", "period", "期末不得早于期初,也不得晚于今天", "The period ends after it begins and not after today");
  const first = parseBusinessDate(from);
  if (kind === "annual") {
    const year = incomeYear(Number(until.slice(0, 4)), given.basis);
    if (from !== year.from || until !== year.until)
      return wrong(
        "/from",
        "income-year",
        `收入年度为${year.from}至${year.until}`,
        `The income year runs from ${year.from} to ${year.until}`,
      );
  }
  if (kind === "monthly" && (from !== firstDayOf(monthOf(first)) || until !== lastDayOf(monthOf(first))))
    return wrong("/from", "whole-month", "月度收入按整月登记", "A monthly income is of a whole month");
  if (kind === "quarterly") {
    const third = monthOf(addDays(firstDayOf(monthOf(addDays(firstDayOf(monthOf(first)), 35))), 35));
    const begins = from.endsWith("-01") && (Number(from.slice(5, 7)) - 1) % 3 === 0;
    if (!begins || until !== lastDayOf(third))
      return wrong("/from", "whole-quarter", "季度收入按整季登记", "A quarterly income is of a whole quarter");
  }
  return undefined;
}
