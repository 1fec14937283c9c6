import { appendFileSync } from "node:fs";
import { until } from "@shouwang/testkit";
import { sql } from "kysely";
import { expect } from "vitest";
import { verifyAudit } from "../../packages/service-kit/src/audit-verify.ts";
import { openDatabase, type Tx } from "../../packages/service-kit/src/database.ts";
import { applyEvent } from "../../packages/service-kit/src/lane-event.ts";
import { rebuild } from "../../packages/service-kit/src/lane-place.ts";
import { openLog } from "../../packages/service-kit/src/log.ts";
import { loadKeys } from "../../packages/service-kit/src/personal-data.ts";
import { system } from "../../packages/service-kit/src/principal.ts";
import type { Reader } from "../../packages/service-kit/src/reader.ts";
import { lastSequence, readStream } from "../../packages/service-kit/src/testing/source.testing.ts";
import { type WardDatabase, wardEnvironment } from "../../packages/service-kit/src/testing/ward.testing.ts";
import type { Ledger, Told } from "./ledger.ts";

/** A department whose commands were sent. */
export type Producer = {
  service: string;
  database: WardDatabase;
  natsUrl: string;
  /** Every entity as it stands: `select id::text, version::int from …`; a fact's version is 1. */
  stored: string;
  /** What was spent in all, in fen: `select …::int as fen`. Absent where there is no money. */
  spent?: string;
};

/** A department that reads the producer's events. */
export type Subscriber = {
  name: string;
  database: WardDatabase;
  /** How many lanes it has on the producer's stream. */
  lanes: number;
  /** Which events have an effect that can be counted here, and a row `id, times` for each effect there is. */
  counts: { entity: string; effects: string }[];
  spent?: string;
  /** Projections that are folded again from zero and compared. */
  projections: Projection[];
};
/** A projection, and the query that makes one `hash` of all it holds. */
type Projection = { reader: Reader<Record<never, never>>; hash: string };

/** What differs between what had to be there, each once, and what was found. */
export type Difference = { lost: string[]; duplicated: string[]; strange: string[] };

/** Compares what must be there, each exactly once, with what there is. */
export function compare(expected: readonly string[], found: readonly string[]): Difference {
  const times = new Map<string, number>();
  for (const one of found) times.set(one, (times.get(one) ?? 0) + 1);
  const wanted = new Set(expected);
  return {
    lost: [...wanted].filter((one) => !times.has(one)),
    duplicated: [...times].filter(([, n]) => n > 1).map(([one]) => one),
    strange: [...times.keys()].filter((one) => !wanted.has(one)),
  };
}

const none: Difference = { lost: [], duplicated: [], strange: [] };
const nameOf = ({ entity, entityId, version }: Told) => `${entity}/${entityId} v${version}`;

/**
 * The checker of the fault tests: waits until a department and its subscribers have come to rest, and holds them against the ledger. Each acknowledged command is
 * stored (1), each has exactly its events (2), each event its effect in every subscriber exactly once (3), versions of an entity rise without a gap (4), money adds
 * up (5), each projection equals its rebuild from zero (6), and every audit chain verifies (7). Prints one line of sums with the seed, then fails on the first difference.
 * @param done the events of commands outside the ledger, such as those of a job
 */
export async function check(
  ledger: Ledger,
  producer: Producer,
  subscribers: readonly Subscriber[] = [],
  { timeoutMs = 120_000 } = {},
): Promise<void> {
  await atRest(producer, subscribers, timeoutMs);
  const told = await ledger.told(producer.database);
  const points: [string, Difference][] = [["1 stored", await storedOf(ledger, producer)]];
  points.push(["2 events", await eventsOf(ledger, producer, told)]);
  for (const subscriber of subscribers)
    for (const { entity, effects } of subscriber.counts) {
      const rows = await subscriber.database.rows<{ id: string; times: number }>(effects);
      // Under the same name as in the outbox, so that one event that is lost or told twice counts once.
      const names = new Map(told.filter((one) => one.entity === entity).map((one) => [one.entityId, nameOf(one)]));
      const found = rows.flatMap(({ id, times }) => Array.from({ length: times }, () => names.get(id) ?? id));
      points.push([`3 effects of ${entity} in ${subscriber.name}`, compare([...names.values()], found)]);
    }
  // An event that is missing from the outbox is missing from its readers too: it is lost once.
  const total = (kind: keyof Difference) => new Set(points.flatMap(([, difference]) => difference[kind])).size;
  say(ledger, `lost ${total("lost")}, duplicated ${total("duplicated")}`);
  for (const [point, difference] of points) expect(difference, `point ${point}`).toEqual(none);

  await expectNoGaps(producer);
  await expectMoney(told, producer, subscribers);
  for (const { database, projections } of subscribers)
    for (const one of projections) await expectRebuilt(producer.database, database, one);
  for (const { database } of [producer, ...subscribers]) await expectAuditWhole(database);
}

/** Everything that is committed stands in the stream, sequence for position, and every lane is through. */
async function atRest(producer: Producer, subscribers: readonly Subscriber[], timeoutMs: number): Promise<void> {
  const rested = async () => {
    const [counted] = await producer.database.rows<{ n: number }>("select count(*)::int as n from kit.outbox");
    const n = counted?.n ?? 0;
    expect(await lastSequence(producer.natsUrl, producer.service), "the stream").toBe(n);
    for (const { name, database, lanes } of subscribers) {
      const places = await database.rows<{ position: number }>("select position from kit.lane where source = $1", [
        producer.service,
      ]);
      expect(
        places.map(({ position }) => position),
        name,
      ).toEqual(Array.from({ length: lanes }, () => n));
    }
    return true;
  };
  await until(rested, { what: "outbox, stream and lanes to agree", timeoutMs });
  const outbox = await producer.database.rows<{ seq: number; id: string }>(
    "select position as seq, event_id as id from kit.outbox order by position nulls last",
  );
  const stream = await readStream(producer.natsUrl, producer.service);
  expect(stream.map(({ seq, id }) => ({ seq, id }))).toEqual(outbox);
}

async function storedOf(ledger: Ledger, { database, stored }: Producer): Promise<Difference> {
  const rows = await database.rows<{ id: string; version: number }>(stored);
  const versions = new Map(rows.map(({ id, version }) => [id, version]));
  const missing = ledger
    .acknowledged()
    .flatMap(({ told }) => told)
    .filter(({ entityId, version }) => (versions.get(entityId) ?? 0) < version);
  return { ...none, lost: missing.map(nameOf) };
}

async function eventsOf(ledger: Ledger, { database }: Producer, told: readonly Told[]): Promise<Difference> {
  const rows = await database.rows<{ entity: string; entity_id: string; version: number }>(
    "select entity, entity_id, version::int from kit.outbox where entity = any($1::text[])",
    [ledger.entities()],
  );
  return compare(
    told.map(nameOf),
    rows.map((row) => nameOf({ entity: row.entity, entityId: row.entity_id, version: row.version })),
  );
}

/** In the order in which they left, an entity's versions are 1, 2, 3, … */
async function expectNoGaps({ database }: Producer): Promise<void> {
  const gaps = await database.rows(`select entity, entity_id, version, n from
    (select entity, entity_id, version, row_number() over (partition by entity, entity_id order by position) as n from kit.outbox where entity <> 'audit') steps
    where version <> n limit 5`);
  expect(gaps, "point 4: versions rise without a gap").toEqual([]);
}

async function expectMoney(told: readonly Told[], producer: Producer, subscribers: readonly Subscriber[]): Promise<void> {
  const ledgered = told.reduce((sum, { fen = 0 }) => sum + fen, 0);
  for (const { database, spent, name } of [{ ...producer, name: producer.service }, ...subscribers])
    if (spent !== undefined) expect(await database.rows(spent), `point 5: money in ${name}`).toEqual([{ fen: ledgered }]);
}

/** Folds a projection again from zero, from all that was ever told, beside the standing one; nothing of it stays. */
async function expectRebuilt(from: WardDatabase, database: WardDatabase, { reader, hash }: Projection): Promise<void> {
  const told = await from.rows<{ position: number; body: string }>(
    "select position, envelope as body from kit.outbox order by position",
  );
  const reading = {
    reader,
    keys: await loadKeys(wardEnvironment(database, "")["KEYS_FILE"] ?? ""),
    log: openLog("test", "silent"),
  };
  const db = openDatabase<Record<never, never>>(database.url, { max: 1 });
  const hashed = async (tx: Tx<Record<never, never>>) => (await sql.raw<{ hash: string }>(hash).execute(tx)).rows[0]?.hash;
  let hashes: (string | undefined)[] = [];
  const undone = db.withTx(system("test"), async (tx) => {
    const before = await hashed(tx);
    await rebuild(tx, reader);
    for (const event of told) await applyEvent(tx, reading, { ...event, item: 0, epoch: 1 });
    hashes = [before, await hashed(tx)];
    throw new Error("enough");
  });
  await expect(undone).rejects.toThrow("enough");
  await db.close();
  const [before, after] = hashes;
  expect(after, `point 6: ${reader.name} equals its rebuild`).toBe(before);
}

async function expectAuditWhole(database: WardDatabase): Promise<void> {
  const db = openDatabase<Record<never, never>>(database.url, { max: 1 });
  const verify = () => db.withReadTx(system("test"), (tx) => verifyAudit(tx, 0));
  try {
    // What is written last is sealed within a second.
    await until(async () => (await database.rows("select from kit.audit where not sealed limit 1")).length === 0, {
      what: "every audit entry to be sealed",
    });
    expect(await verify(), "point 7: the audit chain").toMatchObject({ ok: true });
  } finally {
    await db.close();
  }
}

/** Prints the ledger's line, and writes it down where the report of a whole run is made of it. */
function say(ledger: Ledger, outcome: string): void {
  const line = `${ledger.sums()}, ${outcome}; seed ${ledger.seed}`;
  console.log(`    ${line}`);
  note(line);
}

/** Writes a measured fact beside the running test's name, for the report of a whole run (`npm run test:faults`). */
export function note(line: string): void {
  const file = process.env["FAULTS_RECORD"];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ test: expect.getState().currentTestName ?? "", line })}\n`);
}
