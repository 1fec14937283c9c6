import type { Keys, Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import { identityIndex } from "../household/person-store.ts";

/** Where people of these numbers are registered in the caller's own area: their household, or null where they left or died. */
export async function knownPeople(
  tx: Tx<DB>,
  keys: Keys,
  personKeys: readonly string[],
): Promise<Map<string, { householdId: string | null; householdNo: string | null }>> {
  const { rows } = await sql<{
    key: string;
    householdId: string | null;
    householdNo: string | null;
  }>`select asked.key, case p.status when 'member' then p.household_id end as "householdId",
      h.household_no as "householdNo"
    from unnest(${[...personKeys]}::text[], ${personKeys.map((key) => identityIndex(keys, key))}::bytea[]) as asked (key, index)
    join monitoring.person p on p.identity_index = asked.index left join monitoring.household h on h.id = p.household_id`.execute(
    tx,
  );
  return new Map(rows.map(({ key, ...where }) => [key, where]));
}
