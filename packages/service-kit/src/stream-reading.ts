import { type Consumer, DeliverPolicy, type DeliveryInfo, type JsMsg } from "@nats-io/jetstream";
import { streamOf } from "@shouwang/contract";
import type { Bus } from "./bus.ts";
import { openInbox } from "./inbox.ts";

/** A department's stream read from its beginning, as far as is asked each time. */
export type StreamReading<T> = {
  /** Hands over everything up to a position, in order, in batches. An event that was taken out of the stream is passed by. */
  readTo(position: number, take: (batch: T[]) => Promise<void>): Promise<void>;
  close(): Promise<void>;
};

const batchSize = 1_000;
/** After so long without a message the consumer is asked whether there is any. */
const silenceMs = 1_000;

/**
 * Whether everything in the stream has been handed over to this consumer. What the server calls delivered may still be on its way: each message says the
 * how many-th it was.
 */
export async function nothingLeft(consumer: Consumer, latest: DeliveryInfo | undefined): Promise<boolean> {
  const info = await consumer.info();
  const received = latest && latest.consumer === info.name ? latest.deliverySequence : 0;
  return info.num_pending === 0 && info.delivered.consumer_seq <= received;
}

/** @param read makes a message ready for whoever takes it, while those before it are being worked on */
export async function readFromStart<T>(bus: Bus, service: string, read: (message: JsMsg) => T): Promise<StreamReading<T>> {
  const consumer = await bus.js.consumers.get(streamOf(service), {
    deliver_policy: DeliverPolicy.All,
    inactive_threshold: 60_000,
  });
  const messages = await consumer.consume({ max_messages: batchSize * 2, idle_heartbeat: 1_000 });
  const closing = new AbortController();
  const inbox = openInbox(messages, {
    room: batchSize * 2,
    until: closing.signal,
    read: (message) => ({ sequence: message.seq, ready: read(message) }),
  });
  let reached = 0;

  return {
    readTo: async (position, take) => {
      while (reached < position) {
        const batch = inbox.take(batchSize, ({ sequence }) => sequence <= position);
        const last = batch.at(-1);
        if (last) {
          await take(batch.map(({ ready }) => ready));
          reached = last.sequence;
        } else if (inbox.size() > 0) {
          // What comes next stands beyond the position: the rest up to it was taken out.
          reached = position;
        } else {
          if (inbox.ended()) throw new Error("the stream's consumer ended");
          await inbox.arrival(silenceMs);
          // Nothing up to the position is in the stream any more: what stood there was taken out.
          if (inbox.size() === 0 && (await nothingLeft(consumer, inbox.latest())) && inbox.size() === 0) reached = position;
        }
      }
    },
    close: async () => {
      closing.abort();
      messages.stop();
      await inbox.over.catch(() => {});
      await consumer.delete().catch(() => {});
    },
  };
}
