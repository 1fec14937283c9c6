import {
  type Keys,
  type ParameterReader,
  type Principal,
  parseBusinessDate,
  readParameters,
  type Tx,
} from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import { householdOn, type MembershipDay } from "../registry/decide.ts";
import type { WorkAges, Worker } from "./decide.ts";
import {
  recorderOf,
  secretToRow,
  type WorkRecord,
  type WorkRecordRow,
  type WorkSecret,
  workFromRow,
  workToRow,
} from "./store.ts";

/** What the rules ask of a person, for many at once. `workerOn` answers it for a first day of work; other work is left to whoever looks at overlaps. */
export type ManyWorker = {
  id: string;
  region: string;
  nameMask: string | null;
  workerOn(from: string): Worker;
  /** Records that count, oldest first. */
  records: WorkRecordRow[];
};

/** Some people of the caller's area with their records, locked in order of their id, so that two lists about the same people wait for each other. */
export async function lockWorkers(tx: Tx<DB>, personIds: readonly string[]): Promise<Map<string, ManyWorker>> {
  const ids = [...new Set(personIds)];
  if (ids.length === 0) return new Map();
  const people = await sql<{
    id: string;
    region: string;
    status: string;
    since: string;
    nameMask: string | null;
    birthDate: string | null;
  }>`
    select p.id, p.region, p.status, p.since, i.name_mask as "nameMask", i.birth_date as "birthDate" from employment.person p
    left join lateral (select name_mask, birth_date from employment.person_identity where person_id = p.id limit 1) i on true
    where p.id = any(${ids}::uuid[]) order by p.id for update of p`.execute(tx);
  const days = await sql<
    MembershipDay & { personId: string }
  >`select person_id as "personId", since, household_id as "householdId", status
    from employment.membership where person_id = any(${ids}::uuid[]) order by since`.execute(tx);
  const works = await tx
    .selectFrom("employment.work_record")
    .selectAll()
    .where(sql<boolean>`person_id = any(${ids}::uuid[])`)
    .where("voided_on", "is", null)
    .orderBy("from_date")
    .orderBy("id")
    .execute();
  const memberships = Map.groupBy(days.rows, ({ personId }) => personId);
  const records = Map.groupBy(works.map(workFromRow), ({ personId }) => personId);
  return new Map(
    people.rows.map(({ id, region, status, since, nameMask, birthDate }) => [
      id,
      {
        ...{ id, region, nameMask, records: records.get(id) ?? [] },
        workerOn: (from) => ({
          birthDate: birthDate === null ? null : parseBusinessDate(birthDate),
          householdId: householdOn(memberships.get(id) ?? [], parseBusinessDate(from)),
          goneFrom: status === "member" ? null : since,
          others: [],
        }),
      },
    ]),
  );
}

/** The working age for places and days; what holds on a day is read once. */
export function agesReader(tx: Tx<DB>): (region: string, on: string) => Promise<WorkAges> {
  const known = new Map<string, Promise<ParameterReader>>();
  return async (region, on) => {
    const reading = known.get(on) ?? readParameters(tx, ["labour.ageMin", "labour.ageMax"], on);
    known.set(on, reading);
    const read = await reading;
    const min = read("labour.ageMin", region);
    return { min: min.value, max: read("labour.ageMax", region).value, document: min.document };
  };
}

/** A record to be written, with what is sealed of it where that changes. */
export type Written = { record: WorkRecord; secret: WorkSecret | undefined };

const jsonRow = (keys: Keys, { record, secret }: Written) => {
  const sealed = secret && secretToRow(keys, record.id, secret);
  return {
    ...workToRow(record),
    id: record.id,
    person_id: record.personId,
    checked_on: record.checkedOn,
    secret: sealed?.secret.toString("base64") ?? null,
    employer_index: sealed?.employer_index?.toString("base64") ?? null,
  };
};
const given = (keys: Keys, written: readonly Written[]) =>
  sql`jsonb_to_recordset(${JSON.stringify(written.map((one) => jsonRow(keys, one)))}::jsonb) as g (id uuid, person_id uuid, household_id uuid, region text,
    country text, place text, scope text, channel text, industry text, credit_code text, monthly_wage_fen bigint, point_to_point boolean, source text,
    from_date date, until_date date, ended_because text, checked_on date, version bigint, secret text, employer_index text)`;

/** Writes new records in one statement. */
export async function insertWorks(tx: Tx<DB>, keys: Keys, written: readonly Written[], actor: Principal): Promise<void> {
  if (written.length === 0) return;
  const { recorded_by, recorded_level } = recorderOf(actor);
  await sql`insert into employment.work_record (id, person_id, household_id, region, country, place, scope, channel, industry, credit_code, monthly_wage_fen,
      point_to_point, source, from_date, until_date, ended_because, checked_on, version, secret, employer_index, recorded_by, recorded_level)
    select id, person_id, household_id, region, country, place, scope, channel, industry, credit_code, monthly_wage_fen, point_to_point, source, from_date,
      until_date, ended_because, checked_on, version, decode(secret, 'base64'), decode(employer_index, 'base64'), ${recorded_by}, ${recorded_level}
    from ${given(keys, written)}`.execute(tx);
}

/** Writes changed records in one statement; what is sealed stays where nothing of it is given. */
export async function saveWorks(tx: Tx<DB>, keys: Keys, written: readonly Written[]): Promise<void> {
  if (written.length === 0) return;
  await sql`update employment.work_record w set country = g.country, place = g.place, scope = g.scope, industry = g.industry, credit_code = g.credit_code,
      monthly_wage_fen = g.monthly_wage_fen, point_to_point = g.point_to_point, until_date = g.until_date, ended_because = g.ended_because,
      checked_on = g.checked_on, version = g.version, secret = coalesce(decode(g.secret, 'base64'), w.secret),
      employer_index = coalesce(decode(g.employer_index, 'base64'), w.employer_index)
    from ${given(keys, written)} where w.id = g.id`.execute(tx);
}
