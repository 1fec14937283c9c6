import type { Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import type { Holder } from "./decide.ts";

/** Notes that an agreement rests from a day on. */
export async function suspendFrom(tx: Tx<DB>, holder: Holder, on: string, because: string): Promise<void> {
  await sql`insert into employment.post_suspension (holder_id, region, from_date, because)
    values (${holder.id}, ${holder.region}, ${on}, ${because})
    on conflict (holder_id, from_date) do update set until_date = null, because = excluded.because`.execute(tx);
}
/** The first day of the suspension that goes on; undefined where there is none. */
export async function suspendedSince(tx: Tx<DB>, holderId: string): Promise<string | undefined> {
  const { rows } = await sql<{ since: string }>`select from_date as since from employment.post_suspension
    where holder_id = ${holderId} and until_date is null`.execute(tx);
  return rows[0]?.since;
}
/** @param until last day of rest */
export async function endSuspension(tx: Tx<DB>, holderId: string, until: string): Promise<void> {
  await sql`update employment.post_suspension set until_date = greatest(from_date, ${until}::date)
    where holder_id = ${holderId} and until_date is null`.execute(tx);
}

/** Days, both included; an end that is open is null. */
type Days = { from: string; until: string | null };

/**
 * The times in which a person holds a public-welfare post that share a day with others. A post and work away on one day are a suspect, and the post ends before
 * a transport subsidy is paid (E-02); a month with a post is no month of labour subsidy (E-09). An agreement that was not renewed ends the time too.
 */
export async function postsDuring(tx: Tx<DB>, personId: string, days: Days): Promise<readonly Days[]> {
  const { rows } =
    await sql<Days>`select from_date as "from", coalesce(until_date, agreement_until) as until from employment.post_holder
    where person_id = ${personId} and status in ('active', 'suspended', 'left') and from_date <= coalesce(${days.until}::date, 'infinity'::date)
      and coalesce(until_date, agreement_until) >= ${days.from}::date order by from_date`.execute(tx);
  return rows;
}

/** Holders past the oldest age of their county of whom nobody has been told yet. */
export async function overAge(
  tx: Tx<DB>,
  ages: readonly { county: string; most: number }[],
  today: string,
  limit: number,
): Promise<{ id: string; householdId: string; region: string }[]> {
  const { rows } = await sql<{ id: string; householdId: string; region: string }>`
    select h.id, h.household_id as "householdId", h.region from employment.post_holder h
      join jsonb_to_recordset(${JSON.stringify(ages)}::jsonb) as a (county text, most integer) on a.county = left(h.region, 6)
      join employment.person_identity i on i.person_id = h.person_id
    where h.status in ('active', 'suspended') and i.birth_date <= ${today}::date - make_interval(years => a.most + 1)
      and not exists (select from kit.deadline d where d.kind = 'end-over-age-post' and d.entity = 'post-holder' and d.entity_id = h.id::text)
    order by h.id limit ${limit}`.execute(tx);
  return rows;
}
