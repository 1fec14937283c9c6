import {
  addDays,
  businessDate,
  endDeadline,
  endOfDay,
  openDeadline,
  parameterFor,
  parseBusinessDate,
  type Tx,
} from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import type { Referral } from "./decide.ts";

const kinds = ["answer-referral", "deliver-referral", "settle-referral"] as const;

/**
 * Whose turn it is by the referral's state, and until when: the department's to answer by the day it was asked for, and to bring what it promised; the
 * sender's when it comes back, is declined or has been delivered. The clock before ends as met.
 */
export async function turnClock(tx: Tx<DB>, referral: Referral, now: Date): Promise<void> {
  const due = await dueNow(tx, referral, now);
  for (const kind of kinds)
    if (kind !== due?.kind || referral.status === "sent") await endDeadline(tx, kind, "referral", referral.id, "met", now);
  if (!due) return;
  await openDeadline(tx, {
    ...due,
    clause: "M-03",
    entity: "referral",
    entityId: referral.id,
    householdId: referral.householdId,
    region: referral.region,
    startedAt: now,
  });
}

async function dueNow(tx: Tx<DB>, referral: Referral, now: Date) {
  const department = `department-officer:${referral.department}`;
  switch (referral.status) {
    case "sent":
    case "received":
      return { kind: "answer-referral", role: department, dueAt: endOfDay(referral.dueOn) };
    case "accepted":
      return {
        kind: "deliver-referral",
        role: department,
        dueAt: endOfDay(parseBusinessDate(referral.deliverBy ?? businessDate(now))),
      };
    case "returned":
    case "declined":
    case "delivered": {
      const today = businessDate(now);
      const { value } = await parameterFor(tx, "referral.settleDays", referral.region, today);
      return { kind: "settle-referral", role: "township-officer", dueAt: endOfDay(addDays(today, value ?? 5)) };
    }
    case "closed":
      return undefined;
  }
}
