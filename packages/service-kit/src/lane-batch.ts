import { sql } from "kysely";
import type { Tx } from "./database.ts";
import { applyEvent, entityOf, isFact, type Met, parse, passesBy, type Reading } from "./lane-event.ts";
import type { Incoming, Reader } from "./reader.ts";
import { inSpan } from "./telemetry.ts";

/**
 * Applies a batch of events in the caller's transaction. A reader that takes batches gets it at once: of each entity's states the newest, as if the older ones
 * had come late, and each fact. Where one of them cannot be read, or waits behind one that was put aside, and for every other reader, one by one.
 */
export async function applyTogether<Db>(tx: Tx<Db>, reading: Reading<Db>, batch: readonly Met[]): Promise<void> {
  const { reader } = reading;
  const { applyAll } = reader;
  const incoming = applyAll && readable(reader, batch);
  if (!applyAll || !incoming || (await somePutAside(tx, reader, batch, incoming))) {
    for (const met of batch) await applyEvent(tx, reading, met);
    return;
  }
  const fresh = await onlyNew(tx, reader, incoming);
  if (fresh.length === 0) return;
  await inSpan(`${reader.kind} ${reader.name} batch`, { "sw.events": fresh.length }, undefined, () => applyAll(tx, fresh));
}

/** The events of a batch that are for this reader; undefined where one that may be cannot be read. */
function readable<Db>(reader: Reader<Db>, batch: readonly Met[]): Incoming[] | undefined {
  const incoming: Incoming[] = [];
  for (const { body, position } of batch) {
    const parsed = parse(reader, body);
    if (!parsed.ok && !passesBy(reader, body)) return undefined;
    if (parsed.ok && reader.types.has(parsed.definition.type)) {
      const { definition, envelope, data } = parsed;
      incoming.push({ definition, envelope, data, position });
    }
  }
  return incoming;
}

/** Whether anything of this reader is put aside that one of these events may be, or may have to wait behind. */
async function somePutAside<Db>(
  tx: Tx<Db>,
  reader: Reader<Db>,
  batch: readonly Met[],
  incoming: readonly Incoming[],
): Promise<boolean> {
  const { rows } = await sql<{
    some: boolean;
  }>`select exists (select from kit.dead_letter where reader = ${reader.name} and source = ${reader.source}
    and ((state in ('parked', 'queued') and entity_key = any (${incoming.map(({ envelope }) => envelope.subject)}::text[]))
      or (state = 'skipped' and position between ${batch[0]?.position ?? 0} and ${batch.at(-1)?.position ?? 0}))) as some`.execute(
    tx,
  );
  return rows[0]?.some === true;
}

/** What was not seen before, in order, of each entity the newest state or, for a reader that wants them, every one; marks all of it as seen. */
async function onlyNew<Db>(
  tx: Tx<Db>,
  { name: reader, everyState }: Reader<Db>,
  incoming: readonly Incoming[],
): Promise<Incoming[]> {
  const newest = new Map<string, Incoming>();
  for (const one of incoming) {
    if (isFact(one)) continue;
    const key = keyOf(entityOf(one), one.envelope.subject);
    const before = newest.get(key);
    if (!before || Number(before.envelope.sequence) < Number(one.envelope.sequence)) newest.set(key, one);
  }
  const states = [...newest.values()];
  const facts = incoming.filter(isFact);
  const seen = new Set<string>();
  const versions = everyState && states.length > 0 ? await versionsSeen(tx, reader, states) : undefined;
  if (states.length > 0) {
    const { rows } = await sql<{
      entity: string;
      entity_id: string;
    }>`insert into kit.seen_version as seen (reader, entity, entity_id, version)
      select ${reader}, * from unnest(${states.map(entityOf)}::text[], ${states.map(({ envelope }) => envelope.subject)}::text[],
        ${states.map(({ envelope }) => envelope.sequence)}::bigint[])
      on conflict (reader, entity, entity_id) do update set version = excluded.version where seen.version < excluded.version
      returning entity, entity_id`.execute(tx);
    for (const row of rows) seen.add(keyOf(row.entity, row.entity_id));
  }
  if (facts.length > 0) {
    const { rows } = await sql<{ event_id: string }>`insert into kit.seen_fact (reader, event_id)
      select ${reader}, unnest(${facts.map(({ envelope }) => envelope.id)}::uuid[]) on conflict do nothing returning event_id`.execute(
      tx,
    );
    for (const row of rows) seen.add(row.event_id);
  }
  // Each once: what is told twice in one batch has been seen when it comes again.
  return incoming.filter((one) => {
    const key = isFact(one) ? one.envelope.id : keyOf(entityOf(one), one.envelope.subject);
    if (versions && !isFact(one)) {
      const version = Number(one.envelope.sequence);
      const isNewer = version > (versions.get(key) ?? 0);
      if (isNewer) versions.set(key, version);
      return isNewer;
    }
    return (isFact(one) || newest.get(key) === one) && seen.delete(key);
  });
}

/** The version seen last of each of these entities, where one was. */
async function versionsSeen<Db>(tx: Tx<Db>, reader: string, states: readonly Incoming[]): Promise<Map<string, number>> {
  const { rows } = await sql<{
    entity: string;
    entity_id: string;
    version: number;
  }>`select s.entity, s.entity_id, s.version from unnest(${states.map(entityOf)}::text[],
      ${states.map(({ envelope }) => envelope.subject)}::text[]) as asked (entity, entity_id)
    join kit.seen_version s on s.reader = ${reader} and s.entity = asked.entity and s.entity_id = asked.entity_id`.execute(tx);
  return new Map(rows.map((row) => [keyOf(row.entity, row.entity_id), Number(row.version)]));
}

const keyOf = (entity: string, subject: string): string => `${entity} ${subject}`;
