import { until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Database, openDatabase } from "./database.ts";
import { findJob, type JobKind, requestJob } from "./job.ts";
import { startJobs } from "./job-run.ts";
import { takeTurn } from "./job-turn.ts";
import { openLog } from "./log.ts";
import { type Keys, loadKeys } from "./personal-data.ts";
import type { Principal } from "./principal.ts";
import { clinic } from "./testing/clinic.testing.ts";
import { noNats, type WardDatabase, wardDatabase, wardEnvironment } from "./testing/ward.testing.ts";

let database: WardDatabase;
let db: Database<Record<never, never>>;
let keys: Keys;
const actor: Principal = { issuer: "i", subject: "importer", roles: ["county-officer"], region: "451228" };
const region = "451228100003";
beforeAll(async () => {
  database = await wardDatabase(clinic, "kit_clinic");
  db = openDatabase(database.url);
  keys = await loadKeys(wardEnvironment(database, noNats)["KEYS_FILE"] ?? "");
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const start = () =>
  startJobs({
    db,
    keys,
    log: openLog("test", "silent"),
    kinds: clinic.slices.flatMap((slice) => slice.jobs ?? []),
    afterCommit: () => {},
    pollMs: 5,
    retryMs: 1,
  });
const ask = (input: Record<string, unknown>) =>
  db.withTx(actor, (tx) => requestJob(tx, actor, { kind: "test-import", region, input: { region, ...input } }));
const jobOf = (id: string) => db.withTx(actor, (tx) => findJob(tx, id));
const doses = async (id: string) =>
  (await database.rows<{ n: number }>("select count(*)::int as n from clinic.dose where job_id = $1", [id]))[0]?.n;

test("three instances do a job's chunks once each: rows, events, audit and totals agree", async () => {
  const ids = [await ask({ doses: 95 }), await ask({ doses: 40 }), await ask({ doses: 1 })];
  const instances = [start(), start(), start()];
  await until(async () => (await Promise.all(ids.map(jobOf))).every((job) => job?.state === "done"));
  await Promise.all(instances.map((jobs) => jobs.stop()));
  expect((await Promise.all(ids.map(jobOf))).map((job) => job?.totals)).toEqual([{ doses: 95 }, { doses: 40 }, { doses: 1 }]);
  expect(await Promise.all(ids.map(doses))).toEqual([95, 40, 1]);
  const [counts] = await database.rows(
    "select (select count(*)::int from kit.outbox) as events, (select count(*)::int from kit.audit where action = 'import') as audit, (select count(*)::int from kit.job_chunk) as chunks",
  );
  expect(counts).toEqual({ events: 15, audit: 15, chunks: 15 });
});

test("a chunk that fails five times in a row fails the job, with what was done before kept and told", async () => {
  const jobs = start();
  const id = await ask({ doses: 100, failsAt: 35 });
  await until(async () => (await jobOf(id))?.state === "failed");
  await jobs.stop();
  expect(await jobOf(id)).toMatchObject({ totals: { doses: 30 }, error: "Error", finishedAt: expect.any(Date) });
  expect(await doses(id)).toBe(30);
  expect(await database.rows("select attempts from kit.job where id = $1", [id])).toEqual([{ attempts: 5 }]);
});

test("a job that waits for its next try does not hold up another", async () => {
  const jobs = startJobs({
    db,
    keys,
    log: openLog("test", "silent"),
    kinds: clinic.slices.flatMap((slice) => slice.jobs ?? []),
    afterCommit: () => {},
    pollMs: 5,
    retryMs: 60_000,
  });
  const failing = await ask({ doses: 100, failsAt: 5 });
  const other = await ask({ doses: 20 });
  await until(async () => (await jobOf(other))?.state === "done");
  expect((await jobOf(failing))?.state).toBe("running");
  await jobs.stop();
});

test("a kind that may runs beside another job of its own; what nobody waits for begins when both are through", async () => {
  const order: string[] = [];
  let bothAtWork = () => {};
  const together = new Promise<void>((resolve) => {
    bothAtWork = resolve;
  });
  const kinds: JobKind<Record<never, never>>[] = [
    {
      kind: "roster",
      beside: true,
      run: async ({ jobId }) => {
        order.push(jobId);
        if (new Set(order).size === 2) bothAtWork();
        await together;
        return { totals: {} };
      },
    },
    {
      kind: "scenery",
      background: true,
      run: async ({ jobId }) => {
        order.push(jobId);
        return { totals: {} };
      },
    },
  ];
  const request = (kind: string) => db.withTx(actor, (tx) => requestJob(tx, actor, { kind, region, input: {} }));
  const [scenery, one, other] = [await request("scenery"), await request("roster"), await request("roster")];
  const jobs = startJobs({ db, keys, log: openLog("test", "silent"), kinds, afterCommit: () => {}, pollMs: 5 });
  await until(async () => (await jobOf(scenery))?.state === "done", { timeoutMs: 30_000 });
  await jobs.stop();
  expect(order).toHaveLength(3);
  expect(new Set(order.slice(0, 2))).toEqual(new Set([one, other]));
});

test("turns go by asker: one of many chunks, and three of one person, hold up nobody; places of a kind are kept for who has none", async () => {
  const done: string[] = [];
  const run: JobKind<Record<never, never>>["run"] = async ({ input, checkpoint }) => {
    const { name, chunks } = Object(input);
    const next = Number(checkpoint ?? 0) + 1;
    done.push(name);
    return { totals: { chunks: 1 }, ...(next < chunks ? { next } : {}) };
  };
  const kinds: JobKind<Record<never, never>>[] = [
    { kind: "list", inTurn: 2, run },
    { kind: "errand", run },
  ];
  const by = (subject: string, name: string, chunks: number, kind = "list") => {
    const person: Principal = { ...actor, subject };
    return db.withTx(person, (tx) => requestJob(tx, person, { kind, region, input: { name, chunks } }));
  };
  const ids = [await by("ann", "a1", 6), await by("ann", "a2", 1), await by("ann", "a3", 1)];
  ids.push(
    await by("ben", "b1", 1),
    await by("cai", "c1", 2, "errand"),
    await by("dan", "d1", 1),
    await by("ann", "a4", 2, "errand"),
  );
  const jobs = startJobs({ db, keys, log: openLog("test", "silent"), kinds, afterCommit: () => {}, pollMs: 5 });
  await until(async () => (await Promise.all(ids.map(jobOf))).every((job) => job?.state === "done"), { timeoutMs: 30_000 });
  await jobs.stop();
  expect(done.join(" ")).toBe("a1 b1 c1 d1 a4 c1 a1 a4 a1 a1 a1 a1 a2 a3");
});

test("what a killed process had in hand is taken up again, and what another is at is left alone", async () => {
  const id = await ask({ doses: 20 });
  const kinds = [{ kind: "test-import" }];
  const turn = () => db.withTx(actor, (tx) => takeTurn(tx, kinds, ["test-import"]));
  expect((await turn())?.id).toBe(id);
  expect(await turn()).toBeUndefined();
  // A second later nobody holds its row, as after a kill; with somebody at it, it is not free.
  await database.rows("update kit.job set turn_at = turn_at - interval '2 seconds' where id = $1", [id]);
  const holder = await database.admin.connect();
  await holder.query("begin");
  await holder.query("select from kit.job where id = $1 for update", [id]);
  expect(await turn()).toBeUndefined();
  await holder.query("rollback");
  holder.release();
  expect((await turn())?.id).toBe(id);
  await database.rows("update kit.job set at_work = false where id = $1", [id]);
  const jobs = start();
  await until(async () => (await jobOf(id))?.state === "done", { timeoutMs: 30_000 });
  await jobs.stop();
  expect(await doses(id)).toBe(20);
});

test("whose turn it is, is found by index, with a year's jobs behind those that wait", async () => {
  await database.rows(
    `insert into kit.job (id, kind, region, principal, input, state, turn_at, finished_at)
    select gen_random_uuid(), 'test-import', $1, json_build_object('issuer', 'i', 'subject', 'p' || n % 50), '{}', 'done', now() - n * interval '1 minute', now()
    from generate_series(1, 2000) n`,
    [region],
  );
  await database.rows("analyze kit.job");
  const plan = await database.rows<{ "QUERY PLAN": string }>(
    "explain select turn_at from kit.job where asker = 'i|p1' and turn_at is not null order by turn_at desc limit 1",
  );
  expect(plan.map((line) => line["QUERY PLAN"]).join()).toContain("job_turn");
  await database.rows("delete from kit.job where turn_at is not null and kind = 'test-import' and input = '{}'");
});

test("a job runs under the area and rights of whoever asked for it, and an unknown one is not found", async () => {
  expect(await jobOf(uuidv7())).toBeUndefined();
  const id = await ask({ doses: 1 });
  const jobs = start();
  await until(async () => (await jobOf(id))?.state === "done");
  await jobs.stop();
  const [last] = await database.rows("select actor from kit.audit order by id desc limit 1");
  expect(last).toEqual({ actor: "i|importer" });
});
