import { randomUUID } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { privateStreamOf } from "@shouwang/contract";
import { freePort, type ServerHandle, startNats } from "@shouwang/local";
import { until } from "@shouwang/testkit";
import { connect, headers } from "nats";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { parseKeys } from "./personal-data.ts";
import { system } from "./principal.ts";
import { tellAgain } from "./private-event.ts";
import { encryptFor, parsePrivateKeys, recipientsOf } from "./private-keys.ts";
import { deafness, heardName, listener, NameTold, privateKeyPair, type TellerDb, teller } from "./testing/teller.testing.ts";
import { startWard, type Ward, type WardDatabase, wardDatabase, wardEnvironment } from "./testing/ward.testing.ts";

const region = "451228100003";
const folder = mkdtempSync(join(tmpdir(), "shouwang-private-"));
const stream = privateStreamOf("social");
type Pair = Awaited<ReturnType<typeof privateKeyPair>>;
let [tellerKey, listenerKey, fundsKey]: Pair[] = [];
let store: string;
let port: number;
let nats: ServerHandle;
let told: WardDatabase;
let heard: WardDatabase;
let telling: Ward<TellerDb>;
let listening: Ward<TellerDb>;

const keyFile = (own: unknown[], others: Record<string, unknown>): Record<string, string> => {
  const file = join(folder, `${randomUUID()}.json`);
  writeFileSync(file, JSON.stringify({ own, others }));
  return { PRIVATE_KEYS_FILE: file };
};
const tellingKeys = (others: Record<string, unknown> = { cooperation: listenerKey?.open }) =>
  keyFile([tellerKey?.secret], others);
const startListening = async (own: unknown[] = [listenerKey?.secret]) => {
  listening = await startWard(listener, heard, nats.url, keyFile(own, {}));
};

beforeAll(async () => {
  [tellerKey, listenerKey, fundsKey] = await Promise.all(["social-1", "cooperation-1", "funds-1"].map(privateKeyPair));
});
beforeEach(async () => {
  deafness.name = undefined;
  store = mkdtempSync(join(folder, "nats-"));
  port = await freePort();
  nats = await startNats({ storeDir: store, port });
  told = await wardDatabase(teller, "kit_teller");
  heard = await wardDatabase(listener, "kit_listener");
  telling = await startWard(teller, told, nats.url, tellingKeys());
  await startListening();
});
afterEach(async () => {
  await Promise.all([telling.stop(), listening.stop()]);
  await nats.kill();
  await Promise.all([told.drop(), heard.drop()]);
  rmSync(store, { recursive: true, force: true });
});

const name = async (...people: [personId: string, name: string][]) => {
  const body = { region, people: people.map(([personId, called]) => ({ personId, name: called })) };
  expect((await telling.as("county-officer", "451228").post("/people", body)).status).toBe(200);
};
const listenerDataKeys = () => parseKeys(readFileSync(wardEnvironment(heard, nats.url)["KEYS_FILE"] ?? "", "utf8"));
/** What the listener knows, opened. */
const names = async () => {
  const rows = await heard.rows<{ id: string; secret: Buffer }>("select id, secret from listener.person");
  return Object.fromEntries(rows.map((row) => [row.id, heardName(listenerDataKeys(), row.id, row.secret)]));
};
const hears = (personId: string, called: string) =>
  until(async () => (await names())[personId] === called, { what: `the listener to know ${personId}` });
const owed = async () => (await told.rows("select from kit.private_event where sequence is null")).length;
const epoch = async () => (await told.rows<{ epoch: number }>("select epoch from kit.private_epoch"))[0]?.epoch;

test("a name reaches an entitled department and stands nowhere in clear on the way", async () => {
  const person = randomUUID();
  await name([person, "覃守望"]);
  await hears(person, "覃守望");
  const connection = await connect({ servers: nats.url });
  const jsm = await jetstreamManager(connection);
  const message = await jsm.streams.getMessage(stream, { seq: 1 });
  expect(message?.subject).toBe("sw.pii.social.test-person.named.v1.4512.451228");
  expect(`${message?.string()}${JSON.stringify([...(message?.header ?? [])])}`).not.toMatch(new RegExp(`覃守望|${person}`));
  const { config } = await jsm.streams.info(stream);
  expect(config.max_age).toBe(90 * 86_400 * 1e9);
  await connection.close();
  expect(JSON.stringify(await told.rows("select * from kit.private_event"))).not.toContain("覃守望");
  expect(await told.rows("select from kit.outbox where envelope like '%test-person%'")).toEqual([]);
  expect(await heard.rows("select from kit.dead_letter")).toEqual([]);
});

test("changes made while the broker is away leave afterwards, each state once and as it is then", async () => {
  const [first, second] = [randomUUID(), randomUUID()];
  await name([first, "甲"]);
  await hears(first, "甲");
  await nats.stop();
  for (const called of ["乙", "丙", "丁"]) await name([first, called], [second, called]);
  nats = await startNats({ storeDir: store, port });
  await hears(first, "丁");
  await hears(second, "丁");
  expect(await heard.rows("select told from listener.person where id = $1", [second])).toEqual([{ told: 1 }]);
});

test("many people of one county share a message", async () => {
  const people = Array.from({ length: 250 }, (_, n): [string, string] => [randomUUID(), `人${n}`]);
  await name(...people);
  await until(async () => Object.keys(await names()).length === 250, { what: "all to be known" });
  expect(await names()).toEqual(Object.fromEntries(people));
  const messages = await told.rows<{ n: number }>("select count(distinct sequence)::int as n from kit.private_event");
  expect(messages).toEqual([{ n: 3 }]);
});

test("a broker that lost its disk is told again, and one set back to an older copy what it lost; no state is missed, no older one comes back", async () => {
  const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()];
  await name([first, "甲一"]);
  await hears(first, "甲一");
  await nats.stop();
  cpSync(join(store, "jetstream"), join(store, "copy"), { recursive: true });
  nats = await startNats({ storeDir: store, port });
  await name([first, "甲二"], [second, "乙一"]);
  await hears(second, "乙一");
  await until(
    async () => (await told.rows("select from kit.private_epoch where confirmed_sequence = last_sequence")).length === 1,
    {
      what: "confirmation",
    },
  );
  await nats.stop();
  rmSync(join(store, "jetstream"), { recursive: true });
  cpSync(join(store, "copy"), join(store, "jetstream"), { recursive: true });
  nats = await startNats({ storeDir: store, port });
  await name([third, "丙一"]);
  await hears(third, "丙一");
  await until(async () => (await owed()) === 0, { what: "nothing to be owed" });
  expect(await epoch()).toBe(2);
  expect(await names()).toEqual({ [first]: "甲二", [second]: "乙一", [third]: "丙一" });
  await nats.kill();
  rmSync(join(store, "jetstream"), { recursive: true });
  nats = await startNats({ storeDir: store, port });
  await name([second, "乙二"]);
  await hears(second, "乙二");
  expect(await epoch()).toBe(3);
  expect(await names()).toEqual({ [first]: "甲二", [second]: "乙二", [third]: "丙一" });
});

test("what was on its way when the teller was killed is told after its restart, without a new epoch", async () => {
  const person = randomUUID();
  await name([person, "甲"]);
  await hears(person, "甲");
  await until(
    async () => (await told.rows("select from kit.private_epoch where confirmed_sequence = last_sequence")).length === 1,
    {
      what: "confirmation",
    },
  );
  await telling.stop();
  // As a kill between the commit of the sequence and the publish leaves it.
  await told.rows("update kit.private_event set version = version + 1, sequence = 2");
  await told.rows("update kit.private_epoch set last_sequence = 2");
  telling = await startWard(teller, told, nats.url, tellingKeys());
  await until(async () => (await heard.rows("select from listener.person where told = 2")).length === 1, {
    what: "the second telling",
  });
  expect(await epoch()).toBe(1);
});

test("a database set back to an older copy tells nothing until an operator starts a new epoch; then everything again, newest last", async () => {
  const person = randomUUID();
  await name([person, "旧"]);
  await hears(person, "旧");
  await telling.stop();
  const [backup, lost] = [await told.copy(), told];
  telling = await startWard(teller, told, nats.url, tellingKeys());
  await name([person, "丢"]);
  await hears(person, "丢");
  await telling.stop();
  told = backup;
  telling = await startWard(teller, told, nats.url, tellingKeys());
  await until(() => telling.privateRelay?.state().kind === "stream-ahead", { what: "the relay to refuse" });
  const operator = telling.as("operator", "45");
  await until(async () => (await operator.post("/epochs", { reason: "由备份恢复" })).status === 201, { what: "the new epoch" });
  await name([person, "新"]);
  await hears(person, "新");
  await until(async () => (await owed()) === 0, { what: "nothing to be owed" });
  expect((await operator.post("/epochs", { reason: "再来一次" })).status).toBe(409);
  const started = { reason: "由备份恢复", startedBy: expect.stringContaining("|operator"), privateEpoch: 2 };
  expect((await operator.get("/epochs")).json).toMatchObject({ privateEpoch: 2, items: [started] });
  await lost.drop();
});

test("a department whose key comes later is told of everybody; a key it does not have yet holds nothing up", async () => {
  const person = randomUUID();
  await telling.stop();
  telling = await startWard(teller, told, nats.url, tellingKeys({ funds: fundsKey?.open }));
  await name([person, "甲"]);
  await until(async () => (await owed()) === 0, { what: "it to be told to funds" });
  await until(() => listening.lanes[0]?.state().position === 1, { what: "the listener to pass it by" });
  expect(await names()).toEqual({});
  await telling.stop();
  telling = await startWard(teller, told, nats.url, tellingKeys({ funds: fundsKey?.open, cooperation: listenerKey?.open }));
  await hears(person, "甲");
  await telling.stop();
  telling = await startWard(teller, told, nats.url, tellingKeys({ funds: fundsKey?.open, cooperation: listenerKey?.open }));
  expect(await telling.db.withTx(system("test"), (tx) => tellAgain(tx, NameTold.type, "4512"))).toBe(1);
  telling.privateRelay?.wake();
  await until(async () => (await owed()) === 0, { what: "it to be told again" });
  await until(() => (listening.lanes[0]?.state().position ?? 0) >= 3, { what: "the listener to have gone through it" });
  expect(await heard.rows("select told from listener.person"), "the same version has no second effect").toEqual([{ told: 1 }]);
});

test("a state that cannot be taken is put aside sealed, its neighbours in the message go through, and it is taken after the fix", async () => {
  const [bad, good] = [randomUUID(), randomUUID()];
  deafness.name = "聋";
  await name([bad, "聋"], [good, "聪"]);
  await hears(good, "聪");
  const letters = () =>
    heard.rows<{ body: string; error: string; state: string }>("select body, error, state from kit.dead_letter");
  await until(async () => (await letters()).length === 1, { what: "the dead letter" });
  const [letter] = await letters();
  expect(letter).toMatchObject({ state: "parked", error: "RangeError" });
  expect(letter?.body).not.toMatch(/聋|named/);
  await name([bad, "聋二"]);
  await until(async () => (await letters()).length === 2, { what: "the next state to queue behind it" });
  deafness.name = undefined;
  await heard.rows("update kit.dead_letter set next_attempt_at = clock_timestamp()");
  await hears(bad, "聋二");
});

test("a message that was tampered with is put aside; what follows goes through", async () => {
  const person = randomUUID();
  const connection = await connect({ servers: nats.url });
  const recipients = recipientsOf(await parsePrivateKeys(readFileSync(tellingKeys()["PRIVATE_KEYS_FILE"] ?? "", "utf8")), [
    "cooperation",
  ]);
  const message = JSON.parse(await encryptFor(recipients, "[]"));
  const tampered = JSON.stringify({ ...message, tag: message.tag.replace(/^./, (c: string) => (c === "A" ? "B" : "A")) });
  await until(
    async () => (await (await jetstreamManager(connection)).streams.list().next()).some((one) => one.config.name === stream),
    {
      what: "the stream",
    },
  );
  await jetstream(connection).publish("sw.pii.social.test-person.named.v1.4512.451228", tampered, { headers: headers() });
  await connection.close();
  await until(async () => (await heard.rows("select from kit.dead_letter")).length === 1, { what: "the dead letter" });
  expect(await heard.rows("select error from kit.dead_letter")).toEqual([{ error: "PrivateMessageError" }]);
  // Somebody else published into the stream: the teller stops until an operator has looked.
  await until(() => telling.privateRelay?.state().kind === "stream-ahead", { what: "the teller to see it" });
  await telling.as("operator", "45").post("/epochs", { reason: "陌生消息" });
  await name([person, "甲"]);
  await hears(person, "甲");
});

test("a record that does not open is held and named, and holds nobody up; one that is gone is no longer owed", async () => {
  const [broken, gone, whole] = [randomUUID(), randomUUID(), randomUUID()];
  await nats.stop();
  await name([broken, "甲"], [gone, "乙"], [whole, "丙"]);
  await told.rows("update teller.person set secret = '\\x0102' where id = $1", [broken]);
  await told.rows("delete from teller.person where id = $1", [gone]);
  nats = await startNats({ storeDir: store, port });
  await hears(whole, "丙");
  const rows = await told.rows("select entity_id, held from kit.private_event where sequence is null");
  expect(rows).toEqual([{ entity_id: broken, held: "PersonalDataError" }]);
  await name([broken, "甲"]);
  await hears(broken, "甲");
});

test("whoever is erased leaves the stream with every message that named them and is forgotten by readers, early and late; their neighbours are told again", async () => {
  const [erased, neighbour] = [randomUUID(), randomUUID()];
  await name([erased, "覃旧名"]);
  await hears(erased, "覃旧名");
  await name([erased, "覃守望"], [neighbour, "韦邻居"]);
  await hears(neighbour, "韦邻居");
  const forgotten = await telling.as("county-officer", "451228").post(`/people/${erased}/forgetting`, { region });
  expect(forgotten, "the older message, in which nobody stands any more, too").toMatchObject({ json: { messages: 2 } });
  await until(async () => !(erased in (await names())), { what: "the listener to forget", timeoutMs: 30_000 });
  const connection = await connect({ servers: nats.url });
  const jsm = await jetstreamManager(connection);
  const at = async (seq: number) => (await jsm.streams.getMessage(stream, { seq }))?.string();
  await until(async () => (await at(1)) === undefined && (await at(2)) === undefined, {
    what: "both messages to leave the stream",
    timeoutMs: 30_000,
  });
  await until(async () => (await owed()) === 0, { what: "the neighbour to be told again", timeoutMs: 30_000 });
  await connection.close();
  await listening.stop();

  const late = await wardDatabase(listener, "kit_listener");
  const early = heard;
  heard = late;
  await startListening();
  await hears(neighbour, "韦邻居");
  await until(() => (listening.lanes[0]?.state().position ?? 0) >= 4, {
    what: "a late listener to be at the end",
    timeoutMs: 30_000,
  });
  expect(await names()).toEqual({ [neighbour]: "韦邻居" });
  expect(await late.rows("select from kit.dead_letter")).toEqual([]);
  await early.drop();
});
