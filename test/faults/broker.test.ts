import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, startNats } from "@shouwang/local";
import { until } from "@shouwang/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { rebuild } from "../../packages/service-kit/src/lane-place.ts";
import { system } from "../../packages/service-kit/src/principal.ts";
import { type ClinicDb, clinic } from "../../packages/service-kit/src/testing/clinic.testing.ts";
import { filesMirror, type MirrorDb, mirror } from "../../packages/service-kit/src/testing/mirror.testing.ts";
import { hashOfMirror, readStream } from "../../packages/service-kit/src/testing/source.testing.ts";
import { startWard, type Ward, type WardDatabase, wardDatabase } from "../../packages/service-kit/src/testing/ward.testing.ts";

const region = "451228100003";
let store: string;
let port: number;
let nats: Awaited<ReturnType<typeof startNats>>;
let database: WardDatabase;
let mirrored: WardDatabase;
let producer: Ward<ClinicDb>;
let reader: Ward<MirrorDb>;

beforeEach(async () => {
  store = mkdtempSync(join(tmpdir(), "shouwang-store-"));
  port = await freePort();
  nats = await startNats({ storeDir: store, port });
  [database, mirrored] = await Promise.all([wardDatabase(clinic, "kit_clinic"), wardDatabase(mirror, "kit_mirror")]);
  producer = await startWard(clinic, database, nats.url);
  reader = await startWard(mirror, mirrored, nats.url);
});
afterEach(async () => {
  await Promise.all([producer.stop(), reader.stop()]);
  await nats.kill();
  rmSync(store, { recursive: true, force: true });
  await Promise.all([database.drop(), mirrored.drop()]);
});

const officer = () => producer.as("county-officer", "451228");
const files: { id: string; version: number }[] = [];
/** A file opened, weighed again, or visited: answers whether it was acknowledged. */
const act = async (n: number): Promise<boolean> => {
  const known = files[n % 7];
  if (n % 3 === 0 || !known) {
    const { status, json } = await officer().post("/test-files", { region, weight: n });
    if (status === 201) files.push({ id: String(json["fileId"]), version: 1 });
    return status === 201;
  }
  if (n % 3 === 1) return (await officer().post("/visits", { fileId: known.id, region, amountFen: n })).status === 201;
  const changed = await officer().patch(`/test-files/${known.id}`, { weight: n }, known.version);
  if (changed.status === 200) known.version += 1;
  return changed.status === 200;
};
const actMany = async (n: number) => {
  for (let index = 0; index < n; index += 1) expect(await act(index)).toBe(true);
};
const events = async () => (await database.rows<{ n: number }>("select count(*)::int as n from kit.outbox"))[0]?.n ?? 0;

/** Every event stands in the stream at its position, both lanes are through, each fact had its effect once, and the projection equals its rebuild. */
async function expectWhole(): Promise<void> {
  const whole = async () => {
    const total = await events();
    const stream = await readStream(nats.url, "social");
    expect(stream.map(({ id }) => id)).toEqual(
      (await database.rows<{ id: string }>("select event_id as id from kit.outbox order by position")).map(({ id }) => id),
    );
    expect(stream.map(({ seq }) => seq)).toEqual(Array.from({ length: total }, (_, index) => index + 1));
    const lanes = await mirrored.rows<{ position: number }>("select position from kit.lane where source = 'social'");
    expect(lanes.map((lane) => lane.position)).toEqual([total, total]);
    return true;
  };
  await until(whole, { what: "outbox, stream and lanes to agree", timeoutMs: 120_000 });
  const [visits] = await database.rows("select count(*)::int as n, coalesce(sum(amount_fen), 0)::int as fen from clinic.visit");
  expect(
    await mirrored.rows("select coalesce(sum(visits), 0)::int as n, coalesce(sum(amount_fen), 0)::int as fen from mirror.tally"),
  ).toEqual([visits]);
  const hash = await hashOfMirror(mirrored);
  await reader.db.withTx(system("test"), (tx) => rebuild(tx, filesMirror));
  const rebuilt = async () =>
    (await mirrored.rows("select from kit.lane where reader = 'test-files' and position = $1", [await events()])).length === 1;
  await until(rebuilt, { what: "the projection to be folded again" });
  expect(await hashOfMirror(mirrored)).toBe(hash);
}

beforeEach(() => {
  files.length = 0;
});

test.each(["stop", "kill"] as const)(
  "fault 7: a broker restarted (%s) under write load: commands go on, everything arrives, readers resume by themselves",
  async (how) => {
    await actMany(20);
    let writing = true;
    let acknowledged = 0;
    const load = (async () => {
      for (let n = 20; writing; n += 1) {
        expect(await act(n)).toBe(true);
        acknowledged += 1;
      }
    })();
    await nats[how]();
    const down = acknowledged;
    await until(() => acknowledged > down + 20, { what: "commands to be taken while the broker is away" });
    nats = await startNats({ storeDir: store, port });
    const up = acknowledged;
    await until(() => acknowledged > up + 20, { what: "commands to be taken afterwards" });
    writing = false;
    await load;
    await expectWhole();
  },
);

test("fault 9: a broker that lost its disk gets every event again, each at its old position, and readers end as if nothing had been", async () => {
  await actMany(30);
  await expectWhole();
  await nats.kill();
  rmSync(join(store, "jetstream"), { recursive: true, force: true });
  nats = await startNats({ storeDir: store, port });
  await actMany(10);
  await expectWhole();
  expect(await mirrored.rows("select from mirror.thanks")).toHaveLength((await database.rows("select from clinic.visit")).length);
});

test("fault 9: a broker whose store was set back to an older copy gets what it lost again", async () => {
  await actMany(15);
  await expectWhole();
  await nats.stop();
  const copy = `${store}-copy`;
  cpSync(join(store, "jetstream"), copy, { recursive: true });
  nats = await startNats({ storeDir: store, port });
  await actMany(20);
  await expectWhole();
  await nats.stop();
  rmSync(join(store, "jetstream"), { recursive: true, force: true });
  cpSync(copy, join(store, "jetstream"), { recursive: true });
  nats = await startNats({ storeDir: store, port });
  await actMany(5);
  await expectWhole();
  rmSync(copy, { recursive: true, force: true });
  expect(await mirrored.rows("select from mirror.thanks")).toHaveLength((await database.rows("select from clinic.visit")).length);
});

test("fault 9: a database set back to an older copy publishes nothing until an operator starts a new epoch; then readers follow the new history", async () => {
  await actMany(12);
  await expectWhole();
  await producer.stop();
  const backup = await database.copy();
  producer = await startWard(clinic, database, nats.url);
  await actMany(9);
  await expectWhole();
  await producer.stop();
  const lost = database;
  database = backup;
  producer = await startWard(clinic, database, nats.url);
  await until(() => producer.relay.state().kind === "stream-ahead", { what: "the relay to see it" });
  files.length = 0;
  await actMany(6);
  const ready: unknown = await (await fetch(`${producer.url}/health/ready`)).json();
  expect(ready).toMatchObject({ parts: { relay: { kind: "stream-ahead" } } });
  expect(await database.rows("select from kit.outbox where position is null and entity <> 'audit'")).toHaveLength(6);
  const state = producer.relay.state();
  const before = await readStream(nats.url, "social");
  expect(before).toHaveLength(state.kind === "stream-ahead" ? state.streamSequence : -1);
  expect((await producer.as("operator", "45").post("/epochs", { reason: "由备份恢复" })).status).toBe(201);
  await expectWhole();
  // What only the lost history told stays with the reaction, which is never replayed; the new history has had its effect once.
  const visits = new Set((await database.rows<{ id: string }>("select id from clinic.visit")).map((row) => row.id));
  const thanked = (await mirrored.rows<{ visit_id: string }>("select visit_id from mirror.thanks")).map((row) => row.visit_id);
  expect(thanked.filter((id) => visits.has(id)).sort()).toEqual([...visits].sort());
  expect(new Set(thanked).size).toBe(thanked.length);
  await lost.drop();
});
