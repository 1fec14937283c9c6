import type { HouseholdPlanState, MeasureCategory, Risk } from "@shouwang/contract";
import { type Keys, openRecord, sealRecord, type Tx } from "@shouwang/service-kit";
import { type Selectable, sql } from "kysely";
import { z } from "zod";
import type { DB, MonitoringHouseholdPlan } from "../db.ts";
import type { Share } from "../share-indicator.ts";
import type { HouseholdPlan, PlanItem } from "./decide.ts";

const fromRow = (row: Selectable<MonitoringHouseholdPlan>, items: PlanItem[]): HouseholdPlan => ({
  id: row.id,
  caseId: row.case_id,
  householdId: row.household_id,
  region: row.region,
  // Safe: a check constraint holds the column to the union.
  status: row.status as HouseholdPlan["status"],
  revision: row.revision,
  submittedBy: row.submitted_by,
  approvedBy: row.approved_by,
  approvedOn: row.approved_on,
  version: row.version,
  items,
});

/** The plan's whole public state, as its events carry it. */
export const stateOfPlan = (plan: HouseholdPlan): z.input<typeof HouseholdPlanState> => ({
  householdPlanId: plan.id,
  caseId: plan.caseId,
  householdId: plan.householdId,
  region: plan.region,
  revision: plan.revision,
  status: plan.status,
  approvedOn: plan.approvedOn,
  items: plan.items.map(({ id, ...item }) => ({ itemId: id, ...item })),
});

async function itemsOf(tx: Tx<DB>, planId: string, revision: number): Promise<PlanItem[]> {
  const rows = await tx
    .selectFrom("monitoring.household_plan_item")
    .select(["id", "risk", "category", "due_on", "status"])
    .where("plan_id", "=", planId)
    .where("revision", "=", revision)
    .orderBy("id")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    // Safe: the routes take risk and category from the contract's own lists; a check constraint holds the status.
    risk: row.risk as Risk,
    category: row.category as MeasureCategory,
    dueOn: row.due_on,
    status: row.status as PlanItem["status"],
  }));
}

/** The plan of a case, if one was submitted. */
export async function findPlanOfCase(tx: Tx<DB>, caseId: string): Promise<HouseholdPlan | undefined> {
  const row = await tx.selectFrom("monitoring.household_plan").selectAll().where("case_id", "=", caseId).executeTakeFirst();
  return row && fromRow(row, await itemsOf(tx, row.id, row.revision));
}

/** The plan of a case, locked. The caller holds the case. */
export async function lockPlanOfCase(tx: Tx<DB>, caseId: string): Promise<HouseholdPlan | undefined> {
  const row = await tx
    .selectFrom("monitoring.household_plan")
    .selectAll()
    .where("case_id", "=", caseId)
    .forUpdate()
    .executeTakeFirst();
  return row && fromRow(row, await itemsOf(tx, row.id, row.revision));
}

/** Which case a plan is of: it is locked before the plan. */
export async function caseOfPlan(tx: Tx<DB>, planId: string): Promise<string | undefined> {
  const row = await tx.selectFrom("monitoring.household_plan").select("case_id").where("id", "=", planId).executeTakeFirst();
  return row?.case_id;
}

/** Which case an item's plan is of. */
export async function caseOfItem(tx: Tx<DB>, itemId: string): Promise<string | undefined> {
  const row = await tx
    .selectFrom("monitoring.household_plan_item as item")
    .innerJoin("monitoring.household_plan as plan", "plan.id", "item.plan_id")
    .select("plan.case_id")
    .where("item.id", "=", itemId)
    .executeTakeFirst();
  return row?.case_id;
}

const Detail = z.object({ detail: z.string() });
const placeOf = (itemId: string) => ({ table: "monitoring.household_plan_item", id: itemId });

/** Stores a new revision: what was delivered comes along, what was only planned is cancelled, new items are added with their text sealed. */
export async function saveRevision(
  tx: Tx<DB>,
  keys: Keys,
  plan: HouseholdPlan,
  details: ReadonlyMap<string, string>,
): Promise<void> {
  if (plan.revision === 1)
    await tx
      .insertInto("monitoring.household_plan")
      .values({ id: plan.id, ...toRow(plan) })
      .execute();
  else await savePlan(tx, plan);
  const carried = plan.items.filter((item) => !details.has(item.id)).map((item) => item.id);
  await tx
    .updateTable("monitoring.household_plan_item")
    .set({ status: "cancelled" })
    .where("plan_id", "=", plan.id)
    .where("status", "in", ["planned", "doing"])
    .execute();
  if (carried.length > 0) {
    await tx.updateTable("monitoring.household_plan_item").set({ revision: plan.revision }).where("id", "in", carried).execute();
  }
  const added = plan.items.flatMap((item) => {
    const detail = details.get(item.id);
    return detail === undefined ? [] : [{ ...item, detail: sealRecord(keys, placeOf(item.id), { detail }) }];
  });
  await tx
    .insertInto("monitoring.household_plan_item")
    .values(
      added.map((item) => ({
        id: item.id,
        plan_id: plan.id,
        household_id: plan.householdId,
        region: plan.region,
        revision: plan.revision,
        risk: item.risk,
        category: item.category,
        due_on: item.dueOn,
        status: item.status,
        detail: item.detail,
      })),
    )
    .execute();
}

const toRow = (plan: HouseholdPlan) => ({
  case_id: plan.caseId,
  household_id: plan.householdId,
  region: plan.region,
  status: plan.status,
  revision: plan.revision,
  submitted_by: plan.submittedBy,
  approved_by: plan.approvedBy,
  approved_on: plan.approvedOn,
  version: plan.version,
});

export async function savePlan(tx: Tx<DB>, plan: HouseholdPlan): Promise<void> {
  await tx.updateTable("monitoring.household_plan").set(toRow(plan)).where("id", "=", plan.id).execute();
}

export async function setItemDone(tx: Tx<DB>, itemId: string): Promise<void> {
  await tx.updateTable("monitoring.household_plan_item").set({ status: "done" }).where("id", "=", itemId).execute();
}

/** The sealed texts of the present revision, opened. The caller has recorded the purpose. */
export async function revealDetails(tx: Tx<DB>, keys: Keys, plan: HouseholdPlan): Promise<{ itemId: string; detail: string }[]> {
  const rows = await tx
    .selectFrom("monitoring.household_plan_item")
    .select(["id", "detail"])
    .where("plan_id", "=", plan.id)
    .where("revision", "=", plan.revision)
    .orderBy("id")
    .execute();
  return rows.flatMap((row) =>
    row.detail ? [{ itemId: row.id, detail: openRecord(keys, placeOf(row.id), row.detail, Detail).detail }] : [],
  );
}

/**
 * Included cases with the day their file is due and the days their helper and their plan were first there. The day of a plan is that of its first approval:
 * a later change does not make it late.
 */
const files = (days: number) => sql`(
  select c.id, c.household_id, c.region, c.status, c.included_on,
    coalesce((select min(d.due_at at time zone 'Asia/Shanghai')::date from kit.deadline d
      where d.kind = 'complete-file' and d.entity = 'monitored-case' and d.entity_id = c.id::text), c.included_on + ${days}::int) as due_on,
    (select min(h.from_date) from monitoring.helper h where h.case_id = c.id) as helper_on,
    exists (select from monitoring.helper h where h.case_id = c.id and h.until_date is null) as helper_now,
    (select min(s.at at time zone 'Asia/Shanghai')::date from kit.review_step s join monitoring.household_plan p on p.id::text = s.entity_id
      where s.chain = 'household-plan' and s.step = 'approved' and p.case_id = c.id) as plan_on
  from monitoring.monitored_case c where c.included_on is not null)`;

/** M-04b: of the files that are due or complete, those complete in time. A case closed before its file was due owes none. */
export async function fileShare(tx: Tx<DB>, given: { days: number; today: string }): Promise<Share> {
  const { rows } =
    await sql<Share>`select count(*) filter (where greatest(helper_on, plan_on) <= due_on and helper_on is not null and plan_on is not null) as numerator,
      count(*) as denominator from ${files(given.days)} f
    where (due_on < ${given.today}::date or (helper_on is not null and plan_on is not null))
      and (status <> 'closed' or (helper_on is not null and plan_on is not null))`.execute(tx);
  return rows[0] ?? { numerator: 0, denominator: 0 };
}

export type FileGap = {
  caseId: string;
  householdId: string;
  region: string;
  includedOn: string;
  dueOn: string;
  helper: boolean;
  plan: boolean;
};

/** Monitored households without a helper today or without an approved plan, in order of the case's id; `limit + 1` rows. */
export async function listFileGaps(
  tx: Tx<DB>,
  filter: { days: number; region: { lo: string; hi: string } | undefined; after: string | undefined; limit: number },
): Promise<FileGap[]> {
  const { lo, hi } = filter.region ?? { lo: "0", hi: ":" };
  const { rows } =
    await sql<FileGap>`select id as "caseId", household_id as "householdId", region, included_on as "includedOn", due_on as "dueOn",
      helper_now as helper, plan_on is not null as plan from ${files(filter.days)} f
    where status in ('included', 'helping', 'clearance-proposed') and (not helper_now or plan_on is null)
      and region >= ${lo} and region < ${hi} and id > ${filter.after ?? "00000000-0000-0000-0000-000000000000"}::uuid
    order by id limit ${filter.limit + 1}`.execute(tx);
  return rows;
}
