import type { Month } from "@shouwang/contract";
import { addDays, type BusinessDate, firstDayOf, lastDayOf, parameterFor, startOfDay, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import { afterPlace, focusSettings, type Place } from "../focus-household/condition-store.ts";
import { dueSpan, type HelpSettings } from "./decide.ts";

export type MonthlyHelp = {
  id: string;
  householdId: string;
  region: string;
  kind: string;
  helpedOn: string;
  recordedBy: string;
  recordedAt: Date;
};

export async function insertHelp(tx: Tx<DB>, help: MonthlyHelp, note: Buffer | undefined): Promise<void> {
  await tx
    .insertInto("monitoring.monthly_help")
    .values({
      id: help.id,
      household_id: help.householdId,
      region: help.region,
      kind: help.kind,
      helped_on: help.helpedOn,
      note: note ?? null,
      recorded_by: help.recordedBy,
      recorded_at: help.recordedAt,
    })
    .execute();
}

/** M-05's settings of monthly help in force at the end of a month, with the list in force then. */
export async function helpSettings(tx: Tx<DB>, region: string, month: Month): Promise<HelpSettings> {
  const date = lastDayOf(month);
  const counts = await parameterFor(tx, "focus.helpCounts", region, date);
  const least = await parameterFor(tx, "focus.monthlyHelps", region, date);
  const exempt = await parameterFor(tx, "focus.helpExemptFromDay", region, date);
  const { year } = await focusSettings(tx, region, date);
  return {
    year,
    counts: counts.value,
    least: least.value,
    exemptFromDay: exempt.value,
  };
}

/** The helps of a month that count, wherever they are recorded: each is one row of a household and its day. */
const helped = (month: Month, settings: HelpSettings) => helpedBetween(firstDayOf(month), lastDayOf(month), settings);
const helpedBetween = (first: BusinessDate, last: BusinessDate, { counts }: HelpSettings) => {
  const has = (way: string) => counts.includes(way);
  return sql`(
    select m.household_id, (m.implemented_at at time zone 'Asia/Shanghai')::date as day, 'measure' as way from monitoring.measure m
      where ${has("measure")}::boolean and m.taken_back_on is null and m.implemented_at >= ${startOfDay(first)} and m.implemented_at < ${startOfDay(addDays(last, 1))}
    union all select v.household_id, v.visited_on, case when v.mode = 'home' then 'home-visit' else 'call' end from monitoring.visit v
      where 'monthly-help' = any (v.purposes) and v.visited_on between ${first} and ${last}
        and ((${has("home-visit")}::boolean and v.mode = 'home' and not v.household_away) or (${has("call")}::boolean and v.mode <> 'home'))
    union all select r.household_id, r.helped_on, 'record' from monitoring.monthly_help r
      where ${has("record")}::boolean and r.helped_on between ${first} and ${last})`;
};

const due = (month: Month, settings: HelpSettings, today: BusinessDate) => {
  const span = dueSpan(month, settings, today);
  return sql`f.year = ${settings.year} and f.listed_on < ${span.listedBefore}::date and (f.removed_on is null or f.removed_on > ${span.listedAfter}::date)`;
};

/**
 * Each focus household owed a help in a month with how many it had. The two sets are laid over each other and grouped, never joined: a join of sets whose size
 * the planner cannot know is the one thing here that could grow with their product.
 */
const owed = (month: Month, settings: HelpSettings, today: BusinessDate, area: { lo: string; hi: string }) => sql`(
    select household_id, max(region) as region, sum(helps)::int as helps from (
      select f.household_id, f.region, 0 as helps from monitoring.focus_household f
        where ${due(month, settings, today)} and f.region >= ${area.lo} and f.region < ${area.hi}
      union all select household_id, null, 1 from ${helped(month, settings)} done) laid
    group by household_id having max(region) is not null)`;

export type HelpCount = { region: string; households: number; helped: number };

/** Focus households owed a help in a month and those that had it, by the first `digits` of their division. */
export async function countHelps(
  tx: Tx<DB>,
  given: { month: Month; settings: HelpSettings; today: BusinessDate; area: { lo: string; hi: string }; digits: number },
): Promise<HelpCount[]> {
  const { month, settings, today, area, digits } = given;
  const { rows } = await sql<HelpCount>`select rpad(left(o.region, ${digits}::int), 12, '0') as region, count(*) as households,
      count(*) filter (where o.helps >= ${settings.least}) as helped
    from ${owed(month, settings, today, area)} o group by 1 order by 1`.execute(tx);
  return rows;
}

/** Focus households still without their help of a month, in order of village and household; `limit + 1` rows. */
export async function listMissingHelps(
  tx: Tx<DB>,
  given: {
    month: Month;
    settings: HelpSettings;
    today: BusinessDate;
    area: { lo: string; hi: string };
    after: Place | undefined;
    limit: number;
  },
): Promise<(Place & { helps: number })[]> {
  const { month, settings, today, area } = given;
  const { rows } = await sql<Place & { helps: number }>`select o.region, o.household_id as "householdId", o.helps
    from ${owed(month, settings, today, area)} o
    where o.helps < ${settings.least} and ${afterPlace(sql`o.region`, sql`o.household_id`, given.after)}
    order by o.region, o.household_id limit ${given.limit + 1}`.execute(tx);
  return rows;
}

/** The helps of one household in a month that count, the earliest first. */
export async function helpsOf(
  tx: Tx<DB>,
  householdId: string,
  month: Month,
  settings: HelpSettings,
): Promise<{ day: string; way: string }[]> {
  const { rows } = await sql<{ day: string; way: string }>`select day, way from ${helped(month, settings)} done
    where household_id = ${householdId}::uuid order by day, way`.execute(tx);
  return rows;
}

/** In which months of a year each of some households had its help. */
export async function helpMonthsOf(
  tx: Tx<DB>,
  householdIds: readonly string[],
  year: number,
  settings: HelpSettings,
): Promise<Map<string, Set<number>>> {
  const span = helpedBetween(firstDayOf(`${year}-01`), lastDayOf(`${year}-12`), settings);
  const { rows } = await sql<{
    householdId: string;
    month: number;
  }>`select household_id as "householdId", extract(month from day)::int as month
    from ${span} done where household_id = any (${[...householdIds]}::uuid[]) group by 1, 2 having count(*) >= ${settings.least}`.execute(
    tx,
  );
  const months = new Map<string, Set<number>>();
  for (const row of rows) months.set(row.householdId, (months.get(row.householdId) ?? new Set()).add(row.month));
  return months;
}
