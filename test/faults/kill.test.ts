import { randomUUID } from "node:crypto";
import { type Broker, freshNats, openProxy, through, until } from "@shouwang/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startChild } from "../../packages/service-kit/src/testing/child.testing.ts";
import { clinic } from "../../packages/service-kit/src/testing/clinic.testing.ts";
import { mirror } from "../../packages/service-kit/src/testing/mirror.testing.ts";
import { readStream } from "../../packages/service-kit/src/testing/source.testing.ts";
import { type Callers, type WardDatabase, wardDatabase } from "../../packages/service-kit/src/testing/ward.testing.ts";

const region = "451228100003";
let broker: Broker;
let database: WardDatabase;
let mirrored: WardDatabase;
beforeEach(async () => {
  [broker, database, mirrored] = await Promise.all([
    freshNats(),
    wardDatabase(clinic, "kit_clinic"),
    wardDatabase(mirror, "kit_mirror"),
  ]);
});
afterEach(async () => {
  await Promise.all([broker.remove(), database.drop(), mirrored.drop()]);
});

const officer = (as: Callers) => as("county-officer", "451228");
const open = (as: Callers, key?: string) => officer(as).post("/test-files", { region, weight: 60 }, key);
const counts = async () =>
  (
    await database.rows<
      Record<string, number>
    >(`select (select count(*)::int from clinic.file) as files, (select count(*)::int from kit.outbox where entity <> 'audit') as events,
      (select count(*)::int from kit.audit) as audit, (select count(*)::int from kit.idempotency) as keys`)
  )[0];
const blocked = (at: WardDatabase) =>
  until(
    async () =>
      (await at.rows("select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")).length > 0,
    { what: "the transaction to wait for the lock" },
  );
const noSession = (at: WardDatabase) =>
  until(
    async () =>
      (await at.rows("select from pg_stat_activity where datname = current_database() and usename like '%app'")).length === 0,
    { what: "the dead process's sessions to end" },
  );
/** Each event of the outbox stands in the stream once, at its position; `n` of them are the test's own, beside the hourly head of the audit. */
const expectPublished = async (n: number) => {
  const agreed = async () => {
    const rows = await database.rows<{ position: number; id: string; entity: string }>(
      "select position, event_id as id, entity from kit.outbox order by position",
    );
    expect(rows.filter((row) => row.entity !== "audit")).toHaveLength(n);
    expect((await readStream(broker.url, "social")).map(({ seq, id }) => ({ position: seq, id }))).toEqual(
      rows.map(({ position, id }) => ({ position, id })),
    );
    return true;
  };
  await until(agreed, { what: `${n} events in outbox and stream` });
};

describe("kill -9 of a service", () => {
  test("fault 1: between write and COMMIT leaves neither row nor event, and the same request goes through afterwards", async () => {
    const first = await startChild("clinic", database, broker.url);
    const holder = await database.admin.connect();
    await holder.query("begin; lock table kit.audit in share row exclusive mode");
    const key = randomUUID();
    const sent = open(first.as, key).catch(() => "no answer");
    await blocked(database);
    await first.end("SIGKILL");
    expect(await sent).toBe("no answer");
    await holder.query("rollback");
    holder.release();
    await noSession(database);
    expect(await counts()).toEqual({ files: 0, events: 0, audit: 0, keys: 0 });
    const second = await startChild("clinic", database, broker.url);
    expect((await open(second.as, key)).status).toBe(201);
    await expectPublished(1);
    await second.end("SIGTERM");
  });

  test("fault 2: between COMMIT and publish: the events leave after the restart, once", async () => {
    const first = await startChild("clinic", database, broker.url);
    expect((await open(first.as)).status).toBe(201);
    await expectPublished(1);
    process.kill(broker.pid(), "SIGSTOP");
    const keys = [1, 2, 3, 4, 5].map(() => randomUUID());
    for (const key of keys) expect((await open(first.as, key)).status).toBe(201);
    await first.end("SIGKILL");
    process.kill(broker.pid(), "SIGCONT");
    const second = await startChild("clinic", database, broker.url);
    for (const key of keys) expect((await open(second.as, key)).status).toBe(201);
    await expectPublished(6);
    expect(await counts()).toMatchObject({ files: 6, events: 6 });
    await second.end("SIGTERM");
  });

  test("fault 3: between publish and its acknowledgement: the stream holds one copy", async () => {
    const line = await openProxy(broker.port);
    const first = await startChild("clinic", database, through(broker.url, line));
    expect((await open(first.as)).status).toBe(201);
    await expectPublished(1);
    line.loseAnswers();
    for (const _ of [1, 2, 3]) expect((await open(first.as)).status).toBe(201);
    await until(async () => (await readStream(broker.url, "social")).length > 1, { what: "an event to arrive unacknowledged" });
    await first.end("SIGKILL");
    await line.close();
    const second = await startChild("clinic", database, broker.url);
    expect((await open(second.as)).status).toBe(201);
    await expectPublished(5);
    await second.end("SIGTERM");
  });
});

describe("kill -9 of a reader", () => {
  const file = randomUUID();
  const visit = (as: Callers) => officer(as).post("/visits", { fileId: file, region, amountFen: 10 });
  const tally = async () => (await mirrored.rows("select visits, amount_fen from mirror.tally"))[0];
  const settled = (n: number) =>
    until(
      async () =>
        (await mirrored.rows("select from kit.lane where position >= $1", [n])).length === 2 &&
        (await mirrored.rows("select from mirror.thanks")).length === n,
      { what: `both lanes to reach ${n}` },
    );

  test("fault 5: before its COMMIT, and right after one, makes no effect twice and leaves none out", async () => {
    const producer = await startChild("clinic", database, broker.url);
    const first = await startChild("mirror", mirrored, broker.url);
    for (let n = 0; n < 5; n += 1) await visit(producer.as);
    await settled(5);
    const holder = await mirrored.admin.connect();
    await holder.query("begin; lock table mirror.tally, mirror.thanks in share row exclusive mode");
    for (let n = 0; n < 5; n += 1) await visit(producer.as);
    await blocked(mirrored);
    await first.end("SIGKILL");
    await holder.query("rollback");
    holder.release();
    await noSession(mirrored);
    expect(await tally()).toEqual({ visits: 5, amount_fen: 50 });
    const second = await startChild("mirror", mirrored, broker.url);
    // Killed as soon as one of its transactions is seen to have committed, with more under way.
    for (let n = 0; n < 40; n += 1) void visit(producer.as).catch(() => {});
    await until(async () => (await mirrored.rows("select from kit.lane where position > 10")).length > 0);
    await second.end("SIGKILL");
    const third = await startChild("mirror", mirrored, broker.url);
    await settled(50);
    expect(await tally()).toEqual({ visits: 50, amount_fen: 500 });
    expect(await mirrored.rows("select from kit.outbox where entity = 'test-thanks'")).toHaveLength(50);
    await Promise.all([producer.end("SIGTERM"), third.end("SIGTERM")]);
  });
});

test("fault 26: a job whose process is killed again and again ends with exact totals and nothing done twice", async () => {
  let child = await startChild("clinic", database, broker.url);
  const { json } = await officer(child.as).post("/imports", { doses: 1_000, region });
  for (let kill = 0; kill < 3; kill += 1) {
    const done = async () => (await database.rows<{ n: number }>("select count(*)::int as n from kit.job_chunk"))[0]?.n ?? 0;
    const before = await done();
    await until(async () => (await done()) > before + 3, { what: "some chunks to be done" });
    await child.end("SIGKILL");
    child = await startChild("clinic", database, broker.url);
  }
  const job = () => officer(child.as).get(`/jobs/${json["jobId"]}`);
  await until(async () => (await job()).json["state"] === "done");
  expect((await job()).json["totals"]).toEqual({ doses: 1_000 });
  expect(await database.rows("select count(*)::int as n, count(distinct n)::int as different from clinic.dose")).toEqual([
    { n: 1_000, different: 1_000 },
  ]);
  await expectPublished(100);
  await child.end("SIGTERM");
});
