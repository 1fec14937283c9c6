import type { Envelope, EventDefinition } from "@shouwang/contract";
import type { Tx } from "./database.ts";

/** An event as a reader's handler gets it: parsed, known, not seen before. */
export type Incoming = { definition: EventDefinition; envelope: Envelope; data: Record<string, unknown>; position: number };

/**
 * Somebody who reads other departments' events into its own tables.
 * - A `projection` folds events into its tables and cannot emit; `reset` empties them, so that a replay from zero rebuilds the same.
 * - A `reaction` may emit; its effect is keyed by the source event's id and it is never replayed.
 */
export type Reader<Db> = {
  name: string;
  kind: "projection" | "reaction";
  /** Department whose stream it reads. */
  source: string;
  /** Event types it wants; the rest of the stream is counted and passed by. */
  types: ReadonlySet<string>;
  apply(tx: Tx<Db>, incoming: Incoming): Promise<void>;
  /** Every table a projection folds into, with its schema, those that others refer to first: what a rebuild compares. */
  tables?: readonly `${string}.${string}`[];
  reset?(tx: Tx<Db>): Promise<void>;
};
