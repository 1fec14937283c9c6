import type { Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";

/** Closes the open suspects of a household because it has ended. @returns their ids */
export async function endOpenOf(tx: Tx<DB>, householdId: string, today: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`update monitoring.suspect
    set status = 'closed', outcome = 'household-ended', because = null, closed_on = ${today}::date, version = version + 1
    where household_id = ${householdId}::uuid and status <> 'closed' returning id`.execute(tx);
  return rows.map(({ id }) => id);
}

/** `household`: the open ones about the household itself: all, none or those named. */
export type Following = { from: string; to: string; people: readonly string[]; household: boolean | readonly string[] };

/** Gives suspects to another household, and with each the national system's difference that asked it. @returns the ids of the open ones that went */
export async function giveSuspects(tx: Tx<DB>, given: Following): Promise<string[]> {
  const { from, to, people, household } = given;
  const itself = typeof household === "boolean" ? sql`${household}::boolean` : sql`s.id = any(${[...household]}::uuid[])`;
  const { rows } = await sql<{
    id: string;
    open: boolean;
  }>`update monitoring.suspect s set household_id = ${to}::uuid, version = version + 1
    where s.household_id = ${from}::uuid
      and (s.person_id = any(${[...people]}::uuid[]) or (${itself} and s.person_id is null and s.status <> 'closed'))
      and (s.status = 'closed' or not exists (select from monitoring.suspect there where there.household_id = ${to}::uuid and there.status <> 'closed'
        and there.rule_code = s.rule_code and there.field = s.field and there.person_id is not distinct from s.person_id))
    returning s.id, s.status <> 'closed' as open`.execute(tx);
  const moved = rows.map(({ id }) => id);
  await sql`update monitoring.national_difference set household_id = ${to}::uuid where suspect_id = any(${moved}::uuid[])`.execute(
    tx,
  );
  return rows.filter(({ open }) => open).map(({ id }) => id);
}
