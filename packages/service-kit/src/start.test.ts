import { createServer } from "node:net";
import { freshNats } from "@shouwang/testkit";
import { expect, test } from "vitest";
import { startService } from "./start.ts";
import { clinic } from "./testing/clinic.testing.ts";
import { noNats, startWard, wardDatabase, wardEnvironment } from "./testing/ward.testing.ts";

test("a service that never reached NATS takes commands, keeps their events, and stops within ten seconds", async () => {
  const database = await wardDatabase(clinic, "kit_clinic");
  const ward = await startWard(clinic, database, noNats);
  const reply = await ward.as("county-officer", "451228").post("/test-files", { region: "451228100003", weight: 60 });
  expect(reply.status).toBe(201);
  expect(await database.rows("select position from kit.outbox where entity <> 'audit'")).toEqual([{ position: null }]);
  const startedAt = performance.now();
  await ward.stop();
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  await database.drop();
});

test("a service whose NATS hangs stops within ten seconds", async () => {
  const [database, broker] = await Promise.all([wardDatabase(clinic, "kit_clinic"), freshNats()]);
  const ward = await startWard(clinic, database, broker.url);
  await expect.poll(() => ward.relay.state().kind).toBe("running");
  process.kill(broker.pid(), "SIGSTOP");
  await ward.as("county-officer", "451228").post("/test-files", { region: "451228100003", weight: 60 });
  const startedAt = performance.now();
  await ward.stop();
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  process.kill(broker.pid(), "SIGCONT");
  await Promise.all([broker.remove(), database.drop()]);
});

test("a start that fails leaves nothing running: no session in the database, so that the process can end", async () => {
  const database = await wardDatabase(clinic, "kit_clinic");
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const address = taken.address();
  const PORT = String(typeof address === "object" && address ? address.port : 0);
  await expect(startService(clinic, { ...wardEnvironment(database, noNats), PORT })).rejects.toThrow(/EADDRINUSE/);
  const wrongClock = { ...wardEnvironment(database, noNats), CLOCK_OFFSET_MS: "1000" };
  await expect(startService(clinic, wrongClock)).rejects.toThrow(/business clock/);
  const sessions = "select 1 from pg_stat_activity where datname = current_database() and usename like '%_app'";
  await expect.poll(() => database.rows(sessions)).toEqual([]);
  await new Promise((resolve) => taken.close(resolve));
  await database.drop();
});

test("with the smallest pool of two, commands, jobs, relay and schedules do not starve each other", async () => {
  const [database, broker] = await Promise.all([wardDatabase(clinic, "kit_clinic"), freshNats()]);
  const ward = await startWard(clinic, database, broker.url, { DATABASE_POOL: "2" });
  const officer = ward.as("county-officer", "451228");
  const job = await officer.post("/imports", { doses: 200, region: "451228100003" });
  const replies = await Promise.all(
    Array.from({ length: 50 }, () => officer.post("/test-files", { region: "451228100003", weight: 60 })),
  );
  expect(new Set(replies.map((reply) => reply.status))).toEqual(new Set([201]));
  await expect.poll(async () => (await officer.get(`/jobs/${job.json["jobId"]}`)).json["state"]).toBe("done");
  await expect
    .poll(() => database.rows("select count(*)::int as n from kit.outbox where position is not null and entity <> 'audit'"), {
      timeout: 10_000,
    })
    .toEqual([{ n: 70 }]);
  await ward.stop();
  await Promise.all([broker.remove(), database.drop()]);
});
