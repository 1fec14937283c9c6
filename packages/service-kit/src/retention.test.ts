import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addMonths, businessDate } from "./calendar.ts";
import { businessNow } from "./clock.ts";
import { type Database, openDatabase } from "./database.ts";
import { putFile } from "./file.ts";
import { findJob } from "./job.ts";
import type { KeptFor } from "./kept-for.ts";
import { loadParameter } from "./loading.ts";
import { type Keys, loadKeys } from "./personal-data.ts";
import { system } from "./principal.ts";
import { retentionSchedule } from "./retention.ts";
import { clinic } from "./testing/clinic.testing.ts";
import { noNats, type WardDatabase, wardDatabase, wardEnvironment } from "./testing/ward.testing.ts";

type Db = Record<never, never>;
let database: WardDatabase;
let db: Database<Db>;
let keys: Keys;
const actor = system("test");
beforeAll(async () => {
  database = await wardDatabase(clinic, "kit_clinic");
  db = openDatabase(database.url);
  keys = await loadKeys(wardEnvironment(database, noNats)["KEYS_FILE"] ?? "");
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const run = (kept: KeptFor<Db>[] = []) =>
  db.withTx(actor, async (tx) => {
    const now = await businessNow(tx);
    const done = await retentionSchedule<Db>(kept).run({ tx, now, today: businessDate(now), keys, actor });
    return { told: (done.audit ?? []).map(({ purpose }) => purpose), more: done.more };
  });

test("what is past its term goes, to the day, and the audit says how many of each; a second run finds nothing", async () => {
  const [oldJob, newJob] = [uuidv7(), uuidv7()];
  for (const [name, days] of [
    ["yesterday", -1],
    ["today", 0],
    ["kept", null],
  ] as const) {
    const file = { region: "451228100003", name, mediaType: "x", content: Buffer.from("x"), purpose: "test" };
    const id = await db.withTx(actor, (tx) => putFile(tx, keys, actor, file));
    await database.admin.query("update kit.file set expires_on = kit.today() + $2::int where id = $1", [id, days]);
  }
  await database.admin.query(
    `insert into kit.dead_letter (reader, source, position, epoch, entity_key, type, body, error, attempts, state, settled_at)
      select 'r', 's', n, 1, 'e', 't', 'body', 'error', 1, state, now() - age from (values
      (1, 'replayed', interval '91 days'), (2, 'replayed', '89 days'), (3, 'skipped', '91 days'), (4, 'skipped', '89 days'), (5, 'parked', '91 days')) as v (n, state, age)`,
  );
  for (const [id, years] of [
    [oldJob, 2],
    [newJob, 0],
  ] as const) {
    await database.admin.query(
      "insert into kit.job (id, kind, region, principal, input, state, finished_at) values ($1, 'x', '45', '{}', '{}', 'done', now() - $2 * interval '1 year')",
      [id, years],
    );
    await database.admin.query(
      `insert into kit.job_chunk (job_id, n, totals) select $1, n, jsonb_build_object('rows', n, 'n' || n, 1) from generate_series(1, 4) n`,
      [id],
    );
  }
  await database.admin.query(
    `insert into kit.idempotency (issuer, subject, route, key, body_hash, created_at) select 'i', 's', 'r', n::text, '', now() - n * interval '1 day' from generate_series(6, 9) n`,
  );
  for (const jobId of [oldJob, newJob])
    await database.admin.query(
      "insert into kit.bulk_item (id, job_id, item_id, region, expected_version) values ($1, $2, $3, '45', 1)",
      [uuidv7(), jobId, uuidv7()],
    );
  await database.admin.query(
    "insert into kit.private_message (sequence, type, entity_ids, told_at) select n, 't', '{e}', now() - n * interval '1 day' from generate_series(99, 102) n",
  );
  const totals = await db.withReadTx(actor, async (tx) => (await findJob(tx, oldJob))?.totals);
  expect(totals).toEqual({ rows: 10, n1: 1, n2: 1, n3: 1, n4: 1 });

  expect(await run()).toEqual({
    told: [
      "3 request keys after 7 days",
      "1 files past their last day",
      "1 replayed dead letters after 90 days",
      "1 contents of skipped dead letters after 90 days",
      "1 items of bulk commands a year after they ended",
      "3 private messages that left their stream by age",
      "3 chunks of jobs done a year ago, summed up into one",
    ],
    more: false,
  });
  expect(await run()).toEqual({ told: [], more: false });

  expect(await database.rows("select name from kit.file order by name")).toEqual([{ name: "kept" }, { name: "today" }]);
  expect(await database.rows("select position, state, body from kit.dead_letter order by position")).toEqual([
    { position: 2, state: "replayed", body: "body" },
    { position: 3, state: "skipped", body: "" },
    { position: 4, state: "skipped", body: "body" },
    { position: 5, state: "parked", body: "body" },
  ]);
  expect(await database.rows("select job_id from kit.bulk_item")).toEqual([{ job_id: newJob }]);
  expect(await database.rows("select sequence::int as n from kit.private_message order by sequence")).toEqual([{ n: 99 }]);
  expect(await db.withReadTx(actor, async (tx) => (await findJob(tx, oldJob))?.totals)).toEqual(totals);
  expect(await database.rows("select job_id, count(*)::int as n from kit.job_chunk group by job_id order by n")).toEqual([
    { job_id: oldJob, n: 1 },
    { job_id: newJob, n: 4 },
  ]);
});

test("what is kept for months goes when the region's months are over: the words of an objection two years after its answer, a department's own by its setting", async () => {
  const client = await database.admin.connect();
  await client.query("set session_replication_role = replica");
  await client.query(
    `insert into kit.objection (id, posting_id, region, content, raised_by, raised_at, answered_at, upheld)
      select uuidv7(), uuidv7(), '451228100003', 'sealed', name, kit.now() - interval '9 years', answered, false from (values
      ('over', kit.now() - interval '25 months'), ('within', kit.now() - interval '23 months'), ('open', null)) as o (name, answered)`,
  );
  await client.query("set session_replication_role = origin");
  client.release();
  const asked: string[] = [];
  const own: KeptFor<Db> = {
    what: "notes",
    months: "lead.rejectedKeepMonths",
    forget: async ({ before, most }) => {
      asked.push(businessDate(before));
      expect(most).toBe(1_000);
      return asked.length === 1 ? most : 0;
    },
  };
  const region = {
    key: "lead.rejectedKeepMonths",
    region: "450000000000",
    document: "桂乡振发〔2022〕9号",
    validFrom: "2000-01-01",
  };
  await db.withTx(actor, (tx) => loadParameter(tx, actor, { ...region, value: 60 }));
  expect(await run([own])).toEqual({ told: ["1 words of objections after 24 months", "1000 notes after 60 months"], more: true });
  expect(await run([own])).toEqual({ told: [], more: false });
  const today = await db.withReadTx(actor, async (tx) => businessDate(await businessNow(tx)));
  expect(asked).toEqual([addMonths(today, -60), addMonths(today, -60)]);
  expect(await database.rows("select raised_by, content is null as gone from kit.objection order by raised_by")).toEqual([
    { raised_by: "open", gone: false },
    { raised_by: "over", gone: true },
    { raised_by: "within", gone: false },
  ]);
});
