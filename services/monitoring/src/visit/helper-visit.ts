import {
  type BusinessDate,
  deadlinesOf,
  endDeadline,
  endOfDay,
  firstDayOf,
  lastDayOf,
  monthOf,
  openDeadline,
  parameterFor,
  parseBusinessDate,
  type Tx,
} from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import { helpersOf } from "../helper/store.ts";
import type { MonitoredCase } from "../monitored-case/decide.ts";
import { dutyOfMonth, helperVisitsOf, isMonthOpen } from "./decide.ts";
import { saveHelperVisitMonth } from "./helper-visit-store.ts";
import { visitsOf } from "./store.ts";

/** The month of a day and the present one, when they differ. */
export const monthsSince = (day: string, today: BusinessDate): string[] => [
  ...new Set([monthOf(parseBusinessDate(day)), monthOf(today)]),
];

/**
 * M-04c: counts anew what the visits of the given months come to for a case, and starts or ends the clock of the present one. A locked month is left as it is,
 * unless a township amends it. Call it whenever a visit or a helper of the case changes; the caller holds the case.
 */
export async function keepHelperVisitMonths(
  tx: Tx<DB>,
  monitored: MonitoredCase,
  months: readonly string[],
  given: { now: Date; today: BusinessDate; amended?: true },
): Promise<void> {
  const lockDay = (await parameterFor(tx, "month.lockDay", monitored.region, given.today)).value;
  const exemptFromDay = (await parameterFor(tx, "helper.visitExemptFromDay", monitored.region, given.today)).value;
  const needed = (await parameterFor(tx, "helper.visitsPerMonth", monitored.region, given.today)).value;
  const helpers = await helpersOf(tx, monitored.id);
  for (const month of months) {
    if (!given.amended && !isMonthOpen(month, given.now, lockDay)) continue;
    const duty = dutyOfMonth(month, { monitored, helpers, exemptFromDay });
    if (duty === "none") continue;
    const visits = await visitsOf(tx, monitored.householdId, { from: firstDayOf(month), until: lastDayOf(month) });
    const { metOn, awayOn } = helperVisitsOf(visits, { helpers, monitored, needed });
    const entry = { exempt: duty === "exempt", metOn, awayOn };
    const asked = duty === "exempt" ? "excused" : metOn === null ? "owed" : "met";
    if (!(await turnClock(tx, monitored, month, asked, given.now))) continue;
    const { id: caseId, householdId, region } = monitored;
    await saveHelperVisitMonth(tx, { caseId, month, householdId, region, ...entry });
  }
}

/**
 * Brings the case's clock to what a month asks for. There is one clock a case: the one of an earlier month that was missed gives way once it has been told of.
 * @returns false when that telling is still to come, and the month is to be taken up later
 */
async function turnClock(
  tx: Tx<DB>,
  monitored: MonitoredCase,
  month: string,
  asked: "owed" | "met" | "excused",
  now: Date,
): Promise<boolean> {
  const running = (await deadlinesOf(tx, "monitored-case", monitored.id)).find(
    (deadline) => deadline.kind === "helper-visit" && deadline.state === "open",
  );
  const dueAt = endOfDay(lastDayOf(month));
  const end = (how: "met" | "cancelled") => endDeadline(tx, "helper-visit", "monitored-case", monitored.id, how, now);
  if (running?.dueAt.getTime() === dueAt.getTime()) {
    if (asked !== "owed") await end(asked === "met" ? "met" : "cancelled");
    return true;
  }
  const isOlder = running !== undefined && running.dueAt < dueAt;
  if (isOlder && running.overdueAt === null) return false;
  if (isOlder) await end("cancelled");
  if (asked !== "owed" || dueAt < now || (running && !isOlder)) return true;
  await openDeadline(tx, {
    kind: "helper-visit",
    clause: "M-04c",
    entity: "monitored-case",
    entityId: monitored.id,
    householdId: monitored.householdId,
    region: monitored.region,
    role: "helper",
    startedAt: now,
    dueAt,
  });
  return true;
}
