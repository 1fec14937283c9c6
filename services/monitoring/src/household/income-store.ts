import type { Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import type { IncomeEntry } from "./decide.ts";

export type Income = IncomeEntry & {
  id: string;
  householdId: string;
  region: string;
  kind: "annual" | "at-inclusion" | "at-clearance" | "monthly" | "quarterly";
  from: string;
  until: string;
  headcount: number;
  netFen: number;
  perCapitaFen: number;
  confirmed: boolean;
  version: number;
};

/** Records one income period; entering the same period again is a correction that raises the version. */
export async function saveIncome(tx: Tx<DB>, income: Omit<Income, "version">): Promise<Income> {
  const row = await tx
    .insertInto("monitoring.household_income")
    .values({
      id: income.id,
      household_id: income.householdId,
      region: income.region,
      kind: income.kind,
      from_date: income.from,
      until_date: income.until,
      headcount: income.headcount,
      wage_fen: income.wageFen,
      business_fen: income.businessFen,
      property_fen: income.propertyFen,
      transfer_fen: income.transferFen,
      business_cost_fen: income.businessCostFen,
      net_fen: income.netFen,
      per_capita_fen: income.perCapitaFen,
      confirmed: income.confirmed,
    })
    .onConflict((conflict) =>
      conflict.constraint("household_income_once").doUpdateSet((eb) => ({
        headcount: eb.ref("excluded.headcount"),
        wage_fen: eb.ref("excluded.wage_fen"),
        business_fen: eb.ref("excluded.business_fen"),
        property_fen: eb.ref("excluded.property_fen"),
        transfer_fen: eb.ref("excluded.transfer_fen"),
        business_cost_fen: eb.ref("excluded.business_cost_fen"),
        net_fen: eb.ref("excluded.net_fen"),
        per_capita_fen: eb.ref("excluded.per_capita_fen"),
        confirmed: eb.ref("excluded.confirmed"),
        recorded_at: sql`kit.now()`,
        version: sql`household_income.version + 1`,
      })),
    )
    .returning(["id", "version"])
    .executeTakeFirstOrThrow();
  return { ...income, id: row.id, version: row.version };
}

/** Income records of a household, newest period first. */
export async function incomesOf(tx: Tx<DB>, householdId: string): Promise<Income[]> {
  const rows = await tx
    .selectFrom("monitoring.household_income")
    .selectAll()
    .where("household_id", "=", householdId)
    .orderBy("until_date", "desc")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    householdId: row.household_id,
    region: row.region,
    kind: row.kind as Income["kind"],
    from: row.from_date,
    until: row.until_date,
    headcount: row.headcount,
    wageFen: row.wage_fen,
    businessFen: row.business_fen,
    propertyFen: row.property_fen,
    transferFen: row.transfer_fen,
    businessCostFen: row.business_cost_fen,
    netFen: row.net_fen,
    perCapitaFen: row.per_capita_fen,
    confirmed: row.confirmed,
    version: row.version,
  }));
}
