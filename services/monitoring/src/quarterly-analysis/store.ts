import { parameterFor, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import { z } from "zod";
import type { DB } from "../db.ts";
import { afterPlace, focusSettings, type Place } from "../focus-household/condition-store.ts";
import type { Quarter, Report, ReportStatus, Trend } from "./decide.ts";

export type Line = {
  id: string;
  householdId: string;
  region: string;
  quarter: string;
  trend: Trend;
  cause: string;
  perCapitaFen: number | null;
  expectedPerCapitaFen: number | null;
  recordedBy: string;
  recordedOn: string;
};

/** One line a household and quarter; writing it again corrects it and raises its version. */
export async function saveLine(tx: Tx<DB>, line: Line, note: Buffer | undefined): Promise<{ id: string; version: number }> {
  const said = {
    trend: line.trend,
    cause: line.cause,
    per_capita_fen: line.perCapitaFen,
    expected_per_capita_fen: line.expectedPerCapitaFen,
    note: note ?? null,
    recorded_by: line.recordedBy,
    recorded_on: line.recordedOn,
  };
  return await tx
    .insertInto("monitoring.quarterly_analysis")
    .values({ id: line.id, household_id: line.householdId, region: line.region, quarter: line.quarter, ...said })
    .onConflict((conflict) =>
      conflict.columns(["household_id", "quarter"]).doUpdateSet({ ...said, version: sql`quarterly_analysis.version + 1` }),
    )
    .returning(["id", "version"])
    .executeTakeFirstOrThrow();
}

/** The id the line of a household and quarter has, where there is one: its note is sealed under it. */
export async function idOfLine(tx: Tx<DB>, householdId: string, quarter: string): Promise<string | undefined> {
  const row = await tx
    .selectFrom("monitoring.quarterly_analysis")
    .select("id")
    .where("household_id", "=", householdId)
    .where("quarter", "=", quarter)
    .executeTakeFirst();
  return row?.id;
}

/** The list in force at a quarter's end, and the day of the month after by which its analysis is owed. */
export async function quarterSettings(tx: Tx<DB>, region: string, until: string): Promise<{ year: number; dueDay: number }> {
  const dueDay = await parameterFor(tx, "focus.analysisDueDay", region, until);
  return { year: (await focusSettings(tx, region, until)).year, dueDay: dueDay.value };
}

/** Households listed at the end of the quarter, or at present while it runs. */
const due = (quarter: Quarter, year: number) =>
  sql`f.year = ${year} and f.listed_on <= ${quarter.until}::date and (f.removed_on is null or f.removed_on > ${quarter.until}::date)`;

/** Each household owed a line with whether it has one: two sets laid over each other and grouped, never joined (see monthly help). */
const owed = (quarter: Quarter, year: number, area: { lo: string; hi: string }) => sql`(
    select household_id, max(place) as region, bool_or(analysed) as analysed from (
      select f.household_id, f.region as place, false as analysed from monitoring.focus_household f
        where ${due(quarter, year)} and f.region >= ${area.lo} and f.region < ${area.hi}
      union all select a.household_id, null, true from monitoring.quarterly_analysis a
        where a.quarter = ${quarter.quarter} and a.region >= ${area.lo} and a.region < ${area.hi}) laid
    group by household_id having max(place) is not null)`;

export type AnalysisCount = { region: string; households: number; analysed: number };

export async function countAnalyses(
  tx: Tx<DB>,
  given: { quarter: Quarter; year: number; area: { lo: string; hi: string }; digits: number },
): Promise<AnalysisCount[]> {
  const { rows } =
    await sql<AnalysisCount>`select rpad(left(o.region, ${given.digits}::int), 12, '0') as region, count(*) as households,
      count(*) filter (where o.analysed) as analysed
    from ${owed(given.quarter, given.year, given.area)} o group by 1 order by 1`.execute(tx);
  return rows;
}

/** Focus households without the quarter's line, in order of village and household; `limit + 1` rows. */
export async function listUnanalysed(
  tx: Tx<DB>,
  given: { quarter: Quarter; year: number; area: { lo: string; hi: string }; after: Place | undefined; limit: number },
): Promise<Place[]> {
  const { rows } =
    await sql<Place>`select o.region, o.household_id as "householdId" from ${owed(given.quarter, given.year, given.area)} o
    where not o.analysed and ${afterPlace(sql`o.region`, sql`o.household_id`, given.after)}
    order by o.region, o.household_id limit ${given.limit + 1}`.execute(tx);
  return rows;
}

/** The townships and counties that have focus households in a quarter and no approved report of it. */
export async function reportsMissing(tx: Tx<DB>, quarter: Quarter, year: number): Promise<string[]> {
  const { rows } = await sql<{ region: string }>`select region from (
      select distinct rpad(left(f.region, 9), 12, '0') as region from monitoring.focus_household f where ${due(quarter, year)}
      union select distinct rpad(left(f.region, 6), 12, '0') from monitoring.focus_household f where ${due(quarter, year)}) place
    where region >= current_setting('sw.lo', true) and region < current_setting('sw.hi', true)
      and not exists (select from monitoring.quarterly_report r where r.region = place.region and r.quarter = ${quarter.quarter} and r.status = 'approved')
    order by region`.execute(tx);
  return rows.map((row) => row.region);
}

export const Figures = z.object({
  households: z.int(),
  analysed: z.int(),
  byCriterion: z.record(z.string(), z.int()),
  byTrend: z.record(z.string(), z.int()),
  byCause: z.record(z.string(), z.int()),
});
export type Figures = z.infer<typeof Figures>;

/** What the analysis of an area comes to: by condition, by how the households go, and by cause. Two sets laid over each other here too. */
export async function figuresOf(tx: Tx<DB>, quarter: Quarter, year: number, area: { lo: string; hi: string }): Promise<Figures> {
  const { rows } = await sql<{ what: string; key: string; households: number }>`
    with line as (
      select max(criteria) as criteria, max(trend) as trend, max(cause) as cause from (
        select f.household_id, f.criteria, null as trend, null as cause from monitoring.focus_household f
          where ${due(quarter, year)} and f.region >= ${area.lo} and f.region < ${area.hi}
        union all select a.household_id, null, a.trend, a.cause from monitoring.quarterly_analysis a
          where a.quarter = ${quarter.quarter} and a.region >= ${area.lo} and a.region < ${area.hi}) laid
      group by household_id having max(criteria) is not null)
    select 'households' as what, '' as key, count(*) as households from line
    union all select 'analysed', '', count(trend) from line
    union all select 'byCriterion', criterion, count(*) from line, unnest(criteria) criterion group by criterion
    union all select 'byTrend', trend, count(*) from line where trend is not null group by trend
    union all select 'byCause', cause, count(*) from line where cause is not null group by cause order by 1, 2`.execute(tx);
  const by = (what: string) =>
    Object.fromEntries(rows.filter((row) => row.what === what).map((row) => [row.key, row.households]));
  return {
    households: by("households")[""] ?? 0,
    analysed: by("analysed")[""] ?? 0,
    byCriterion: by("byCriterion"),
    byTrend: by("byTrend"),
    byCause: by("byCause"),
  };
}

export type KeptReport = Report & { findings: Buffer; figures: Figures | null };

export async function lockReport(tx: Tx<DB>, region: string, quarter: string): Promise<KeptReport | undefined> {
  const row = await tx
    .selectFrom("monitoring.quarterly_report")
    .selectAll()
    .where("region", "=", region)
    .where("quarter", "=", quarter)
    .forUpdate()
    .executeTakeFirst();
  return row && fromRow(row);
}

export async function findReport(tx: Tx<DB>, region: string, quarter: string): Promise<KeptReport | undefined> {
  const row = await tx
    .selectFrom("monitoring.quarterly_report")
    .selectAll()
    .where("region", "=", region)
    .where("quarter", "=", quarter)
    .executeTakeFirst();
  return row && fromRow(row);
}

type ReportRow = {
  id: string;
  region: string;
  quarter: string;
  status: string;
  author: string;
  approved_by: string | null;
  approved_on: string | null;
  revision: number;
  version: number;
  findings: Buffer;
  figures: unknown;
};
const fromRow = (row: ReportRow): KeptReport => ({
  id: row.id,
  region: row.region,
  quarter: row.quarter,
  // Safe: a check constraint holds the column to the union.
  status: row.status as ReportStatus,
  author: row.author,
  approvedBy: row.approved_by,
  approvedOn: row.approved_on,
  revision: row.revision,
  version: row.version,
  findings: row.findings,
  figures: row.figures === null ? null : Figures.parse(row.figures),
});

const saidBy = (report: KeptReport) => ({
  status: report.status,
  findings: report.findings,
  figures: report.figures === null ? null : JSON.stringify(report.figures),
  author: report.author,
  approved_by: report.approvedBy,
  approved_on: report.approvedOn,
  revision: report.revision,
  version: report.version,
});

/** Keeps the first draft of a report. @returns false when somebody else wrote the first one meanwhile: nothing of theirs is overwritten */
export async function insertReport(tx: Tx<DB>, report: KeptReport): Promise<boolean> {
  const saved = await tx
    .insertInto("monitoring.quarterly_report")
    .values({ id: report.id, region: report.region, quarter: report.quarter, ...saidBy(report) })
    .onConflict((conflict) => conflict.columns(["region", "quarter"]).doNothing())
    .executeTakeFirst();
  return saved.numInsertedOrUpdatedRows === 1n;
}

/** Writes a report that the caller holds. */
export async function saveReport(tx: Tx<DB>, report: KeptReport): Promise<void> {
  await tx.updateTable("monitoring.quarterly_report").set(saidBy(report)).where("id", "=", report.id).execute();
}

/** Keeps what an approved report said before it is opened again. */
export async function keepRevision(
  tx: Tx<DB>,
  report: KeptReport,
  given: { reason: Buffer; by: string; on: string },
): Promise<void> {
  await sql`insert into monitoring.quarterly_report_revision (report_id, region, revision, findings, figures, approved_by, approved_on, reason, reopened_by, reopened_on)
    select id, region, revision, findings, figures, approved_by, approved_on, ${given.reason}, ${given.by}, ${given.on}::date
    from monitoring.quarterly_report where id = ${report.id}::uuid`.execute(tx);
}
