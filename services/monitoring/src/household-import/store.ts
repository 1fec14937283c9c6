import type { Tx } from "@shouwang/service-kit";
import { type Selectable, sql } from "kysely";
import { z } from "zod";
import type { DB, MonitoringHouseholdImport } from "../db.ts";
import type { RowReason } from "./read-household.ts";

export type HouseholdImport = {
  id: string;
  region: string;
  document: string;
  dataDate: string;
  dryRun: boolean;
  fileId: string;
  jobId: string;
  at: Date;
};

const fromRow = (row: Omit<Selectable<MonitoringHouseholdImport>, "uploaded_by">): HouseholdImport => ({
  id: row.id,
  region: row.region,
  document: row.document,
  dataDate: row.data_date,
  dryRun: row.dry_run,
  fileId: row.file_id,
  jobId: row.job_id,
  at: row.at,
});

export async function insertImport(tx: Tx<DB>, given: HouseholdImport, uploadedBy: string): Promise<void> {
  await tx
    .insertInto("monitoring.household_import")
    .values({
      id: given.id,
      region: given.region,
      document: given.document,
      data_date: given.dataDate,
      dry_run: given.dryRun,
      file_id: given.fileId,
      job_id: given.jobId,
      uploaded_by: uploadedBy,
      at: given.at,
    })
    .execute();
}

export async function findImport(tx: Tx<DB>, id: string): Promise<HouseholdImport | undefined> {
  const row = await tx.selectFrom("monitoring.household_import").selectAll().where("id", "=", id).executeTakeFirst();
  return row && fromRow(row);
}

/** Imports of the caller's area, the newest first by id; `limit + 1` rows. */
export async function listImports(tx: Tx<DB>, filter: { after: string | undefined; limit: number }): Promise<HouseholdImport[]> {
  let query = tx
    .selectFrom("monitoring.household_import")
    .selectAll()
    .orderBy("id", "desc")
    .limit(filter.limit + 1);
  if (filter.after) query = query.where("id", "<", filter.after);
  return (await query.execute()).map(fromRow);
}

/** Keeps why rows were not taken; a row that has its reasons keeps them. */
export async function insertRefusals(
  tx: Tx<DB>,
  of: HouseholdImport,
  refusals: ReadonlyMap<number, readonly RowReason[]>,
): Promise<void> {
  if (refusals.size === 0) return;
  await sql`insert into monitoring.household_import_refusal (import_id, region, line, reasons)
    select ${of.id}, ${of.region}, line, reasons from unnest(${[...refusals.keys()]}::int[], ${[...refusals.values()].map((reasons) => JSON.stringify(reasons))}::jsonb[])
      as row (line, reasons) on conflict do nothing`.execute(tx);
}

export async function deleteRefusals(tx: Tx<DB>, id: string): Promise<void> {
  await tx.deleteFrom("monitoring.household_import_refusal").where("import_id", "=", id).execute();
}

const Reasons = z.array(z.object({ rule: z.string(), zh: z.string(), en: z.string() }));

/** By line, why rows were refused; the first `limit` of them. */
export async function refusalsOf(tx: Tx<DB>, id: string, limit: number): Promise<Map<number, RowReason[]>> {
  const rows = await tx
    .selectFrom("monitoring.household_import_refusal")
    .select(["line", "reasons"])
    .where("import_id", "=", id)
    .orderBy("line")
    .limit(limit)
    .execute();
  return new Map(rows.map(({ line, reasons }) => [line, Reasons.parse(reasons)]));
}

/**
 * Where people of these numbers are registered in the caller's own area: their household, or null where they left or died.
 * @param people by their key, the keyed index of their number
 */
export async function knownPeople(
  tx: Tx<DB>,
  people: ReadonlyMap<string, Buffer>,
): Promise<Map<string, { householdId: string | null; householdNo: string | null }>> {
  // Each number is looked up by itself: as a plain join, the planner goes through the whole county once for every number, since of row-level security it
  // only knows that a county is a small part of the registry.
  const { rows } = await sql<{
    key: string;
    householdId: string | null;
    householdNo: string | null;
  }>`select asked.key, case p.status when 'member' then p.household_id end as "householdId",
      h.household_no as "householdNo"
    from unnest(${[...people.keys()]}::text[], ${[...people.values()]}::bytea[]) as asked (key, index)
    cross join lateral (select status, household_id from monitoring.person where identity_index = asked.index limit 1) p
    left join lateral (select household_no from monitoring.household where id = p.household_id limit 1) h on true`.execute(tx);
  return new Map(rows.map(({ key, ...where }) => [key, where]));
}
