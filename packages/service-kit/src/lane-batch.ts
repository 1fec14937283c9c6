import { sql } from "kysely";
import type { Tx } from "./database.ts";
import { applyEvent, entityOf, isFact, type Met, type Reading, read } from "./lane-event.ts";
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
  if (incoming?.length === 0) return;
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
  for (const met of batch) {
    const said = met.said ?? read(reader, met);
    if (said.kind === "unreadable") return undefined;
    if (said.kind === "wanted") incoming.push(said.incoming);
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
  const { rows } = await sql<{ open: boolean; skipped: boolean }>`select
    exists (select from kit.dead_letter where reader = ${reader.name} and source = ${reader.source} and state in ('parked', 'queued')) as open,
    exists (select from kit.dead_letter where reader = ${reader.name} and source = ${reader.source} and state = 'skipped'
      and position between ${batch[0]?.position ?? 0} and ${batch.at(-1)?.position ?? 0}) as skipped`.execute(tx);
  if (rows[0]?.skipped) return true;
  // Nearly always nothing is open at all, and then nobody's entities need be looked for.
  if (!rows[0]?.open) return false;
  const waiting = await sql<{ some: boolean }>`select exists (select from kit.dead_letter
    where reader = ${reader.name} and source = ${reader.source} and state in ('parked', 'queued')
      and entity_key = any (${incoming.map(({ envelope }) => envelope.subject)}::text[])) as some`.execute(tx);
  return waiting.rows[0]?.some === true;
}

/** What was not seen before, in order, of each entity the newest state or, for a reader that wants them, every one; marks all of it as seen. */
async function onlyNew<Db>(
  tx: Tx<Db>,
  { name: reader, everyState }: Reader<Db>,
  incoming: readonly Incoming[],
): Promise<Incoming[]> {
  const states = new Map<string, Incoming>();
  const facts = new Map<string, Incoming>();
  for (const one of incoming) {
    if (isFact(one)) {
      // As the database writes it.
      const id = one.envelope.id.toLowerCase();
      if (!facts.has(id)) facts.set(id, one);
      continue;
    }
    const key = keyOf(entityOf(one), one.envelope.subject);
    const before = states.get(key);
    if (before && Number(before.envelope.sequence) >= Number(one.envelope.sequence)) continue;
    // Taken out first: a map keeps the place where a key was first set, and the newest state stands where it was told.
    states.delete(key);
    states.set(key, one);
  }
  const all = everyState ? await risingStates(tx, reader, incoming, [...states.values()]) : undefined;
  for (const key of await statesSeen(tx, reader, [...states.values()])) states.delete(key);
  for (const id of await factsSeen(tx, reader, [...facts.keys()])) facts.delete(id);
  // In the order they were told, states and facts together.
  return [...(all ?? states.values()), ...facts.values()].sort((a, b) => a.position - b.position);
}

/** Every state that is newer than the one before it, in the batch or seen earlier. @param newest one state of each entity */
async function risingStates<Db>(
  tx: Tx<Db>,
  reader: string,
  incoming: readonly Incoming[],
  newest: readonly Incoming[],
): Promise<Incoming[]> {
  if (newest.length === 0) return [];
  const { rows } = await sql<{ entity: string; entity_id: string; version: number }>`select s.entity, s.entity_id, s.version
    from unnest(${newest.map(entityOf)}::text[], ${newest.map(({ envelope }) => envelope.subject)}::text[]) as asked (entity, entity_id)
    cross join lateral (select * from kit.seen_version v
      where v.reader = ${reader} and v.entity = asked.entity and v.entity_id = asked.entity_id limit 1) s`.execute(tx);
  const versions = new Map(rows.map((row) => [keyOf(row.entity, row.entity_id), Number(row.version)]));
  return incoming.filter((one) => {
    if (isFact(one)) return false;
    const key = keyOf(entityOf(one), one.envelope.subject);
    const version = Number(one.envelope.sequence);
    if (version <= (versions.get(key) ?? 0)) return false;
    versions.set(key, version);
    return true;
  });
}

/** Notes the versions of these states, and names those that are none newer than what was seen: hardly ever any, while all would be as much to send as to note. */
async function statesSeen<Db>(tx: Tx<Db>, reader: string, states: readonly Incoming[]): Promise<string[]> {
  if (states.length === 0) return [];
  const { rows } = await sql<{
    entity: string;
    entity_id: string;
  }>`with told as materialized (select * from unnest(${states.map(entityOf)}::text[], ${states.map(({ envelope }) => envelope.subject)}::text[],
      ${states.map(({ envelope }) => envelope.sequence)}::bigint[]) told (entity, entity_id, version)),
    moved as (insert into kit.seen_version as seen (reader, entity, entity_id, version) select ${reader}, entity, entity_id, version from told
      on conflict (reader, entity, entity_id) do update set version = excluded.version where seen.version < excluded.version
      returning entity, entity_id)
    select entity, entity_id from told except all select entity, entity_id from moved`.execute(tx);
  return rows.map((row) => keyOf(row.entity, row.entity_id));
}

/** Notes these facts, and names those that were seen before. */
async function factsSeen<Db>(tx: Tx<Db>, reader: string, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<{ id: string }>`with told as materialized (select * from unnest(${ids}::uuid[]) told (id)),
    added as (insert into kit.seen_fact (reader, event_id) select ${reader}, id from told on conflict do nothing returning event_id)
    select id from told except all select event_id from added`.execute(tx);
  return rows.map(({ id }) => id);
}

const keyOf = (entity: string, subject: string): string => `${entity} ${subject}`;
