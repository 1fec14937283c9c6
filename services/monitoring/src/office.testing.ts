import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Role } from "@shouwang/contract";
import { businessDate, migrate, type Running, startService } from "@shouwang/service-kit";
import { cloneDatabase, natsUrl, signToken, templateDatabase, testIssuer } from "@shouwang/testkit";
import pg from "pg";
import type { DB } from "./db.ts";
import { monitoring } from "./index.ts";

export type Reply = { status: number; json: Record<string, unknown>; headers: Headers };

/** A running monitoring service on a database of its own, and people of any office who call it over HTTP. */
export type Office = {
  running: Running<DB>;
  adminUrl: string;
  keysFile: string;
  /** The environment it runs in, for an operator's command. */
  environment: Record<string, string>;
  as(
    role: Role,
    region: string,
    subject?: string,
    department?: string,
  ): {
    get(path: string): Promise<Reply>;
    post(path: string, body: unknown, key?: string, version?: number): Promise<Reply>;
    patch(path: string, body: unknown, version: number): Promise<Reply>;
    send(path: string, init: RequestInit): Promise<Response>;
  };
  /** Business time of the service, and its date. */
  now(): Date;
  today(): string;
  /** Business time passes: moves the test's clock on by whole days. */
  advance(days: number): Promise<void>;
  outbox(): Promise<{ type: string; subject: string; data: Record<string, unknown>; sequence: string }[]>;
  /** Stops the service and starts it again on the same database. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

/**
 * @param clock business date the service believes it is, at 09:00 in Shanghai; today when absent
 * @param more environment of its own, such as another broker
 */
export async function startOffice(clock?: string, more: Record<string, string> = {}): Promise<Office> {
  await templateDatabase("monitoring", async (urls) => {
    await migrate(urls.migrationUrl, "monitoring_app", monitoring.migrations);
  });
  const database = await cloneDatabase("monitoring");
  const keysFile = join(mkdtempSync(join(tmpdir(), "shouwang-keys-")), "keys.json");
  const key = () => randomBytes(32).toString("base64");
  writeFileSync(keysFile, JSON.stringify({ current: "k1", keys: { k1: key() }, indexKey: key(), auditKey: key() }));
  const { issuer, jwksUrl } = testIssuer();
  let offsetMs = clock === undefined ? 0 : new Date(`${clock}T09:00:00+08:00`).getTime() - Date.now();
  const now = () => new Date(Date.now() + offsetMs);
  const environment = {
    PORT: "0",
    HOST: "127.0.0.1",
    DATABASE_URL: database.url,
    MIGRATION_DATABASE_URL: database.migrationUrl,
    NATS_URL: natsUrl(),
    OIDC_ISSUER: issuer,
    OIDC_JWKS_URL: jwksUrl,
    KEYS_FILE: keysFile,
    COUNT_INDICATORS: "false",
    LOG_LEVEL: process.env["TEST_LOG"] ?? "silent",
    CLOCK_OFFSET_MS: String(offsetMs),
    ...more,
  };
  let running = await startService(monitoring, environment);
  const base = () => `${running.url}/api/v1/monitoring`;
  const call = async (path: string, init: RequestInit): Promise<Reply> => {
    const response = await fetch(`${base()}${path}`, init);
    return { status: response.status, json: Object(await response.json()), headers: response.headers };
  };
  return {
    get running() {
      return running;
    },
    adminUrl: database.adminUrl,
    keysFile,
    environment,
    as: (role, region, subject = `${role}-${region}`, department) => {
      const claims = { sub: subject, sw_roles: [role], sw_region: region };
      const token = signToken(department === undefined ? claims : { ...claims, sw_department: department });
      const headers = async (more: Record<string, string> = {}) => ({ authorization: `Bearer ${await token}`, ...more });
      const json = { "content-type": "application/json" };
      return {
        get: async (path) => call(path, { headers: await headers() }),
        post: async (path, body, idempotencyKey = randomUUID(), version) =>
          call(path, {
            method: "POST",
            headers: await headers({
              ...json,
              "idempotency-key": idempotencyKey,
              ...(version === undefined ? {} : { "if-match": `"${version}"` }),
            }),
            body: JSON.stringify(body),
          }),
        patch: async (path, body, version) =>
          call(path, {
            method: "PATCH",
            headers: await headers({ ...json, "if-match": `"${version}"` }),
            body: JSON.stringify(body),
          }),
        send: async (path, init) =>
          fetch(`${base()}${path}`, {
            ...init,
            headers: { ...(await headers()), ...Object.fromEntries(new Headers(init.headers)) },
          }),
      };
    },
    now,
    today: () => businessDate(now()),
    advance: async (days) => {
      offsetMs += days * 86_400_000;
      const client = new pg.Client({ connectionString: database.adminUrl });
      await client.connect();
      await client.query("update kit.clock set offset_ms = offset_ms + $1::bigint * 86400000", [days]);
      await client.end();
    },
    outbox: async () => {
      const client = new pg.Client({ connectionString: database.adminUrl });
      await client.connect();
      const { rows } = await client.query<{ envelope: string }>("select envelope from kit.outbox order by id");
      await client.end();
      return rows.map((row) => JSON.parse(row.envelope));
    },
    restart: async () => {
      await running.stop();
      running = await startService(monitoring, { ...environment, CLOCK_OFFSET_MS: String(offsetMs) });
    },
    stop: async () => {
      await running.stop();
      await database.drop();
    },
  };
}
