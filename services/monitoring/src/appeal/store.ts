import type { AppealState } from "@shouwang/contract";
import { actorOf, type Keys, openRecord, type Principal, sealRecord, type Tx } from "@shouwang/service-kit";
import { type Selectable, sql } from "kysely";
import { z } from "zod";
import type { DB, MonitoringAppeal } from "../db.ts";
import type { Against, Level } from "./decide.ts";

export type Appeal = {
  id: string;
  householdId: string;
  region: string;
  leadId: string | null;
  caseId: string | null;
  against: Against;
  refusedBy: string;
  refusedAt: Date;
  level: Level;
  madeBy: string;
  filedOn: string;
  filedBy: string;
  dueOn: string;
  status: AppealState["status"];
  decidedOn: string | null;
  decidedBy: string | null;
  /** Day on which it ended with its household. */
  lapsedOn: string | null;
  version: number;
};

const fromRow = (row: Omit<Selectable<MonitoringAppeal>, "grounds" | "reason">): Appeal => ({
  id: row.id,
  householdId: row.household_id,
  region: row.region,
  leadId: row.lead_id,
  caseId: row.case_id,
  // Safe, here and below: check constraints hold these columns to the unions.
  against: row.against as Against,
  refusedBy: row.refused_by,
  refusedAt: row.refused_at,
  level: row.decided_at_level as Level,
  madeBy: row.made_by,
  filedOn: row.filed_on,
  filedBy: row.filed_by,
  dueOn: row.due_on,
  status: row.status as Appeal["status"],
  decidedOn: row.decided_on,
  decidedBy: row.decided_by,
  lapsedOn: row.lapsed_on,
  version: row.version,
});

/** The appeal's whole public state, as its events carry it. */
export const stateOfAppeal = (appeal: Appeal): z.input<typeof AppealState> => ({
  appealId: appeal.id,
  householdId: appeal.householdId,
  region: appeal.region,
  leadId: appeal.leadId,
  caseId: appeal.caseId,
  against: appeal.against,
  decidedAt: appeal.level,
  filedOn: appeal.filedOn,
  dueOn: appeal.dueOn,
  status: appeal.status,
  decidedOn: appeal.decidedOn,
});

const groundsOf = (id: string) => ({ table: "monitoring.appeal", id });
const reasonOf = (id: string) => ({ table: "monitoring.appeal", id: `${id}/decision` });

/** @returns false when an appeal against this very decision was made already */
export async function insertAppeal(tx: Tx<DB>, keys: Keys, appeal: Appeal, grounds: string): Promise<boolean> {
  const inserted = await tx
    .insertInto("monitoring.appeal")
    .values({
      id: appeal.id,
      household_id: appeal.householdId,
      region: appeal.region,
      lead_id: appeal.leadId,
      case_id: appeal.caseId,
      against: appeal.against,
      refused_by: appeal.refusedBy,
      refused_at: appeal.refusedAt,
      decided_at_level: appeal.level,
      made_by: appeal.madeBy,
      filed_on: appeal.filedOn,
      filed_by: appeal.filedBy,
      grounds: sealRecord(keys, groundsOf(appeal.id), { grounds }),
      due_on: appeal.dueOn,
      status: appeal.status,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return inserted.numInsertedOrUpdatedRows === 1n;
}

/** Stores the end of an appeal; `reason` where it was decided. */
export async function settleAppeal(tx: Tx<DB>, keys: Keys, appeal: Appeal, reason: string | undefined): Promise<void> {
  await tx
    .updateTable("monitoring.appeal")
    .set({
      status: appeal.status,
      decided_on: appeal.decidedOn,
      decided_by: appeal.decidedBy,
      lapsed_on: appeal.lapsedOn,
      reason: reason === undefined ? null : sealRecord(keys, reasonOf(appeal.id), { reason }),
      version: appeal.version,
    })
    .where("id", "=", appeal.id)
    .execute();
}

/** Whose appeal it is, where the caller sees it. */
export async function householdOfAppeal(tx: Tx<DB>, id: string): Promise<string | undefined> {
  const row = await tx.selectFrom("monitoring.appeal").select("household_id").where("id", "=", id).executeTakeFirst();
  return row?.household_id;
}

export async function lockAppeal(tx: Tx<DB>, id: string): Promise<Appeal | undefined> {
  const row = await tx.selectFrom("monitoring.appeal").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
  return row && fromRow(row);
}

/** The appeals of a household that wait for a decision, locked in the order of their ids. */
export async function lockOpenAppeals(tx: Tx<DB>, householdId: string): Promise<Appeal[]> {
  const rows = await tx
    .selectFrom("monitoring.appeal")
    .selectAll()
    .where("household_id", "=", householdId)
    .where("status", "=", "filed")
    .orderBy("id")
    .forUpdate()
    .execute();
  return rows.map(fromRow);
}

/** Stores that an appeal ended with its household, or is told of anew under its new place. */
export async function saveAppeal(tx: Tx<DB>, appeal: Pick<Appeal, "id" | "status" | "lapsedOn" | "version">): Promise<void> {
  await tx
    .updateTable("monitoring.appeal")
    .set({ status: appeal.status, lapsed_on: appeal.lapsedOn, version: appeal.version })
    .where("id", "=", appeal.id)
    .execute();
}

/** An appeal with what was written, opened. */
export async function findAppeal(
  tx: Tx<DB>,
  keys: Keys,
  id: string,
): Promise<{ appeal: Appeal; grounds: string; reason: string | null } | undefined> {
  const row = await tx.selectFrom("monitoring.appeal").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row) return undefined;
  const { grounds } = openRecord(keys, groundsOf(id), row.grounds, z.object({ grounds: z.string() }));
  const reason = row.reason === null ? null : openRecord(keys, reasonOf(id), row.reason, z.object({ reason: z.string() })).reason;
  return { appeal: fromRow(row), grounds, reason };
}

/** A household's appeals, oldest first. */
export async function appealsOf(tx: Tx<DB>, householdId: string): Promise<Appeal[]> {
  const rows = await tx
    .selectFrom("monitoring.appeal")
    .selectAll()
    .where("household_id", "=", householdId)
    .orderBy("id")
    .execute();
  return rows.map(fromRow);
}

export type AppealFilter = {
  status?: string | undefined;
  region?: { lo: string; hi: string } | undefined;
  after?: string | undefined;
  limit: number;
};

/** Appeals of the caller's area in order of their id; `limit + 1` rows. */
export async function listAppeals(tx: Tx<DB>, filter: AppealFilter): Promise<Appeal[]> {
  let query = tx
    .selectFrom("monitoring.appeal")
    .selectAll()
    .orderBy("id")
    .limit(filter.limit + 1);
  if (filter.region) query = query.where("region", ">=", filter.region.lo).where("region", "<", filter.region.hi);
  if (filter.status) query = query.where("status", "=", filter.status);
  if (filter.after) query = query.where("id", ">", filter.after);
  return (await query.execute()).map(fromRow);
}

/** Whether somebody's decision about this lead or case was overturned: that person does not take it again. */
export async function wasOverruled(tx: Tx<DB>, aboutId: string, actor: Principal): Promise<boolean> {
  const { rows } =
    await sql`select from monitoring.appeal where coalesce(lead_id, case_id) = ${aboutId}::uuid and status = 'overturned'
    and refused_by = ${actorOf(actor)} limit 1`.execute(tx);
  return rows.length > 0;
}

/** The last word of those who went to see about a lead. */
export async function lastVerification(
  tx: Tx<DB>,
  leadId: string,
): Promise<{ outcome: string; by: string; at: Date } | undefined> {
  return await tx
    .selectFrom("monitoring.lead_verification")
    .select(["outcome", "recorded_by as by", "at"])
    .where("lead_id", "=", leadId)
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
}

/** Forgets that a lead was a false one: the same facts may raise it again. */
export async function forgetFalseLead(tx: Tx<DB>, leadId: string): Promise<void> {
  await tx.deleteFrom("monitoring.false_lead").where("lead_id", "=", leadId).execute();
}
