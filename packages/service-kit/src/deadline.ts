import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { Executor } from "./database.ts";

/** Something with its own clock: what it is about, who has to act, and until when (an instant of business time). */
export type NewDeadline = {
  /** Kind in the department's words, `emergency-measure`, `assign-helper`. */
  kind: string;
  clause: string;
  entity: string;
  entityId: string;
  householdId?: string;
  region: string;
  role: string;
  assignee?: string;
  startedAt: Date;
  dueAt: Date;
  /** From when on it is shown as pressing; not later than its end. */
  remindAt?: Date;
  /** Whose to-do list it enters too, and when: a time after its end. */
  escalate?: { role: string; at: Date };
};

export type Deadline = NewDeadline & {
  id: string;
  state: "open" | "met" | "cancelled";
  overdueAt: Date | null;
  endedAt: Date | null;
  version: number;
};

/** Starts a clock. One of a kind runs per entity: starting it again while it runs changes nothing. @returns whether it was started */
export async function openDeadline(tx: Executor, deadline: NewDeadline): Promise<boolean> {
  return (await openDeadlines(tx, [deadline])) === 1;
}

/** Starts many clocks in one statement. @returns how many were started */
export async function openDeadlines(tx: Executor, deadlines: readonly NewDeadline[]): Promise<number> {
  if (deadlines.length === 0) return 0;
  const of = <T>(value: (deadline: NewDeadline) => T) => deadlines.map(value);
  const result =
    await sql`insert into kit.deadline (id, kind, clause, entity, entity_id, household_id, region, role, assignee, started_at, due_at,
      remind_at, escalate_role, escalate_at)
    select * from unnest(${of(() => uuidv7())}::uuid[], ${of((one) => one.kind)}::text[], ${of((one) => one.clause)}::text[], ${of((one) => one.entity)}::text[],
      ${of((one) => one.entityId)}::text[], ${of((one) => one.householdId ?? null)}::uuid[], ${of((one) => one.region)}::text[], ${of((one) => one.role)}::text[],
      ${of((one) => one.assignee ?? null)}::text[], ${of((one) => one.startedAt)}::timestamptz[], ${of((one) => one.dueAt)}::timestamptz[],
      ${of((one) => one.remindAt ?? null)}::timestamptz[], ${of((one) => one.escalate?.role ?? null)}::text[], ${of((one) => one.escalate?.at ?? null)}::timestamptz[])
    on conflict do nothing`.execute(tx);
  return Number(result.numAffectedRows ?? 0n);
}

/** Ends a running clock: `met` when what was due is done (even late: `overdueAt` keeps that), `cancelled` when it is no longer due. */
export async function endDeadline(
  tx: Executor,
  kind: string,
  entity: string,
  entityId: string,
  how: "met" | "cancelled",
  at: Date,
): Promise<boolean> {
  const result = await sql`update kit.deadline set state = ${how}, ended_at = ${at}, version = version + 1
    where kind = ${kind} and entity = ${entity} and entity_id = ${entityId} and state = 'open'`.execute(tx);
  return result.numAffectedRows === 1n;
}

/** Ends every clock of an entity that still runs, as no longer due. */
export async function cancelDeadlines(tx: Executor, entity: string, entityId: string, at: Date): Promise<void> {
  await sql`update kit.deadline set state = 'cancelled', ended_at = ${at}, version = version + 1
    where entity = ${entity} and entity_id = ${entityId} and state = 'open'`.execute(tx);
}

type Row = {
  id: string;
  kind: string;
  clause: string;
  entity: string;
  entity_id: string;
  household_id: string | null;
  region: string;
  role: string;
  assignee: string | null;
  started_at: Date;
  due_at: Date;
  remind_at: Date | null;
  escalate_role: string | null;
  escalate_at: Date | null;
  state: "open" | "met" | "cancelled";
  overdue_at: Date | null;
  ended_at: Date | null;
  version: number;
};

const fromRow = (row: Row): Deadline => ({
  id: row.id,
  kind: row.kind,
  clause: row.clause,
  entity: row.entity,
  entityId: row.entity_id,
  ...(row.household_id ? { householdId: row.household_id } : {}),
  region: row.region,
  role: row.role,
  ...(row.assignee ? { assignee: row.assignee } : {}),
  startedAt: row.started_at,
  dueAt: row.due_at,
  ...(row.remind_at ? { remindAt: row.remind_at } : {}),
  ...(row.escalate_role && row.escalate_at ? { escalate: { role: row.escalate_role, at: row.escalate_at } } : {}),
  state: row.state,
  overdueAt: row.overdue_at,
  endedAt: row.ended_at,
  version: row.version,
});

/**
 * What is due for somebody with these roles, in the caller's area, the most urgent first. A deadline with an assignee is that person's alone, until it is so late
 * that the level above is shown it too.
 */
export async function todoFor(tx: Executor, roles: readonly string[], subject: string, limit: number): Promise<Deadline[]> {
  const { rows } = await sql<Row>`select * from kit.deadline where state = 'open'
    and (role = any(${[...roles]}::text[]) and (assignee is null or assignee = ${subject})
      or escalate_role = any(${[...roles]}::text[]) and escalate_at <= kit.now()) order by due_at, id limit ${limit}`.execute(tx);
  return rows.map(fromRow);
}

/** Running clocks that have just passed their end: marks them overdue and answers them, so that each is told of once. */
export async function markOverdue(tx: Executor, limit: number): Promise<Deadline[]> {
  const { rows } = await sql<Row>`update kit.deadline set overdue_at = kit.now(), version = version + 1
    where id in (select id from kit.deadline where state = 'open' and overdue_at is null and due_at < kit.now() order by due_at limit ${limit} for update skip locked)
    returning *`.execute(tx);
  return rows.map(fromRow);
}

/** Running clocks in one person's name, in an area, go to another: up to `limit` of them, in the order of their ids. @returns those that changed */
export async function reassignDeadlines(
  tx: Executor,
  given: { from: string; to: string; area: { lo: string; hi: string }; limit: number },
): Promise<Deadline[]> {
  const { rows } = await sql<Row>`update kit.deadline set assignee = ${given.to}, version = version + 1
    where id in (select id from kit.deadline where assignee = ${given.from} and state = 'open' and region >= ${given.area.lo} and region < ${given.area.hi}
      order by id limit ${given.limit} for update) returning *`.execute(tx);
  return rows.map(fromRow);
}

/** The running clocks of some entities go with them to another household of the same place. */
export async function deadlinesFollow(
  tx: Executor,
  given: { entity: string; entityIds: readonly string[]; householdId: string },
): Promise<void> {
  if (given.entityIds.length === 0) return;
  await sql`update kit.deadline set household_id = ${given.householdId}, version = version + 1
    where entity = ${given.entity} and entity_id = any(${[...given.entityIds]}::text[]) and state = 'open'`.execute(tx);
}

/** The clocks of one entity, running and ended. */
export async function deadlinesOf(tx: Executor, entity: string, entityId: string): Promise<Deadline[]> {
  const { rows } =
    await sql<Row>`select * from kit.deadline where entity = ${entity} and entity_id = ${entityId} order by started_at`.execute(
      tx,
    );
  return rows.map(fromRow);
}
