import { sql } from "kysely";
import type { Executor } from "./database.ts";

export type ParkedEvent = {
  reader: string;
  source: string;
  position: number;
  /** Place within a message that holds several. */
  item: number;
  epoch: number;
  /** `<entity>/<id>`: later events of the same entity queue behind a parked one. */
  entityKey: string;
  type: string;
  body: string;
  error: string;
  state: "parked" | "queued";
};

/** The place a private event put aside is sealed for. */
export const placeOfLetter = ({
  reader,
  source,
  epoch,
  position,
  item,
}: Pick<ParkedEvent, "reader" | "source" | "epoch" | "position" | "item">) => ({
  table: "kit.dead_letter",
  id: `${reader} ${source} ${epoch} ${position} ${item}`,
});

/**
 * Puts an event aside with the reason. `parked`: it failed; `queued`: it waits behind a parked one of its entity. Meeting the same event again changes
 * nothing while it is open or once an operator skipped it; one that was replayed before (a rebuild meets it again) is opened again.
 */
export async function park(tx: Executor, event: ParkedEvent): Promise<void> {
  await sql`insert into kit.dead_letter (reader, source, position, item, epoch, entity_key, type, body, error, attempts, state, next_attempt_at)
    values (${event.reader}, ${event.source}, ${event.position}, ${event.item}, ${event.epoch}, ${event.entityKey}, ${event.type}, ${event.body}, ${event.error}, 1, ${event.state},
      clock_timestamp() + interval '10 seconds')
    on conflict (reader, source, epoch, position, item) do update set state = excluded.state, settled_at = null, error = excluded.error, next_attempt_at = excluded.next_attempt_at
      where dead_letter.state = 'replayed'`.execute(tx);
}

/**
 * Whether an event may be applied: not while an earlier one of its entity is parked or queued for this reader (`blocked`), and never again once an operator
 * skipped it (`skipped`), which a fold from the beginning must honour too.
 */
export async function standingOf(
  tx: Executor,
  event: Pick<ParkedEvent, "reader" | "source" | "entityKey" | "position" | "item" | "epoch">,
): Promise<"free" | "blocked" | "skipped"> {
  const { reader, source, entityKey, position, item, epoch } = event;
  const { rows } = await sql<{ skipped: boolean; blocked: boolean }>`select
    exists (select from kit.dead_letter where reader = ${reader} and source = ${source} and epoch = ${epoch} and position = ${position} and item = ${item} and state = 'skipped') as skipped,
    exists (select from kit.dead_letter where reader = ${reader} and source = ${source} and entity_key = ${entityKey} and position < ${position}
      and state in ('parked', 'queued')) as blocked`.execute(tx);
  if (rows[0]?.skipped) return "skipped";
  return rows[0]?.blocked ? "blocked" : "free";
}

/** The first open event of each entity whose time to be tried again has come; a failing one waits longer each time, up to an hour. */
export async function parkedDue(tx: Executor, reader: string, source: string): Promise<(ParkedEvent & { id: number })[]> {
  const { rows } = await sql<{
    id: number;
    position: number;
    item: number;
    epoch: number;
    entity_key: string;
    type: string;
    body: string;
    error: string;
  }>`
    select * from (
      select distinct on (entity_key) id, position, item, epoch, entity_key, type, body, error, next_attempt_at, state from kit.dead_letter
      where reader = ${reader} and source = ${source} and state in ('parked', 'queued') order by entity_key, position) first
    where state = 'queued' or next_attempt_at <= clock_timestamp() order by position limit 100`.execute(tx);
  return rows.map((row) => ({ ...row, reader, source, entityKey: row.entity_key, state: "parked" }));
}

/** Notes how trying a parked event again ended. */
export async function settle(tx: Executor, id: number, state: "replayed" | "parked", error: string | undefined): Promise<void> {
  await sql`update kit.dead_letter set state = ${state}, settled_at = ${state === "replayed" ? sql`clock_timestamp()` : null}, attempts = attempts + 1, error = coalesce(${error ?? null}, error),
    next_attempt_at = clock_timestamp() + least(interval '1 hour', interval '10 seconds' * power(2, least(attempts, 9)))
    where id = ${id} and state in ('parked', 'queued')`.execute(tx);
}

/** Gives open events up after a position whose history is no longer told, with the reason. */
export async function giveUpParked(tx: Executor, reader: string, source: string, after: number, reason: string): Promise<void> {
  await sql`update kit.dead_letter set state = 'skipped', settled_at = clock_timestamp(), reason = ${reason}
    where reader = ${reader} and source = ${source} and position > ${after} and state in ('parked', 'queued')`.execute(tx);
}

/** An operator's word: try now, or never again, with the reason. Answers false when there is no such open event. */
export async function decideParked(tx: Executor, id: number, decision: "replay" | "skip", reason: string): Promise<boolean> {
  const result =
    decision === "replay"
      ? await sql`update kit.dead_letter set next_attempt_at = clock_timestamp(), reason = ${reason} where id = ${id} and state in ('parked', 'queued')`.execute(
          tx,
        )
      : await sql`update kit.dead_letter set state = 'skipped', settled_at = clock_timestamp(), reason = ${reason} where id = ${id} and state in ('parked', 'queued')`.execute(
          tx,
        );
  return result.numAffectedRows === 1n;
}

export type DeadLetter = {
  id: number;
  reader: string;
  source: string;
  position: number;
  entityKey: string;
  type: string;
  error: string;
  attempts: number;
  state: string;
  reason: string | null;
  parkedAt: Date;
};

/** Open dead letters, oldest first. */
export async function openDeadLetters(tx: Executor, limit: number): Promise<DeadLetter[]> {
  const { rows } =
    await sql<DeadLetter>`select id, reader, source, position, entity_key as "entityKey", type, error, attempts, state, reason, parked_at as "parkedAt"
    from kit.dead_letter where state in ('parked', 'queued') order by id limit ${limit}`.execute(tx);
  return rows;
}
