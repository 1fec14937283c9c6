import { type Keys, openRecord, sealRecord, type Tx } from "@shouwang/service-kit";
import { type Selectable, sql } from "kysely";
import { z } from "zod";
import type { DB, MonitoringHouseholdIncome } from "../db.ts";
import type { IncomeEntry } from "../household/decide.ts";
import type { CheckedLine, IncomeKind } from "./decide.ts";
import type { Signature } from "./signature.ts";

export type Income = IncomeEntry & {
  id: string;
  householdId: string;
  region: string;
  kind: IncomeKind;
  from: string;
  until: string;
  headcount: number;
  netFen: number;
  perCapitaFen: number;
  confirmed: boolean;
  version: number;
};

const fromRow = (row: Selectable<MonitoringHouseholdIncome>): Income => ({
  id: row.id,
  householdId: row.household_id,
  region: row.region,
  // Safe: a check constraint holds the column to the union.
  kind: row.kind as IncomeKind,
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
});

/** The record of a period, or of an income year for an annual one; there is at most one. The caller holds the household. */
export async function findIncome(
  tx: Tx<DB>,
  of: { householdId: string; kind: IncomeKind; from: string; until: string },
): Promise<Income | undefined> {
  const row = await tx
    .selectFrom("monitoring.household_income")
    .selectAll()
    .where("household_id", "=", of.householdId)
    .where("kind", "=", of.kind)
    .where((eb) =>
      of.kind === "annual"
        ? eb("income_year", "=", Number(of.until.slice(0, 4)))
        : eb.and([eb("from_date", "=", of.from), eb("until_date", "=", of.until)]),
    )
    .executeTakeFirst();
  return row && fromRow(row);
}

/** Stores a record, or its correction under the same id and the next version. The caller holds the household. */
export async function saveIncome(
  tx: Tx<DB>,
  income: Income,
  given: { signature: Signature; recordedBy: string; recordedAt: Date },
): Promise<void> {
  const said = {
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
    signature_file: given.signature.fileId,
    signature_form: given.signature.formId,
    signer_id: given.signature.signerId,
    signed_on: given.signature.signedOn,
    signed_how: given.signature.how,
    recorded_by: given.recordedBy,
    recorded_at: given.recordedAt,
    version: income.version,
  };
  await tx
    .insertInto("monitoring.household_income")
    .values({ id: income.id, household_id: income.householdId, region: income.region, kind: income.kind, ...said })
    .onConflict((conflict) => conflict.column("id").doUpdateSet(said))
    .execute();
}

const noteOf = (incomeId: string, version: number, n: number) => ({
  table: "monitoring.household_income_line",
  id: `${incomeId}/${version}/${n}`,
});

/** The payment of another department that a line is. */
export type LineSource = { sourceDepartment: string; sourceId: string };

/** Keeps the lines a version was made of; earlier versions keep theirs. */
export async function insertLines(
  tx: Tx<DB>,
  keys: Keys,
  income: Income,
  lines: readonly (CheckedLine & { note?: string | undefined; source?: LineSource | undefined })[],
): Promise<void> {
  if (lines.length === 0) return;
  await tx
    .insertInto("monitoring.household_income_line")
    .values(
      lines.map((line, n) => ({
        income_id: income.id,
        household_id: income.householdId,
        region: income.region,
        version: income.version,
        n,
        line: line.line,
        amount_fen: line.amountFen,
        counts: line.counts,
        note: line.note === undefined ? null : sealRecord(keys, noteOf(income.id, income.version, n), { note: line.note }),
        source_department: line.source?.sourceDepartment ?? null,
        source_id: line.source?.sourceId ?? null,
      })),
    )
    .execute();
}

/** Lines in force of some records: those of the version since the last correction, as a signature makes a new version and leaves the lines as they are. */
const inForce = sql`(l.version > coalesce((select max(c.version) from monitoring.household_income_correction c where c.income_id = l.income_id), 0))`;

/** The lines a record is made of, each with the payment it is, where it is another department's. */
export async function linesOf(
  tx: Tx<DB>,
  incomeId: string,
): Promise<{ line: string; amountFen: number; counts: boolean; sourceDepartment: string | null; sourceId: string | null }[]> {
  const { rows } = await sql<{
    line: string;
    amountFen: number;
    counts: boolean;
    sourceDepartment: string | null;
    sourceId: string | null;
  }>`select l.line, l.amount_fen as "amountFen", l.counts, l.source_department as "sourceDepartment", l.source_id as "sourceId"
    from monitoring.household_income_line l where l.income_id = ${incomeId}::uuid and ${inForce} order by l.n`.execute(tx);
  return rows;
}

/** By record of a household, the payments of departments among its lines, with what each was taken in as. */
export async function creditsTaken(tx: Tx<DB>, householdId: string): Promise<Map<string, Map<string, number>>> {
  const { rows } = await sql<{ incomeId: string; sourceId: string; amountFen: number }>`
    select l.income_id as "incomeId", l.source_id as "sourceId", l.amount_fen as "amountFen" from monitoring.household_income_line l
    where l.household_id = ${householdId}::uuid and l.source_id is not null and ${inForce}`.execute(tx);
  const taken = new Map<string, Map<string, number>>();
  for (const { incomeId, sourceId, amountFen } of rows)
    taken.set(incomeId, (taken.get(incomeId) ?? new Map<string, number>()).set(sourceId, amountFen));
  return taken;
}

const reasonOf = (incomeId: string, version: number) => ({
  table: "monitoring.household_income_correction",
  id: `${incomeId}/${version}`,
});

/** Keeps what a record said before it is corrected, and why. */
export async function keepCorrected(
  tx: Tx<DB>,
  keys: Keys,
  before: Income,
  given: { reason: string; by: string; at: Date },
): Promise<void> {
  await sql`insert into monitoring.household_income_correction (income_id, household_id, region, version, headcount, wage_fen, business_fen, property_fen, transfer_fen,
      business_cost_fen, net_fen, per_capita_fen, confirmed, recorded_by, recorded_at, reason, corrected_by, corrected_at)
    select id, household_id, region, version, headcount, wage_fen, business_fen, property_fen, transfer_fen, business_cost_fen, net_fen, per_capita_fen, confirmed,
      recorded_by, recorded_at, ${sealRecord(keys, reasonOf(before.id, before.version), { reason: given.reason })}, ${given.by}, ${given.at}
    from monitoring.household_income where id = ${before.id}::uuid`.execute(tx);
}

export type Corrected = {
  version: number;
  headcount: number;
  netFen: number;
  perCapitaFen: number;
  confirmed: boolean;
  reason: string;
  correctedAt: Date;
};

/** Earlier versions of a household's record, the oldest first. */
export async function correctionsOf(tx: Tx<DB>, keys: Keys, householdId: string, incomeId: string): Promise<Corrected[]> {
  const rows = await tx
    .selectFrom("monitoring.household_income_correction")
    .select(["version", "headcount", "net_fen", "per_capita_fen", "confirmed", "reason", "corrected_at"])
    .where("household_id", "=", householdId)
    .where("income_id", "=", incomeId)
    .orderBy("version")
    .execute();
  return rows.map((row) => ({
    version: row.version,
    headcount: row.headcount,
    netFen: row.net_fen,
    perCapitaFen: row.per_capita_fen,
    confirmed: row.confirmed,
    reason: openRecord(keys, reasonOf(incomeId, row.version), row.reason, z.object({ reason: z.string() })).reason,
    correctedAt: row.corrected_at,
  }));
}

/** Income records of a household, newest period first. */
export async function incomesOf(tx: Tx<DB>, householdId: string): Promise<Income[]> {
  const rows = await tx
    .selectFrom("monitoring.household_income")
    .selectAll()
    .where("household_id", "=", householdId)
    .orderBy("until_date", "desc")
    .execute();
  return rows.map(fromRow);
}

/** What has come in of a year so far, over the months there are records of; null where there is none. */
export async function toDateOf(
  tx: Tx<DB>,
  householdId: string,
  year: number,
): Promise<{ perCapitaFen: number; months: number } | null> {
  const row = await tx
    .selectFrom("monitoring.income_year")
    .select(["to_date_per_capita_fen as perCapitaFen", "to_date_months as months"])
    .where("household_id", "=", householdId)
    .where("year", "=", year)
    .executeTakeFirst();
  return row && row.perCapitaFen !== null && row.months !== null ? { perCapitaFen: row.perCapitaFen, months: row.months } : null;
}
