import { randomBytes } from "node:crypto";
import { asAdmin } from "@shouwang/local";
import { monitoring } from "@shouwang/monitoring";
import { divisionsUnder } from "@shouwang/regions";
import { businessDate, type Database, openDatabase, parseKeys, system, writeAudit } from "@shouwang/service-kit";
import { appendEvents } from "../../packages/service-kit/src/outbox.ts";
import type { DB } from "../../services/monitoring/src/db.ts";
import { listFindings } from "../../services/monitoring/src/screening/dry-run.ts";
import { rulesInForce } from "../../services/monitoring/src/screening/rule-store.ts";
import type { Rule } from "../../services/monitoring/src/screening/rules.ts";
import { readSettings, screenHouseholds, settingsByCounty } from "../../services/monitoring/src/screening/run.ts";
import {
  anyOf,
  bothJoins,
  countChange,
  countFindings,
  type Place,
  pageOfHouseholds,
  rulesSql,
} from "../../services/monitoring/src/screening/store.ts";
import { type Bench, fastest, type Ground, type Measured, row, sized, timesAtMost, under } from "./bench.ts";

const region = "45";
const day = businessDate(new Date("2022-08-15T09:00:00+08:00"));
const principal = system("bench");

/** Households in every county, their facts and where these come from, made by SQL. Of a hundred about four have a fact that a rule warns of; some are known. */
async function fill(admin: Parameters<Parameters<typeof asAdmin>[1]>[0], size: number): Promise<void> {
  const villages = divisionsUnder(region, "village").map(({ code }) => code);
  await admin.query("insert into kit.clock (offset_ms) values (extract(epoch from $1::timestamptz - now())::bigint * 1000)", [
    "2022-08-15T09:00:00+08:00",
  ]);
  for (const [key, value] of [
    ["screening.medicalSelfPaid", 1_000_000],
    ["screening.medicalSevere", 3_000_000],
    ["screening.disasterLoss", 1_000_000],
    ["monitoring-line", 700_000],
  ])
    await admin.query(
      `insert into kit.parameter (id, setting_id, key, region, value, valid_from, document, loaded_by)
       values (gen_random_uuid(), gen_random_uuid(), $1, '450000000000', to_jsonb($2::bigint), '2022-01-01', 'bench', 'bench')`,
      [key, value],
    );
  // Neither triggers nor foreign keys: what they do is measured where it is used, not here.
  await admin.query("set session_replication_role = replica");
  await admin.query(
    `insert into monitoring.household (id, region, household_kind, headcount, able_workers, created_at, updated_at)
     select uuidv7(), ($1::text[])[1 + n % cardinality($1::text[])], case when n % 4 = 0 then 'lifted-household' else 'ordinary-household' end, 1 + n % 6, n % 3, now(), now()
     from generate_series(1, $2::int) n`,
    [villages, size],
  );
  await admin.query(
    `insert into monitoring.household_fact (household_id, region, medical_self_paid_fen, annual_net_income_fen, annual_per_capita_fen, previous_per_capita_fen, headcount, able_workers,
       disabled_members, dropouts, housing_grade, unsafe_water, asset_checks, lifted, monitored, disability_certified_on, wage_stopped_on, low_income_added_on)
     select id, region, case when r < 0.2 then (r * r * 26000000)::bigint end, 2000000 + (r * 6000000)::bigint, 500000 + (r * 1500000)::bigint, 500000 + ((1 - r) * 1500000)::bigint,
       headcount, case when r between 0.2 and 0.98 then able_workers + 1 else able_workers end, 0, case when r between 0.300 and 0.302 then 1 end, case when r between 0.4 and 0.5 then 1 + (r * 1000)::int % 2 when r between 0.5 and 0.505 then 3 end,
       case when r between 0.6 and 0.7 then 0 when r between 0.7 and 0.703 then 1 end, 0, (household_kind = 'lifted-household')::int, 0,
       case when r between 0.8 and 0.82 then '2022-08-15'::date - (r * 10000)::int % 900 end, case when r between 0.82 and 0.825 then '2022-07-01'::date end,
       case when r between 0.83 and 0.86 then '2021-03-01'::date end
     from (select *, random() as r from monitoring.household) h`,
  );
  await admin.query(
    `insert into monitoring.household_fact_source (household_id, region, sources) select household_id, region,
       jsonb_build_object('registry', jsonb_build_array('household-registry', '2022-01-01', 1), 'income', jsonb_build_array('household-income', '2021-12-31', household_id || ' 1'))
       || case when medical_self_paid_fen is null then '{}'::jsonb else jsonb_build_object('medical-bill', jsonb_build_array('health 卫健函〔2022〕8号', '2022-08-01', household_id)) end
     from monitoring.household_fact`,
  );
  // One in fifty is in an open case, one in two hundred was found false once.
  await admin.query(
    `insert into monitoring.monitored_case (id, household_id, region, status, risks, epidemic, found_at, opened_at)
     select uuidv7(), household_id, region, 'helping', '{illness}', false, now(), now() from monitoring.household_fact where random() < 0.02`,
  );
  await admin.query(
    `insert into monitoring.false_lead (household_id, region, rule_code, facts_hash, lead_id, at)
     select household_id, region, 'medical-self-paid', sha256(household_id::text::bytea), uuidv7(), now() from monitoring.household_fact where random() < 0.005`,
  );
  await admin.query("set session_replication_role = origin");
  for (const table of ["household", "household_fact", "household_fact_source", "monitored_case", "false_lead", "risk_lead"])
    await admin.query(`vacuum analyze monitoring.${table}`);
  await admin.query("checkpoint");
}

/** Measures screening over so many households; every part is the service's own function. */
async function screen(ground: Ground, households: number, opened: number): Promise<{ rows: Measured[]; asked: number }> {
  const urls = await ground.database("monitoring", monitoring.migrations);
  ground.say(`laying out ${households} households`);
  await asAdmin(urls.adminUrl, (admin) => fill(admin, households));
  const db = openDatabase<DB>(urls.url);
  try {
    ground.say("counting and listing");
    const read = <T>(work: Parameters<typeof db.withReadTx<T>>[1]) => db.withReadTx(principal, work);
    const rules = await read((tx) => rulesInForce(tx, region, day));
    const settings = await read(async (tx) => settingsByCounty(rules, await readSettings(tx, rules, day), region));
    const baseline = await fastest(() => read(async (tx) => await aggregate(tx)));
    const count = await fastest(() => read((tx) => countFindings(tx, rules, rulesSql(rules, settings, day), region)));
    const list = await fastest(() => read((tx) => listFindings(tx, rules, { region, day, after: undefined, limit: 50 })));
    const simulated = await fastest(() => read((tx) => simulate(tx, rules)));
    ground.say(`opening ${opened} leads`);
    const opening = await openLeads(db, rules, opened);
    const asked = count + list;
    const of = (name: string) => `${name}, ${households} households`;
    return {
      asked,
      rows: [
        row(of("count and first page of a dry run's leads"), asked, "ms", { baseline, goals: [under(1_000), timesAtMost(4)] }),
        row(of("of this, the page with its explanations"), list, "ms", { baseline }),
        row(of("simulating another threshold, by county"), simulated, "ms", { baseline, goals: [under(1_000)] }),
        row(of(`opening ${opened} leads with events, audit and clocks`), opening, "ms", { goals: [under(5_000)] }),
      ],
    };
  } finally {
    await db.close();
  }
}

type ReadTx = Parameters<Parameters<Database<DB>["withReadTx"]>[1]>[0];

/** What any statement over the same rows costs at least: the service's own role, under the same policies. */
async function aggregate(tx: ReadTx): Promise<void> {
  await tx
    .selectFrom("monitoring.household_fact as f")
    .select(({ fn }) => [
      fn.countAll().as("n"),
      fn.sum("f.medical_self_paid_fen").as("cost"),
      fn.max("f.housing_grade").as("grade"),
    ])
    .execute();
}

async function simulate(tx: ReadTx, rules: readonly Rule[]): Promise<void> {
  const concerned = rules.filter(({ code }) => code === "medical-self-paid");
  const tried = concerned.map((rule) => ({
    ...rule,
    when: { fact: "medicalSelfPaidFen", is: "at-least", limit: { constant: 800_000 } } as const,
  }));
  const settings = settingsByCounty(concerned, await readSettings(tx, concerned, day), region);
  const before = rulesSql(concerned, settings, day, "p");
  const after = rulesSql(tried, settings, day, "q");
  const query = { join: bothJoins(before.join, after.join), before: anyOf(before.conditions), after: anyOf(after.conditions) };
  await countChange(tx, query, region);
}

/** Milliseconds until so many leads are registered, going through the region as the screening job does, a thousand households a transaction. */
async function openLeads(db: Database<DB>, rules: readonly Rule[], most: number): Promise<number> {
  const key = () => randomBytes(32).toString("base64");
  const keys = parseKeys(JSON.stringify({ current: "k1", keys: { k1: key() }, indexKey: key(), auditKey: key() }));
  const startedAt = performance.now();
  let leads = 0;
  let after: Place | undefined;
  do {
    after = await db.withTx(principal, async (tx) => {
      const settings = settingsByCounty(rules, await readSettings(tx, rules, day), region);
      const { join, conditions } = rulesSql(rules, settings, day);
      const page = await pageOfHouseholds(tx, { join, condition: anyOf(conditions) }, { region, after, limit: 1_000 });
      const ids = page.map(({ householdId }) => householdId);
      const now = new Date("2022-08-15T09:00:00+08:00");
      const { totals, events, audit } = await screenHouseholds(tx, rules, ids, { now, actor: "bench" });
      await appendEvents(tx, principal, events);
      await writeAudit(tx, keys, principal, audit);
      leads += totals.leads;
      return page.at(-1);
    });
  } while (after && leads < most);
  // Of fewer than were asked for, as in a toy run, what so many would have taken.
  return ((performance.now() - startedAt) * most) / Math.max(leads, 1);
}

export const screeningBench: Bench = {
  name: "screening",
  about: "whom the screening rules find, count and open, over households of the whole region",
  run: async (ground, share) => {
    const opened = sized(20_000, share, 5);
    const tenth = await screen(ground, sized(100_000, share, 500), Math.min(opened, sized(3_000, share, 2)));
    const whole = await screen(ground, sized(1_000_000, share, 5_000), opened);
    return [
      ...tenth.rows,
      ...whole.rows,
      row("count and first page at ten times the households", whole.asked, "ms", {
        baseline: tenth.asked * 10,
        goals: [timesAtMost(1.2)],
      }),
    ];
  },
};
