import type { Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { DB } from "../db.ts";

/** The households named with the village they live in, locked in order of their id, so that two officers who draw grids at once wait for each other. */
export async function lockHouseholds(tx: Tx<DB>, ids: readonly string[]): Promise<{ id: string; place: string }[]> {
  const { rows } = await sql<{
    id: string;
    place: string;
  }>`select id, place from monitoring.household where id = any(${[...ids]}::uuid[])
    and status = 'active' order by id for update`.execute(tx);
  return rows;
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
    where kind = 'grid' and valid_to is null and household_id = any(${ids}::uuid[]) and (subject <> ${given.subject} or region <> ${given.region})`.execute(
    tx,
  );
  await sql`insert into kit.assignment (id, kind, subject, household_id, region, valid_from)
    select id, 'grid', ${given.subject}, household_id, ${given.region}, ${given.today}::date
    from unnest(${ids.map(() => uuidv7())}::uuid[], ${ids}::uuid[]) as entry (id, household_id) on conflict do nothing`.execute(
    tx,
  );
  const { rows } = await sql<{ n: number }>`select count(*) as n from kit.assignment
    where kind = 'grid' and subject = ${given.subject} and region = ${given.region} and valid_to is null`.execute(tx);
  return { moved: Number(ended.numAffectedRows ?? 0n), gridHouseholds: rows[0]?.n ?? 0 };
}

/** Takes households out of whatever grid they are in. @returns how many were in one */
export async function leaveGrid(tx: Tx<DB>, households: readonly string[], today: string): Promise<number> {
  const ended = await sql`update kit.assignment set valid_to = greatest(valid_from, ${today}::date)
    where kind = 'grid' and valid_to is null and household_id = any(${[...households]}::uuid[])`.execute(tx);
  return Number(ended.numAffectedRows ?? 0n);
}

/** Up to `limit` households of one person's grid in a village. */
export async function householdsOfGrid(tx: Tx<DB>, grid: { region: string; subject: string }, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select household_id as id from kit.assignment
    where kind = 'grid' and valid_to is null and region = ${grid.region} and subject = ${grid.subject} order by household_id limit ${limit}`.execute(
    tx,
  );
  return rows.map((row) => row.id);
}

export type Grid = { region: string; subject: string; households: number };

/** Grids of an area: who goes round how many households of which village. */
export async function gridsIn(tx: Tx<DB>, area: { lo: string; hi: string }): Promise<Grid[]> {
  const { rows } = await sql<Grid>`select region, subject, count(*) as households from kit.assignment
    where kind = 'grid' and valid_to is null and region >= ${area.lo} and region < ${area.hi}
    group by region, subject order by region, subject`.execute(tx);
  return rows;
}

const withoutGrid = sql`not exists (select from kit.assignment a where a.kind = 'grid' and a.valid_to is null and a.household_id = h.id)`;

/** Villages of an area with households that belong to no grid, and how many. */
export async function outsideGrids(
  tx: Tx<DB>,
  area: { lo: string; hi: string },
): Promise<{ region: string; households: number }[]> {
  const { rows } = await sql<{
    region: string;
    households: number;
  }>`select h.place as region, count(*) as households from monitoring.household h
    where h.status = 'active' and h.place >= ${area.lo} and h.place < ${area.hi} and ${withoutGrid} group by h.place order by h.place`.execute(
    tx,
  );
  return rows;
}

export type Unassigned = { householdId: string; region: string; place: string; hamlet: string | null };

/** M-02: households of an area that belong to no grid, by the village they live in and id; `limit + 1` rows. */
export async function unassignedHouseholds(
  tx: Tx<DB>,
  filter: { area: { lo: string; hi: string }; after: string | undefined; limit: number },
): Promise<Unassigned[]> {
  const { rows } = await sql<Unassigned>`select h.id as "householdId", h.region, h.place, h.hamlet from monitoring.household h
    where h.status = 'active' and h.place >= ${filter.area.lo} and h.place < ${filter.area.hi} and ${withoutGrid}
      and ${
        filter.after === undefined
          ? sql`true`
          : sql`(h.place, h.id) > (select last.place, last.id from monitoring.household last where last.id = ${filter.after}::uuid)`
      }
    order by h.place, h.id limit ${filter.limit + 1}`.execute(tx);
  return rows;
}

/** Says where a household lives, if not where it is registered; it leaves its grid, which is another village's. */
export async function saveResidence(tx: Tx<DB>, householdId: string, residence: string | null): Promise<void> {
  await sql`update monitoring.household set residence_region = ${residence} where id = ${householdId}`.execute(tx);
}
