import { createServer } from "node:http";
import { requestJob, system } from "@shouwang/service-kit";
import { type Broker, type Child, freshNats, until } from "@shouwang/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDatabase } from "../../packages/service-kit/src/database.ts";
import { lastSequence } from "../../packages/service-kit/src/testing/source.testing.ts";
import type { Callers, WardDatabase } from "../../packages/service-kit/src/testing/ward.testing.ts";
import { check, compare, note } from "./checker.ts";
import { openLedger } from "./ledger.ts";
import { monitoringDatabase, monitoringProducer, register, startMonitoring } from "./monitoring-scene.ts";

/** Rows of the import (households, persons, incomes); each is told by an event of its own. */
const isLong = process.env["FAULTS_LONG"] === "true";
const households = isLong ? 14_800 : 1_480;
const leastRows = isLong ? 100_000 : 10_000;
const ledger = openLedger();
let broker: Broker;
let database: WardDatabase;
let service: Child & { as: Callers };

/** Takes the service's metrics, as a collector does. */
const exported: string[] = [];
const collector = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    if (request.url === "/v1/metrics") exported.push(Buffer.concat(chunks).toString("utf8"));
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
});
/** A gauge without attributes as it was told last. */
function gauge(name: string): number | undefined {
  const found = new RegExp(`"name":"${name.replaceAll(".", "\\.")}".*?"as(?:Double|Int)":"?([\\d.]+)`).exec(
    exported.at(-1) ?? "",
  );
  return found ? Number(found[1]) : undefined;
}

const start = () => {
  const address = collector.address();
  return startMonitoring(database, broker.url, {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_METRIC_EXPORT_INTERVAL: "300",
    OTEL_METRIC_EXPORT_TIMEOUT: "300",
    OTEL_TRACES_EXPORTER: "none",
    OTEL_SERVICE_NAME: "monitoring",
  });
};
beforeAll(async () => {
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  [broker, database] = await Promise.all([freshNats(), monitoringDatabase()]);
  service = await start();
  await until(() => gauge("shouwang.outbox.unpublished") === 0, { what: "the stream to be laid" });
  await broker.stop("SIGKILL");
});
afterAll(async () => {
  await service.end("SIGKILL");
  await new Promise((resolve) => collector.close(resolve).closeAllConnections());
  await Promise.all([broker.remove(), database.drop()]);
});
const number = async (query: string): Promise<number> => (await database.rows<{ n: number }>(query))[0]?.n ?? 0;
const job = "from kit.job where kind = 'synthetic-population'";

test(`fault 26: an import of ${leastRows} rows is killed at half and started again: it resumes, with exact counts and no household twice`, async () => {
  const db = openDatabase<Record<never, never>>(database.url, { max: 1 });
  const region = "450000000000";
  await db.withTx(system("test"), (tx) =>
    requestJob(tx, system("test"), { kind: "synthetic-population", region, input: { households } }),
  );
  await db.close();
  const done = () => number("select count(*)::int as n from monitoring.household where synthetic");
  await until(async () => (await done()) >= households / 2, { what: "half of it to be in", timeoutMs: 300_000 });
  await service.end("SIGKILL");
  expect(await number(`select count(*)::int as n ${job} and state = 'running'`)).toBe(1);
  service = await start();
  // People go on working beside it.
  for (let n = 0; n < 5; n += 1) expect((await register(ledger, service.as, 26)).reply?.status).toBe(201);
  await until(async () => (await number(`select count(*)::int as n ${job} and state = 'done'`)) === 1, {
    what: "the import to end",
    timeoutMs: 300_000,
  });
  const [counted] = await database.rows<{ households: number; numbers: number; persons: number; incomes: number }>(`select
      count(*)::int as households, count(distinct household_no)::int as numbers,
      (select count(*)::int from monitoring.person p join monitoring.household o on o.id = p.household_id where o.synthetic) as persons,
      (select count(*)::int from monitoring.household_income i join monitoring.household o on o.id = i.household_id where o.synthetic) as incomes
      from monitoring.household where synthetic`);
  expect(counted).toMatchObject({ households, numbers: households });
  const [totals] = await database.rows<{
    households: number;
    persons: number;
  }>(`select sum((totals ->> 'households')::int)::int as households,
      sum((totals ->> 'persons')::int)::int as persons from kit.job_chunk where job_id in (select id ${job})`);
  expect(totals).toEqual({ households, persons: counted?.persons });
  const rows = households + (counted?.persons ?? 0) + (counted?.incomes ?? 0);
  expect(rows).toBeGreaterThanOrEqual(leastRows);
  const imported = await database.rows<{
    entity: string;
    id: string;
  }>(`with o as (select id from monitoring.household where synthetic)
    select 'household' as entity, id from o union all select 'person', p.id from monitoring.person p join o on o.id = p.household_id
    union all select 'household-income', i.id from monitoring.household_income i join o on o.id = i.household_id`);
  ledger.alsoTold(imported.map(({ entity, id }) => ({ entity, entityId: id, version: 1 })));
  const nameOf = ({ entity, id }: { entity: string; id: string }) => `${entity} ${id}`;
  const told = await database.rows<{ entity: string; id: string }>(
    "select entity, entity_id as id from kit.outbox where entity = any($1::text[])",
    [ledger.entities()],
  );
  const here = (await ledger.told(database)).map(({ entity, entityId }) => nameOf({ entity, id: entityId }));
  expect(compare(here, told.map(nameOf))).toEqual({ lost: [], duplicated: [], strange: [] });
  note(`${rows} rows of ${households} households, each told once, after a kill at half`);
}, 700_000);

test(`fault 8: NATS is down with a backlog of ${leastRows}: bounded memory, the oldest age rises, it drains by itself`, async () => {
  const waiting = await number("select count(*)::int as n from kit.outbox");
  expect(waiting).toBeGreaterThanOrEqual(leastRows);
  const early = await until(() => (gauge("shouwang.outbox.oldest_age") ?? 0) > 1 && gauge("shouwang.outbox.oldest_age"));
  await until(() => (gauge("shouwang.outbox.oldest_age") ?? 0) > early + 1, { what: "the oldest age to rise" });
  expect(gauge("shouwang.outbox.unpublished")).toBeGreaterThan(leastRows * 0.9);
  expect((await register(ledger, service.as, 8)).reply?.status).toBe(201);

  const before = service.memoryMb();
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, service.memoryMb())), 50);
  await broker.start();
  const upAt = performance.now();
  await until(async () => (await lastSequence(broker.url, "monitoring").catch(() => 0)) >= waiting, {
    what: "the backlog to drain",
    timeoutMs: 120_000,
  });
  const seconds = (performance.now() - upAt) / 1_000;
  clearInterval(watch);
  // A relay that read its whole backlog into memory would grow with it: 100,000 events weigh about as much as this bound several times over.
  expect(most - before).toBeLessThan(150);
  note(
    `${waiting} events drained in ${seconds.toFixed(1)} s (${Math.round(waiting / seconds)} a second), memory ${Math.round(before)} to ${Math.round(most)} MB`,
  );
  await until(() => gauge("shouwang.outbox.oldest_age") === 0 && gauge("shouwang.outbox.unpublished") === 0, {
    what: "the age to fall",
  });
  await ledger.askAgain();
  await check(ledger, monitoringProducer(database, broker.url), [], { timeoutMs: 120_000 });
}, 300_000);
