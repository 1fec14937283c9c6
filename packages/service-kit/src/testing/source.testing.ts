import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { cloudEvent, type Envelope, type EventDraft, streamOf, subjectOf } from "@shouwang/contract";
import { connect } from "nats";
import { v7 as uuidv7 } from "uuid";
import { createStream, dropStream, eventStream } from "../stream.ts";
import type { WardDatabase } from "./ward.testing.ts";

/** The clinic's stream without the clinic: whatever is published stands in it, in the order of publishing. */
export type Source = {
  envelope(draft: EventDraft): Envelope;
  publish(...envelopes: unknown[]): Promise<void>;
  /** The stream's last sequence. */
  last(): number;
  close(): Promise<void>;
};

/** Makes the stream anew on this broker. */
export async function fakeSource(natsUrl: string): Promise<Source> {
  const connection = await connect({ servers: natsUrl });
  const [js, jsm] = [jetstream(connection), await jetstreamManager(connection)];
  await dropStream(jsm, streamOf("social")).catch(() => {});
  await createStream(jsm, eventStream("social", 1), 1, 0);
  let last = 0;
  return {
    envelope: (draft) => cloudEvent(draft, { id: uuidv7(), time: new Date().toISOString(), actor: "test|source" }),
    publish: async (...envelopes) => {
      for (const envelope of envelopes) {
        const { seq } = await js.publish(subjectOf("social.test-file.changed.v1", "451228100003"), JSON.stringify(envelope));
        last = seq;
      }
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
