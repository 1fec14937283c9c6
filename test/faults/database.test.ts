import { type Broker, freshNats, freshPostgres, type Line, type OwnPostgres, openProxy, through, until } from "@shouwang/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Child, startChild } from "../../packages/service-kit/src/testing/child.testing.ts";
import { type WardDatabase, withAdmin } from "../../packages/service-kit/src/testing/ward.testing.ts";
import { check, note } from "./checker.ts";
import { clinicLoad, clinicProducer, mirrorSubscriber } from "./clinic-load.ts";
import { openLedger } from "./ledger.ts";

const ledger = openLedger();
let broker: Broker;
let postgres: OwnPostgres;
let line: Line;
let database: WardDatabase;
let mirrored: WardDatabase;
let clinic: Child;
let mirror: Child;
beforeAll(async () => {
  [broker, postgres] = await Promise.all([freshNats(), freshPostgres()]);
  line = await openProxy(postgres.port);
  database = withAdmin(await postgres.database("social"), "social");
  mirrored = withAdmin(await postgres.database("cooperation"), "cooperation");
  [clinic, mirror] = await Promise.all([
    startChild("clinic", { ...database, url: through(database.url, line) }, broker.url),
    startChild("mirror", mirrored, broker.url),
  ]);
});
afterAll(async () => {
  await Promise.all([clinic.end("SIGKILL"), mirror.end("SIGKILL")]);
  await Promise.all([database.admin.end(), mirrored.admin.end()]);
  await line.close();
  await Promise.all([broker.remove(), postgres.remove()]);
});
const checked = () => check(ledger, clinicProducer(database, broker.url), [mirrorSubscriber(mirrored)]);

const sessions = "from pg_stat_activity where datname = current_database() and usename like '%app'";
/** The process of a session in the middle of a transaction, killed as the system kills what takes too much memory: PostgreSQL then restarts itself. */
const killBackend = async () => {
  const busy = () => database.rows<{ pid: number }>(`select pid ${sessions} and xact_start is not null limit 1`);
  const [found] = await until(async () => (await busy()).length > 0 && busy());
  if (found) process.kill(found.pid, "SIGKILL");
};
const restart = async (signal: "SIGINT" | "SIGKILL") => {
  await postgres.stop(signal);
  const refused = await clinic.as("county-officer", "451228").post("/keys", { key: "away" });
  expect([refused.status, refused.headers.has("retry-after")]).toEqual([503, true]);
  expect((await fetch(`${clinic.url}/health/ready`)).status).toBe(503);
  await postgres.start();
};

test.each([
  ["fault 10: PostgreSQL is restarted", () => restart("SIGINT")],
  ["fault 10: every session of a service is ended", () => database.rows(`select pg_terminate_backend(pid) ${sessions}`)],
  ["fault 10: connections are reset in the middle of transactions", () => line.reset()],
  ["fault 11: PostgreSQL is killed", () => restart("SIGKILL")],
  ["fault 11: a process of PostgreSQL is killed, and it goes through its recovery", killBackend],
] as const)(
  "%s under load: 503 with Retry-After, no half write, the pool recovers, nothing acknowledged is missing",
  async (name, strike) => {
    const stopLoad = clinicLoad(ledger, () => clinic.as).workOn();
    const before = ledger.acknowledged().length;
    await until(() => ledger.acknowledged().length > before + 20);
    await strike();
    const startedAt = performance.now();
    const struckAt = ledger.acknowledged().length;
    await until(() => ledger.acknowledged().length > struckAt + 20, { what: "the service to go on by itself" });
    note(`${name}: 20 commands acknowledged ${Math.round(performance.now() - startedAt)} ms after it was back`);
    await stopLoad();
    // Whoever got no answer asks again under the same key; what had been done is answered, what had not is done now.
    await ledger.askAgain();
    expect(ledger.odd()).toEqual([]);
    expect([clinic.ended(), mirror.ended()]).toEqual([false, false]);
    await checked();
  },
);
