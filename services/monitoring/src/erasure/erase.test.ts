import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { privateStreamOf, streamOf } from "@shouwang/contract";
import {
  decryptOwn,
  type Keys,
  loadKeys,
  nameTokens,
  openFile,
  openRecord,
  type PrivateKeys,
  parsePrivateKeys,
  putFile,
  system,
} from "@shouwang/service-kit";
import { type Broker, freshNats, until } from "@shouwang/testkit";
import { connect, type NatsConnection } from "nats";
import pg from "pg";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { csv, sendBills, takeIn } from "../feed/upload.testing.ts";
import { identityIndex } from "../household/person-store.ts";
import { owePersonAgain } from "../household/told-store.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, newNumber, registerCouple, township, village } from "../people.testing.ts";
import { printed } from "../printed-form/form.testing.ts";
import { sealed } from "../sealed.ts";
import { tellErasedAgain } from "./told-store.ts";

const city = "4512";
const name = "韦守望";
const phone = "13900139077";
const firstPhone = "13900139066";
const account = "6228480402564890018";
const readers = ["employment", "industry", "funds", "social"] as const;
let broker: Broker;
let connection: NatsConnection;
let office: Office;
let admin: pg.Client;
let keys: Keys;
const readerKeys: PrivateKeys[] = [];

beforeAll(async () => {
  const pairs = ["monitoring", ...readers].map((department) => {
    const secret = { ...generateKeyPairSync("x25519").privateKey.export({ format: "jwk" }), kid: `${department}-1` };
    const { d: _, ...open } = Object.assign({ d: "" }, secret);
    return { department, secret, open };
  });
  const others = Object.fromEntries(pairs.slice(1).map(({ department, open }) => [department, open]));
  const file = join(mkdtempSync(join(tmpdir(), "shouwang-private-")), "private.json");
  writeFileSync(file, JSON.stringify({ own: [pairs[0]?.secret], others }));
  for (const { secret } of pairs.slice(1)) readerKeys.push(await parsePrivateKeys(JSON.stringify({ own: [secret], others: {} })));
  broker = await freshNats();
  connection = await connect({ servers: broker.url });
  office = await startOffice("2022-08-15", { NATS_URL: broker.url, PRIVATE_KEYS_FILE: file });
  keys = await loadKeys(office.keysFile);
  admin = new pg.Client({ connectionString: office.adminUrl });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await office.stop();
  await connection.close();
  await broker.remove();
});

/** Every row of every table, with what is sealed opened: where it stands, and what it says. Bytes are in hexadecimal. */
async function everything(): Promise<{ where: string; says: string }[]> {
  const said: { where: string; says: string }[] = [];
  const tables = await admin.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
      where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  for (const { name: where } of tables.rows)
    for (const { says } of (await admin.query<{ says: string }>(`select to_jsonb(t)::text as says from ${where} t`)).rows)
      said.push({ where, says });
  for (const { table, id, column, place } of sealed) {
    const key = typeof id === "string" ? `${id}::text` : id.sql;
    const { rows } = await admin.query<{ id: string; bytes: Buffer }>(
      `select ${key} as id, ${column} as bytes from ${table} where ${column} is not null`,
    );
    for (const row of rows) {
      const record = openRecord(keys, { table: place ?? table, id: row.id }, row.bytes, z.unknown());
      said.push({ where: `${table}.${column}`, says: JSON.stringify(record) });
    }
  }
  for (const file of (await admin.query<{ id: string; content: Buffer }>("select id, content from kit.file")).rows)
    said.push({ where: "kit.file.content", says: openFile(keys, file.id, file.content).toString("utf8") });
  return said;
}

/** Everything both streams hold, what is private as each department that is entitled to it reads it. */
async function streams(): Promise<string> {
  const jsm = await jetstreamManager(connection);
  const texts: string[] = [];
  for (const stream of [streamOf("monitoring"), privateStreamOf("monitoring")]) {
    const { last_seq } = (await jsm.streams.info(stream)).state;
    for (let seq = 1; seq <= last_seq; seq += 1) {
      const body = (await jsm.streams.getMessage(stream, { seq }))?.string();
      if (body === undefined) continue;
      if (stream === streamOf("monitoring")) texts.push(body);
      else for (const own of readerKeys) texts.push((await decryptOwn(own, body)) ?? "");
    }
  }
  return texts.join("\n");
}

/** Where one of these stands, in the database. */
const placesOf = async (values: readonly string[]) => [
  ...new Set((await everything()).filter(({ says }) => values.some((value) => says.includes(value))).map(({ where }) => where)),
];
const ask = (personId: string, more: Record<string, unknown> = {}) =>
  office.as("county-officer", county).post(`/persons/${personId}/erasures`, {
    ground: "entered-by-mistake",
    document: "都乡振函〔2022〕31号",
    documentDate: "2022-08-15",
    ...more,
  });
const decide = (erasureId: unknown, body: unknown, subject?: string, region = city) =>
  office.as("city-officer", region, subject).post(`/erasures/${erasureId}/decision`, body);

test("whoever is erased stands nowhere any more: no table, no sealed text, no file, no index, no stream; the same number is a new person", async () => {
  const identityNumber = newNumber("1999-03-05", "male");
  const officer = office.as("village-officer", village);
  const householdId = await registerCouple(office, {
    members: [
      { name: "覃建国", identityNumber: newNumber("1970-03-05", "male"), relation: "head", labourSkill: "ordinary" },
      { name, identityNumber, phone: firstPhone, relation: "son", labourSkill: "ordinary" },
    ],
  });
  const people: Record<string, unknown>[] = Object((await officer.get(`/households/${householdId}`)).json)["members"];
  const [head, son] = ["head", "son"].map((relation) => String(people.find((one) => one["relation"] === relation)?.["personId"]));
  const payee = {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ account, holder: name }),
  };
  expect((await officer.send(`/persons/${son}/payee-account`, payee)).status).toBe(200);
  const corrected = await officer.patch(`/persons/${son}`, { phone, source: "入户核实", document: `${name}本人电话` }, 1);
  expect(corrected.status, JSON.stringify(corrected.json)).toBe(200);
  const visit = { visitId: uuidv7(), householdId, purposes: ["monthly-round"], mode: "home", visitedOn: "2022-08-15" };
  expect((await officer.post("/visits", { ...visit, changed: false, note: `${name}不在家,覃建国说他在广东` })).status).toBe(201);
  const found = { source: "monthly-round", cause: "illness", severity: "severe", foundAt: office.now().toISOString() };
  const lead = await officer.post("/risk-leads", { ...found, householdId, epidemic: false, note: `${name}住院,电话${phone}` });
  const leadId = String(lead.json["leadId"]);
  await takeIn(office.running.url, csv([["韦守旺", identityNumber, "2022-08-01", "YB1", "50000", "31000"]]));
  await sendBills(office.running.url, `未提交的名单\r\n${name},${identityNumber}`);
  const paper = await printed(officer, { kind: "visit-record", aboutId: visit.visitId });
  const note = { region: village, householdId, name: "证明.txt", mediaType: "text/plain", purpose: "measure-evidence" };
  await office.running.db.withTx(system("test"), (tx) =>
    putFile(tx, keys, system("test"), { ...note, content: Buffer.from(`兹证明${name}`) }),
  );
  const otherFile = await office.running.db.withTx(system("test"), (tx) =>
    putFile(tx, keys, system("test"), { ...note, content: Buffer.from("兹证明覃建国") }),
  );
  const version = (await officer.get(`/households/${householdId}`)).json["members"];
  const current = Number(Object(version)[people.findIndex((one) => one["relation"] === "son")]?.["version"] ?? 2);
  expect((await ask(son ?? "")).json["type"]).toMatch(/person-still-member$/);
  const left = await officer.post(
    `/persons/${son}/leaving`,
    { because: "transfer", on: "2022-08-15", source: "村级登记", document: "迁出证明" },
    undefined,
    current,
  );
  expect(left.status, JSON.stringify(left.json)).toBe(200);

  const held = await ask(son ?? "", { ground: "person-asked" });
  expect([held.status, Object(held.json["reasons"]).map(({ code }: { code: string }) => code)]).toEqual([
    409,
    ["open-lead", "keep-term"],
  ]);
  await office.as("township-officer", township).post(`/risk-leads/${leadId}/dispatch`, { to: "village-officer-1" });
  const verification = { visitedOn: office.today(), team: ["village-officer-1", "township-officer-1"], outcome: "not-at-risk" };
  expect(
    (
      await office
        .as("township-officer", township)
        .post(`/risk-leads/${leadId}/verification`, { ...verification, note: `${name}已好转` })
    ).status,
  ).toBe(200);

  const values = [name, identityNumber, phone, firstPhone, account];
  const indexes = [identityIndex(keys, identityNumber), ...nameTokens(keys, name)].map((index) => index.toString("hex"));
  const before = await placesOf(values);
  expect(before).toEqual(
    expect.arrayContaining([
      "monitoring.person.secret",
      "monitoring.person.payee_secret",
      "monitoring.person_change.secret",
      "monitoring.person_change",
      "monitoring.visit.note",
      "monitoring.risk_lead.note",
      "monitoring.lead_verification.note",
      "kit.file.content",
    ]),
  );
  expect(await placesOf(indexes)).toEqual(expect.arrayContaining(["monitoring.person", "monitoring.name_token"]));
  await until(async () => (await streams()).includes(account), { what: "the account to be told", timeoutMs: 30_000 });

  const asked = await ask(son ?? "");
  expect(asked.status, JSON.stringify(asked.json)).toBe(201);
  expect((await ask(son ?? "")).json["type"]).toMatch(/erasure-open$/);
  expect((await decide(asked.json["erasureId"], { outcome: "approved" }, `county-officer-${county}`)).json["type"]).toMatch(
    /same-person-twice$/,
  );
  expect((await decide(asked.json["erasureId"], { outcome: "refused" })).json["type"]).toMatch(/invalid-input$/);
  expect((await decide(asked.json["erasureId"], { outcome: "approved" }, undefined, "4501")).json["type"]).toMatch(
    /erasure-not-found$/,
  );
  const approved = await decide(asked.json["erasureId"], { outcome: "approved" });
  expect(approved.status, JSON.stringify(approved.json)).toBe(200);
  await until(
    async () => (await office.as("auditor", "45").get(`/erasures/${asked.json["erasureId"]}`)).json["status"] === "erased",
    { what: "the person to be erased", timeoutMs: 30_000 },
  );

  expect(await placesOf(values), "in clear or sealed, in a table or a file").toEqual([]);
  expect(await placesOf(indexes), "an index of number or name").toEqual([]);
  const isTold = async () => {
    const text = await streams();
    return text.includes("monitoring.person.erased") && !values.some((value) => text.includes(value));
  };
  await until(isTold, { what: "the private stream to forget and to say so", timeoutMs: 30_000 });
  const told = await streams();
  expect(values.filter((value) => told.includes(value))).toEqual([]);
  expect(told, "their family is told of again").toContain("覃建国");
  const [event] = (await office.outbox()).filter(({ type }) => type === "monitoring.person.identity-destroyed.v1");
  expect(event?.data).toMatchObject({ personId: son, householdId: null, status: "left", numberVerified: false });

  // What others of the household wrote and what is counted stays.
  const texts = (await everything()).filter(({ where }) => where === "monitoring.visit.note").map(({ says }) => says);
  expect(texts).toEqual([JSON.stringify({ note: "(已销毁)不在家,覃建国说他在广东" })]);
  const record = await admin.query("select person_id, amount_fen, total_fen, secret from monitoring.department_record");
  expect(record.rows).toEqual([{ person_id: son, amount_fen: 3_100_000, total_fen: 5_000_000, secret: null }]);
  expect((await admin.query("select from kit.file where id = $1", [otherFile])).rowCount).toBe(1);
  expect((await officer.send(`/forms/${paper.formId}/paper`, {})).status, "the paper named every member").toBe(404);
  const audit = await admin.query(
    `select action, purpose from kit.audit where entity_id = $1 and action like '%eras%' order by id`,
    [son],
  );
  expect(audit.rows).toEqual(
    ["ask-erasure", "decide-erasure", "erase-person"].map((action) => ({
      action,
      purpose: "entered-by-mistake 都乡振函〔2022〕31号",
    })),
  );
  expect(
    (await office.as("county-officer", county).post(`/persons/${son}/reveal`, { purpose: "核对身份", fields: ["name"] })).status,
  ).toBe(404);
  expect((await ask(son ?? "")).json["type"]).toMatch(/person-erased$/);
  expect((await decide(asked.json["erasureId"], { outcome: "approved" })).json["type"]).toMatch(/erasure-state$/);

  // A department that asks again hears that there is nobody; so does one that comes back from an old backup.
  await office.running.db.withTx(system("test"), (tx) => owePersonAgain(tx, son ?? ""));
  const states = await admin.query("select type from kit.private_event where entity_id = $1", [son]);
  expect(states.rows).toEqual([{ type: "monitoring.person.erased.v1" }]);
  expect(await office.running.db.withTx(system("test"), tellErasedAgain)).toBe(1);

  const anew = await registerCouple(office, {
    members: [{ name: "韦新生", identityNumber, relation: "head", labourSkill: "ordinary" }],
  });
  const [again] = Object((await officer.get(`/households/${anew}`)).json)["members"];
  expect(again.personId).not.toBe(son);
  expect(head).not.toBe(again.personId);
});

/** A member who was entered by mistake and has left; answers who, and of which household. */
async function gone(): Promise<{ personId: string; householdId: string; identityNumber: string }> {
  const identityNumber = newNumber("2001-05-05", "female");
  const householdId = await registerCouple(office, {
    members: [
      { name: "覃建军", identityNumber: newNumber("1971-03-05", "male"), relation: "head", labourSkill: "ordinary" },
      { name: "覃小妹", identityNumber, relation: "daughter", labourSkill: "ordinary" },
    ],
  });
  const officer = office.as("village-officer", village);
  const people: Record<string, unknown>[] = Object((await officer.get(`/households/${householdId}`)).json)["members"];
  const personId = String(people.find((one) => one["relation"] === "daughter")?.["personId"]);
  const leaving = { because: "other", on: "2022-08-15", source: "村级登记" };
  expect((await officer.post(`/persons/${personId}/leaving`, leaving, undefined, 1)).status).toBe(200);
  return { personId, householdId, identityNumber };
}
const statusOf = async (erasureId: unknown) => (await office.as("auditor", "45").get(`/erasures/${erasureId}`)).json;
const leadOf = (householdId: string) => {
  const found = {
    source: "monthly-round",
    cause: "illness",
    severity: "severe",
    foundAt: "2022-08-15T00:30:00Z",
    epidemic: false,
  };
  return office.as("village-officer", village).post("/risk-leads", { ...found, householdId });
};

test("what comes up between asking and deciding holds it; a refusal says why and changes nothing", async () => {
  const { personId, householdId, identityNumber } = await gone();
  const asked = await ask(personId);
  expect((await leadOf(householdId)).status).toBe(201);
  const held = await decide(asked.json["erasureId"], { outcome: "approved" });
  expect([held.status, Object(held.json["reasons"])[0].code]).toEqual([409, "open-lead"]);
  const version = Number((await office.as("village-officer", village).get(`/households/${householdId}`)).json["version"]);
  const join = { identityNumber, name: "覃小妹", relation: "daughter", labourSkill: "ordinary" };
  const joined = await office
    .as("village-officer", village)
    .post(
      `/households/${householdId}/members`,
      { member: join, because: "return", on: "2022-08-15", source: "村级登记" },
      undefined,
      version,
    );
  expect(joined.status, JSON.stringify(joined.json)).toBeLessThan(300);
  expect((await decide(asked.json["erasureId"], { outcome: "approved" })).json["type"]).toMatch(/person-still-member$/);
  const refused = await decide(asked.json["erasureId"], { outcome: "refused", because: "still-needed" });
  expect(refused.json).toMatchObject({ status: "refused", refusedBecause: "still-needed", erasedOn: null });
  const { items } = (await office.as("county-officer", county).get("/erasures?status=refused")).json;
  expect(items).toEqual([refused.json]);
  expect((await ask(uuidv7())).json["type"]).toMatch(/person-not-found$/);
  expect((await office.as("city-officer", city).get(`/erasures/${uuidv7()}`)).json["type"]).toMatch(/erasure-not-found$/);
});

test("what city and county cannot see holds it all the same: it lapses, and the person stays who they were", async () => {
  const { personId } = await gone();
  const wrong = await ask(personId, { documentDate: "2022-08-16" });
  expect([wrong.status, wrong.json["errors"]]).toMatchObject([400, [{ pointer: "/documentDate" }]]);
  expect((await ask(personId, { document: "身份证451228199903050017" })).status).toBe(400);
  const asked = await ask(personId);
  const elsewhere = await registerCouple(office);
  await leadOf(elsewhere);
  await admin.query("update monitoring.household set region = '450124100001' where id = $1", [elsewhere]);
  await admin.query(
    `insert into monitoring.past_membership (id, person_id, household_id, region, relation, since, until, because)
      values ($1, $2, $3, '450124100001', 'daughter', '2022-01-01', '2022-08-15', 'other')`,
    [uuidv7(), personId, elsewhere],
  );
  expect((await decide(asked.json["erasureId"], { outcome: "approved" })).status).toBe(200);
  await until(async () => (await statusOf(asked.json["erasureId"]))["status"] === "lapsed", {
    what: "it to lapse",
    timeoutMs: 30_000,
  });
  const purpose = { purpose: "核对身份", fields: ["name"] };
  expect((await office.as("county-officer", county).post(`/persons/${personId}/reveal`, purpose)).json["name"]).toBe("覃小妹");
});
