import { type EventDraft, findEvent, subjectOf } from "@shouwang/contract";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { Executor } from "./database.ts";
import { actorOf, type Principal } from "./principal.ts";
import { traceparent } from "./telemetry.ts";

/** Header that repeats an event's stream sequence, so that a reader behind a copy of the stream still knows its place. */
export const positionHeader = "sw-position";

/** Header that names the epoch whose history an event belongs to, so that a reader never takes one of a new epoch for one of the old. */
export const epochHeader = "sw-epoch";

/** The most an event may weigh on the wire, in bytes. */
const maxEventBytes = 65_536;

/**
 * Appends events to the outbox in the caller's transaction. They leave for NATS after its commit, in the order of their ids.
 * Their time is business time: readers take the day of it for the day on which something was told.
 * Call it after the entity's row is locked: that is what makes the order per entity right.
 * Throws (a bug, never a refusal) when a type is not in the contract or an event is over 64 KB.
 */
export async function appendEvents(tx: Executor, principal: Principal, drafts: readonly EventDraft[]): Promise<void> {
  if (drafts.length === 0) return;
  const parent = traceparent();
  const rows = drafts.map((draft) => {
    if (!findEvent(draft.type)) throw new Error(`${draft.type} is not in the contract`);
    const id = uuidv7();
    const envelope = JSON.stringify({
      specversion: "1.0",
      id,
      type: draft.type,
      source: `/${draft.type.split(".")[0]}`,
      subject: `${draft.entity}/${draft.entityId}`,
      // The moment is the database's to say, below: business time, which a demonstration's is.
      time: id,
      datacontenttype: "application/json",
      sequence: String(draft.version),
      region: draft.region,
      actor: actorOf(principal),
      ...(parent ? { traceparent: parent } : {}),
      data: draft.data,
    });
    if (Buffer.byteLength(envelope) > maxEventBytes) throw new Error(`${draft.type} is larger than ${maxEventBytes} bytes`);
    return {
      id,
      subject: subjectOf(draft.type, draft.region),
      entity: draft.entity,
      entityId: draft.entityId,
      version: draft.version,
      envelope,
    };
  });
  await sql`insert into kit.outbox (event_id, subject, entity, entity_id, version, envelope)
    select id, subject, entity, entity_id, version, replace(envelope, '"time":"' || id || '"', '"time":"' || said.at || '"')
    from unnest(${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.subject)}::text[], ${rows.map((r) => r.entity)}::text[],
      ${rows.map((r) => r.entityId)}::text[], ${rows.map((r) => r.version)}::bigint[], ${rows.map((r) => r.envelope)}::text[])
      with ordinality as told (id, subject, entity, entity_id, version, envelope, n),
    (select to_char((clock_timestamp() + coalesce((select offset_ms from kit.clock), 0) * interval '1 millisecond') at time zone 'UTC',
      'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at) said order by n`.execute(tx);
}

/**
 * Erases what an event says, for good, by its position: the outbox keeps its place, id and subject with an envelope of the type `<department>.event.erased.v1`
 * without data, and the relay takes the message out of the stream. Readers pass a missing sequence by. What they made of the event before is theirs to mend.
 * @returns false when no event has that position, or it was erased before
 */
export async function eraseEvent(tx: Executor, principal: Principal, position: number, reason: string): Promise<boolean> {
  const { rows } = await sql<{
    erased: boolean;
  }>`select kit.erase_event(${position}, ${reason}, ${actorOf(principal)}) as erased`.execute(tx);
  return rows[0]?.erased === true;
}
