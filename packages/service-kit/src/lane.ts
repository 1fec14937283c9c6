import { DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import { type Envelope, type EventDefinition, parseEvent, streamOf } from "@shouwang/contract";
import { sql } from "kysely";
import { type Bus, pause } from "./bus.ts";
import { type Database, type Executor, isOutage, type Tx } from "./database.ts";
import { giveUpParked, isBlocked, type ParkedEvent, park, parkedDue, settle } from "./dead-letter.ts";
import type { Log } from "./log.ts";
import { epochHeader } from "./outbox.ts";
import { system } from "./principal.ts";
import { findStream, type StreamState } from "./stream.ts";
import { inSpan } from "./telemetry.ts";

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
  reset?(tx: Tx<Db>): Promise<void>;
};

export type Lane = {
  state(): { reader: string; source: string; position: number; behind: number | undefined; because: string | undefined };
  stop(): Promise<void>;
};

const batchSize = 500;
const retryParkedMs = 2_000;
/** The most one round of replaying may take before the lane looks at what is new. */
const replayRoundMs = 1_000;
const watchMs = 3_000;
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
  log: Log;
  afterCommit?: () => void;
}): Lane {
  const { db, reader, log } = options;
  const stopping = new AbortController();
  const principal = system(`${reader.kind}:${reader.name}`);
  let position = 0;
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
    const stream = await findStream(bus.jsm, reader.source);
    if (!stream) {
      because = "no stream yet";
      return;
    }
    position = await takePlace(stream);
    const consumer = await bus.js.consumers.get(streamOf(reader.source), {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: position + 1,
      inactive_threshold: 60_000,
    });
    // A stream that is behind this reader is being laid again, or was laid by an outbox that lost events; a healing one catches up by itself.
    because = stream.lastSequence < position ? "the stream is behind this reader" : undefined;
    const messages = await consumer.consume({ max_messages: batchSize * 2, idle_heartbeat: 1_000 });
    const inbox: JsMsg[] = [];
    let arrived = () => {};
    let drained = () => {};
    let ended = false;
    const over = new AbortController();
    const done = AbortSignal.any([stopping.signal, over.signal]);
    const pump = (async () => {
      try {
        for await (const message of messages) {
          inbox.push(message);
          arrived();
          // Not asking for the next message is what keeps a slow reader's backlog at the broker instead of in memory.
          while (inbox.length >= batchSize * 2 && !done.aborted) await rung((ring) => (drained = ring), 1_000, done);
        }
      } finally {
        ended = true;
        arrived();
      }
    })();
    // A consumer can fall silent after a restart of the broker; the stream's own last sequence tells.
    const watch = (async () => {
      let silentAt = -1;
      while (!done.aborted) {
        await pause(watchMs, done);
        if (done.aborted) return;
        const now = await findStream(bus.jsm, reader.source).catch(() => undefined);
        const stored = await storedPosition().catch(() => undefined);
        behind = now === undefined ? undefined : Math.max(0, now.lastSequence - position);
        if (now !== undefined && now.lastSequence >= position) because = undefined;
        const stuck = now !== undefined && inbox.length === 0 && now.lastSequence > position && silentAt === position;
        const setBack = stored !== undefined && stored < position;
        if (now === undefined || now.epoch !== stream.epoch || stuck || setBack) over.abort();
        silentAt = now !== undefined && now.lastSequence > position ? position : -1;
      }
    })();
    try {
      let triedParkedAt = 0;
      while (!done.aborted) {
        if (Date.now() - triedParkedAt > retryParkedMs) {
          triedParkedAt = (await retryParked()) ? 0 : Date.now();
        }
        if (inbox.length === 0) {
          if (ended) return;
          if (triedParkedAt > 0) await rung((ring) => (arrived = ring), retryParkedMs, done);
          continue;
        }
        const batch = inbox.splice(0, batchSize);
        drained();
        if (batch.some((message) => isOfOtherEpoch(message, stream.epoch))) return;
        await applyBatch(batch, stream.epoch);
      }
    } finally {
      over.abort();
      await messages.close().catch(() => {});
      await Promise.allSettled([pump, watch]);
      if (bus.connected() && !stopping.signal.aborted) await consumer.delete().catch(() => {});
    }
  };

  /**
   * The stored position; on a new epoch of the stream, back to what both histories share, with a projection folded again from zero. A reaction
   * forgets the versions it saw in the lost history, since the new one tells its own; whoever missed several epochs goes through all that is told,
   * with what it saw before kept, as nobody knows any more what they share.
   */
  const takePlace = async (stream: StreamState): Promise<number> =>
    await db.withTx(principal, async (tx) => {
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
      log.warn(
        { reader: reader.name, source: reader.source, epoch: stream.epoch, position: place },
        "the stream began a new epoch",
      );
      return place;
    });

  const storedPosition = async (): Promise<number | undefined> =>
    await db.withReadTx(principal, async (tx) => {
      const { rows } = await sql<{
        position: number;
      }>`select position from kit.lane where reader = ${reader.name} and source = ${reader.source}`.execute(tx);
      return rows[0]?.position;
    });

  const applyBatch = async (messages: JsMsg[], epoch: number) => {
    const fresh = messages.filter((message) => message.seq > position);
    const last = fresh.at(-1);
    if (!last) return;
    try {
      await inTransaction(last.seq, epoch, async (tx) => {
        for (const message of fresh) await applyOne(tx, message.seq, epoch, message.string());
      });
    } catch (error) {
      if (error instanceof LostPlace || isOutage(error)) throw error;
      for (const message of fresh) await applyAlone(message, epoch);
    }
  };

  const applyAlone = async (message: JsMsg, epoch: number) => {
    try {
      await inTransaction(message.seq, epoch, (tx) => applyOne(tx, message.seq, epoch, message.string()));
    } catch (error) {
      if (error instanceof LostPlace || isOutage(error)) throw error;
      log.error({ error, reader: reader.name, source: reader.source, position: message.seq }, "event parked");
      await inTransaction(message.seq, epoch, async (tx) => {
        await park(tx, parkedFrom(message.seq, epoch, message.string(), "parked", error));
      });
    }
  };

  /** One transaction of effects and the lane's new position. Somebody else having moved the lane means that this instance has lost its place. */
  const inTransaction = async (to: number, epoch: number, effects: (tx: Tx<Db>) => Promise<void>) => {
    await db.withTx(principal, async (tx) => {
      const moved = await sql`update kit.lane set position = ${to}, moved_at = clock_timestamp()
        where reader = ${reader.name} and source = ${reader.source} and position = ${position} and epoch = ${epoch}`.execute(tx);
      if (moved.numAffectedRows !== 1n) throw new LostPlace();
      await effects(tx);
    });
    position = to;
    options.afterCommit?.();
  };

  const applyOne = async (tx: Tx<Db>, at: number, epoch: number, body: string) => {
    const parsed = parseEvent(safeJson(body));
    if (!parsed.ok) {
      // What is not for this reader need not be understood by it.
      const type = typeOf(body);
      if (type !== undefined && !wants(type)) return;
      await park(tx, parkedFrom(at, epoch, body, "parked", new Error(`${parsed.pointer}: ${parsed.message}`)));
      log.error({ reader: reader.name, source: reader.source, position: at, pointer: parsed.pointer }, "event parked");
      return;
    }
    // A major this contract knows and the reader did not ask for is told beside the one it asked for.
    if (!reader.types.has(parsed.definition.type)) return;
    if (await isBlocked(tx, reader.name, reader.source, parsed.envelope.subject, at)) {
      await park(tx, parkedFrom(at, epoch, body, "queued", new Error("an earlier event of this entity is parked")));
      return;
    }
    await applyParsed(tx, { definition: parsed.definition, envelope: parsed.envelope, data: parsed.data, position: at });
  };

  /** An unknown major of a wanted type is wanted all the same: it must be seen, and parked, rather than passed by. */
  const wants = (type: string): boolean =>
    reader.types.has(type) || [...reader.types].some((known) => majorless(known) === majorless(type));

  const applyParsed = async (tx: Tx<Db>, incoming: Incoming) => {
    if (!(await isNew(tx, reader.name, incoming))) return;
    await inSpan(`${reader.kind} ${reader.name} ${incoming.definition.type}`, {}, incoming.envelope.traceparent, () =>
      reader.apply(tx, incoming),
    );
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
      await db.withTx(principal, (tx) => replay(tx, parked));
      options.afterCommit?.();
      log.info({ reader: reader.name, source: reader.source, position: parked.position }, "parked event replayed");
    } catch (error) {
      if (isOutage(error)) throw error;
      await db.withTx(principal, (tx) => settle(tx, parked.id, "parked", describe(error)));
    }
  };

  const replay = async (tx: Tx<Db>, parked: ParkedEvent & { id: number }) => {
    const parsed = parseEvent(safeJson(parked.body));
    if (!parsed.ok) throw new Error(`${parsed.pointer}: ${parsed.message}`);
    await applyParsed(tx, {
      definition: parsed.definition,
      envelope: parsed.envelope,
      data: parsed.data,
      position: parked.position,
    });
    await settle(tx, parked.id, "replayed", undefined);
  };

  const parkedFrom = (at: number, epoch: number, body: string, state: "parked" | "queued", error: unknown): ParkedEvent => ({
    reader: reader.name,
    source: reader.source,
    position: at,
    epoch,
    entityKey: subjectIn(body),
    type: typeOf(body) ?? "unknown",
    body,
    error: describe(error),
    state,
  });

  const running = loop();
  return {
    state: () => ({ reader: reader.name, source: reader.source, position, behind, because }),
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
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

class LostPlace extends Error {
  override name = "another instance leads";
}

/** The source lost both its newer database and its stream: its operator has to start an epoch above the one this reader knows. */
class OlderEpoch extends Error {
  override name = "the stream is of an older epoch";
}

/** Waits until it is rung, at most so long. */
async function rung(give: (ring: () => void) => void, waitMs: number, until: AbortSignal): Promise<void> {
  const bell = new AbortController();
  give(() => bell.abort());
  await pause(waitMs, bell.signal, until);
}

const isOfOtherEpoch = (message: JsMsg, epoch: number): boolean => {
  const named = message.headers?.get(epochHeader);
  return named !== undefined && named !== "" && named !== String(epoch);
};

/** A state event is new when its version is above the one seen of its entity; a fact when its id was never seen. Marks it as seen. */
async function isNew(tx: Executor, reader: string, incoming: Incoming): Promise<boolean> {
  const { envelope, definition } = incoming;
  if (definition.about.kind === "fact") {
    const inserted =
      await sql`insert into kit.seen_fact (reader, event_id) values (${reader}, ${envelope.id}::uuid) on conflict do nothing`.execute(
        tx,
      );
    return inserted.numAffectedRows === 1n;
  }
  const moved = await sql`insert into kit.seen_version as seen (reader, entity, entity_id, version)
    values (${reader}, ${`${definition.service}.${definition.entity}`}, ${envelope.subject}, ${Number(envelope.sequence)})
    on conflict (reader, entity, entity_id) do update set version = excluded.version where seen.version < excluded.version`.execute(
    tx,
  );
  return moved.numAffectedRows === 1n;
}

const majorless = (type: string): string => type.replace(/\.v\d+$/, "");

function safeJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function attribute(body: string, name: "type" | "subject"): string | undefined {
  const json = safeJson(body);
  if (typeof json !== "object" || json === null || !(name in json)) return undefined;
  const value = Object.entries(json).find(([key]) => key === name)?.[1];
  return typeof value === "string" ? value : undefined;
}
const typeOf = (body: string): string | undefined => attribute(body, "type");
const subjectIn = (body: string): string => attribute(body, "subject") ?? "unknown/unknown";

const describe = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 500) : "unknown";
