import { type Keys, maskIdentityNumber, maskName, maskPhone, nameTokens, sealRecord, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { DB } from "../db.ts";
import type { CheckedMember } from "./decide.ts";
import { identityIndex, owePeople, type Person, type PersonSecret, placeOfPerson } from "./person-store.ts";
import type { ChangeSource, Household } from "./store.ts";

/** A person as the tables take it: sealed, masked and indexed, nothing in clear. */
type PreparedPerson = { person: Person; secret: Buffer; index: Buffer; tokens: Buffer[] };
export type PreparedHousehold = { household: Household; people: PreparedPerson[] };

export type NewHousehold = Pick<
  Household,
  "region" | "householdNo" | "hamlet" | "householdKind" | "guarantees" | "lowIncome" | "relocated" | "synthetic"
> & { members: readonly CheckedMember[] };

/** Makes a checked household ready to be stored: ids, seals, keyed indexes and masks. All that costs time and needs no database. */
export function prepareHousehold(keys: Keys, { members, ...entry }: NewHousehold, since: string): PreparedHousehold {
  const household: Household = {
    ...entry,
    id: uuidv7(),
    ...{ monitoredKind: null, riskCleared: false, safetyNetOnly: false },
    headcount: members.length,
    ableWorkers: members.filter((member) => member.ableWorker).length,
    ...{ status: "active", closedBecause: null, mergedInto: null, splitFrom: null, version: 1 },
  };
  return { household, people: members.map((member) => preparePerson(keys, household, member, since)) };
}

function preparePerson(keys: Keys, household: Household, member: CheckedMember, since: string): PreparedPerson {
  const { name, phone, identity } = member;
  const id = uuidv7();
  const secret: PersonSecret = { name, identityNumber: identity.value, ...(phone ? { phone } : {}) };
  return {
    person: {
      id,
      householdId: household.id,
      region: household.region,
      nameMask: maskName(name),
      identityMask: maskIdentityNumber(identity.value),
      phoneMask: phone ? maskPhone(phone) : null,
      sex: identity.sex,
      birthDate: identity.birthDate,
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
    },
    secret: sealRecord(keys, placeOfPerson(id), secret),
    index: identityIndex(keys, identity.personKey),
    tokens: nameTokens(keys, name),
  };
}

/**
 * Writes many households with their members in one statement a table. A household with somebody whose number is registered anywhere in the region already, also where
 * the caller does not look, is not written at all.
 * @returns of the households that were left out, the members who are registered already, by the household's id
 */
export async function insertHouseholds(
  tx: Tx<DB>,
  rows: readonly PreparedHousehold[],
  given: ChangeSource,
): Promise<Map<string, string[]>> {
  const leftOut = new Map<string, string[]>();
  for (let rest = rows; rest.length > 0; ) {
    await sql`savepoint bulk`.execute(tx);
    const written = await insertRows(tx, rest, given);
    const halves = rest.filter(({ people }) => people.some(({ person }) => !written.has(person.id)));
    if (halves.length === 0) {
      await sql`release savepoint bulk`.execute(tx);
      break;
    }
    // Only the region's own index knows of them, so they are found by trying; the others are written again without them.
    await sql`rollback to savepoint bulk`.execute(tx);
    for (const { household, people } of halves)
      leftOut.set(
        household.id,
        people.flatMap(({ person }) => (written.has(person.id) ? [] : [person.id])),
      );
    rest = rest.filter(({ household }) => !leftOut.has(household.id));
  }
  const people = rows.flatMap(({ household, people: members }) => (leftOut.has(household.id) ? [] : members));
  await insertNames(tx, people);
  await owePeople(
    tx,
    people.map(({ person: { id, region } }) => ({ id, region })),
  );
  await countNewRegistry(tx);
  return leftOut;
}

/**
 * Writes the households, for each where its values come from, as a single registration does, and their members: all in one statement, so that what is worked
 * out of a household when its rows change is worked out once.
 * @returns the ids of the people who were written
 */
async function insertRows(tx: Tx<DB>, rows: readonly PreparedHousehold[], given: ChangeSource): Promise<Set<string>> {
  const each = <T>(value: (household: Household) => T) => rows.map(({ household }) => value(household));
  // In the order of the index that everybody's number goes into, whatever list it stands in: two lists of the same people then wait for each other one way only.
  const p = rows.flatMap(({ people }) => people).sort((a, b) => Buffer.compare(a.index, b.index));
  const of = <T>(value: (person: Person) => T) => p.map(({ person }) => value(person));
  const { rows: written } = await sql<{
    id: string;
  }>`with entered as (insert into monitoring.household (id, region, household_no, hamlet, household_kind, headcount, able_workers, schooling_ok, medical_care_ok,
      housing_ok, drinking_water_ok, low_income, relocated, synthetic, created_at, updated_at)
    select *, ${given.at}::timestamptz, ${given.at}::timestamptz from unnest(${each((x) => x.id)}::uuid[], ${each((x) => x.region)}::text[],
      ${each((x) => x.householdNo)}::text[], ${each((x) => x.hamlet)}::text[], ${each((x) => x.householdKind)}::text[], ${each((x) => x.headcount)}::int[],
      ${each((x) => x.ableWorkers)}::int[], ${each((x) => x.guarantees.schooling)}::bool[], ${each((x) => x.guarantees.medicalCare)}::bool[],
      ${each((x) => x.guarantees.housing)}::bool[], ${each((x) => x.guarantees.drinkingWater)}::bool[], ${each((x) => x.lowIncome)}::bool[],
      ${each((x) => x.relocated)}::bool[], ${each((x) => x.synthetic)}::bool[])
    returning id, region),
  origin as (insert into monitoring.household_change (household_id, region, version, changed, source, document, department, data_date, actor, at)
    select id, region, 1, '{}', ${given.source}, ${given.document ?? null}, ${given.department ?? null}, ${given.dataDate ?? null}::date, ${given.actor}, ${given.at}::timestamptz
    from entered)
  insert into monitoring.person (id, household_id, region, secret, identity_index, identity_mask, name_mask, phone_mask,
      sex, birth_date, relation, schooling, health, labour_skill, medical_insurance, education, dropout_reason, serious_illness_insurance, destitute, able_worker, student,
      since, number_verified)
    select id, household_id, region, secret, identity_index, identity_mask, name_mask, phone_mask, sex, birth_date, relation, schooling, string_to_array(health, ','),
      labour_skill, medical_insurance, education, dropout_reason, serious_illness_insurance, destitute, able_worker, student, since, true
    from unnest(${of((x) => x.id)}::uuid[], ${of((x) => x.householdId)}::uuid[], ${of((x) => x.region)}::text[], ${p.map((x) => x.secret)}::bytea[],
      ${p.map((x) => x.index)}::bytea[], ${of((x) => x.identityMask)}::text[], ${of((x) => x.nameMask)}::text[], ${of((x) => x.phoneMask)}::text[],
      ${of((x) => x.sex)}::text[], ${of((x) => x.birthDate)}::date[], ${of((x) => x.relation)}::text[], ${of((x) => x.schooling)}::text[],
      ${of((x) => x.health.join(","))}::text[], ${of((x) => x.labourSkill)}::text[], ${of((x) => x.medicalInsurance)}::text[], ${of((x) => x.education)}::text[],
      ${of((x) => x.dropoutReason)}::text[], ${of((x) => x.seriousIllnessInsurance)}::bool[], ${of((x) => x.destitute)}::bool[], ${of((x) => x.ableWorker)}::bool[],
      ${of((x) => x.student)}::bool[], ${of((x) => x.since)}::date[])
      as row (id, household_id, region, secret, identity_index, identity_mask, name_mask, phone_mask, sex, birth_date, relation, schooling, health, labour_skill,
        medical_insurance, education, dropout_reason, serious_illness_insurance, destitute, able_worker, student, since)
    on conflict (identity_index) do nothing returning id`.execute(tx);
  return new Set(written.map(({ id }) => id));
}

/**
 * Lets the database count an empty registry's first rows, which it would do by itself only after a minute: until then it takes every table for a small one
 * and goes through the whole of it for each household.
 */
async function countNewRegistry(tx: Tx<DB>): Promise<void> {
  const { rows } = await sql<{
    counted: boolean;
  }>`select reltuples >= 0 as counted from pg_class where oid = 'monitoring.person'::regclass`.execute(tx);
  if (rows[0]?.counted === false)
    await sql`analyze monitoring.household, monitoring.person, monitoring.name_token, monitoring.household_fact, monitoring.household_fact_source,
      monitoring.household_change, monitoring.suspect`.execute(tx);
}

const tokenBytes = 32;
/** What the names are found by, in the order of the index they go into. The tokens of a name are as long as one another, and go to the database in one piece. */
async function insertNames(tx: Tx<DB>, people: readonly PreparedPerson[]): Promise<void> {
  await sql`insert into monitoring.name_token (token, person_id, region)
    select substring(tokens from n * ${tokenBytes}::int + 1 for ${tokenBytes}::int) as token, id, region
    from unnest(${people.map(({ tokens }) => Buffer.concat(tokens))}::bytea[], ${people.map(({ person: { id } }) => id)}::uuid[],
      ${people.map(({ person: { region } }) => region)}::text[]) as name (tokens, id, region)
    cross join generate_series(0, octet_length(tokens) / ${tokenBytes}::int - 1) n order by token`.execute(tx);
}
