import type { Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";

/**
 * Which household is asked about a suspect of another department, locked: the person's own, else the one the record names. Undefined where both have ended or are
 * unknown. The person is left out where that household never had them.
 */
export async function householdToAsk(
  tx: Tx<DB>,
  about: { personId: string | null; householdId: string | null },
): Promise<{ householdId: string; region: string; personId: string | null } | undefined> {
  const person = about.personId === null ? undefined : await personOf(tx, about.personId);
  for (const id of [person?.householdId, about.householdId]) {
    if (!id) continue;
    const { rows } = await sql<{
      householdId: string;
      region: string;
    }>`select id as "householdId", region from monitoring.household
      where id = ${id}::uuid and status = 'active' for update`.execute(tx);
    if (rows[0]) return { ...rows[0], personId: person ? about.personId : null };
  }
  return undefined;
}

async function personOf(tx: Tx<DB>, personId: string): Promise<{ householdId: string | null } | undefined> {
  const { rows } = await sql<{
    householdId: string | null;
  }>`select household_id as "householdId" from monitoring.person where id = ${personId}::uuid`.execute(tx);
  return rows[0];
}
