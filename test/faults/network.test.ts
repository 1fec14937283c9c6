import { type Broker, type Child, freshNats, type Line, openProxy, signToken, through, until } from "@shouwang/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { lastSequence } from "../../packages/service-kit/src/testing/source.testing.ts";
import type { Callers, WardDatabase } from "../../packages/service-kit/src/testing/ward.testing.ts";
import { village } from "../../services/monitoring/src/people.testing.ts";
import { check, note } from "./checker.ts";
import { openLedger } from "./ledger.ts";
import { monitoringDatabase, monitoringProducer, register, startGatewayBefore, startMonitoring } from "./monitoring-scene.ts";

const answerMs = 3_000;
const statementMs = 2_000;
/** What a busy machine itself takes for a request, beyond the bounds that are looked for. */
const busyMs = 5_000;
const ledger = openLedger();
let broker: Broker;
let database: WardDatabase;
let toNats: Line;
let toDatabase: Line;
let toService: Line;
let service: Child & { as: Callers };
let gateway: Child & { as: Callers };
beforeAll(async () => {
  [broker, database] = await Promise.all([freshNats(), monitoringDatabase()]);
  [toNats, toDatabase] = await Promise.all([openProxy(broker.port), openProxy(Number(new URL(database.url).port))]);
  const at = { ...database, url: through(database.url, toDatabase) };
  service = await startMonitoring(at, through(broker.url, toNats), { DATABASE_STATEMENT_MS: String(statementMs) });
  toService = await openProxy(Number(new URL(service.url).port));
  gateway = await startGatewayBefore(through(service.url, toService), { UPSTREAM_ANSWER_MS: String(answerMs) });
});
afterAll(async () => {
  await Promise.all([service.end("SIGKILL"), gateway.end("SIGKILL")]);
  await Promise.all([toNats, toDatabase, toService].map((line) => line.close()));
  await Promise.all([broker.remove(), database.drop()]);
});
/** Whoever got no answer asks again, and everything is as if nothing had been. */
afterEach(async () => {
  await Promise.all([toNats, toDatabase, toService].map((line) => line.heal()));
  await ledger.askAgain();
  expect(ledger.odd()).toEqual([]);
  expect(service.ended() || gateway.ended()).toBe(false);
  await check(ledger, monitoringProducer(database, broker.url));
});

type Across = { parts: { service: string; state: string; asOf: string | null }[] };
/** What is due in all departments, through the gateway, and how long that took. */
async function due() {
  const token = await signToken({ sub: "village", sw_roles: ["village-officer"], sw_region: village });
  const startedAt = performance.now();
  const reply = await fetch(`${gateway.url}/api/v1/todo`, { headers: { authorization: `Bearer ${token}` } });
  const { parts }: Across = Object(await reply.json());
  return {
    status: reply.status,
    part: parts.find(({ service: name }) => name === "monitoring"),
    tookMs: performance.now() - startedAt,
  };
}
const registerBy = (by: { as: Callers }) => register(ledger, by.as, 12);
const works = (by: { as: Callers }) =>
  until(async () => (await registerBy(by)).reply?.status === 201, { what: "commands to go through" });

test.each([
  ["cut", () => toService.cut(), 0],
  ["silent", () => toService.fallSilent(), answerMs],
] as const)(
  "fault 12: the line from the gateway to a department is %s: it says so in bounded time, and what spans departments is marked stale",
  async (how, spoil, withinMs) => {
    expect((await registerBy(gateway)).reply?.status).toBe(201);
    const before = await due();
    expect(before).toMatchObject({ status: 200, part: { state: "ok" } });
    await spoil();
    const [stale, away] = await Promise.all([due(), registerBy(gateway)]);
    expect(stale).toMatchObject({ status: 200, part: { state: "stale", asOf: before.part?.asOf } });
    expect(away.reply).toMatchObject({ status: 503, json: { code: "dependency-unavailable" } });
    expect(Math.max(stale.tookMs, away.tookMs)).toBeLessThan(withinMs + busyMs);
    note(`gateway–service ${how}: stale after ${Math.round(stale.tookMs)} ms, 503 after ${Math.round(away.tookMs)} ms`);
    // Nobody else's requests are held up by it.
    expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(200);
    await toService.heal();
    await works(gateway);
    expect(await due()).toMatchObject({ part: { state: "ok" } });
  },
);

test("fault 12: the line from the gateway to a department is half a second late: everything goes through, later", async () => {
  toService.delay(250);
  const [whole, done] = await Promise.all([due(), registerBy(gateway)]);
  expect(whole).toMatchObject({ status: 200, part: { state: "ok" } });
  expect(done.reply?.status).toBe(201);
  expect(done.tookMs).toBeGreaterThan(500);
  await toService.heal();
});

test.each([
  ["cut", () => toDatabase.cut(), 0],
  ["silent", () => toDatabase.fallSilent(), statementMs + 2_000],
] as const)(
  "fault 12: the line from a service to its database is %s: 503 in bounded time, and it goes on by itself",
  async (how, spoil, withinMs) => {
    await works(service);
    await spoil();
    const startedAt = performance.now();
    const ready = fetch(`${service.url}/health/ready`);
    // More at once than there are connections: whoever gets none is told so as well.
    const away = await Promise.all(Array.from({ length: 14 }, () => registerBy(service)));
    const took = away.map(({ tookMs }) => tookMs);
    expect(new Set(away.map(({ reply }) => reply?.status))).toEqual(new Set([503]));
    // Who had to wait for a connection of the pool, which readers and jobs use too, did so for five seconds at most.
    expect(Math.max(...took)).toBeLessThan(withinMs + 5_000 + busyMs);
    expect((await ready).status).toBe(503);
    note(`service–database ${how}: 503 after ${Math.round(Math.min(...took))} to ${Math.round(Math.max(...took))} ms`);
    await toDatabase.heal();
    await works(service);
    note(`… and healed, ${Math.round(performance.now() - startedAt)} ms after it began`);
  },
);

test("fault 12: the line from a service to its database is half a second late: it answers later, and stays ready", async () => {
  toDatabase.delay(250);
  const startedAt = performance.now();
  const read = await service.as("village-officer", village).get("/households?limit=1");
  expect(read.status).toBe(200);
  const tookMs = performance.now() - startedAt;
  expect(tookMs).toBeGreaterThan(1_000);
  expect(tookMs).toBeLessThan(10_000 + busyMs);
  expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
  note(`service–database half a second late: a reading took ${Math.round(tookMs)} ms`);
  await toDatabase.heal();
  await works(service);
});

test.each([
  ["cut", () => toNats.cut()],
  ["silent", () => toNats.fallSilent()],
  ["half a second late", () => toNats.delay(250)],
] as const)(
  "fault 12: the line from a service to NATS is %s: commands go on as ever, and their events arrive once it is whole",
  async (how, spoil) => {
    await spoil();
    for (let n = 0; n < 5; n += 1) {
      const { reply, tookMs } = await registerBy(service);
      expect(reply?.status).toBe(201);
      expect(tookMs).toBeLessThan(busyMs);
    }
    await toNats.heal();
    const healedAt = performance.now();
    const [counted] = await database.rows<{ n: number }>("select count(*)::int as n from kit.outbox");
    await until(async () => (await lastSequence(broker.url, "monitoring")) >= (counted?.n ?? 0), {
      what: "the events to arrive",
    });
    note(`service–NATS ${how}: events arrived ${Math.round(performance.now() - healedAt)} ms after it was whole`);
  },
);
