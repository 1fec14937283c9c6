import { type Keys, openRecord, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import { z } from "zod";
import type { DB } from "../db.ts";
import type { Criterion } from "../focus-household/decide.ts";
import type { HelpSettings } from "../monthly-help/decide.ts";
import { helpMonthsOf } from "../monthly-help/store.ts";
import type { Share } from "../share-indicator.ts";

/** One focus household as the village's ledger sheet shows it: masked, in fen. */
export type LedgerRow = {
  householdId: string;
  region: string;
  householdNo: string | null;
  head: string | null;
  identity: string | null;
  headcount: number;
  householdKind: string;
  monitoredKind: string | null;
  beforePerCapitaFen: number | null;
  perCapitaFen: number | null;
  criteria: Criterion[];
  ableWorkers: number;
  industry: number;
  /** Kinds of help had this year. */
  had: string[];
  helper: { name: string; phone: string; unit: string } | null;
  /** Months of the year with the help owed. */
  helpedIn: ReadonlySet<number>;
  /** By quarter, 1 to 4: what its analysis says. */
  quarters: ReadonlyMap<
    number,
    { trend: string; cause: string; perCapitaFen: number | null; expectedPerCapitaFen: number | null }
  >;
};

/** The villages of an area that have focus households, with how many. */
export async function villagesWithFocus(
  tx: Tx<DB>,
  year: number,
  area: { lo: string; hi: string },
): Promise<{ region: string; households: number }[]> {
  const { rows } = await sql<{
    region: string;
    households: number;
  }>`select f.region, count(*) as households from monitoring.focus_household f
    where f.year = ${year} and f.removed_on is null and f.region >= ${area.lo} and f.region < ${area.hi} group by 1 order by 1`.execute(
    tx,
  );
  return rows;
}

const HelperSecret = z.object({ name: z.string(), unit: z.string(), phone: z.string() });

/** The rows of one village's sheet, in order of the household's number. */
export async function ledgerRows(
  tx: Tx<DB>,
  keys: Keys,
  given: { village: string; year: number; settings: HelpSettings },
): Promise<LedgerRow[]> {
  const { village, year, settings } = given;
  const main = await sql<
    Omit<LedgerRow, "helper" | "helpedIn" | "quarters"> & {
      helperId: string | null;
      secret: Buffer | null;
      helperName: string;
      helperPhone: string;
    }
  >`
    select f.household_id as "householdId", f.region, h.household_no as "householdNo", p.name_mask as head, p.identity_mask as identity, h.headcount,
      h.household_kind as "householdKind", case when h.risk_cleared then null else h.monitored_kind end as "monitoredKind",
      f.before_per_capita_fen as "beforePerCapitaFen", f.per_capita_fen as "perCapitaFen", f.criteria, h.able_workers as "ableWorkers",
      m.industry, m.had, e.id as "helperId", e.secret, e.name_mask as "helperName", e.phone_mask as "helperPhone"
    from monitoring.focus_household f join monitoring.household h on h.id = f.household_id
    left join monitoring.person p on p.household_id = h.id and p.relation = 'head' and p.status = 'member'
    left join lateral (select count(*) filter (where category = 'industry') as industry, coalesce(array_agg(distinct category), '{}') as had
      from monitoring.measure m where m.household_id = h.id and m.taken_back_on is null and extract(year from m.implemented_at at time zone 'Asia/Shanghai') = ${year}) m on true
    left join lateral (select id, secret, name_mask, phone_mask from monitoring.helper e where e.household_id = h.id and e.until_date is null order by e.from_date limit 1) e on true
    where f.year = ${year} and f.removed_on is null and f.region = ${village} order by h.household_no nulls last, h.id`.execute(
    tx,
  );
  const ids = main.rows.map((row) => row.householdId);
  const helps = await helpMonthsOf(tx, ids, year, settings);
  const analyses = await sql<{
    householdId: string;
    quarter: string;
    trend: string;
    cause: string;
    perCapitaFen: number | null;
    expectedPerCapitaFen: number | null;
  }>`
    select household_id as "householdId", quarter, trend, cause, per_capita_fen as "perCapitaFen", expected_per_capita_fen as "expectedPerCapitaFen"
    from monitoring.quarterly_analysis where household_id = any (${ids}::uuid[]) and quarter like ${`${year}-Q%`} order by quarter`.execute(
    tx,
  );
  return main.rows.map(({ helperId, secret, helperName, helperPhone, ...row }) => ({
    ...row,
    helper:
      helperId && secret
        ? {
            name: helperName,
            phone: helperPhone,
            unit: openRecord(keys, { table: "monitoring.helper", id: helperId }, secret, HelperSecret).unit,
          }
        : null,
    helpedIn: helps.get(row.householdId) ?? new Set<number>(),
    quarters: new Map(
      analyses.rows
        .filter((one) => one.householdId === row.householdId)
        .map(({ householdId: _, quarter, ...said }) => [Number(quarter.slice(-1)), said]),
    ),
  }));
}

/** By village: focus households, and those of them that leave a gap in its sheet: an income of the two years missing, or the line of a quarter that has ended. */
const gapsByVillage = (given: { year: number; quarters: readonly string[]; area: { lo: string; hi: string } }) => {
  const { year, quarters, area } = given;
  const owed = sql`(select count(*) from unnest(${[...quarters]}::text[]) q
    where f.listed_on < make_date(left(q, 4)::int, right(q, 1)::int * 3, 1) + interval '1 month')`;
  return sql`(
    select place as village, count(*) as households, count(*) filter (where lines < owed or not incomes) as gaps from (
      select household_id, max(place) as place, bool_and(incomes) as incomes, sum(line) as lines, max(owed) as owed from (
        select f.household_id, f.region as place, f.per_capita_fen is not null and f.before_per_capita_fen is not null as incomes, 0 as line, ${owed} as owed
        from monitoring.focus_household f where f.year = ${year} and f.removed_on is null and f.region >= ${area.lo} and f.region < ${area.hi}
        union all select a.household_id, null, null, 1, null from monitoring.quarterly_analysis a
          where a.quarter = any (${[...quarters]}::text[]) and a.region >= ${area.lo} and a.region < ${area.hi}) laid
      group by household_id having max(place) is not null) household
    group by place)`;
};

export type LedgerQuestion = Parameters<typeof gapsByVillage>[0];

/** Villages with focus households and those whose sheet is whole. */
export async function ledgerShare(tx: Tx<DB>, given: LedgerQuestion): Promise<Share> {
  const { rows } =
    await sql<Share>`select count(*) as denominator, count(*) filter (where gaps = 0) as numerator from ${gapsByVillage(given)} village`.execute(
      tx,
    );
  return rows[0] ?? { numerator: 0, denominator: 0 };
}

/** Villages whose sheet has gaps, those with most first. */
export async function ledgerGaps(
  tx: Tx<DB>,
  given: LedgerQuestion,
  limit: number,
): Promise<{ region: string; households: number; gaps: number }[]> {
  const { rows } = await sql<{
    region: string;
    households: number;
    gaps: number;
  }>`select village as region, households, gaps from ${gapsByVillage(given)} village
    where gaps > 0 order by gaps desc, village limit ${limit}`.execute(tx);
  return rows;
}

export type AnalysisFigures = { what: string; key: string; households: number; meanFen: number | null };

/** An area's focus households cut by income, condition and place, and by what each quarter's analysis says. */
export async function analysisFigures(
  tx: Tx<DB>,
  given: { year: number; area: { lo: string; hi: string }; digits: number; bandsFen: readonly number[] },
): Promise<AnalysisFigures[]> {
  const { year, area, digits, bandsFen } = given;
  const { rows } = await sql<AnalysisFigures>`
    with listed as (
      select f.household_id, f.region, f.criteria, f.per_capita_fen from monitoring.focus_household f
      where f.year = ${year} and f.removed_on is null and f.region >= ${area.lo} and f.region < ${area.hi}),
    line as (
      select a.quarter, a.trend, a.cause from monitoring.quarterly_analysis a
      where left(a.quarter, 4) = ${String(year)} and a.region >= ${area.lo} and a.region < ${area.hi})
    select 'band' as what, coalesce(width_bucket(per_capita_fen, ${[...bandsFen]}::bigint[])::text, '') as key, count(*) as households, avg(per_capita_fen)::bigint as "meanFen"
      from listed group by 2
    union all select 'criteria', array_to_string(criteria, ','), count(*), avg(per_capita_fen)::bigint from listed group by 2
    union all select 'place', rpad(left(region, ${digits}::int), 12, '0'), count(*), avg(per_capita_fen)::bigint from listed group by 2
    union all select 'cause', quarter || ',' || cause, count(*), null from line group by 2
    union all select 'trend', quarter || ',' || trend, count(*), null from line group by 2
    order by 1, 2`.execute(tx);
  return rows;
}
