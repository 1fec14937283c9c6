import type { BusinessDate, Tx } from "@shouwang/service-kit";
import { type Selectable, sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import type { DB, MonitoringFeed } from "../db.ts";
import type { RowReason } from "./medical-bill.ts";

export type Feed = {
  id: string;
  kind: string;
  department: string;
  region: string;
  document: string;
  fileId: string;
  jobId: string;
  dataDate: string;
  at: Date;
};

const fromRow = (row: Omit<Selectable<MonitoringFeed>, "uploaded_by">): Feed => ({
  id: row.id,
  kind: row.kind,
  department: row.department,
  region: row.region,
  document: row.document,
  fileId: row.file_id,
  jobId: row.job_id,
  dataDate: row.data_date,
  at: row.at,
});

export async function insertFeed(tx: Tx<DB>, feed: Feed, uploadedBy: string): Promise<void> {
  await tx
    .insertInto("monitoring.feed")
    .values({
      id: feed.id,
      kind: feed.kind,
      department: feed.department,
      region: feed.region,
      document: feed.document,
      file_id: feed.fileId,
      job_id: feed.jobId,
      data_date: feed.dataDate,
      uploaded_by: uploadedBy,
      at: feed.at,
    })
    .execute();
}

export async function findFeed(tx: Tx<DB>, id: string): Promise<Feed | undefined> {
  const row = await tx.selectFrom("monitoring.feed").selectAll().where("id", "=", id).executeTakeFirst();
  return row && fromRow(row);
}

/** Feeds of the caller's area in order of their id; `limit + 1` rows. */
export async function listFeeds(tx: Tx<DB>, filter: { after: string | undefined; limit: number }): Promise<Feed[]> {
  let query = tx
    .selectFrom("monitoring.feed")
    .selectAll()
    .orderBy("id")
    .limit(filter.limit + 1);
  if (filter.after) query = query.where("id", ">", filter.after);
  return (await query.execute()).map(fromRow);
}

/** A row that was found good, with its person and its bill as keyed indexes. */
export type ReadRow = {
  line: number;
  personIndex: Buffer;
  billIndex: Buffer;
  settledOn: BusinessDate;
  totalFen: number;
  selfPaidFen: number;
};

export async function insertRows(tx: Tx<DB>, feed: Feed, rows: readonly ReadRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`insert into monitoring.feed_row (feed_id, region, line, person_index, bill_index, settled_on, total_fen, self_paid_fen)
    select ${feed.id}, ${feed.region}, * from unnest(${rows.map((row) => row.line)}::int[], ${rows.map((row) => row.personIndex)}::bytea[],
      ${rows.map((row) => row.billIndex)}::bytea[], ${rows.map((row) => row.settledOn)}::date[], ${rows.map((row) => row.totalFen)}::bigint[],
      ${rows.map((row) => row.selfPaidFen)}::bigint[])`.execute(tx);
}

export async function insertRefusals(
  tx: Tx<DB>,
  feed: Feed,
  refusals: readonly { line: number; reasons: readonly RowReason[] }[],
): Promise<void> {
  if (refusals.length === 0) return;
  await tx
    .insertInto("monitoring.feed_refusal")
    .values(
      refusals.map(({ line, reasons }) => ({
        feed_id: feed.id,
        region: feed.region,
        line,
        reasons: JSON.stringify(reasons),
      })),
    )
    .execute();
}

/** Takes back what was read of a file, in the transaction that read it. */
export async function deleteRead(tx: Tx<DB>, feedId: string): Promise<void> {
  await tx.deleteFrom("monitoring.feed_row").where("feed_id", "=", feedId).execute();
  await tx.deleteFrom("monitoring.feed_refusal").where("feed_id", "=", feedId).execute();
}

const Reasons = z.array(z.object({ rule: z.string(), zh: z.string(), en: z.string() }));

/** By line, why rows were refused; the first `limit` of them. */
export async function refusalsOf(tx: Tx<DB>, feedId: string, limit: number): Promise<Map<number, RowReason[]>> {
  const rows = await tx
    .selectFrom("monitoring.feed_refusal")
    .select(["line", "reasons"])
    .where("feed_id", "=", feedId)
    .orderBy("line")
    .limit(limit)
    .execute();
  return new Map(rows.map((row) => [row.line, Reasons.parse(row.reasons)]));
}

/** A row that was read, with the member of a household of the caller's area it is about, and the same bill where it came before. */
export type MatchedRow = ReadRow & {
  member: { personId: string; householdId: string; region: string } | undefined;
  before: { totalFen: number; selfPaidFen: number } | undefined;
};

/** Takes the next rows of a feed off the table, in the order of their lines. Whoever is not registered in the caller's area, or nowhere, is no member here. */
export async function takeRows(tx: Tx<DB>, feedId: string, limit: number): Promise<MatchedRow[]> {
  const { rows } = await sql<{
    line: number;
    person_index: Buffer;
    bill_index: Buffer;
    settled_on: BusinessDate;
    total_fen: number;
    self_paid_fen: number;
    person_id: string | null;
    household_id: string | null;
    region: string | null;
    before_total_fen: number | null;
    before_self_paid_fen: number | null;
  }>`with part as (delete from monitoring.feed_row where feed_id = ${feedId}
        and line in (select line from monitoring.feed_row where feed_id = ${feedId} order by line limit ${limit}) returning *)
    select part.line, part.person_index, part.bill_index, part.settled_on, part.total_fen, part.self_paid_fen,
      p.id as person_id, p.household_id, p.region, b.total_fen as before_total_fen, b.self_paid_fen as before_self_paid_fen
    from part left join monitoring.person p on p.identity_index = part.person_index and p.status = 'member'
    left join monitoring.medical_bill b on b.bill_index = part.bill_index order by part.line`.execute(tx);
  return rows.map((row) => ({
    line: row.line,
    personIndex: row.person_index,
    billIndex: row.bill_index,
    settledOn: row.settled_on,
    totalFen: row.total_fen,
    selfPaidFen: row.self_paid_fen,
    member:
      row.person_id === null || row.household_id === null || row.region === null
        ? undefined
        : { personId: row.person_id, householdId: row.household_id, region: row.region },
    before:
      row.before_total_fen === null || row.before_self_paid_fen === null
        ? undefined
        : { totalFen: row.before_total_fen, selfPaidFen: row.before_self_paid_fen },
  }));
}

export type NewBill = ReadRow & { member: NonNullable<MatchedRow["member"]> };

/** Stores bills; one that another feed stored in the meantime stays as it is. @returns how many were stored */
export async function insertBills(tx: Tx<DB>, feedId: string, bills: readonly NewBill[]): Promise<number> {
  if (bills.length === 0) return 0;
  const result = await tx
    .insertInto("monitoring.medical_bill")
    .values(
      bills.map((bill) => ({
        id: uuidv7(),
        feed_id: feedId,
        line: bill.line,
        household_id: bill.member.householdId,
        person_id: bill.member.personId,
        region: bill.member.region,
        settled_on: bill.settledOn,
        bill_index: bill.billIndex,
        total_fen: bill.totalFen,
        self_paid_fen: bill.selfPaidFen,
      })),
    )
    .onConflict((conflict) => conflict.constraint("medical_bill_once").doNothing())
    .executeTakeFirst();
  return Number(result.numInsertedOrUpdatedRows ?? 0);
}

/** The next households a feed brought a new bill of, in order of their id. */
export async function touchedHouseholds(tx: Tx<DB>, feedId: string, after: string | undefined, limit: number): Promise<string[]> {
  let query = tx
    .selectFrom("monitoring.medical_bill")
    .select("household_id")
    .distinct()
    .where("feed_id", "=", feedId)
    .orderBy("household_id")
    .limit(limit);
  if (after) query = query.where("household_id", ">", after);
  return (await query.execute()).map((row) => row.household_id);
}
