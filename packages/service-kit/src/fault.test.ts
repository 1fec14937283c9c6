import { randomUUID } from "node:crypto";
import { subjectOf } from "@shouwang/contract";
import { type Broker, freshNats, until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type Bus, connectBus } from "./bus.ts";
import { businessNow } from "./clock.ts";
import { openDeadline } from "./deadline.ts";
import { openLog } from "./log.ts";
import { appendEvents } from "./outbox.ts";
import { system } from "./principal.ts";
import { FileChanged } from "./testing/clinic-events.testing.ts";
import { type MirrorDb, mirror, mistake } from "./testing/mirror.testing.ts";
import { fakeSource, type Source } from "./testing/source.testing.ts";
import { startWard, type Ward, type WardDatabase, wardDatabase } from "./testing/ward.testing.ts";

const region = "451228100003";
const stopping = new AbortController();
let broker: Broker;
let bus: Bus;
let source: Source;
let database: WardDatabase;
let ward: Ward<MirrorDb>;
beforeAll(async () => {
  broker = await freshNats();
  source = await fakeSource(broker.url);
  const connected = await connectBus("test", broker.url, undefined, stopping.signal, openLog("test", "silent"));
  if (!connected) throw new Error("no bus");
  bus = connected;
  database = await wardDatabase(mirror, "kit_mirror");
  ward = await startWard(mirror, database, broker.url, { DATABASE_STATEMENT_MS: "300" });
});
afterEach(() => {
  mistake.weight = undefined;
  mistake.hangs = undefined;
  vi.useRealTimers();
});
afterAll(async () => {
  await ward.stop();
  await Promise.all([source.close(), bus.connection.close()]);
  await Promise.all([database.drop(), broker.remove()]);
});

const fileEvent = (fileId: string, version: number, weight: number) =>
  source.envelope(FileChanged.of(fileId, version, region, { fileId, weight }));
const mirrored = async (fileId: string) =>
  (await database.rows("select weight, version from mirror.file where file_id = $1", [fileId]))[0];
const letter = async (fileId: string) =>
  (
    await database.rows("select state, error from kit.dead_letter where reader = 'test-files' and entity_key like '%' || $1", [
      fileId,
    ])
  )[0];

describe("fault 17: a handler that hangs", () => {
  test.each([
    ["in the database", /canceling statement due to statement timeout/],
    ["by itself", /HandlerHangs: no end after 600 ms/],
  ] as const)(
    "%s is stopped: its event is parked with the reason, the lane goes on, and it is replayed after the fix",
    async (how, reason) => {
      mistake.weight = 66;
      mistake.hangs = how;
      const [ill, well] = [randomUUID(), randomUUID()];
      await source.publish(fileEvent(ill, 1, 66), fileEvent(well, 1, 70));
      await until(async () => (await mirrored(well)) !== undefined, { what: "the lane to go on" });
      expect(await letter(ill)).toMatchObject({ state: "parked", error: expect.stringMatching(reason) });
      mistake.weight = undefined;
      await database.admin.query("update kit.dead_letter set next_attempt_at = now() where state = 'parked'");
      await until(async () => (await mirrored(ill)) !== undefined, { what: "the event to be replayed" });
      expect(await letter(ill)).toMatchObject({ state: "replayed" });
    },
  );
});

describe("fault 19: an event of 2 MB", () => {
  const heavy = "重".repeat(700_000);

  test("is refused by the outbox and by the stream, and by the broker before that; the reader goes on", async () => {
    const fileId = randomUUID();
    const draft = { ...FileChanged.of(fileId, 1, region, { fileId, weight: 1 }), data: { fileId, weight: 1, heavy } };
    await expect(ward.db.withTx(system("test"), (tx) => appendEvents(tx, system("test"), [draft]))).rejects.toThrow(
      /larger than 65536 bytes/,
    );
    const row =
      "insert into kit.outbox (event_id, subject, entity, entity_id, version, envelope) values ($1, 'x', 'x', 'x', 1, repeat('x', 2000000))";
    await expect(database.admin.query(row, [uuidv7()])).rejects.toThrow(/outbox_size/);
    const subject = subjectOf(FileChanged.type, region);
    await expect(bus.js.publish(subject, JSON.stringify({ ...fileEvent(fileId, 1, 1), heavy }))).rejects.toThrow(/max_payload/i);
    await expect(bus.js.publish(subject, "x".repeat(500_000))).rejects.toThrow(/size exceeds/i);
    await source.publish(fileEvent(fileId, 1, 1));
    await until(async () => (await mirrored(fileId)) !== undefined);
  });
});

describe("fault 24: a clock that jumps an hour", () => {
  test("moves no deadline, since business time is the database's, and puts no older version before a newer one", async () => {
    const entityId = uuidv7();
    const now = await ward.db.withReadTx(system("test"), (tx) => businessNow(tx));
    const about = {
      kind: "test-clock",
      clause: "M-03",
      entity: "test",
      entityId,
      region,
      role: "village-officer",
      startedAt: now,
    };
    await ward.db.withTx(system("test"), (tx) => openDeadline(tx, { ...about, dueAt: new Date(now.getTime() + 1_800_000) }));
    const overdue = await ward.db.withTx(system("test"), (tx) => openDeadline(tx, { ...about, kind: "test-past", dueAt: now }));
    expect(overdue).toBe(true);

    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });
    const later = await ward.db.withReadTx(system("test"), (tx) => businessNow(tx));
    expect(later.getTime() - now.getTime()).toBeLessThan(60_000);
    const fileId = randomUUID();
    const early = { ...fileEvent(fileId, 1, 60) };
    vi.setSystemTime(Date.now() - 7_200_000);
    const late = { ...fileEvent(fileId, 2, 61) };
    expect(Date.parse(late.time)).toBeLessThan(Date.parse(early.time));
    await source.publish(late, early);
    await until(async () => (await mirrored(fileId)) !== undefined);
    expect(await mirrored(fileId)).toEqual({ weight: 61, version: 2 });

    // The one that passed by the database's clock is told of, so the other was looked at too.
    const marked = () =>
      database.rows("select kind from kit.deadline where entity_id = $1 and overdue_at is not null", [entityId]);
    await until(async () => (await marked()).length > 0);
    expect(await marked()).toEqual([{ kind: "test-past" }]);
  });
});
