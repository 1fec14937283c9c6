import { type EventDraft, SuspectClosed } from "@shouwang/contract";
import { businessDate, cancelDeadlines, deadlinesFollow, type Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import { endOpenOf, type Following, giveSuspects } from "./follow-store.ts";
import { type Suspect, suspectsOf } from "./store.ts";

/** Departments of the platform that are told how their suspect ended. */
const told = ["employment", "industry", "funds", "cooperation", "social"] as const;

/** Tells the department that raised a suspect how it ended. */
export function closedEvents({ id: suspectId, region, raisedBy: by, outcome, closedOn }: Suspect): EventDraft[] {
  const raisedBy = told.find((department) => department === by);
  if (!raisedBy || !outcome || !closedOn) return [];
  return [SuspectClosed.of(suspectId, 1, region, { suspectId, raisedBy, region, outcome, closedOn })];
}

/** Ends the open suspects of a household that has ended: there is nobody left to ask. The caller holds the household. */
export async function endSuspects(tx: Tx<DB>, householdId: string, now: Date): Promise<EventDraft[]> {
  const ended = new Set(await endOpenOf(tx, householdId, businessDate(now)));
  for (const id of ended) await cancelDeadlines(tx, "suspect", id, now);
  return (await suspectsOf(tx, [householdId])).filter(({ id }) => ended.has(id)).flatMap(closedEvents);
}

/**
 * Suspects go from one household to another of the same place: those about some of its people, open ones and decisions, so that nobody is asked twice, and
 * the open ones about itself: all, none or those named. One that is open there already stays behind. The caller holds both. @returns the ids of the open ones
 * that went
 */
export async function suspectsFollow(tx: Tx<DB>, given: Following): Promise<string[]> {
  const ids = await giveSuspects(tx, given);
  await deadlinesFollow(tx, { entity: "suspect", entityIds: ids, householdId: given.to });
  return ids;
}
