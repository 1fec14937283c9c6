import type { JsMsg } from "@nats-io/jetstream";
import { sql } from "kysely";
import type { Tx } from "./database.ts";
import { giveUpParked } from "./dead-letter.ts";
import { epochHeader } from "./outbox.ts";
import type { Reader } from "./reader.ts";
import type { StreamState } from "./stream.ts";

/** Somebody else moved the lane: another instance leads it, or it was set back. */
export class LostPlace extends Error {
  override name = "another instance leads";
}

/** The source lost both its newer database and its stream: its operator has to start an epoch above the one this reader knows. */
class OlderEpoch extends Error {
  override name = "the stream is of an older epoch";
}

/**
 * The stored position; on a new epoch of the stream, back to what both histories share, with a projection folded again from zero. A reaction
 * forgets the versions it saw in the lost history, since the new one tells its own; whoever missed several epochs goes through all that is told,
 * with what it saw before kept, as nobody knows any more what they share. A private reader begins again whenever the stream is not the one it left.
 */
export async function takePlace<Db>(tx: Tx<Db>, reader: Reader<Db>, stream: StreamState): Promise<number> {
  await sql`insert into kit.lane (reader, source, position, epoch) values (${reader.name}, ${reader.source}, 0, ${stream.epoch}) on conflict do nothing`.execute(
    tx,
  );
  const { rows } = await sql<{ position: number; epoch: number }>`select position, epoch from kit.lane
    where reader = ${reader.name} and source = ${reader.source} for update`.execute(tx);
  const row = rows[0];
  if (!row) throw new Error("the lane's row is gone");
  if (row.epoch > stream.epoch) throw new OlderEpoch();
  const rewound = reader.kind === "private" && row.position > stream.lastSequence;
  if (row.epoch === stream.epoch && !rewound) return row.position;
  if (reader.kind === "private") {
    // Sequences mean other messages now. Going through all of them again loses nothing, and what was seen is known by its version.
    await setPlace(tx, reader, 0, stream.epoch);
    return 0;
  }
  const nextEpoch = stream.epoch === row.epoch + 1;
  const shared = nextEpoch ? Math.min(row.position, stream.fromPosition) : 0;
  const place = reader.kind === "projection" ? 0 : shared;
  if (reader.kind === "projection") await forget(tx, reader);
  else if (nextEpoch) await sql`delete from kit.seen_version where reader = ${reader.name}`.execute(tx);
  await giveUpParked(tx, reader.name, reader.source, place, `told again in epoch ${stream.epoch}`);
  await setPlace(tx, reader, place, stream.epoch);
  return place;
}

async function setPlace<Db>(tx: Tx<Db>, reader: Reader<Db>, position: number, epoch: number): Promise<void> {
  await sql`update kit.lane set position = ${position}, epoch = ${epoch}, moved_at = clock_timestamp()
    where reader = ${reader.name} and source = ${reader.source}`.execute(tx);
}

/** Where a lane stands in the database; undefined before it ever ran. */
export async function storedPosition<Db>(tx: Tx<Db>, reader: Reader<Db>): Promise<number | undefined> {
  const { rows } = await sql<{
    position: number;
  }>`select position from kit.lane where reader = ${reader.name} and source = ${reader.source}`.execute(tx);
  return rows[0]?.position;
}

/**
 * Moves the lane on in the transaction of the effects, and holds its row. Throws LostPlace when it does not stand where this instance left it.
 * A projection's commit does not wait for the disk: a crash may take back its last moments, effects and position together, and they are read again.
 * A reaction's may not: what it emits could leave before it is sure to have happened.
 */
export async function moveOn<Db>(tx: Tx<Db>, reader: Reader<Db>, epoch: number, from: number, to: number): Promise<void> {
  const answer = reader.kind === "projection" ? sql`set_config('synchronous_commit', 'off', true)` : sql`position`;
  const moved = await sql`update kit.lane set position = ${to}, moved_at = clock_timestamp()
    where reader = ${reader.name} and source = ${reader.source} and position = ${from} and epoch = ${epoch} returning ${answer}`.execute(
    tx,
  );
  if (moved.rows.length !== 1) throw new LostPlace();
}

/** Lets the transaction's commit not wait for the disk: a crash may take it back, and then it is done again. */
export async function letGoOfDisk<Db>(tx: Tx<Db>): Promise<void> {
  await sql`set local synchronous_commit = off`.execute(tx);
}

/** Whether a message says that it belongs to another epoch than the one being read; a private stream keeps what it held before a new epoch began. */
export function isOfOtherEpoch<Db>(message: JsMsg, reader: Reader<Db>, epoch: number): boolean {
  const named = message.headers?.get(epochHeader);
  if (named === undefined || named === "") return false;
  return reader.kind === "private" ? Number(named) > epoch : named !== String(epoch);
}

/**
 * Empties a projection and sets its lane to zero, in the caller's transaction; the running lane notices that it lost its place and reads again from the start.
 * Throws for any other reader: its effects are facts of their own and are never replayed.
 */
export async function rebuild<Db>(tx: Tx<Db>, reader: Reader<Db>): Promise<void> {
  if (reader.kind !== "projection") throw new Error(`${reader.name} is no projection and is never replayed`);
  // The lane's row first: a batch that is under way must end before its effects and what it saw are taken away together.
  await sql`select from kit.lane where reader = ${reader.name} and source = ${reader.source} for update`.execute(tx);
  await forget(tx, reader);
  await sql`update kit.lane set position = 0, moved_at = clock_timestamp() where reader = ${reader.name} and source = ${reader.source}`.execute(
    tx,
  );
}

async function forget<Db>(tx: Tx<Db>, reader: Reader<Db>): Promise<void> {
  if (!reader.reset) throw new Error(`projection ${reader.name} has no reset`);
  await reader.reset(tx);
  await sql`delete from kit.seen_version where reader = ${reader.name}`.execute(tx);
  await sql`delete from kit.seen_fact where reader = ${reader.name}`.execute(tx);
}
