import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { type Broker, freshNats, until } from "@shouwang/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { gauges } from "./metrics.ts";
import { type Child, startChild } from "./testing/child.testing.ts";
import { clinic } from "./testing/clinic.testing.ts";
import { type WardDatabase, wardDatabase } from "./testing/ward.testing.ts";

const village = "451228100003";
/** What must never occur: a person's name, number, phone and account. */
const planted = {
  name: "蓝秀英",
  identityNumber: "45122819860704123X",
  phone: "13877812345",
  account: "6217001234567890123",
};

const Value = z.object({ stringValue: z.string().optional() });
const Point = z.object({
  attributes: z.array(z.object({ key: z.string(), value: Value })).default([]),
  asDouble: z.number().optional(),
  asInt: z.coerce.number().optional(),
  count: z.coerce.number().optional(),
});
const Points = z.object({ dataPoints: z.array(Point) });
const Export = z.object({
  resourceMetrics: z.array(
    z.object({
      scopeMetrics: z.array(
        z.object({
          metrics: z.array(z.object({ name: z.string(), gauge: Points.optional(), histogram: Points.optional() })),
        }),
      ),
    }),
  ),
});

const bodies: string[] = [];
const collector = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    bodies.push(`${request.url} ${Buffer.concat(chunks).toString("utf8")}`);
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
});
/** Points of the newest export, by metric. */
const points = () => {
  const last = bodies.findLast((body) => body.startsWith("/v1/metrics "));
  const parsed = Export.parse(JSON.parse(last?.slice("/v1/metrics ".length) ?? "{}"));
  return parsed.resourceMetrics
    .flatMap((resource) => resource.scopeMetrics)
    .flatMap((scope) => scope.metrics)
    .flatMap(({ name, gauge, histogram }) =>
      (gauge ?? histogram ?? { dataPoints: [] }).dataPoints.map((point) => ({
        name,
        value: point.asDouble ?? point.asInt ?? point.count ?? Number.NaN,
        attributes: Object.fromEntries(point.attributes.map(({ key, value }) => [key, value.stringValue])),
      })),
    );
};
const value = (name: string, attributes: Record<string, string> = {}) =>
  points().find(
    (point) => point.name === name && Object.entries(attributes).every(([key, wanted]) => point.attributes[key] === wanted),
  )?.value;

let database: WardDatabase;
let broker: Broker;
let child: Child;
beforeAll(async () => {
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  const address = collector.address();
  [database, broker] = await Promise.all([wardDatabase(clinic, "kit_clinic"), freshNats()]);
  child = await startChild("clinic", database, broker.url, {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_METRIC_EXPORT_INTERVAL: "200",
    OTEL_METRIC_EXPORT_TIMEOUT: "200",
    OTEL_BSP_SCHEDULE_DELAY: "100",
    OTEL_SERVICE_NAME: "social",
  });
});
afterAll(async () => {
  await child.end("SIGTERM");
  await new Promise((resolve) => collector.close(resolve).closeAllConnections());
  await Promise.all([broker.remove(), database.drop()]);
});

test("the age of what waits rises while NATS is away and falls when it is back; nothing of a person is in any of it", async () => {
  const officer = child.as("county-officer", "451228");
  await until(() => value("shouwang.relay.state", { kind: "running" }) === 1, { what: "the relay to be reported as running" });
  expect((await officer.post("/visits", { fileId: crypto.randomUUID(), region: village, amountFen: 1, ...planted })).status).toBe(
    201,
  );
  await until(() => value("shouwang.outbox.unpublished") === 0 && value("shouwang.outbox.oldest_age") === 0);

  await broker.stop("SIGKILL");
  expect((await officer.post("/test-files", { region: village, weight: 60, name: planted.name })).status).toBe(201);
  const early = await until(() => (value("shouwang.outbox.oldest_age") ?? 0) > 0 && value("shouwang.outbox.oldest_age"));
  await until(() => (value("shouwang.outbox.oldest_age") ?? 0) > early + 0.3, { what: "the age to rise" });
  expect(value("shouwang.outbox.unpublished")).toBeGreaterThanOrEqual(1);
  await until(() => value("shouwang.relay.state", { kind: "waiting" }) === 1);

  await broker.start();
  await until(() => value("shouwang.outbox.unpublished") === 0 && value("shouwang.outbox.oldest_age") === 0, {
    what: "the age to fall",
  });
  expect(value("shouwang.relay.state", { kind: "waiting" })).toBe(0);

  const recorded = { operation: "record-test-visit", "http.request.method": "POST", status_class: "2xx" };
  await until(() => value("http.server.request.duration", recorded) === 1);
  for (const name of ["shouwang.job.count", "shouwang.audit.unsealed_age", "shouwang.deadline.overdue", "shouwang.database.pool"])
    expect(value(name), name).toBeGreaterThanOrEqual(0);

  const ours = points().filter(({ name }) => !name.startsWith("db."));
  const allowed = ["operation", "http.request.method", "status_class", "kind", "reader", "source", "because", "state", "stream"];
  expect(ours.flatMap(({ attributes }) => Object.keys(attributes)).filter((key) => !allowed.includes(key))).toEqual([]);
  // No id and no number of anything, whoever measured it.
  const values = points().flatMap(({ attributes }) => Object.entries(attributes).filter(([key]) => key !== "server.port"));
  expect(values.filter(([key, text]) => key !== "db.namespace" && /\d{6}|[0-9a-f]{8}-/.test(text ?? ""))).toEqual([]);
  await until(() => bodies.some((body) => body.startsWith("/v1/traces ")), { what: "traces to arrive" });
  for (const secret of Object.values(planted)) expect(bodies.some((body) => body.includes(secret))).toBe(false);
});

test("what a handler's or the database's exception says of a person is in no line of the log and in no span; its class and frames are", async () => {
  const officer = child.as("county-officer", "451228");
  const visit = { fileId: crypto.randomUUID(), region: village, amountFen: 1, ...planted };
  for (const trouble of ["throw", "type", "constraint"])
    expect((await officer.post("/visits", { ...visit, trouble })).status).toBe(500);
  const spans = () => bodies.filter((body) => body.startsWith("/v1/traces "));
  await until(() => spans().filter((body) => body.includes("exception.stacktrace")).length > 0, {
    what: "spans of what failed",
    timeoutMs: 30_000,
  });
  await until(
    () => spans().some((body) => body.includes("22P02")) && spans().some((body) => body.includes("clinic.testing.ts")),
    { timeoutMs: 30_000 },
  );
  for (const said of [child.output(), ...bodies])
    for (const secret of Object.values(planted)) expect(said.includes(secret)).toBe(false);
  const errors = child
    .output()
    .split("\n")
    .flatMap((line) => (line.includes('"unexpected error"') ? [JSON.parse(line).error] : []));
  expect(errors).toMatchObject([
    { name: "Error", stack: expect.stringMatching(/^ {4}at .*clinic\.testing\.ts:\d+:\d+\)?/) },
    { name: "error", code: "22P02" },
    { name: "error", code: "23505", constraint: expect.any(String) },
  ]);
  for (const error of errors) expect(error).not.toHaveProperty("message");
});

test.each(["dashboards/shouwang.json", "alerts.yaml"])(
  "infra/grafana/%s asks for metrics that exist, under the store's names",
  (file) => {
    const text = readFileSync(new URL(`../../../infra/grafana/${file}`, import.meta.url), "utf8");
    const stored = Object.values(gauges).map(([name, unit]) => `${name.replaceAll(".", "_")}${unit === "s" ? "_seconds" : ""}`);
    const asked = new Set([...text.matchAll(/\bshouwang_[a-z_]+|\bhttp_server_[a-z_]+/g)].map(([name]) => name));
    const request = "http_server_request_duration_seconds";
    expect([...asked].filter((name) => ![...stored, `${request}_count`, `${request}_bucket`].includes(name))).toEqual([]);
    expect(asked.size).toBeGreaterThan(4);
  },
);
