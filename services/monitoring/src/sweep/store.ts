import type { SweepState } from "@shouwang/contract";
import type { Tx } from "@shouwang/service-kit";
import { type Selectable, sql } from "kysely";
import type { z } from "zod";
import type { DB, MonitoringSweep } from "../db.ts";
import { type Range, villagesIn } from "../round/store.ts";
import { covers, type Sweep, type SweepCount, type SweepStatus } from "./decide.ts";

const fromRow = (row: Selectable<MonitoringSweep>): Sweep => ({
  id: row.id,
  division: row.division,
  title: row.title,
  document: row.document,
  scope: row.scope,
  from: row.from_date,
  until: row.until_date,
  // Safe: a check constraint holds this column to the union.
  status: row.status as SweepStatus,
  closedAt: row.closed_at,
  figures:
    row.households === null
      ? null
      : { households: row.households, atHome: row.at_home ?? 0, byCall: row.by_call ?? 0, findings: row.findings ?? 0 },
  version: row.version,
});

/** A sweep as its events carry it. */
export const stateOfSweep = (sweep: Sweep): z.input<typeof SweepState> => ({
  sweepId: sweep.id,
  region: sweep.division,
  scope: sweep.scope,
  from: sweep.from,
  until: sweep.until,
  status: sweep.status === "closing" ? "open" : sweep.status,
  households: sweep.figures?.households ?? null,
  atHome: sweep.figures?.atHome ?? null,
  byCall: sweep.figures?.byCall ?? null,
  findings: sweep.figures?.findings ?? null,
});

export async function insertSweep(tx: Tx<DB>, sweep: Sweep, given: { by: string; at: Date }): Promise<void> {
  await tx
    .insertInto("monitoring.sweep")
    .values({
      id: sweep.id,
      division: sweep.division,
      title: sweep.title,
      document: sweep.document,
      scope: sweep.scope,
      from_date: sweep.from,
      until_date: sweep.until,
      status: sweep.status,
      ordered_by: given.by,
      ordered_at: given.at,
    })
    .execute();
}

export async function saveSweep(tx: Tx<DB>, sweep: Sweep): Promise<void> {
  await tx
    .updateTable("monitoring.sweep")
    .set({
      until_date: sweep.until,
      status: sweep.status,
      closed_at: sweep.closedAt,
      households: sweep.figures?.households ?? null,
      at_home: sweep.figures?.atHome ?? null,
      by_call: sweep.figures?.byCall ?? null,
      findings: sweep.figures?.findings ?? null,
      version: sweep.version,
    })
    .where("id", "=", sweep.id)
    .execute();
}

export async function findSweep(tx: Tx<DB>, id: string): Promise<Sweep | undefined> {
  const row = await tx.selectFrom("monitoring.sweep").selectAll().where("id", "=", id).executeTakeFirst();
  return row && fromRow(row);
}

export async function lockSweep(tx: Tx<DB>, id: string): Promise<Sweep | undefined> {
  const row = await tx.selectFrom("monitoring.sweep").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
  return row && fromRow(row);
}

/** Sweeps, the newest first; of all divisions, since an order is no secret. */
export async function newestSweeps(tx: Tx<DB>, limit: number): Promise<Sweep[]> {
  const rows = await tx
    .selectFrom("monitoring.sweep")
    .selectAll()
    .orderBy("from_date", "desc")
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
  return rows.map(fromRow);
}

/** Says that the sweeps of these villages are to be counted anew. Appends only. */
export async function markSweeps(tx: Tx<DB>, places: readonly string[]): Promise<void> {
  if (places.length === 0) return;
  await sql`insert into monitoring.sweep_mark (place) select distinct * from unnest(${[...places]}::text[])`.execute(tx);
}

/** Marks the villages of a scope where households live. */
export async function markScope(tx: Tx<DB>, scope: readonly Range[]): Promise<void> {
  for (const range of scope)
    await sql`insert into monitoring.sweep_mark (place) select place from ${villagesIn(range)} villages`.execute(tx);
}

/** Takes the marks of up to `limit` villages off the list. */
export async function takeSweepMarks(tx: Tx<DB>, limit: number): Promise<string[]> {
  const { rows } = await sql<{ place: string }>`
    with chosen as (select place from monitoring.sweep_mark group by place order by min(id) limit ${limit}),
    taken as (delete from monitoring.sweep_mark m using chosen where m.place = chosen.place returning m.place)
    select distinct place from taken`.execute(tx);
  return rows.map((row) => row.place);
}

/** Sweeps that still run. */
export async function runningSweeps(tx: Tx<DB>): Promise<Sweep[]> {
  const rows = await tx
    .selectFrom("monitoring.sweep")
    .selectAll()
    .where("status", "in", ["open", "closing"])
    .orderBy("id")
    .execute();
  return rows.map(fromRow);
}

const inParts = (parts: readonly Range[]) =>
  sql`(${sql.join(
    parts.map((part) => sql`(h.place >= ${part.lo} and h.place < ${part.hi})`),
    sql` or `,
  )})`;

/** How the sweep met each household of some villages: seen at home, else called while away. */
const met = (sweep: Pick<Sweep, "from" | "until">) => sql`lateral (
  select bool_or(v.sweep_met = 'at-home') as home, bool_or(v.sweep_met = 'by-call') as called from monitoring.visit v
  where v.household_id = h.id and v.visited_on >= ${sweep.from}::date and v.visited_on <= ${sweep.until}::date and v.sweep_met is not null) seen`;

/** M-01: counts a sweep in some of its villages anew; with `final` for the last time, and what is final stays. */
export async function recountSweep(
  tx: Tx<DB>,
  sweep: Sweep,
  given: { places: readonly string[]; now: Date; final: boolean },
): Promise<void> {
  const places = given.places.filter((place) => covers(sweep, place));
  if (places.length === 0) return;
  // The villages' households are read at once and then counted by village: village by village, each would go through the whole area's index anew.
  await sql`with counted as (
      select h.place, count(*) as households, count(*) filter (where seen.home) as at_home,
        count(*) filter (where seen.called and seen.home is not true) as by_call
      from monitoring.household h left join ${met(sweep)} on true where h.status = 'active' and h.place = any(${places}::text[]) group by h.place)
    insert into monitoring.sweep_village as r (sweep_id, region, households, at_home, by_call, counted_at, final)
    select ${sweep.id}::uuid, asked.place, coalesce(households, 0), coalesce(at_home, 0), coalesce(by_call, 0), ${given.now}::timestamptz, ${given.final}
    from unnest(${places}::text[]) as asked (place) left join counted on counted.place = asked.place
    on conflict (sweep_id, region) do update set households = excluded.households, at_home = excluded.at_home, by_call = excluded.by_call,
      counted_at = excluded.counted_at, final = excluded.final where not r.final`.execute(tx);
}

/** Up to `limit` villages of a closing sweep that are still to be counted for the last time; the first call puts in those nobody has been to. */
export async function villagesToClose(tx: Tx<DB>, sweep: Sweep, scope: readonly Range[], limit: number): Promise<string[]> {
  for (const range of scope) {
    await sql`insert into monitoring.sweep_village (sweep_id, region, households, at_home, by_call, counted_at)
      select ${sweep.id}::uuid, place, 0, 0, 0, kit.now() from ${villagesIn(range)} villages on conflict do nothing`.execute(tx);
  }
  const rows = await tx
    .selectFrom("monitoring.sweep_village")
    .select("region")
    .where("sweep_id", "=", sweep.id)
    .where("final", "=", false)
    .orderBy("region")
    .limit(limit)
    .execute();
  return rows.map((row) => row.region);
}

/** The sums of a sweep as last counted, and its findings. */
export async function sweepTotals(tx: Tx<DB>, sweepId: string, area: Range): Promise<NonNullable<Sweep["figures"]>> {
  const { rows } = await sql<
    NonNullable<Sweep["figures"]>
  >`select coalesce(sum(households), 0)::int as households, coalesce(sum(at_home), 0)::int as "atHome",
      coalesce(sum(by_call), 0)::int as "byCall",
      (select count(*)::int from monitoring.sweep_finding f where f.sweep_id = ${sweepId} and f.region >= ${area.lo} and f.region < ${area.hi}) as findings
    from monitoring.sweep_village where sweep_id = ${sweepId} and region >= ${area.lo} and region < ${area.hi}`.execute(tx);
  return rows[0] ?? { households: 0, atHome: 0, byCall: 0, findings: 0 };
}

/** Coverage by the first `digits` of the village, counted now over the parts of the scope asked for. */
export async function sweepByPlace(tx: Tx<DB>, sweep: Sweep, parts: readonly Range[], digits: number): Promise<SweepCount[]> {
  if (parts.length === 0) return [];
  const { rows } =
    await sql<SweepCount>`select rpad(left(h.place, ${digits}::int), 12, '0') as region, count(*)::int as households,
      (count(*) filter (where seen.home))::int as "atHome", (count(*) filter (where seen.called and seen.home is not true))::int as "byCall"
    from monitoring.household h left join ${met(sweep)} on true
    where h.status = 'active' and ${inParts(parts)} group by 1 order by 1`.execute(tx);
  return rows;
}

/** The same as last counted, or as frozen. */
export async function keptSweep(tx: Tx<DB>, sweepId: string, area: Range, digits: number): Promise<SweepCount[]> {
  const { rows } =
    await sql<SweepCount>`select rpad(left(region, ${digits}::int), 12, '0') as region, sum(households)::int as households,
      sum(at_home)::int as "atHome", sum(by_call)::int as "byCall"
    from monitoring.sweep_village where sweep_id = ${sweepId} and region >= ${area.lo} and region < ${area.hi} and households > 0 group by 1 order by 1`.execute(
      tx,
    );
  return rows;
}

export type NotSeen = { householdId: string; region: string; place: string; hamlet: string | null; householdKind: string };

/** M-01: households of the scope nobody has met yet, by village and id; `limit + 1` rows. The households of the scope without those met: an anti-join of two sets. */
export async function notSeenBySweep(
  tx: Tx<DB>,
  sweep: Sweep,
  given: { parts: readonly Range[]; phoneCounts: boolean; after: string | undefined; limit: number },
): Promise<NotSeen[]> {
  if (given.parts.length === 0) return [];
  const { rows } =
    await sql<NotSeen>`select h.id as "householdId", h.region, h.place, h.hamlet, h.household_kind as "householdKind" from monitoring.household h
    where h.status = 'active' and ${inParts(given.parts)}
      and not exists (select from monitoring.visit v where v.household_id = h.id and v.visited_on >= ${sweep.from}::date and v.visited_on <= ${sweep.until}::date
        and ${given.phoneCounts ? sql`v.sweep_met is not null` : sql`v.sweep_met = 'at-home'`})
      and ${
        given.after === undefined
          ? sql`true`
          : sql`(h.place, h.id) > (select last.place, last.id from monitoring.household last where last.id = ${given.after}::uuid)`
      }
    order by h.place, h.id limit ${given.limit + 1}`.execute(tx);
  return rows;
}
