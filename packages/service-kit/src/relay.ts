import type pg from "pg";
import { type Bus, pause } from "./bus.ts";
import type { Log } from "./log.ts";
import type { Outgoing, Outlet, Place, StreamAhead } from "./outlet.ts";
import { publishOneByOne, publishWindow } from "./publish-window.ts";

export type RelayState =
  | { kind: "starting" | "standing-by" | "running" | "stopped" }
  /** Nothing is published until an operator starts a new epoch. */
  | StreamAhead
  | { kind: "waiting"; because: string };

/** Every state a relay can be in, for whoever counts them. */
export const relayKinds: readonly RelayState["kind"][] = [
  "starting",
  "standing-by",
  "running",
  "stopped",
  "stream-ahead",
  "waiting",
];

export type Relay = {
  /** Says that something was committed; the relay looks at once instead of at its next poll. */
  wake(): void;
  state(): RelayState;
  /** The position up to which the stream is known to hold our events; undefined before this relay has led. */
  published(): number | undefined;
  /** Publishes what is committed and stamped, as far as it can within `waitMs`, and gives the lead away. */
  stop(waitMs: number): Promise<void>;
};

/** Messages under way at once: one at a time reaches about a quarter of the rate, and many more would keep the process from its other work. */
const windowSize = 512;
/** What is committed within so many milliseconds of what has just left leaves together: stamping waits for the disk each time. */
const gatherMs = 10;

/** Whether the stream or the broker's disk has no room: what waits leaves by itself once there is. */
const isFull = (error: unknown): boolean =>
  error instanceof Error &&
  /maximum (?:bytes|messages) exceeded|insufficient (?:storage )?resources|no space/i.test(error.message);

/**
 * The one way anything leaves a department. One relay leads per stream (a session-level advisory lock) and publishes what its outlet gives it, each message
 * saying which sequence must stand before it: a second copy, a gap or an older leader's late message is refused by the stream itself. Whenever a publish
 * fails, and every few seconds, the stream is asked where it stands, and publishing goes on from there.
 */
export function startRelay(options: {
  outlet: Outlet;
  /** A session of the relay's own: it holds the lock for as long as it leads, and must not take a request's place in the pool. */
  openSession: () => Promise<pg.Client>;
  bus: () => Promise<Bus | undefined>;
  log: Log;
  pollMs?: number;
}): Relay {
  const { outlet, log } = options;
  const pollMs = options.pollMs ?? 500;
  const stopping = new AbortController();
  let state: RelayState = { kind: "starting" };
  let told: number | undefined;
  let careful = false;
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
        const { rows } = await session.query<{ lead: boolean }>("select pg_try_advisory_lock($1) as lead", [outlet.lockKey]);
        leading = rows[0]?.lead === true;
      }
      if (!leading) setState({ kind: "standing-by" });
      else if (bus.connected()) await lead(session, bus, lost.signal);
      else {
        setState({ kind: "waiting", because: "NATS is away" });
        // The lead is kept by asking: a session that says nothing is ended by the database.
        await session.query("select");
      }
      await pause(pollMs, stopping.signal, lost.signal);
    }
  };

  const lead = async (session: pg.Client, bus: Bus, lost: AbortSignal) => {
    const until = AbortSignal.any([stopping.signal, lost]);
    let place = await align(session, bus);
    let checkedAt = Date.now();
    let ahead: Promise<readonly Outgoing[]> | undefined;
    while (!until.aborted && place && bus.connected()) {
      const messages: readonly Outgoing[] = await (ahead ?? outlet.next(session, place));
      ahead = messages.length >= windowSize ? readAhead(session, place, messages) : undefined;
      const published = await publish(session, bus, place, messages);
      if (published === undefined || Date.now() - checkedAt > 5_000) {
        // Something went wrong under way, or it is time to see whether the stream was rewound behind our back.
        ahead = undefined;
        place = await align(session, bus);
        checkedAt = Date.now();
        if (published === undefined) await pause(200, until);
        continue;
      }
      place = published;
      setState({ kind: "running" });
      if (messages.length === 0) await waitForWork();
      else if (!ahead) await pause(gatherMs, until);
    }
    while (stopping.signal.aborted && !lost.aborted && place) {
      const messages = await outlet.next(session, place);
      if (messages.length === 0) return;
      place = await publish(session, bus, place, messages);
    }
  };

  /** The messages after these, made ready while these are on their way; undefined where nothing is to be expected. */
  const readAhead = (session: pg.Client, from: Place, messages: readonly Outgoing[]) => {
    const last = messages.at(-1);
    if (!outlet.readsAhead || !last) return undefined;
    const next = outlet.next(session, { at: last.sequence, epoch: from.epoch });
    // Whoever waits for it hears of a failure; when nobody does any more, it is nobody's.
    next.catch(() => {});
    return next;
  };

  const align = async (session: pg.Client, bus: Bus): Promise<Place | undefined> => {
    const found = await outlet.align(session, bus);
    if (!("kind" in found)) {
      told = found.at;
      return found;
    }
    setState(found);
    return undefined;
  };

  /** Publishes messages window by window. Answers the place the stream is known to have reached, or undefined when it must be asked. */
  const publish = async (
    session: pg.Client,
    bus: Bus,
    from: Place,
    messages: readonly Outgoing[],
  ): Promise<Place | undefined> => {
    let reached = from;
    for (let sent = 0; sent < messages.length; sent += windowSize) {
      const window = messages.slice(sent, sent + windowSize);
      try {
        // After a failure the stream is to say of each message what is wrong with it.
        await (careful ? publishOneByOne : publishWindow)(bus, window);
        careful = false;
      } catch (error) {
        careful = true;
        setState({ kind: "waiting", because: isFull(error) ? "the stream is full" : "publishing failed" });
        log.warn({ error, position: reached.at }, "publishing stopped; the stream is asked where it stands");
        return undefined;
      }
      reached = { at: window.at(-1)?.sequence ?? reached.at, epoch: from.epoch };
      await outlet.confirmed?.(session, reached);
      told = reached.at;
    }
    return reached;
  };

  const running = loop();
  return {
    wake: () => {
      woken = true;
      wakeUp();
    },
    state: () => state,
    published: () => told,
    stop: async (waitMs) => {
      stopping.abort();
      await Promise.race([running, pause(waitMs)]);
    },
  };
}
