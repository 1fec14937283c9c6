import type { ReferralState } from "@shouwang/contract";
import { businessDate, type Keys, openRecord, parseBusinessDate, sealRecord, type Tx } from "@shouwang/service-kit";
import { type Selectable, sql } from "kysely";
import { z } from "zod";
import type { DB, MonitoringReferral } from "../db.ts";
import type { Department, Need } from "./code-lists.ts";
import type { Referral } from "./decide.ts";

const fromRow = (row: Omit<Selectable<MonitoringReferral>, "reason">): Referral => ({
  id: row.id,
  householdId: row.household_id,
  region: row.region,
  personId: row.person_id,
  leadId: row.lead_id,
  caseId: row.case_id,
  planItemId: row.plan_item_id,
  // Safe, here and below: check constraints and the one writer of these columns hold them to the unions.
  department: row.department as Department,
  office: row.office,
  need: row.need as Need,
  status: row.status as Referral["status"],
  sentBy: row.sent_by,
  sentAt: row.sent_at,
  dueOn: parseBusinessDate(row.due_on),
  receivedAt: row.received_at,
  answeredAt: row.answered_at,
  outcome: row.outcome as Referral["outcome"],
  deliverBy: row.deliver_by,
  document: row.document,
  documentDate: row.document_date,
  deliveredAt: row.delivered_at,
  measureId: row.measure_id,
  closedAt: row.closed_at,
  closedBecause: row.closed_because as Referral["closedBecause"],
  version: row.version,
});

const toRow = (referral: Referral) => ({
  department: referral.department,
  office: referral.office,
  need: referral.need,
  status: referral.status,
  sent_by: referral.sentBy,
  sent_at: referral.sentAt,
  due_on: referral.dueOn,
  received_at: referral.receivedAt,
  answered_at: referral.answeredAt,
  outcome: referral.outcome,
  deliver_by: referral.deliverBy,
  document: referral.document,
  document_date: referral.documentDate,
  delivered_at: referral.deliveredAt,
  measure_id: referral.measureId,
  closed_at: referral.closedAt,
  closed_because: referral.closedBecause,
  version: referral.version,
});

const dayOf = (at: Date | null): string | null => (at ? businessDate(at) : null);

/** The referral's whole public state, as its events carry it. */
export const stateOfReferral = (referral: Referral): z.input<typeof ReferralState> => ({
  referralId: referral.id,
  householdId: referral.householdId,
  personId: referral.personId,
  region: referral.region,
  leadId: referral.leadId,
  caseId: referral.caseId,
  to: referral.department,
  need: referral.need,
  status: referral.status,
  sentOn: businessDate(referral.sentAt),
  dueOn: referral.dueOn,
  receivedOn: dayOf(referral.receivedAt),
  answeredOn: dayOf(referral.answeredAt),
  outcome: referral.outcome,
  deliveredOn: dayOf(referral.deliveredAt),
  measureId: referral.measureId,
  closedBecause: referral.closedBecause,
});

const Reason = z.object({ reason: z.string() });
const placeOf = (id: string) => ({ table: "monitoring.referral", id });

export async function insertReferral(tx: Tx<DB>, keys: Keys, referral: Referral, reason: string): Promise<void> {
  await tx
    .insertInto("monitoring.referral")
    .values({
      id: referral.id,
      household_id: referral.householdId,
      region: referral.region,
      person_id: referral.personId,
      lead_id: referral.leadId,
      case_id: referral.caseId,
      plan_item_id: referral.planItemId,
      ...toRow(referral),
      reason: sealRecord(keys, placeOf(referral.id), { reason }),
    })
    .execute();
}

/** Writes a referral's new state. */
export async function saveReferral(tx: Tx<DB>, referral: Referral): Promise<void> {
  await tx.updateTable("monitoring.referral").set(toRow(referral)).where("id", "=", referral.id).execute();
}

/** Keeps why the department is asked, said anew by the sender. */
export async function saveReason(tx: Tx<DB>, keys: Keys, id: string, reason: string): Promise<void> {
  await tx
    .updateTable("monitoring.referral")
    .set({ reason: sealRecord(keys, placeOf(id), { reason }) })
    .where("id", "=", id)
    .execute();
}

const columns = [
  "id",
  "household_id",
  "region",
  "person_id",
  "lead_id",
  "case_id",
  "plan_item_id",
  "department",
  "office",
  "need",
  "status",
  "sent_by",
  "sent_at",
  "due_on",
  "received_at",
  "answered_at",
  "outcome",
  "deliver_by",
  "document",
  "document_date",
  "delivered_at",
  "measure_id",
  "closed_at",
  "closed_because",
  "version",
] as const;

export async function findReferral(tx: Tx<DB>, id: string): Promise<Referral | undefined> {
  const row = await tx.selectFrom("monitoring.referral").select(columns).where("id", "=", id).executeTakeFirst();
  return row && fromRow(row);
}

export async function lockReferral(tx: Tx<DB>, id: string): Promise<Referral | undefined> {
  const row = await tx.selectFrom("monitoring.referral").select(columns).where("id", "=", id).forUpdate().executeTakeFirst();
  return row && fromRow(row);
}

/** The referrals of a household that are not closed, locked in the order of their ids. */
export async function lockOpenReferrals(tx: Tx<DB>, householdId: string): Promise<Referral[]> {
  const rows = await tx
    .selectFrom("monitoring.referral")
    .select(columns)
    .where("household_id", "=", householdId)
    .where("status", "!=", "closed")
    .orderBy("id")
    .forUpdate()
    .execute();
  return rows.map(fromRow);
}

/** A referral, with all its steps, is another household's of the same place from now on. */
export async function giveReferral(tx: Tx<DB>, id: string, householdId: string): Promise<void> {
  await tx.updateTable("monitoring.referral").set({ household_id: householdId }).where("id", "=", id).execute();
  await tx.updateTable("monitoring.referral_step").set({ household_id: householdId }).where("referral_id", "=", id).execute();
}

/** Every referral of a household the caller may see, oldest first. */
export async function referralsOf(tx: Tx<DB>, householdId: string): Promise<Referral[]> {
  const rows = await tx
    .selectFrom("monitoring.referral")
    .select(columns)
    .where("household_id", "=", householdId)
    .orderBy("id")
    .execute();
  return rows.map(fromRow);
}

/** Opens why the department is asked. The caller has recorded the purpose. */
export async function openReason(tx: Tx<DB>, keys: Keys, id: string): Promise<string | undefined> {
  const row = await tx.selectFrom("monitoring.referral").select("reason").where("id", "=", id).executeTakeFirst();
  return row && openRecord(keys, placeOf(id), row.reason, Reason).reason;
}

export type ReferralFilter = {
  area: { lo: string; hi: string };
  department?: string | undefined;
  status?: string | undefined;
  open?: boolean | undefined;
  overdue?: boolean | undefined;
  householdId?: string | undefined;
  after: string | undefined;
  limit: number;
};

/** Referrals of an area in the order of their ids; `limit + 1` rows. */
export async function listReferrals(tx: Tx<DB>, filter: ReferralFilter): Promise<Referral[]> {
  const { area, department, status, open, overdue, householdId, after, limit } = filter;
  let query = tx
    .selectFrom("monitoring.referral")
    .select(columns)
    .where("region", ">=", area.lo)
    .where("region", "<", area.hi)
    .orderBy("id")
    .limit(limit + 1);
  if (department) query = query.where("department", "=", department);
  if (status) query = query.where("status", "=", status);
  if (open !== undefined) query = query.where("status", open ? "!=" : "=", "closed");
  if (overdue) query = query.where("status", "in", ["sent", "received"]).where("due_on", "<", sql<string>`kit.today()`);
  if (householdId) query = query.where("household_id", "=", householdId);
  if (after) query = query.where("id", ">", after);
  return (await query.execute()).map(fromRow);
}

/** The item of a household plan that help is asked for: whose case it is, its kind, and whether it still waits to be done. */
export async function findItem(
  tx: Tx<DB>,
  itemId: string,
): Promise<{ caseId: string; category: string; waits: boolean } | undefined> {
  const row = await tx
    .selectFrom("monitoring.household_plan_item as item")
    .innerJoin("monitoring.household_plan as plan", "plan.id", "item.plan_id")
    .select(["plan.case_id", "plan.status as plan_status", "item.category", "item.status"])
    .where("item.id", "=", itemId)
    .executeTakeFirst();
  return (
    row && {
      caseId: row.case_id,
      category: row.category,
      waits: row.plan_status !== "closed" && row.status !== "cancelled",
    }
  );
}
