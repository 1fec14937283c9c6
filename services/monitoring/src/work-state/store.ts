import type { Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import type { PersonWork } from "./decide.ts";

export type Returnee = {
  id: string;
  personId: string;
  returnedOn: string;
  epidemic: boolean;
  wish: string | null;
  stage: string;
};

/** Where the person is registered now, or where the event says, of a person this registry does not know. */
const placed = sql`coalesce((select p.region from monitoring.person p where p.id = given."personId"), given.region)`;

/** Keeps the newest word of each time at work. */
export async function saveWork(tx: Tx<DB>, rows: readonly (PersonWork & { region: string; version: number })[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`insert into monitoring.person_work as kept (kind, id, person_id, region, scope, channel, from_date, until_date, suspended, ended_because, version)
    select given.kind, given.id, given."personId", ${placed}, given.scope, given.channel, given."from", given."until", given.suspended, given."endedBecause", given.version
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given (kind text, id uuid, "personId" uuid, region text, scope text, channel text, "from" date,
      "until" date, suspended boolean, "endedBecause" text, version bigint)
    on conflict (kind, id) do update set person_id = excluded.person_id, region = excluded.region, scope = excluded.scope, channel = excluded.channel,
      from_date = excluded.from_date, until_date = excluded.until_date, suspended = excluded.suspended, ended_because = excluded.ended_because,
      version = excluded.version`.execute(tx);
}

export async function saveReturnees(
  tx: Tx<DB>,
  rows: readonly (Returnee & { region: string; version: number })[],
): Promise<void> {
  if (rows.length === 0) return;
  await sql`insert into monitoring.returnee as kept (id, person_id, region, returned_on, epidemic, wish, stage, version)
    select given.id, given."personId", ${placed}, given."returnedOn", given.epidemic, given.wish, given.stage, given.version
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given (id uuid, "personId" uuid, region text, "returnedOn" date, epidemic boolean, wish text,
      stage text, version bigint)
    on conflict (id) do update set person_id = excluded.person_id, region = excluded.region, returned_on = excluded.returned_on, epidemic = excluded.epidemic,
      wish = excluded.wish, stage = excluded.stage, version = excluded.version`.execute(tx);
}

/** Notes until when employment has been heard. */
export async function saveHeard(tx: Tx<DB>, at: string): Promise<void> {
  await sql`insert into monitoring.heard_until as kept (department, at) values ('employment', ${at}::timestamptz)
    on conflict (department) do update set at = greatest(kept.at, excluded.at)`.execute(tx);
}

/** Until when employment has been heard; null before its first word. */
export async function heardUntil(tx: Tx<DB>): Promise<Date | null> {
  const { rows } = await sql<{ at: Date }>`select at from monitoring.heard_until where department = 'employment'`.execute(tx);
  return rows[0]?.at ?? null;
}

/** Every time at work of some people, by person. */
export async function worksOf(tx: Tx<DB>, personIds: readonly string[]): Promise<Map<string, PersonWork[]>> {
  const { rows } =
    await sql<PersonWork>`select kind, id, person_id as "personId", scope, channel, from_date as "from", until_date as "until", suspended,
      ended_because as "endedBecause"
    from monitoring.person_work where person_id = any(${[...personIds]}::uuid[]) order by from_date, id`.execute(tx);
  return Map.groupBy(rows, ({ personId }) => personId);
}

/** Files of people who came back, by person, the newest first. */
export async function returneesOf(tx: Tx<DB>, personIds: readonly string[]): Promise<Map<string, Returnee[]>> {
  const { rows } = await sql<Returnee>`select id, person_id as "personId", returned_on as "returnedOn", epidemic, wish, stage
    from monitoring.returnee where person_id = any(${[...personIds]}::uuid[]) order by returned_on desc, id`.execute(tx);
  return Map.groupBy(rows, ({ personId }) => personId);
}
