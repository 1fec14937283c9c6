import { type Keys, maskIdentityNumber, maskName, maskPhone, nameTokens, sealRecord, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import type { CheckedMember } from "./decide.ts";
import { identityIndex, owePeople, type Person, placeOfPerson } from "./person-store.ts";
import type { ChangeSource, Household } from "./store.ts";

export type NewMember = CheckedMember & { id: string };
export type NewHousehold = { household: Household; members: readonly NewMember[] };

/** A new household's member as it stands after its registration. */
export const newPerson = (household: Household, member: NewMember, since: string): Person => ({
  id: member.id,
  householdId: household.id,
  region: household.region,
  nameMask: maskName(member.name),
  identityMask: maskIdentityNumber(member.identity.value),
  phoneMask: member.phone ? maskPhone(member.phone) : null,
  sex: member.identity.sex,
  birthDate: member.identity.birthDate,
  relation: member.relation,
  schooling: member.schooling ?? null,
  health: [...member.health],
  labourSkill: member.labourSkill,
  medicalInsurance: member.medicalInsurance ?? null,
  education: member.education ?? null,
  dropoutReason: member.dropoutReason ?? null,
  seriousIllnessInsurance: member.seriousIllnessInsurance ?? null,
  destitute: member.destitute ?? false,
  ableWorker: member.ableWorker,
  student: member.student,
  status: "member",
  since,
  numberVerified: true,
  version: 1,
});

/**
 * Writes many households with their members in one statement a table, names and numbers sealed. A household with somebody whose number is registered anywhere in the
 * region already, also where the caller does not look, is not written at all.
 * @returns of the households that were left out, the members who are registered already, by the household's id
 */
export async function insertHouseholds(
  tx: Tx<DB>,
  keys: Keys,
  rows: readonly NewHousehold[],
  given: { at: Date; since: string },
): Promise<Map<string, string[]>> {
  const leftOut = new Map<string, string[]>();
  for (let rest = rows; rest.length > 0; ) {
    await sql`savepoint bulk`.execute(tx);
    const written = await insertAll(tx, keys, rest, given);
    const halves = rest.filter(({ members }) => members.some(({ id }) => !written.has(id)));
    if (halves.length === 0) {
      await sql`release savepoint bulk`.execute(tx);
      break;
    }
    // Only the region's own index knows of them, so they are found by trying; the others are written again without them.
    await sql`rollback to savepoint bulk`.execute(tx);
    for (const { household, members } of halves)
      leftOut.set(
        household.id,
        members.filter(({ id }) => !written.has(id)).map(({ id }) => id),
      );
    rest = rest.filter(({ household }) => !leftOut.has(household.id));
  }
  return leftOut;
}

/** @returns the ids of the members that were written */
async function insertAll(
  tx: Tx<DB>,
  keys: Keys,
  rows: readonly NewHousehold[],
  given: { at: Date; since: string },
): Promise<Set<string>> {
  const h = rows.map(({ household }) => household);
  const ofHousehold = <T>(value: (household: Household) => T) => h.map(value);
  await sql`insert into monitoring.household (id, region, household_no, hamlet, household_kind, headcount, able_workers, schooling_ok, medical_care_ok, housing_ok,
      drinking_water_ok, low_income, relocated, synthetic, created_at, updated_at)
    select *, ${given.at}::timestamptz, ${given.at}::timestamptz from unnest(${ofHousehold((x) => x.id)}::uuid[], ${ofHousehold((x) => x.region)}::text[],
      ${ofHousehold((x) => x.householdNo)}::text[], ${ofHousehold((x) => x.hamlet)}::text[], ${ofHousehold((x) => x.householdKind)}::text[],
      ${ofHousehold((x) => x.headcount)}::int[], ${ofHousehold((x) => x.ableWorkers)}::int[], ${ofHousehold((x) => x.guarantees.schooling)}::bool[],
      ${ofHousehold((x) => x.guarantees.medicalCare)}::bool[], ${ofHousehold((x) => x.guarantees.housing)}::bool[], ${ofHousehold((x) => x.guarantees.drinkingWater)}::bool[],
      ${ofHousehold((x) => x.lowIncome)}::bool[], ${ofHousehold((x) => x.relocated)}::bool[], ${ofHousehold((x) => x.synthetic)}::bool[])`.execute(
    tx,
  );
  const p = rows.flatMap(({ household, members }) =>
    members.map((member) => ({ member, person: newPerson(household, member, given.since) })),
  );
  const of = <T>(value: (person: Person) => T) => p.map(({ person }) => value(person));
  const secrets = p.map(({ member: { id, name, identity, phone } }) =>
    sealRecord(keys, placeOfPerson(id), { name, identityNumber: identity.value, ...(phone ? { phone } : {}) }),
  );
  const { rows: written } = await sql<{
    id: string;
  }>`insert into monitoring.person (id, household_id, region, secret, identity_index, identity_mask, name_mask, phone_mask,
      sex, birth_date, relation, schooling, health, labour_skill, medical_insurance, education, dropout_reason, serious_illness_insurance, destitute, able_worker, student,
      since, number_verified)
    select id, household_id, region, secret, identity_index, identity_mask, name_mask, phone_mask, sex, birth_date, relation, schooling, string_to_array(health, ','),
      labour_skill, medical_insurance, education, dropout_reason, serious_illness_insurance, destitute, able_worker, student, ${given.since}::date, true
    from unnest(${of((x) => x.id)}::uuid[], ${of((x) => x.householdId)}::uuid[], ${of((x) => x.region)}::text[], ${secrets}::bytea[],
      ${p.map(({ member }) => identityIndex(keys, member.identity.personKey))}::bytea[], ${of((x) => x.identityMask)}::text[], ${of((x) => x.nameMask)}::text[],
      ${of((x) => x.phoneMask)}::text[], ${of((x) => x.sex)}::text[], ${of((x) => x.birthDate)}::date[], ${of((x) => x.relation)}::text[],
      ${of((x) => x.schooling)}::text[], ${of((x) => x.health.join(","))}::text[], ${of((x) => x.labourSkill)}::text[], ${of((x) => x.medicalInsurance)}::text[],
      ${of((x) => x.education)}::text[], ${of((x) => x.dropoutReason)}::text[], ${of((x) => x.seriousIllnessInsurance)}::bool[], ${of((x) => x.destitute)}::bool[],
      ${of((x) => x.ableWorker)}::bool[], ${of((x) => x.student)}::bool[])
      as row (id, household_id, region, secret, identity_index, identity_mask, name_mask, phone_mask, sex, birth_date, relation, schooling, health, labour_skill,
        medical_insurance, education, dropout_reason, serious_illness_insurance, destitute, able_worker, student)
    on conflict (identity_index) do nothing returning id`.execute(tx);
  const ids = new Set(written.map(({ id }) => id));
  const kept = p.filter(({ person }) => ids.has(person.id));
  const tokens = kept.flatMap(({ member: { id, name }, person: { region } }) =>
    nameTokens(keys, name).map((token) => ({ token, id, region })),
  );
  await sql`insert into monitoring.name_token (token, person_id, region) select * from unnest(${tokens.map(({ token }) => token)}::bytea[], ${tokens.map(({ id }) => id)}::uuid[],
    ${tokens.map(({ region }) => region)}::text[]) on conflict do nothing`.execute(tx);
  await owePeople(
    tx,
    kept.map(({ person: { id, region } }) => ({ id, region })),
  );
  return ids;
}

/** Keeps where the values of many registrations come from, as `recordRegistration` does of one. */
export async function recordRegistrations(tx: Tx<DB>, households: readonly Household[], given: ChangeSource): Promise<void> {
  await sql`insert into monitoring.household_change (household_id, region, version, changed, source, document, department, data_date, actor, at)
    select id, region, 1, '{}', ${given.source}, ${given.document ?? null}, ${given.department ?? null}, ${given.dataDate ?? null}, ${given.actor}, ${given.at}
    from unnest(${households.map(({ id }) => id)}::uuid[], ${households.map(({ region }) => region)}::text[]) as row (id, region)`.execute(
    tx,
  );
}
