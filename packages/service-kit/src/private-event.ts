import { type Department, findPrivateEvent, type PrivateEventDefinition } from "@shouwang/contract";
import { sql } from "kysely";
import type { z } from "zod";
import type { Executor, Tx } from "./database.ts";
import type { Keys } from "./personal-data.ts";

/** A state of name, number, phone or account that this department tells others, as its tables hold it now. */
export type PrivateState<Db> = {
  event: PrivateEventDefinition;
  entitled: readonly Department[];
  /** The content of some entities by id, read just before it leaves; one that is missing has nothing to tell any more. */
  load(tx: Tx<Db>, keys: Keys, ids: readonly string[]): Promise<ReadonlyMap<string, Record<string, unknown>>>;
};

/**
 * Says in the caller's transaction that private states of these entities are to be told: now, after a change of them, or again. What leaves is the content
 * as it is then, so that many changes in a row may leave as one. Nothing personal is kept here.
 */
export async function owePrivately(
  tx: Executor,
  event: Pick<PrivateEventDefinition, "type">,
  about: readonly { id: string; region: string }[],
): Promise<void> {
  if (about.length === 0) return;
  if (!findPrivateEvent(event.type)) throw new Error(`${event.type} is not a private event of the contract`);
  // In the order of ids, so that two transactions never wait for each other in a circle.
  const sorted = [...new Map(about.map((one) => [one.id, one])).values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  await sql`insert into kit.private_event as told (type, entity_id, region, version)
    select ${event.type}, id, region, (extract(epoch from clock_timestamp()) * 1000)::bigint
    from unnest(${sorted.map(({ id }) => id)}::text[], ${sorted.map(({ region }) => region)}::text[]) as about (id, region)
    on conflict (type, entity_id) do update set region = excluded.region, version = greatest(told.version + 1, excluded.version),
      owed = default, sequence = null, message_id = null, held = null`.execute(tx);
}

/** Says that private states told before are to be told again, unchanged, to whoever reads them: all of a type, or those of one division. */
export async function tellAgain(tx: Executor, type: string, prefix = ""): Promise<number> {
  const again = await sql`update kit.private_event set sequence = null, message_id = null, held = null
    where type = ${type} and region >= ${prefix} and region < ${`${prefix}a`}`.execute(tx);
  return Number(again.numAffectedRows ?? 0n);
}

/** Declares what a department tells privately: see `PrivateState`. The content must fit the event's schema. */
export function privateState<Db, S extends z.ZodObject>(
  event: PrivateEventDefinition<string, S>,
  load: (tx: Tx<Db>, keys: Keys, ids: readonly string[]) => Promise<ReadonlyMap<string, z.input<S>>>,
): PrivateState<Db> {
  // Safe: the definition is only read, and what is loaded is parsed with its schema before it leaves.
  return { event: event as unknown as PrivateEventDefinition, entitled: event.about.entitled, load };
}
