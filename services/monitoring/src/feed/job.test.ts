import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { makeIdentityNumber, migrate } from "@shouwang/service-kit";
import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { cloneDatabase, natsUrl, signToken, type TestDatabase, templateDatabase, testIssuer } from "@shouwang/testkit";
import pg from "pg";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { monitoring } from "../index.ts";
import { county, village } from "../people.testing.ts";
import { csv, ended, type Line, progressOf, sendBills } from "./upload.testing.ts";

const rows = 8_000;
const people = 120;
const numbers = Array.from({ length: people }, (_, index) =>
  makeIdentityNumber(county, parseBusinessDate("1975-03-05"), 1 + 2 * index),
);

let database: TestDatabase;
let admin: pg.Client;
let env: Record<string, string>;
const spoken: string[] = [];
const started: ChildProcess[] = [];

beforeAll(async () => {
  await templateDatabase("monitoring", async (urls) => {
    await migrate(urls.migrationUrl, "monitoring_app", monitoring.migrations);
  });
  database = await cloneDatabase("monitoring");
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  const keysFile = join(mkdtempSync(join(tmpdir(), "shouwang-keys-")), "keys.json");
  const key = () => randomBytes(32).toString("base64");
  writeFileSync(keysFile, JSON.stringify({ current: "k1", keys: { k1: key() }, indexKey: key(), auditKey: key() }));
  const { issuer, jwksUrl } = testIssuer();
  env = {
    PORT: "0",
    HOST: "127.0.0.1",
    DATABASE_URL: database.url,
    MIGRATION_DATABASE_URL: database.migrationUrl,
    NATS_URL: natsUrl(),
    OIDC_ISSUER: issuer,
    OIDC_JWKS_URL: jwksUrl,
    KEYS_FILE: keysFile,
    COUNT_INDICATORS: "false",
    LOG_LEVEL: "debug",
    CLOCK_OFFSET_MS: String(new Date("2022-08-15T09:00:00+08:00").getTime() - Date.now()),
  };
});
afterAll(async () => {
  for (const process of started) process.kill("SIGKILL");
  await admin.end();
  await database.drop();
});

/** The service as a process of its own, with everything it says kept. */
async function startProcess(): Promise<{ url: string; kill(): Promise<void> }> {
  const child = spawn(process.execPath, [new URL("../main.ts", import.meta.url).pathname], { env: { ...process.env, ...env } });
  started.push(child);
  child.stderr.on("data", (text: Buffer) => spoken.push(text.toString()));
  const port = await new Promise<number>((resolve, reject) => {
    child.once("exit", () => reject(new Error(`the service ended: ${spoken.join("")}`)));
    createInterface(child.stdout).on("line", (line) => {
      spoken.push(line);
      const said = JSON.parse(line);
      if (said.msg === "ready") resolve(said.port);
    });
  });
  const kill = async () => {
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  };
  return { url: `http://127.0.0.1:${port}`, kill };
}

/** @param at makes the name one of its own: two hundred heads of one name in a village would all be possible duplicates of each other */
async function register(url: string, identityNumber: string, at: number): Promise<void> {
  const token = await signToken({ sub: "village", sw_roles: ["village-officer"], sw_region: village });
  const name = `韦大明${String.fromCodePoint(0x4e00 + at)}${String.fromCodePoint(0x5e00 + at)}`;
  const member = { name, identityNumber, relation: "head", labourSkill: "ordinary" };
  const reply = await fetch(`${url}/api/v1/monitoring/households`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "idempotency-key": identityNumber, "content-type": "application/json" },
    body: JSON.stringify({ region: village, householdKind: "lifted-household", members: [member] }),
  });
  expect(reply.status).toBe(201);
}

const count = async (table: string): Promise<number> =>
  Number((await admin.query<{ n: string }>(`select count(*) as n from ${table}`)).rows[0]?.n);

/** Chunks of the feed's own job: the service has jobs of its own beside it. */
const chunksDone = async (): Promise<number> =>
  await count("kit.job_chunk c join kit.job j on j.id = c.job_id and j.kind = 'department-feed'");

test("fault 26: a feed of 8,000 rows whose service is killed again and again ends with exact totals, and no log names anybody", async () => {
  let service = await startProcess();
  for (const [at, number] of numbers.entries()) await register(service.url, number, at);
  await admin.query(
    `insert into kit.parameter (id, setting_id, key, region, value, valid_from, document, loaded_by)
      values (gen_random_uuid(), gen_random_uuid(), 'screening.medicalSelfPaid', '451228000000', '1000000', '2022-01-01', '都乡振〔2022〕3号', 'test')`,
  );
  // Of each hundred rows 3 are wrong, 5 are about nobody registered, 2 repeat a row before and 90 are good: everybody's bills reach the line together.
  const stranger = makeIdentityNumber(county, parseBusinessDate("1999-01-01"), 1);
  const lineOf = (index: number, who?: string, selfPaid = "250"): Line => {
    const person = numbers[Math.floor(index / 100) + (index % 2) * (people / 3)] ?? "";
    return ["韦大明", who ?? person, "2022-08-01", `B${String(index).padStart(6, "0")}`, "500", selfPaid];
  };
  const lines = Array.from({ length: rows }, (_, index): Line => {
    const place = index % 100;
    if (place < 3) return lineOf(index, undefined, "600");
    return place < 8 ? lineOf(index, stranger) : lineOf(place < 98 ? index : index - 2);
  });
  const sent = await sendBills(service.url, csv(lines));
  expect(sent.status).toBe(202);
  const feedId = String(sent.json["feedId"]);

  for (const chunks of [1, 5, 12]) {
    await vi.waitFor(async () => expect(await chunksDone()).toBeGreaterThanOrEqual(chunks), {
      timeout: 60_000,
      interval: 5,
    });
    await service.kill();
    const { rows: jobs } = await admin.query<{ state: string }>("select state from kit.job where kind = 'department-feed'");
    expect(jobs).toEqual([{ state: "running" }]);
    service = await startProcess();
  }
  await ended(service.url, feedId);

  const progress = await progressOf(service.url, feedId);
  expect(progress).toMatchObject({
    state: "done",
    totals: { rows, refused: 240, unmatched: 400, unchanged: 160, taken: 7_200, leads: people },
  });
  expect([await count("monitoring.department_record"), await count("monitoring.risk_lead")]).toEqual([7_200, people]);
  expect([await count("kit.refused_row"), await count("monitoring.feed_row")]).toEqual([240, 0]);
  const events = await admin.query("select from kit.outbox where envelope::jsonb ->> 'type' = 'monitoring.import.finished.v1'");
  expect(events.rowCount).toBe(1);

  const said = spoken.join("\n");
  expect(said).toContain("job done");
  expect(said).not.toMatch(/韦大明|\b\d{17}[\dX]\b/);
}, 240_000);
