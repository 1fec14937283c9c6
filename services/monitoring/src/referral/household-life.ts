import {
  type EventDraft,
  ReferralAnswered,
  ReferralClosed,
  ReferralDelivered,
  ReferralReceived,
  ReferralReturned,
  ReferralSent,
} from "@shouwang/contract";
import { deadlinesFollow, type Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import { turnClock } from "./clocks.ts";
import { close, furtherOf, type Referral } from "./decide.ts";
import { insertStep } from "./step-store.ts";
import { giveReferral, lockOpenReferrals, saveReferral, stateOfReferral } from "./store.ts";

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
  for (const referral of await lockOpenReferrals(tx, householdId))
    events.push(...(await closeWithHousehold(tx, referral, "household-closed", given)));
  return events;
}

type By = { actor: string; now: Date };

async function closeWithHousehold(
  tx: Tx<DB>,
  referral: Referral,
  because: "household-closed" | "household-merged",
  given: By,
): Promise<EventDraft[]> {
  const closed = close(referral, because, given.now);
  if (!("status" in closed)) return [];
  await saveReferral(tx, closed);
  await insertStep(tx, closed, { step: "closed", because, actor: given.actor, at: given.now });
  await turnClock(tx, closed, given.now);
  return [ReferralClosed.of(closed.id, closed.version, closed.region, stateOfReferral(closed))];
}

/**
 * Open referrals go from one household to another of the same place: all of them, or those that are about some of its people and nothing else. Of two for one
 * need the further one goes on and the other is closed. The caller holds both households. @returns the ids of those that went
 */
export async function referralsFollow(
  tx: Tx<DB>,
  given: By & { from: string; to: string; which: (referral: Referral) => boolean },
): Promise<{ ids: string[]; events: EventDraft[] }> {
  const there = await lockOpenReferrals(tx, given.to);
  const ids: string[] = [];
  const events: EventDraft[] = [];
  for (const referral of (await lockOpenReferrals(tx, given.from)).filter(given.which)) {
    const twin = there.find((other) => other.department === referral.department && other.need === referral.need);
    const ends = twin && (furtherOf(twin, referral) === twin ? referral : twin);
    if (ends) events.push(...(await closeWithHousehold(tx, ends, "household-merged", given)));
    if (ends === referral) continue;
    const told = { ...referral, householdId: given.to, version: referral.version + 1 };
    await giveReferral(tx, told.id, told.householdId);
    await saveReferral(tx, told);
    await insertStep(tx, told, { step: "followed", because: "household-changed", actor: given.actor, at: given.now });
    events.push(eventOf[told.status].of(told.id, told.version, told.region, stateOfReferral(told)));
    ids.push(told.id);
  }
  await deadlinesFollow(tx, { entity: "referral", entityIds: ids, householdId: given.to });
  return { ids, events };
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
