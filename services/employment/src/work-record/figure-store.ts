import { parameterFor, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import { type Channel, channelsCounted } from "./decide.ts";

/** Days from which one is enough to be counted: those of a year so far, or one day. */
export type Days = { from: string; to: string };
export type Counted = { days: Days; area: { lo: string; hi: string }; channels: readonly Channel[] };

/**
 * E-01: records of lifted and monitored people that are of a kind that counts, and of which a day lies in these; the days after somebody left or died count
 * no more. A household that was never registered poor counts where it was monitored on one of the days of work.
 */
export const counted = ({ days: { from, to }, area, channels }: Counted) => sql`from employment.work_record w
  join employment.person p on p.id = w.person_id join employment.household h on h.id = w.household_id
  where w.region >= ${area.lo} and w.region < ${area.hi} and w.channel = any(${[...channels]}::text[]) and w.voided_on is null
    and w.from_date <= ${to}::date and coalesce(w.until_date, 'infinity'::date) >= ${from}::date
    and (p.status = 'member' or p.since > greatest(w.from_date, ${from}::date))
    and (h.household_kind = 'lifted-household'
      or exists (select from employment.monitored_case c where c.household_id = h.id and c.included_on <= least(w.until_date, ${to}::date)
        and coalesce(c.ended_on, 'infinity'::date) > greatest(w.from_date, ${from}::date))
      or (h.monitored_kind is not null and not h.risk_cleared
        and not exists (select from employment.monitored_case c where c.household_id = h.id and c.included_on is not null)))`;

/**
 * Counts over a whole area. Of row-level security the planner only knows that an area is a small part of all, and would look every person and household of a county or
 * the region up by itself: for the one question it is told not to.
 */
export async function overMany<T>(tx: Tx<DB>, ask: () => Promise<T>): Promise<T> {
  await sql`select set_config('enable_nestloop', 'off', true)`.execute(tx);
  const answer = await ask();
  await sql`select set_config('enable_nestloop', 'on', true)`.execute(tx);
  return answer;
}

/** Distinct people, whoever recorded them and however often. */
export async function countWorkers(tx: Tx<DB>, asked: Counted): Promise<number> {
  const { rows } = await overMany(tx, () =>
    sql<{ n: number }>`select count(distinct w.person_id)::int as n ${counted(asked)}`.execute(tx),
  );
  return rows[0]?.n ?? 0;
}

/** The same by division, of so many digits, in order of codes. */
export async function countByDivision(
  tx: Tx<DB>,
  asked: Counted,
  digits: number,
): Promise<{ region: string; workers: number }[]> {
  const { rows } = await overMany(tx, () =>
    sql<{ region: string; workers: number }>`select rpad(left(w.region, ${digits}), 12, '0') as region,
      count(distinct w.person_id)::int as workers ${counted(asked)} group by 1 order by 1`.execute(tx),
  );
  return rows;
}

/** The people behind a figure in order of their id; `limit + 1` rows. */
export async function listWorkers(tx: Tx<DB>, asked: Counted, page: { after: string | undefined; limit: number }) {
  const { rows } = await sql<{
    personId: string;
    householdId: string;
    region: string;
    nameMask: string | null;
    workRecordIds: string[];
  }>`
    select w.person_id as "personId", (array_agg(w.household_id order by w.from_date desc))[1] as "householdId", min(w.region) as region,
      (select i.name_mask from employment.person_identity i where i.person_id = w.person_id) as "nameMask",
      array_agg(w.id order by w.from_date) as "workRecordIds"
    ${counted(asked)} and (${page.after ?? null}::uuid is null or w.person_id > ${page.after ?? null}::uuid)
    group by w.person_id order by w.person_id limit ${page.limit + 1}`.execute(tx);
  return rows;
}

/** What the settings in force for a place say of E-01: the kinds that count, and which reading meets the target. */
export async function countingRules(tx: Tx<DB>, region: string, on: string): Promise<{ channels: Channel[]; reading: string }> {
  const kinds = await parameterFor(tx, "work.kindsCounted", region, on);
  const reading = await parameterFor(tx, "work.targetReading", region, on);
  return { channels: channelsCounted(kinds.value), reading: reading.value };
}
