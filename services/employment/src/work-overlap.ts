import type { Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "./db.ts";

/** Days, both included; an end that is open is null. */
export type Days = { from: string; until: string | null };

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
