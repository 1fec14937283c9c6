import { DiscardPolicy, type JetStreamManager, RetentionPolicy, StorageType, type StreamInfo } from "@nats-io/jetstream";
import { privateStreamOf, streamOf } from "@shouwang/contract";

/** Where a stream stands: its last sequence, and the epoch its description names (`epoch=2 from=118`: sequences up to 118 are as in epoch 1). */
export type StreamState = { lastSequence: number; epoch: number; fromPosition: number };

/** A department's stream as it is to be made. */
export type StreamShape = {
  name: string;
  subjects: string[];
  about: string;
  replicas: number;
  keptMs?: number;
  deny_purge: boolean;
};

/** The stream of a department's events: one copy of each, nothing deleted by age. */
export const eventStream = (service: string, replicas: number): StreamShape => ({
  name: streamOf(service),
  subjects: [`sw.evt.${service}.>`],
  about: `Events of ${service}; sequence = outbox position`,
  replicas,
  deny_purge: true,
});

const privateKeptMs = 90 * 24 * 3_600_000;
/** The stream of a department's private states, each encrypted for the departments entitled to it; kept for 90 days. */
export const privateStream = (service: string, replicas: number): StreamShape => ({
  name: privateStreamOf(service),
  subjects: [`sw.pii.${service}.>`],
  about: `Private states of ${service}, encrypted`,
  replicas,
  keptMs: privateKeptMs,
  deny_purge: false,
});

const describe = (shape: StreamShape, epoch: number, from: number) => `${shape.about}; epoch=${epoch} from=${from}`;

function stateOf(info: StreamInfo): StreamState {
  const epoch = /epoch=(\d+) from=(\d+)/.exec(info.config.description ?? "");
  return { lastSequence: info.state.last_seq, epoch: Number(epoch?.[1] ?? 1), fromPosition: Number(epoch?.[2] ?? 0) };
}

const notFound = (error: unknown): boolean => error instanceof Error && /stream not found/i.test(error.message);

/** The state of a stream, or undefined when there is none (never published, or its disk was lost). */
export async function findStream(jsm: JetStreamManager, stream: string): Promise<StreamState | undefined> {
  try {
    return stateOf(await jsm.streams.info(stream));
  } catch (error) {
    if (notFound(error)) return undefined;
    throw error;
  }
}

/** The id of the event at a sequence, or undefined when there is none (any more). */
export async function eventIdAt(jsm: JetStreamManager, stream: string, sequence: number): Promise<string | undefined> {
  const message = await jsm.streams.getMessage(stream, { seq: sequence });
  return message?.header.get("ce-id");
}

/** Takes the message at a sequence out of the stream and overwrites what it said; one that is not there (any more) is out already. */
export async function removeMessage(jsm: JetStreamManager, stream: string, sequence: number): Promise<void> {
  try {
    await jsm.streams.deleteMessage(stream, sequence, true);
  } catch (error) {
    if (!(error instanceof Error && /message (?:not|deleted)|no message|sequence \d+ not found/i.test(error.message)))
      throw error;
  }
}

/** Makes a stream on files. */
export async function createStream(
  jsm: JetStreamManager,
  shape: StreamShape,
  epoch: number,
  fromPosition: number,
): Promise<StreamState> {
  const info = await jsm.streams.add({
    name: shape.name,
    subjects: shape.subjects,
    description: describe(shape, epoch, fromPosition),
    retention: RetentionPolicy.Limits,
    // Where an operator sets a limit, a full stream refuses what is new. It never drops what it holds: events wait in the outbox.
    discard: DiscardPolicy.New,
    storage: StorageType.File,
    num_replicas: shape.replicas,
    max_msg_size: 131_072,
    // In nanoseconds; 0 keeps everything.
    max_age: (shape.keptMs ?? 0) * 1_000_000,
    deny_delete: false,
    deny_purge: shape.deny_purge,
  });
  return stateOf(info);
}

/** Says in a stream's description that a new epoch of its history begins, with what it holds kept. */
export async function nameEpoch(jsm: JetStreamManager, shape: StreamShape, epoch: number, fromPosition: number): Promise<void> {
  await jsm.streams.update(shape.name, { description: describe(shape, epoch, fromPosition) });
}

/** Removes a stream that is of an older epoch, so that the relay can lay it again from the outbox. */
export async function dropStream(jsm: JetStreamManager, stream: string): Promise<void> {
  await jsm.streams.delete(stream);
}
