import { businessDate, type Keys, sealRecord, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { DB } from "../db.ts";
import { insertWageStop, saveDrop } from "../focus-household/drop-store.ts";
import { enterGridWorkers } from "../helper/grid-worker-store.ts";
import type { Household } from "../household/store.ts";
import type { PreparedHousehold } from "../household-import/prepare.ts";
import type { Income } from "../household-income/store.ts";

export type SyntheticRow = PreparedHousehold & { incomes: Income[]; epidemicDrop: boolean };

/** Writes the incomes of a chunk of made-up households in one statement. */
export async function insertSyntheticIncomes(tx: Tx<DB>, rows: readonly SyntheticRow[]): Promise<void> {
  const i = rows.flatMap((row) => row.incomes);
  await sql`insert into monitoring.household_income (id, household_id, region, kind, from_date, until_date, headcount, wage_fen, business_fen, property_fen, transfer_fen, business_cost_fen,
      net_fen, per_capita_fen, confirmed)
    select *, true from unnest(${i.map((x) => x.id)}::uuid[], ${i.map((x) => x.householdId)}::uuid[], ${i.map((x) => x.region)}::text[], ${i.map((x) => x.kind)}::text[],
      ${i.map((x) => x.from)}::date[], ${i.map((x) => x.until)}::date[], ${i.map((x) => x.headcount)}::int[], ${i.map((x) => x.wageFen)}::bigint[],
      ${i.map((x) => x.businessFen)}::bigint[], ${i.map((x) => x.propertyFen)}::bigint[], ${i.map((x) => x.transferFen)}::bigint[],
      ${i.map((x) => x.businessCostFen)}::bigint[], ${i.map((x) => x.netFen)}::bigint[], ${i.map((x) => x.perCapitaFen)}::bigint[])`.execute(
    tx,
  );
}

/** Made-up workers whose wage stopped because of the epidemic, and the word of a person who is none that income dropped sharply. */
export async function insertSyntheticDrops(tx: Tx<DB>, keys: Keys, rows: readonly SyntheticRow[], at: Date): Promise<void> {
  const today = businessDate(at);
  for (const { household, people } of rows.filter((row) => row.epidemicDrop)) {
    const worker = people.find(({ facts }) => facts.ableWorker);
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
