import type { Month } from "@shouwang/contract";
import {
  addDays,
  type BusinessDate,
  firstDayOf,
  lastDayOf,
  monthOf,
  nextMonth,
  parseBusinessDate,
} from "@shouwang/service-kit/calendar";

/** What was done, where it is neither a measure nor a visit. */
export const helpKinds = [
  "job-found",
  "post-found",
  "buyer-found",
  "skills-advice",
  "policy-explained",
  "paperwork-done",
  "other",
] as const;

/** The ways of helping that may count; the settings say which of them do. */
export const helpWays = ["measure", "home-visit", "call", "record"] as const;

export type HelpSettings = {
  /** Year of the list in force. */
  year: number;
  counts: readonly string[];
  /** Helps a month. */
  least: number;
  /** Listed on this day of a month or later, a household owes nothing for that month. */
  exemptFromDay: number;
};

/** The day in a month: its last one where the month is shorter. */
export function dayIn(month: Month, day: number): BusinessDate {
  const last = lastDayOf(month);
  const wanted = `${month}-${String(day).padStart(2, "0")}`;
  return wanted > last ? last : parseBusinessDate(wanted);
}

/** M-05: who owes a help in a month: listed before the exempting day, and still listed at its end (today, while it runs). */
export function dueSpan(month: Month, settings: Pick<HelpSettings, "exemptFromDay">, today: BusinessDate) {
  const last = lastDayOf(month);
  return { listedBefore: dayIn(month, settings.exemptFromDay), listedAfter: last < today ? last : today };
}

/** The running month and those just past, the oldest first. A month's helps are taken until its lock day and owed until then. */
export function helpMonths(today: BusinessDate, lockDay: number): { month: Month; from: BusinessDate; until: BusinessDate }[] {
  const months = [monthOf(today)];
  for (let n = 0; n < 3; n += 1) months.unshift(monthOf(addDays(firstDayOf(months[0] ?? monthOf(today)), -1)));
  return months.map((month) => ({ month, from: firstDayOf(month), until: dayIn(nextMonth(month), lockDay) }));
}
