import type { Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import { z } from "zod";
import type { DB } from "../db.ts";
import type { SinceMerge } from "./decide.ts";

/** Open business of a household: what a split, merge, move or closure must answer for. */
export type OpenBusiness = {
  openLeads: string[];
  openCase: string | null;
  helpers: string[];
  openPlan: string | null;
  openAppeals: string[];
};

export async function openBusinessOf(tx: Tx<DB>, householdId: string): Promise<OpenBusiness> {
  const leads = await tx
    .selectFrom("monitoring.risk_lead")
    .select("id")
    .where("household_id", "=", householdId)
    .where("status", "in", ["registered", "dispatched"])
    .orderBy("id")
    .execute();
  const open = await tx
    .selectFrom("monitoring.monitored_case")
    .select("id")
    .where("household_id", "=", householdId)
    .where("status", "not in", ["refused", "cleared", "closed"])
    .executeTakeFirst();
  const helpers = await tx
    .selectFrom("monitoring.helper")
    .select("id")
    .where("household_id", "=", householdId)
    .where("until_date", "is", null)
    .orderBy("id")
    .execute();
  const plan = await tx
    .selectFrom("monitoring.household_plan")
    .select("id")
    .where("household_id", "=", householdId)
    .where("status", "!=", "closed")
    .executeTakeFirst();
  const appeals = await tx
    .selectFrom("monitoring.appeal")
    .select("id")
    .where("household_id", "=", householdId)
    .where("status", "=", "filed")
    .orderBy("id")
    .execute();
  return {
    openLeads: leads.map((lead) => lead.id),
    openCase: open?.id ?? null,
    helpers: helpers.map((helper) => helper.id),
    openPlan: plan?.id ?? null,
    openAppeals: appeals.map((appeal) => appeal.id),
  };
}

/** Ends the assignments of a household (its grid worker's, its helpers') on a day. */
export async function endAssignments(tx: Tx<DB>, householdId: string, on: string): Promise<void> {
  await sql`update kit.assignment set valid_to = greatest(valid_from, ${on}::date) where household_id = ${householdId} and valid_to is null`.execute(
    tx,
  );
}

/** Puts a household into the grid of another one of its village, so that a split leaves nobody outside the round. */
export async function joinGridOf(
  tx: Tx<DB>,
  given: { id: string; householdId: string; likeHousehold: string; on: string },
): Promise<void> {
  await sql`insert into kit.assignment (id, kind, subject, household_id, region, valid_from)
    select ${given.id}, kind, subject, ${given.householdId}, region, ${given.on}::date from kit.assignment
    where kind = 'grid' and household_id = ${given.likeHousehold} and valid_to is null limit 1 on conflict do nothing`.execute(
    tx,
  );
}

const Guarantee = z.boolean().nullable();
const Labels = z.object({
  householdKind: z.enum(["lifted-household", "ordinary-household"]),
  guarantees: z.object({ schooling: Guarantee, medicalCare: Guarantee, housing: Guarantee, drinkingWater: Guarantee }),
  lowIncome: z.boolean(),
  safetyNetOnly: z.boolean(),
});
const Before = z.object({ kept: Labels, merged: Labels, result: Labels });
const Carried = z.array(
  z.object({ personId: z.string(), was: z.string(), now: z.string(), since: z.string(), version: z.int() }),
);

const Ids = z.array(z.string());
/** What was open of a household and goes on with another, by id. */
export const FollowedView = z.object({ referrals: Ids, suspects: Ids, guaranteeProblems: Ids });
export type Followed = z.infer<typeof FollowedView>;

/** A merge as undoing it needs to know it: the labels of both before, and who came with which relation. */
export type Merge = {
  id: string;
  householdId: string;
  region: string;
  mergedId: string;
  mergedOn: string;
  mergedAt: Date;
  before: z.infer<typeof Before>;
  carried: z.infer<typeof Carried>;
  followed: Followed;
  undoneAt: Date | null;
};

export async function insertMerge(tx: Tx<DB>, merge: Merge): Promise<void> {
  await tx
    .insertInto("monitoring.household_merge")
    .values({
      id: merge.id,
      household_id: merge.householdId,
      region: merge.region,
      merged_id: merge.mergedId,
      merged_on: merge.mergedOn,
      merged_at: merge.mergedAt,
      before: JSON.stringify(merge.before),
      carried: JSON.stringify(merge.carried),
      followed: JSON.stringify(merge.followed),
    })
    .execute();
}

const mergeRow = (tx: Tx<DB>, id: string) => tx.selectFrom("monitoring.household_merge").selectAll().where("id", "=", id);

export async function findMerge(tx: Tx<DB>, id: string, lock = false): Promise<Merge | undefined> {
  const row = await (lock ? mergeRow(tx, id).forUpdate() : mergeRow(tx, id)).executeTakeFirst();
  return (
    row && {
      id: row.id,
      householdId: row.household_id,
      region: row.region,
      mergedId: row.merged_id,
      mergedOn: row.merged_on,
      mergedAt: row.merged_at,
      before: Before.parse(row.before),
      carried: Carried.parse(row.carried),
      followed: FollowedView.parse(row.followed),
      undoneAt: row.undone_at,
    }
  );
}

export async function saveUndone(tx: Tx<DB>, id: string, at: Date): Promise<void> {
  await tx.updateTable("monitoring.household_merge").set({ undone_at: at }).where("id", "=", id).execute();
}

/** What has come to a household since a merge: leads, cases and incomes recorded for it as merged. */
export async function sinceMerge(tx: Tx<DB>, merge: Merge): Promise<Omit<SinceMerge, "peopleChanged" | "statusOfKept">> {
  const leads = await tx
    .selectFrom("monitoring.risk_lead")
    .select("id")
    .where("household_id", "=", merge.householdId)
    .where("registered_at", ">", merge.mergedAt)
    .orderBy("id")
    .execute();
  const cases = await tx
    .selectFrom("monitoring.monitored_case")
    .select("id")
    .where("household_id", "=", merge.householdId)
    .where("opened_at", ">", merge.mergedAt)
    .orderBy("id")
    .execute();
  const incomes = await tx
    .selectFrom("monitoring.household_income")
    .select("id")
    .where("household_id", "=", merge.householdId)
    .where("recorded_at", ">", merge.mergedAt)
    .orderBy("id")
    .execute();
  return {
    leads: leads.map(({ id }) => id),
    cases: cases.map(({ id }) => id),
    incomes: incomes.map(({ id }) => id),
  };
}
