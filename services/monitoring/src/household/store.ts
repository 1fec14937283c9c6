import type { HouseholdState } from "@shouwang/contract";
import type { Tx } from "@shouwang/service-kit";
import type { Selectable } from "kysely";
import type { z } from "zod";
import type { DB, MonitoringHousehold } from "../db.ts";

type HouseholdRow = Selectable<MonitoringHousehold>;
export type Household = {
  id: string;
  region: string;
  householdNo: string | null;
  hamlet: string | null;
  householdKind: "lifted-household" | "ordinary-household";
  monitoredKind: "unstable-lifted" | "borderline" | "sudden-hardship" | null;
  riskCleared: boolean;
  headcount: number;
  ableWorkers: number;
  guarantees: { schooling: boolean | null; medicalCare: boolean | null; housing: boolean | null; drinkingWater: boolean | null };
  lowIncome: boolean;
  safetyNetOnly: boolean;
  relocated: boolean;
  status: "active" | "moving" | "merged" | "split" | "closed";
  closedBecause: "death" | "moved-away" | "merged" | "other" | null;
  /** Household it was merged into, or null. */
  mergedInto: string | null;
  /** Household it was split from, or null. */
  splitFrom: string | null;
  synthetic: boolean;
  version: number;
};

const fromRow = (row: HouseholdRow): Household => ({
  id: row.id,
  region: row.region,
  householdNo: row.household_no,
  hamlet: row.hamlet,
  // Safe, here and below: check constraints hold these columns to the unions.
  householdKind: row.household_kind as Household["householdKind"],
  monitoredKind: row.monitored_kind as Household["monitoredKind"],
  riskCleared: row.risk_cleared,
  headcount: row.headcount,
  ableWorkers: row.able_workers,
  guarantees: {
    schooling: row.schooling_ok,
    medicalCare: row.medical_care_ok,
    housing: row.housing_ok,
    drinkingWater: row.drinking_water_ok,
  },
  lowIncome: row.low_income,
  safetyNetOnly: row.safety_net_only,
  relocated: row.relocated,
  status: row.status as Household["status"],
  closedBecause: row.closed_because as Household["closedBecause"],
  mergedInto: row.merged_into,
  splitFrom: row.split_from,
  synthetic: row.synthetic,
  version: row.version,
});

/** The household's whole public state, as its events carry it. */
export const stateOf = (household: Household): z.input<typeof HouseholdState> => ({
  householdId: household.id,
  region: household.region,
  householdKind: household.householdKind,
  monitoredKind: household.monitoredKind,
  riskCleared: household.riskCleared,
  headcount: household.headcount,
  ableWorkers: household.ableWorkers,
  guarantees: household.guarantees,
  lowIncome: household.lowIncome,
  safetyNetOnly: household.safetyNetOnly,
  relocated: household.relocated,
  resettlementSiteId: null,
  status: household.status,
  closedBecause: household.closedBecause,
  mergedInto: household.mergedInto,
  splitFrom: household.splitFrom,
});

export async function insertHousehold(tx: Tx<DB>, household: Household, at: Date): Promise<void> {
  await tx
    .insertInto("monitoring.household")
    .values({
      id: household.id,
      region: household.region,
      household_no: household.householdNo,
      hamlet: household.hamlet,
      household_kind: household.householdKind,
      monitored_kind: household.monitoredKind,
      headcount: household.headcount,
      able_workers: household.ableWorkers,
      schooling_ok: household.guarantees.schooling,
      medical_care_ok: household.guarantees.medicalCare,
      housing_ok: household.guarantees.housing,
      drinking_water_ok: household.guarantees.drinkingWater,
      low_income: household.lowIncome,
      safety_net_only: household.safetyNetOnly,
      relocated: household.relocated,
      split_from: household.splitFrom,
      synthetic: household.synthetic,
      created_at: at,
      updated_at: at,
    })
    .execute();
}

export async function findHousehold(tx: Tx<DB>, id: string): Promise<Household | undefined> {
  const row = await tx.selectFrom("monitoring.household").selectAll().where("id", "=", id).executeTakeFirst();
  return row && fromRow(row);
}

/** When a household was registered. */
export async function registeredAt(tx: Tx<DB>, id: string): Promise<Date | undefined> {
  const row = await tx.selectFrom("monitoring.household").select("created_at").where("id", "=", id).executeTakeFirst();
  return row?.created_at;
}

/** The household, locked until the transaction ends: everything decided about a household locks it first. */
export async function lockHousehold(tx: Tx<DB>, id: string): Promise<Household | undefined> {
  const row = await tx.selectFrom("monitoring.household").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
  return row && fromRow(row);
}

/** Where a change comes from: who made it, when, and what it rests on. `department` and `dataDate` where a department gave the value. */
export type ChangeSource = {
  at: Date;
  actor: string;
  source: string;
  document?: string | undefined;
  department?: string | undefined;
  dataDate?: string | undefined;
};

/** Keeps where the values of a registration come from: a change of nothing, which every later one is measured against. */
export async function recordRegistration(tx: Tx<DB>, household: Household, given: ChangeSource): Promise<void> {
  await insertChange(tx, household, {}, given);
}

/** Writes the changeable fields of a household and its new version, and keeps what changed with its source (provenance). */
export async function saveHousehold(tx: Tx<DB>, before: Household, after: Household, given: ChangeSource): Promise<void> {
  await tx
    .updateTable("monitoring.household")
    .set({
      hamlet: after.hamlet,
      household_no: after.householdNo,
      household_kind: after.householdKind,
      monitored_kind: after.monitoredKind,
      risk_cleared: after.riskCleared,
      headcount: after.headcount,
      able_workers: after.ableWorkers,
      schooling_ok: after.guarantees.schooling,
      medical_care_ok: after.guarantees.medicalCare,
      housing_ok: after.guarantees.housing,
      drinking_water_ok: after.guarantees.drinkingWater,
      low_income: after.lowIncome,
      safety_net_only: after.safetyNetOnly,
      relocated: after.relocated,
      status: after.status,
      closed_because: after.closedBecause,
      merged_into: after.mergedInto,
      version: after.version,
      updated_at: given.at,
    })
    .where("id", "=", after.id)
    .execute();
  const changed = Object.fromEntries(
    (Object.keys(after) as (keyof Household)[]) // Safe: the object was made with exactly these keys.
      .filter((key) => key !== "version" && JSON.stringify(before[key]) !== JSON.stringify(after[key]))
      .map((key) => [key, { from: before[key], to: after[key] }]),
  );
  await insertChange(tx, after, changed, given);
}

async function insertChange(tx: Tx<DB>, after: Household, changed: Record<string, unknown>, given: ChangeSource): Promise<void> {
  await tx
    .insertInto("monitoring.household_change")
    .values({
      household_id: after.id,
      region: after.region,
      version: after.version,
      changed: JSON.stringify(changed),
      source: given.source,
      document: given.document ?? null,
      department: given.department ?? null,
      data_date: given.dataDate ?? null,
      actor: given.actor,
      at: given.at,
    })
    .execute();
}

export async function changesOf(tx: Tx<DB>, householdId: string) {
  return await tx
    .selectFrom("monitoring.household_change")
    .select(["version", "changed", "source", "document", "at"])
    .where("household_id", "=", householdId)
    .orderBy("version")
    .execute();
}

export type HouseholdFilter = {
  region?: { lo: string; hi: string };
  householdKind?: string | undefined;
  monitored?: boolean | undefined;
  after?: string | undefined;
  limit: number;
};

/** Households of the caller's area in order of their id; `limit + 1` rows, so that the caller sees whether there are more. */
export async function listHouseholds(tx: Tx<DB>, filter: HouseholdFilter): Promise<Household[]> {
  let query = tx
    .selectFrom("monitoring.household")
    .selectAll()
    .orderBy("id")
    .limit(filter.limit + 1);
  if (filter.region) query = query.where("region", ">=", filter.region.lo).where("region", "<", filter.region.hi);
  if (filter.householdKind) query = query.where("household_kind", "=", filter.householdKind);
  if (filter.monitored === true) query = query.where("monitored_kind", "is not", null).where("risk_cleared", "=", false);
  if (filter.after) query = query.where("id", ">", filter.after);
  return (await query.execute()).map(fromRow);
}

export async function householdsByIds(tx: Tx<DB>, ids: readonly string[]): Promise<Household[]> {
  if (ids.length === 0) return [];
  return (await tx.selectFrom("monitoring.household").selectAll().where("id", "in", ids).orderBy("id").execute()).map(fromRow);
}
