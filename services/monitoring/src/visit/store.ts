import { firstDayOf, type Keys, lastDayOf, sealRecord, type Tx } from "@shouwang/service-kit";
import { type Selectable, sql } from "kysely";
import type { DB, MonitoringVisit } from "../db.ts";
import type { HelperSpan, Purpose, Visit, VisitorRole } from "./decide.ts";

const columns = [
  "id",
  "household_id",
  "region",
  "case_id",
  "purposes",
  "mode",
  "visitor",
  "visitor_role",
  "visited_on",
  "synced_at",
  "household_away",
  "changed",
  "needs",
  "version",
  "withdrawn",
] as const;

const fromRow = (row: Pick<Selectable<MonitoringVisit>, (typeof columns)[number]>): Visit => ({
  id: row.id,
  householdId: row.household_id,
  region: row.region,
  caseId: row.case_id,
  // Safe, here and below: whoever writes these columns takes them from the contract's own lists.
  purposes: row.purposes as Purpose[],
  mode: row.mode as Visit["mode"],
  visitor: row.visitor,
  visitorRole: row.visitor_role as VisitorRole,
  visitedOn: row.visited_on,
  syncedAt: row.synced_at,
  householdAway: row.household_away,
  changed: row.changed,
  needs: row.needs,
  version: row.version,
  withdrawn: row.withdrawn,
});

/** Makes sure that visits of these months (`YYYY-MM`) have a place; where they have, this costs a look at the catalogue. @returns how many were made now */
export async function ensureVisitMonths(tx: Tx<DB>, months: readonly string[]): Promise<number> {
  const { rows } = await sql<{ made: number }>`select count(*) filter (where monitoring.create_visit_month(month)) as made
    from unnest(${months.map((month) => `${month}-01`)}::date[]) as wanted (month)`.execute(tx);
  return rows[0]?.made ?? 0;
}

export type NewVisit = Omit<Visit, "version" | "withdrawn"> & { note: string | undefined };

/**
 * Stores visits under the ids their phone gave them, notes sealed, in one statement; their months are there (`ensureVisitMonths`).
 * @returns the ids stored; one that is missing is there already in that month, maybe out of the caller's sight
 */
export async function insertVisits(tx: Tx<DB>, keys: Keys, visits: readonly NewVisit[]): Promise<ReadonlySet<string>> {
  if (visits.length === 0) return new Set();
  // In order of their ids: two phones that send the same visits at once wait for each other instead of locking each other out.
  const rows = visits.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const notes = rows.map((x) =>
    x.note === undefined ? null : sealRecord(keys, { table: "monitoring.visit", id: x.id }, { note: x.note }),
  );
  const { rows: stored } = await sql<{ id: string }>`
    insert into monitoring.visit (id, household_id, region, case_id, purposes, mode, visitor, visitor_role, visited_on, synced_at, household_away, changed, needs, note)
    select id, household_id, region, case_id, string_to_array(purposes, ','), mode, visitor, visitor_role, visited_on, synced_at, household_away, changed,
      string_to_array(needs, ','), note
    from unnest(${rows.map((x) => x.id)}::uuid[], ${rows.map((x) => x.householdId)}::uuid[], ${rows.map((x) => x.region)}::text[],
      ${rows.map((x) => x.caseId)}::uuid[], ${rows.map((x) => x.purposes.join(","))}::text[], ${rows.map((x) => x.mode)}::text[],
      ${rows.map((x) => x.visitor)}::text[], ${rows.map((x) => x.visitorRole)}::text[], ${rows.map((x) => x.visitedOn)}::date[],
      ${rows.map((x) => x.syncedAt)}::timestamptz[], ${rows.map((x) => x.householdAway)}::bool[], ${rows.map((x) => x.changed)}::bool[],
      ${rows.map((x) => x.needs.join(","))}::text[], ${notes}::bytea[])
      as sent (id, household_id, region, case_id, purposes, mode, visitor, visitor_role, visited_on, synced_at, household_away, changed, needs, note)
    on conflict do nothing returning id`.execute(tx);
  return new Set(stored.map((row) => row.id));
}

/** The visits of these ids, those of the given months and of the months between. */
export async function findVisits(
  tx: Tx<DB>,
  ids: readonly string[],
  months: { first: string; last: string },
): Promise<Map<string, Visit>> {
  const rows = await tx
    .selectFrom("monitoring.visit")
    .select(columns)
    .where("id", "in", [...ids])
    .where("visited_on", ">=", firstDayOf(months.first))
    .where("visited_on", "<=", lastDayOf(months.last))
    .execute();
  return new Map(rows.map((row) => [row.id, fromRow(row)]));
}

/** Visits to a household within days, both included, the earliest first; those taken back only where asked for. */
export async function visitsOf(
  tx: Tx<DB>,
  householdId: string,
  span: { from: string; until: string; withdrawn?: true },
): Promise<Visit[]> {
  let query = tx
    .selectFrom("monitoring.visit")
    .select(columns)
    .where("household_id", "=", householdId)
    .where("visited_on", ">=", span.from)
    .where("visited_on", "<=", span.until)
    .orderBy("visited_on")
    .orderBy("id");
  if (!span.withdrawn) query = query.where("withdrawn", "=", false);
  return (await query.execute()).map(fromRow);
}

export type VisitedHousehold = { id: string; region: string; place: string };

/** The households of these ids that the caller sees, held where they are until the transaction ends: a move waits, another visit does not. */
export async function holdHouseholds(tx: Tx<DB>, ids: readonly string[]): Promise<Map<string, VisitedHousehold>> {
  const { rows } =
    await sql<VisitedHousehold>`select id, region, place from monitoring.household where id = any(${[...ids]}::uuid[])
    order by id for key share`.execute(tx);
  return new Map(rows.map((row) => [row.id, row]));
}

export type CaseWithHelpers = {
  id: string;
  householdId: string;
  includedOn: string;
  clearedOn: string | null;
  helpers: HelperSpan[];
};

/** The cases of households that were included, oldest first, with all their helpers. One that ended by itself asks for no visits and is left out. */
export async function casesWithHelpers(tx: Tx<DB>, householdIds: readonly string[]): Promise<CaseWithHelpers[]> {
  const { rows } =
    await sql<CaseWithHelpers>`select c.id, c.household_id as "householdId", c.included_on as "includedOn", c.cleared_on as "clearedOn",
      coalesce((select jsonb_agg(jsonb_build_object('subject', h.subject, 'from', h.from_date, 'until', h.until_date)) from monitoring.helper h where h.case_id = c.id),
        '[]') as helpers
    from monitoring.monitored_case c where c.household_id = any(${[...householdIds]}::uuid[]) and c.included_on is not null and c.status <> 'closed'
    order by c.opened_at`.execute(tx);
  return rows;
}
