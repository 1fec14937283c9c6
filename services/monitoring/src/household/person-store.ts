import { PersonIdentityRecorded, PersonPhoneRecorded, type PersonState } from "@shouwang/contract";
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
  owePrivately,
  sealRecord,
  type Tx,
} from "@shouwang/service-kit";
import type { Selectable } from "kysely";
import { sql } from "kysely";
import { z } from "zod";
import type { DB, MonitoringPerson } from "../db.ts";
import type { CheckedMember } from "./decide.ts";
import type { Household } from "./store.ts";

/** What is sealed of a person: nothing of it leaves the row except by a reveal. */
export const PersonSecret = z.object({ name: z.string(), identityNumber: z.string(), phone: z.string().optional() });
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
  education: string | null;
  dropoutReason: string | null;
  seriousIllnessInsurance: boolean | null;
  destitute: boolean;
  ableWorker: boolean;
  student: boolean;
  status: "member" | "left" | "died";
  since: string;
  numberVerified: boolean;
  version: number;
};

export const personFromRow = (
  row: Omit<Selectable<MonitoringPerson>, "secret" | "identity_index" | "payee_secret" | "payee_mask" | "erased_on">,
): Person => ({
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
  education: row.education,
  dropoutReason: row.dropout_reason,
  seriousIllnessInsurance: row.serious_illness_insurance,
  destitute: row.destitute,
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
          education: member.education ?? null,
          dropout_reason: member.dropoutReason ?? null,
          serious_illness_insurance: member.seriousIllnessInsurance ?? null,
          destitute: member.destitute ?? false,
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
  await owePeople(
    tx,
    members.map(({ id }) => ({ id, region: household.region })),
  );
}

/** Says in the caller's transaction that identity and phone of these people are to be told to the departments entitled to them. */
export async function owePeople(tx: Tx<DB>, people: readonly { id: string; region: string }[]): Promise<void> {
  await owePrivately(tx, PersonIdentityRecorded, people);
  await owePrivately(tx, PersonPhoneRecorded, people);
}

export const personColumns = [
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
  "education",
  "dropout_reason",
  "serious_illness_insurance",
  "destitute",
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

/** Opens one person's sealed fields; of somebody who was erased there is nothing to open. The caller has recorded the purpose. */
export async function revealPerson(
  tx: Tx<DB>,
  keys: Keys,
  personId: string,
): Promise<{ region: string; secret: PersonSecret } | undefined> {
  const row = await tx
    .selectFrom("monitoring.person")
    .select(["region", "secret"])
    .where("id", "=", personId)
    .where("erased_on", "is", null)
    .executeTakeFirst();
  return row && { region: row.region, secret: openRecord(keys, placeOfPerson(personId), row.secret, PersonSecret) };
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
