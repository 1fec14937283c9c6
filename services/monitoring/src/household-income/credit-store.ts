import type { Department } from "@shouwang/contract";
import type { Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import type { IncomeLineCode } from "./code-lists.ts";

/** Money another department paid to a household: the record it was paid for, the line it belongs to and the day it arrived. */
export type IncomeCredit = {
  sourceDepartment: Department;
  sourceId: string;
  householdId: string;
  line: IncomeLineCode;
  amountFen: number;
  paidOn: string;
};

/**
 * Credits a payment to a household's income when it is paid, once per record of the department that paid it: told again, nothing happens. A credit is a line to be
 * taken into the household's record, not a record by itself; the household signs for what it earned. @returns whether it was credited now
 */
export async function creditIncome(tx: Tx<DB>, credit: IncomeCredit, at: Date): Promise<boolean> {
  const result =
    await sql`insert into monitoring.income_credit (source_department, source_id, household_id, region, line, amount_fen, paid_on, credited_at)
    select ${credit.sourceDepartment}, ${credit.sourceId}::uuid, h.id, h.region, ${credit.line}, ${credit.amountFen}::bigint, ${credit.paidOn}::date, ${at}::timestamptz
    from monitoring.household h where h.id = ${credit.householdId}::uuid on conflict on constraint income_credit_pk do nothing`.execute(
      tx,
    );
  return result.numAffectedRows === 1n;
}

/** What was credited to a household, the newest first. */
export async function creditsOf(tx: Tx<DB>, householdId: string) {
  return await tx
    .selectFrom("monitoring.income_credit")
    .select([
      "source_department as sourceDepartment",
      "source_id as sourceId",
      "line",
      "amount_fen as amountFen",
      "paid_on as paidOn",
    ])
    .where("household_id", "=", householdId)
    .orderBy("paid_on", "desc")
    .orderBy("source_id")
    .execute();
}
