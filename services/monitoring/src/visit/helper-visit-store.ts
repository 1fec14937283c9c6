import { firstDayOf, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import type { Share } from "../share-indicator.ts";

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
