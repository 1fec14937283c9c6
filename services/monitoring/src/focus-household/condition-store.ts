import { parameterFor, type Tx } from "@shouwang/service-kit";
import { type RawBuilder, sql } from "kysely";
import type { DB } from "../db.ts";
import type { Criterion, DropFacts, DropSettings, FocusFacts, FocusSettings } from "./decide.ts";

/** The settings of M-05 in force for a place and day. The list is of the year after its base year. */
export async function focusSettings(tx: Tx<DB>, region: string, date: string): Promise<FocusSettings & { year: number }> {
  const base = await parameterFor(tx, "focus.baselineYear", region, date);
  const max = await parameterFor(tx, "focus.incomeMax", region, date);
  const baseYear = base.value;
  return { baseYear, year: baseYear + 1, incomeMaxFen: max.value, document: max.document };
}

export async function dropSettings(tx: Tx<DB>, region: string, date: string): Promise<DropSettings> {
  const ratio = await parameterFor(tx, "focus.dropRatio", region, date);
  const months = await parameterFor(tx, "focus.wageStopMonths", region, date);
  return {
    dropRatio: ratio.value,
    wageStopMonths: months.value,
    document: ratio.document,
  };
}

const isWatched = sql`h.status = 'active' and (h.household_kind = 'lifted-household' or (h.monitored_kind is not null and not h.risk_cleared))`;
const isComplete = sql`y.per_capita_fen is not null and y.before_per_capita_fen is not null`;

/** The conditions of decide.ts as SQL over one row `y` of income_year, that of the base year; a property test holds the two together. */
const fell = sql<boolean>`(y.per_capita_fen < y.before_per_capita_fen)`;
const low = (settings: FocusSettings): RawBuilder<boolean> =>
  sql<boolean>`(y.per_capita_fen <= ${settings.incomeMaxFen}::bigint)`;
export const isFocus = (settings: FocusSettings): RawBuilder<boolean> => sql<boolean>`(${fell} or ${low(settings)} or y.dropped)`;
export const criteriaOf = (settings: FocusSettings): RawBuilder<Criterion[]> =>
  sql<Criterion[]>`array_remove(array[case when ${fell} then 'income-fell' end, case when ${low(settings)} then 'income-low' end,
    case when y.dropped then 'epidemic-income-drop' end], null)`;
/** (a) would come out the other way at the year before's headcount: floor(net ÷ heads) < before, which for whole numbers is net < before × heads. */
const byHeadcount = sql<boolean>`(${fell} <> (y.net_fen < y.before_per_capita_fen * y.before_headcount))`;

export type FocusCount = {
  region: string;
  /** Watched households with an income of one of the two years at least, and those of them with both. */
  known: number;
  complete: number;
  households: number;
  incomeFell: number;
  incomeLow: number;
  epidemicDrop: number;
  byHeadcount: number;
};

/** How many households of an area the conditions find, and by which, by the first `digits` of their division: one pass over one index. */
export async function countFocus(
  tx: Tx<DB>,
  settings: FocusSettings,
  area: { lo: string; hi: string },
  digits: number,
): Promise<FocusCount[]> {
  // By village first: the index comes in that order, so that nothing is cut, padded and hashed a million times.
  const { rows } =
    await sql<FocusCount>`select rpad(left(region, ${digits}::int), 12, '0') as region, sum(known)::bigint as known, sum(complete)::bigint as complete,
      sum(households)::bigint as households, sum(income_fell)::bigint as "incomeFell", sum(income_low)::bigint as "incomeLow",
      sum(epidemic_drop)::bigint as "epidemicDrop", sum(by_headcount)::bigint as "byHeadcount"
    from (
      select y.region, count(*) as known, count(*) filter (where ${isComplete}) as complete, count(*) filter (where ${isFocus(settings)}) as households,
        count(*) filter (where ${fell}) as income_fell, count(*) filter (where ${low(settings)}) as income_low, count(*) filter (where y.dropped) as epidemic_drop,
        count(*) filter (where y.headcount <> y.before_headcount and ${byHeadcount}) as by_headcount
      from monitoring.income_year y
      where y.year = ${settings.baseYear} and y.watched and y.region >= ${area.lo} and y.region < ${area.hi}
      group by y.region) village
    group by 1 order by 1`.execute(tx);
  return rows;
}

/** Households of the population: those with no income of either year have no row to be counted by, and are not forgotten for it. */
export async function countWatched(tx: Tx<DB>, area: { lo: string; hi: string }): Promise<number> {
  const { rows } = await sql<{ households: number }>`select count(*) as households from monitoring.household h
    where ${isWatched} and h.region >= ${area.lo} and h.region < ${area.hi}`.execute(tx);
  return rows[0]?.households ?? 0;
}

/** Where a page of households in order of village and id goes on. */
export type Place = { region: string; householdId: string };
export const afterPlace = (alias: RawBuilder<unknown>, id: RawBuilder<unknown>, after: Place | undefined) =>
  after === undefined ? sql`true` : sql`(${alias}, ${id}) > (${after.region}::text collate "C", ${after.householdId}::uuid)`;

export type Found = Place & {
  criteria: Criterion[];
  perCapitaFen: number | null;
  beforePerCapitaFen: number | null;
  byHeadcount: boolean | null;
};

/** Households the conditions find, in order of village and id; `limit + 1` rows. */
export async function listFound(
  tx: Tx<DB>,
  settings: FocusSettings,
  filter: { area: { lo: string; hi: string }; criterion: Criterion | undefined; after: Place | undefined; limit: number },
): Promise<Found[]> {
  const only = {
    "income-fell": fell,
    "income-low": low(settings),
    "epidemic-income-drop": sql<boolean>`y.dropped`,
  };
  const { rows } = await sql<Found>`select y.region, y.household_id as "householdId", ${criteriaOf(settings)} as criteria,
      y.per_capita_fen as "perCapitaFen", y.before_per_capita_fen as "beforePerCapitaFen", ${byHeadcount} as "byHeadcount"
    from monitoring.income_year y
    where y.year = ${settings.baseYear} and y.watched and y.region >= ${filter.area.lo} and y.region < ${filter.area.hi}
      and ${filter.criterion === undefined ? isFocus(settings) : only[filter.criterion]}
      and ${afterPlace(sql`y.region`, sql`y.household_id`, filter.after)}
    order by y.region, y.household_id limit ${filter.limit + 1}`.execute(tx);
  return rows;
}

/**
 * Households to be completed, with the years whose income is missing, in order of village and id; `limit + 1` rows. The villages are found by one sum over both tables:
 * the planner, to whom row-level security says nothing of how many rows pass, would else look through the one again for every row of the other.
 */
export async function listIncomplete(
  tx: Tx<DB>,
  settings: FocusSettings,
  filter: { area: { lo: string; hi: string }; after: Place | undefined; limit: number },
): Promise<(Place & { missing: number[] })[]> {
  const { lo, hi } = filter.area;
  const { rows } = await sql<Place & { missing: number[] }>`
    with short as materialized (
      select region from (
        select h.region, 1 as n from monitoring.household h where ${isWatched} and h.region >= ${lo} and h.region < ${hi}
        union all
        select y.region, -1 from monitoring.income_year y
        where y.year = ${settings.baseYear} and y.watched and y.region >= ${lo} and y.region < ${hi} and ${isComplete}) each
      where region >= ${filter.after?.region ?? lo} group by region having sum(n) > 0 order by region limit ${filter.limit + 1})
    select h.region, h.id as "householdId", array_remove(array[case when y.per_capita_fen is null then ${settings.baseYear}::int end,
      case when y.before_per_capita_fen is null then ${settings.baseYear - 1}::int end], null) as missing
    from monitoring.household h
    left join lateral (select * from monitoring.income_year y where y.household_id = h.id and y.year = ${settings.baseYear} limit 1) y on true
    where h.region = any(array(select region from short)) and ${isWatched} and ((${isComplete}) is not true) and ${afterPlace(sql`h.region`, sql`h.id`, filter.after)}
    order by h.region, h.id limit ${filter.limit + 1}`.execute(tx);
  return rows;
}

/** What decides about one household; undefined where there is no such household in the caller's area. */
export async function factsOf(
  tx: Tx<DB>,
  householdId: string,
  baseYear: number,
): Promise<{ region: string; facts: FocusFacts } | undefined> {
  const { rows } = await sql<{
    region: string;
    watched: boolean;
    dropped: boolean | null;
    perCapitaFen: number | null;
    netFen: number;
    headcount: number;
    beforePerCapitaFen: number | null;
    beforeNetFen: number;
    beforeHeadcount: number;
  }>`select h.region, (${isWatched}) as watched, y.dropped, y.per_capita_fen as "perCapitaFen", y.net_fen as "netFen", y.headcount,
      y.before_per_capita_fen as "beforePerCapitaFen", y.before_net_fen as "beforeNetFen", y.before_headcount as "beforeHeadcount"
    from monitoring.household h left join monitoring.income_year y on y.household_id = h.id and y.year = ${baseYear} where h.id = ${householdId}::uuid`.execute(
    tx,
  );
  const row = rows[0];
  if (!row) return undefined;
  const { perCapitaFen, beforePerCapitaFen } = row;
  return {
    region: row.region,
    facts: {
      watched: row.watched,
      dropped: row.dropped ?? false,
      base: perCapitaFen === null ? null : { perCapitaFen, netFen: row.netFen, headcount: row.headcount },
      before:
        beforePerCapitaFen === null
          ? null
          : { perCapitaFen: beforePerCapitaFen, netFen: row.beforeNetFen, headcount: row.beforeHeadcount },
    },
  };
}

/** What may speak for a sharp loss of one household since the base year. */
export async function dropFactsOf(tx: Tx<DB>, householdId: string, baseYear: number): Promise<DropFacts> {
  const { rows } = await sql<{ base: number | null; toDate: number | null; months: number | null }>`
    select before_per_capita_fen as base, to_date_per_capita_fen as "toDate", to_date_months as months
    from monitoring.income_year where household_id = ${householdId}::uuid and year = ${baseYear + 1}`.execute(tx);
  const row = rows[0];
  const stops = await sql<{
    from: string;
    until: string | null;
  }>`select from_date as "from", until_date as until from monitoring.wage_stop
    where household_id = ${householdId}::uuid and epidemic and from_date > ${`${baseYear}-12-31`}::date order by from_date`.execute(
    tx,
  );
  const toDate = row && row.toDate !== null && row.months ? { perCapitaFen: row.toDate, months: row.months } : null;
  return { basePerCapitaFen: row?.base ?? null, toDate, wageStops: stops.rows };
}

/** Watched households of an area for whom a sharp loss is proposed and nobody has decided yet, in order of village and id; `limit + 1` rows. */
export async function listProposedDrops(
  tx: Tx<DB>,
  given: {
    baseYear: number;
    settings: DropSettings;
    today: string;
    area: { lo: string; hi: string };
    after: Place | undefined;
    limit: number;
  },
): Promise<Place[]> {
  const { baseYear, settings, today, area, after } = given;
  const { rows } = await sql<Place>`select found.region, found.household_id as "householdId" from (
      select y.region, y.household_id from monitoring.income_year y
      where y.year = ${baseYear + 1} and y.watched and y.to_date_months is not null and y.before_per_capita_fen > 0
        and y.to_date_per_capita_fen * 12 * ${settings.dropRatio.denominator}::bigint <= y.before_per_capita_fen * y.to_date_months * ${settings.dropRatio.numerator}::bigint
        and y.region >= ${area.lo} and y.region < ${area.hi}
      union
      select w.region, w.household_id from monitoring.wage_stop w join monitoring.household h on h.id = w.household_id and (${isWatched})
      where w.epidemic and w.from_date > ${`${baseYear}-12-31`}::date
        and (w.from_date + make_interval(months => ${settings.wageStopMonths}::int))::date <= coalesce(w.until_date, ${today}::date) + 1
        and w.region >= ${area.lo} and w.region < ${area.hi}) found
    where not exists (select from monitoring.epidemic_drop d where d.household_id = found.household_id and d.year = ${baseYear + 1})
      and ${afterPlace(sql`found.region`, sql`found.household_id`, after)}
    order by found.region, found.household_id limit ${given.limit + 1}`.execute(tx);
  return rows;
}
