import { type Keys, openRecord, sealRecord, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import { z } from "zod";
import type { DB } from "../db.ts";

/** Why somebody's work goes to another. */
export const HandOverBecause = z.enum(["transferred", "retired", "leave", "acting", "other"]);

/** What is sealed of a successor. */
const Successor = z.object({ name: z.string(), unit: z.string(), phone: z.string() });
export type Successor = z.infer<typeof Successor>;

export type HandOver = {
  id: string;
  region: string;
  from: string;
  to: string;
  because: z.infer<typeof HandOverBecause>;
  jobId: string;
  requestedAt: Date;
};

const columns = sql`id, region, from_subject as "from", to_subject as "to", because, job_id as "jobId", requested_at as "requestedAt"`;
const placeOf = (id: string) => ({ table: "monitoring.hand_over", id });

export async function insertHandOver(
  tx: Tx<DB>,
  keys: Keys,
  entry: HandOver,
  more: { successor: Successor | null; by: string },
): Promise<void> {
  await tx
    .insertInto("monitoring.hand_over")
    .values({
      id: entry.id,
      region: entry.region,
      from_subject: entry.from,
      to_subject: entry.to,
      because: entry.because,
      secret: more.successor && sealRecord(keys, placeOf(entry.id), more.successor),
      job_id: entry.jobId,
      requested_by: more.by,
      requested_at: entry.requestedAt,
    })
    .execute();
}

/** The successor's sealed fields, for the helper entries made of them. */
export async function successorOf(tx: Tx<DB>, keys: Keys, id: string): Promise<Successor | undefined> {
  const row = await tx.selectFrom("monitoring.hand_over").select("secret").where("id", "=", id).executeTakeFirst();
  return row?.secret ? openRecord(keys, placeOf(id), row.secret, Successor) : undefined;
}

export async function findHandOver(tx: Tx<DB>, id: string): Promise<HandOver | undefined> {
  const { rows } = await sql<HandOver>`select ${columns} from monitoring.hand_over where id = ${id}`.execute(tx);
  return rows[0];
}

/** Hand-overs of the caller's area, the newest first; `limit + 1` rows. */
export async function listHandOvers(tx: Tx<DB>, filter: { after: string | undefined; limit: number }): Promise<HandOver[]> {
  const { rows } = await sql<HandOver>`select ${columns} from monitoring.hand_over
    where ${filter.after === undefined ? sql`true` : sql`id < ${filter.after}::uuid`} order by id desc limit ${filter.limit + 1}`.execute(
    tx,
  );
  return rows;
}

type Area = { lo: string; hi: string };
type HandOverKind = "helpers" | "households" | "leads" | "suspects" | "tasks";
export type OpenWork = Record<HandOverKind, number>;

/** What is open in a person's name in an area, by kind: what a hand-over would move. */
export async function openWorkOf(tx: Tx<DB>, subject: string, area: Area): Promise<OpenWork> {
  const inArea = sql`region >= ${area.lo} and region < ${area.hi}`;
  const { rows } = await sql<OpenWork>`select
    (select count(*)::int from monitoring.helper where subject = ${subject} and until_date is null and ${inArea}) as helpers,
    (select count(*)::int from kit.assignment where kind = 'grid' and valid_to is null and subject = ${subject} and ${inArea}) as households,
    (select count(*)::int from monitoring.risk_lead where dispatched_to = ${subject} and status = 'dispatched' and ${inArea}) as leads,
    (select count(*)::int from monitoring.suspect where assigned_to = ${subject} and status = 'assigned' and ${inArea}) as suspects,
    (select count(*)::int from kit.deadline where assignee = ${subject} and state = 'open' and ${inArea}) as tasks`.execute(tx);
  return rows[0] ?? { helpers: 0, households: 0, leads: 0, suspects: 0, tasks: 0 };
}

const sources = {
  helpers: sql`select id from monitoring.helper where until_date is null and subject = `,
  leads: sql`select id from monitoring.risk_lead where status = 'dispatched' and dispatched_to = `,
  suspects: sql`select id from monitoring.suspect where status = 'assigned' and assigned_to = `,
};

/** Up to `limit` things of one kind that are open in a person's name in an area. */
export async function nextOf(
  tx: Tx<DB>,
  kind: keyof typeof sources,
  given: { subject: string; area: Area; limit: number },
): Promise<string[]> {
  const { rows } = await sql<{
    id: string;
  }>`${sources[kind]} ${given.subject} and region >= ${given.area.lo} and region < ${given.area.hi}
    order by id limit ${given.limit}`.execute(tx);
  return rows.map(({ id }) => id);
}

/** The next village of an area where a person has a grid. */
export async function nextGridOf(tx: Tx<DB>, subject: string, area: Area): Promise<string | undefined> {
  const { rows } = await sql<{
    region: string;
  }>`select region from kit.assignment where kind = 'grid' and valid_to is null and subject = ${subject}
    and region >= ${area.lo} and region < ${area.hi} order by region limit 1`.execute(tx);
  return rows[0]?.region;
}

/** Households of the caller's area with a number, two at most: whether there is more than one is all that matters. */
export async function householdsNumbered(tx: Tx<DB>, householdNo: string): Promise<string[]> {
  const rows = await tx
    .selectFrom("monitoring.household")
    .select("id")
    .where("household_no", "=", householdNo)
    .where("status", "=", "active")
    .limit(2)
    .execute();
  return rows.map(({ id }) => id);
}
