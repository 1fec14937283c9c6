import {
  type Envelope,
  type EventDefinition,
  exampleEnvelope,
  findEvent,
  findPrivateEvent,
  type PrivateEventDefinition,
} from "@shouwang/contract";
import type { Database, Reader } from "@shouwang/service-kit";
import { type Left, leftBy } from "@shouwang/service-kit/testing/reading";
import { v7 as uuidv7 } from "uuid";

type Told = EventDefinition | PrivateEventDefinition;
const isState = ({ about }: Told): boolean => !("kind" in about) || about.kind === "state";

type Feed = (envelopes: readonly unknown[]) => Promise<Left>;

/**
 * What a reader does wrong with the examples of the events it reads, a sentence each; none when it keeps what the kit promises to others in its name:
 * one event told again changes nothing, states may come in any order, fields of a newer producer are let through, a broken event is parked with its place.
 * @param schema the department's own
 */
export async function faultsOf<Db>(db: Database<Db>, schema: string, reader: Reader<Db>): Promise<string[]> {
  const feed: Feed = (envelopes) => leftBy(db, reader, schema, envelopes);
  const events = [...reader.types].flatMap((type): Told[] => {
    const told = findEvent(type) ?? findPrivateEvent(type);
    return told ? [told] : [];
  });
  const states = Map.groupBy(
    events.filter(isState),
    // Each private event is a state of its own; those of an entity's events are one.
    (event) => ("kind" in event.about ? event.entity : event.name),
  );
  const faults: string[] = [];
  for (const event of events) faults.push(...(await faultsWithOne(feed, event)));
  for (const ofEntity of states.values()) faults.push(...(await faultsOfOrder(feed, ofEntity)));
  return faults;
}

async function faultsWithOne(feed: Feed, event: Told): Promise<string[]> {
  const example = exampleEnvelope(event);
  const faults: string[] = [];
  const once = await feed([example]);
  if (once.parked.length > 0) return [`${event.type}: its example was parked: ${once.parked[0]}`];

  const again = await feed([example, example]);
  if (!same(once, again)) faults.push(`${event.type}: told twice under one id it leaves other rows`);
  const renamed = await feed([example, example, { ...example, id: uuidv7() }]);
  if (!same(once, renamed)) faults.push(`${event.type}: told again under a new id it leaves other rows`);

  const newer = await feed([{ ...example, added: "x", data: { ...example.data, added: { deep: [1] } } }]);
  if (newer.parked.length > 0) faults.push(`${event.type}: a field it does not know was not let through: ${newer.parked[0]}`);

  for (const field of requiredOf(event)) {
    const { [field]: _, ...rest } = example.data;
    const { parked, rows } = await feed([{ ...example, data: rest }]);
    if (!parked[0]?.includes(`/data/${field}:`))
      faults.push(`${event.type}: without ${field} it was not parked at /data/${field}`);
    if (rows.length > (await feed([])).rows.length) faults.push(`${event.type}: without ${field} it left rows`);
  }
  return faults;
}

/** Three versions of an entity, its state another in each, told in every order. */
async function faultsOfOrder(feed: Feed, events: readonly Told[]): Promise<string[]> {
  const versions = [1, 2, 3].flatMap((version) => {
    const event = events[(version - 1) % events.length];
    return event ? [stateOf(event, version)] : [];
  });
  const { rows } = await feed(versions);
  const faults: string[] = [];
  for (const order of permutations(versions)) {
    const left = await feed(order);
    if (!same({ ...left, sent: [] }, { rows, sent: [], parked: [] }))
      faults.push(
        `${events[0]?.entity}: versions ${order.map(({ sequence }) => sequence).join(", ")} in this order end otherwise`,
      );
  }
  return faults;
}

const same = (one: Left, other: Left): boolean => JSON.stringify(one) === JSON.stringify(other);

const requiredOf = ({ schema }: Told): string[] =>
  Object.entries(schema.shape).flatMap(([name, field]) => (field.safeParse(undefined).success ? [] : [name]));

/** An event's example as the entity's nth version: every number in it that may be another is another. */
function stateOf(event: Told, version: number): Envelope {
  const example = exampleEnvelope(event);
  const data = { ...example.data };
  for (const [name, value] of Object.entries(data)) {
    if (typeof value !== "number") continue;
    const changed = { ...data, [name]: value + version };
    if (event.schema.safeParse(changed).success) data[name] = changed[name];
  }
  return { ...example, id: uuidv7(), sequence: String(version), data };
}

const permutations = <T>(items: readonly T[]): T[][] =>
  items.length < 2
    ? [[...items]]
    : items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
