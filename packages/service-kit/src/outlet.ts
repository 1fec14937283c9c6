import type { MsgHdrs } from "nats";
import type pg from "pg";
import type { Bus } from "./bus.ts";

/** The sequence a stream is known to hold as its last, and the epoch of its history. */
export type Place = { at: number; epoch: number };

/** The stream holds more than what this database has told, or another history: the database was restored from a backup. */
export type StreamAhead = { kind: "stream-ahead"; streamSequence: number; outboxPosition: number; streamEpoch: number };

/** One message for a stream, whose sequence there is settled before it leaves; its headers are made when it does. */
export type Outgoing = { sequence: number; subject: string; body: string | Uint8Array; headers(): MsgHdrs };

/** What a relay carries to one stream: the events of the outbox, or the private states that are owed. */
export type Outlet = {
  /** Advisory lock of whoever leads it. */
  lockKey: number;
  /** Makes sure the stream exists and is of our epoch, and answers where it stands. */
  align(session: pg.Client, bus: Bus): Promise<Place | StreamAhead>;
  /** The next messages after a place, in order of their sequence and without a gap; none when nothing waits. */
  next(session: pg.Client, after: Place): Promise<readonly Outgoing[]>;
  /** What comes next may be asked while what is before it is still on its way, and asked again when that did not arrive. */
  readsAhead?: true;
  /** Told once the stream has confirmed messages, those up to this sequence. */
  confirmed?(session: pg.Client, upTo: Place): Promise<void>;
};
