import { divisionsUnder, levelOf, type RegionCode, toRegionCode } from "@shouwang/regions";
import { readParameters, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";

export type Counted = { area: { lo: string; hi: string }; on: string };

/**
 * E-03, E-05: people of lifted and monitored households who are at a post on a day: begun, neither gone nor resting, under an agreement. Monitored are the days
 * from inclusion to the one before clearance.
 */
const counted = ({
  area: { lo, hi },
  on,
}: Counted) => sql`from employment.post_holder h join employment.household d on d.id = h.household_id
  where h.region >= ${lo} and h.region < ${hi} and h.status in ('active', 'suspended', 'left')
    and h.from_date <= ${on}::date and coalesce(h.until_date, h.agreement_until) >= ${on}::date
    and not exists (select from employment.post_suspension s where s.holder_id = h.id and s.from_date <= ${on}::date
      and coalesce(s.until_date, 'infinity'::date) >= ${on}::date)
    and (d.household_kind = 'lifted-household'
      or exists (select from employment.monitored_case c where c.household_id = d.id and c.included_on <= ${on}::date
        and coalesce(c.ended_on, 'infinity'::date) > ${on}::date)
      or (d.monitored_kind is not null and not d.risk_cleared
        and not exists (select from employment.monitored_case c where c.household_id = d.id and c.included_on is not null)))`;

/** Distinct people. */
export async function countHolders(tx: Tx<DB>, asked: Counted): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(distinct h.person_id)::int as n ${counted(asked)}`.execute(tx);
  return rows[0]?.n ?? 0;
}

/** The same by division, of so many digits. */
export async function countHoldersByDivision(tx: Tx<DB>, asked: Counted, digits: number): Promise<Map<string, number>> {
  const { rows } = await sql<{ region: string; holders: number }>`select rpad(left(h.region, ${digits}), 12, '0') as region,
    count(distinct h.person_id)::int as holders ${counted(asked)} group by 1`.execute(tx);
  return new Map(rows.map(({ region, holders }) => [region, holders]));
}

/** The people behind a figure in order of the holder's id; `limit + 1` rows. */
export async function listCounted(tx: Tx<DB>, asked: Counted, page: { after: string | undefined; limit: number }) {
  const { rows } = await sql<{
    postHolderId: string;
    postId: string;
    personId: string;
    householdId: string;
    region: string;
    name: string | null;
    from: string;
  }>`select h.id as "postHolderId", h.post_id as "postId", h.person_id as "personId", h.household_id as "householdId", h.region,
      (select i.name_mask from employment.person_identity i where i.person_id = h.person_id) as name, h.from_date as "from"
    ${counted(asked)} and (${page.after ?? null}::uuid is null or h.id > ${page.after ?? null}::uuid) order by h.id limit ${page.limit + 1}`.execute(
    tx,
  );
  return rows;
}

/** What a division had at the end of 2020, by the document that was loaded for it: a city's is the sum of its counties' where each has one and it has none of its own. */
export type Base = { region: RegionCode; base: number | null };

export async function basesOf(tx: Tx<DB>, divisions: readonly string[], on: string): Promise<Base[]> {
  const read = await readParameters(tx, ["baseline.postHolders"], on);
  // A base figure is never handed down: what a city had is no county's.
  const own = (region: RegionCode) => {
    const { value, region: of } = read("baseline.postHolders", region);
    return of === region ? value : null;
  };
  return divisions.map(toRegionCode).map((region) => {
    const base = own(region);
    if (base !== null || levelOf(region) !== "city") return { region, base };
    const counties = divisionsUnder(region, "county").map(({ code }) => own(code));
    const all = counties.every((one) => one !== null);
    return { region, base: all ? counties.reduce((sum: number, one) => sum + (one ?? 0), 0) : null };
  });
}

/** E-04: pay of a month that was approved, and of it what has arrived, in fen. */
export async function countPay(tx: Tx<DB>, area: { lo: string; hi: string }, month: string) {
  const { rows } = await sql<{ approvedFen: number; paidFen: number }>`select
      coalesce(sum(amount_fen) filter (where status in ('awaiting-funds', 'accepted', 'payment-refused', 'payment-returned', 'paid')), 0)::bigint as "approvedFen",
      coalesce(sum(amount_fen) filter (where status = 'paid'), 0)::bigint as "paidFen"
    from employment.post_pay where month = ${month} and region >= ${area.lo} and region < ${area.hi}`.execute(tx);
  return rows[0] ?? { approvedFen: 0, paidFen: 0 };
}
