import { sql } from "kysely";
import type pg from "pg";
import type { Executor } from "./database.ts";

/** A message as it is remembered: which states of which type it holds. */
export type ToldMessage = { sequence: number; type: string; ids: readonly string[] };

/** Remembers, in the relay's transaction, who stands in which message; what stood at a sequence of a stream that was lost is forgotten. */
export async function rememberMessages(session: pg.Client, messages: readonly ToldMessage[]): Promise<void> {
  if (messages.length === 0) return;
  await session.query(
    `insert into kit.private_message (sequence, type, entity_ids)
      select (m ->> 'sequence')::bigint, m ->> 'type', array(select jsonb_array_elements_text(m -> 'ids')) from jsonb_array_elements($1::jsonb) m
      on conflict (sequence) do update set type = excluded.type, entity_ids = excluded.entity_ids, told_at = default, retracted_at = null, left_stream_at = null`,
    [JSON.stringify(messages)],
  );
}

/** What the stream holds beyond what this database remembers, after a restore: who stands in it is not known, so that any erasure takes it out. */
export async function rememberUnknown(session: pg.Client, after: number, upTo: number): Promise<void> {
  await session.query(
    `insert into kit.private_message (sequence, type) select n, '' from generate_series($1::bigint + 1, $2::bigint) n on conflict (sequence) do nothing`,
    [after, upTo],
  );
}

/** The messages that are to leave the stream and that it holds. */
export async function messagesToRemove(session: pg.Client, upTo: number): Promise<number[]> {
  const { rows } = await session.query<{ sequence: number }>(
    `select sequence from kit.private_message where retracted_at is not null and left_stream_at is null and sequence <= $1 order by sequence limit 100`,
    [upTo],
  );
  return rows.map(({ sequence }) => sequence);
}

export async function noteRemoved(session: pg.Client, sequence: number): Promise<void> {
  await session.query("update kit.private_message set left_stream_at = clock_timestamp() where sequence = $1", [sequence]);
}

/**
 * Forgets, in the caller's transaction, what was told privately of an entity: it is owed to nobody any more, and the relay takes every message that holds a state
 * of it out of the stream. Whoever else stands in those messages is told again. The caller has taken care that nothing of the entity can be loaded any more.
 * @returns how many messages leave
 */
export async function forgetPrivately(
  tx: Executor,
  events: readonly { readonly type: string }[],
  entityId: string,
): Promise<number> {
  const types = events.map(({ type }) => type);
  // First the states: a relay that is just telling them holds these rows until its message is remembered.
  await sql`delete from kit.private_event where entity_id = ${entityId} and type = any(${types}::text[])`.execute(tx);
  const { rows } = await sql<{ sequence: number }>`update kit.private_message set retracted_at = clock_timestamp()
    where retracted_at is null and (entity_ids is null or (type = any(${types}::text[]) and ${entityId} = any(entity_ids))) returning sequence`.execute(
    tx,
  );
  const sequences = rows.map(({ sequence }) => sequence);
  await sql`with others as (select type, entity_id from kit.private_event where sequence = any(${sequences}::bigint[]) order by type, entity_id for update)
    update kit.private_event e set sequence = null, message_id = null, held = null from others where e.type = others.type and e.entity_id = others.entity_id`.execute(
    tx,
  );
  return sequences.length;
}
