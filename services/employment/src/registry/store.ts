import type { Keys, Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import type { HouseholdDay, MembershipDay, MonitoredSpan } from "./decide.ts";
import { identityIndex } from "./identity-store.ts";

export type Household = {
  id: string;
  region: string;
  householdKind: string;
  monitoredKind: string | null;
  riskCleared: boolean;
  headcount: number;
  ableWorkers: number;
  relocated: boolean;
  resettlementSiteId: string | null;
  status: string;
};

/** A person as this department knows them; who it is may not have been told yet. */
export type Person = {
  id: string;
  householdId: string | null;
  region: string;
  status: string;
  since: string;
  ableWorker: boolean;
  student: boolean;
  numberVerified: boolean;
  nameMask: string | null;
  identityMask: string | null;
  phoneMask: string | null;
  sex: string | null;
  birthDate: string | null;
};

const householdColumns = sql`h.id, h.region, h.household_kind as "householdKind", h.monitored_kind as "monitoredKind", h.risk_cleared as "riskCleared",
  h.headcount, h.able_workers as "ableWorkers", h.relocated, h.resettlement_site_id as "resettlementSiteId", h.status`;
const personFrom = sql`select p.id, p.household_id as "householdId", p.region, p.status, p.since, p.able_worker as "ableWorker", p.student,
  p.number_verified as "numberVerified", i.name_mask as "nameMask", i.identity_mask as "identityMask", i.phone_mask as "phoneMask", i.sex,
  i.birth_date as "birthDate" from employment.person p left join employment.person_identity i on i.person_id = p.id`;

export type HouseholdFilter = {
  area: { lo: string; hi: string };
  householdKind?: string | undefined;
  monitored?: boolean | undefined;
  after?: string | undefined;
  limit: number;
};

/** Active households of the caller's area in order of their id; `limit + 1` rows. */
export async function listHouseholds(
  tx: Tx<DB>,
  { area, householdKind, monitored, after, limit }: HouseholdFilter,
): Promise<Household[]> {
  const { rows } = await sql<Household>`select ${householdColumns} from employment.household h
    where h.status = 'active' and h.region >= ${area.lo} and h.region < ${area.hi} and (${householdKind ?? null}::text is null or h.household_kind = ${householdKind ?? null})
      and (${monitored ?? null}::boolean is null or (h.monitored_kind is not null and not h.risk_cleared) = ${monitored ?? null})
      and (${after ?? null}::uuid is null or h.id > ${after ?? null}::uuid) order by h.id limit ${limit + 1}`.execute(tx);
  return rows;
}

export async function findHousehold(tx: Tx<DB>, id: string): Promise<Household | undefined> {
  const { rows } = await sql<Household>`select ${householdColumns} from employment.household h where h.id = ${id}`.execute(tx);
  return rows[0];
}

export async function membersOf(tx: Tx<DB>, householdId: string): Promise<Person[]> {
  const { rows } = await sql<Person>`${personFrom} where p.household_id = ${householdId} order by p.id`.execute(tx);
  return rows;
}

export async function findPerson(tx: Tx<DB>, id: string): Promise<Person | undefined> {
  const { rows } = await sql<Person>`${personFrom} where p.id = ${id}`.execute(tx);
  return rows[0];
}

/** The person of the caller's area whose identity number begins with the same 18 characters; a member before one who left. */
export async function findByNumber(tx: Tx<DB>, keys: Keys, identityNumber: string): Promise<Person | undefined> {
  const { rows } = await sql<Person>`${personFrom} where i.identity_index = ${identityIndex(keys, identityNumber)}
    order by p.status = 'member' desc, p.id limit 1`.execute(tx);
  return rows[0];
}

/** What a household was on each day, and the times it was monitored, oldest first. */
export async function historyOf(tx: Tx<DB>, householdId: string): Promise<{ days: HouseholdDay[]; cases: MonitoredSpan[] }> {
  const days =
    await sql<HouseholdDay>`select from_date as "fromDate", registered_in as "registeredIn", household_kind as "householdKind",
    monitored_kind as "monitoredKind", risk_cleared as "riskCleared", status from employment.household_status
    where household_id = ${householdId} order by from_date`.execute(tx);
  const cases =
    await sql<MonitoredSpan>`select monitored_kind as "monitoredKind", included_on as "includedOn", ended_on as "endedOn"
    from employment.monitored_case where household_id = ${householdId} order by included_on, id`.execute(tx);
  return { days: days.rows, cases: cases.rows };
}

/** Whose member a person was from which day on, oldest first. */
export async function membershipsOf(tx: Tx<DB>, personId: string): Promise<MembershipDay[]> {
  const { rows } = await sql<MembershipDay>`select since, household_id as "householdId", status from employment.membership
    where person_id = ${personId} order by since`.execute(tx);
  return rows;
}

/** The same histories of several households, by household. */
export async function historiesOf(
  tx: Tx<DB>,
  householdIds: readonly string[],
): Promise<Map<string, { days: HouseholdDay[]; cases: MonitoredSpan[] }>> {
  const ids = [...new Set(householdIds)];
  const days = await sql<
    HouseholdDay & { id: string }
  >`select household_id as id, from_date as "fromDate", registered_in as "registeredIn",
    household_kind as "householdKind", monitored_kind as "monitoredKind", risk_cleared as "riskCleared", status from employment.household_status
    where household_id = any(${ids}::uuid[]) order by from_date`.execute(tx);
  const cases = await sql<
    MonitoredSpan & { householdId: string }
  >`select household_id as "householdId", monitored_kind as "monitoredKind",
    included_on as "includedOn", ended_on as "endedOn" from employment.monitored_case
    where household_id = any(${ids}::uuid[]) order by included_on, id`.execute(tx);
  const [daysBy, casesBy] = [Map.groupBy(days.rows, ({ id }) => id), Map.groupBy(cases.rows, ({ householdId }) => householdId)];
  return new Map(ids.map((id) => [id, { days: daysBy.get(id) ?? [], cases: casesBy.get(id) ?? [] }]));
}
