import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { EmploymentPersonResyncRequested, privateStreamOf, privateSubjectOf } from "@shouwang/contract";
import { decryptOwn, encryptFor, type PrivateKeys, parsePrivateKeys, recipientsOf } from "@shouwang/service-kit";
import { type Broker, freshNats, until } from "@shouwang/testkit";
import { connect, type NatsConnection } from "nats";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Office, startOffice } from "../office.testing.ts";
import { county, newNumber, registerCouple, village } from "../people.testing.ts";

const departments = ["monitoring", "employment", "industry", "funds", "social"] as const;
type Reader = (typeof departments)[number];
const keys = new Map<Reader, PrivateKeys>();
let broker: Broker;
let connection: NatsConnection;
let office: Office;

beforeAll(async () => {
  const pairs = departments.map((name) => {
    const secret = { ...generateKeyPairSync("x25519").privateKey.export({ format: "jwk" }), kid: `${name}-1` };
    const { d: _, ...open } = Object.assign({ d: "" }, secret);
    return { name, secret, open };
  });
  let own = "";
  for (const { name, secret } of pairs) {
    const others = Object.fromEntries(pairs.filter((other) => other.name !== name).map((other) => [other.name, other.open]));
    const file = JSON.stringify({ own: [secret], others });
    if (name === "monitoring") own = file;
    keys.set(name, await parsePrivateKeys(file));
  }
  const file = join(mkdtempSync(join(tmpdir(), "shouwang-private-")), "private.json");
  writeFileSync(file, own);
  broker = await freshNats();
  connection = await connect({ servers: broker.url });
  office = await startOffice("2022-08-15", { NATS_URL: broker.url, PRIVATE_KEYS_FILE: file });
});
afterAll(async () => {
  await office.stop();
  await connection.close();
  await broker.remove();
});

/** Everything on monitoring's private stream that a department can open: type and content, oldest first. */
async function readAs(reader: Reader): Promise<{ type: string; data: Record<string, unknown> }[]> {
  const readerKeys = keys.get(reader);
  const jsm = await jetstreamManager(connection);
  const state = await jsm.streams.info(privateStreamOf("monitoring")).then(
    (info) => info.state,
    () => undefined,
  );
  const events = [];
  for (let seq = 1; readerKeys && state && seq <= state.last_seq; seq += 1) {
    const message = await jsm.streams.getMessage(privateStreamOf("monitoring"), { seq });
    const text = message && (await decryptOwn(readerKeys, message.string()));
    if (text) events.push(...JSON.parse(text));
  }
  return events;
}
const typesFor = async (reader: Reader) => [...new Set((await readAs(reader)).map(({ type }) => type))].sort();

test("registering a household tells each department what it is entitled to of its people, and nobody more", async () => {
  const identityNumber = newNumber("1975-03-05", "male");
  const household = await registerCouple(office, {
    members: [{ name: "韦大明", identityNumber, relation: "head", labourSkill: "ordinary", phone: "13800138000" }],
  });
  const read = await office.as("village-officer", village).get(`/households/${household}`);
  const [{ personId }] = Object(read.json)["members"];
  const account = "6228480402564890018";
  const recorded = await office.as("village-officer", village).send(`/persons/${personId}/payee-account`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ account, holder: "韦大明" }),
  });
  expect([recorded.status, await recorded.json()]).toEqual([
    200,
    { personId, account: expect.stringMatching(/^\*+0018$/), byProxy: false, note: null },
  ]);
  await until(async () => (await typesFor("funds")).length === 2, { what: "identity and account to be told to funds" });
  await until(async () => (await typesFor("employment")).length === 2, { what: "identity and phone to be told to employment" });
  expect(await readAs("funds")).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        type: "monitoring.person.identity-recorded.v1",
        data: { personId, identityNumber, name: "韦大明", birthDate: "1975-03-05", sex: "male" },
      }),
      expect.objectContaining({
        type: "monitoring.person.payee-account-recorded.v1",
        data: { personId, account, holder: "韦大明", byProxy: false },
      }),
    ]),
  );
  expect(await readAs("employment")).toContainEqual(
    expect.objectContaining({ type: "monitoring.person.phone-recorded.v1", data: { personId, phone: "13800138000" } }),
  );
  expect(JSON.stringify(await readAs("employment")), "accounts are for funds alone").not.toContain(account);
  expect(JSON.stringify(await office.outbox())).not.toMatch(new RegExp(`${identityNumber}|${account}|韦大明|13800138000`));
});

test("a department that asks for a person again is told again", async () => {
  const household = await registerCouple(office);
  const read = await office.as("village-officer", village).get(`/households/${household}`);
  const [{ personId }] = Object(read.json)["members"];
  const tellings = async () => (await readAs("employment")).filter(({ data }) => data["personId"] === personId).length;
  await until(async () => (await tellings()) === 2, { what: "identity and phone to be told" });

  const employment = keys.get("employment");
  if (!employment) throw new Error("no keys of employment");
  const jsm = await jetstreamManager(connection);
  await jsm.streams.add({ name: privateStreamOf("employment"), subjects: ["sw.pii.employment.>"] });
  const draft = EmploymentPersonResyncRequested.of(personId, 1, village, { personId });
  const event = {
    specversion: "1.0",
    id: uuidv7(),
    type: draft.type,
    source: "/employment",
    subject: `person/${personId}`,
    time: new Date().toISOString(),
    datacontenttype: "application/json",
    sequence: "1",
    region: village,
    actor: "system|private-relay",
    data: draft.data,
  };
  const message = await encryptFor(recipientsOf(employment, ["monitoring"]), JSON.stringify([event]));
  await jetstream(connection).publish(privateSubjectOf(draft.type, village), message);
  await until(async () => (await tellings()) === 4, { what: "the person to be told again" });
});

test.each([
  ["a stranger's account", { account: "6228480402564890018", holder: "黄三", byProxy: true }, 400, "invalid-input"],
  ["a person of another county", undefined, 404, "not-found"],
])("refuses %s and keeps nothing", async (_, body, status, code) => {
  const household = await registerCouple(office);
  const [{ personId }] = Object((await office.as("village-officer", village).get(`/households/${household}`)).json)["members"];
  const office2 = body ? office.as("village-officer", village) : office.as("county-officer", county.replace("28", "29"));
  const answer = await office2.send(`/persons/${personId}/payee-account`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body ?? { account: "6228480402564890018", holder: "韦大明" }),
  });
  expect([answer.status, Object(await answer.json())["code"]]).toEqual([status, code]);
  const payees = (await readAs("funds")).filter(({ type }) => type.includes("payee-account"));
  expect(payees.filter(({ data }) => data["personId"] === personId)).toEqual([]);
});
