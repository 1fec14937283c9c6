import { type Child, until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noNats, type WardDatabase } from "../../packages/service-kit/src/testing/ward.testing.ts";
import { township, village } from "../../services/monitoring/src/people.testing.ts";
import { monitoringDatabase, startMonitoring } from "./monitoring-scene.ts";

/** What is open in the leaver's name: more of each than one chunk moves. */
const open = { helpers: 0, households: 620, leads: 250, suspects: 0, tasks: 230 };
let database: WardDatabase;
let letGo = async () => {};
let child: Child | undefined;
beforeAll(async () => {
  database = await monitoringDatabase();
  await database.rows(
    `with household as (insert into monitoring.household (id, region, household_kind, headcount, able_workers, created_at, updated_at)
      select id, '${village}', 'lifted-household', 1, 1, now(), now() from unnest($1::uuid[]) id returning id, region),
    numbered as (select *, row_number() over (order by id) as n from household),
    lead as (insert into monitoring.risk_lead (id, household_id, region, source, cause, epidemic, severity, status, found_at, registered_at, late_registration,
        dispatched_at, dispatched_to, reported_by, version)
      select ($2::uuid[])[n], id, region, 'monthly-round', 'illness', false, 'general', 'dispatched', now(), now(), false, now(), 'leaver', 'test', 2
      from numbered where n <= ${open.leads}),
    task as (insert into kit.deadline (id, kind, clause, entity, entity_id, household_id, region, role, assignee, started_at, due_at)
      select gen_random_uuid(), 'test', 'M-02', 'household', id, id, region, 'village-officer', 'leaver', now(), now() + interval '9 years'
      from numbered where n <= ${open.tasks})
    insert into kit.assignment (id, kind, subject, household_id, region, valid_from)
      select gen_random_uuid(), 'grid', 'leaver', id, region, '2022-01-01' from household`,
    [open.households, open.leads].map((n) => Array.from({ length: n }, () => uuidv7())),
  );
});
afterAll(async () => {
  await letGo();
  await child?.end("SIGKILL");
  await database.drop();
});

const count = async (what: string): Promise<number> =>
  (await database.rows<{ n: number }>(`select count(*)::int as n from ${what}`))[0]?.n ?? 0;
const leadsOf = (subject: string) => count(`monitoring.risk_lead where status = 'dispatched' and dispatched_to = '${subject}'`);

test("fault 26: a hand-over whose process is killed in the middle goes on where it was: each thing once, totals exact", async () => {
  const first = await startMonitoring(database, noNats);
  child = first;
  // The second hundred of the leads stops half-way at one that somebody else holds, and the process dies there.
  const holder = await database.admin.connect();
  letGo = async () => {
    letGo = async () => {};
    await holder.query("rollback");
    holder.release();
  };
  await holder.query("begin");
  await holder.query(
    "select from monitoring.risk_lead where id = (select id from monitoring.risk_lead order by id offset 150 limit 1) for update",
  );
  const asked = await first
    .as("township-officer", township)
    .post("/hand-overs", { region: township, from: "leaver", to: "taker", because: "transferred" });
  expect([asked.status, asked.json["open"]]).toEqual([202, open]);
  await until(async () => (await leadsOf("taker")) === 100 && (await count("pg_locks where not granted")) > 0, {
    what: "the hand-over to stand in the middle of a chunk",
    timeoutMs: 60_000,
  });
  await first.end("SIGKILL");
  await letGo();
  expect([await leadsOf("taker"), await leadsOf("leaver")]).toEqual([100, 150]);

  const second = await startMonitoring(database, noNats);
  child = second;
  const asTownship = second.as("township-officer", township);
  const moved = await until(
    async () => {
      const { json } = await asTownship.get(`/hand-overs/${asked.json["handOverId"]}`);
      return json["state"] === "done" && json["moved"];
    },
    { what: "the hand-over to end", timeoutMs: 60_000 },
  );
  expect(moved).toEqual({ ...open, helpersThereAlready: 0 });
  const nothing = { helpers: 0, households: 0, leads: 0, suspects: 0, tasks: 0 };
  expect((await asTownship.post("/open-work", { subject: "leaver", region: township })).json).toEqual(nothing);
  expect((await asTownship.post("/open-work", { subject: "taker", region: township })).json).toEqual(open);
  // Each lead was dispatched anew once, in one event; each household came into the new grid once.
  const told =
    "select count(*)::int as n, count(distinct entity_id)::int as leads, min(version)::int as version from kit.outbox where entity = 'risk-lead'";
  expect(await database.rows(told)).toEqual([{ n: open.leads, leads: open.leads, version: 3 }]);
  expect(await count("kit.assignment where subject = 'taker'")).toBe(open.households);
  const audited = "select entity, count(*)::int as n from kit.audit where action = 'hand-over' group by entity order by entity";
  expect(await database.rows(audited)).toEqual([
    { entity: "grid", n: 2 },
    { entity: "household", n: open.tasks },
    { entity: "risk-lead", n: open.leads },
  ]);
  await second.end("SIGTERM");
});
