import type { Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import type { Credit } from "./credit-decide.ts";

/** Keeps what employment paid, the newest word of each claim. A household this registry does not know is nobody's to show it to, and is passed by. */
export async function saveCredits(tx: Tx<DB>, credits: readonly (Credit & { version: number })[]): Promise<void> {
  if (credits.length === 0) return;
  await sql`insert into monitoring.income_credit_employment as kept (source_department, source_id, kind, period, household_id, region, person_id, line, amount_fen,
      paid_on, clawed_back_on, version)
    select given."sourceDepartment", given."sourceId", given.kind, given.period, h.id, h.region, given."personId", given.line, given."amountFen", given."paidOn",
      given."clawedBackOn", given.version
    from jsonb_to_recordset(${JSON.stringify(credits)}::jsonb) as given ("sourceDepartment" text, "sourceId" uuid, kind text, period text, "householdId" uuid,
      "personId" uuid, line text, "amountFen" bigint, "paidOn" date, "clawedBackOn" date, version bigint)
    cross join lateral (select id, region from monitoring.household where id = given."householdId" limit 1) h
    on conflict (source_department, source_id) do update set kind = excluded.kind, period = excluded.period, household_id = excluded.household_id,
      region = excluded.region, person_id = excluded.person_id, line = excluded.line, amount_fen = excluded.amount_fen, paid_on = excluded.paid_on,
      clawed_back_on = excluded.clawed_back_on, version = excluded.version`.execute(tx);
}

/** Takes out what turned out not to have arrived. */
export async function dropCredits(tx: Tx<DB>, sourceIds: readonly string[]): Promise<void> {
  if (sourceIds.length === 0) return;
  await sql`delete from monitoring.income_credit_employment where source_id = any(${[...sourceIds]}::uuid[])`.execute(tx);
}

/** What was paid to a household, and to those that were merged into it, the newest first; clawed back or not. */
export async function creditsOf(tx: Tx<DB>, householdId: string): Promise<Credit[]> {
  const { rows } = await sql<Credit>`with recursive one as (
      select ${householdId}::uuid as id union select h.id from one join monitoring.household h on h.merged_into = one.id)
    select source_department as "sourceDepartment", source_id as "sourceId", kind, period, household_id as "householdId",
      person_id as "personId", line, amount_fen as "amountFen", paid_on as "paidOn", clawed_back_on as "clawedBackOn"
    from monitoring.income_credit
    where household_id = any(array(select id from one))
    order by paid_on desc, source_id`.execute(tx);
  return rows;
}
