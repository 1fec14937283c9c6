import type { Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";

/**
 * Where people of these numbers are registered in the caller's own area: their household, or null where they left or died.
 * @param people by their key, the keyed index of their number
 */
export async function knownPeople(
  tx: Tx<DB>,
  people: ReadonlyMap<string, Buffer>,
): Promise<Map<string, { householdId: string | null; householdNo: string | null }>> {
  // Each number is looked up by itself: as a plain join, the planner goes through the whole county once for every number, since of row-level security it
  // only knows that a county is a small part of the registry.
  const { rows } = await sql<{
    key: string;
    householdId: string | null;
    householdNo: string | null;
  }>`select asked.key, case p.status when 'member' then p.household_id end as "householdId",
      h.household_no as "householdNo"
    from unnest(${[...people.keys()]}::text[], ${[...people.values()]}::bytea[]) as asked (key, index)
    cross join lateral (select status, household_id from monitoring.person where identity_index = asked.index limit 1) p
    left join lateral (select household_no from monitoring.household where id = p.household_id limit 1) h on true`.execute(tx);
  return new Map(rows.map(({ key, ...where }) => [key, where]));
}
