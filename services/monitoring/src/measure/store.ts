import type { MeasureCategory } from "@shouwang/contract";
import type { Tx } from "@shouwang/service-kit";
import { type Selectable, sql } from "kysely";
import type { DB, MonitoringMeasure } from "../db.ts";
import type { Share } from "../share-indicator.ts";
import type { Measure } from "./decide.ts";

const fromRow = (row: Selectable<MonitoringMeasure>): Measure => ({
  id: row.id,
  householdId: row.household_id,
  personId: row.person_id,
  region: row.region,
  leadId: row.lead_id,
  caseId: row.case_id,
  planItemId: row.plan_item_id,
  // Safe: whoever delivers a measure takes its kind from the contract's own list.
  category: row.category as MeasureCategory,
  development: row.development,
  epidemic: row.epidemic,
  implementedAt: row.implemented_at,
  amountFen: row.amount_fen,
  sourceDepartment: row.source_department,
  sourceId: row.source_id,
  sourceKind: row.source_kind,
  takenBackOn: row.taken_back_on,
  fileId: row.file_id,
  recordedBy: row.recorded_by,
  recordedAt: row.recorded_at,
});

/** Stores a measure. @returns false when another department's record was credited before: it counts once */
export async function insertMeasure(tx: Tx<DB>, measure: Measure): Promise<boolean> {
  const inserted = await tx
    .insertInto("monitoring.measure")
    .values({
      id: measure.id,
      household_id: measure.householdId,
      person_id: measure.personId,
      region: measure.region,
      lead_id: measure.leadId,
      case_id: measure.caseId,
      plan_item_id: measure.planItemId,
      category: measure.category,
      development: measure.development,
      epidemic: measure.epidemic,
      implemented_at: measure.implementedAt,
      amount_fen: measure.amountFen,
      source_department: measure.sourceDepartment,
      source_id: measure.sourceId,
      source_kind: measure.sourceKind,
      taken_back_on: measure.takenBackOn,
      file_id: measure.fileId,
      recorded_by: measure.recordedBy,
      recorded_at: measure.recordedAt,
    })
    .onConflict((conflict) => conflict.columns(["source_department", "source_id"]).where("source_id", "is not", null).doNothing())
    .executeTakeFirst();
  return inserted.numInsertedOrUpdatedRows === 1n;
}

/** Says that a department took back help it had told of, or, where `on` is null, that it gave it after all. @returns how many measures this changed, 0 or 1 */
export async function takeBack(tx: Tx<DB>, source: { department: string; id: string }, on: string | null): Promise<number> {
  const changed = await tx
    .updateTable("monitoring.measure")
    .set({ taken_back_on: on })
    .where("source_department", "=", source.department)
    .where("source_id", "=", source.id)
    .where("taken_back_on", on === null ? "is not" : "is", null)
    .executeTakeFirst();
  return Number(changed.numUpdatedRows);
}

/** Measures of a household, the newest first. */
export async function measuresOf(tx: Tx<DB>, householdId: string): Promise<Measure[]> {
  const rows = await tx
    .selectFrom("monitoring.measure")
    .selectAll()
    .where("household_id", "=", householdId)
    .orderBy("implemented_at", "desc")
    .orderBy("id", "desc")
    .execute();
  return rows.map(fromRow);
}

/** Whether a stored file belongs to the household. */
export async function isFileOf(tx: Tx<DB>, fileId: string, householdId: string): Promise<boolean> {
  const { rows } = await sql`select from kit.file where id = ${fileId}::uuid and household_id = ${householdId}::uuid`.execute(tx);
  return rows.length === 1;
}

export type FirstMeasureFigures = Share & { medianHours: number | null };

/**
 * M-03: leads owed a first measure whose limit has passed or that were helped, and those helped in time; with the median hours from discovery. A lead that was
 * turned away before anybody helped is owed nothing. @param epidemic the plan's own causes, or the further ones the settings add
 */
export async function firstMeasureFigures(tx: Tx<DB>, epidemic: boolean): Promise<FirstMeasureFigures> {
  const { rows } =
    await sql<FirstMeasureFigures>`select count(*) filter (where first_measure_at <= emergency_due_at) as numerator, count(*) as denominator,
      percentile_cont(0.5) within group (order by extract(epoch from first_measure_at - found_at)::double precision / 3600) as "medianHours"
    from monitoring.risk_lead
    where emergency_due_at is not null and (epidemic or cause = 'epidemic') = ${epidemic}
      and (emergency = 'helped' or (emergency = 'required' and emergency_due_at < kit.now() and status not in ('rejected', 'merged')))`.execute(
      tx,
    );
  return rows[0] ?? { numerator: 0, denominator: 0, medianHours: null };
}
