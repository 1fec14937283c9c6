import { type Broker, freshNats, until } from "@shouwang/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startChild } from "../../packages/service-kit/src/testing/child.testing.ts";
import { clinic } from "../../packages/service-kit/src/testing/clinic.testing.ts";
import { readStream } from "../../packages/service-kit/src/testing/source.testing.ts";
import { noNats, type WardDatabase, wardDatabase } from "../../packages/service-kit/src/testing/ward.testing.ts";

const region = "451228100003";
let broker: Broker;
let database: WardDatabase;
beforeAll(async () => {
  [broker, database] = await Promise.all([freshNats(), wardDatabase(clinic, "kit_clinic")]);
});
afterAll(async () => {
  await Promise.all([broker.remove(), database.drop()]);
});

test("fault 32: SIGTERM: requests under way finish, their events leave, connections kept open do not hold it, exit 0 in under ten seconds", async () => {
  const child = await startChild("clinic", database, broker.url);
  const officer = child.as("county-officer", "451228");
  const opened = await Promise.all([1, 2, 3].map(() => officer.post("/test-files", { region, weight: 60 })));
  const ids = opened.map((reply) => reply.json["fileId"]);
  const holder = await database.admin.connect();
  await holder.query("begin; select from clinic.file for update");
  const underWay = ids.map((id) => officer.patch(`/test-files/${id}`, { weight: 61 }, 1));
  await until(
    async () =>
      (await database.rows("select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"))
        .length === 3,
  );
  const end = child.end("SIGTERM");
  await until(
    () =>
      fetch(`${child.url}/health/live`).then(
        () => false,
        () => true,
      ),
    { what: "new connections to be refused" },
  );
  await holder.query("commit");
  holder.release();
  expect((await Promise.all(underWay)).map((reply) => reply.status)).toEqual([200, 200, 200]);
  const { code, tookMs } = await end;
  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(10_000);
  const outbox = await database.rows("select from kit.outbox");
  expect(outbox.length).toBeGreaterThanOrEqual(6);
  expect(await readStream(broker.url, "social")).toHaveLength(outbox.length);
  expect(child.output()).toContain('"stopped"');
  expect(await database.rows("select from kit.audit where not sealed")).toEqual([]);
});

test("fault 32: SIGTERM of a service that never reached NATS: exit 0 in under ten seconds", async () => {
  const child = await startChild("clinic", database, noNats);
  const { code, tookMs } = await child.end("SIGTERM");
  expect([code, tookMs < 10_000]).toEqual([0, true]);
});

test("fault 32: a request that never ends is given up: exit in under ten seconds all the same, with nothing of it written", async () => {
  const child = await startChild("clinic", database, broker.url);
  const officer = child.as("county-officer", "451228");
  const { json } = await officer.post("/test-files", { region, weight: 60 });
  const holder = await database.admin.connect();
  await holder.query("begin; select from clinic.file for update");
  const hanging = officer.patch(`/test-files/${json["fileId"]}`, { weight: 99 }, 1).then(
    (reply) => reply.status,
    () => "no answer",
  );
  await until(
    async () =>
      (await database.rows("select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"))
        .length === 1,
  );
  const { tookMs } = await child.end("SIGTERM");
  expect(tookMs).toBeLessThan(10_000);
  expect(await hanging).toBe("no answer");
  await holder.query("rollback");
  holder.release();
  expect(await database.rows("select from clinic.file where weight = 99")).toEqual([]);
});
