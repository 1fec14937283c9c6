import { actorOf, type BusinessDate, type Principal, type Tx } from "@shouwang/service-kit";
import { type Selectable, sql } from "kysely";
import type { DB, MonitoringErasure } from "../db.ts";
import type { Erasure, Standing } from "./decide.ts";

const fromRow = (row: Selectable<MonitoringErasure>): Erasure => ({
  id: row.id,
  personId: row.person_id,
  region: row.region,
  // Safe, here and below: check constraints hold these columns to the unions, and only `decideErasure` writes the reason.
  ground: row.ground as Erasure["ground"],
  document: row.document,
  documentDate: row.document_date,
  askedBy: row.asked_by,
  askedOn: row.asked_on,
  status: row.status as Erasure["status"],
  refusedBecause: row.refused_because as Erasure["refusedBecause"],
  decidedBy: row.decided_by,
  decidedOn: row.decided_on,
  erasedOn: row.erased_on,
  version: row.version,
});

/** A person with what of theirs is open in the households they were in, in the days they were; the person's row is locked. */
export async function lockStanding(
  tx: Tx<DB>,
  personId: string,
): Promise<(Standing & { id: string; region: string }) | undefined> {
  const person = await tx
    .selectFrom("monitoring.person")
    .select(["id", "region", "status", "since", "erased_on"])
    .where("id", "=", personId)
    .forUpdate()
    .executeTakeFirst();
  if (!person) return undefined;
  const { rows } = await sql<Pick<Standing, "openCases" | "openLeads" | "openReferrals">>`
    with stay as (select household_id, max(until) as until from monitoring.past_membership where person_id = ${personId} group by household_id)
    select (select count(*) from monitoring.monitored_case c join stay s using (household_id)
        where c.status not in ('refused', 'cleared', 'closed') and (c.opened_at at time zone 'Asia/Shanghai')::date <= s.until) as "openCases",
      (select count(*) from monitoring.risk_lead l join stay s using (household_id)
        where l.status in ('registered', 'dispatched') and (l.found_at at time zone 'Asia/Shanghai')::date <= s.until) as "openLeads",
      (select count(*) from monitoring.referral r where r.person_id = ${personId} and r.status <> 'closed') as "openReferrals"`.execute(
    tx,
  );
  const open = rows[0] ?? { openCases: 0, openLeads: 0, openReferrals: 0 };
  // Safe: a check constraint holds the status to these.
  const status = person.status as Standing["status"];
  return { id: person.id, region: person.region, status, since: person.since, erasedOn: person.erased_on, ...open };
}

export async function insertErasure(tx: Tx<DB>, erasure: Erasure): Promise<void> {
  await tx
    .insertInto("monitoring.erasure")
    .values({
      id: erasure.id,
      person_id: erasure.personId,
      region: erasure.region,
      ground: erasure.ground,
      document: erasure.document,
      document_date: erasure.documentDate,
      asked_by: erasure.askedBy,
      asked_on: erasure.askedOn,
    })
    .execute();
}

export async function lockErasure(tx: Tx<DB>, id: string): Promise<Erasure | undefined> {
  const row = await tx.selectFrom("monitoring.erasure").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
  return row && fromRow(row);
}

export async function findErasure(tx: Tx<DB>, id: string): Promise<Erasure | undefined> {
  const row = await tx.selectFrom("monitoring.erasure").selectAll().where("id", "=", id).executeTakeFirst();
  return row && fromRow(row);
}

/** Requests of the caller's area in order of their id; `limit + 1` rows. */
export async function listErasures(
  tx: Tx<DB>,
  filter: { status: string | undefined; after: string | undefined; limit: number },
): Promise<Erasure[]> {
  let query = tx
    .selectFrom("monitoring.erasure")
    .selectAll()
    .orderBy("id")
    .limit(filter.limit + 1);
  if (filter.status) query = query.where("status", "=", filter.status);
  if (filter.after) query = query.where("id", ">", filter.after);
  return (await query.execute()).map(fromRow);
}

export async function saveErasure(tx: Tx<DB>, erasure: Erasure): Promise<void> {
  await tx
    .updateTable("monitoring.erasure")
    .set({
      status: erasure.status,
      refused_because: erasure.refusedBecause,
      decided_by: erasure.decidedBy,
      decided_on: erasure.decidedOn,
      erased_on: erasure.erasedOn,
      version: erasure.version,
    })
    .where("id", "=", erasure.id)
    .execute();
}

/** The decision on a request, as it is stored. */
export const decided = (
  erasure: Erasure,
  given: { status: "approved" | "refused"; because: Erasure["refusedBecause"]; actor: Principal; today: BusinessDate },
): Erasure => ({
  ...erasure,
  status: given.status,
  refusedBecause: given.because,
  decidedBy: actorOf(given.actor),
  decidedOn: given.today,
  version: erasure.version + 1,
});
