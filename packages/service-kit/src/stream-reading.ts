import { type Consumer, DeliverPolicy, type DeliveryInfo, type JsMsg } from "@nats-io/jetstream";
import { streamOf } from "@shouwang/contract";
import type { Bus } from "./bus.ts";

/** A department's stream read from its beginning, as far as is asked each time. */
export type StreamReading = {
  /** Hands over everything up to a position, in order, in batches. An event that was taken out of the stream is passed by. */
  readTo(position: number, take: (batch: JsMsg[]) => Promise<void>): Promise<void>;
  close(): Promise<void>;
};

const batchSize = 500;
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

export async function readFromStart(bus: Bus, service: string): Promise<StreamReading> {
  const consumer = await bus.js.consumers.get(streamOf(service), {
    deliver_policy: DeliverPolicy.All,
    inactive_threshold: 60_000,
  });
  const messages = await consumer.consume({ max_messages: batchSize, idle_heartbeat: 1_000 });
  const iterator = messages[Symbol.asyncIterator]();
  let coming: Promise<IteratorResult<JsMsg>> | undefined;
  let kept: JsMsg | undefined;
  let latest: DeliveryInfo | undefined;
  let read = 0;

  /** The next message, or undefined after a silence; what was asked for stays asked for. */
  const next = async (): Promise<JsMsg | undefined> => {
    const waiting = kept;
    kept = undefined;
    if (waiting) return waiting;
    coming ??= iterator.next();
    const silence = Promise.withResolvers<undefined>();
    const timer = setTimeout(silence.resolve, silenceMs, undefined);
    const result = await Promise.race([coming, silence.promise]).finally(() => clearTimeout(timer));
    if (result === undefined) return undefined;
    coming = undefined;
    if (result.done) throw new Error("the stream's consumer ended");
    latest = result.value.info;
    return result.value;
  };
  return {
    readTo: async (position, take) => {
      while (read < position) {
        const batch: JsMsg[] = [];
        let ended = false;
        let bare = false;
        while (batch.length < batchSize && !ended) {
          const message = await next();
          if (message === undefined) {
            // Nothing up to the position is in the stream any more: what stood there was taken out.
            bare = batch.length === 0 && (await nothingLeft(consumer, latest));
            ended = bare || batch.length > 0;
          } else if (message.seq > position) {
            kept = message;
            ended = true;
          } else {
            batch.push(message);
            ended = message.seq === position || message.info.pending === 0;
          }
        }
        if (batch.length > 0) await take(batch);
        read = bare || kept !== undefined ? position : (batch.at(-1)?.seq ?? read);
      }
    },
    close: async () => {
      // Not `close`, which waits for somebody to go on reading.
      messages.stop();
      await consumer.delete().catch(() => {});
    },
  };
}
