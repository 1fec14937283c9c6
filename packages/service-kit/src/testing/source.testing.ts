import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import {
  cloudEvent,
  Envelope,
  type EventDraft,
  findEvent,
  findPrivateEvent,
  privateSubjectOf,
  streamOf,
  subjectOf,
} from "@shouwang/contract";
import { connect } from "nats";
import { v7 as uuidv7 } from "uuid";
import { encryptFor, type PrivateKeys, recipientsOf } from "../private-keys.ts";
import { createStream, dropStream, eventStream, privateStream } from "../stream.ts";
import type { WardDatabase } from "./ward.testing.ts";

/** A department's streams without the department: whatever is published stands in them, in the order of publishing. */
export type Source = {
  envelope(draft: EventDraft): Envelope;
  publish(...envelopes: unknown[]): Promise<void>;
  /** Tells private states, one message for all of them, to the departments entitled to each. */
  tell(keys: PrivateKeys, ...drafts: EventDraft[]): Promise<void>;
  /** The last sequence of its events. */
  last(): number;
  close(): Promise<void>;
};

/** Makes the streams of a department anew on this broker; of the clinic where none is named. */
export async function fakeSource(natsUrl: string, service = "social"): Promise<Source> {
  const connection = await connect({ servers: natsUrl, reconnectTimeWait: 100, maxReconnectAttempts: -1 });
  const [js, jsm] = [jetstream(connection), await jetstreamManager(connection)];
  for (const shape of [eventStream(service, 1), privateStream(service, 1)]) {
    await dropStream(jsm, shape.name).catch(() => {});
    await createStream(jsm, shape, 1, 0);
  }
  let last = 0;
  const envelope = (draft: EventDraft) =>
    cloudEvent(draft, { id: uuidv7(), time: new Date().toISOString(), actor: "test|source" });
  return {
    envelope,
    publish: async (...envelopes) => {
      for (const one of envelopes) {
        const { success, data } = Envelope.safeParse(one);
        // What no reader can understand goes where any event of the department may go.
        const known = success && findEvent(data.type)?.service === service ? data : undefined;
        const subject = subjectOf(known?.type ?? `${service}.test-file.changed.v1`, known?.region ?? "451228100003");
        const { seq } = await js.publish(subject, JSON.stringify(one));
        last = seq;
      }
    },
    tell: async (keys, ...drafts) => {
      const [first] = drafts;
      if (!first) return;
      const entitled = findPrivateEvent(first.type)?.about.entitled ?? [];
      const body = await encryptFor(recipientsOf(keys, entitled), JSON.stringify(drafts.map(envelope)));
      await js.publish(privateSubjectOf(first.type, first.region), body);
    },
    last: () => last,
    close: () => connection.close(),
  };
}

/** Asks for a hash over everything the mirror's projection holds. */
export const mirrorHash = `select md5(coalesce((select string_agg(f::text, ',' order by file_id) from mirror.file f), '')
    || coalesce((select string_agg(t::text, ',' order by file_id) from mirror.tally t), '')) as hash`;

/** A hash over everything the mirror's projection holds. */
export async function hashOfMirror(database: WardDatabase): Promise<string> {
  const [row] = await database.rows<{ hash: string }>(mirrorHash);
  return row?.hash ?? "";
}

/** The last sequence of a department's stream. */
export async function lastSequence(natsUrl: string, service: string): Promise<number> {
  const connection = await connect({ servers: natsUrl });
  const { state } = await (await jetstreamManager(connection)).streams.info(streamOf(service));
  await connection.close();
  return state.last_seq;
}

/** What a department's stream holds, oldest first. */
export async function readStream(natsUrl: string, service: string): Promise<{ seq: number; position: string; id: string }[]> {
  const connection = await connect({ servers: natsUrl });
  const jsm = await jetstreamManager(connection);
  const { state } = await jsm.streams.info(streamOf(service));
  const messages = [];
  if (state.messages > 0) {
    const consumer = await jetstream(connection).consumers.get(streamOf(service));
    const reading = await consumer.consume({ max_messages: 1_000 });
    for await (const { seq, headers, info } of reading) {
      messages.push({ seq, position: headers?.get("sw-position") ?? "", id: headers?.get("ce-id") ?? "" });
      if (info.pending === 0 || seq >= state.last_seq) break;
    }
    await reading.close();
  }
  await connection.close();
  return messages;
}
