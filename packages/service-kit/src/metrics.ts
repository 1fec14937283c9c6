import {
  type Attributes,
  createNoopMeter,
  type Histogram,
  type MeterProvider,
  metrics,
  type Observable,
} from "@opentelemetry/api";
import { sql } from "kysely";
import type { Database, Executor } from "./database.ts";
import type { Lane } from "./lane.ts";
import type { Log } from "./log.ts";
import { system } from "./principal.ts";
import { type Relay, relayKinds } from "./relay.ts";

const meter = () => metrics.getMeter("@shouwang/service-kit");

/** For instrumentation that would measure by itself what we measure under our own names. */
export const noMeters: MeterProvider = { getMeter: () => createNoopMeter() };

/** A request as it is counted: never an address or an id, only the declared operation it met. */
export type MeasuredRequest = { operation: string; method: string; status: number; ms: number };

/** Measures requests: a histogram of seconds by operation, method and class of status (`2xx`). Ask for it once telemetry is set up. */
export function requestMeter(): (request: MeasuredRequest) => void {
  const duration: Histogram = meter().createHistogram("http.server.request.duration", {
    description: "Duration of requests",
    unit: "s",
    advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] },
  });
  return ({ operation, method, status, ms }) =>
    duration.record(ms / 1_000, {
      operation,
      "http.request.method": method,
      status_class: `${Math.floor(status / 100)}xx`,
    });
}

/** Name, unit and meaning of each gauge; the dashboards and alarms under infra/grafana are held together with them by a test. */
export const gauges = {
  outboxWaiting: ["shouwang.outbox.unpublished", "{event}", "Events committed and not yet in the stream"],
  outboxAge: ["shouwang.outbox.oldest_age", "s", "Age of the oldest event that is not yet in the stream"],
  relayState: [
    "shouwang.relay.state",
    "{state}",
    "1 for the state a relay is in, 0 for the others; one relay each for events and private states",
  ],
  privateOwed: ["shouwang.private.owed", "{state}", "Private states that have not left yet"],
  laneBehind: ["shouwang.lane.behind", "{event}", "Events of the source's stream this reader has not taken yet"],
  laneSinceMoved: ["shouwang.lane.since_moved", "s", "Time since this reader last took an event"],
  laneWaits: ["shouwang.lane.waits", "{reader}", "1 while a reader cannot read, with the reason"],
  deadLetters: ["shouwang.dead_letter.open", "{event}", "Events put aside that nobody has decided on"],
  jobs: ["shouwang.job.count", "{job}", "Jobs waiting and running, and those that failed within a day"],
  auditAge: ["shouwang.audit.unsealed_age", "s", "Age of the oldest audit entry that is not in the chain yet"],
  overdue: ["shouwang.deadline.overdue", "{deadline}", "Deadlines that have passed and are still open"],
  pool: ["shouwang.database.pool", "{connection}", "Connections of the pool in use, and requests waiting for one"],
} as const satisfies Record<string, readonly [string, string, string]>;

/**
 * Gauges of what waits, lags or is stuck. Each collection asks the database once; what this process knows by itself (relay, pool, lanes) is told
 * even while the database is away. Attributes are readers, departments, kinds and states, never ids. @returns how to stop
 */
export function startMetrics<Db>(options: {
  db: Database<Db>;
  relay: Relay;
  /** Absent where no keys for private states are configured. */
  privateRelay: Relay | undefined;
  lanes: readonly Lane[];
  log: Log;
}): () => void {
  const { db, relay, privateRelay, lanes, log } = options;
  const gauge = ([name, unit, description]: readonly [string, string, string]) =>
    meter().createObservableGauge(name, { unit, description });
  const known = {
    outboxWaiting: gauge(gauges.outboxWaiting),
    outboxAge: gauge(gauges.outboxAge),
    relayState: gauge(gauges.relayState),
    privateOwed: gauge(gauges.privateOwed),
    laneBehind: gauge(gauges.laneBehind),
    laneSinceMoved: gauge(gauges.laneSinceMoved),
    laneWaits: gauge(gauges.laneWaits),
    deadLetters: gauge(gauges.deadLetters),
    jobs: gauge(gauges.jobs),
    auditAge: gauge(gauges.auditAge),
    overdue: gauge(gauges.overdue),
    pool: gauge(gauges.pool),
  };
  const observables: Observable[] = Object.values(known);

  const collect = async (result: { observe(metric: Observable, value: number, attributes?: Attributes): void }) => {
    const { totalCount, idleCount, waitingCount } = db.pool;
    result.observe(known.pool, totalCount - idleCount, { state: "in-use" });
    result.observe(known.pool, waitingCount, { state: "waiting" });
    const state = relay.state().kind;
    for (const [stream, one] of [
      ["events", relay],
      ["private", privateRelay],
    ] as const)
      for (const kind of one ? relayKinds : [])
        result.observe(known.relayState, kind === one?.state().kind ? 1 : 0, { stream, kind });
    for (const lane of lanes.map((each) => each.state())) {
      const { reader, source, behind, because } = lane;
      if (behind !== undefined) result.observe(known.laneBehind, behind, { reader, source });
      if (because !== undefined) result.observe(known.laneWaits, 1, { reader, source, because });
    }
    const stock = await db.withReadTx(system("metrics"), (tx) => takeStock(tx, relay.published()));
    // Another instance leads the relay and knows which of the stamped events have left.
    if (state !== "standing-by") {
      result.observe(known.outboxWaiting, stock.outbox.waiting);
      result.observe(known.outboxAge, stock.outbox.age);
    }
    for (const { reader, source, age } of stock.lanes) result.observe(known.laneSinceMoved, age, { reader, source });
    for (const { reader, source } of lanes.map((each) => each.state()))
      for (const letterState of ["parked", "queued"]) {
        const open = stock.letters.find((one) => one.reader === reader && one.source === source && one.state === letterState);
        result.observe(known.deadLetters, open?.n ?? 0, { reader, source, state: letterState });
      }
    for (const jobState of ["queued", "running", "failed"])
      result.observe(known.jobs, stock.jobs[jobState] ?? 0, { state: jobState });
    if (privateRelay) result.observe(known.privateOwed, stock.owed);
    result.observe(known.auditAge, stock.auditAge);
    result.observe(known.overdue, stock.overdue);
  };
  const observe = async (result: Parameters<typeof collect>[0]) => {
    try {
      await collect(result);
    } catch (error) {
      log.warn({ error }, "metrics are not whole");
    }
  };
  meter().addBatchObservableCallback(observe, observables);
  return () => meter().removeBatchObservableCallback(observe, observables);
}

type Stock = {
  outbox: { waiting: number; age: number };
  lanes: { reader: string; source: string; age: number }[];
  letters: { reader: string; source: string; state: string; n: number }[];
  jobs: Record<string, number>;
  owed: number;
  auditAge: number;
  overdue: number;
};

/** Everything that is asked of the database, in one statement that touches indexes of open things only. @param published position up to which the stream holds our events */
async function takeStock(tx: Executor, published: number | undefined): Promise<Stock> {
  // Nothing is known of what was stamped: then what is not stamped yet is what certainly waits.
  const left = published ?? 2 ** 52;
  const age = (at: string) => sql`greatest(0, coalesce(extract(epoch from clock_timestamp() - ${sql.raw(at)})::float8, 0))`;
  const { rows } = await sql<{ stock: Stock }>`select json_build_object(
    'outbox', (select json_build_object('waiting', unstamped.n + stamped.n, 'age', ${age("least(unstamped.oldest, stamped.oldest)")}) from
      (select count(*) as n, (select appended_at from kit.outbox where position is null order by id limit 1) as oldest from kit.outbox where position is null) unstamped,
      (select count(*) as n, (select appended_at from kit.outbox where position > ${left} order by position limit 1) as oldest from kit.outbox where position > ${left}) stamped),
    'lanes', (select coalesce(json_agg(json_build_object('reader', reader, 'source', source, 'age', ${age("moved_at")})), '[]') from kit.lane),
    'letters', (select coalesce(json_agg(open), '[]') from
      (select reader, source, state, count(*) as n from kit.dead_letter where state in ('parked', 'queued') group by reader, source, state) open),
    'jobs', (select coalesce(json_object_agg(state, n), '{}') from
      (select state, count(*) as n from kit.job where state in ('queued', 'running') group by state
       union all select state, count(*) from kit.job where state = 'failed' and error is distinct from 'acting-not-in-force'
         and finished_at > clock_timestamp() - interval '1 day' group by state) jobs),
    'owed', (select count(*) from kit.private_event where sequence is null and held is null),
    'auditAge', (select ${age("(select at from kit.audit where not sealed order by id limit 1)")}),
    'overdue', (select count(*) from kit.deadline where state = 'open' and due_at < kit.now())) as stock`.execute(tx);
  const row = rows[0];
  if (!row) throw new Error("the database answered no row");
  return row.stock;
}
