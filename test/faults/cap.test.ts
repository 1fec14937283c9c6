import { type Broker, type Child, freshNats, signToken } from "@shouwang/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Callers, WardDatabase } from "../../packages/service-kit/src/testing/ward.testing.ts";
import { newNumber, village } from "../../services/monitoring/src/people.testing.ts";
import { check } from "./checker.ts";
import { openLedger } from "./ledger.ts";
import { monitoringDatabase, monitoringProducer, register, startMonitoring } from "./monitoring-scene.ts";

const ledger = openLedger();
let broker: Broker;
let database: WardDatabase;
let both: (Child & { as: Callers })[];
const perDay = 5;
beforeAll(async () => {
  [broker, database] = await Promise.all([freshNats(), monitoringDatabase()]);
  both = await Promise.all([0, 1].map(() => startMonitoring(database, broker.url, { RATE_REVEALS: `${perDay}/d` })));
});
afterAll(async () => {
  await Promise.all(both.map((child) => child.end("SIGKILL")));
  await Promise.all([broker.remove(), database.drop()]);
});
/** So many at the same moment, every other one at the other instance. */
const atOnce = <T>(count: number, send: (child: Child & { as: Callers }, n: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => both[n % both.length]).map((child, n) => send(required(child), n)));
const required = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error("two were started");
  return value;
};
const tally = (statuses: (number | undefined)[]) =>
  Object.fromEntries([...Map.groupBy(statuses, (status) => status)].map(([status, all]) => [status, all.length]));

test("fault 25: twenty at once spend a cap of five at two instances: exactly five win, the last one not twice", async () => {
  const { reply } = await register(ledger, required(both[0]).as, 25);
  const [member] = await database.rows<{ id: string }>("select id from monitoring.person limit 1");
  expect(reply?.status).toBe(201);
  // All but one of the day's reveals in order, then many at once for the last.
  const token = await signToken({ sub: "one", sw_roles: ["village-officer"], sw_region: village });
  const reveal = async (child: Child) => {
    const response = await fetch(`${child.url}/api/v1/monitoring/persons/${member?.id}/reveal`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ purpose: "入户核实信息", fields: ["name"] }),
    });
    await response.body?.cancel();
    return response.status;
  };
  for (let n = 1; n < perDay; n += 1) expect(await reveal(required(both[n % 2]))).toBe(200);
  expect(tally(await atOnce(20, reveal))).toEqual({ 200: 1, 429: 19 });
  const [audit] = await database.rows("select count(*)::int as n from kit.audit where action = 'reveal-person'");
  expect(audit).toEqual({ n: perDay });
  const [spent] = await database.rows("select sum(reveals)::int as n from kit.reveal_day");
  expect(spent).toEqual({ n: perDay });
  await check(ledger, monitoringProducer(database, broker.url));
});

test("fault 25: two offices register the same person at once at two instances: exactly one wins, nothing of the others is written", async () => {
  const identityNumber = newNumber("1969-09-09", "male");
  const [before] = await database.rows<{ n: number }>("select count(*)::int as n from monitoring.household");
  const statuses = await atOnce(12, async (child, n) => {
    const at = n % 3 === 0 ? "451228100004" : village;
    const member = { name: "韦同时", identityNumber, relation: "head", labourSkill: "ordinary" };
    const body = { region: at, householdKind: "lifted-household", members: [member] };
    return (await child.as("village-officer", at, `officer-${n}`).post("/households", body)).status;
  });
  expect(tally(statuses)).toEqual({ 201: 1, 409: 11 });
  const [after] = await database.rows<{ n: number }>("select count(*)::int as n from monitoring.household");
  expect((after?.n ?? 0) - (before?.n ?? 0)).toBe(1);
  const events = await database.rows("select from kit.outbox where entity = 'household'");
  expect(events).toHaveLength(after?.n ?? 0);
});
