import type { MsgHdrs } from "nats";
import { z } from "zod";
import type { Bus } from "./bus.ts";
import type { Outgoing } from "./outlet.ts";

const answerMs = 5_000;
const Answer = z.object({ seq: z.int().optional(), error: z.object({ description: z.string() }).optional() });

/**
 * Publishes messages to a stream, in order. Each names the sequence before its own, so the stream takes none without the one before it, and its answer to the
 * last one answers for all: no other is asked for, which halves the work on both sides.
 * @throws when not all of them are known to stand in the stream; which do, it must be asked
 */
export async function publishWindow({ connection }: Bus, messages: readonly Outgoing[]): Promise<void> {
  const last = messages.at(-1);
  if (!last) return;
  for (const message of messages.slice(0, -1)) connection.publish(message.subject, message.body, { headers: expecting(message) });
  const said = await connection.request(last.subject, last.body, { headers: expecting(last), timeout: answerMs });
  const { seq, error } = Answer.parse(said.json());
  if (error) throw new Error(`the stream refused: ${error.description}`);
  if (seq !== last.sequence) throw new Error(`the stream stands at ${seq}, not at ${last.sequence}`);
}

function expecting({ sequence, headers }: Outgoing): MsgHdrs {
  const header = headers();
  header.set("Nats-Expected-Last-Sequence", String(sequence - 1));
  return header;
}

/** The same with an answer to each, which says why one was not taken where the last one's only says that something before it is missing. */
export async function publishOneByOne({ js }: Bus, messages: readonly Outgoing[]): Promise<void> {
  const sent = messages.map(({ sequence, subject, body, headers }) =>
    js.publish(subject, body, { headers: headers(), expect: { lastSequence: sequence - 1 } }),
  );
  const failed = (await Promise.allSettled(sent)).find((outcome) => outcome.status === "rejected");
  if (failed) throw failed.reason;
}
