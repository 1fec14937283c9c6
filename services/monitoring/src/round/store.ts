import { firstDayOf, lastDayOf, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { DB } from "../db.ts";
import type { RoundCount } from "../visit/decide.ts";

export type Range = { lo: string; hi: string };

/** Says that the round of these villages is to be counted anew; it is, within a second or so. Appends only: nobody waits for anybody here. */
export async function markVillages(tx: Tx<DB>, entries: readonly { month: string; place: string }[]): Promise<void> {
  const distinct = [...new Map(entries.map((entry) => [`${entry.month} ${entry.place}`, entry])).values()];
  if (distinct.length === 0) return;
  await sql`insert into monitoring.round_mark (month, place)
    select * from unnest(${distinct.map((x) => x.month)}::text[], ${distinct.map((x) => x.place)}::text[])`.execute(tx);
}

/** The villages of a range where households live, as a subquery with one column `place`: it goes from village to village by the index and reads no household twice. */
export const villagesIn = (area: Range) => sql<{ place: string }>`(
  with recursive village (place) as (
    (select place from monitoring.household where status = 'active' and place >= ${area.lo} and place < ${area.hi} order by place limit 1)
    union all
    select (select h.place from monitoring.household h where h.status = 'active' and h.place > village.place and h.place < ${area.hi} order by h.place limit 1)
    from village where village.place is not null)
  select place from village where place is not null)`;

/** Marks every village of the region where households live. */
export async function markAllVillages(tx: Tx<DB>, month: string): Promise<void> {
  await sql`insert into monitoring.round_mark (month, place) select ${month}, place from ${villagesIn({ lo: "0", hi: "a" })} villages`.execute(
    tx,
  );
}

/** Takes the marks of up to `limit` villages of a month off the list. */
export async function takeMarks(tx: Tx<DB>, limit: number): Promise<{ month: string; places: string[] } | undefined> {
  const { rows } = await sql<{ month: string; place: string }>`
    with next as (select month from monitoring.round_mark order by id limit 1),
    chosen as (select m.place from monitoring.round_mark m where m.month = (select month from next) group by m.place order by min(m.id) limit ${limit}),
    taken as (delete from monitoring.round_mark m using chosen where m.month = (select month from next) and m.place = chosen.place returning m.month, m.place)
    select distinct month, place from taken`.execute(tx);
  const month = rows[0]?.month;
  return month === undefined ? undefined : { month, places: rows.map((row) => row.place) };
}

/** Households of some villages and how a month reached each: the one reading all figures of the round come from. Each counts once, at its present place. */
const reached = (given: { month: string; callsFrom: string; where: ReturnType<typeof sql> }) => sql`
  select h.place, coalesce(a.subject, '') as subject, h.monitored_kind is not null and not h.risk_cleared as focus, seen.home_on, seen.call_on
  from monitoring.household h
  left join kit.assignment a on a.household_id = h.id and a.kind = 'grid' and a.valid_to is null
  left join lateral (
    select min(v.visited_on) filter (where v.round_met = 'at-home' and v.visited_on >= ${firstDayOf(given.month)}::date) as home_on,
      case when bool_or(v.round_met = 'by-call') then greatest(min(v.visited_on) filter (where v.round_met = 'by-call'), ${firstDayOf(given.month)}::date) end as call_on
    from monitoring.visit v where v.household_id = h.id and v.visited_on >= ${given.callsFrom}::date and v.visited_on <= ${lastDayOf(given.month)}::date
      and v.round_met is not null) seen on true
  where h.status = 'active' and ${given.where}`;

/**
 * M-02: counts the round of some villages anew and keeps it by village, by grid and by grid and day. A locked village stays as it was frozen.
 * `callsFrom` is the first day whose calls to the absent count for the month, which the settings may put before it.
 * What is gone is looked up in the new set (`is not true` keeps it a set that is read once): compared with it row by row, work would grow with the square of the villages.
 * @returns the villages whose figures changed
 */
export async function recountVillages(
  tx: Tx<DB>,
  given: { month: string; callsFrom: string; places: readonly string[]; now: Date; today: string },
): Promise<string[]> {
  const { month, now, today } = given;
  const { rows: open } = await sql<{ place: string }>`select place from unnest(${[...given.places]}::text[]) as asked (place)
    where not exists (select from monitoring.round_village r where r.month = ${month} and r.region = asked.place and r.locked_at is not null)`.execute(
    tx,
  );
  const places = open.map((row) => row.place);
  if (places.length === 0) return [];
  const { rows } = await sql<{ region: string }>`
    with household as materialized (${reached({ month, callsFrom: given.callsFrom, where: sql`h.place = any(${places}::text[])` })}),
    grid as (
      select place, subject, count(*)::int as households, count(*) filter (where focus)::int as focus_households,
        count(home_on)::int as at_home, count(*) filter (where home_on is null and call_on is not null)::int as by_call,
        count(home_on) filter (where focus)::int as focus_at_home,
        count(*) filter (where focus and home_on is null and call_on is not null)::int as focus_by_call
      from household group by place, subject),
    day as (
      select place, subject, coalesce(home_on, call_on) as day, count(home_on)::int as at_home, count(*) filter (where home_on is null)::int as by_call
      from household where home_on is not null or call_on is not null group by 1, 2, 3),
    gone_grids as (
      delete from monitoring.round_grid r where r.month = ${month} and r.region = any(${places}::text[])
        and ((r.region, r.subject) in (select g.place, g.subject from grid g)) is not true),
    gone_days as (
      delete from monitoring.round_day r where r.month = ${month} and r.region = any(${places}::text[])
        and ((r.region, r.subject, r.day) in (select d.place, d.subject, d.day from day d)) is not true),
    kept_days as (
      insert into monitoring.round_day as r (month, region, subject, day, at_home, by_call) select ${month}, d.* from day d
      on conflict (month, region, subject, day) do update set at_home = excluded.at_home, by_call = excluded.by_call
        where (r.at_home, r.by_call) is distinct from (excluded.at_home, excluded.by_call)),
    kept_grids as (
      insert into monitoring.round_grid as r (month, region, subject, households, focus_households, at_home, by_call, focus_at_home, focus_by_call)
      select ${month}, g.* from grid g
      on conflict (month, region, subject) do update set households = excluded.households, focus_households = excluded.focus_households,
        at_home = excluded.at_home, by_call = excluded.by_call, focus_at_home = excluded.focus_at_home, focus_by_call = excluded.focus_by_call
        where (r.households, r.focus_households, r.at_home, r.by_call, r.focus_at_home, r.focus_by_call) is distinct from
          (excluded.households, excluded.focus_households, excluded.at_home, excluded.by_call, excluded.focus_at_home, excluded.focus_by_call)),
    village as (
      select asked.place, coalesce(sum(households), 0)::int as households, coalesce(sum(focus_households), 0)::int as focus_households,
        coalesce(sum(at_home), 0)::int as at_home, coalesce(sum(by_call), 0)::int as by_call, coalesce(sum(focus_at_home), 0)::int as focus_at_home,
        coalesce(sum(focus_by_call), 0)::int as focus_by_call
      from unnest(${places}::text[]) as asked (place) left join grid on grid.place = asked.place group by asked.place)
    insert into monitoring.round_village as r (id, month, region, households, focus_households, at_home, by_call, focus_at_home, focus_by_call, counted_at, changed_on)
    select id, ${month}, v.*, ${now}::timestamptz, ${today}::date from village v
      join unnest(${places}::text[], ${places.map(() => uuidv7())}::uuid[]) as fresh (place, id) on fresh.place = v.place
    on conflict (month, region) do update set households = excluded.households, focus_households = excluded.focus_households, at_home = excluded.at_home,
      by_call = excluded.by_call, focus_at_home = excluded.focus_at_home, focus_by_call = excluded.focus_by_call, counted_at = excluded.counted_at,
      changed_on = excluded.changed_on
      where (r.households, r.focus_households, r.at_home, r.by_call, r.focus_at_home, r.focus_by_call) is distinct from
        (excluded.households, excluded.focus_households, excluded.at_home, excluded.by_call, excluded.focus_at_home, excluded.focus_by_call)
    returning region`.execute(tx);
  return rows.map((row) => row.region);
}

/** M-02: households of an area and how the round of a month reached them, counted now, by the first `digits` of where they live; those in monitoring apart. */
export async function roundByPlace(
  tx: Tx<DB>,
  given: { month: string; callsFrom: string; area: Range; digits: number },
): Promise<RoundCount[]> {
  const where = sql`h.place >= ${given.area.lo} and h.place < ${given.area.hi}`;
  const { rows } = await sql<RoundCount>`
    with household as (${reached({ ...given, where })})
    select rpad(left(place, ${given.digits}::int), 12, '0') as region, focus, count(*) as households, count(home_on) as "atHome",
      count(*) filter (where home_on is null and call_on is not null) as "byCall"
    from household group by 1, 2 order by 1, 2`.execute(tx);
  return rows;
}

export type KeptRound = { counts: RoundCount[]; countedAt: Date | null; locked: boolean };

/** The same from the roll-up: what was frozen of a locked month, else what was last counted of each village. Empty for a month nobody has counted. */
export async function keptRound(tx: Tx<DB>, given: { month: string; area: Range; digits: number }): Promise<KeptRound> {
  const { rows } = await sql<{
    region: string;
    households: number;
    focusHouseholds: number;
    atHome: number;
    byCall: number;
    focusAtHome: number;
    focusByCall: number;
    countedAt: Date;
    locked: boolean;
  }>`select rpad(left(region, ${given.digits}::int), 12, '0') as region, sum(households)::int as households, sum(focus_households)::int as "focusHouseholds",
      sum(at_home)::int as "atHome", sum(by_call)::int as "byCall", sum(focus_at_home)::int as "focusAtHome", sum(focus_by_call)::int as "focusByCall",
      min(counted_at) as "countedAt", bool_and(locked_at is not null) as locked
    from monitoring.round_village where month = ${given.month} and region >= ${given.area.lo} and region < ${given.area.hi} and households > 0
    group by 1 order by 1`.execute(tx);
  const counts = rows.flatMap((row) => [
    {
      region: row.region,
      focus: false,
      households: row.households - row.focusHouseholds,
      atHome: row.atHome - row.focusAtHome,
      byCall: row.byCall - row.focusByCall,
    },
    { region: row.region, focus: true, households: row.focusHouseholds, atHome: row.focusAtHome, byCall: row.focusByCall },
  ]);
  const times = rows.map((row) => row.countedAt.getTime());
  return {
    counts: counts.filter((count) => count.households > 0),
    countedAt: times.length === 0 ? null : new Date(Math.min(...times)),
    locked: rows.length > 0 && rows.every((row) => row.locked),
  };
}

export type GridRound = {
  region: string;
  gridWorker: string | null;
  households: number;
  focusHouseholds: number;
  atHome: number;
  byCall: number;
  notSeen: number;
};

/** Grids of an area and how far each is with a month's round. */
export async function roundGrids(tx: Tx<DB>, month: string, area: Range): Promise<GridRound[]> {
  const { rows } =
    await sql<GridRound>`select region, nullif(subject, '') as "gridWorker", households, focus_households as "focusHouseholds", at_home as "atHome",
      by_call as "byCall", households - at_home - by_call as "notSeen"
    from monitoring.round_grid where month = ${month} and region >= ${area.lo} and region < ${area.hi} order by region, subject`.execute(
      tx,
    );
  return rows;
}

/** How many households of an area a month's round first reached on each day. */
export async function roundDays(
  tx: Tx<DB>,
  month: string,
  area: Range,
): Promise<{ day: string; atHome: number; byCall: number }[]> {
  const { rows } = await sql<{
    day: string;
    atHome: number;
    byCall: number;
  }>`select day, sum(at_home)::int as "atHome", sum(by_call)::int as "byCall"
    from monitoring.round_day where month = ${month} and region >= ${area.lo} and region < ${area.hi} group by day order by day`.execute(
    tx,
  );
  return rows;
}
