import type { WorkRecordState } from "@shouwang/contract";
import { levelOf, toRegionCode } from "@shouwang/regions";
import {
  actorOf,
  blindIndex,
  type Keys,
  openRecord,
  type Principal,
  parameterFor,
  parseBusinessDate,
  sealRecord,
  type Tx,
} from "@shouwang/service-kit";
import { type Selectable, sql } from "kysely";
import { z } from "zod";
import type { DB, EmploymentWorkRecord } from "../db.ts";
import { householdOn } from "../registry/decide.ts";
import { membershipsOf } from "../registry/store.ts";
import type { Channel, EndedBecause, Scope, WorkAges, Worker, Workplace } from "./decide.ts";

/** Employer's name and remarks. */
export const WorkSecret = z.object({ employer: z.string().nullable(), note: z.string().nullable() });
export type WorkSecret = z.infer<typeof WorkSecret>;
const placeOfSecret = (id: string) => ({ table: "employment.work_record", id });
export const placeOfVoid = (id: string) => ({ table: "employment.work_record.void", id });
/** An employer's name as it is looked for: however it is spaced and bracketed. */
export const employerIndex = (keys: Keys, name: string): Buffer =>
  blindIndex(keys, "employer", name.normalize("NFKC").replaceAll(/\s/g, "").toLowerCase());

/** Who recorded something, and at which level: whoever voids it stands above. */
export const recorderOf = (actor: Principal) => ({
  recorded_by: actorOf(actor),
  recorded_level: actor.region === "" ? ("region" as const) : levelOf(toRegionCode(actor.region)),
});

export type WorkRecord = Workplace & {
  id: string;
  personId: string;
  householdId: string;
  region: string;
  scope: Scope;
  channel: Channel;
  industry: string | null;
  creditCode: string | null;
  monthlyWageFen: number | null;
  pointToPoint: boolean;
  source: string;
  from: string;
  until: string | null;
  endedBecause: EndedBecause | null;
  checkedOn: string | null;
  /** The day it was voided: it counts nowhere any more, and stays to be read. */
  voidedOn: string | null;
  version: number;
};
export type WorkRecordRow = WorkRecord & {
  secret: Buffer | null;
  voidSecret: Buffer | null;
  employerIndex: Buffer | null;
  recordedLevel: string;
};

export const workFromRow = (row: Selectable<EmploymentWorkRecord>): WorkRecordRow => ({
  id: row.id,
  personId: row.person_id,
  householdId: row.household_id,
  region: row.region,
  country: row.country,
  place: row.place,
  // Safe, here and below: check constraints and the one writer of these columns hold them to the unions.
  scope: row.scope as Scope,
  channel: row.channel as Channel,
  industry: row.industry,
  creditCode: row.credit_code,
  monthlyWageFen: row.monthly_wage_fen,
  pointToPoint: row.point_to_point,
  source: row.source,
  from: row.from_date,
  until: row.until_date,
  endedBecause: row.ended_because as EndedBecause | null,
  checkedOn: row.checked_on,
  voidedOn: row.voided_on,
  version: row.version,
  secret: row.secret,
  voidSecret: row.void_secret,
  employerIndex: row.employer_index,
  recordedLevel: row.recorded_level,
});

export const workToRow = (record: WorkRecord) => ({
  household_id: record.householdId,
  region: record.region,
  country: record.country,
  place: record.place,
  scope: record.scope,
  channel: record.channel,
  industry: record.industry,
  credit_code: record.creditCode,
  monthly_wage_fen: record.monthlyWageFen,
  point_to_point: record.pointToPoint,
  source: record.source,
  from_date: record.from,
  until_date: record.until,
  ended_because: record.endedBecause,
  version: record.version,
});

/** The record's whole public state, as its events carry it. */
export const stateOfWork = (record: WorkRecord): z.input<typeof WorkRecordState> => ({
  workRecordId: record.id,
  personId: record.personId,
  householdId: record.householdId,
  region: record.region,
  scope: record.scope,
  channel: record.channel,
  from: record.from,
  until: record.until,
  monthlyWageFen: record.monthlyWageFen,
  endedBecause: record.endedBecause,
  status: record.voidedOn === null ? "recorded" : "void",
});

/** What the rules ask of a person: locked, so that two records of one person are decided one after the other. Undefined for nobody of the caller's area. */
export async function lockWorker(tx: Tx<DB>, personId: string, from: string): Promise<(Worker & { region: string }) | undefined> {
  const { rows } = await sql<{
    region: string;
    status: string;
    since: string;
    birthDate: string | null;
  }>`select p.region, p.status, p.since,
    (select i.birth_date from employment.person_identity i where i.person_id = p.id) as "birthDate"
    from employment.person p where p.id = ${personId} for update of p`.execute(tx);
  const [person] = rows;
  if (!person) return undefined;
  const others = await sql<{ id: string; from: string; until: string | null }>`select id, from_date as "from", until_date as until
    from employment.work_record where person_id = ${personId} and voided_on is null order by from_date`.execute(tx);
  return {
    region: person.region,
    birthDate: person.birthDate === null ? null : parseBusinessDate(person.birthDate),
    householdId: householdOn(await membershipsOf(tx, personId), parseBusinessDate(from)),
    goneFrom: person.status === "member" ? null : person.since,
    others: others.rows,
  };
}

/** The working age in force for a place and day. */
export async function workAges(tx: Tx<DB>, region: string, on: string): Promise<WorkAges> {
  const min = await parameterFor(tx, "labour.ageMin", region, on);
  const max = await parameterFor(tx, "labour.ageMax", region, on);
  return { min: min.value, max: max.value, document: min.document };
}

export async function insertWork(
  tx: Tx<DB>,
  keys: Keys,
  record: WorkRecord,
  secret: WorkSecret,
  actor: Principal,
): Promise<void> {
  await tx
    .insertInto("employment.work_record")
    .values({
      ...workToRow(record),
      id: record.id,
      person_id: record.personId,
      ...secretToRow(keys, record.id, secret),
      ...recorderOf(actor),
    })
    .execute();
}

/** What is kept of an employer and remarks: sealed, and an index of the name. */
export const secretToRow = (keys: Keys, id: string, secret: WorkSecret) => ({
  secret: sealRecord(keys, placeOfSecret(id), secret),
  employer_index: secret.employer === null ? null : employerIndex(keys, secret.employer),
});

/** @param secret where it changes too */
export async function saveWork(tx: Tx<DB>, keys: Keys, record: WorkRecord, secret?: WorkSecret): Promise<void> {
  await tx
    .updateTable("employment.work_record")
    .set({ ...workToRow(record), ...(secret ? secretToRow(keys, record.id, secret) : {}) })
    .where("id", "=", record.id)
    .execute();
}

export const openWorkSecret = (keys: Keys, { id, secret }: Pick<WorkRecordRow, "id" | "secret">): WorkSecret =>
  secret ? openRecord(keys, placeOfSecret(id), secret, WorkSecret) : { employer: null, note: null };

/** Why a record was voided, in words; null where it was not. */
export const openVoidReason = (keys: Keys, { id, voidSecret }: Pick<WorkRecordRow, "id" | "voidSecret">): string | null =>
  voidSecret ? openRecord(keys, placeOfVoid(id), voidSecret, z.object({ reason: z.string() })).reason : null;

export async function findWork(tx: Tx<DB>, id: string): Promise<WorkRecordRow | undefined> {
  const row = await tx.selectFrom("employment.work_record").selectAll().where("id", "=", id).executeTakeFirst();
  return row && workFromRow(row);
}

export async function lockWork(tx: Tx<DB>, id: string): Promise<WorkRecordRow | undefined> {
  const row = await tx.selectFrom("employment.work_record").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
  return row && workFromRow(row);
}

export type WorkFilter = {
  area: { lo: string; hi: string };
  personId?: string | undefined;
  householdId?: string | undefined;
  scope?: string | undefined;
  channel?: string | undefined;
  /** At work on this day. */
  on?: string | undefined;
  /** Open records that nobody has checked since the day before this one. */
  uncheckedSince?: string | undefined;
  /** Those that were voided instead of those that count. */
  voided?: boolean | undefined;
  after?: string | undefined;
  limit: number;
};

/** Work records of the caller's area in order of their id; `limit + 1` rows. */
export async function listWork(tx: Tx<DB>, filter: WorkFilter): Promise<WorkRecordRow[]> {
  let query = tx
    .selectFrom("employment.work_record")
    .selectAll()
    .where("region", ">=", filter.area.lo)
    .where("region", "<", filter.area.hi)
    .where("voided_on", filter.voided ? "is not" : "is", null)
    .orderBy("id")
    .limit(filter.limit + 1);
  if (filter.personId) query = query.where("person_id", "=", filter.personId);
  if (filter.householdId) query = query.where("household_id", "=", filter.householdId);
  if (filter.scope) query = query.where("scope", "=", filter.scope);
  if (filter.channel) query = query.where("channel", "=", filter.channel);
  if (filter.on !== undefined)
    query = query.where(sql<boolean>`from_date <= ${filter.on} and coalesce(until_date, 'infinity'::date) >= ${filter.on}`);
  if (filter.uncheckedSince !== undefined)
    query = query.where(sql<boolean>`until_date is null and coalesce(checked_on, from_date) < ${filter.uncheckedSince}`);
  if (filter.after) query = query.where("id", ">", filter.after);
  return (await query.execute()).map(workFromRow);
}

/** Notes that these people were found at work on a day. @returns the records that are open and in the caller's area */
export async function markChecked(tx: Tx<DB>, ids: readonly string[], on: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`update employment.work_record set checked_on = greatest(checked_on, ${on}::date)
    where id = any(${[...ids]}::uuid[]) and until_date is null and voided_on is null and from_date <= ${on} returning id`.execute(
    tx,
  );
  return rows.map(({ id }) => id);
}

/** Voids a record: it stays, with who voided it and, sealed, why. */
export async function voidWork(
  tx: Tx<DB>,
  { id, voidedOn, version }: Pick<WorkRecord, "id" | "voidedOn" | "version">,
  by: string,
  reason: Buffer,
): Promise<void> {
  await tx
    .updateTable("employment.work_record")
    .set({ voided_on: voidedOn, voided_by: by, void_secret: reason, version })
    .where("id", "=", id)
    .execute();
}
