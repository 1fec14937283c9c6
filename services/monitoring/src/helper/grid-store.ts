import type { Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { DB } from "../db.ts";

/** The households named, locked in order of their id, so that two officers who draw grids at once wait for each other. */
export async function lockHouseholds(tx: Tx<DB>, ids: readonly string[]): Promise<{ id: string; region: string }[]> {
  return await tx
    .selectFrom("monitoring.household")
    .select(["id", "region"])
    .where("id", "in", [...ids])
    .where("status", "=", "active")
    .orderBy("id")
    .forUpdate()
    .execute();
}

/**
 * Puts households into one person's grid and takes them out of any other: a household belongs to exactly one grid. The caller has locked them.
 * @returns how many came from another grid, and how many the grid now holds
 */
export async function moveToGrid(
  tx: Tx<DB>,
  given: { subject: string; region: string; households: readonly string[]; today: string },
): Promise<{ moved: number; gridHouseholds: number }> {
  const ids = [...given.households];
  const ended = await sql`update kit.assignment set valid_to = greatest(valid_from, ${given.today}::date)
    where kind = 'grid' and valid_to is null and household_id = any(${ids}::uuid[]) and subject <> ${given.subject}`.execute(tx);
  await sql`insert into kit.assignment (id, kind, subject, household_id, region, valid_from)
    select id, 'grid', ${given.subject}, household_id, ${given.region}, ${given.today}::date
    from unnest(${ids.map(() => uuidv7())}::uuid[], ${ids}::uuid[]) as entry (id, household_id) on conflict do nothing`.execute(
    tx,
  );
  const { rows } = await sql<{ n: number }>`select count(*) as n from kit.assignment
    where kind = 'grid' and subject = ${given.subject} and region = ${given.region} and valid_to is null`.execute(tx);
  return { moved: Number(ended.numAffectedRows ?? 0n), gridHouseholds: rows[0]?.n ?? 0 };
}

export type Grid = { region: string; subject: string; households: number };

/** Grids of an area: who goes round how many households of which village. */
export async function gridsIn(tx: Tx<DB>, area: { lo: string; hi: string }): Promise<Grid[]> {
  const { rows } = await sql<Grid>`select region, subject, count(*) as households from kit.assignment
    where kind = 'grid' and valid_to is null and region >= ${area.lo} and region < ${area.hi}
    group by region, subject order by region, subject`.execute(tx);
  return rows;
}

/** Villages of an area with households that belong to no grid, and how many. */
export async function outsideGrids(
  tx: Tx<DB>,
  area: { lo: string; hi: string },
): Promise<{ region: string; households: number }[]> {
  const { rows } = await sql<{
    region: string;
    households: number;
  }>`select h.region, count(*) as households from monitoring.household h
    where h.status = 'active' and h.region >= ${area.lo} and h.region < ${area.hi}
      and not exists (select from kit.assignment a where a.kind = 'grid' and a.valid_to is null and a.household_id = h.id)
    group by h.region order by h.region`.execute(tx);
  return rows;
}
