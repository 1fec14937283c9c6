import { type Envelope, type EventDefinition, type PrivateEventDefinition, privateStreamOf, streamOf } from "@shouwang/contract";
import type { Tx } from "./database.ts";
import type { Keys } from "./personal-data.ts";

/** An event as a reader's handler gets it: parsed, known, not seen before. */
export type Incoming = {
  definition: EventDefinition | PrivateEventDefinition;
  envelope: Envelope;
  data: Record<string, unknown>;
  position: number;
};

/**
 * Somebody who reads other departments' events into its own tables.
 * - A `projection` folds events into its tables and cannot emit; `reset` empties them, so that a replay from zero rebuilds the same.
 * - A `reaction` may emit; its effect is keyed by the source event's id and it is never replayed.
 * - A `private` reader takes a department's private states, decrypted, into tables where it seals them under its own keys; it may emit. It may be given a state
 *   it had before, never an older one.
 */
export type Reader<Db> = {
  name: string;
  kind: "projection" | "reaction" | "private";
  /** Department whose stream it reads. */
  source: string;
  /** Event types it wants; the rest of the stream is counted and passed by. */
  types: ReadonlySet<string>;
  apply(tx: Tx<Db>, incoming: Incoming, keys: Keys): Promise<void>;
  /** A projection may take many events at once, in order: of each entity's states the newest alone, each fact once. Many times as fast as one by one. */
  applyAll?(tx: Tx<Db>, batch: readonly Incoming[]): Promise<void>;
  /** It keeps what was on which day, so a batch holds every state of an entity and not the newest alone. */
  everyState?: true;
  /** Every table a projection folds into, with its schema, those that others refer to first: what a rebuild compares. */
  tables?: readonly `${string}.${string}`[];
  reset?(tx: Tx<Db>): Promise<void>;
};

/** The stream a reader reads. */
export const streamRead = <Db>(reader: Reader<Db>): string =>
  reader.kind === "private" ? privateStreamOf(reader.source) : streamOf(reader.source);
