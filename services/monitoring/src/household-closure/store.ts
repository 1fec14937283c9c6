import { type Keys, sealRecord, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import type { Records } from "./decide.ts";

/** How many records of each kind a household has, besides its own registration and its members. */
export async function recordsOf(tx: Tx<DB>, householdId: string): Promise<Records> {
  const { rows } = await sql<{ kind: string; n: number }>`
    select 'risk-lead' as kind, count(*) as n from monitoring.risk_lead where household_id = ${householdId}
    union all select 'monitored-case', count(*) from monitoring.monitored_case where household_id = ${householdId}
    union all select 'household-income', count(*) from monitoring.household_income where household_id = ${householdId}
    union all select 'income-credit', count(*) from monitoring.income_credit where household_id = ${householdId}
    union all select 'measure', count(*) from monitoring.measure where household_id = ${householdId}
    union all select 'referral', count(*) from monitoring.referral where household_id = ${householdId}
    union all select 'visit', count(*) from monitoring.visit where household_id = ${householdId}
    union all select 'department-record', count(*) from monitoring.department_record where household_id = ${householdId}
    union all select 'household-merge', count(*) from monitoring.household_merge where ${householdId}::uuid in (household_id, merged_id)`.execute(
    tx,
  );
  return Object.fromEntries(rows.map(({ kind, n }) => [kind, n]));
}

export async function insertClosure(
  tx: Tx<DB>,
  keys: Keys,
  closure: {
    householdId: string;
    region: string;
    code: string;
    on: string;
    document: string;
    note: string | undefined;
    by: string;
    at: Date;
  },
): Promise<void> {
  const place = { table: "monitoring.household_closure", id: closure.householdId };
  await tx
    .insertInto("monitoring.household_closure")
    .values({
      household_id: closure.householdId,
      region: closure.region,
      code: closure.code,
      closed_on: closure.on,
      document: closure.document,
      note: closure.note === undefined ? null : sealRecord(keys, place, { note: closure.note }),
      closed_by: closure.by,
      closed_at: closure.at,
    })
    .execute();
}

/** The open leads of a household, locked in the order of their ids. */
export async function lockOpenLeads(tx: Tx<DB>, householdId: string): Promise<string[]> {
  const rows = await tx
    .selectFrom("monitoring.risk_lead")
    .select("id")
    .where("household_id", "=", householdId)
    .where("status", "in", ["registered", "dispatched"])
    .orderBy("id")
    .forUpdate()
    .execute();
  return rows.map(({ id }) => id);
}
