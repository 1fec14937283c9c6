import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { loadKeys, makeIdentityNumber, migrate, openDatabase, openRecord, system } from "@shouwang/service-kit";
import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { cloneDatabase, natsUrl, signToken, type TestDatabase, templateDatabase, testIssuer } from "@shouwang/testkit";
import pg from "pg";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { DB } from "../db.ts";
import { checkMembers } from "../household/decide.ts";
import { insertMembers } from "../household/person-store.ts";
import { type Household, insertHousehold } from "../household/store.ts";
import { monitoring } from "../index.ts";
import { county, village } from "../people.testing.ts";
import { sealed } from "../sealed.ts";
import { NationalRow } from "./read-row.ts";
import { nationalFile } from "./sheet.testing.ts";

const households = 250;
const numbers = Array.from({ length: households }, (_, index) =>
  makeIdentityNumber(county, parseBusinessDate("1975-03-05"), 1 + 2 * index),
);

const nameOf = (at: number) => `韦${String.fromCodePoint(0x4e00 + at)}${String.fromCodePoint(0x5e00 + at)}`;
const bare: Household = {
  ...{ id: "", region: village, householdNo: null, hamlet: null, householdKind: "lifted-household", monitoredKind: null },
  ...{ riskCleared: false, headcount: 1, ableWorkers: 1, lowIncome: false, safetyNetOnly: false, relocated: false },
  guarantees: { schooling: null, medicalCare: null, housing: null, drinkingWater: null },
  ...{ status: "active", closedBecause: null, mergedInto: null, splitFrom: null, synthetic: false, version: 1 },
};

let database: TestDatabase;
let admin: pg.Client;
let env: Record<string, string>;
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
    ...{ PORT: "0", HOST: "127.0.0.1", NATS_URL: natsUrl() },
    ...{ DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.migrationUrl },
    ...{ OIDC_ISSUER: issuer, OIDC_JWKS_URL: jwksUrl, KEYS_FILE: keysFile, COUNT_INDICATORS: "false", LOG_LEVEL: "info" },
    CLOCK_OFFSET_MS: String(new Date("2022-08-15T09:00:00+08:00").getTime() - Date.now()),
  };
});
afterAll(async () => {
  for (const process of started) process.kill("SIGKILL");
  await admin.end();
  await database.drop();
});

/** The service as a process of its own. */
async function startProcess(): Promise<{ url: string; kill(): Promise<void> }> {
  const child = spawn(process.execPath, [new URL("../main.ts", import.meta.url).pathname], { env: { ...process.env, ...env } });
  started.push(child);
  const port = await new Promise<number>((resolve, reject) => {
    child.once("exit", () => reject(new Error("the service ended")));
    createInterface(child.stdout).on("line", (line) => {
      const said = JSON.parse(line);
      if (said.msg === "ready") resolve(said.port);
    });
  });
  const kill = async () => {
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  };
  return { url: `http://127.0.0.1:${port}/api/v1/monitoring`, kill };
}

const headersOf = async (role: "village-officer" | "county-officer", region: string) => ({
  authorization: `Bearer ${await signToken({ sub: role, sw_roles: [role], sw_region: region })}`,
  "idempotency-key": randomUUID(),
});

/** A household of one a number, put straight into the registry: how they came there is not what this is about. */
async function register(): Promise<void> {
  const db = openDatabase<DB>(database.url);
  const keys = await loadKeys(env["KEYS_FILE"] ?? "");
  const today = parseBusinessDate("2022-08-15");
  await db.withTx(system("test"), async (tx) => {
    for (const [at, identityNumber] of numbers.entries()) {
      const entry = { name: nameOf(at), identityNumber, relation: "head", labourSkill: "ordinary", education: "junior" } as const;
      const checked = checkMembers([{ ...entry, health: ["healthy"] }], today);
      if (!("members" in checked)) throw new Error("the member is wrong");
      const household = { ...bare, id: uuidv7(), householdNo: `H${at}` };
      await insertHousehold(tx, household, new Date("2022-08-15T01:00:00Z"));
      await insertMembers(
        tx,
        keys,
        household,
        checked.members.map((member) => ({ ...member, id: uuidv7() })),
        today,
      );
    }
  });
  await db.close();
}

/** Rows that wait to be compared open under the place they are declared with, so that a rotation can go through them. */
async function openWaitingRows(): Promise<void> {
  const place = sealed.find(({ table }) => table === "monitoring.national_row");
  if (!place || typeof place.id === "string") throw new Error("the rows are not declared");
  const keys = await loadKeys(env["KEYS_FILE"] ?? "");
  const { rows } = await admin.query<{ id: string; secret: Buffer }>(
    `select ${place.id.sql} as id, secret from monitoring.national_row order by line limit 10`,
  );
  expect(rows).toHaveLength(10);
  for (const { id, secret } of rows)
    expect(openRecord(keys, { table: place.table, id }, secret, NationalRow)).toMatchObject({ values: { relation: "head" } });
}

test("a comparison whose service is killed goes on where it was, and asks about each difference once, with exact totals", async () => {
  let service = await startProcess();
  await register();
  const rows = numbers.map((identityNumber, at) => {
    return {
      householdNo: `H${at}`,
      identityNumber,
      name: nameOf(at),
      relation: "户主",
      education: at % 2 === 0 ? "小学" : "初中",
    };
  });
  const form = new FormData();
  for (const [field, value] of Object.entries({ kind: "household-members", document: "导出8月", dataDate: "2022-08-10" }))
    form.set(field, value);
  form.set("file", new File([new Uint8Array(await nationalFile(rows))], "export.xlsx"));
  const sent = await fetch(`${service.url}/national-sheets`, {
    method: "POST",
    headers: await headersOf("county-officer", county),
    body: form,
  });
  expect(sent.status).toBe(202);

  const job = async () =>
    (
      await admin.query<{ state: string; chunks: number }>(
        "select j.state, (select count(*) from kit.job_chunk c where c.job_id = j.id) as chunks from kit.job j where j.kind = 'national-sheet'",
      )
    ).rows[0];
  // In the middle of the comparison: reading, finding and a part of the households are done.
  await vi.waitFor(async () => expect(Number((await job())?.chunks)).toBeGreaterThanOrEqual(3), { timeout: 60_000, interval: 2 });
  await service.kill();
  expect((await job())?.state).toBe("running");
  await openWaitingRows();
  service = await startProcess();
  await vi.waitFor(async () => expect((await job())?.state).toBe("done"), { timeout: 60_000, interval: 50 });
  const { sheetId } = Object(await sent.json());
  const progress = await fetch(`${service.url}/national-sheets/${sheetId}`, {
    headers: await headersOf("county-officer", county),
  });
  const half = households / 2;
  expect(await progress.json()).toMatchObject({
    totals: { rows: households, refused: 0, unmatched: 0, households, same: half, differences: half, asked: half, known: 0 },
  });
  const count = async (from: string) => Number((await admin.query(`select count(*) as n from ${from}`)).rows[0]?.n);
  expect(await count("monitoring.suspect where raised_by = 'national-system'")).toBe(half);
  expect(await count("monitoring.national_difference")).toBe(half);
  expect(await count("monitoring.national_row")).toBe(0);
  await service.kill();
}, 180_000);
