import { PersonIdentityRecorded, PersonPhoneRecorded } from "@shouwang/contract";
import { owePrivately, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import type { Person } from "../household/person-store.ts";
import type { ChangeSource } from "../household/store.ts";
import type { PreparedHousehold, PreparedPerson } from "./prepare.ts";

type Given = ChangeSource & { since: string };

/**
 * Stores households with their members, one statement a table. One of which somebody is registered already, anywhere in the region, is left out whole: the
 * index of identity numbers spans it, whatever the caller may see.
 * @returns ids of the households that were left out
 */
export async function insertHouseholds(tx: Tx<DB>, rows: readonly PreparedHousehold[], given: Given): Promise<Set<string>> {
  const left = new Set<string>();
  for (let all = rows; all.length > 0; ) {
    await sql`savepoint households`.execute(tx);
    await insertHouseholdRows(tx, all, given);
    const known = await insertPeople(tx, all, given.since);
    if (known.length === 0) {
      await insertNames(tx, all);
      const people = all.flatMap(({ household, people }) => people.map(({ id }) => ({ id, region: household.region })));
      await owePrivately(tx, PersonIdentityRecorded, people);
      await owePrivately(tx, PersonPhoneRecorded, people);
      break;
    }
    await sql`rollback to savepoint households`.execute(tx);
    for (const id of known) left.add(id);
    all = all.filter(({ household }) => !left.has(household.id));
  }
  return left;
}

async function insertHouseholdRows(tx: Tx<DB>, rows: readonly PreparedHousehold[], given: Given): Promise<void> {
  const h = rows.map(({ household }) => household);
  await sql`insert into monitoring.household (id, region, household_no, household_kind, headcount, able_workers, schooling_ok, medical_care_ok, housing_ok, drinking_water_ok,
      low_income, relocated, synthetic, created_at, updated_at)
    select *, ${given.at}::timestamptz, ${given.at}::timestamptz from unnest(${h.map((x) => x.id)}::uuid[], ${h.map((x) => x.region)}::text[], ${h.map((x) => x.householdNo)}::text[],
      ${h.map((x) => x.householdKind)}::text[], ${h.map((x) => x.headcount)}::int[], ${h.map((x) => x.ableWorkers)}::int[],
      ${h.map((x) => x.guarantees.schooling)}::bool[], ${h.map((x) => x.guarantees.medicalCare)}::bool[], ${h.map((x) => x.guarantees.housing)}::bool[],
      ${h.map((x) => x.guarantees.drinkingWater)}::bool[], ${h.map((x) => x.lowIncome)}::bool[], ${h.map((x) => x.relocated)}::bool[], ${h.map((x) => x.synthetic)}::bool[])`.execute(
    tx,
  );
  await sql`insert into monitoring.household_change (household_id, region, version, changed, source, document, department, data_date, actor, at)
    select id, region, 1, '{}', ${given.source}, ${given.document ?? null}, ${given.department ?? null}, ${given.dataDate ?? null}::date, ${given.actor}, ${given.at}::timestamptz
    from unnest(${h.map((x) => x.id)}::uuid[], ${h.map((x) => x.region)}::text[]) as row (id, region)`.execute(tx);
}

/** @returns the households of those who are registered already */
async function insertPeople(tx: Tx<DB>, rows: readonly PreparedHousehold[], since: string): Promise<string[]> {
  const p = rows.flatMap(({ household, people }) => people.map((person) => ({ ...person, household })));
  const { rows: stored } = await sql<{
    id: string;
  }>`insert into monitoring.person (id, household_id, region, secret, identity_index, identity_mask, name_mask, phone_mask,
      sex, birth_date, relation, schooling, health, labour_skill, medical_insurance, education, dropout_reason, serious_illness_insurance, destitute, able_worker, student, since, number_verified)
    select id, household_id, region, secret, identity_index, identity_mask, name_mask, phone_mask, sex, birth_date, relation, schooling, string_to_array(health, ','),
      labour_skill, medical_insurance, education, dropout_reason, serious_illness_insurance, destitute, able_worker, student, ${since}::date, true
    from unnest(${p.map((x) => x.id)}::uuid[], ${p.map((x) => x.household.id)}::uuid[], ${p.map((x) => x.household.region)}::text[],
      ${p.map((x) => x.secret)}::bytea[], ${p.map((x) => x.index)}::bytea[], ${p.map((x) => x.identityMask)}::text[], ${p.map((x) => x.nameMask)}::text[],
      ${p.map((x) => x.phoneMask)}::text[], ${p.map((x) => x.facts.sex)}::text[], ${p.map((x) => x.facts.birthDate)}::date[],
      ${p.map((x) => x.facts.relation)}::text[], ${p.map((x) => x.facts.schooling ?? null)}::text[], ${p.map((x) => x.facts.health.join(","))}::text[],
      ${p.map((x) => x.facts.labourSkill)}::text[], ${p.map((x) => x.facts.medicalInsurance ?? null)}::text[], ${p.map((x) => x.facts.education ?? null)}::text[],
      ${p.map((x) => x.facts.dropoutReason ?? null)}::text[], ${p.map((x) => x.facts.seriousIllnessInsurance ?? null)}::bool[], ${p.map((x) => x.facts.destitute ?? false)}::bool[],
      ${p.map((x) => x.facts.ableWorker)}::bool[], ${p.map((x) => x.facts.student)}::bool[])
      as row (id, household_id, region, secret, identity_index, identity_mask, name_mask, phone_mask, sex, birth_date, relation, schooling, health, labour_skill, medical_insurance, education,
        dropout_reason, serious_illness_insurance, destitute, able_worker, student)
    on conflict (identity_index) do nothing returning id`.execute(tx);
  if (stored.length === p.length) return [];
  const ids = new Set(stored.map(({ id }) => id));
  return p.filter(({ id }) => !ids.has(id)).map(({ household }) => household.id);
}

/** What the names are found by, in the order of the index they go into. */
async function insertNames(tx: Tx<DB>, rows: readonly PreparedHousehold[]): Promise<void> {
  const t = rows
    .flatMap(({ household, people }) =>
      people.flatMap(({ id, tokens }) => tokens.map((token) => ({ token, id, region: household.region }))),
    )
    .sort((a, b) => Buffer.compare(a.token, b.token));
  await sql`insert into monitoring.name_token (token, person_id, region) select * from unnest(${t.map((x) => x.token)}::bytea[], ${t.map((x) => x.id)}::uuid[],
    ${t.map((x) => x.region)}::text[])`.execute(tx);
}

/** A person as stored a moment ago. */
export const personOf = (
  { region, id: householdId }: { region: string; id: string },
  { id, nameMask, identityMask, phoneMask, facts }: PreparedPerson,
  since: string,
): Person => ({
  id,
  householdId,
  region,
  nameMask,
  identityMask,
  phoneMask,
  sex: facts.sex,
  birthDate: facts.birthDate,
  relation: facts.relation,
  schooling: facts.schooling ?? null,
  health: [...facts.health],
  labourSkill: facts.labourSkill,
  medicalInsurance: facts.medicalInsurance ?? null,
  education: facts.education ?? null,
  dropoutReason: facts.dropoutReason ?? null,
  seriousIllnessInsurance: facts.seriousIllnessInsurance ?? null,
  destitute: facts.destitute ?? false,
  ableWorker: facts.ableWorker,
  student: facts.student,
  status: "member",
  since,
  numberVerified: true,
  version: 1,
});
