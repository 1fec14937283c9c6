import { type EventDraft, SuspectClosed } from "@shouwang/contract";
import { businessDate, cancelDeadlines, deadlinesFollow, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
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
  const today = businessDate(now);
  const { rows } = await sql<{ id: string }>`update monitoring.suspect
    set status = 'closed', outcome = 'household-ended', because = null, closed_on = ${today}::date, version = version + 1
    where household_id = ${householdId}::uuid and status <> 'closed' returning id`.execute(tx);
  const ended = new Set(rows.map(({ id }) => id));
  for (const id of ended) await cancelDeadlines(tx, "suspect", id, now);
  return (await suspectsOf(tx, [householdId])).filter(({ id }) => ended.has(id)).flatMap(closedEvents);
}

/**
 * Suspects go from one household to another of the same place: those about some of its people, open ones and decisions, so that nobody is asked twice, and
 * the open ones about itself: all, none or those named. One that is open there already stays behind. The caller holds both. @returns the ids of the open ones that went
 */
export async function suspectsFollow(
  tx: Tx<DB>,
  given: { from: string; to: string; people: readonly string[]; household: boolean | readonly string[] },
): Promise<string[]> {
  const itself =
    typeof given.household === "boolean" ? sql`${given.household}::boolean` : sql`s.id = any(${[...given.household]}::uuid[])`;
  const { rows } = await sql<{
    id: string;
    open: boolean;
  }>`update monitoring.suspect s set household_id = ${given.to}::uuid, version = version + 1
    where s.household_id = ${given.from}::uuid
      and (s.person_id = any(${[...given.people]}::uuid[]) or (${itself} and s.person_id is null and s.status <> 'closed'))
      and (s.status = 'closed' or not exists (select from monitoring.suspect there where there.household_id = ${given.to}::uuid and there.status <> 'closed'
        and there.rule_code = s.rule_code and there.field = s.field and there.person_id is not distinct from s.person_id))
    returning s.id, s.status <> 'closed' as open`.execute(tx);
  const ids = rows.filter(({ open }) => open).map(({ id }) => id);
  await sql`update monitoring.national_difference set household_id = ${given.to}::uuid where suspect_id = any(${rows.map(({ id }) => id)}::uuid[])`.execute(
    tx,
  );
  await deadlinesFollow(tx, { entity: "suspect", entityIds: ids, householdId: given.to });
  return ids;
}
