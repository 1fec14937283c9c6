import { randomUUID } from "node:crypto";
import { streamOf } from "@shouwang/contract";
import { type Broker, freshNats, until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Bus, connectBus } from "./bus.ts";
import { decideParked } from "./dead-letter.ts";
import { openLog } from "./log.ts";
import { type Keys, loadKeys } from "./personal-data.ts";
import { system } from "./principal.ts";
import { type Rebuilt, rebuildInShadow } from "./shadow-rebuild.ts";
import { FileChanged, VisitRecorded } from "./testing/clinic-events.testing.ts";
import { filesMirror, type MirrorDb, mirror, mistake } from "./testing/mirror.testing.ts";
import { fakeSource, hashOfMirror, type Source } from "./testing/source.testing.ts";
import { startWard, type Ward, type WardDatabase, wardDatabase, wardEnvironment } from "./testing/ward.testing.ts";

const region = "451228100003";
const log = openLog("test", "silent");
const stopping = new AbortController();
let broker: Broker;
let bus: Bus;
let source: Source;
let database: WardDatabase;
let keys: Keys;
let ward: Ward<MirrorDb>;

beforeAll(async () => {
  broker = await freshNats();
  const connected = await connectBus("cooperation", broker.url, undefined, stopping.signal, log);
  if (!connected) throw new Error("no bus");
  bus = connected;
});
afterAll(async () => {
  await bus.connection.close();
  await broker.remove();
});
beforeEach(async () => {
  mistake.weight = undefined;
  source = await fakeSource(broker.url);
  database = await wardDatabase(mirror, "kit_mirror");
  ward = await startWard(mirror, database, broker.url);
  keys = await loadKeys(wardEnvironment(database, broker.url)["KEYS_FILE"] ?? "");
});
afterEach(async () => {
  await ward.stop();
  await source.close();
  await database.drop();
});

const files = Array.from({ length: 12 }, () => randomUUID());
const versions = new Map<string, number>();
/** One event more of some file: a new weight, or a visit. */
const publish = async (n: number, weight = n) => {
  const fileId = files[n % files.length] ?? "";
  if (n % 3 === 0) {
    const visitId = uuidv7();
    return source.publish(source.envelope(VisitRecorded.of(visitId, 1, region, { visitId, fileId, amountFen: n })));
  }
  const version = (versions.get(fileId) ?? 0) + 1;
  versions.set(fileId, version);
  return source.publish(source.envelope(FileChanged.of(fileId, version, region, { fileId, weight })));
};
const publishMany = async (count: number) => {
  for (let n = 1; n <= count; n += 1) await publish(n);
};
const caughtUp = () =>
  until(
    async () =>
      (await database.rows("select from kit.lane where source = 'social' and position >= $1", [source.last()])).length === 2,
    { what: "the lanes to be through" },
  );
const rebuild = (accept = false): Promise<Rebuilt> =>
  rebuildInShadow({
    db: ward.db,
    bus,
    ownerUrl: database.migrationUrl,
    appRole: "kit_mirror_app",
    reader: filesMirror,
    accept,
    keys,
    log,
  });
const leftovers = () =>
  database.rows(`select nspname as left from pg_namespace where nspname = 'shadow'
    union all select reader from kit.seen_version where reader like '%shadow%' union all select reader from kit.dead_letter where reader like '%shadow%'`);

describe("a rebuild beside the live tables", () => {
  test("fault 22: while live events arrive ends in an identical hash, twice; the live tables are never empty meanwhile", async () => {
    versions.clear();
    await publishMany(300);
    await caughtUp();
    let fewest = Number.POSITIVE_INFINITY;
    const goOn = async () => {
      for (let n = 1; n <= 120; n += 1) {
        await publish(n);
        fewest = Math.min(fewest, (await database.rows("select from mirror.file")).length);
      }
    };
    for (const twice of [1, 2]) {
      const [rebuilt] = await Promise.all([rebuild(), goOn()]);
      expect(rebuilt, `time ${twice}`).toMatchObject({ outcome: "equal", after: rebuilt.before });
      expect(rebuilt.position).toBeGreaterThanOrEqual(180 + twice * 120);
    }
    expect(fewest).toBe(versions.size);
    await caughtUp();
    expect(await leftovers()).toEqual([]);
  });

  test("that finds something else than what stands there changes nothing, unless it is accepted; the reader then goes on from where it was", async () => {
    versions.clear();
    await publishMany(40);
    await caughtUp();
    const right = await hashOfMirror(database);
    await database.admin.query(
      "update mirror.tally set amount_fen = amount_fen + 1; delete from mirror.file where file_id = $1".replace(
        "$1",
        `'${files[1]}'`,
      ),
    );
    const wrong = await hashOfMirror(database);
    expect(await rebuild()).toMatchObject({ outcome: "different" });
    expect(await hashOfMirror(database)).toBe(wrong);
    expect(await rebuild(true)).toMatchObject({ outcome: "swapped" });
    expect(await hashOfMirror(database)).toBe(right);
    await publishMany(5);
    await caughtUp();
    expect(await rebuild()).toMatchObject({ outcome: "equal" });
    expect(await leftovers()).toEqual([]);
  });

  test("parks what fails again, applies what no longer does, and leaves alone what an operator skipped", async () => {
    versions.clear();
    mistake.weight = 66;
    for (const [n, weight] of [
      [1, 66],
      [1, 10],
      [2, 66],
      [2, 20],
      [4, 40],
    ] as const)
      await publish(n, weight);
    await caughtUp();
    const letters = () =>
      database.rows<{ id: number; position: number; state: string }>(
        "select id, position, state from kit.dead_letter order by position",
      );
    const [skipped] = await letters();
    await ward.db.withTx(system("test"), (tx) => decideParked(tx, skipped?.id ?? 0, "skip", "never mind"));
    await until(async () => (await letters()).map(({ state }) => state).join() === "skipped,replayed,parked,queued");
    expect(await rebuild()).toMatchObject({ outcome: "equal" });
    mistake.weight = undefined;
    expect(await rebuild(true)).toMatchObject({ outcome: "swapped" });
    expect((await letters()).map(({ state }) => state)).toEqual(["skipped", "replayed", "replayed", "replayed"]);
    expect(await database.rows("select weight from mirror.file order by weight")).toEqual([
      { weight: 10 },
      { weight: 20 },
      { weight: 40 },
    ]);
  });

  test("passes by events that were taken out of the stream, the last one too", async () => {
    versions.clear();
    await publishMany(12);
    await caughtUp();
    // A later version tells the whole state, and the last event was a visit: taking either out changes what a fold sees.
    for (const seq of [4, 12]) await bus.jsm.streams.deleteMessage(streamOf("social"), seq, true);
    const rebuilt = await rebuild();
    expect(rebuilt).toMatchObject({ position: 12, outcome: "different" });
    expect(await rebuild(true)).toMatchObject({ after: rebuilt.after, outcome: "swapped" });
  });

  test("of a reaction is refused", async () => {
    const [, thanks] = mirror.slices.flatMap((slice) => slice.readers ?? []);
    if (!thanks) throw new Error("the mirror has a reaction");
    const refused = rebuildInShadow({
      db: ward.db,
      bus,
      ownerUrl: database.migrationUrl,
      appRole: "kit_mirror_app",
      reader: thanks,
      accept: true,
      keys,
      log,
    });
    await expect(refused).rejects.toThrow(/never replayed/);
  });
});
