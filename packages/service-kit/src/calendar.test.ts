import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addDays,
  addMonths,
  addWorkingDays,
  businessDate,
  daysBetween,
  endOfDay,
  firstDayOf,
  lastDayOf,
  monthOf,
  nextMonth,
  parseBusinessDate,
  startOfDay,
} from "./calendar.ts";

const anyDate = fc
  .date({ min: new Date("1950-01-01T00:00:00Z"), max: new Date("2099-12-31T00:00:00Z"), noInvalidDate: true })
  .map((day) => parseBusinessDate(day.toISOString().slice(0, 10)));

describe("terms in natural days", () => {
  test.each([
    [
      "a severe lead found late in the evening: measure within 3 days",
      "2022-08-01T22:00:00+08:00",
      3,
      "2022-08-04T23:59:59.999+08:00",
    ],
    ["the same evening, said in UTC", "2022-08-01T14:00:00Z", 3, "2022-08-04T23:59:59.999+08:00"],
    ["included in monitoring: helper within 5 days", "2022-08-10T09:00:00+08:00", 5, "2022-08-15T23:59:59.999+08:00"],
    ["one minute before midnight is still that day", "2022-08-01T23:59:59.999+08:00", 1, "2022-08-02T23:59:59.999+08:00"],
    ["midnight is already the next day, though UTC says otherwise", "2022-08-01T16:00:00Z", 1, "2022-08-03T23:59:59.999+08:00"],
    ["over the end of a leap February", "2024-02-27T08:00:00+08:00", 3, "2024-03-01T23:59:59.999+08:00"],
    ["over New Year", "2022-12-30T08:00:00+08:00", 5, "2023-01-04T23:59:59.999+08:00"],
  ])("%s", (_name, foundAt, days, due) => {
    expect(endOfDay(addDays(businessDate(new Date(foundAt)), days))).toEqual(new Date(due));
  });
});

describe("terms in working days", () => {
  test.each([
    ["over a weekend", "2022-08-12", 3, "2022-08-17"],
    ["over the week of National Day, with the Saturday worked in exchange", "2022-09-29", 3, "2022-10-09"],
    ["over Spring Festival", "2022-01-28", 3, "2022-02-07"],
    ["none", "2022-08-13", 0, "2022-08-13"],
    ["a year nobody has issued a calendar for: weekends alone", "2049-10-01", 1, "2049-10-04"],
  ])("%s", (_name, from, days, until) => {
    expect(addWorkingDays(parseBusinessDate(from), days)).toBe(until);
  });
  test("never end sooner than natural ones", () => {
    fc.assert(
      fc.property(anyDate, fc.integer({ min: 0, max: 30 }), (date, days) => {
        expect(addWorkingDays(date, days) >= addDays(date, days)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
  test("are whole and not negative", () => {
    for (const days of [-1, 0.5]) expect(() => addWorkingDays(parseBusinessDate("2022-08-12"), days)).toThrow(RangeError);
  });
});

describe("terms in months", () => {
  test.each([
    ["2022-08-15", 6, "2023-02-15"],
    ["2022-08-31", 6, "2023-02-28"],
    ["2022-03-31", -1, "2022-02-28"],
    ["2022-01-15", -13, "2020-12-15"],
    ["2024-02-29", 12, "2025-02-28"],
  ])("%s and %i months: %s", (date, months, end) => {
    expect(addMonths(parseBusinessDate(date), months)).toBe(end);
  });
});

describe("days", () => {
  test("every instant of a day has that day's date, and the instants around it have not", () => {
    fc.assert(
      fc.property(anyDate, fc.double({ min: 0, max: 1, noNaN: true }), (date, part) => {
        const from = startOfDay(date).getTime();
        const to = endOfDay(date).getTime();
        expect(businessDate(new Date(from + Math.floor(part * (to - from))))).toBe(date);
        expect(businessDate(new Date(from - 1))).toBe(addDays(date, -1));
        expect(businessDate(new Date(to + 1))).toBe(addDays(date, 1));
      }),
    );
  });

  test("adding and counting days are inverse", () => {
    fc.assert(
      fc.property(anyDate, fc.integer({ min: -20_000, max: 20_000 }), (date, days) => {
        expect(daysBetween(date, addDays(date, days))).toBe(days);
      }),
    );
  });

  test("a day of the summer time of 1988 begins an hour earlier than the winter's", () => {
    expect(startOfDay(parseBusinessDate("1988-07-01")).toISOString()).toBe("1988-06-30T15:00:00.000Z");
    expect(startOfDay(parseBusinessDate("1988-01-01")).toISOString()).toBe("1987-12-31T16:00:00.000Z");
  });

  test("half days, impossible dates and invalid instants are refused", () => {
    expect(() => addDays(parseBusinessDate("2022-08-01"), 0.5)).toThrow(RangeError);
    for (const text of ["2022-02-29", "2022-13-01", "2022-8-1", "20220801", ""])
      expect(() => parseBusinessDate(text)).toThrow(RangeError);
    expect(() => businessDate(new Date(Number.NaN))).toThrow(RangeError);
  });
});

describe("months", () => {
  test.each([
    ["2022-02", "2022-02-28", "2022-03"],
    ["2024-02", "2024-02-29", "2024-03"],
    ["2022-12", "2022-12-31", "2023-01"],
    ["2022-01", "2022-01-31", "2022-02"],
    ["2022-04", "2022-04-30", "2022-05"],
  ])("%s ends on %s and is followed by %s", (month, last, next) => {
    expect(lastDayOf(month)).toBe(last);
    expect(nextMonth(month)).toBe(next);
    expect(monthOf(firstDayOf(month))).toBe(month);
  });

  test("the first day of the next month follows the last day of this one", () => {
    fc.assert(
      fc.property(anyDate, (date) => {
        expect(addDays(lastDayOf(monthOf(date)), 1)).toBe(firstDayOf(nextMonth(monthOf(date))));
      }),
    );
  });

  test("what is no month is refused", () => {
    for (const month of ["2022-13", "202206", "2022-6"]) expect(() => nextMonth(month)).toThrow(RangeError);
  });
});
