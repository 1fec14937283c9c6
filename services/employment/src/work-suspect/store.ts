import { EmploymentSuspectRaised, type EventDraft } from "@shouwang/contract";
import type { Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { DB } from "../db.ts";

/** What looks wrong about somebody's work, before it is asked. */
export type Found = {
  ruleCode: string;
  about: "work-record" | "person";
  aboutId: string;
  otherId: string | null;
  /** A year, where the same may be asked again in the next. */
  period: string;
  personId: string;
  householdId: string | null;
  region: string;
};

/**
 * Keeps suspects that are new and answers what is to be told of them; one that was ever raised is not raised again, whatever became of it.
 * The caller holds their people.
 */
export async function raise(tx: Tx<DB>, found: readonly Found[], today: string): Promise<EventDraft[]> {
  if (found.length === 0) return [];
  const rows = found.map((one) => ({ ...one, id: uuidv7() }));
  const { rows: raised } = await sql<{ id: string }>`insert into employment.suspect
      (id, rule_code, about, about_id, other_id, period, person_id, household_id, region, raised_on)
    select id, "ruleCode", about, "aboutId", "otherId", period, "personId", "householdId", region, ${today}::date
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given (id uuid, "ruleCode" text, about text, "aboutId" uuid, "otherId" uuid, period text,
      "personId" uuid, "householdId" uuid, region text)
    on conflict do nothing returning id`.execute(tx);
  const fresh = new Set(raised.map(({ id }) => id));
  return rows
    .filter(({ id }) => fresh.has(id))
    .map(({ id: suspectId, ruleCode, about, aboutId, householdId, personId, region }) =>
      EmploymentSuspectRaised.of(suspectId, 1, region, { suspectId, ruleCode, about, aboutId, householdId, personId, region }),
    );
}

type Row = Pick<Found, "ruleCode" | "aboutId" | "otherId" | "personId" | "householdId" | "region">;

/** E-01: what looks wrong in the records of some people: two that share days, and work after somebody left or died. */
export async function findAmong(tx: Tx<DB>, personIds: readonly string[]): Promise<Found[]> {
  if (personIds.length === 0) return [];
  // Person by person (`offset 0` keeps it so): of row-level security the planner only knows that an area is a small part of all, and would go through it once a person.
  const { rows } =
    await sql<Row>`select found.* from unnest(${[...new Set(personIds)]}::uuid[]) as asked (id) cross join lateral (
      select 'work-overlaps' as "ruleCode", greatest(w.id::text, o.id::text)::uuid as "aboutId", least(w.id::text, o.id::text)::uuid as "otherId",
        w.person_id as "personId", w.household_id as "householdId", w.region
      from employment.work_record w join employment.work_record o on o.person_id = asked.id and o.id < w.id and o.voided_on is null
        and o.from_date <= coalesce(w.until_date, 'infinity') and w.from_date <= coalesce(o.until_date, 'infinity')
      where w.person_id = asked.id and w.voided_on is null
      union all
      select case p.status when 'died' then 'work-after-death' else 'work-after-leaving' end, w.id, null, w.person_id, w.household_id, w.region
      from employment.person p join employment.work_record w on w.person_id = p.id and w.voided_on is null
      where p.id = asked.id and p.status <> 'member' and coalesce(w.until_date, 'infinity') >= p.since
      offset 0) found`.execute(tx);
  return rows.map((row) => ({ ...row, about: "work-record", period: "" }));
}

/** The next people by id who have a work record. */
export async function nextWorkers(tx: Tx<DB>, after: string | undefined, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select distinct person_id as id from employment.work_record
    where person_id > ${after ?? "00000000-0000-0000-0000-000000000000"}::uuid order by 1 limit ${limit}`.execute(tx);
  return rows.map(({ id }) => id);
}

export type WorkSuspect = {
  id: string;
  ruleCode: string;
  about: string;
  aboutId: string;
  otherId: string | null;
  personId: string;
  householdId: string | null;
  region: string;
  raisedOn: string;
  outcome: string | null;
  closedOn: string | null;
};

/** Suspects of an area in order of their ids; `limit + 1` rows. */
export async function listSuspects(
  tx: Tx<DB>,
  filter: {
    area: { lo: string; hi: string };
    open: boolean | undefined;
    ruleCode: string | undefined;
    personId: string | undefined;
    after: string | undefined;
    limit: number;
  },
): Promise<WorkSuspect[]> {
  const { area, open, ruleCode, personId, after, limit } = filter;
  const { rows } =
    await sql<WorkSuspect>`select id, rule_code as "ruleCode", about, about_id as "aboutId", other_id as "otherId", person_id as "personId",
      household_id as "householdId", region, raised_on as "raisedOn", outcome, closed_on as "closedOn" from employment.suspect
    where region >= ${area.lo} and region < ${area.hi} and (${open ?? null}::boolean is null or (closed_on is null) = ${open ?? null})
      and (${ruleCode ?? null}::text is null or rule_code = ${ruleCode ?? null}) and (${personId ?? null}::uuid is null or person_id = ${personId ?? null})
      and (${after ?? null}::uuid is null or id > ${after ?? null}::uuid) order by id limit ${limit + 1}`.execute(tx);
  return rows;
}

/** What the village found, as monitoring tells it. One of another department is nobody's here. */
export async function closeSuspect(
  tx: Tx<DB>,
  { suspectId, outcome, closedOn }: { suspectId: string; outcome: string; closedOn: string },
): Promise<void> {
  await sql`update employment.suspect set outcome = ${outcome}, closed_on = ${closedOn} where id = ${suspectId} and closed_on is null`.execute(
    tx,
  );
}
