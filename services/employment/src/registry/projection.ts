import {
  HouseholdArrived,
  HouseholdChanged,
  HouseholdClosed,
  HouseholdMerged,
  HouseholdMovedOut,
  HouseholdRegistered,
  HouseholdSplit,
  HouseholdState,
  MonitoredCaseCleared,
  MonitoredCaseClosed,
  MonitoredCaseHelpStarted,
  MonitoredCaseIncluded,
  MonitoredCaseReopened,
  MonitoredCaseState,
  PersonChanged,
  PersonDied,
  PersonJoinedHousehold,
  PersonLeftHousehold,
  PersonState,
} from "@shouwang/contract";
import { businessDate, type Incoming, type Tx } from "@shouwang/service-kit";
import { type RawBuilder, sql } from "kysely";
import type { DB } from "../db.ts";
import { projection } from "../kit.ts";

const ofHousehold = [
  ...[HouseholdRegistered, HouseholdChanged, HouseholdMovedOut, HouseholdArrived],
  ...[HouseholdSplit, HouseholdMerged, HouseholdClosed],
];
const ofPerson = [PersonJoinedHousehold, PersonLeftHousehold, PersonChanged, PersonDied];
const ofCase = [
  MonitoredCaseIncluded,
  MonitoredCaseHelpStarted,
  MonitoredCaseCleared,
  MonitoredCaseReopened,
  MonitoredCaseClosed,
];

/** What folding an event needs of its envelope: the version, and the day it was told on. */
type Told<S> = { state: S; version: number; on: string };

const told = <S>(batch: readonly Incoming[], entity: string, parse: (data: unknown) => S): Told<S>[] =>
  batch
    .filter(({ definition }) => definition.entity === entity)
    .map(({ data, envelope }) => ({
      state: parse(data),
      version: Number(envelope.sequence),
      on: businessDate(new Date(envelope.time)),
    }));

/** Rows by their key, the last one of each: a statement may write no row twice. */
const lastBy = <T>(rows: readonly T[], keyOf: (row: T) => string): T[] => [
  ...new Map(rows.map((row) => [keyOf(row), row])).values(),
];

/** Rows as a record set in JSON: one parameter, however many. */
const given = (rows: readonly unknown[], columns: RawBuilder<unknown>) =>
  sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given (${columns})`;

async function foldHouseholds(tx: Tx<DB>, events: readonly Told<HouseholdState>[]): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map(({ state, version, on }) => ({
    id: state.householdId,
    from_date: on,
    region: state.region,
    household_kind: state.householdKind,
    monitored_kind: state.monitoredKind,
    risk_cleared: state.riskCleared,
    headcount: state.headcount,
    able_workers: state.ableWorkers,
    relocated: state.relocated,
    resettlement_site_id: state.resettlementSiteId,
    status: state.status,
    merged_into: state.mergedInto,
    split_from: state.splitFrom,
    version,
  }));
  const columns = sql`id uuid, from_date date, region text, household_kind text, monitored_kind text, risk_cleared boolean, headcount integer,
    able_workers integer, relocated boolean, resettlement_site_id uuid, status text, merged_into uuid, split_from uuid, version bigint`;
  const newest = given(
    lastBy(rows, ({ id }) => id),
    columns,
  );
  await sql`insert into employment.household as kept (id, region, household_kind, monitored_kind, risk_cleared, headcount, able_workers, relocated,
      resettlement_site_id, status, merged_into, split_from, version)
    select id, region, household_kind, monitored_kind, risk_cleared, headcount, able_workers, relocated, resettlement_site_id, status, merged_into,
      split_from, version from ${newest}
    on conflict (id) do update set region = excluded.region, household_kind = excluded.household_kind, monitored_kind = excluded.monitored_kind,
      risk_cleared = excluded.risk_cleared, headcount = excluded.headcount, able_workers = excluded.able_workers, relocated = excluded.relocated,
      resettlement_site_id = excluded.resettlement_site_id, status = excluded.status, merged_into = excluded.merged_into,
      split_from = excluded.split_from, version = excluded.version`.execute(tx);
  const daily = given(
    lastBy(rows, ({ id, from_date }) => `${id} ${from_date}`),
    columns,
  );
  await sql`insert into employment.household_status as kept (household_id, from_date, region, registered_in, household_kind, monitored_kind, risk_cleared,
      status, version)
    select id, from_date, region, region, household_kind, monitored_kind, risk_cleared, status, version from ${daily}
    on conflict (household_id, from_date) do update set region = excluded.region, registered_in = excluded.registered_in,
      household_kind = excluded.household_kind, monitored_kind = excluded.monitored_kind, risk_cleared = excluded.risk_cleared, status = excluded.status,
      version = excluded.version`.execute(tx);
  // Its whole history stands where the household is now, and goes with it.
  await sql`update employment.household_status s set region = given.region from ${newest}
    where s.household_id = given.id and s.region <> given.region`.execute(tx);
  await sql`update employment.monitored_case c set region = given.region from ${newest}
    where c.household_id = given.id and c.region <> given.region`.execute(tx);
}

async function foldPersons(tx: Tx<DB>, events: readonly Told<PersonState>[]): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map(({ state, version }) => ({
    id: state.personId,
    household_id: state.householdId,
    region: state.region,
    status: state.status,
    since: state.since,
    able_worker: state.ableWorker,
    student: state.student,
    new_entrant: state.newEntrant,
    number_verified: state.numberVerified,
    version,
  }));
  const columns = sql`id uuid, household_id uuid, region text, status text, since date, able_worker boolean, student boolean, new_entrant boolean,
    number_verified boolean, version bigint`;
  const newest = given(
    lastBy(rows, ({ id }) => id),
    columns,
  );
  await sql`insert into employment.person as kept (id, household_id, region, status, since, able_worker, student, new_entrant, number_verified, version)
    select id, household_id, region, status, since, able_worker, student, new_entrant, number_verified, version from ${newest}
    on conflict (id) do update set household_id = excluded.household_id, region = excluded.region, status = excluded.status, since = excluded.since,
      able_worker = excluded.able_worker, student = excluded.student, new_entrant = excluded.new_entrant, number_verified = excluded.number_verified,
      version = excluded.version`.execute(tx);
  const daily = given(
    lastBy(rows, ({ id, since }) => `${id} ${since}`),
    columns,
  );
  await sql`insert into employment.membership as kept (person_id, since, region, household_id, status, version)
    select id, since, region, household_id, status, version from ${daily}
    on conflict (person_id, since) do update set region = excluded.region, household_id = excluded.household_id, status = excluded.status,
      version = excluded.version`.execute(tx);
  await sql`update employment.membership m set region = given.region from ${newest}
    where m.person_id = given.id and m.region <> given.region`.execute(tx);
}

async function foldCases(tx: Tx<DB>, events: readonly Told<MonitoredCaseState>[]): Promise<void> {
  if (events.length === 0) return;
  const rows = lastBy(events, ({ state }) => state.caseId).map(({ state, version, on }) => ({
    id: state.caseId,
    household_id: state.householdId,
    region: state.region,
    monitored_kind: state.monitoredKind,
    included_on: state.includedOn,
    ended_on: state.clearedOn ?? (state.status === "closed" ? on : null),
    version,
  }));
  const columns = sql`id uuid, household_id uuid, region text, monitored_kind text, included_on date, ended_on date, version bigint`;
  await sql`insert into employment.monitored_case as kept (id, household_id, region, monitored_kind, included_on, ended_on, version)
    select id, household_id, coalesce((select h.region from employment.household h where h.id = given.household_id), region), monitored_kind, included_on,
      ended_on, version from ${given(rows, columns)}
    on conflict (id) do update set household_id = excluded.household_id, region = excluded.region, monitored_kind = excluded.monitored_kind,
      included_on = excluded.included_on, ended_on = excluded.ended_on, version = excluded.version`.execute(tx);
}

const tables = [
  "employment.household",
  "employment.household_status",
  "employment.monitored_case",
  "employment.person",
  "employment.membership",
] as const;

/** Households, people and monitored cases as monitoring tells them, with what each was on which day. Can be folded again from the stream's beginning. */
export const registry = projection({
  name: "registry",
  events: [...ofHousehold, ...ofPerson, ...ofCase],
  tables,
  everyState: true,
  reset: async (tx) => {
    for (const table of tables) await sql`delete from ${sql.raw(table)}`.execute(tx);
  },
  applyAll: async (tx, batch) => {
    await foldHouseholds(
      tx,
      told(batch, HouseholdRegistered.entity, (data) => HouseholdState.parse(data)),
    );
    await foldPersons(
      tx,
      told(batch, PersonChanged.entity, (data) => PersonState.parse(data)),
    );
    await foldCases(
      tx,
      told(batch, MonitoredCaseIncluded.entity, (data) => MonitoredCaseState.parse(data)),
    );
  },
});
