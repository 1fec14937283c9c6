import { randomBytes } from "node:crypto";
import type { ParameterKey, Ratio } from "@shouwang/plan";
import { toRegionCode } from "@shouwang/regions";
import { type Database, migrate, openDatabase, system, type Tx } from "@shouwang/service-kit";
import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { cloneDatabase, type TestDatabase, templateDatabase } from "@shouwang/testkit";
import fc from "fast-check";
import { sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DB } from "../db.ts";
import { monitoring } from "../index.ts";
import { type Expression, evaluate, type Settings, type Truth, words } from "./expression.ts";
import { loadFacts } from "./fact-store.ts";
import { factDefinitions, factNames } from "./facts.ts";
import { rulesInForce } from "./rule-store.ts";
import { builtInRules, type Rule } from "./rules.ts";
import { factsHash, screen } from "./screen.ts";
import { anyOf, countFindings, loadFoundFalse, pageOfHouseholds, type RulesSql, rulesSql } from "./store.ts";

const day = parseBusinessDate("2022-08-15");
const counties = ["451228", "451229", "450102"] as const;
const households = 400;

let database: TestDatabase;
let admin: pg.Client;
let db: Database<DB>;
beforeAll(async () => {
  await templateDatabase("monitoring", async (urls) => {
    await migrate(urls.migrationUrl, "monitoring_app", monitoring.migrations);
  });
  database = await cloneDatabase("monitoring");
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  db = openDatabase<DB>(database.url);
  await admin.query(
    "insert into kit.clock (offset_ms) values (extract(epoch from '2022-08-15 09:00+08'::timestamptz - now())::bigint * 1000)",
  );
});
afterAll(async () => {
  await db.close();
  await admin.end();
  await database.drop();
});

/** Whole numbers that matter: near nothing, near each other, and as large as a number may be. */
const amount = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.integer({ min: 0, max: 2_000_000 }),
  fc.constantFrom(Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 9_999_999_999_999),
);
const ratio = fc.oneof(
  fc.record({ numerator: fc.integer({ min: 0, max: 1_000 }), denominator: fc.integer({ min: 1, max: 1_000 }) }),
  fc.record({ numerator: fc.integer({ min: 0, max: 1_000_000 }), denominator: fc.integer({ min: 1, max: 1_000_000 }) }),
);
const fact = fc.constantFrom(...factNames);
const comparison = fc.record({
  fact,
  // Safe: `words` has these keys and no others.
  is: fc.constantFrom(...(Object.keys(words) as (keyof typeof words)[])),
  limit: fc.oneof(
    fc.record({ constant: amount }),
    fc.record({ parameter: fc.constantFrom("screening.medicalSevere" as const, "screening.newDays" as const) }),
    fc.record({ share: fc.constant("screening.medicalIncomeShare" as const), of: fact }),
    fc.record({ ratio, of: fact }),
  ),
});
const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    comparison,
    fc.record({ all: fc.array(tie("expression"), { maxLength: 3 }) }),
    fc.record({ any: fc.array(tie("expression"), { maxLength: 3 }) }),
    fc.record({ not: tie("expression") }),
  ),
}));
const setting = fc.record({
  "screening.medicalSevere": fc.option(fc.nat(2_000_000), { nil: null }),
  "screening.newDays": fc.option(fc.nat(400), { nil: null }),
  "screening.medicalIncomeShare": fc.option(ratio, { nil: null }),
});
/** One setting for all counties, or one each: the two ways they become SQL. */
const settingsOfCounties = fc.oneof(
  setting.map((one) => [one, one, one]),
  fc.tuple(setting, setting, setting),
);

const settingsFrom = (values: Record<string, number | Ratio | null>): Settings =>
  new Map(
    // Safe: the generator's keys are parameters.
    (Object.entries(values) as [ParameterKey, number | Ratio | null][]).map(([key, value]) => [
      key,
      { key, value, region: toRegionCode("45"), validFrom: "2022-01-01", validTo: null, document: "d" },
    ]),
  );
const byCountyOf = (each: readonly Record<string, number | Ratio | null>[]): Map<string, Settings> =>
  new Map(counties.map((county, at) => [toRegionCode(county), settingsFrom(each[at] ?? {})]));

const facts = fc.record(
  Object.fromEntries(
    factNames.map((name) => {
      const { unit } = factDefinitions[name];
      const value =
        unit === "fen" ? amount : unit === "grade" ? fc.integer({ min: 1, max: 4 }) : fc.integer({ min: -2, max: 400 });
      return [name, fc.option(value, { nil: null, freq: 3 })];
    }),
  ),
);

/** Fills the facts of households without what they rest on: the triggers' work is tested elsewhere. */
async function writeHouseholds(rows: readonly Record<string, number | null>[]): Promise<void> {
  await admin.query("set session_replication_role = replica");
  await admin.query("truncate monitoring.household cascade");
  const json = rows.map((row, at) => ({
    household_id: `018f0000-0000-7000-8000-${String(at).padStart(12, "0")}`,
    region: `${counties[at % counties.length]}100${String(200 + (at % 7)).padStart(3, "0")}`,
    ...Object.fromEntries(
      factNames.map((name) => {
        const { column, unit } = factDefinitions[name];
        const value = row[name] ?? null;
        if (unit !== "days-since" || value === null) return [column, value];
        return [column, new Date(Date.parse(day) - value * 86_400_000).toISOString().slice(0, 10)];
      }),
    ),
  }));
  await admin.query(
    "insert into monitoring.household_fact select * from jsonb_populate_recordset(null::monitoring.household_fact, $1::jsonb)",
    [JSON.stringify(json)],
  );
  await admin.query("set session_replication_role = origin");
}

/** What SQL says of every household and expression. */
async function truthsOf(tx: Tx<DB>, { join, conditions }: RulesSql): Promise<Map<string, Truth[]>> {
  const { rows } = await sql<{
    id: string;
    truths: (boolean | null)[];
  }>`select f.household_id as id, array[${sql.join(conditions)}] as truths
    from monitoring.household_fact f ${join}`.execute(tx);
  return new Map(rows.map(({ id, truths }) => [id, truths.map((truth) => truth ?? "unknown")]));
}

describe("SQL and the rules answer the same", () => {
  test("for any expression over any facts, known or not, under any parameters, loaded or not, the same in all counties or not", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(expression, { minLength: 20, maxLength: 20 }),
        fc.array(facts, { minLength: 60, maxLength: 60 }),
        settingsOfCounties,
        async (expressions, known, each) => {
          await writeHouseholds(known);
          const byCounty = byCountyOf(each);
          const [bySql, read] = await db.withReadTx(system("test"), async (tx) => {
            const query = rulesSql(
              expressions.map((when) => ({ when, region: "450000000000" })),
              byCounty,
              day,
            );
            const truths = await truthsOf(tx, query);
            return [truths, await loadFacts(tx, [...truths.keys()], day)] as const;
          });
          expect(read).toHaveLength(known.length);
          for (const household of read) {
            const settings = byCounty.get(`${household.region.slice(0, 6)}000000`) ?? new Map();
            const byRules = expressions.map((when) => evaluate(when, household.facts, settings).truth);
            expect(bySql.get(household.householdId)).toEqual(byRules satisfies Truth[]);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  test("for what is found, known and found false before, counted and listed", async () => {
    const rules: Rule[] = await db.withReadTx(system("test"), (tx) => rulesInForce(tx, "45", day));
    expect(rules).toMatchObject(builtInRules);
    expect(rules).toHaveLength(builtInRules.length);
    const own: Rule = { ...(rules[0] ?? failed()), code: "own-rule", region: "451228000000", severity: "severe" };
    const all = [...rules, own];
    const values = {
      "screening.medicalSelfPaid": 1_000,
      "screening.medicalSevere": 1_500_000,
      "screening.medicalIncomeShare": { numerator: 1, denominator: 2 },
      "screening.newDays": 90,
      "screening.disasterLoss": 1_000,
      "screening.disasterSevere": null,
      "screening.wageStoppedDays": 30,
      "monitoring-line": 700_000,
    };
    const byCounty = byCountyOf([values, { ...values, "screening.newDays": null }, values]);
    await writeHouseholds(fc.sample(facts, { numRuns: households, seed: 7 }));
    await remember(all, byCounty);

    const { counts, findings, known, knownFalse, listed } = await db.withReadTx(system("test"), async (tx) => {
      const query = rulesSql(all, byCounty, day);
      const counted = await countFindings(tx, all, query, "45");
      const { rows } = await admin.query<{ id: string }>("select household_id as id from monitoring.household_fact");
      const everybody = rows.map(({ id }) => id);
      const found = await loadFoundFalse(tx, everybody);
      const screened = (await loadFacts(tx, everybody, day)).map((household) =>
        screen(
          household,
          all,
          byCounty.get(`${household.region.slice(0, 6)}000000`) ?? new Map(),
          found.get(household.householdId) ?? new Set(),
        ),
      );
      return {
        counts: counted,
        findings: screened.flatMap((each) => each.findings),
        known: screened.flatMap((each) => each.known),
        knownFalse: screened.flatMap((each) => each.knownFalse),
        listed: await pageOfHouseholds(
          tx,
          { join: query.join, condition: anyOf(query.conditions) },
          { region: "45", limit: 1_000 },
        ),
      };
    });
    const of = (outcome: string) => counts.reduce((sum, count) => sum + (count.outcome === outcome ? count.findings : 0), 0);
    expect(Math.min(known.length, knownFalse.length, of("joins"), of("lead"))).toBeGreaterThan(3);
    expect([of("lead") + of("joins"), of("known"), of("known-false")]).toEqual([
      findings.length,
      known.length,
      knownFalse.length,
    ]);
    const tally = new Map<string, number>();
    for (const { ruleCode, region } of findings)
      tally.set(`${region.slice(0, 9)} ${ruleCode}`, (tally.get(`${region.slice(0, 9)} ${ruleCode}`) ?? 0) + 1);
    const counted = new Map<string, number>();
    for (const { township, rule, outcome, findings: many } of counts) {
      const key = `${township} ${all[rule]?.code}`;
      if (outcome === "lead" || outcome === "joins") counted.set(key, (counted.get(key) ?? 0) + many);
    }
    expect(Object.fromEntries(counted)).toEqual(Object.fromEntries(tally));
    const places = listed.map(({ region, householdId }) => `${region} ${householdId}`);
    expect(places).toEqual([...places].sort());
    const ids = new Set(listed.map(({ householdId }) => householdId));
    expect(findings.filter(({ householdId }) => !ids.has(householdId))).toEqual([]);
  });
});

const failed = (): never => {
  throw new Error("there are rules");
};

/** Cases, leads that were found real, leads that are open, and leads that were found false, spread over the households. */
async function remember(rules: readonly Rule[], byCounty: ReadonlyMap<string, Settings>): Promise<void> {
  const all = await db.withReadTx(system("test"), async (tx) => {
    const { rows } = await admin.query<{ id: string }>("select household_id as id from monitoring.household_fact order by 1");
    return await loadFacts(
      tx,
      rows.map(({ id }) => id),
      day,
    );
  });
  expect(byCounty.size).toBe(counties.length);
  await admin.query("set session_replication_role = replica");
  for (const [at, household] of all.entries()) {
    const { householdId, region } = household;
    if (at % 5 === 0)
      await admin.query(
        `insert into monitoring.monitored_case (id, household_id, region, status, risks, epidemic, found_at, opened_at)
         values (gen_random_uuid(), $1, $2, $3, $4, false, now(), now())`,
        [householdId, region, at % 2 === 0 ? "helping" : "cleared", ["illness", "unsafe-water"]],
      );
    if (at % 3 === 0)
      await admin.query(
        `insert into monitoring.risk_lead (id, household_id, region, source, cause, epidemic, severity, status, found_at, registered_at, late_registration, reported_by)
         values (gen_random_uuid(), $1, $2, 'department-warning', $3, false, $4, $5, now(), now(), false, 'test')`,
        [
          householdId,
          region,
          at % 2 === 0 ? "illness" : "unsafe-housing",
          at % 4 === 0 ? "severe" : "general",
          at % 7 < 4 ? "verified" : "registered",
        ],
      );
    for (const rule of rules.filter((_, ord) => (at + ord) % 2 === 0))
      await admin.query(
        "insert into monitoring.false_lead (household_id, region, rule_code, facts_hash, lead_id, at) values ($1, $2, $3, $4, gen_random_uuid(), now())",
        // Every third is of facts that have changed since.
        [householdId, region, rule.code, at % 3 === 1 ? randomBytes(32) : Buffer.from(factsHash(rule, household), "hex")],
      );
  }
  await admin.query("set session_replication_role = origin");
}
