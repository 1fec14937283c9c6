import { businessDate, type Keys, sealRecord, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { DB } from "../db.ts";
import { insertWageStop, saveDrop } from "../focus-household/drop-store.ts";
import { enterGridWorkers } from "../helper/grid-worker-store.ts";
import type { PreparedHousehold } from "../household/bulk-store.ts";
import type { Household } from "../household/store.ts";
import type { Income } from "../household-income/store.ts";
import type { SyntheticRecord } from "./records.ts";

export type SyntheticRows = PreparedHousehold & { incomes: Income[]; epidemicDrop: boolean };

const column = <T>(rows: readonly T[], value: (row: T) => unknown) => rows.map(value);

/** Writes made-up incomes, all confirmed. */
export async function insertIncomes(tx: Tx<DB>, i: readonly Income[]): Promise<void> {
  await sql`insert into monitoring.household_income (id, household_id, region, kind, from_date, until_date, headcount, wage_fen, business_fen, property_fen, transfer_fen, business_cost_fen,
      net_fen, per_capita_fen, confirmed)
    select *, true from unnest(${column(i, (x) => x.id)}::uuid[], ${column(i, (x) => x.householdId)}::uuid[], ${column(i, (x) => x.region)}::text[], ${column(i, (x) => x.kind)}::text[],
      ${column(i, (x) => x.from)}::date[], ${column(i, (x) => x.until)}::date[], ${column(i, (x) => x.headcount)}::int[], ${column(i, (x) => x.wageFen)}::bigint[],
      ${column(i, (x) => x.businessFen)}::bigint[], ${column(i, (x) => x.propertyFen)}::bigint[], ${column(i, (x) => x.transferFen)}::bigint[],
      ${column(i, (x) => x.businessCostFen)}::bigint[], ${column(i, (x) => x.netFen)}::bigint[], ${column(i, (x) => x.perCapitaFen)}::bigint[])`.execute(
    tx,
  );
}

/** Made-up workers whose wage stopped because of the epidemic, and the word of a person who is none that income dropped sharply. */
export async function insertSyntheticDrops(tx: Tx<DB>, keys: Keys, rows: readonly SyntheticRows[], at: Date): Promise<void> {
  const today = businessDate(at);
  for (const { household, people } of rows.filter((row) => row.epidemicDrop)) {
    const worker = people.find(({ person }) => person.ableWorker)?.person;
    if (!worker) continue;
    const about = { householdId: household.id, region: household.region };
    const by = { recordedBy: "system|seed", recordedAt: at, sourceDepartment: "monitoring", sourceId: null };
    await insertWageStop(tx, {
      id: uuidv7(),
      ...about,
      personId: worker.id,
      from: "2022-06-01",
      until: null,
      epidemic: true,
      ...by,
    });
    const note = sealRecord(
      keys,
      { table: "monitoring.epidemic_drop", id: `${household.id}/2022` },
      { note: "演示数据 demonstration only" },
    );
    const said = { year: 2022, confirmed: true, proposed: true, explanation: [], decidedBy: "system|seed", decidedOn: today };
    await saveDrop(tx, { ...about, ...said }, note);
  }
}

export type RecordRow = SyntheticRecord & { household: Household; personId: string | null; index: Buffer };

const syntheticDocument = "演示数据(非真实) made up for the demonstration";

/** Keeps made-up records as if a department had sent them, all under one feed that says what they are. */
export async function insertRecords(
  tx: Tx<DB>,
  feed: { id: string; region: string; day: string; at: Date },
  rows: readonly RecordRow[],
): Promise<void> {
  if (rows.length === 0) return;
  await sql`insert into kit.received_list (id, intake, kind, department, region, document, file_id, job_id, data_date, received_by, at)
    values (${feed.id}, 'feed', 'synthetic', 'monitoring', ${feed.region}, ${syntheticDocument}, ${feed.id}, ${feed.id}, ${feed.day}, 'synthetic', ${feed.at}) on conflict do nothing`.execute(
    tx,
  );
  await sql`insert into monitoring.department_record (id, feed_id, line, department, document, data_date, kind, household_id, person_id, region, day, code, amount_fen, total_fen, record_index)
    select id, ${feed.id}, 0, department, ${syntheticDocument}, ${feed.day}::date, kind, household_id, person_id, region, day, code, amount_fen, total_fen, record_index
    from unnest(${rows.map(() => uuidv7())}::uuid[], ${column(rows, (x) => x.department)}::text[], ${column(rows, (x) => x.kind)}::text[], ${column(rows, (x) => x.household.id)}::uuid[],
      ${column(rows, (x) => x.personId)}::uuid[], ${column(rows, (x) => x.household.region)}::text[], ${column(rows, (x) => x.day)}::date[], ${column(rows, (x) => x.code)}::text[],
      ${column(rows, (x) => x.amountFen)}::bigint[], ${column(rows, (x) => x.totalFen)}::bigint[], ${column(rows, (x) => x.index)}::bytea[])
      as given (id, department, kind, household_id, person_id, region, day, code, amount_fen, total_fen, record_index)
    on conflict on constraint department_record_once do nothing`.execute(tx);
}

/** Gives households to the demonstration's grid worker, whose monthly round they are (M-02). */
export async function assignGrid(tx: Tx<DB>, subject: string, households: readonly Household[], from: string): Promise<void> {
  await sql`insert into kit.assignment (id, kind, subject, household_id, region, valid_from)
    select *, ${from}::date from (select unnest(${households.map(() => uuidv7())}::uuid[]), 'grid', ${subject}, unnest(${households.map((one) => one.id)}::uuid[]),
      unnest(${households.map((one) => one.region)}::text[])) as rows on conflict do nothing`.execute(tx);
  const villages = [...new Set(households.map((one) => one.region))];
  await enterGridWorkers(
    tx,
    villages.map((region) => ({ region, subject })),
    { from, by: "synthetic" },
  );
}

/** The newest seed of this database and how it stands; undefined on an empty one. */
export async function findSeed(tx: Tx<DB>): Promise<{ id: string; state: string } | undefined> {
  const { rows } = await sql<{
    id: string;
    state: string;
  }>`select id, state from kit.job where kind = 'synthetic-population' order by created_at desc limit 1`.execute(tx);
  return rows[0];
}
