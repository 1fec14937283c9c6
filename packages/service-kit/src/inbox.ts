import { setImmediate as turn } from "node:timers/promises";
import type { ConsumerMessages, DeliveryInfo, JsMsg } from "@nats-io/jetstream";
import { pause } from "./bus.ts";

/** Messages that the broker handed over and nobody has taken yet, each made ready as it comes: while some are being worked on, those after them are read. */
export type Inbox<T> = {
  size(): number;
  /** The first one, which stays where it is. */
  first(): T | undefined;
  /** Takes the first ones out, at most so many and only as long as they hold. */
  take(most: number, holds?: (one: T) => boolean): T[];
  /** Waits until something comes, nothing more will, somebody calls `wake`, or so long. */
  arrival(waitMs: number): Promise<void>;
  wake(): void;
  /** What the broker said of the newest message. */
  latest(): DeliveryInfo | undefined;
  /** Nothing more will come. */
  ended(): boolean;
  /** Resolves when the last message that was on its way is here. Throws what broke the line. */
  over: Promise<void>;
};

/** After so many messages the database's answers have a turn: it would stand idle while everything that has come is read in one go. */
const breath = 32;

/**
 * Reads a consumer's messages as they come, at most `room` ahead of whoever takes them: not asking for the next one is what keeps a slow reader's backlog at the
 * broker instead of in memory.
 * @param until ends the waiting, for room and for messages; whoever ends it closes the messages too
 */
export function openInbox<T>(
  messages: ConsumerMessages,
  options: { room: number; until: AbortSignal; read: (message: JsMsg) => T },
): Inbox<T> {
  const { room, until, read } = options;
  let waiting: T[] = [];
  let latest: DeliveryInfo | undefined;
  let ended = false;
  const arrived = bell(until);
  const drained = bell(until);
  const over = (async () => {
    try {
      let sinceTurn = 0;
      for await (const message of messages) {
        waiting.push(read(message));
        latest = message.info;
        arrived.ring();
        if (++sinceTurn === breath) {
          sinceTurn = 0;
          await turn();
        }
        while (waiting.length >= room && !until.aborted) await drained.rung(1_000);
      }
    } finally {
      ended = true;
      arrived.ring();
    }
  })();
  // Whoever waits for it hears of a failure; everybody else sees that nothing comes any more.
  over.catch(() => {});
  return {
    size: () => waiting.length,
    first: () => waiting[0],
    take: (most, holds) => {
      const stop = holds ? waiting.findIndex((one) => !holds(one)) : -1;
      const taken = waiting.slice(0, stop < 0 ? most : Math.min(most, stop));
      waiting = waiting.slice(taken.length);
      drained.ring();
      return taken;
    },
    arrival: (waitMs) => (waiting.length > 0 || ended ? Promise.resolve() : arrived.rung(waitMs)),
    wake: () => arrived.ring(),
    latest: () => latest,
    ended: () => ended,
    over,
  };
}

/** Something to wait for, again and again: it is told to one who waits, and forgotten when nobody does. */
function bell(until: AbortSignal) {
  let ring = () => {};
  return {
    ring: () => ring(),
    rung: async (waitMs: number) => {
      const rings = new AbortController();
      ring = () => {
        // Aborting makes an error each time: a stream's messages ring thousands of times a second.
        ring = () => {};
        rings.abort();
      };
      await pause(waitMs, rings.signal, until);
    },
  };
}
