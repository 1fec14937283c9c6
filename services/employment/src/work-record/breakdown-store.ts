import type { Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import type { Scope } from "./decide.ts";
import { type Counted, counted, overMany } from "./figure-store.ts";

/** Where somebody counts: the place of their latest record of the days, so that the parts make up the whole. */
const people = (asked: Counted) => sql`(select distinct on (w.person_id) w.region, w.scope, w.country, w.place
  ${counted(asked)} order by w.person_id, w.from_date desc, w.id desc) p`;

export type DivisionCount = { region: string; workers: number } & Record<
  "inCounty" | "inRegion" | "outsideRegion" | "abroad",
  number
>;

/** E-01 by division, of so many digits, each with where its people work; in order of codes. */
export async function countByScope(tx: Tx<DB>, asked: Counted, digits: number): Promise<DivisionCount[]> {
  const { rows } = await overMany(tx, () =>
    sql<DivisionCount>`select rpad(left(region, ${digits}), 12, '0') as region, count(*)::int as workers,
      count(*) filter (where scope = 'in-county')::int as "inCounty", count(*) filter (where scope = 'in-region')::int as "inRegion",
      count(*) filter (where scope = 'outside-region')::int as "outsideRegion", count(*) filter (where scope = 'abroad')::int as abroad
    from ${people(asked)} group by 1 order by 1`.execute(tx),
  );
  return rows;
}

export type PlaceCount = { scope: Scope; country: string; place: string | null; workers: number };

/** E-01 by place of work: county within the region, city or province elsewhere as it is known, country abroad; the most people first. */
export async function countByPlace(tx: Tx<DB>, asked: Counted): Promise<PlaceCount[]> {
  const { rows } = await overMany(tx, () =>
    sql<PlaceCount>`select scope, country, case when scope = 'outside-region' then left(place, 4) else place end as place,
      count(*)::int as workers
    from ${people(asked)} group by 1, 2, 3 order by 4 desc, 2, 3`.execute(tx),
  );
  return rows;
}

export type MonthCount = { asOf: string; inYear: number; atEnd: number };

/**
 * E-01 for several days of one year at once, in their order: the people at work on a day of the year up to each, and on it. A record counts from its first day, or the
 * day its household was monitored, until its last, the day before somebody left or died, or before the household's clearance.
 */
export async function countByDay(tx: Tx<DB>, asked: Omit<Counted, "days">, days: readonly string[]): Promise<MonthCount[]> {
  const yearStart = `${(days[0] ?? "").slice(0, 4)}-01-01`;
  const { area, channels } = asked;
  const { rows } = await overMany(tx, () =>
    sql<MonthCount>`with work as materialized (
      select w.person_id, w.household_id, w.from_date as first,
        least(coalesce(w.until_date, 'infinity'), case when p.status = 'member' then 'infinity'::date else p.since - 1 end) as last,
        h.household_kind = 'lifted-household' as lifted, h.monitored_kind is not null and not h.risk_cleared as told
      from employment.work_record w join employment.person p on p.id = w.person_id join employment.household h on h.id = w.household_id
      where w.region >= ${area.lo} and w.region < ${area.hi} and w.channel = any(${[...channels]}::text[]) and w.voided_on is null
        and coalesce(w.until_date, 'infinity'::date) >= ${yearStart}::date),
    spans as materialized (
      select person_id, first, last from work where lifted
      union all
      select w.person_id, greatest(w.first, c.included_on), least(w.last, coalesce(c.ended_on - 1, 'infinity'))
      from work w join employment.monitored_case c on c.household_id = w.household_id and c.included_on is not null where not w.lifted
      union all
      select w.person_id, w.first, w.last from work w
      where not w.lifted and w.told
        and not exists (select from employment.monitored_case c where c.household_id = w.household_id and c.included_on is not null)),
    firsts as (select min(greatest(first, ${yearStart}::date)) as day from spans
      where last >= greatest(first, ${yearStart}::date) group by person_id)
    select d.day as "asOf", (select count(*)::int from firsts where firsts.day <= d.day) as "inYear",
      (select count(distinct person_id)::int from spans where first <= d.day and last >= d.day) as "atEnd"
    from unnest(${[...days]}::date[]) as d (day) order by d.day`.execute(tx),
  );
  return rows;
}
