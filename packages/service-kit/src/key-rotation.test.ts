import { randomBytes } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { openDatabase } from "./database.ts";
import { placeOfLetter } from "./dead-letter.ts";
import { putFile } from "./file.ts";
import { type Keys, needsRotation, openFile, openRecord, parseKeys, sealRecord } from "./personal-data.ts";
import { system } from "./principal.ts";
import { letterStep } from "./seal-again.ts";
import { misdeclaredBytes } from "./sealed-column.ts";
import { type Child, startChild } from "./testing/child.testing.ts";
import { vault } from "./testing/vault.testing.ts";
import { type Callers, noNats, startWard, type WardDatabase, wardDatabase } from "./testing/ward.testing.ts";

const people = 1_720;
const files = 5;
const village = "451228100003";
const number = "451228198001011234";

let database: WardDatabase;
let child: Child;
const folder = mkdtempSync(join(tmpdir(), "shouwang-rotation-"));
const key = () => randomBytes(32).toString("base64");
const [k1, k2, indexKey, auditKey] = [key(), key(), key(), key()];
const keyFile = (name: string, current: string, keys: Record<string, string>): { file: string; keys: Keys } => {
  const json = JSON.stringify({ current, keys, indexKey, auditKey });
  writeFileSync(join(folder, name), json);
  return { file: join(folder, name), keys: parseKeys(json) };
};
const old = keyFile("old.json", "k1", { k1 });
const both = keyFile("both.json", "k2", { k1, k2 });
const alone = keyFile("alone.json", "k2", { k2 });

beforeAll(async () => {
  database = await wardDatabase(vault, "kit_vault");
  const ids = Array.from({ length: people }, () => uuidv7());
  const secrets = ids.map((id) =>
    sealRecord(old.keys, { table: "vault.person", id }, { name: "蓝秀英", identityNumber: number }),
  );
  await database.admin.query(
    "insert into vault.person (id, region, secret, version, updated_at) select *, 7, '2022-01-01' from unnest($1::uuid[], array_fill($2::text, array[$3::int]), $4::bytea[])",
    [ids, village, people, secrets],
  );
  // One row without a secret, and one whose key nobody has any more.
  const lost = keyFile("lost.json", "k0", { k0: key() });
  const lostId = uuidv7();
  await database.admin.query("insert into vault.person (id, region, secret) values ($1, $3, null), ($2, $3, $4)", [
    uuidv7(),
    lostId,
    village,
    sealRecord(lost.keys, { table: "vault.person", id: lostId }, {}),
  ]);
  const ward = await startWard(vault, database, noNats, { KEYS_FILE: old.file });
  await ward.as("county-officer", "451228").post("/people", { region: village, name: "韦大明", identityNumber: number });
  await ward.db.withTx(system("test"), async (tx) => {
    for (let n = 0; n < files; n += 1)
      await putFile(tx, old.keys, system("test"), {
        region: village,
        name: "a",
        mediaType: "text/plain",
        content: Buffer.from(`file ${n}`),
        purpose: "test",
      });
    expect(await misdeclaredBytes(tx, vault)).toEqual([]);
  });
  await ward.stop();
  child = await startChild("vault", database, noNats, { KEYS_FILE: both.file });
});
afterAll(async () => {
  await child.end("SIGTERM");
  await database.drop();
});

const operator = (): ReturnType<Callers> => child.as("operator", "45");
const stored = () =>
  database.rows<{ id: string; secret: Buffer; rest: string }>(
    "select id, secret, (to_jsonb(p) - 'secret')::text as rest from vault.person p where secret is not null order by id",
  );
const chunks = async () =>
  (
    await database.rows<{ n: number }>(
      "select count(*)::int as n from kit.job_chunk c join kit.job j on j.id = c.job_id where j.kind = 'key-rotation'",
    )
  )[0]?.n ?? 0;
const jobState = async (id: unknown) => (await operator().get(`/jobs/${id}`)).json;

test("a rotation killed half-way goes on where it stood and ends with every record and file under the new key, nothing else changed", async () => {
  const before = await stored();
  // Somebody holds the last row, so that the job stands still before its end and is killed there.
  const holder = await database.admin.connect();
  await holder.query("begin");
  await holder.query("select from vault.person where id = (select max(id::text)::uuid from vault.person) for update");
  const asked = await operator().post("/key-rotations", {});
  expect(asked.status).toBe(202);
  await until(async () => (await chunks()) >= 4, { what: "the job to reach the held row" });
  expect(await operator().post("/key-rotations", {})).toMatchObject({ status: 409, json: { code: "state-conflict" } });
  expect((await child.end("SIGKILL")).code).toBeNull();
  await holder.query("rollback");
  holder.release();
  child = await startChild("vault", database, noNats, { KEYS_FILE: both.file });
  const done = await until(
    async () => {
      const job = await jobState(asked.json["jobId"]);
      return job["state"] === "done" && job;
    },
    { what: "the rotation to end" },
  );
  expect(done).toMatchObject({
    totals: { sealedAgain: people + 1 + files, unreadable: 1 },
    result: { key: "k2", remaining: 1 },
  });

  const after = await stored();
  expect(after.map(({ rest }) => rest)).toEqual(before.map(({ rest }) => rest));
  expect(after.filter(({ secret }) => needsRotation(both.keys, secret))).toHaveLength(1);
  const kept = await database.rows<{ id: string; content: Buffer }>("select id, content from kit.file order by id");
  expect(kept.map(({ id, content }) => openFile(alone.keys, id, content).toString())).toEqual(
    Array.from({ length: files }, (_, n) => `file ${n}`),
  );
  const audited = await database.rows<{ n: number }>("select count(*)::int as n from kit.audit where action = 'seal-again'");
  expect(audited).toEqual([{ n: await chunks() }]);
  expect(await database.rows("select from kit.outbox where entity <> 'audit'")).toHaveLength(0);
});

test("the old key can be taken away afterwards: people are revealed, and found under the same index", async () => {
  await child.end("SIGTERM");
  child = await startChild("vault", database, noNats, { KEYS_FILE: alone.file });
  const officer = child.as("county-officer", "451228");
  const found = await officer.post("/people/search", { identityNumber: number });
  expect(await officer.post(`/people/${found.json["personId"]}/reveal`, undefined)).toMatchObject({
    status: 200,
    json: { name: "韦大明", identityNumber: number },
  });
});

test("a second rotation finds nothing to do but what cannot be read, and only an operator may ask for one", async () => {
  const again = await operator().post("/key-rotations", {});
  await until(async () => (await jobState(again.json["jobId"]))["state"] === "done");
  expect(await jobState(again.json["jobId"])).toMatchObject({ totals: { sealedAgain: 0, unreadable: 1 } });
  expect((await child.as("county-officer", "451228").post("/key-rotations", {})).status).toBe(403);
});

test("a private event put aside is sealed again in its own place, other dead letters are left alone", async () => {
  const letter = { reader: "quiet", source: "social", epoch: 1, position: 5, item: 2 };
  const sealed = sealRecord(old.keys, placeOfLetter(letter), "said in private").toString("base64");
  const insert = `insert into kit.dead_letter (reader, source, position, item, epoch, entity_key, type, body, error, attempts, state)
    values ($1, 'social', 5, 2, 1, 'e', 't', $2, '', 1, 'parked')`;
  await database.admin.query(insert, ["quiet", sealed]);
  await database.admin.query(insert, ["loud", "{}"]);
  const step = letterStep(["quiet"]);
  const db = openDatabase(database.url);
  await db.withTx(system("test"), async (tx) => {
    expect(await step.countOlder(tx, both.keys)).toBe(1);
    const done = await step.sealNext(tx, both.keys, "");
    expect(done).toMatchObject({ sealedAgain: 1, unreadable: 0 });
    expect(await step.sealNext(tx, both.keys, done.last ?? "")).toEqual({ last: undefined, sealedAgain: 0, unreadable: 0 });
    expect(await step.countOlder(tx, both.keys)).toBe(0);
  });
  await db.close();
  const [quiet, loud] = await database.rows<{ body: string }>("select body from kit.dead_letter order by reader desc");
  expect(openRecord(alone.keys, placeOfLetter(letter), Buffer.from(quiet?.body ?? "", "base64"), z.string())).toBe(
    "said in private",
  );
  expect(loud?.body).toBe("{}");
});
