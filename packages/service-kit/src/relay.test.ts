import { jetstreamManager } from "@nats-io/jetstream";
import { streamOf } from "@shouwang/contract";
import { type Broker, freshNats, openProxy, through, until } from "@shouwang/testkit";
import { connect } from "nats";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startEpoch } from "./epoch.ts";
import { system } from "./principal.ts";
import { dropStream, findStream } from "./stream.ts";
import { type ClinicDb, clinic } from "./testing/clinic.testing.ts";
import { readStream } from "./testing/source.testing.ts";
import { startWard, type Ward, type WardDatabase, wardDatabase } from "./testing/ward.testing.ts";

let broker: Broker;
let database: WardDatabase;
let ward: Ward<ClinicDb>;
beforeAll(async () => {
  broker = await freshNats();
});
afterAll(() => broker.remove());
beforeEach(async () => {
  const connection = await connect({ servers: broker.url });
  await dropStream(await jetstreamManager(connection), streamOf("social")).catch(() => {});
  await connection.close();
  database = await wardDatabase(clinic, "kit_clinic");
  ward = await startWard(clinic, database, broker.url);
});
afterEach(async () => {
  await ward.stop();
  await database.drop();
});

const open = (by = ward) => by.as("county-officer", "451228").post("/test-files", { region: "451228100003", weight: 60 });
/** The outbox's event ids in order of position; the stream must hold exactly these, sequence for position. */
const outbox = () =>
  database.rows<{ position: number; id: string }>("select position, event_id as id from kit.outbox order by position");
/** Waits until the stream holds at least so many events and all of the outbox, each at its position. */
const expectAgreement = async (atLeast: number) => {
  const agreed = async () => {
    const [stream, rows] = [await readStream(broker.url, "social"), await outbox()];
    expect(rows.length).toBeGreaterThanOrEqual(atLeast);
    expect(stream.map(({ seq, position, id }) => ({ position: seq, id, said: position }))).toEqual(
      rows.map(({ position, id }) => ({ position, id, said: String(position) })),
    );
    return true;
  };
  await until(agreed, { what: `stream and outbox to agree on ${atLeast}` });
};

test("fault 15: an event whose transaction commits after a later one is published after it, never left out", async () => {
  const late = await database.admin.connect();
  await late.query("begin");
  await late.query(`insert into kit.outbox (event_id, subject, entity, entity_id, version, envelope)
    values ('0190b2c4-0000-7000-8000-00000000abcd', 'sw.evt.social.test-file.changed.v1.4512.451228', 'test-file', 'late', 1,
      '{"id":"0190b2c4-0000-7000-8000-00000000abcd","type":"social.test-file.changed.v1","source":"/social","subject":"test-file/late","time":"2022-08-01T00:00:00Z"}')`);
  for (const _ of [1, 2, 3]) expect((await open()).status).toBe(201);
  await expectAgreement(3);
  await late.query("commit");
  late.release();
  await expectAgreement(4);
  const ids = await database.rows<{ entity_id: string; position: number; id: number }>(
    "select entity_id, position, id from kit.outbox order by id",
  );
  expect(ids[0]).toMatchObject({ entity_id: "late", position: 4 });
});

test("two instances under load publish each event once and in order, and either takes over from the other within five seconds", async () => {
  const other = await startWard(clinic, database, broker.url);
  const send = () => Promise.all(Array.from({ length: 60 }, (_, n) => open(n % 2 ? ward : other)));
  await send();
  await expectAgreement(60);
  expect([ward.relay.state().kind, other.relay.state().kind].sort()).toEqual(["running", "standing-by"]);
  const [leader, follower] = ward.relay.state().kind === "running" ? [ward, other] : [other, ward];
  await leader.stop();
  await until(() => follower.relay.state().kind === "running", { what: "the other to take over", timeoutMs: 5_000 });
  expect((await open(follower)).status).toBe(201);
  await expectAgreement(61);
  await other.stop();
});

test("fault 4: what an older leader sent arrives after a newer one has published: the stream refuses it", async () => {
  const line = await openProxy(broker.port);
  const older = await startWard(clinic, database, through(broker.url, line));
  await ward.stop();
  await until(() => older.relay.state().kind === "running");
  line.hold();
  await open(older);
  await until(() => line.held().includes("sw-position"), { what: "the older to send" });
  for (const _ of [1, 2]) await open(older);
  const newer = await startWard(clinic, database, broker.url);
  await database.rows(
    "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted and objid = $1",
    [0x5357726c],
  );
  await until(() => newer.relay.state().kind === "running", { what: "the newer to lead" });
  await open(newer);
  await expectAgreement(4);
  line.letGo();
  // It stands by again once each of its late messages was answered.
  await until(() => older.relay.state().kind === "standing-by", { what: "the older to stand by" });
  await open(older);
  await expectAgreement(5);
  await Promise.all([older.stop(), newer.stop()]);
  await line.close();
});

test("a stream that was deleted while the relay runs is laid again, sequence for position", async () => {
  for (const _ of [1, 2, 3]) await open();
  await expectAgreement(3);
  const connection = await connect({ servers: broker.url });
  await dropStream(await jetstreamManager(connection), streamOf("social"));
  await connection.close();
  await open();
  await expectAgreement(4);
});

test("a stream that somebody else wrote into is ahead: nothing is published over it, and readiness tells", async () => {
  await open();
  await expectAgreement(1);
  const connection = await connect({ servers: broker.url });
  connection.publish("sw.evt.social.test-file.changed.v1.4512.451228", "stray");
  await connection.flush();
  await open();
  await until(() => ward.relay.state().kind === "stream-ahead", { what: "the relay to refuse" });
  const ready: unknown = await (await fetch(`${ward.url}/health/ready`)).json();
  expect(ready).toMatchObject({ parts: { relay: { kind: "stream-ahead", streamSequence: 2 } } });
  expect((await readStream(broker.url, "social")).map(({ seq }) => seq)).toEqual([1, 2]);
  await connection.close();
});

test("a database older than an earlier epoch is refused as well, and healed by an epoch above the stream's", async () => {
  for (const _ of [1, 2]) await open();
  await expectAgreement(2);
  const by = { actor: system("test"), reason: "restored" };
  await ward.db.withTx(system("test"), (tx) => startEpoch(tx, by));
  await open();
  await expectAgreement(3);
  await until(async () => (await epochOf()) === 2, { what: "the stream to be of epoch 2" });
  await database.rows("update kit.epoch set epoch = 1");
  await until(() => ward.relay.state().kind === "stream-ahead", { what: "the relay to refuse" });
  const state = ward.relay.state();
  const events = state.kind === "stream-ahead" ? state.streamEpoch : 0;
  await ward.db.withTx(system("test"), (tx) => startEpoch(tx, by, { events }));
  await open();
  await expectAgreement(4);
  await until(async () => (await epochOf()) === 3, { what: "the stream to be of epoch 3" });
});

async function epochOf(): Promise<number | undefined> {
  const connection = await connect({ servers: broker.url });
  const stream = await findStream(await jetstreamManager(connection), streamOf("social"));
  await connection.close();
  return stream?.epoch;
}
