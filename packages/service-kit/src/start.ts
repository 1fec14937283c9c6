import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { httpInstrumentationMiddleware } from "@hono/otel";
import { refuse } from "@shouwang/contract";
import { Hono } from "hono";
import { startSealer } from "./audit.ts";
import { headsOnBus } from "./audit-verify.ts";
import { tokenVerifier } from "./auth.ts";
import { bulkJob } from "./bulk-job.ts";
import { connectBus, pause, readSeed } from "./bus.ts";
import { fixClock } from "./clock.ts";
import { type Config, readConfig } from "./config.ts";
import { type Database, openDatabase } from "./database.ts";
import type { Service } from "./declare.ts";
import { openFollowers } from "./follow.ts";
import { buildHttp } from "./http.ts";
import { indicatorJob } from "./indicator-job.ts";
import { startJobs } from "./job-run.ts";
import { keyRotationJob } from "./key-rotation.ts";
import { type Lane, startLane } from "./lane.ts";
import { impatient } from "./lane-event.ts";
import { exportableLists } from "./list-export.ts";
import { exportJob } from "./list-export-job.ts";
import { type Log, openLog } from "./log.ts";
import { noMeters, requestMeter, startMetrics } from "./metrics.ts";
import { migrate } from "./migrate.ts";
import { operate } from "./operate.ts";
import { outboxOutlet } from "./outbox-outlet.ts";
import { loadKeys } from "./personal-data.ts";
import { system } from "./principal.ts";
import { decryptOwn, loadPrivateKeys, type PrivateKeys } from "./private-keys.ts";
import { privateOutlet } from "./private-outlet.ts";
import { problemResponse } from "./problem.ts";
import { rateLimiter } from "./rate-limit.ts";
import { type Relay, startRelay } from "./relay.ts";
import { kitSchedules, startSchedules } from "./schedule.ts";
import { wordless } from "./telemetry.ts";

/** A running service, as tests and the process around it see it. */
export type Running<Db> = {
  url: string;
  db: Database<Db>;
  relay: Relay;
  /** Absent where no keys of the private streams are configured. */
  privateRelay: Relay | undefined;
  lanes: readonly Lane[];
  log: Log;
  /** Ends in order: no new requests, the running ones finish, jobs and lanes end their transaction, the relay sends what is committed, connections close. */
  stop(): Promise<void>;
};

/**
 * Starts a department's service: configuration, migrations, business clock, HTTP, relay, lanes, jobs, schedules and the audit's sealer.
 * The service works while NATS is away (events wait in the outbox) and answers 503 while its database is.
 * @throws one sentence when the configuration, the database's schema or the clock is not as it must be; nothing is left running then
 */
export async function startService<Db>(
  service: Service<Db>,
  env: Record<string, string | undefined> = process.env,
): Promise<Running<Db>> {
  const config = readConfig(env);
  const log = openLog(service.name, config.LOG_LEVEL);
  const keys = await loadKeys(config.KEYS_FILE);
  const privateKeys = config.PRIVATE_KEYS_FILE === undefined ? undefined : await loadPrivateKeys(config.PRIVATE_KEYS_FILE);
  const authenticator = config.NATS_SEED_FILE === undefined ? undefined : await readSeed(config.NATS_SEED_FILE);
  await migrate(config.MIGRATION_DATABASE_URL, new URL(config.DATABASE_URL).username, service.migrations);
  const db = openDatabase<Db>(config.DATABASE_URL, {
    max: config.DATABASE_POOL,
    statementMs: config.DATABASE_STATEMENT_MS,
    onError: (error) => log.warn({ error }, "database connection lost"),
  });
  try {
    await db.withTx(system("start"), (tx) => fixClock(tx, config.CLOCK_OFFSET_MS));
  } catch (error) {
    await db.close();
    throw error;
  }

  const stopping = new AbortController();
  const connecting = connectBus(service.name, config.NATS_URL, authenticator, stopping.signal, log);
  const bus = () => connecting;
  const leadFor = (idleMs: number) => ({ openSession: () => db.openSession(idleMs), bus, log });
  const outlet = outboxOutlet(service.name, config.STREAM_REPLICAS);
  const relay = startRelay({ ...leadFor(config.RELAY_LEAD_MS), outlet });
  const states = service.slices.flatMap((slice) => slice.privateStates ?? []);
  const privately = { service: service.name, replicas: config.STREAM_REPLICAS, db, states, keys, log };
  const privateRelay =
    privateKeys && states.length > 0
      ? // It encrypts thousands of states between two words to its session.
        startRelay({ ...leadFor(config.RELAY_LEAD_MS * 6), outlet: privateOutlet<Db>({ ...privately, privateKeys }) })
      : undefined;
  const relayStates = () => ({
    events: relay.state(),
    privately: privateRelay?.state(),
    heads: async () => {
      // Only a bus that has been reached already: nobody is kept waiting for one that is away.
      const reached = await Promise.race([connecting, undefined]);
      return reached?.connected() ? await headsOnBus(reached, service.auditHead).catch(() => undefined) : undefined;
    },
  });
  const wakeRelays = () => {
    relay.wake();
    privateRelay?.wake();
  };
  const jobs = startJobs<Db>({
    db,
    kinds: [
      indicatorJob(service),
      keyRotationJob<Db>(service),
      bulkJob(service),
      exportJob(exportableLists(service.slices.flatMap((slice) => slice.routes ?? []))),
      ...service.slices.flatMap((slice) => slice.jobs ?? []),
    ],
    keys,
    log,
    afterCommit: wakeRelays,
  });
  const afterCommit = () => {
    wakeRelays();
    jobs.wake();
  };
  const lanes = service.slices
    .flatMap((slice) => slice.readers ?? [])
    .filter((reader) => reader.kind !== "private" || privateKeys !== undefined)
    .map((reader) =>
      startLane<Db>({
        db,
        bus,
        reader: impatient(reader, config.DATABASE_STATEMENT_MS * 2),
        keys,
        log,
        afterCommit,
        ...opening(reader.kind, privateKeys),
      }),
    );
  const schedules = startSchedules<Db>({
    db,
    schedules: [
      ...kitSchedules<Db>(service, config.COUNT_INDICATORS),
      ...service.slices.flatMap((slice) => slice.schedules ?? []),
    ],
    keys,
    log,
    afterCommit,
  });
  const sealer = startSealer(db.pool, log);
  const stopMetrics = startMetrics<Db>({ db, relay, privateRelay, lanes, log });

  const readiness = async () => {
    const answered = new AbortController();
    const asked = db.pool.query<{ offset_ms: number }>("select offset_ms from kit.clock").then(
      ({ rows }) => rows[0],
      () => undefined,
    );
    // Whoever asks whether we are ready will not wait as long as a request may.
    const clock = await Promise.race([asked, pause(readyMs, answered.signal).then(() => undefined)]);
    answered.abort();
    const database = clock !== undefined;
    const parts = {
      database,
      relay: relay.state(),
      privateRelay: privateRelay?.state() ?? null,
      lanes: lanes.map((lane) => lane.state()),
    };
    return { ready: database && !stopping.signal.aborted, clockOffsetMs: clock?.offset_ms ?? null, parts };
  };
  const verify = tokenVerifier({ issuer: config.OIDC_ISSUER, audience: config.OIDC_AUDIENCE, jwksUrl: config.OIDC_JWKS_URL });
  const { limiter, revealsPerDay } = limitsOf(config);
  const measure = requestMeter();
  const api = buildHttp<Db>({
    service,
    relays: relayStates,
    db,
    keys,
    verify,
    log,
    afterCommit,
    readiness,
    measure,
    limiter,
    revealsPerDay,
    followers: openFollowers({ stopping: stopping.signal, log }),
  });
  const server = serve(api, stopping.signal);

  const stop = async () => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    stopMetrics();
    const working = Promise.all([jobs.stop(), schedules.stop(), ...lanes.map((lane) => lane.stop())]);
    await Promise.all([drain(server), Promise.race([working, pause(drainMs)])]);
    const relays = [relay, ...(privateRelay ? [privateRelay] : [])];
    await Promise.all(relays.map((one) => one.stop(2_000)));
    // What still waits for an answer of NATS gets an error now.
    await (await connecting)?.connection.close();
    await Promise.race([Promise.all([working, ...relays.map((one) => one.stop(giveUpMs))]), pause(giveUpMs)]);
    await Promise.race([sealer.stop(), pause(giveUpMs)]);
    await db.close();
    await working;
    log.info("stopped");
  };
  try {
    const port = await listen(server, config);
    log.info({ port }, "ready");
    return { url: `http://127.0.0.1:${port}`, db, relay, privateRelay, lanes, log, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** How a lane reads a message: a private one is decrypted with a key of ours into the batch of events it holds, and holds nothing when it is for others. */
function opening(kind: string, privateKeys: PrivateKeys | undefined) {
  if (kind !== "private" || !privateKeys) return {};
  return {
    open: async (body: string): Promise<readonly string[]> => {
      const text = await decryptOwn(privateKeys, body);
      const events: unknown = text === undefined ? [] : JSON.parse(text);
      return Array.isArray(events) ? events.map((event) => JSON.stringify(event)) : [];
    },
  };
}

function limitsOf(config: Config) {
  const { RATE_READS: reads, RATE_WRITES: writes, RATE_UPLOADS: uploads, RATE_SEARCHES: searches } = config;
  const limiter = rateLimiter({
    ...{ reads, writes, uploads, searches },
    unsigned: config.RATE_UNSIGNED,
    exempt: config.RATE_EXEMPT,
  });
  return { limiter, revealsPerDay: config.RATE_REVEALS?.requests };
}

/** How long the database may take to say that it is there: over a line that is half a second late a new connection alone takes two seconds. */
const readyMs = 4_000;
/** How long a stop waits for requests and transactions that are under way. */
const drainMs = 4_000;
/** How long what is still at work after that may take to end, before its connection is closed under it. */
const giveUpMs = 500;

/** The HTTP server of an application, traced; once the service stops, each answer says that its connection ends. */
function serve(api: ReturnType<typeof buildHttp>, stopping: AbortSignal): Server {
  const app = new Hono();
  app.use("*", httpInstrumentationMiddleware({ meterProvider: noMeters, tracerProvider: wordless() }), async (c, next) => {
    await next();
    if (stopping.aborted) c.header("connection", "close");
  });
  app.route("/", api);
  // What no route matches is answered here, since only routes come along with `route`.
  app.notFound((c) => problemResponse(c, refuse("route-not-found")));
  return createServer(getRequestListener(app.fetch));
}

async function listen(server: Server, config: Config): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(config.PORT, config.HOST, resolve);
  });
  // Safe: a server listening on a TCP port has an AddressInfo.
  return (server.address() as AddressInfo).port;
}

/** Takes no new connection, lets the requests under way finish, and closes connections as they fall idle: a client that keeps one open must not hold us. */
async function drain(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const closing = setInterval(() => server.closeIdleConnections(), 50);
  await Promise.race([closed, pause(drainMs)]);
  clearInterval(closing);
  server.closeAllConnections();
}

/**
 * Runs a service as this process: starts it, drains on SIGTERM or SIGINT, and lets the process end by itself with exit code 0.
 * A start that fails says one sentence and exits with 1. With arguments it is an operator's command instead (`operate`).
 */
export async function runService<Db>(service: Service<Db>, args: readonly string[] = process.argv.slice(2)): Promise<void> {
  try {
    if (args.length > 0) {
      const said = await operate(service, args);
      for (const line of said.lines) (said.ok ? console.log : console.error)(line);
      process.exitCode = said.ok ? 0 : 1;
      return;
    }
    const running = await startService(service);
    const stop = () => {
      running.stop().catch((error) => {
        running.log.error({ error }, "could not stop in order");
        process.exitCode = 1;
      });
    };
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
  } catch (error) {
    console.error(`${service.name}: ${error instanceof Error ? error.message : "could not start"}`);
    process.exitCode = 1;
  }
}
