import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Role } from "@shouwang/contract";
import { cloneDatabase, signToken, type TestDatabase, templateDatabase, testIssuer } from "@shouwang/testkit";
import pg from "pg";
import type { Service } from "../declare.ts";
import { migrate } from "../migrate.ts";
import { type Running, startService } from "../start.ts";

/** A port nobody listens on: a service that never reaches NATS. */
export const noNats = "nats://127.0.0.1:1";

type Reply = { status: number; json: Record<string, unknown>; headers: Headers };

/** People of any office who call a service over HTTP. */
export type Callers = (
  role: Role,
  region: string,
  subject?: string,
) => {
  get(path: string): Promise<Reply>;
  post(path: string, body: unknown, key?: string): Promise<Reply>;
  patch(path: string, body: unknown, version: number, key?: string): Promise<Reply>;
  upload(path: string, form: FormData, key: string): Promise<Reply>;
};

/** A database for a service of the kit's tests, with a look past row-level security. */
export type WardDatabase = TestDatabase & {
  admin: pg.Pool;
  /** Rows as the superuser sees them. */
  rows<R extends Record<string, unknown>>(sql: string, values?: unknown[]): Promise<R[]>;
  /** Copies the database as a backup would be restored; nothing may be connected to it. */
  copy(): Promise<WardDatabase>;
};

/** @param department the roles' prefix; not the service's own name, so that no other test's template is met */
export async function wardDatabase(service: { migrations: URL }, department: string): Promise<WardDatabase> {
  await templateDatabase(department, async (urls) => {
    await migrate(urls.migrationUrl, `${department}_app`, service.migrations);
  });
  return withAdmin(await cloneDatabase(department), department);
}

/** A look past row-level security into a database wherever it is. @param department the prefix of its roles */
export function withAdmin(database: TestDatabase, department: string): WardDatabase {
  const admin = new pg.Pool({ connectionString: database.adminUrl, max: 4 });
  admin.on("error", () => {}); // dropping a database ends its connections
  return {
    ...database,
    admin,
    rows: async <R extends Record<string, unknown>>(sql: string, values: unknown[] = []) =>
      (await admin.query<R>(sql, values)).rows,
    copy: async () => {
      const name = `${database.database}_${randomBytes(3).toString("hex")}`;
      const server = new pg.Client({ connectionString: moved(database.adminUrl, "postgres") });
      await server.connect();
      await server.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [database.database]);
      await server.query(`create database ${name} template ${database.database}`);
      await server.query(`alter database ${name} owner to ${department}_owner`);
      await server.end();
      return withAdmin(
        {
          url: moved(database.url, name),
          migrationUrl: moved(database.migrationUrl, name),
          adminUrl: moved(database.adminUrl, name),
          database: name,
          drop: async () => {}, // it goes with the run's server
        },
        department,
      );
    },
    drop: async () => {
      await admin.end();
      await database.drop();
    },
  };
}

const moved = (url: string, database: string): string => {
  const address = new URL(url);
  address.pathname = `/${database}`;
  return address.href;
};

const keysFile = join(mkdtempSync(join(tmpdir(), "shouwang-keys-")), "keys.json");
const key = () => randomBytes(32).toString("base64");
writeFileSync(keysFile, JSON.stringify({ current: "k1", keys: { k1: key() }, indexKey: key(), auditKey: key() }));

/** The environment a service is started with, in this process or in one of its own. */
export function wardEnvironment(database: TestDatabase, natsUrl: string): Record<string, string> {
  const { issuer, jwksUrl } = testIssuer();
  return {
    PORT: "0",
    HOST: "127.0.0.1",
    DATABASE_URL: database.url,
    MIGRATION_DATABASE_URL: database.migrationUrl,
    NATS_URL: natsUrl,
    OIDC_ISSUER: issuer,
    OIDC_JWKS_URL: jwksUrl,
    KEYS_FILE: keysFile,
    COUNT_INDICATORS: "false",
    ...{ RATE_READS: "off", RATE_WRITES: "off", RATE_UPLOADS: "off", RATE_SEARCHES: "off", RATE_UNSIGNED: "off" },
    LOG_LEVEL: process.env["TEST_LOG"] ?? "silent",
  };
}

/** A service running in this process, and the people who call it. */
export type Ward<Db> = Running<Db> & { as: Callers };

/** Starts a service in this process. */
export async function startWard<Db>(
  service: Service<Db>,
  database: TestDatabase,
  natsUrl: string,
  env: Record<string, string> = {},
): Promise<Ward<Db>> {
  const running = await startService(service, { ...wardEnvironment(database, natsUrl), ...env });
  return { ...running, as: callersOf(service.name, () => running.url) };
}

export function callersOf(service: string, url: () => string): Callers {
  return (role, region, subject = `${role}-${region}`) => {
    const token = signToken({ sub: subject, sw_roles: [role], sw_region: region });
    const call = async (path: string, init: RequestInit, headers: Record<string, string>): Promise<Reply> => {
      const authorization = `Bearer ${await token}`;
      const response = await fetch(`${url()}/api/v1/${service}${path}`, { ...init, headers: { authorization, ...headers } });
      return { status: response.status, json: Object(await response.json()), headers: response.headers };
    };
    const json = { "content-type": "application/json" };
    return {
      get: (path) => call(path, {}, {}),
      post: (path, body, idempotencyKey = randomUUID()) =>
        body instanceof FormData
          ? call(path, { method: "POST", body }, { "idempotency-key": idempotencyKey })
          : call(path, { method: "POST", body: JSON.stringify(body) }, { ...json, "idempotency-key": idempotencyKey }),
      patch: (path, body, version, idempotencyKey) =>
        call(
          path,
          { method: "PATCH", body: JSON.stringify(body) },
          { ...json, "if-match": `"${version}"`, ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }) },
        ),
      upload: (path, form, idempotencyKey) => call(path, { method: "POST", body: form }, { "idempotency-key": idempotencyKey }),
    };
  };
}
