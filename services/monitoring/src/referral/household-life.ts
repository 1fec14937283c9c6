import {
  type EventDraft,
  ReferralAnswered,
  ReferralClosed,
  ReferralDelivered,
  ReferralReceived,
  ReferralReturned,
  ReferralSent,
} from "@shouwang/contract";
import type { Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import { turnClock } from "./clocks.ts";
import { close, type Referral } from "./decide.ts";
import { insertStep } from "./step-store.ts";
import { lockOpenReferrals, saveReferral, stateOfReferral } from "./store.ts";

const eventOf = {
  sent: ReferralSent,
  received: ReferralReceived,
  returned: ReferralReturned,
  accepted: ReferralAnswered,
  declined: ReferralAnswered,
  delivered: ReferralDelivered,
  closed: ReferralClosed,
} as const satisfies Record<Referral["status"], unknown>;

/** Closes the open referrals of a household that has ended: there is nobody left to be helped. The caller holds the household. */
export async function closeReferrals(
  tx: Tx<DB>,
  householdId: string,
  given: { actor: string; now: Date },
): Promise<EventDraft[]> {
  const events: EventDraft[] = [];
  for (const referral of await lockOpenReferrals(tx, householdId)) {
    const closed = close(referral, "household-closed", given.now);
    if (!("status" in closed)) continue;
    await saveReferral(tx, closed);
    await insertStep(tx, closed, { step: "closed", because: "household-closed", actor: given.actor, at: given.now });
    await turnClock(tx, closed, given.now);
    events.push(ReferralClosed.of(closed.id, closed.version, closed.region, stateOfReferral(closed)));
  }
  return events;
}

/** Tells of the open referrals of a household that has moved under their new place: the department's officers there go on with them. */
export async function announceReferrals(tx: Tx<DB>, householdId: string): Promise<EventDraft[]> {
  const events: EventDraft[] = [];
  for (const referral of await lockOpenReferrals(tx, householdId)) {
    const told = { ...referral, version: referral.version + 1 };
    await saveReferral(tx, told);
    events.push(eventOf[told.status].of(told.id, told.version, told.region, stateOfReferral(told)));
  }
  return events;
}
