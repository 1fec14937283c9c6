import { sql } from "kysely";
import type { ClaimStatus } from "./claim-decide.ts";
import { type ClaimFilter, chosenClaims, daysIn } from "./claim-store.ts";
import type { Executor } from "./database.ts";

/** How many claims stand at each status, how many of them have waited too long, since when the oldest waits, and what they come to. */
export async function claimsByStatus(tx: Executor, kind: string, filter: ClaimFilter, now: Date) {
  const { rows } = await sql<{
    status: ClaimStatus;
    claims: number;
    persons: number;
    amountFen: number;
    late: number;
    oldest: Date;
  }>`select c.status, count(*)::int as claims, count(distinct c.subject_id)::int as persons, coalesce(sum(c.amount_fen), 0)::bigint as "amountFen",
      (count(*) filter (where c.due_at < ${now}))::int as late, min(c.waits_since) as oldest
    from kit.claim c where ${chosenClaims(kind, filter)} group by c.status order by c.status`.execute(tx);
  return rows;
}

export type ClaimFigures = {
  month: string;
  claimed: number;
  claimedFen: number;
  approved: number;
  approvedFen: number;
  paid: number;
  paidFen: number;
};

const counted = (kind: string, area: ClaimFilter["area"], period: string) => {
  const { from, before } = daysIn(period);
  const within = (column: string) => sql`c.${sql.ref(column)} >= ${from} and c.${sql.ref(column)} < ${before}`;
  const branch = (
    which: string,
    column: string,
    more = sql`true`,
  ) => sql`select ${which} as which, to_char(c.${sql.ref(column)}, 'YYYY-MM') as month, c.subject_id,
      coalesce(c.amount_fen, 0) as fen from kit.claim c where ${chosenClaims(kind, { area })} and ${within(column)} and ${more}`;
  return sql`${branch("claimed", "made_on")}
    union all ${branch("approved", "approved_on", sql`c.status not in ('rejected', 'void', 'clawed-back')`)}
    union all ${branch("paid", "paid_on", sql`c.status in ('paid', 'clawback-due')`)}`;
};

/**
 * Who claimed, was granted and was paid in a year or month: distinct people, households or things, and fen. What came to nothing is granted to nobody; what was
 * got back is not paid. With `byMonth` a line a month, else one line for all of it, in which each counts once.
 */
export async function claimFigures(
  tx: Executor,
  kind: string,
  area: ClaimFilter["area"],
  period: string,
  byMonth = false,
): Promise<ClaimFigures[]> {
  const month = byMonth ? sql`month` : sql`${period}::text`;
  const of = (which: string) => sql`(count(distinct subject_id) filter (where which = ${which}))::int as ${sql.ref(which)},
    coalesce(sum(fen) filter (where which = ${which}), 0)::bigint as ${sql.ref(`${which}Fen`)}`;
  const { rows } = await sql<ClaimFigures>`select ${month} as month, ${of("claimed")}, ${of("approved")}, ${of("paid")}
    from (${counted(kind, area, period)}) c group by 1 order by 1`.execute(tx);
  return rows;
}
