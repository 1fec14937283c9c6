import { EmploymentSuspectRaised, type EventDraft } from "@shouwang/contract";
import { addDays, businessDate, endDeadline, endOfDay, openDeadlines, readParameters, type Tx } from "@shouwang/service-kit";
import { type RawBuilder, sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { DB } from "../db.ts";

/** What the look at a doubt found, in the words of the registry's own suspects. */
export const outcomes = ["true-and-mended", "true-as-recorded", "not-true"] as const;
export type Outcome = (typeof outcomes)[number] | "household-ended";

export type PostOverlap = {
  id: string;
  holderId: string;
  workRecordId: string;
  personId: string;
  householdId: string;
  region: string;
  raisedOn: string;
  settledOn: string | null;
  outcome: Outcome | null;
};

/** The rule's code in what other departments are told. */
const ruleCode = "post-overlaps-work-away";

/** Whether a time `h` at a post and a work record `w` away, outside the county, share a day. The end of an agreement that was not renewed ends the time too. */
const sharesDays: RawBuilder<boolean> = sql<boolean>`w.person_id = h.person_id and w.voided_on is null and w.scope <> 'in-county' and h.from_date is not null
  and w.from_date <= coalesce(h.until_date, h.agreement_until) and coalesce(w.until_date, 'infinity'::date) >= h.from_date`;

const columns = sql`id, holder_id as "holderId", work_record_id as "workRecordId", person_id as "personId", household_id as "householdId", region,
  raised_on as "raisedOn", settled_on as "settledOn", outcome`;

/**
 * Raises each pair of a post held and work away on the same days once, with a clock for the township; and settles those that were mended, so that no day is
 * shared any more. Of some people, or in one statement of everybody the caller may see.
 * @returns what others are told
 */
export async function raiseOverlaps(
  tx: Tx<DB>,
  { personIds, now }: { personIds?: readonly string[]; now: Date },
): Promise<EventDraft[]> {
  const among = personIds ? sql`and h.person_id = any(${[...personIds]}::uuid[])` : sql``;
  const today = businessDate(now);
  await settleMended(tx, among, now);
  const { rows: pairs } = await sql<{
    holderId: string;
    workRecordId: string;
    personId: string;
    householdId: string;
    region: string;
  }>`
    select h.id as "holderId", w.id as "workRecordId", h.person_id as "personId", h.household_id as "householdId", h.region
    from employment.post_holder h join employment.work_record w on ${sharesDays}
    where h.status in ('active', 'suspended') ${among}
      and not exists (select from employment.post_overlap o where o.holder_id = h.id and o.work_record_id = w.id)
    limit 1000`.execute(tx);
  if (pairs.length === 0) return [];
  const overlaps = pairs.map((pair) => ({ ...pair, id: uuidv7() }));
  await sql`insert into employment.post_overlap (id, holder_id, work_record_id, person_id, household_id, region, raised_on)
    select id, "holderId", "workRecordId", "personId", "householdId", region, ${today}::date
    from jsonb_to_recordset(${JSON.stringify(overlaps)}::jsonb)
      as row (id uuid, "holderId" uuid, "workRecordId" uuid, "personId" uuid, "householdId" uuid, region text)`.execute(tx);
  const days = await readParameters(tx, ["post.checkDays"], today);
  await openDeadlines(
    tx,
    overlaps.map(({ id, householdId, region }) => ({
      ...{ kind: "settle-post-overlap", clause: "E-04", entity: "post-overlap", entityId: id, householdId, region },
      ...{ role: "township-officer", startedAt: now, dueAt: endOfDay(addDays(today, days("post.checkDays", region).value)) },
    })),
  );
  return overlaps.map(({ id, workRecordId, householdId, personId, region }) =>
    EmploymentSuspectRaised.of(id, 1, region, {
      ...{ suspectId: id, ruleCode, about: "work-record", aboutId: workRecordId, householdId, personId, region },
    }),
  );
}

/** Doubts whose days were set right are settled, and their clocks with them. */
async function settleMended(tx: Tx<DB>, among: RawBuilder<unknown>, now: Date): Promise<void> {
  const { rows } = await sql<{ id: string }>`update employment.post_overlap o set settled_on = ${businessDate(now)}::date,
      outcome = 'true-and-mended', settled_by = 'system|post-overlaps'
    from employment.post_holder h where h.id = o.holder_id and o.settled_on is null ${among}
      and exists (select from employment.work_record w where w.id = o.work_record_id)
      and not exists (select from employment.work_record w where w.id = o.work_record_id and ${sharesDays})
    returning o.id`.execute(tx);
  for (const { id } of rows) await endDeadline(tx, "settle-post-overlap", "post-overlap", id, "met", now);
}

export async function lockOverlap(tx: Tx<DB>, id: string): Promise<PostOverlap | undefined> {
  const { rows } = await sql<PostOverlap>`select ${columns} from employment.post_overlap where id = ${id} for update`.execute(tx);
  return rows[0];
}

/** Settles a doubt. @returns false where it was settled before */
export async function settleOverlap(
  tx: Tx<DB>,
  given: { id: string; outcome: Outcome; on: string; by: string; at: Date },
): Promise<boolean> {
  const result =
    await sql`update employment.post_overlap set settled_on = ${given.on}, outcome = ${given.outcome}, settled_by = ${given.by}
    where id = ${given.id} and settled_on is null`.execute(tx);
  if (result.numAffectedRows !== 1n) return false;
  await endDeadline(tx, "settle-post-overlap", "post-overlap", given.id, "met", given.at);
  return true;
}

/** Doubts of the caller's area in order of their id; `limit + 1` rows. */
export async function listOverlaps(
  tx: Tx<DB>,
  filter: { area: { lo: string; hi: string }; open: boolean | undefined; after: string | undefined; limit: number },
): Promise<PostOverlap[]> {
  const { rows } = await sql<PostOverlap>`select ${columns} from employment.post_overlap
    where region >= ${filter.area.lo} and region < ${filter.area.hi}
      and (${filter.open ?? null}::boolean is null or (settled_on is null) = ${filter.open ?? null})
      and (${filter.after ?? null}::uuid is null or id > ${filter.after ?? null}::uuid) order by id limit ${filter.limit + 1}`.execute(
    tx,
  );
  return rows;
}
