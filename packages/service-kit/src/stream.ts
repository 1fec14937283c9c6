import { type JetStreamManager, RetentionPolicy, StorageType, type StreamInfo } from "@nats-io/jetstream";
import { streamOf } from "@shouwang/contract";

/** Where a stream stands: its last sequence, and the epoch its description names (`epoch=2 from=118`: sequences up to 118 are as in epoch 1). */
export type StreamState = { lastSequence: number; epoch: number; fromPosition: number };

const describe = (service: string, epoch: number, from: number) =>
  `Events of ${service}; sequence = outbox position; epoch=${epoch} from=${from}`;

function stateOf(info: StreamInfo): StreamState {
  const epoch = /epoch=(\d+) from=(\d+)/.exec(info.config.description ?? "");
  return { lastSequence: info.state.last_seq, epoch: Number(epoch?.[1] ?? 1), fromPosition: Number(epoch?.[2] ?? 0) };
}

const notFound = (error: unknown): boolean => error instanceof Error && /stream not found/i.test(error.message);

/** The state of a department's stream, or undefined when there is none (never published, or its disk was lost). */
export async function findStream(jsm: JetStreamManager, service: string): Promise<StreamState | undefined> {
  try {
    return stateOf(await jsm.streams.info(streamOf(service)));
  } catch (error) {
    if (notFound(error)) return undefined;
    throw error;
  }
}

/** The id of the event at a sequence, or undefined when there is none (any more). */
export async function eventIdAt(jsm: JetStreamManager, service: string, sequence: number): Promise<string | undefined> {
  const message = await jsm.streams.getMessage(streamOf(service), { seq: sequence });
  return message?.header.get("ce-id");
}

/** Takes the message at a sequence out of the stream and overwrites what it said; one that is not there (any more) is out already. */
export async function removeMessage(jsm: JetStreamManager, service: string, sequence: number): Promise<void> {
  try {
    await jsm.streams.deleteMessage(streamOf(service), sequence, true);
  } catch (error) {
    if (!(error instanceof Error && /message (?:not|deleted)|no message|sequence \d+ not found/i.test(error.message)))
      throw error;
  }
}

/** Makes the department's stream: file storage, one copy of each event, nothing deleted by age. */
export async function createStream(
  jsm: JetStreamManager,
  service: string,
  replicas: number,
  epoch: number,
  fromPosition: number,
): Promise<StreamState> {
  const info = await jsm.streams.add({
    name: streamOf(service),
    subjects: [`sw.evt.${service}.>`],
    description: describe(service, epoch, fromPosition),
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    num_replicas: replicas,
    max_msg_size: 131_072,
    deny_delete: false,
    deny_purge: true,
  });
  return stateOf(info);
}

/** Removes a stream that is of an older epoch, so that the relay can lay it again from the outbox. */
export async function dropStream(jsm: JetStreamManager, service: string): Promise<void> {
  await jsm.streams.delete(streamOf(service));
}
