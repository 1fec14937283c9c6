import type { JsMsg } from "@nats-io/jetstream";
import { parseEvent, parsePrivateEvent } from "@shouwang/contract";
import { sql } from "kysely";
import { z } from "zod";
import type { Executor, Tx } from "./database.ts";
import { type ParkedEvent, park, placeOfLetter, settle, standingOf } from "./dead-letter.ts";
import type { Log } from "./log.ts";
import { type Keys, openRecord, sealRecord } from "./personal-data.ts";
import type { Incoming, Reader } from "./reader.ts";
import { inSpan } from "./telemetry.ts";

/** An event as it stands in a stream: which message, and which of those in it; `said` where it was read as it arrived. */
export type Met = { position: number; item: number; epoch: number; readonly body: string; said?: Said };

/** What an event says to a reader: something it wants, nothing for it, or nothing that can be read. */
export type Said =
  | { kind: "wanted"; incoming: Incoming }
  | { kind: "passed-by" }
  | { kind: "unreadable"; pointer: string; message: string };

/** How a reader's events are read, and the keys under which it keeps what is private. */
export type Reading<Db> = { reader: Reader<Db>; keys: Keys; log: Log };

/** Applies one event in the caller's transaction: passed by when it is not for this reader, parked when it cannot be read, queued behind a parked one of its entity. */
export async function applyEvent<Db>(tx: Tx<Db>, reading: Reading<Db>, met: Met): Promise<void> {
  const { reader, log } = reading;
  const said = met.said ?? read(reader, met);
  if (said.kind === "passed-by") return;
  if (said.kind === "unreadable") {
    await park(tx, parkedEvent(reading, met, "parked", new Unreadable(`${said.pointer}: ${said.message}`)));
    log.error({ reader: reader.name, source: reader.source, position: met.position, pointer: said.pointer }, "event parked");
    return;
  }
  const { incoming } = said;
  const { position, item, epoch } = met;
  const entityKey = incoming.envelope.subject;
  const event = { reader: reader.name, source: reader.source, entityKey, position, item, epoch };
  const standing = await standingOf(tx, event);
  if (standing === "skipped") return;
  if (standing === "blocked") {
    await park(tx, parkedEvent(reading, met, "queued", new Unreadable("an earlier event of this entity is parked")));
    return;
  }
  await applyOnce(tx, reading, incoming);
}

/** A handler did not come to an end in its time. */
class HandlerHangs extends Error {
  override name = "HandlerHangs";
}

/**
 * A reader whose handler may take so long over one event: a hanging one fails then, its transaction is rolled back, and the event is parked like any other
 * that fails, so that the lane goes on. What the handler still tries afterwards fails, since its transaction has ended.
 */
export function impatient<Db>(reader: Reader<Db>, handlerMs: number): Reader<Db> {
  const inTime = async (work: Promise<void>) => {
    const hangs = Promise.withResolvers<never>();
    const timer = setTimeout(() => hangs.reject(new HandlerHangs(`no end after ${handlerMs} ms`)), handlerMs);
    try {
      await Promise.race([work, hangs.promise]);
    } finally {
      clearTimeout(timer);
    }
  };
  const { applyAll } = reader;
  return {
    ...reader,
    apply: (tx, incoming, keys) => inTime(reader.apply(tx, incoming, keys)),
    ...(applyAll ? { applyAll: (tx, batch) => inTime(applyAll(tx, batch)) } : {}),
  };
}

/** Applies a parked event again and settles it. Throws what it fails with. */
export async function replayEvent<Db>(tx: Tx<Db>, reading: Reading<Db>, parked: ParkedEvent & { id: number }): Promise<void> {
  const parsed = parse(reading.reader, safeJson(bodyOf(reading, parked)));
  if (!parsed.ok) throw new Unreadable(`${parsed.pointer}: ${parsed.message}`);
  const { definition, envelope, data } = parsed;
  await applyOnce(tx, reading, { definition, envelope, data, position: parked.position });
  await settle(tx, parked.id, "replayed", undefined);
}

/** What is kept of an event that is put aside, with the reason; a private one sealed under the reader's own keys. */
export function parkedEvent<Db>(
  { reader, keys }: Reading<Db>,
  met: Met,
  state: "parked" | "queued",
  error: unknown,
): ParkedEvent {
  const json = safeJson(met.body);
  return {
    reader: reader.name,
    source: reader.source,
    position: met.position,
    item: met.item,
    epoch: met.epoch,
    body: reader.kind === "private" ? sealRecord(keys, placeOf(reader, met), met.body).toString("base64") : met.body,
    entityKey: attribute(json, "subject") ?? "unknown/unknown",
    type: attribute(json, "type") ?? "unknown",
    error: describeFailure(reader, error),
    state,
  };
}

const bodyOf = <Db>({ reader, keys }: Reading<Db>, parked: ParkedEvent): string =>
  reader.kind === "private"
    ? openRecord(keys, placeOf(reader, parked), Buffer.from(parked.body, "base64"), z.string())
    : parked.body;

const placeOf = <Db>(reader: Reader<Db>, met: Pick<Met, "epoch" | "position" | "item">) =>
  placeOfLetter({ ...met, reader: reader.name, source: reader.source });

const parse = <Db>(reader: Reader<Db>, json: unknown) => (reader.kind === "private" ? parsePrivateEvent(json) : parseEvent(json));

/** The event that a message is, read. Its text is looked at again only where it has to be put aside, and is not kept till then. */
export function meet<Db>(reader: Reader<Db>, message: JsMsg, epoch: number): Met {
  const position = message.seq;
  const said = read(reader, { body: message.string(), position });
  return {
    position,
    item: 0,
    epoch,
    said,
    get body() {
      return message.string();
    },
  };
}

/** Reads an event's text for a reader. What is not for it anyway need not be understood. */
export function read<Db>(reader: Reader<Db>, { body, position }: Pick<Met, "body" | "position">): Said {
  const json = safeJson(body);
  const type = attribute(json, "type");
  if (type !== undefined && !wants(reader, type)) return { kind: "passed-by" };
  const parsed = parse(reader, json);
  if (!parsed.ok) return { kind: "unreadable", pointer: parsed.pointer, message: parsed.message };
  // A major this contract knows and the reader did not ask for is told beside the one it asked for.
  if (!reader.types.has(parsed.definition.type)) return { kind: "passed-by" };
  const { definition, envelope, data } = parsed;
  return { kind: "wanted", incoming: { definition, envelope, data, position } };
}

/** An event that cannot be taken as it is. The message names a place in it, never a value. */
class Unreadable extends Error {
  override name = "Error";
}

/** An error as a dead letter tells it. What a private event failed with is told by name only, since its message may repeat a value. */
export const describeFailure = <Db>(reader: Reader<Db>, error: unknown): string => {
  if (!(error instanceof Error)) return "unknown";
  const telling = reader.kind !== "private" || error instanceof Unreadable;
  return (telling ? `${error.name}: ${error.message}` : error.name).slice(0, 500);
};

/** An unknown major of a wanted type is wanted all the same: it must be seen, and parked, rather than passed by. */
function wants<Db>({ types }: Reader<Db>, type: string): boolean {
  if (types.has(type)) return true;
  const names = wantedNames.get(types) ?? new Set([...types].map(majorless));
  wantedNames.set(types, names);
  return names.has(majorless(type));
}

/** The names without their majors of the types that readers want, made once: they are asked for of every event that passes. */
const wantedNames = new WeakMap<ReadonlySet<string>, ReadonlySet<string>>();

async function applyOnce<Db>(tx: Tx<Db>, { reader, keys }: Reading<Db>, incoming: Incoming): Promise<void> {
  if (!(await isNew(tx, reader.name, incoming))) return;
  await inSpan(`${reader.kind} ${reader.name} ${incoming.definition.type}`, {}, incoming.envelope.traceparent, () =>
    reader.apply(tx, incoming, keys),
  );
}

export const isFact = ({ definition: { about } }: Incoming): boolean => "kind" in about && about.kind === "fact";

/** What an event's version counts. Each private event is a state of its own: an identity and a phone of one person have versions apart. */
export const entityOf = ({ definition }: Incoming): string =>
  "kind" in definition.about ? `${definition.service}.${definition.entity}` : definition.name;

/** A state event is new when its version is above the one seen of its entity; a fact when its id was never seen. Marks it as seen. */
async function isNew(tx: Executor, reader: string, incoming: Incoming): Promise<boolean> {
  const { envelope } = incoming;
  if (isFact(incoming)) {
    const inserted =
      await sql`insert into kit.seen_fact (reader, event_id) values (${reader}, ${envelope.id}::uuid) on conflict do nothing`.execute(
        tx,
      );
    return inserted.numAffectedRows === 1n;
  }
  const moved = await sql`insert into kit.seen_version as seen (reader, entity, entity_id, version)
    values (${reader}, ${entityOf(incoming)}, ${envelope.subject}, ${Number(envelope.sequence)})
    on conflict (reader, entity, entity_id) do update set version = excluded.version where seen.version < excluded.version`.execute(
    tx,
  );
  return moved.numAffectedRows === 1n;
}

const majorless = (type: string): string => type.replace(/\.v\d+$/, "");

function safeJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function attribute(json: unknown, name: "type" | "subject"): string | undefined {
  if (typeof json !== "object" || json === null || !(name in json)) return undefined;
  const value: unknown = Reflect.get(json, name);
  return typeof value === "string" ? value : undefined;
}
