import { isRegionCode, isWithin } from "@shouwang/regions";
import fc from "fast-check";
import { sql } from "kysely";
import pg from "pg";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Database, openDatabase } from "./database.ts";
import { type Principal, system } from "./principal.ts";
import { clinic } from "./testing/clinic.testing.ts";
import { type WardDatabase, wardDatabase } from "./testing/ward.testing.ts";

// Few enough divisions that areas and rows meet often, with the edges: prefixes ending in nines, neighbours, a county's own code.
const villages = [
  "450102001001",
  "450102001002",
  "450102999001",
  "450199001001",
  "459901100001",
  "459999999999",
  "460101001001",
  "451228100003",
  "451229100001",
];
const coarser = ["450000000000", "450100000000", "450102000000", "450102001000", "459900000000", "459999000000", "451228000000"];
const regions = [...villages, ...coarser];
const households = Array.from({ length: 4 }, () => uuidv7());

const assignee = "grid-worker-1";
const principal: fc.Arbitrary<Principal> = fc.record(
  {
    issuer: fc.constant("https://issuer.test"),
    subject: fc.constantFrom(assignee, "somebody"),
    roles: fc.constantFrom(
      ["county-officer"],
      ["grid-worker"],
      ["helper", "grid-worker"],
      ["grid-worker", "village-officer"],
    ) as fc.Arbitrary<Principal["roles"]>,
    region: fc.constantFrom(
      "45",
      "4501",
      "4599",
      "459999",
      "450102",
      "450102001",
      "450102999",
      "459999999",
      "451228",
      "46",
      ...regions,
    ),
    counties: fc.subarray(["450102", "451228", "459999"]),
  },
  { requiredKeys: ["issuer", "subject", "roles", "region"] },
);

type Visit = { id: string; region: string; household_id: string };
let database: WardDatabase;
let db: Database<Record<never, never>>;
let visits: Visit[];
const assigned = new Set(households.slice(0, 2));

beforeAll(async () => {
  database = await wardDatabase(clinic, "kit_clinic");
  db = openDatabase(database.url);
  visits = regions.flatMap((region) => households.map((household_id) => ({ id: uuidv7(), region, household_id })));
  for (const visit of visits)
    await database.rows("insert into clinic.visit (id, region, household_id, amount_fen) values ($1, $2, $3, 1)", [
      visit.id,
      visit.region,
      visit.household_id,
    ]);
  // Assignments are area-protected too: one per household, in a village of each area that a narrow role may be given.
  for (const household of assigned)
    await database.rows(
      "insert into kit.assignment (id, kind, subject, household_id, region, valid_from) values ($1, 'grid', $2, $3, '450102001001', '2022-01-01')",
      [uuidv7(), assignee, household],
    );
  await database.rows(
    "insert into kit.assignment (id, kind, subject, household_id, region, valid_from, valid_to) values ($1, 'grid', $2, $3, '450102001001', '2022-01-01', '2022-02-01')",
    [uuidv7(), assignee, households[2]],
  );
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

/** What the policies ought to say, in plain words. */
function maySee(who: Principal, visit: { region: string; household_id: string }): boolean {
  const covers = (region: string) =>
    isRegionCode(region) &&
    isWithin(region, who.region) &&
    (who.counties === undefined || who.counties.includes(region.slice(0, 6)));
  if (!covers(visit.region)) return false;
  const narrow = who.roles.every((role) => role === "grid-worker" || role === "helper");
  return !narrow || (who.subject === assignee && assigned.has(visit.household_id) && covers("450102001001"));
}

describe("a transaction", () => {
  test("sees exactly the rows of its principal's area, counties and assignments", async () => {
    await fc.assert(
      fc.asyncProperty(principal, async (who) => {
        const seen = await db.withTx(
          who,
          async (tx) => (await sql<{ id: string }>`select id from clinic.visit order by id`.execute(tx)).rows,
        );
        const expected = visits.filter((visit) => maySee(who, visit)).map((visit) => visit.id);
        expect(seen.map((row) => row.id)).toEqual(expected.sort());
      }),
      { numRuns: 150 },
    );
  });

  test("can write no row outside of what it sees, nor move one there", async () => {
    await fc.assert(
      fc.asyncProperty(
        principal,
        fc.constantFrom(...regions),
        fc.constantFrom(...households),
        async (who, region, household_id) => {
          const insert = db.withTx(who, async (tx) => {
            await sql`insert into clinic.visit (id, region, household_id, amount_fen) values (${uuidv7()}, ${region}, ${household_id}, 2)`.execute(
              tx,
            );
            throw new Error("undone");
          });
          await expect(insert).rejects.toThrow(maySee(who, { region, household_id }) ? "undone" : /row-level security/);
          const visible = visits.filter((visit) => maySee(who, visit));
          const move = db.withTx(who, async (tx) => {
            const moved = await sql`update clinic.visit set region = ${region}`.execute(tx);
            expect(moved.numAffectedRows).toBe(BigInt(visible.length));
            throw new Error("undone");
          });
          const allowed = visible.every((visit) => maySee(who, { ...visit, region }));
          await expect(move).rejects.toThrow(allowed ? "undone" : /row-level security/);
        },
      ),
      { numRuns: 80 },
    );
  });

  test("of the kit's own work sees the whole region", async () => {
    const { rows } = await db.withTx(system("test"), (tx) =>
      sql<{ n: number }>`select count(*) as n from clinic.visit`.execute(tx),
    );
    expect(rows[0]?.n).toBe(visits.length);
  });

  test("that is read only cannot write", async () => {
    const write = db.withReadTx(system("test"), (tx) => sql`delete from clinic.visit`.execute(tx));
    await expect(write).rejects.toThrow(/read-only transaction/);
  });

  test("is run again after a deadlock, and both go through", async () => {
    const [one, other] = [uuidv7(), uuidv7()];
    for (const id of [one, other])
      await database.rows("insert into clinic.visit (id, region, household_id, amount_fen) values ($1, '990000000000', $1, 0)", [
        id,
      ]);
    const gate: { both?: Promise<unknown>; open: (() => void)[] } = { open: [] };
    gate.both = Promise.all([0, 1].map((n) => new Promise<void>((resolve) => (gate.open[n] = resolve))));
    const add = (n: number, order: string[]) =>
      db.withTx({ ...system("test"), issuer: "x", region: "99" }, async (tx) => {
        for (const id of order) {
          await sql`update clinic.visit set amount_fen = amount_fen + 1 where id = ${id}`.execute(tx);
          gate.open[n]?.();
          await gate.both;
        }
      });
    await Promise.all([add(0, [one, other]), add(1, [other, one])]);
    expect(await database.rows("select amount_fen::int as n from clinic.visit where region = '990000000000'")).toEqual([
      { n: 2 },
      { n: 2 },
    ]);
    await database.rows("delete from clinic.visit where region = '990000000000'");
  });
});

describe("the service's role", () => {
  test("sees nothing when no area is set, or after a transaction that set one", async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    expect((await client.query("select from clinic.visit")).rowCount).toBe(0);
    await client.query("begin; set local sw.lo = '0'; set local sw.hi = 'a'");
    expect((await client.query("select from clinic.visit")).rowCount).toBe(visits.length);
    await client.query("commit");
    expect((await client.query("select from clinic.visit")).rowCount).toBe(0);
    await client.end();
  });

  test("owns nothing, bypasses nothing and cannot switch the policies off", async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query(
      `select rolsuper or rolbypassrls or rolcreaterole as strong, (select count(*)::int from pg_class c where c.relowner = r.oid) as owned,
        (select count(*)::int from pg_auth_members m where m.member = r.oid) as member_of from pg_roles r where rolname = current_user`,
    );
    expect(rows).toEqual([{ strong: false, owned: 0, member_of: 0 }]);
    await client.query("set row_security = off");
    await expect(client.query("select from clinic.visit")).rejects.toThrow(/row-level security/);
    for (const statement of [
      "alter table clinic.visit disable row level security",
      "drop policy area on clinic.visit",
      "set role kit_clinic_owner",
      "update kit.outbox set envelope = ''",
      "delete from kit.outbox",
      "delete from kit.audit",
      "update kit.audit set actor = ''",
      "update kit.audit_seal set hash = ''",
    ])
      await expect(client.query(statement), statement).rejects.toThrow(/must be owner|permission denied/);
    await client.end();
  });
});
