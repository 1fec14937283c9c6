import type { HouseholdState, PersonState } from "@shouwang/contract";
import {
  type BusinessDate,
  blindIndex,
  type Keys,
  maskIdentityNumber,
  maskName,
  maskPhone,
  nameSearchTokens,
  nameTokens,
  openRecord,
  sealRecord,
  type Tx,
} from "@shouwang/service-kit";
import type { Selectable } from "kysely";
import { sql } from "kysely";
import { z } from "zod";
import type { DB, MonitoringHousehold, MonitoringPerson } from "../db.ts";
import type { CheckedMember, IncomeEntry } from "./decide.ts";

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
  mergedInto: null,
  splitFrom: null,
});

/** What is sealed of a person: nothing of it leaves the row except by a reveal. */
const PersonSecret = z.object({ name: z.string(), identityNumber: z.string(), phone: z.string().optional() });
export type PersonSecret = z.infer<typeof PersonSecret>;
/** Where a person's sealed record stands: part of what the seal vouches for. */
export const placeOfPerson = (id: string) => ({ table: "monitoring.person", id });

export type Person = {
  id: string;
  householdId: string | null;
  region: string;
  nameMask: string;
  identityMask: string;
  phoneMask: string | null;
  sex: "male" | "female";
  birthDate: string;
  relation: string;
  schooling: string | null;
  health: string[];
  labourSkill: string;
  medicalInsurance: string | null;
  ableWorker: boolean;
  student: boolean;
  status: "member" | "left" | "died";
  since: string;
  numberVerified: boolean;
  version: number;
};

const personFromRow = (row: Omit<Selectable<MonitoringPerson>, "secret" | "identity_index">): Person => ({
  id: row.id,
  householdId: row.household_id,
  region: row.region,
  nameMask: row.name_mask,
  identityMask: row.identity_mask,
  phoneMask: row.phone_mask,
  sex: row.sex as Person["sex"],
  birthDate: row.birth_date,
  relation: row.relation,
  schooling: row.schooling,
  health: row.health,
  labourSkill: row.labour_skill,
  medicalInsurance: row.medical_insurance,
  ableWorker: row.able_worker,
  student: row.student,
  status: row.status as Person["status"],
  since: row.since,
  numberVerified: row.number_verified,
  version: row.version,
});

export const personStateOf = (person: Person): z.input<typeof PersonState> => ({
  personId: person.id,
  householdId: person.householdId,
  region: person.region,
  status: person.status,
  since: person.since,
  ableWorker: person.ableWorker,
  student: person.student,
  newEntrant: false,
  numberVerified: person.numberVerified,
});

/** The key under which one person is found again in any feed of any department: the first 18 characters, as a keyed index. */
export const identityIndex = (keys: Keys, personKey: string): Buffer => blindIndex(keys, "identity-number", personKey);

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
      synthetic: household.synthetic,
      created_at: at,
      updated_at: at,
    })
    .execute();
}

/** Stores the members of a household, their names and numbers sealed, each findable by number and name. */
export async function insertMembers(
  tx: Tx<DB>,
  keys: Keys,
  household: Household,
  members: readonly (CheckedMember & { id: string })[],
  since: BusinessDate,
): Promise<void> {
  if (members.length === 0) return;
  await tx
    .insertInto("monitoring.person")
    .values(
      members.map((member) => {
        const secret: PersonSecret = {
          name: member.name,
          identityNumber: member.identity.value,
          ...(member.phone === undefined ? {} : { phone: member.phone }),
        };
        return {
          id: member.id,
          household_id: household.id,
          region: household.region,
          secret: sealRecord(keys, placeOfPerson(member.id), secret),
          identity_index: identityIndex(keys, member.identity.personKey),
          identity_mask: maskIdentityNumber(member.identity.value),
          name_mask: maskName(member.name),
          phone_mask: member.phone === undefined ? null : maskPhone(member.phone),
          sex: member.identity.sex,
          birth_date: member.identity.birthDate,
          relation: member.relation,
          schooling: member.schooling ?? null,
          health: [...member.health],
          labour_skill: member.labourSkill,
          medical_insurance: member.medicalInsurance ?? null,
          able_worker: member.ableWorker,
          student: member.student,
          since,
          number_verified: true,
        };
      }),
    )
    .execute();
  const tokens = members.flatMap((member) =>
    nameTokens(keys, member.name).map((token) => ({ token, person_id: member.id, region: household.region })),
  );
  await tx
    .insertInto("monitoring.name_token")
    .values(tokens)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function findHousehold(tx: Tx<DB>, id: string): Promise<Household | undefined> {
  const row = await tx.selectFrom("monitoring.household").selectAll().where("id", "=", id).executeTakeFirst();
  return row && fromRow(row);
}

/** The household, locked until the transaction ends: everything decided about a household locks it first. */
export async function lockHousehold(tx: Tx<DB>, id: string): Promise<Household | undefined> {
  const row = await tx.selectFrom("monitoring.household").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
  return row && fromRow(row);
}

const personColumns = [
  "id",
  "household_id",
  "region",
  "identity_mask",
  "name_mask",
  "phone_mask",
  "sex",
  "birth_date",
  "relation",
  "schooling",
  "health",
  "labour_skill",
  "medical_insurance",
  "able_worker",
  "student",
  "status",
  "since",
  "number_verified",
  "version",
] as const;

export async function membersOf(tx: Tx<DB>, householdId: string): Promise<Person[]> {
  const rows = await tx
    .selectFrom("monitoring.person")
    .select(personColumns)
    .where("household_id", "=", householdId)
    .where("status", "=", "member")
    .orderBy("id")
    .execute();
  return rows.map(personFromRow);
}

/** Opens one person's sealed fields. The caller has recorded the purpose. */
export async function revealPerson(
  tx: Tx<DB>,
  keys: Keys,
  personId: string,
): Promise<{ region: string; secret: PersonSecret } | undefined> {
  const row = await tx.selectFrom("monitoring.person").select(["region", "secret"]).where("id", "=", personId).executeTakeFirst();
  return row && { region: row.region, secret: openRecord(keys, placeOfPerson(personId), row.secret, PersonSecret) };
}

/** Writes the changeable fields of a household and its new version, and keeps what changed with its source (provenance). */
export async function saveHousehold(
  tx: Tx<DB>,
  before: Household,
  after: Household,
  given: { at: Date; actor: string; source: string; document?: string | undefined },
): Promise<void> {
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
  await tx
    .insertInto("monitoring.household_change")
    .values({
      household_id: after.id,
      region: after.region,
      version: after.version,
      changed: JSON.stringify(changed),
      source: given.source,
      document: given.document ?? null,
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

/** The household of the person with this number, if it is in the caller's area. */
export async function findByIdentity(
  tx: Tx<DB>,
  keys: Keys,
  personKey: string,
): Promise<{ householdId: string; personId: string } | undefined> {
  const row = await tx
    .selectFrom("monitoring.person")
    .select(["id", "household_id"])
    .where("identity_index", "=", identityIndex(keys, personKey))
    .where("status", "=", "member")
    .executeTakeFirst();
  return row?.household_id ? { householdId: row.household_id, personId: row.id } : undefined;
}

/** Households with a member whose name holds what was typed (a whole name or a part of two characters and more). */
export async function findByName(tx: Tx<DB>, keys: Keys, typed: string, limit: number): Promise<string[]> {
  const tokens = nameSearchTokens(keys, typed);
  if (tokens.length === 0) return [];
  const { rows } = await sql<{ household_id: string }>`select distinct p.household_id from monitoring.person p join (
      select person_id from monitoring.name_token where token = any(${tokens}::bytea[]) group by person_id having count(distinct token) = ${tokens.length}) hit on hit.person_id = p.id
    where p.status = 'member' and p.household_id is not null limit ${limit}`.execute(tx);
  return rows.map((row) => row.household_id);
}

export async function householdsByIds(tx: Tx<DB>, ids: readonly string[]): Promise<Household[]> {
  if (ids.length === 0) return [];
  return (await tx.selectFrom("monitoring.household").selectAll().where("id", "in", ids).orderBy("id").execute()).map(fromRow);
}

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
