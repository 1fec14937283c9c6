import { headers, type MsgHdrs } from "nats";
import type pg from "pg";
import { type Bus, pause } from "./bus.ts";
import type { Log } from "./log.ts";
import { epochHeader, positionHeader } from "./outbox.ts";
import { createStream, dropStream, eventIdAt, findStream } from "./stream.ts";

/** Messages under way at once: one at a time reaches about a quarter of this rate. */
const windowSize = 256;
const stampBatch = 1_000;
const lockKey = 0x5357_726c;

type RelayState =
  | { kind: "starting" | "standing-by" | "running" | "stopped" }
  /** The broker holds more events than this outbox, a later epoch or another history: the database was restored from a backup. Nothing is published until an operator starts a new epoch. */
  | { kind: "stream-ahead"; streamSequence: number; outboxPosition: number; streamEpoch: number }
  | { kind: "waiting"; because: string };

export type Relay = {
  /** Says that something was committed; the relay looks at once instead of at its next poll. */
  wake(): void;
  state(): RelayState;
  /** Publishes what is committed and stamped, as far as it can within `waitMs`, and gives the lead away. */
  stop(waitMs: number): Promise<void>;
};

/**
 * The one way events leave a department. One relay leads per service (a session-level advisory lock); it stamps committed rows, in the order of their
 * ids, with a gap-free position and publishes them so that stream sequence = position: each message says which sequence must stand before it, so a
 * second copy, a gap or an older leader's late message is refused by the stream itself. Where the stream's last sequence is behind (wiped, rewound,
 * a publish that never arrived), publishing goes on from there.
 */
export function startRelay(options: {
  service: string;
  /** A session of the relay's own: it holds the lock for as long as it leads, and must not take a request's place in the pool. */
  openSession: () => Promise<pg.Client>;
  bus: () => Promise<Bus | undefined>;
  replicas: number;
  log: Log;
  pollMs?: number;
}): Relay {
  const { service, log } = options;
  const pollMs = options.pollMs ?? 500;
  const stopping = new AbortController();
  let state: RelayState = { kind: "starting" };
  let wakeUp = () => {};
  let woken = false;

  const setState = (next: RelayState) => {
    if (next.kind !== state.kind && next.kind !== "running") log.warn({ relay: next }, "relay changed state");
    state = next;
  };
  const waitForWork = async () => {
    if (!woken) {
      const wake = new AbortController();
      wakeUp = () => wake.abort();
      await pause(pollMs, wake.signal, stopping.signal);
    }
    woken = false;
  };

  const loop = async () => {
    const bus = await options.bus();
    while (bus && !stopping.signal.aborted) {
      let session: pg.Client | undefined;
      try {
        session = await options.openSession();
        await standBy(session, bus);
      } catch (error) {
        setState({ kind: "waiting", because: error instanceof Error ? error.name : "unknown" });
        log.warn({ error }, "relay waits");
      } finally {
        // Ending the session is also what gives the lock away.
        session?.end().catch(() => {});
      }
      await pause(pollMs, stopping.signal);
    }
    setState({ kind: "stopped" });
  };

  /** Waits for the lock, leads while it is held, and comes back when the session or the work is at its end. */
  const standBy = async (session: pg.Client, bus: Bus) => {
    const lost = new AbortController();
    session.on("error", () => lost.abort());
    session.on("end", () => lost.abort());
    let leading = false;
    while (!stopping.signal.aborted && !lost.signal.aborted) {
      if (!leading) {
        const { rows } = await session.query<{ lead: boolean }>("select pg_try_advisory_lock($1) as lead", [lockKey]);
        leading = rows[0]?.lead === true;
      }
      if (!leading) setState({ kind: "standing-by" });
      else if (bus.connected()) await lead(session, bus, lost.signal);
      else setState({ kind: "waiting", because: "NATS is away" });
      await pause(pollMs, stopping.signal, lost.signal);
    }
  };

  const lead = async (client: pg.Client, bus: Bus, lost: AbortSignal) => {
    const until = AbortSignal.any([stopping.signal, lost]);
    let place = await alignStream(client, bus);
    let checkedAt = Date.now();
    while (!until.aborted && place && bus.connected()) {
      const stamped = await stamp(client);
      const published = await publishFrom(client, bus, place, until);
      if (published === undefined || Date.now() - checkedAt > 5_000) {
        // Something went wrong under way, or it is time to see whether the stream was rewound behind our back.
        place = await alignStream(client, bus);
        checkedAt = Date.now();
        if (published === undefined) await pause(200, until);
        continue;
      }
      place = published;
      setState({ kind: "running" });
      if (stamped < stampBatch) await waitForWork();
    }
    if (stopping.signal.aborted && place) {
      await stamp(client);
      await publishFrom(client, bus, place, lost);
    }
  };

  /** Makes sure the stream exists and is of our epoch, and answers where it stands; undefined when it is ahead of the outbox. */
  const alignStream = async (client: pg.Client, bus: Bus): Promise<Place | undefined> => {
    // The stream is asked before the outbox: asked the other way round, what another leader published in between would look like a stream ahead.
    let stream = await findStream(bus.jsm, service);
    const { rows } = await client.query<{ epoch: number; from_position: number; last: number }>(
      "select epoch, from_position, coalesce((select max(position) from kit.outbox), 0) as last from kit.epoch",
    );
    const own = rows[0];
    if (!own) throw new Error("kit.epoch has no row");
    if (stream && stream.epoch < own.epoch) {
      await dropStream(bus.jsm, service);
      stream = undefined;
    }
    stream ??= await createStream(bus.jsm, service, options.replicas, own.epoch, own.from_position);
    if (stream.lastSequence > own.last || stream.epoch > own.epoch || !(await tellsOurs(client, bus, stream.lastSequence))) {
      const { lastSequence: streamSequence, epoch: streamEpoch } = stream;
      setState({ kind: "stream-ahead", streamSequence, outboxPosition: own.last, streamEpoch });
      return undefined;
    }
    return { at: stream.lastSequence, epoch: own.epoch };
  };

  /** Whether the newest event of the stream is the one that has this position in our outbox; one that was taken out of either says nothing. */
  const tellsOurs = async (client: pg.Client, bus: Bus, position: number): Promise<boolean> => {
    if (position === 0) return true;
    const theirs = await eventIdAt(bus.jsm, service, position);
    const { rows } = await client.query<{ event_id: string }>("select event_id from kit.outbox where position = $1", [position]);
    return theirs === undefined || rows[0] === undefined || theirs === rows[0].event_id;
  };

  /** Gives every committed row that has none its position, in the order of ids. A row that commits late gets a later position: nothing is skipped. */
  const stamp = async (client: pg.Client): Promise<number> => {
    const result = await client.query(
      `with base as (select coalesce(max(position), 0) as last from kit.outbox),
        next as (select id, row_number() over (order by id) as n from (select id from kit.outbox where position is null order by id limit ${stampBatch}) waiting)
        update kit.outbox o set position = base.last + next.n from next, base where o.id = next.id`,
    );
    return result.rowCount ?? 0;
  };

  /** Publishes everything stamped after a place, a window at a time. Answers the place the stream is known to have reached, or undefined when it must be asked. */
  const publishFrom = async (client: pg.Client, bus: Bus, from: Place, until: AbortSignal): Promise<Place | undefined> => {
    let { at } = from;
    while (!until.aborted) {
      const { rows } = await client.query<{ position: number; subject: string; event_id: string; envelope: string }>(
        "select position, subject, event_id, envelope from kit.outbox where position > $1 order by position limit $2",
        [at, windowSize],
      );
      if (rows.length === 0) break;
      const sent = rows.map((row) => {
        const header = headers();
        header.set("content-type", "application/cloudevents+json; charset=utf-8");
        repeatAttributes(header, row.envelope);
        header.set(positionHeader, String(row.position));
        header.set(epochHeader, String(from.epoch));
        return bus.js.publish(row.subject, row.envelope, { headers: header, expect: { lastSequence: row.position - 1 } });
      });
      const outcomes = await Promise.allSettled(sent);
      const failed = outcomes.find((outcome) => outcome.status === "rejected");
      if (failed) {
        log.warn({ error: failed.reason, position: at }, "publishing stopped; the stream is asked where it stands");
        return undefined;
      }
      at = rows.at(-1)?.position ?? at;
    }
    return { at, epoch: from.epoch };
  };

  const running = loop();
  return {
    wake: () => {
      woken = true;
      wakeUp();
    },
    state: () => state,
    stop: async (waitMs) => {
      stopping.abort();
      await Promise.race([running, pause(waitMs)]);
    },
  };
}

/** The CloudEvents attributes once more as headers, so that a subscriber can filter without reading the body. */
function repeatAttributes(header: MsgHdrs, envelope: string): void {
  const attributes: Record<string, unknown> = JSON.parse(envelope);
  for (const name of ["id", "type", "source", "subject", "time"]) header.set(`ce-${name}`, String(attributes[name]));
  if (typeof attributes["traceparent"] === "string") header.set("traceparent", attributes["traceparent"]);
}

/** The position a stream holds, and the epoch of its history. */
type Place = { at: number; epoch: number };

/**
 * Starts a new epoch after the database was restored from a backup: the stream is laid again from the outbox, and every reader
 * goes back to what both histories share. An operator's act, named in the audit by the caller.
 * @param streamEpoch the epoch the relay reports for the stream: the new one must be above it too, when the backup is older than an earlier epoch
 */
export async function startEpoch(pool: pg.Pool, streamEpoch = 0): Promise<{ epoch: number; fromPosition: number }> {
  const { rows } = await pool.query<{ epoch: number; from_position: number }>(
    `update kit.epoch set epoch = greatest(epoch, $1) + 1, from_position = coalesce((select max(position) from kit.outbox), 0)
      returning epoch, from_position`,
    [streamEpoch],
  );
  const row = rows[0];
  if (!row) throw new Error("kit.epoch has no row");
  return { epoch: row.epoch, fromPosition: row.from_position };
}
