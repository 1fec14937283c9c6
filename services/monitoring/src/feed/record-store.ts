import type { Tx } from "@shouwang/service-kit";
import { type Selectable, sql } from "kysely";
import type { DB, MonitoringDepartmentRecord } from "../db.ts";
import type { ReadRow } from "./store.ts";

export type NewRecord = Pick<
  ReadRow,
  "recordId" | "line" | "recordIndex" | "day" | "code" | "amountFen" | "totalFen" | "secret"
> & {
  kind: string;
  feedId: string;
  department: string;
  document: string;
  dataDate: string;
  householdId: string;
  personId: string | null;
  region: string;
  mismatch: string | null;
};

/** Stores records; one that another feed stored in the meantime stays as it is. @returns the ids of those stored */
export async function insertRecords(tx: Tx<DB>, records: readonly NewRecord[]): Promise<Set<string>> {
  if (records.length === 0) return new Set();
  const of = <T>(value: (record: NewRecord) => T) => records.map(value);
  const { rows } = await sql<{ id: string }>`insert into monitoring.department_record
      (id, feed_id, line, department, document, data_date, kind, household_id, person_id, region, day, code, amount_fen, total_fen, record_index, secret, mismatch)
    select * from unnest(${of((one) => one.recordId)}::uuid[], ${of((one) => one.feedId)}::uuid[], ${of((one) => one.line)}::int[],
      ${of((one) => one.department)}::text[], ${of((one) => one.document)}::text[], ${of((one) => one.dataDate)}::date[], ${of((one) => one.kind)}::text[],
      ${of((one) => one.householdId)}::uuid[], ${of((one) => one.personId)}::uuid[], ${of((one) => one.region)}::text[], ${of((one) => one.day)}::date[],
      ${of((one) => one.code)}::text[], ${of((one) => one.amountFen)}::bigint[], ${of((one) => one.totalFen)}::bigint[], ${of((one) => one.recordIndex)}::bytea[],
      ${of((one) => one.secret)}::bytea[], ${of((one) => one.mismatch)}::text[])
    on conflict on constraint department_record_once do nothing returning id`.execute(tx);
  return new Set(rows.map((row) => row.id));
}

/** The next households a feed brought a new record of, in order of their id. */
export async function touchedHouseholds(tx: Tx<DB>, feedId: string, after: string | undefined, limit: number): Promise<string[]> {
  let query = tx
    .selectFrom("monitoring.department_record")
    .select("household_id")
    .distinct()
    .where("feed_id", "=", feedId)
    .orderBy("household_id")
    .limit(limit);
  if (after) query = query.where("household_id", ">", after);
  return (await query.execute()).map((row) => row.household_id);
}

/** Notes on the records of a feed what came of their households' screening. */
export async function noteOutcomes(tx: Tx<DB>, feedId: string, outcomes: ReadonlyMap<string, string>): Promise<void> {
  await sql`update monitoring.department_record r set outcome = o.outcome
    from unnest(${[...outcomes.keys()]}::uuid[], ${[...outcomes.values()]}::text[]) as o (household_id, outcome)
    where r.feed_id = ${feedId} and r.household_id = o.household_id`.execute(tx);
}

export type DepartmentRecord = Selectable<MonitoringDepartmentRecord>;

/** The records a feed brought, in order of their id; `limit + 1` rows. */
export async function listRecords(
  tx: Tx<DB>,
  filter: {
    feedId: string;
    outcome?: string | undefined;
    mismatch?: boolean | undefined;
    after: string | undefined;
    limit: number;
  },
): Promise<DepartmentRecord[]> {
  let query = tx
    .selectFrom("monitoring.department_record")
    .selectAll()
    .where("feed_id", "=", filter.feedId)
    .orderBy("id")
    .limit(filter.limit + 1);
  if (filter.outcome) query = query.where("outcome", "=", filter.outcome);
  if (filter.mismatch !== undefined) query = query.where("mismatch", filter.mismatch ? "is not" : "is", null);
  if (filter.after) query = query.where("id", ">", filter.after);
  return await query.execute();
}
