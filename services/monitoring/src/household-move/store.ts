import type { Tx } from "@shouwang/service-kit";
import { type Selectable, sql } from "kysely";
import { z } from "zod";
import type { DB, MonitoringHouseholdMove } from "../db.ts";
import type { Move } from "./decide.ts";

const Summary = z.object({
  head: z.string(),
  headcount: z.int(),
  ableWorkers: z.int(),
  householdKind: z.string(),
  monitored: z.boolean(),
});

const fromRow = (row: Selectable<MonitoringHouseholdMove>): Move => ({
  id: row.id,
  householdId: row.household_id,
  fromRegion: row.from_region,
  toRegion: row.to_region,
  // Safe: a check constraint holds the column to the union.
  status: row.status as Move["status"],
  reason: row.reason,
  document: row.document,
  summary: Summary.parse(row.summary),
  offeredAt: row.offered_at,
  expiresOn: row.expires_on,
  answeredAt: row.answered_at,
  declinedBecause: row.declined_because,
  appliedAt: row.applied_at,
  version: row.version,
});

export async function insertMove(tx: Tx<DB>, move: Move, by: string): Promise<void> {
  await tx
    .insertInto("monitoring.household_move")
    .values({
      id: move.id,
      household_id: move.householdId,
      from_region: move.fromRegion,
      to_region: move.toRegion,
      status: move.status,
      reason: move.reason,
      document: move.document,
      summary: JSON.stringify(move.summary),
      offered_by: by,
      offered_at: move.offeredAt,
      expires_on: move.expiresOn,
    })
    .execute();
}

export async function saveMove(tx: Tx<DB>, move: Move, by: string): Promise<void> {
  await tx
    .updateTable("monitoring.household_move")
    .set({
      status: move.status,
      answered_at: move.answeredAt,
      answered_by: by,
      declined_because: move.declinedBecause,
      applied_at: move.appliedAt,
      version: move.version,
    })
    .where("id", "=", move.id)
    .execute();
}

export async function findMove(tx: Tx<DB>, id: string): Promise<Move | undefined> {
  const row = await tx.selectFrom("monitoring.household_move").selectAll().where("id", "=", id).executeTakeFirst();
  return row && fromRow(row);
}

export async function lockMove(tx: Tx<DB>, id: string): Promise<Move | undefined> {
  const row = await tx.selectFrom("monitoring.household_move").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
  return row && fromRow(row);
}

export type MoveFilter = {
  direction: "in" | "out";
  area: { lo: string; hi: string };
  status?: Move["status"] | undefined;
  after: string | undefined;
  limit: number;
};

/** Moves into an area, or out of it, in order of their ids; `limit + 1` rows. */
export async function listMoves(tx: Tx<DB>, filter: MoveFilter): Promise<Move[]> {
  const column = filter.direction === "in" ? "to_region" : "from_region";
  let query = tx
    .selectFrom("monitoring.household_move")
    .selectAll()
    .where(column, ">=", filter.area.lo)
    .where(column, "<", filter.area.hi)
    .orderBy("id")
    .limit(filter.limit + 1);
  if (filter.status) query = query.where("status", "=", filter.status);
  if (filter.after) query = query.where("id", ">", filter.after);
  return (await query.execute()).map(fromRow);
}

/** Offers nobody answered by their last day, locked; those being answered at this moment are left alone. */
export async function lockExpired(tx: Tx<DB>, today: string, limit: number): Promise<Move[]> {
  const rows = await tx
    .selectFrom("monitoring.household_move")
    .selectAll()
    .where("status", "=", "offered")
    .where("expires_on", "<", today)
    .orderBy("id")
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute();
  return rows.map(fromRow);
}

/** Says of facts that were established where the household lived until now that it was there. */
export async function markPlace(tx: Tx<DB>, householdId: string): Promise<void> {
  for (const table of ["visit", "measure", "household_income", "risk_lead"] as const)
    await sql`update ${sql.table(`monitoring.${table}`)} set region_at = region where household_id = ${householdId} and region_at is null`.execute(
      tx,
    );
}

/** Takes a household to its new village; all that belongs to it follows by its foreign keys. */
export async function changePlace(tx: Tx<DB>, householdId: string, region: string): Promise<void> {
  await tx.updateTable("monitoring.household").set({ region }).where("id", "=", householdId).execute();
}
