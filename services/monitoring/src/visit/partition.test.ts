import { system } from "@shouwang/service-kit";
import { sql } from "kysely";
import pg from "pg";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Office, startOffice } from "../office.testing.ts";
import { county, registerCouple, township, village } from "../people.testing.ts";
import { ensureVisitMonths } from "./store.ts";

let office: Office;
let mine: string;
let other: string;
const day = "2022-08-26";
const sent = (householdId: string, more: Record<string, unknown> = {}) => ({
  visitId: uuidv7(),
  householdId,
  visitedOn: day,
  ...more,
});

beforeAll(async () => {
  office = await startOffice("2022-08-27");
  [mine, other] = [await registerCouple(office), await registerCouple(office)];
  const asTownship = office.as("township-officer", township);
  await asTownship.post("/grid-assignments", { subject: "grid-mine", householdIds: [mine] });
  const reply = await asTownship.post("/visit-batches", { visits: [sent(mine), sent(other)] });
  expect(reply.json).toMatchObject({ accepted: 2 });
});
afterAll(() => office.stop());

/** Asks as the role that owns the tables, which forced row-level security binds all the same. */
async function asOwner<T>(settings: Record<string, string>, ask: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: office.adminUrl });
  await client.connect();
  try {
    await client.query("begin");
    await client.query("set local role monitoring_owner");
    for (const [key, value] of Object.entries(settings)) await client.query("select set_config($1, $2, true)", [key, value]);
    return await ask(client);
  } finally {
    await client.end();
  }
}
const count = (table: string) => async (client: pg.Client) =>
  (await client.query<{ n: number }>(`select count(*)::int as n from ${table}`)).rows[0]?.n;

describe("row-level security of the month's partition", () => {
  test.each([
    ["nothing set", {}, 0],
    ["another county", { "sw.lo": "451229", "sw.hi": "451230" }, 0],
    ["the own county", { "sw.lo": "451228", "sw.hi": "451229" }, 2],
    ["a person who goes round one of the two", { "sw.lo": "451228", "sw.hi": "451229", "sw.assignee": "grid-mine" }, 1],
    ["a paired list of other counties", { "sw.lo": "45", "sw.hi": "46", "sw.counties": "451229,451230" }, 0],
  ] as [string, Record<string, string>, number][])(
    "%s: through the parent and on the partition alike",
    async (_who, settings, seen) => {
      expect(await asOwner(settings, count("monitoring.visit"))).toBe(seen);
      expect(await asOwner(settings, count("monitoring.visit_2022_08"))).toBe(seen);
    },
  );

  test("the service's role reaches rows through the parent alone, and owns nothing of it", async () => {
    const ask = (query: ReturnType<typeof sql>) => office.running.db.withTx(system("test"), (tx) => query.execute(tx));
    await expect(ask(sql`select from monitoring.visit_2022_08`)).rejects.toThrow(/permission denied/);
    await expect(ask(sql`drop table monitoring.visit_2022_08`)).rejects.toThrow(/must be owner/);
    const { rows } =
      await ask(sql`select relname from pg_class where relnamespace = 'monitoring'::regnamespace and relkind = 'r' and relname ~ '^visit_\\d'
      and not (relrowsecurity and relforcerowsecurity and pg_get_userbyid(relowner) = 'monitoring_owner')`);
    expect(rows).toEqual([]);
  });

  test("a grid worker sees visits to the own households only", async () => {
    const worker = office.as("grid-worker", village, "grid-mine");
    expect((await worker.get(`/households/${mine}/visits`)).json["items"]).toHaveLength(1);
    expect((await worker.get(`/households/${other}/visits`)).status).toBe(404);
  });
});

test("a month's partition is made once, by however many at a time; only months can be made", async () => {
  const make = (months: string[]) => office.running.db.withTx(system("test"), (tx) => ensureVisitMonths(tx, months));
  const made = await Promise.all([make(["2030-01"]), make(["2030-01"]), make(["2030-02", "2030-01"])]);
  expect(made.reduce((sum, n) => sum + n, 0)).toBe(2);
  await expect(make(["1066-10"])).rejects.toThrow(/not a month/);
});

test("visits follow the household: it moves, and the new village has them", async () => {
  const there = "451228100004";
  await office.running.db.withTx(system("test"), async (tx) => {
    await sql`update monitoring.household set region = ${there} where id = ${other}`.execute(tx);
  });
  const asNew = office.as("village-officer", there);
  expect((await asNew.get(`/households/${other}/visits`)).json["items"]).toMatchObject([{ region: there, visitedOn: day }]);
  const { json } = await office.as("county-officer", county).get(`/visit-rounds/2022-08?region=${there}`);
  expect(json["items"]).toMatchObject([{ region: there, households: 1, visited: 1 }]);
});
