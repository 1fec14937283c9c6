import type { Tx } from "@shouwang/service-kit";
import type { Selectable } from "kysely";
import type { DB, MonitoringScreeningRun } from "../db.ts";

export type ScreeningRun = { id: string; region: string; rules: string[] | null; asOf: string; jobId: string; at: Date };

const fromRow = (row: Selectable<MonitoringScreeningRun>): ScreeningRun => ({
  id: row.id,
  region: row.region,
  rules: row.rules,
  asOf: row.as_of,
  jobId: row.job_id,
  at: row.at,
});

export async function insertRun(tx: Tx<DB>, run: ScreeningRun, requestedBy: string): Promise<void> {
  const { id, region, rules, at } = run;
  await tx
    .insertInto("monitoring.screening_run")
    .values({ id, region, rules, as_of: run.asOf, job_id: run.jobId, requested_by: requestedBy, at })
    .execute();
}

export async function findRun(tx: Tx<DB>, id: string): Promise<ScreeningRun | undefined> {
  const row = await tx.selectFrom("monitoring.screening_run").selectAll().where("id", "=", id).executeTakeFirst();
  return row && fromRow(row);
}

/** Runs of the caller's area in order of their id; `limit + 1` rows. */
export async function listRuns(tx: Tx<DB>, after: string | undefined, limit: number): Promise<ScreeningRun[]> {
  let query = tx
    .selectFrom("monitoring.screening_run")
    .selectAll()
    .orderBy("id")
    .limit(limit + 1);
  if (after) query = query.where("id", ">", after);
  return (await query.execute()).map(fromRow);
}
