import type { Month } from "@shouwang/contract";
import chineseDays from "chinese-days";
import { z } from "zod";

/**
 * Days are calendar days in Asia/Shanghai; instants are `Date`s. A term of n natural days whose first day does not count
 * ends at `endOfDay(addDays(businessDate(foundAt), n))`.
 */
export const BusinessDate = z.iso.date().brand("BusinessDate").describe("Calendar date in Asia/Shanghai, YYYY-MM-DD");
export type BusinessDate = z.infer<typeof BusinessDate>;

const DAY_MS = 86_400_000;

/** Swedish style is the one locale that writes `YYYY-MM-DD hh:mm:ss`; the zone's own history gives the offset of the day. */
const shanghaiClock = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "medium" });

/** A calendar date out of its text. Throws RangeError for anything that is not a real date written `YYYY-MM-DD`. */
export function parseBusinessDate(text: string): BusinessDate {
  const parsed = BusinessDate.safeParse(text);
  if (!parsed.success) throw new RangeError("not a calendar date YYYY-MM-DD");
  return parsed.data;
}

/** The calendar date it is in Shanghai at this instant. Throws RangeError for an invalid `Date`. */
export function businessDate(instant: Date): BusinessDate {
  const at = instant.getTime();
  // Long work asks of one moment many thousands of times, and formatting is what costs.
  if (at !== lastAsked.at) lastAsked = { at, date: parseBusinessDate(shanghaiClock.format(instant).slice(0, 10)) };
  return lastAsked.date;
}
let lastAsked = { at: 0, date: parseBusinessDate("1970-01-01") };

/** The date `days` natural days later (earlier when negative). Throws RangeError unless `days` is a whole number. */
export function addDays(date: BusinessDate, days: number): BusinessDate {
  if (!Number.isSafeInteger(days)) throw new RangeError("days must be a whole number");
  return parseBusinessDate(new Date(utcMidnight(date) + days * DAY_MS).toISOString().slice(0, 10));
}

/**
 * The working day that many working days later, by the State Council's calendar of holidays and the weekend days worked in exchange. The first day does not count.
 * A year whose calendar is not issued yet has its weekends alone. Throws RangeError unless `days` is a whole number from 0 on.
 */
export function addWorkingDays(date: BusinessDate, days: number): BusinessDate {
  if (!Number.isSafeInteger(days) || days < 0) throw new RangeError("days must be a whole number from 0 on");
  let day = date;
  for (let left = days; left > 0; ) {
    day = addDays(day, 1);
    const [year = 0, month = 0, ofMonth = 0] = day.split("-").map(Number);
    // The library reads a Date by the machine's own zone, so it is given that zone's noon of the day.
    if (chineseDays.isWorkday(new Date(year, month - 1, ofMonth, 12))) left -= 1;
  }
  return day;
}

/** The same day so many months later (earlier when negative), or that month's last day where it is shorter. Throws RangeError unless `months` is a whole number. */
export function addMonths(date: BusinessDate, months: number): BusinessDate {
  if (!Number.isSafeInteger(months)) throw new RangeError("months must be a whole number");
  const index = Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1 + months;
  const month = `${Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, "0")}`;
  const last = lastDayOf(month);
  const same = `${month}-${date.slice(8)}`;
  return same > last ? last : parseBusinessDate(same);
}

/** Natural days from one date to another: 0 on the same day, negative when `to` is earlier. */
export function daysBetween(from: BusinessDate, to: BusinessDate): number {
  return (utcMidnight(to) - utcMidnight(from)) / DAY_MS;
}

/** The first instant of the day in Shanghai. */
export function startOfDay(date: BusinessDate): Date {
  const midnight = utcMidnight(date);
  // The offset is asked for near the wanted instant, so that the summer times of 1986 to 1991 come out right.
  return new Date(midnight - offsetMs(midnight - offsetMs(midnight)));
}

/** The last millisecond of the day in Shanghai, 23:59:59.999: what falls due on this day is still in time then. */
export function endOfDay(date: BusinessDate): Date {
  return new Date(startOfDay(addDays(date, 1)).getTime() - 1);
}

/** The month `YYYY-MM` a date lies in. */
export function monthOf(date: BusinessDate): Month {
  return date.slice(0, 7);
}

/** The first day of a month. Throws RangeError unless it is written `YYYY-MM`. */
export function firstDayOf(month: Month): BusinessDate {
  return parseBusinessDate(`${month}-01`);
}

/** The last day of a month, leap years included. Throws RangeError unless it is written `YYYY-MM`. */
export function lastDayOf(month: Month): BusinessDate {
  return addDays(firstDayOf(nextMonth(month)), -1);
}

/** The month after. Throws RangeError unless it is written `YYYY-MM`. */
export function nextMonth(month: Month): Month {
  return monthOf(addDays(firstDayOf(month), 31));
}

function utcMidnight(date: BusinessDate): number {
  return Date.parse(`${date}T00:00:00Z`);
}

function offsetMs(instant: number): number {
  const wholeSecond = Math.floor(instant / 1000) * 1000;
  return Date.parse(`${shanghaiClock.format(wholeSecond).replace(" ", "T")}Z`) - wholeSecond;
}
