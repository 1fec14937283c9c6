import { firstDayOf, type Keys, lastDayOf, sealRecord, type Tx } from "@shouwang/service-kit";
import { type Selectable, sql } from "kysely";
import type { DB, MonitoringVisit } from "../db.ts";
import type { Share } from "../share-indicator.ts";
import type { Purpose, RoundCount, Visit, VisitorRole } from "./decide.ts";

const fromRow = (row: Omit<Selectable<MonitoringVisit>, "note" | "region_at">): Visit => ({
  id: row.id,
  householdId: row.household_id,
  region: row.region,
  caseId: row.case_id,
  // Safe, here and below: the one route that writes these columns takes them from the contract's own lists.
  purposes: row.purposes as Purpose[],
  mode: row.mode as Visit["mode"],
  visitor: row.visitor,
  visitorRole: row.visitor_role as VisitorRole,
  visitedOn: row.visited_on,
  syncedAt: row.synced_at,
  householdAway: row.household_away,
  changed: row.changed,
  needs: row.needs,
});

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
] as const;

/** Stores a visit under the id its phone gave it, the note sealed. @returns false when a visit of that id is there already */
export async function insertVisit(tx: Tx<DB>, keys: Keys, visit: Visit, note: string | undefined): Promise<boolean> {
  const place = { table: "monitoring.visit", id: visit.id };
  const inserted = await tx
    .insertInto("monitoring.visit")
    .values({
      id: visit.id,
      household_id: visit.householdId,
      region: visit.region,
      case_id: visit.caseId,
      purposes: visit.purposes,
      mode: visit.mode,
      visitor: visit.visitor,
      visitor_role: visit.visitorRole,
      visited_on: visit.visitedOn,
      synced_at: visit.syncedAt,
      household_away: visit.householdAway,
      changed: visit.changed,
      needs: visit.needs,
      note: note === undefined ? null : sealRecord(keys, place, { note }),
    })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .executeTakeFirst();
  return inserted.numInsertedOrUpdatedRows === 1n;
}

export async function findVisit(tx: Tx<DB>, id: string): Promise<Visit | undefined> {
  const row = await tx.selectFrom("monitoring.visit").select(columns).where("id", "=", id).executeTakeFirst();
  return row && fromRow(row);
}

/** Visits to a household within days, both included, the earliest first. */
export async function visitsOf(tx: Tx<DB>, householdId: string, span: { from: string; until: string }): Promise<Visit[]> {
  const rows = await tx
    .selectFrom("monitoring.visit")
    .select(columns)
    .where("household_id", "=", householdId)
    .where("visited_on", ">=", span.from)
    .where("visited_on", "<=", span.until)
    .orderBy("visited_on")
    .orderBy("id")
    .execute();
  return rows.map(fromRow);
}

export type HelperVisitMonth = {
  caseId: string;
  month: string;
  householdId: string;
  region: string;
  exempt: boolean;
  metOn: string | null;
  awayOn: string | null;
};

/** Keeps what a month comes to for a case. */
export async function saveHelperVisitMonth(tx: Tx<DB>, entry: HelperVisitMonth): Promise<void> {
  const counted = { exempt: entry.exempt, met_on: entry.metOn, away_on: entry.awayOn };
  await tx
    .insertInto("monitoring.helper_visit_month")
    .values({ case_id: entry.caseId, month: entry.month, household_id: entry.householdId, region: entry.region, ...counted })
    .onConflict((conflict) => conflict.columns(["case_id", "month"]).doUpdateSet(counted))
    .execute();
}

/**
 * Monitored cases that have no row for the month yet, locked. One whose last month's clock has run out unannounced is left for the next time, so that it is
 * told of as overdue first.
 */
export async function lockCasesWithoutMonth(tx: Tx<DB>, month: string, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select c.id from monitoring.monitored_case c
    where c.status in ('included', 'helping', 'clearance-proposed')
      and (c.included_on < ${firstDayOf(month)}::date or exists (select from monitoring.helper h where h.case_id = c.id))
      and not exists (select from monitoring.helper_visit_month m where m.case_id = c.id and m.month = ${month})
      and not exists (select from kit.deadline d where d.kind = 'helper-visit' and d.entity = 'monitored-case' and d.entity_id = c.id::text
        and d.state = 'open' and d.overdue_at is null and d.due_at < kit.now())
    order by c.id limit ${limit} for update of c skip locked`.execute(tx);
  return rows.map((row) => row.id);
}

/** Whether a month's row still asks for a visit: cleared in it or closed, a case owes none. */
const owed = sql`(not m.exempt and (m.met_on is not null
  or (c.status <> 'closed' and (c.cleared_on is null or to_char(c.cleared_on, 'YYYY-MM') > m.month))))`;

/** M-04c: of the cases owed a home visit in the month, those visited; and how many could only be found away. */
export async function helperVisitShare(tx: Tx<DB>, month: string): Promise<Share & { away: number }> {
  const { rows } = await sql<Share & { away: number }>`select count(m.met_on) as numerator, count(*) as denominator,
      count(*) filter (where m.met_on is null and m.away_on is not null) as away
    from monitoring.helper_visit_month m join monitoring.monitored_case c on c.id = m.case_id
    where m.month = ${month} and ${owed}`.execute(tx);
  return rows[0] ?? { numerator: 0, denominator: 0, away: 0 };
}

/** The rows of a month in order of the case's id, with whether each still asks for a visit; `limit + 1` rows. */
export async function listHelperVisitMonths(
  tx: Tx<DB>,
  filter: { month: string; area: { lo: string; hi: string } | undefined; after: string | undefined; limit: number },
): Promise<(HelperVisitMonth & { owed: boolean })[]> {
  const { lo, hi } = filter.area ?? { lo: "0", hi: ":" };
  const { rows } = await sql<
    HelperVisitMonth & { owed: boolean }
  >`select m.case_id as "caseId", m.month, m.household_id as "householdId", m.region, m.exempt,
      m.met_on as "metOn", m.away_on as "awayOn", ${owed} as owed
    from monitoring.helper_visit_month m join monitoring.monitored_case c on c.id = m.case_id
    where m.month = ${filter.month} and m.region >= ${lo} and m.region < ${hi}
      and m.case_id > ${filter.after ?? "00000000-0000-0000-0000-000000000000"}::uuid
    order by m.case_id limit ${filter.limit + 1}`.execute(tx);
  return rows;
}

/**
 * M-02: households of an area and how the round of a month reached them, by the first `digits` of their division, those in monitoring (whom a round confined to
 * the focus goes to) apart. Each household counts once, at its present place whoever visited it. Calls to the absent are looked for since `callsFrom`, which the
 * settings may put before the month.
 */
export async function roundByPlace(
  tx: Tx<DB>,
  given: { month: string; callsFrom: string; area: { lo: string; hi: string }; digits: number },
): Promise<RoundCount[]> {
  const [first, last] = [firstDayOf(given.month), lastDayOf(given.month)];
  const { rows } = await sql<RoundCount>`
    with scope as (
      select h.id, left(h.region, ${given.digits}::int) as place, h.monitored_kind is not null and not h.risk_cleared as focus
      from monitoring.household h where h.status = 'active' and h.region >= ${given.area.lo} and h.region < ${given.area.hi}),
    reached as (
      select v.household_id, bool_or(v.mode = 'home' and not v.household_away and v.visited_on >= ${first}) as home,
        bool_or(v.mode <> 'home' and v.household_away) as called
      from monitoring.visit v where v.household_id in (select id from scope) and 'monthly-round' = any(v.purposes)
        and v.visited_on between ${given.callsFrom} and ${last}
      group by v.household_id)
    select rpad(place, 12, '0') as region, focus, count(*) as households, count(*) filter (where home) as "atHome",
      count(*) filter (where called and not home) as "byCall"
    from scope left join reached on reached.household_id = scope.id group by place, focus order by place, focus`.execute(tx);
  return rows;
}
