import { DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import { type Bus, pause } from "./bus.ts";
import { type Database, isOutage, type Tx } from "./database.ts";
import { type ParkedEvent, park, parkedDue, settle } from "./dead-letter.ts";
import { openInbox } from "./inbox.ts";
import { applyTogether } from "./lane-batch.ts";
import { applyEvent, describeFailure, type Met, meet, parkedEvent, replayEvent } from "./lane-event.ts";
import { isOfOtherEpoch, LostPlace, moveOn, storedPosition, takePlace } from "./lane-place.ts";
import type { Log } from "./log.ts";
import type { Keys } from "./personal-data.ts";
import { system } from "./principal.ts";
import { type Reader, streamRead } from "./reader.ts";
import { findStream } from "./stream.ts";
import { nothingLeft } from "./stream-reading.ts";

/** The events in a message: itself, or what it holds once decrypted; none when it is not for us. Throws when it cannot be opened. */
type Open = (body: string) => Promise<readonly string[]>;

export type Lane = {
  state(): { reader: string; source: string; position: number; behind: number | undefined; because: string | undefined };
  stop(): Promise<void>;
};

const batchSize = 1_000;
/** A batch is to take about so long: a slow reader takes fewer events at a time, so that it is seen to move, and a kill costs it little. */
const batchMs = 1_000;
const firstBatch = 10;
/** Events that come one by one share a transaction with those of so many milliseconds: each alone would cost more to commit than to apply. */
const gatherMs = 10;
const retryParkedMs = 2_000;
/** The most one round of replaying may take before the lane looks at what is new. */
const replayRoundMs = 1_000;
const watchMs = 3_000;
/** How long a lane waits for a stream that is not there yet. */
const noStreamMs = 1_500;
/** How long an instance stands by after it saw another one lead its lane. */
const standByMs = 2_000;

/**
 * Reads a department's stream in order from the position stored in this reader's database. A batch of events and the new position are one transaction,
 * so each event has its effect exactly once, whatever is killed. A batch that fails is done again one event at a time; an event that fails twice is
 * parked with its error, later events of the same entity queue behind it, everything else flows. When the database is away the lane stops and parks nothing.
 */
export function startLane<Db>(options: {
  db: Database<Db>;
  bus: () => Promise<Bus | undefined>;
  reader: Reader<Db>;
  keys: Keys;
  /** Absent where messages are events as they are. */
  open?: Open;
  log: Log;
  afterCommit?: () => void;
}): Lane {
  const { db, reader, keys, log } = options;
  const reading = { reader, keys, log };
  const stream = streamRead(reader);
  const stopping = new AbortController();
  const principal = system(`${reader.kind}:${reader.name}`);
  let position = 0;
  let size = firstBatch;
  let behind: number | undefined;
  let because: string | undefined = "starting";

  const loop = async () => {
    const bus = await options.bus();
    while (bus && !stopping.signal.aborted) {
      let waitMs = 300;
      try {
        if (bus.connected()) await read(bus);
        else because = "NATS is away";
      } catch (error) {
        because = error instanceof Error ? error.name : "unknown";
        if (error instanceof LostPlace) waitMs = standByMs;
        else log.warn({ error, reader: reader.name, source: reader.source }, "lane waits");
      }
      await pause(waitMs, stopping.signal);
    }
  };

  const read = async (bus: Bus) => {
    const found = await findStream(bus.jsm, stream);
    if (!found) {
      because = "no stream yet";
      return await pause(noStreamMs, stopping.signal);
    }
    position = await db.withTx(principal, (tx) => takePlace(tx, reader, found));
    const consumer = await bus.js.consumers.get(stream, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: position + 1,
      inactive_threshold: 60_000,
    });
    // A stream that is behind this reader is being laid again, or was laid by an outbox that lost events; a healing one catches up by itself.
    because = found.lastSequence < position ? "the stream is behind this reader" : undefined;
    const messages = await consumer.consume({ max_messages: batchSize * 2, idle_heartbeat: 1_000 });
    // Up to here the stream holds nothing more for us: what stood there was taken out of it.
    let bareUntil = 0;
    const over = new AbortController();
    const done = AbortSignal.any([stopping.signal, over.signal]);
    // What is to be decrypted is read when its turn comes; everything else while the batch before it is in its transaction.
    const inbox = openInbox<Arrived>(messages, {
      room: batchSize * 2,
      until: done,
      read: (message) => ({ message, event: options.open ? undefined : meet(reader, message, found.epoch) }),
    });
    /** Whether the consumer has handed everything over; nobody knows while it cannot be asked. */
    const isBare = () => nothingLeft(consumer, inbox.latest()).catch(() => false);
    // A consumer can fall silent after a restart of the broker; the stream's own last sequence tells.
    const watch = (async () => {
      let silentAt = -1;
      while (!done.aborted) {
        await pause(watchMs, done);
        if (done.aborted) return;
        const now = await findStream(bus.jsm, stream).catch(() => undefined);
        const stored = await db.withReadTx(principal, (tx) => storedPosition(tx, reader)).catch(() => undefined);
        behind = now === undefined ? undefined : Math.max(0, now.lastSequence - position);
        if (now !== undefined && now.lastSequence >= position) because = undefined;
        const silent = now !== undefined && inbox.size() === 0 && now.lastSequence > position;
        const stuck = silent && silentAt === position;
        if (silent && (await isBare())) {
          bareUntil = now.lastSequence;
          inbox.wake();
        }
        const setBack = stored !== undefined && stored < position;
        if (now === undefined || now.epoch !== found.epoch || stuck || setBack) over.abort();
        silentAt = now !== undefined && now.lastSequence > position ? position : -1;
      }
    })();
    try {
      let triedParkedAt = 0;
      let startedAt = Number.NEGATIVE_INFINITY;
      while (!done.aborted) {
        if (Date.now() - triedParkedAt > retryParkedMs) {
          triedParkedAt = (await retryParked()) ? 0 : Date.now();
        }
        if (inbox.size() === 0) {
          if (inbox.ended()) return;
          if (bareUntil > position) {
            await inTransaction(bareUntil, found.epoch, async () => {});
            continue;
          }
          if (triedParkedAt > 0) await inbox.arrival(retryParkedMs);
          continue;
        }
        // Whoever comes after a silence is not kept waiting, nor is a backlog.
        const early = startedAt + gatherMs - performance.now();
        if (early > 0 && inbox.size() < size) await pause(early, done);
        const batch = inbox.take(size);
        // Epochs only rise along a stream: where the first and the last are of this one, all between them are.
        if ([batch[0], batch.at(-1)].some((one) => one && isOfOtherEpoch(one.message, reader, found.epoch))) return;
        startedAt = performance.now();
        await applyBatch(batch, found.epoch);
        const perMs = batch.length / Math.max(1, performance.now() - startedAt);
        size = Math.max(1, Math.min(batchSize, size * 2, Math.round(perMs * batchMs)));
      }
    } finally {
      over.abort();
      await messages.close().catch(() => {});
      await Promise.allSettled([inbox.over, watch]);
      if (bus.connected() && !stopping.signal.aborted) await consumer.delete().catch(() => {});
    }
  };

  const applyBatch = async (arrived: readonly Arrived[], epoch: number) => {
    const fresh = arrived.filter(({ message }) => message.seq > position);
    const last = fresh.at(-1)?.message;
    if (!last) return;
    const { open } = options;
    const events = open
      ? (await Promise.all(fresh.map(({ message }) => opened(open, message, epoch)))).flat()
      : fresh.flatMap(({ event }) => event ?? []);
    try {
      await inTransaction(last.seq, epoch, async (tx) => {
        // One that could not be opened is put aside by itself.
        if (events.every(({ failed }) => failed === undefined)) await applyTogether(tx, reading, events);
        else for (const event of events) await apply(tx, event);
      });
    } catch (error) {
      if (error instanceof LostPlace || isOutage(error)) throw error;
      // Each by itself; the position moves on with the last of its message.
      for (const [at, event] of events.entries()) await applyAlone(event, events[at + 1]?.position === event.position);
      if (position < last.seq) await inTransaction(last.seq, epoch, async () => {});
    }
  };

  /** What a message holds; one that cannot be opened is an event nobody can read, and is parked as it is. */
  const opened = async (open: Open, message: JsMsg, epoch: number): Promise<Opened[]> => {
    const at = { position: message.seq, epoch };
    try {
      return (await open(message.string())).map((body, item) => ({ ...at, item, body }));
    } catch (error) {
      return [{ ...at, item: 0, body: message.string(), failed: error }];
    }
  };

  const apply = async (tx: Tx<Db>, event: Opened) => {
    if (event.failed === undefined) return await applyEvent(tx, reading, event);
    log.error({ error: event.failed, reader: reader.name, source: reader.source, position: event.position }, "event parked");
    await park(tx, parkedEvent(reading, event, "parked", event.failed));
  };

  const applyAlone = async (event: Opened, hasMore: boolean) => {
    // Until the last event of a message the lane stays before it: a kill here meets the message again, and what was applied is known.
    const to = hasMore ? position : event.position;
    try {
      await inTransaction(to, event.epoch, (tx) => apply(tx, event));
    } catch (error) {
      if (error instanceof LostPlace || isOutage(error)) throw error;
      log.error({ error, reader: reader.name, source: reader.source, position: event.position }, "event parked");
      await inTransaction(to, event.epoch, async (tx) => {
        await park(tx, parkedEvent(reading, event, "parked", error));
      });
    }
  };

  /** One transaction of effects and the lane's new position. Somebody else having moved the lane means that this instance has lost its place. */
  const inTransaction = async (to: number, epoch: number, effects: (tx: Tx<Db>) => Promise<void>) => {
    await db.withTx(principal, async (tx) => {
      await moveOn(tx, reader, epoch, position, to);
      await effects(tx);
    });
    position = to;
    options.afterCommit?.();
  };

  /** Parked events whose time has come: the first of an entity alone; when it goes through, those queued behind it follow in order. @returns whether more are due */
  const retryParked = async (): Promise<boolean> => {
    const startedAt = Date.now();
    for (;;) {
      const due = await db.withTx(principal, (tx) => parkedDue(tx, reader.name, reader.source));
      if (due.length === 0) return false;
      for (const parked of due) {
        if (stopping.signal.aborted || Date.now() - startedAt > replayRoundMs) return true;
        await retry(parked);
      }
    }
  };

  const retry = async (parked: ParkedEvent & { id: number }) => {
    try {
      await db.withTx(principal, (tx) => replayEvent(tx, reading, parked));
      options.afterCommit?.();
      log.info({ reader: reader.name, source: reader.source, position: parked.position }, "parked event replayed");
    } catch (error) {
      if (isOutage(error)) throw error;
      await db.withTx(principal, (tx) => settle(tx, parked.id, "parked", describeFailure(reader, error)));
    }
  };

  const running = loop();
  return {
    state: () => ({ reader: reader.name, source: reader.source, position, behind, because }),
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

/** An event of a message; `failed` where the message could not be opened, and stands here as it is. */
type Opened = Met & { failed?: unknown };
/** A message that waits for its turn, with its event where that was read already. */
type Arrived = { message: JsMsg; event: Opened | undefined };
