import type { Reason } from "@shouwang/contract";
import type { Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";

export type EpidemicDrop = {
  householdId: string;
  region: string;
  year: number;
  confirmed: boolean;
  /** Whether the figures had proposed it, or the person decided on what they know. */
  proposed: boolean;
  explanation: readonly Reason[];
  decidedBy: string;
  decidedOn: string;
};

export async function findDrop(tx: Tx<DB>, householdId: string, year: number): Promise<{ confirmed: boolean } | undefined> {
  return await tx
    .selectFrom("monitoring.epidemic_drop")
    .select("confirmed")
    .where("household_id", "=", householdId)
    .where("year", "=", year)
    .executeTakeFirst();
}

/** Keeps a person's word, and marks the base year's row with it, which is what the conditions read. The caller holds the household. */
export async function saveDrop(tx: Tx<DB>, drop: EpidemicDrop, note: Buffer): Promise<void> {
  const said = {
    confirmed: drop.confirmed,
    proposed: drop.proposed,
    explanation: JSON.stringify(drop.explanation),
    note,
    decided_by: drop.decidedBy,
    decided_on: drop.decidedOn,
  };
  await tx
    .insertInto("monitoring.epidemic_drop")
    .values({ household_id: drop.householdId, region: drop.region, year: drop.year, ...said })
    .onConflict((conflict) =>
      conflict.columns(["household_id", "year"]).doUpdateSet({ ...said, version: sql`epidemic_drop.version + 1` }),
    )
    .execute();
  await sql`insert into monitoring.income_year as y (household_id, region, year, watched, dropped)
    select h.id, h.region, ${drop.year - 1}, monitoring.is_watched(h), ${drop.confirmed} from monitoring.household h where h.id = ${drop.householdId}::uuid
    on conflict (household_id, year) do update set dropped = excluded.dropped`.execute(tx);
}

export type WageStop = {
  id: string;
  householdId: string;
  region: string;
  personId: string;
  from: string;
  until: string | null;
  epidemic: boolean;
  sourceDepartment: string;
  sourceId: string | null;
  recordedBy: string;
  recordedAt: Date;
};

/** @returns false when that record of another department is there already, or the person's wage is known to have stopped */
export async function insertWageStop(tx: Tx<DB>, stop: WageStop): Promise<boolean> {
  const inserted = await tx
    .insertInto("monitoring.wage_stop")
    .values({
      id: stop.id,
      household_id: stop.householdId,
      region: stop.region,
      person_id: stop.personId,
      from_date: stop.from,
      until_date: stop.until,
      epidemic: stop.epidemic,
      source_department: stop.sourceDepartment,
      source_id: stop.sourceId,
      recorded_by: stop.recordedBy,
      recorded_at: stop.recordedAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return inserted.numInsertedOrUpdatedRows === 1n;
}

/** Ends a running stop. @returns whether there was one that began by that day */
export async function endWageStop(tx: Tx<DB>, personId: string, until: string): Promise<boolean> {
  const ended = await tx
    .updateTable("monitoring.wage_stop")
    .set({ until_date: until })
    .where("person_id", "=", personId)
    .where("until_date", "is", null)
    .where("from_date", "<=", until)
    .executeTakeFirst();
  return ended.numUpdatedRows === 1n;
}
