import type { EventDraft, PostHolderState } from "@shouwang/contract";
import { PostHolderLeft, PostHolderResumed, PostHolderStarted, PostHolderSuspended } from "@shouwang/contract";
import { type Keys, parameterFor, sealRecord, type Tx } from "@shouwang/service-kit";
import { type Selectable, sql } from "kysely";
import type { z } from "zod";
import type { DB, EmploymentPostHolder } from "../db.ts";
import type { Ground, Holder, HolderStatus, LeftBecause, PostAges } from "./decide.ts";

const fromRow = (row: Selectable<EmploymentPostHolder>): Holder => ({
  id: row.id,
  postId: row.post_id,
  personId: row.person_id,
  householdId: row.household_id,
  region: row.region,
  // Safe, here and below: check constraints and the one writer of these columns hold them to the unions.
  ground: row.ground as Ground,
  priority: row.priority,
  appliedOn: row.applied_on,
  status: row.status as HolderStatus,
  postingId: row.posting_id,
  agreementNo: row.agreement_no,
  insurance: row.insurance as Holder["insurance"],
  from: row.from_date,
  agreementUntil: row.agreement_until,
  until: row.until_date,
  leftBecause: row.left_because as LeftBecause | null,
  version: row.version,
  told: row.told,
});

/** @returns false where the person holds a post, or applies for one, anywhere in the region */
export async function insertHolder(tx: Tx<DB>, holder: Holder): Promise<boolean> {
  const result =
    await sql`insert into employment.post_holder (id, post_id, person_id, household_id, region, ground, priority, applied_on)
    values (${holder.id}, ${holder.postId}, ${holder.personId}, ${holder.householdId}, ${holder.region}, ${holder.ground}, ${holder.priority},
      ${holder.appliedOn}) on conflict (person_id) where status not in ('left', 'refused') do nothing`.execute(tx);
  return result.numAffectedRows === 1n;
}

export async function saveHolder(tx: Tx<DB>, holder: Holder): Promise<void> {
  await tx
    .updateTable("employment.post_holder")
    .set({
      ...{ status: holder.status, posting_id: holder.postingId, agreement_no: holder.agreementNo, insurance: holder.insurance },
      ...{
        from_date: holder.from,
        agreement_until: holder.agreementUntil,
        until_date: holder.until,
        left_because: holder.leftBecause,
      },
      ...{ version: holder.version, told: holder.told },
    })
    .where("id", "=", holder.id)
    .execute();
}

export async function findHolder(tx: Tx<DB>, id: string): Promise<Holder | undefined> {
  const row = await tx.selectFrom("employment.post_holder").selectAll().where("id", "=", id).executeTakeFirst();
  return row && fromRow(row);
}

export async function lockHolder(tx: Tx<DB>, id: string): Promise<Holder | undefined> {
  const row = await tx.selectFrom("employment.post_holder").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
  return row && fromRow(row);
}

/** Holders, among them applicants, of a person that have not ended, locked. */
export async function lockHoldersOf(tx: Tx<DB>, personId: string): Promise<Holder[]> {
  const rows = await tx
    .selectFrom("employment.post_holder")
    .selectAll()
    .where("person_id", "=", personId)
    .where("status", "not in", ["left", "refused"])
    .forUpdate()
    .execute();
  return rows.map(fromRow);
}

/** Holders whose agreement was signed for a day that has come, locked; at most `limit`. */
export async function signedUntil(tx: Tx<DB>, today: string, limit: number): Promise<Holder[]> {
  const rows = await tx
    .selectFrom("employment.post_holder")
    .selectAll()
    .where("status", "=", "signed")
    .where("from_date", "<=", today)
    .orderBy("id")
    .limit(limit)
    .forUpdate()
    .execute();
  return rows.map(fromRow);
}

/** The next state of a holder, told where the holder is one already: everything before the first day at the post is this department's own business. */
export function nextState(before: Holder, change: Partial<Holder>): { holder: Holder; events: EventDraft[] } {
  const status = change.status ?? before.status;
  const tells = toldAs[status] !== undefined && status !== before.status;
  const holder = { ...before, ...change, version: before.version + 1, told: before.told + Number(tells) };
  const event = before.status === "suspended" && status === "active" ? PostHolderResumed : toldAs[status];
  return { holder, events: tells && event ? [event.of(holder.id, holder.told, holder.region, stateOfHolder(holder))] : [] };
}
const toldAs: Partial<Record<HolderStatus, typeof PostHolderStarted | typeof PostHolderSuspended | typeof PostHolderLeft>> = {
  ...{ active: PostHolderStarted, suspended: PostHolderSuspended, left: PostHolderLeft },
};

/** The holder's whole public state, as its events carry it. */
const stateOfHolder = (holder: Holder): z.input<typeof PostHolderState> => ({
  ...{ postHolderId: holder.id, postId: holder.postId, personId: holder.personId, householdId: holder.householdId },
  ...{ region: holder.region, from: holder.from ?? holder.appliedOn, until: holder.until },
  status: holder.status === "suspended" || holder.status === "left" ? holder.status : "active",
  leftBecause: holder.leftBecause,
});

/** How many hold a post, or are about to. */
export async function countAtPost(tx: Tx<DB>, postId: string): Promise<number> {
  return (await placesOf(tx, postId, 0)).taken;
}

/** Forgets who was posted for a post, when a person's identity is destroyed: the name shown, and what was said against them. */
export async function forgetPosted(tx: Tx<DB>, keys: Keys, personId: string): Promise<void> {
  const theirs = sql`(select p.id from employment.post_holder h join kit.posting p on p.entity = 'post-holder' and p.entity_id = h.id::text
    where h.person_id = ${personId})`;
  await sql`update kit.posting set body = body - '姓名' where id in ${theirs}`.execute(tx);
  const { rows } = await sql<{ id: string }>`select id from kit.objection where posting_id in ${theirs}`.execute(tx);
  for (const { id } of rows) {
    const content = sealRecord(keys, { table: "kit.objection", id }, { content: "已销毁" });
    await sql`update kit.objection set content = ${content} where id = ${id}`.execute(tx);
  }
}

/** Places of a post that are taken, from approval on; and how many with a better claim than this one still wait for one. */
export async function placesOf(tx: Tx<DB>, postId: string, priority: number): Promise<{ taken: number; waitingFirst: number }> {
  const { rows } = await sql<{ taken: number; waitingFirst: number }>`select
    count(*) filter (where status in ('approved', 'signed', 'active', 'suspended'))::int as taken,
    count(*) filter (where status in ('applied', 'reviewed', 'posted', 'objected') and priority < ${priority})::int as "waitingFirst"
    from employment.post_holder where post_id = ${postId} and status not in ('left', 'refused')`.execute(tx);
  return rows[0] ?? { taken: 0, waitingFirst: 0 };
}

/** Ages at a post as in force for a place on a day. */
export async function postAges(tx: Tx<DB>, region: string, on: string): Promise<PostAges> {
  const min = await parameterFor(tx, "post.ageMin", region, on);
  const { value: extended } = await parameterFor(tx, "post.ageExtended", region, on);
  const max = await parameterFor(tx, extended ? "post.ageMaxExtended" : "post.ageMax", region, on);
  return { min: min.value, max: max.value, extended, document: max.document };
}

export type HolderFilter = {
  area: { lo: string; hi: string };
  postId?: string | undefined;
  personId?: string | undefined;
  householdId?: string | undefined;
  status?: string | undefined;
  after?: string | undefined;
  limit: number;
};
export type HolderRow = Holder & { nameMask: string | null };

/** Holders and applicants of the caller's area in order of their id, with masked names; `limit + 1` rows. */
export async function listHolders(tx: Tx<DB>, filter: HolderFilter): Promise<HolderRow[]> {
  let query = tx
    .selectFrom("employment.post_holder as h")
    .selectAll("h")
    .select(
      sql<string | null>`(select i.name_mask from employment.person_identity i where i.person_id = h.person_id)`.as("name_mask"),
    )
    .where("h.region", ">=", filter.area.lo)
    .where("h.region", "<", filter.area.hi)
    .orderBy("h.id")
    .limit(filter.limit + 1);
  if (filter.postId) query = query.where("h.post_id", "=", filter.postId);
  if (filter.personId) query = query.where("h.person_id", "=", filter.personId);
  if (filter.householdId) query = query.where("h.household_id", "=", filter.householdId);
  if (filter.status) query = query.where("h.status", "=", filter.status);
  if (filter.after) query = query.where("h.id", ">", filter.after);
  return (await query.execute()).map(({ name_mask, ...row }) => ({ ...fromRow(row), nameMask: name_mask }));
}
