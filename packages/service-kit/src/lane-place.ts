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
 * with what it saw before kept, as nobody knows any more what they share.
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
  if (row.epoch === stream.epoch) return row.position;
  const nextEpoch = stream.epoch === row.epoch + 1;
  const shared = nextEpoch ? Math.min(row.position, stream.fromPosition) : 0;
  const place = reader.kind === "projection" ? 0 : shared;
  if (reader.kind === "projection") await forget(tx, reader);
  else if (nextEpoch) await sql`delete from kit.seen_version where reader = ${reader.name}`.execute(tx);
  await giveUpParked(tx, reader.name, reader.source, place, `told again in epoch ${stream.epoch}`);
  await sql`update kit.lane set position = ${place}, epoch = ${stream.epoch}, moved_at = clock_timestamp()
    where reader = ${reader.name} and source = ${reader.source}`.execute(tx);
  return place;
}

/** Where a lane stands in the database; undefined before it ever ran. */
export async function storedPosition<Db>(tx: Tx<Db>, reader: Reader<Db>): Promise<number | undefined> {
  const { rows } = await sql<{
    position: number;
  }>`select position from kit.lane where reader = ${reader.name} and source = ${reader.source}`.execute(tx);
  return rows[0]?.position;
}

/** Moves the lane on in the transaction of the effects, and holds its row. Throws LostPlace when it does not stand where this instance left it. */
export async function moveOn<Db>(tx: Tx<Db>, reader: Reader<Db>, epoch: number, from: number, to: number): Promise<void> {
  const moved = await sql`update kit.lane set position = ${to}, moved_at = clock_timestamp()
    where reader = ${reader.name} and source = ${reader.source} and position = ${from} and epoch = ${epoch}`.execute(tx);
  if (moved.numAffectedRows !== 1n) throw new LostPlace();
}

/** Whether a message says that it belongs to another epoch than the one being read. */
export function isOfOtherEpoch(message: JsMsg, epoch: number): boolean {
  const named = message.headers?.get(epochHeader);
  return named !== undefined && named !== "" && named !== String(epoch);
}

/**
 * Empties a projection and sets its lane to zero, in the caller's transaction; the running lane notices that it lost its place and reads again from the start.
 * Throws for a reaction: its effects are facts of their own and are never replayed.
 */
export async function rebuild<Db>(tx: Tx<Db>, reader: Reader<Db>): Promise<void> {
  if (reader.kind !== "projection") throw new Error(`${reader.name} is a reaction and is never replayed`);
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
