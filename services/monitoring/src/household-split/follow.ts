import type { EventDraft } from "@shouwang/contract";
import { businessDate, type Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import { askAgain } from "../duplicate/store.ts";
import { guaranteeProblemsFollow } from "../guarantee-problem/store.ts";
import { referralsFollow } from "../referral/household-life.ts";
import { endSuspects, suspectsFollow } from "../suspect/household-life.ts";
import type { Followed, Merge } from "./store.ts";

type Given = { from: string; to: string; people: readonly string[]; actor: string; now: Date };

/**
 * What is open of a household that ceases goes on with the one it is merged into: its referrals, its suspects and its problems of the guarantees, each with its
 * clock. A lead, a case or an appeal stands in the way of the merge instead. The caller holds both households.
 */
export async function followAll(tx: Tx<DB>, given: Given): Promise<{ followed: Followed; events: EventDraft[] }> {
  const referrals = await referralsFollow(tx, { ...given, which: () => true });
  const suspects = await suspectsFollow(tx, { ...given, household: true });
  // The same question stands open in the household that remains.
  const ended = await endSuspects(tx, given.from, given.now);
  const guaranteeProblems = await guaranteeProblemsFollow(tx, { ...given, today: businessDate(given.now) });
  return { followed: { referrals: referrals.ids, suspects, guaranteeProblems }, events: [...referrals.events, ...ended] };
}

/** What is about those who go, and about nothing that stays, goes with them: referrals of their own needs, and suspects of their records. */
export async function followPeople(tx: Tx<DB>, given: Given): Promise<{ followed: Followed; events: EventDraft[] }> {
  const people = new Set(given.people);
  const referrals = await referralsFollow(tx, {
    ...given,
    which: ({ personId, leadId, caseId }) => personId !== null && people.has(personId) && leadId === null && caseId === null,
  });
  const suspects = await suspectsFollow(tx, { ...given, household: false });
  return { followed: { referrals: referrals.ids, suspects, guaranteeProblems: [] }, events: referrals.events };
}

/** A merge is undone: what had followed and is still open goes back. The caller holds both households. */
export async function followBack(tx: Tx<DB>, merge: Merge, given: { actor: string; now: Date }): Promise<EventDraft[]> {
  const { householdId: from, mergedId: to, followed } = merge;
  const had = new Set(followed.referrals);
  const referrals = await referralsFollow(tx, { ...given, from, to, which: ({ id }) => had.has(id) });
  await suspectsFollow(tx, { from, to, people: merge.carried.map(({ personId }) => personId), household: followed.suspects });
  await guaranteeProblemsFollow(tx, { from, to, today: businessDate(given.now), ids: followed.guaranteeProblems });
  await askAgain(tx, merge.id);
  return referrals.events;
}
