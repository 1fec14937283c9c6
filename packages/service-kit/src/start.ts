import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { httpInstrumentationMiddleware } from "@hono/otel";
import { Hono } from "hono";
import { startSealer } from "./audit.ts";
import { tokenVerifier } from "./auth.ts";
import { type Bus, connectBus, pause } from "./bus.ts";
import { fixClock } from "./clock.ts";
import { type Config, readConfig } from "./config.ts";
import { type Database, openDatabase } from "./database.ts";
import type { Service } from "./declare.ts";
import { buildHttp } from "./http.ts";
import { startJobs } from "./job.ts";
import { type Lane, startLane } from "./lane.ts";
import { type Log, openLog } from "./log.ts";
import { migrate } from "./migrate.ts";
import { loadKeys } from "./personal-data.ts";
import { platformRoutes } from "./platform-routes.ts";
import { system } from "./principal.ts";
import { type Relay, startRelay } from "./relay.ts";
import { kitSchedules, startSchedules } from "./schedule.ts";

/** A running service, as tests and the process around it see it. */
export type Running<Db> = {
  url: string;
  db: Database<Db>;
  relay: Relay;
  lanes: readonly Lane[];
  log: Log;
  /** Ends in order: no new requests, the running ones finish, jobs and lanes end their transaction, the relay sends what is committed, connections close. */
  stop(): Promise<void>;
};

/**
 * Starts a department's service: configuration, migrations, business clock, HTTP, relay, lanes, jobs, schedules and the audit's sealer.
 * The service works while NATS is away (events wait in the outbox) and answers 503 while its database is.
 * @throws one sentence when the configuration, the database's schema or the clock is not as it must be
 */
export async function startService<Db>(
  service: Service<Db>,
  env: Record<string, string | undefined> = process.env,
): Promise<Running<Db>> {
  const config = readConfig(env);
  const log = openLog(service.name, config.LOG_LEVEL);
  const keys = await loadKeys(config.KEYS_FILE);
  await migrate(config.MIGRATION_DATABASE_URL, new URL(config.DATABASE_URL).username, service.migrations);
  const db = openDatabase<Db>(config.DATABASE_URL, {
    max: config.DATABASE_POOL,
    onError: (error) => log.warn({ error }, "idle database connection lost"),
  });
  await db.withTx(system("start"), (tx) => fixClock(tx, config.CLOCK_OFFSET_MS));

  let stopping = false;
  const bus = busOf(service.name, config, () => !stopping, log);
  const relay = startRelay({ service: service.name, pool: db.pool, bus: () => bus, replicas: config.STREAM_REPLICAS, log });
  const jobs = startJobs<Db>({
    db,
    kinds: service.slices.flatMap((slice) => slice.jobs ?? []),
    keys,
    log,
    afterCommit: () => relay.wake(),
  });
  const afterCommit = () => {
    relay.wake();
    jobs.wake();
  };
  const lanes = service.slices
    .flatMap((slice) => slice.readers ?? [])
    .map((reader) => startLane<Db>({ db, bus: () => bus, reader, log, afterCommit }));
  const schedules = startSchedules<Db>({
    db,
    schedules: [...kitSchedules<Db>(service), ...service.slices.flatMap((slice) => slice.schedules ?? [])],
    keys,
    log,
    afterCommit,
  });
  const sealer = startSealer(db.pool, log);

  const readiness = async () => {
    const database = await db.pool.query("select 1").then(
      () => true,
      () => false,
    );
    return { ready: database && !stopping, parts: { database, relay: relay.state(), lanes: lanes.map((lane) => lane.state()) } };
  };
  const verify = tokenVerifier({ issuer: config.OIDC_ISSUER, audience: config.OIDC_AUDIENCE, jwksUrl: config.OIDC_JWKS_URL });
  const routes = [...service.slices.flatMap((slice) => slice.routes ?? []), ...platformRoutes(service)];
  const api = buildHttp<Db>({ service, routes, db, keys, verify, log, afterCommit, readiness });
  const app = new Hono().use("*", httpInstrumentationMiddleware()).route("/", api);
  const server = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(config.PORT, config.HOST, resolve);
  });
  // Safe: a server listening on a TCP port has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  log.info({ port }, "ready");

  return {
    url: `http://127.0.0.1:${port}`,
    db,
    relay,
    lanes,
    log,
    stop: async () => {
      if (stopping) return;
      stopping = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      if ("closeIdleConnections" in server) server.closeIdleConnections();
      await Promise.race([closed, pause(5_000)]);
      await Promise.all([jobs.stop(), schedules.stop(), ...lanes.map((lane) => lane.stop())]);
      await relay.stop(2_000);
      await sealer.stop();
      await bus.then((open) => open.connection.close()).catch(() => {});
      await db.close();
      log.info("stopped");
    },
  };
}

/** The connection to NATS, made in the background: a service starts and works without it. */
function busOf(name: string, config: Config, stillWanted: () => boolean, log: Log): Promise<Bus> {
  const connecting = connectBus(name, config.NATS_URL, config.NATS_SEED_FILE, stillWanted);
  connecting.then(
    ({ connection }) => {
      void (async () => {
        for await (const status of connection.status()) {
          if (status.type === "disconnect" || status.type === "reconnect") log.warn({ nats: status.type }, "NATS connection");
        }
      })();
    },
    () => {},
  );
  return connecting;
}

/**
 * Runs a service as this process: starts it, drains on SIGTERM or SIGINT, and lets the process end by itself with exit code 0.
 * A start that fails says one sentence and exits with 1.
 */
export async function runService<Db>(service: Service<Db>): Promise<void> {
  try {
    const running = await startService(service);
    const stop = () => {
      void running.stop();
    };
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
  } catch (error) {
    console.error(`${service.name}: ${error instanceof Error ? error.message : "could not start"}`);
    process.exitCode = 1;
  }
}
