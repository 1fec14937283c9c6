import { randomUUID } from "node:crypto";
import { type Broker, freshNats, until } from "@shouwang/testkit";
import fc from "fast-check";
import { v7 as uuidv7 } from "uuid";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { decideParked } from "./dead-letter.ts";
import { rebuild } from "./lane-place.ts";
import { system } from "./principal.ts";
import { FileChanged, VisitRecorded } from "./testing/clinic-events.testing.ts";
import { filesMirror, type MirrorDb, mirror, mistake } from "./testing/mirror.testing.ts";
import { fakeSource, hashOfMirror, type Source } from "./testing/source.testing.ts";
import { startWard, type Ward, type WardDatabase, wardDatabase } from "./testing/ward.testing.ts";

const region = "451228100003";
let broker: Broker;
let source: Source;
let database: WardDatabase;
let ward: Ward<MirrorDb>;

beforeAll(async () => {
  broker = await freshNats();
});
afterAll(() => broker.remove());
beforeEach(async () => {
  mistake.weight = undefined;
  source = await fakeSource(broker.url);
  database = await wardDatabase(mirror, "kit_mirror");
  ward = await startWard(mirror, database, broker.url);
});
afterEach(async () => {
  await ward.stop();
  await source.close();
  await database.drop();
});

/** Waits until every reader has gone through all that was published. */
const caughtUp = () =>
  until(
    async () => {
      const lanes = await database.rows<{ position: number }>("select position from kit.lane where source = 'social'");
      return lanes.length === 2 && lanes.every((lane) => lane.position === source.last());
    },
    { what: `both lanes to reach ${source.last()}` },
  );
const fileEvent = (fileId: string, version: number, weight: number) =>
  FileChanged.of(fileId, version, region, { fileId, weight });
const visitEvent = (fileId: string, amountFen: number) => {
  const visitId = uuidv7();
  return VisitRecorded.of(visitId, 1, region, { visitId, fileId, amountFen });
};
const mirrored = async (fileId: string) =>
  (
    await database.rows<{ weight: number; version: number }>("select weight, version from mirror.file where file_id = $1", [
      fileId,
    ])
  )[0];
const letters = () =>
  database.rows<{ id: number; reader: string; position: number; state: string; error: string }>(
    "select id, reader, position, state, error from kit.dead_letter order by reader, position",
  );

describe("a reader", () => {
  test("fault 13: that meets each event ten times has the state of meeting it once", async () => {
    const file = randomUUID();
    const drafts = [fileEvent(file, 1, 60), visitEvent(file, 100), fileEvent(file, 2, 61), visitEvent(file, 50)];
    const envelopes = drafts.map((draft) => source.envelope(draft));
    await source.publish(...envelopes);
    await caughtUp();
    const once = await hashOfMirror(database);
    for (let copy = 0; copy < 9; copy += 1) await source.publish(...envelopes);
    await caughtUp();
    expect(await hashOfMirror(database)).toBe(once);
    expect(await database.rows("select visits, amount_fen from mirror.tally")).toEqual([{ visits: 2, amount_fen: 150 }]);
    expect(await database.rows("select from mirror.thanks")).toHaveLength(2);
    expect(await database.rows("select from kit.outbox where entity = 'test-thanks'")).toHaveLength(2);
  });

  test("fault 14: that meets an entity's states and facts in any order ends with the same", async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }), async (order) => {
        const file = randomUUID();
        const drafts = [1, 2, 3]
          .map((version) => fileEvent(file, version, 60 + version))
          .concat([10, 20, 30].map((fen) => visitEvent(file, fen)));
        await source.publish(...order.flatMap((index) => drafts[index] ?? []).map((draft) => source.envelope(draft)));
        await caughtUp();
        expect(await mirrored(file)).toEqual({ weight: 63, version: 3 });
        expect(await database.rows("select visits, amount_fen from mirror.tally where file_id = $1", [file])).toEqual([
          { visits: 3, amount_fen: 60 },
        ]);
      }),
      { numRuns: 12, examples: [[[2, 0, 1, 3, 4, 5]]] },
    );
  });

  test("fault 19: accepts fields it does not know and passes by types it does not want", async () => {
    const file = randomUUID();
    const envelope = source.envelope(fileEvent(file, 1, 60));
    await source.publish(
      { ...envelope, futureAttribute: 1, data: { ...envelope.data, height: 170 } },
      { ...envelope, id: uuidv7(), type: "social.something-else.happened.v7" },
    );
    await caughtUp();
    expect(await mirrored(file)).toEqual({ weight: 60, version: 1 });
    expect(await letters()).toEqual([]);
  });

  test.each<[string, (envelope: ReturnType<Source["envelope"]>) => unknown, string]>([
    ["of an unknown major", (e) => ({ ...e, type: "social.test-file.changed.v2" }), "/type:"],
    ["without a field", (e) => ({ ...e, data: { fileId: e.data["fileId"] } }), "/data/weight:"],
    ["with a field of the wrong type", (e) => ({ ...e, data: { ...e.data, weight: "heavy" } }), "/data/weight:"],
    ["whose envelope is wrong", (e) => ({ ...e, sequence: 4 }), "/sequence:"],
  ])("fault 19: parks an event %s with a pointer, and goes on", async (_, spoil, pointer) => {
    const [bad, good] = [randomUUID(), randomUUID()];
    await source.publish(spoil(source.envelope(fileEvent(bad, 1, 60))), source.envelope(fileEvent(good, 1, 70)));
    await caughtUp();
    expect(await mirrored(good)).toEqual({ weight: 70, version: 1 });
    const parked = (await letters()).filter((letter) => letter.reader === "test-files");
    expect(parked).toMatchObject([{ state: "parked", error: expect.stringContaining(pointer) }]);
    expect(parked[0]?.error).not.toContain("heavy");
  });

  test("fault 16: that fails on an event parks it and what follows of its entity, lets others flow, and replays in order after the fix", async () => {
    mistake.weight = 66;
    const [ill, well] = [randomUUID(), randomUUID()];
    const drafts = [
      fileEvent(ill, 1, 60),
      fileEvent(ill, 2, 66),
      fileEvent(well, 1, 70),
      ...[3, 4, 5].map((v) => fileEvent(ill, v, 60 + v)),
    ];
    await source.publish(...drafts.map((draft) => source.envelope(draft)));
    await caughtUp();
    expect(await mirrored(ill)).toEqual({ weight: 60, version: 1 });
    expect(await mirrored(well)).toEqual({ weight: 70, version: 1 });
    const open = await letters();
    expect(open.map((letter) => letter.state)).toEqual(["parked", "queued", "queued", "queued"]);
    expect(open[0]?.error).toBe("RangeError: the mirror cannot take this weight");
    mistake.weight = undefined;
    await ward.db.withTx(system("test"), (tx) => decideParked(tx, open[0]?.id ?? 0, "replay", "mended"));
    await until(async () => (await letters()).every((letter) => letter.state === "replayed"), {
      what: "all to be replayed",
    });
    expect(await mirrored(ill)).toEqual({ weight: 65, version: 5 });
    await source.publish(source.envelope(fileEvent(ill, 6, 80)));
    await until(async () => (await mirrored(ill))?.weight === 80);
  });

  test("goes on with what is queued when an operator skips the first", async () => {
    mistake.weight = 66;
    const file = randomUUID();
    await source.publish(...[fileEvent(file, 1, 66), fileEvent(file, 2, 61)].map((draft) => source.envelope(draft)));
    await caughtUp();
    await ward.db.withTx(system("test"), async (tx) => decideParked(tx, (await letters())[0]?.id ?? 0, "skip", "never mind"));
    await until(async () => (await mirrored(file))?.version !== undefined);
    expect((await letters()).map((letter) => letter.state)).toEqual(["skipped", "replayed"]);
  });
});

describe("a rebuild", () => {
  test("of a running projection ends with the same hash, though a batch was under way; parked events stay parked", async () => {
    mistake.weight = 66;
    const files = Array.from({ length: 20 }, () => randomUUID());
    const drafts = files.flatMap((file) => [fileEvent(file, 1, 60), visitEvent(file, 5), fileEvent(file, 2, 61)]);
    await source.publish(...drafts.map((draft) => source.envelope(draft)), source.envelope(fileEvent(files[0] ?? "", 3, 66)));
    await caughtUp();
    const before = await hashOfMirror(database);
    const more = source.publish(...files.map((file) => source.envelope(visitEvent(file, 5))));
    await ward.db.withTx(system("test"), (tx) => rebuild(tx, filesMirror));
    await more;
    await caughtUp();
    await until(async () => (await database.rows("select from mirror.tally where visits = 2")).length === 20, {
      what: "every visit to be counted",
    });
    expect(await database.rows("select distinct visits, amount_fen from mirror.tally")).toEqual([{ visits: 2, amount_fen: 10 }]);
    expect((await letters()).map((letter) => letter.state)).toEqual(["parked"]);
    const live = await hashOfMirror(database);
    expect(live).not.toBe(before);
    await ward.db.withTx(system("test"), (tx) => rebuild(tx, filesMirror));
    await caughtUp();
    await until(async () => (await hashOfMirror(database)) === live, { what: "the same hash" });
    expect(await database.rows("select from mirror.thanks")).toHaveLength(40);
  });

  test("parks again what had been replayed once, when it fails again", async () => {
    mistake.weight = 66;
    const file = randomUUID();
    await source.publish(source.envelope(fileEvent(file, 1, 66)));
    await caughtUp();
    mistake.weight = undefined;
    await ward.db.withTx(system("test"), async (tx) => decideParked(tx, (await letters())[0]?.id ?? 0, "replay", "mended"));
    await until(async () => (await letters())[0]?.state === "replayed");
    mistake.weight = 66;
    await ward.db.withTx(system("test"), (tx) => rebuild(tx, filesMirror));
    await until(async () => (await letters())[0]?.state === "parked", { what: "it to be parked again" });
  });

  test("of a reaction is refused", async () => {
    const [, thanks] = mirror.slices.flatMap((slice) => slice.readers ?? []);
    if (!thanks) throw new Error("the mirror has a reaction");
    await expect(ward.db.withTx(system("test"), (tx) => rebuild(tx, thanks))).rejects.toThrow(/never replayed/);
  });
});

test("two instances of a reader make each effect once, and the one left goes on within five seconds", async () => {
  const other = await startWard(mirror, database, broker.url);
  const file = randomUUID();
  for (let n = 0; n < 20; n += 1) await source.publish(...[1, 2, 3].map(() => source.envelope(visitEvent(file, 1))));
  await caughtUp();
  expect(await database.rows("select visits from mirror.tally")).toEqual([{ visits: 60 }]);
  expect(await database.rows("select from mirror.thanks")).toHaveLength(60);
  await other.stop();
  await source.publish(source.envelope(visitEvent(file, 1)));
  await until(async () => (await database.rows("select from mirror.thanks")).length === 61);
});
