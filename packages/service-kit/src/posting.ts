import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { addDays, type BusinessDate } from "./calendar.ts";
import type { Executor } from "./database.ts";
import { type Keys, openRecord } from "./personal-data.ts";

export type PostingLevel = "village" | "township" | "county";

/** Something shown to the public for objections before a decision stands (公示). `body` is what is shown: masked already, no health data, no minors. */
export type NewPosting = {
  kind: string;
  clause: string;
  entity: string;
  entityId: string;
  householdId?: string;
  region: string;
  levels: readonly PostingLevel[];
  body: Record<string, string>;
  /** Day it is put up; it does not count (a posting of 5 days put up on the 1st runs to the end of the 6th). */
  startsOn: BusinessDate;
  days: number;
};

export type Posting = {
  id: string;
  kind: string;
  entity: string;
  entityId: string;
  region: string;
  levels: PostingLevel[];
  body: Record<string, string>;
  startsOn: BusinessDate;
  lastDay: BusinessDate;
  state: "posted" | "cleared" | "withdrawn";
  openObjections: number;
  version: number;
};

/** Puts something up. Answers the posting with its last day. */
export async function openPosting(tx: Executor, posting: NewPosting): Promise<{ id: string; lastDay: BusinessDate }> {
  const id = uuidv7();
  const lastDay = addDays(posting.startsOn, posting.days);
  await sql`insert into kit.posting (id, kind, clause, entity, entity_id, household_id, region, levels, body, starts_on, last_day, state)
    values (${id}, ${posting.kind}, ${posting.clause}, ${posting.entity}, ${posting.entityId}, ${posting.householdId ?? null}, ${posting.region},
      ${[...posting.levels]}::text[], ${JSON.stringify(posting.body)}::jsonb, ${posting.startsOn}, ${lastDay}, 'posted')`.execute(
    tx,
  );
  return { id, lastDay };
}

const select = sql`select p.id, p.kind, p.entity, p.entity_id as "entityId", p.region, p.levels, p.body, p.starts_on as "startsOn", p.last_day as "lastDay", p.state, p.version,
  (select count(*) from kit.objection o where o.posting_id = p.id and o.answered_at is null) as "openObjections" from kit.posting p`;

/** The newest posting of an entity, locked for the transaction. */
export async function lockPosting(tx: Executor, entity: string, entityId: string): Promise<Posting | undefined> {
  const { rows } =
    await sql<Posting>`${select} where p.entity = ${entity} and p.entity_id = ${entityId} order by p.starts_on desc, p.id desc limit 1 for update of p`.execute(
      tx,
    );
  return rows[0];
}

/** The newest posting of an entity. */
export async function findPosting(tx: Executor, entity: string, entityId: string): Promise<Posting | undefined> {
  const { rows } =
    await sql<Posting>`${select} where p.entity = ${entity} and p.entity_id = ${entityId} order by p.starts_on desc, p.id desc limit 1`.execute(
      tx,
    );
  return rows[0];
}

/** Postings of the caller's area that are up on a day. */
export async function postingsUp(tx: Executor, today: BusinessDate, limit: number): Promise<Posting[]> {
  const { rows } =
    await sql<Posting>`${select} where p.state = 'posted' and p.last_day >= ${today} order by p.last_day, p.id limit ${limit}`.execute(
      tx,
    );
  return rows;
}

/** Whether a posting has run its full days without an open objection; a rule may then go on. */
export const hasRun = (posting: Posting, today: BusinessDate): boolean => today > posting.lastDay && posting.openObjections === 0;

/** Takes a posting down: `cleared` after its days, `withdrawn` before (an objection upheld, a privacy incident). */
export async function closePosting(tx: Executor, id: string, how: "cleared" | "withdrawn", at: Date): Promise<void> {
  await sql`update kit.posting set state = ${how}, ended_at = ${at}, version = version + 1 where id = ${id} and state = 'posted'`.execute(
    tx,
  );
}

/** Records an objection; its content is sealed by the caller. */
export async function addObjection(
  tx: Executor,
  objection: { id: string; postingId: string; region: string; content: Buffer; raisedBy: string; at: Date },
): Promise<void> {
  await sql`insert into kit.objection (id, posting_id, region, content, raised_by, raised_at)
    values (${objection.id}, ${objection.postingId}, ${objection.region}, ${objection.content}, ${objection.raisedBy}, ${objection.at})`.execute(
    tx,
  );
}

/** Answers the open objections of a posting, upheld or not. @returns how many were open */
export async function answerObjections(tx: Executor, postingId: string, upheld: boolean, at: Date): Promise<number> {
  const result =
    await sql`update kit.objection set answered_at = ${at}, upheld = ${upheld} where posting_id = ${postingId} and answered_at is null`.execute(
      tx,
    );
  return Number(result.numAffectedRows ?? 0n);
}

const Objection = z.object({ content: z.string() });

/** What was objected to a posting, oldest first, opened; the caller sees to the audit. */
export async function objectionsTo(tx: Executor, keys: Keys, postingId: string) {
  const { rows } = await sql<{
    id: string;
    content: Buffer;
    raised: Date;
    answered: Date | null;
    upheld: boolean | null;
  }>`select id, content, raised_at as raised, answered_at as answered, upheld from kit.objection where posting_id = ${postingId} order by id`.execute(
    tx,
  );
  return rows.map(({ id, content, raised, answered, upheld }) => ({
    content: openRecord(keys, { table: "kit.objection", id }, content, Objection).content,
    raisedAt: raised.toISOString(),
    answeredAt: answered?.toISOString() ?? null,
    upheld,
  }));
}
