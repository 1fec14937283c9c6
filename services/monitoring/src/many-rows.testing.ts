import { migrate, openDatabase, type Principal, type Tx } from "@shouwang/service-kit";
import { cloneDatabase, templateDatabase } from "@shouwang/testkit";
import { CompiledQuery } from "kysely";
import pg from "pg";
import { z } from "zod";
import type { DB } from "./db.ts";
import { monitoring } from "./index.ts";

/** Households the questions are asked over, a fifth of them in other counties; each has two members, one visit this month and its facts. */
export const manyHouseholds = 20_000;

/** What 20,000 households leave behind in a month. Triggers and references rest meanwhile: the rows agree as they are written. */
const rows = `
set session_replication_role = replica;
select monitoring.create_visit_month(month) from unnest(array['2022-07-01', '2022-08-01']::date[]) month;
create temporary table many as select uuidv7() as id, n, 'lead-' || n as name,
  case when n % 5 = 0 then '4512291' || lpad((n % 40)::text, 5, '0') else '4512281' || lpad((n % 160)::text, 5, '0') end as region from generate_series(1, ${manyHouseholds}) n;
insert into monitoring.household (id, region, household_kind, monitored_kind, headcount, able_workers, low_income, created_at, updated_at)
  select id, region, case when n % 3 = 0 then 'ordinary-household' else 'lifted-household' end, case when n % 20 = 1 then 'sudden-hardship' end, 2, n % 3, n % 7 = 0, '2022-01-01', '2022-01-01' from many;
insert into monitoring.person (id, household_id, region, secret, identity_index, identity_mask, name_mask, sex, birth_date, relation, labour_skill, able_worker, student, since)
  select uuidv7(), id, region, '', convert_to(n || '/' || which, 'UTF8'), '', '', 'male', date '1950-01-01' + n, case which when 1 then 'head' else 'spouse' end, 'ordinary', true, false, '2022-01-01'
  from many, generate_series(1, 2) which;
insert into monitoring.household_fact (household_id, region, lifted, monitored, annual_per_capita_fen) select id, region, (n % 3 <> 0)::int, (n % 20 = 1)::int, n * 100 from many;
insert into monitoring.visit (id, household_id, region, purposes, mode, visitor, visitor_role, visited_on, synced_at, household_away, changed, needs)
  select uuidv7(), id, region, case when n % 4 = 0 then array['monthly-round', 'monthly-help', 'sweep'] else array['monthly-round', 'sweep'] end,
    case when n % 9 = 0 then 'phone' else 'home' end, 'grid', 'grid-worker', date '2022-08-01' + (n % 14), '2022-08-15', n % 9 = 0, false, '{}' from many where n % 10 <> 0;
insert into kit.form (id, code, kind, layout, entity, entity_id, household_id, region, facts, clear, purpose, paper_file, paper_sha256, printed_by, printed_at)
  select uuidv7(), id::text, 'visit-record', 1, 'visit', id, household_id, region, '', false, 'x', uuidv7(), '', 'x', '2022-08-15' from monitoring.visit;
insert into kit.assignment (id, household_id, region, subject, kind, valid_from) select uuidv7(), id, region, 'issuer|grid-' || (n % 300), 'grid', '2022-01-01' from many;
insert into monitoring.focus_household (id, household_id, region, year, criteria, listed_on, version) select uuidv7(), id, region, 2022, '{income-low}', '2022-02-01', 1 from many where n % 3 <> 0;
insert into monitoring.quarterly_analysis (id, household_id, region, quarter, trend, cause, recorded_by, recorded_on)
  select uuidv7(), id, region, quarter, 'steady', 'wage', 'x', '2022-07-05' from many, unnest(array['2022-Q1', '2022-Q2']) quarter where n % 3 = 1;
insert into monitoring.monthly_help (id, household_id, region, kind, helped_on, recorded_by, recorded_at) select uuidv7(), id, region, 'job', '2022-08-03', 'x', '2022-08-03' from many where n % 5 = 1;
insert into monitoring.measure (id, household_id, region, category, implemented_at, development, epidemic, source_department, recorded_by, recorded_at)
  select uuidv7(), id, region, 'job', '2022-08-04', true, false, 'monitoring', 'x', '2022-08-04' from many where n % 6 = 1;
insert into monitoring.risk_lead (id, household_id, region, source, cause, epidemic, severity, status, found_at, registered_at, late_registration, emergency, emergency_due_at, reported_by)
  select uuidv7(), id, region, 'self-report', 'illness', n % 2 = 0, case when n % 8 = 0 then 'ungraded' else 'general' end,
    case when n % 16 < 8 then 'registered' else 'verified' end, timestamptz '2022-08-14' - n % 60 * interval '1 day', '2022-08-14', false, 'none', null, 'x' from many where n % 4 = 0;
insert into kit.deadline (id, kind, clause, entity, entity_id, household_id, region, role, started_at, due_at, state)
  select uuidv7(), 'dispatch-lead', 'M-03', 'risk-lead', id, household_id, region, 'township-officer', '2022-08-10', '2022-08-12', 'open' from monitoring.risk_lead;
insert into monitoring.monitored_case (id, household_id, region, status, risks, epidemic, found_at, opened_at, included_on)
  select uuidv7(), id, region, 'helping', '{illness}', false, '2022-01-01', '2022-01-01', '2022-08-02' from many where n % 20 = 1;
insert into monitoring.task_force (id, region, from_date) select uuidv7(), '45' || n || '000000', '2022-01-01' from generate_series(1200, 1310) n;
insert into monitoring.task_force_change (id, task_force_id, version, region, document, people, members, masked, changed_on, changed_by, at)
  select uuidv7(), id, c.version, region, 'x', '', 3, '[]', '2022-01-01', 'x', '2022-01-01' from monitoring.task_force, generate_series(1, 5) c (version);
insert into monitoring.sweep (id, division, title, document, scope, from_date, until_date, status, ordered_by, ordered_at)
  values ('01825a10-7c00-7000-8000-000000000001', '450000000000', 'x', 'x', '{45}', '2022-08-01', '2022-08-31', 'open', 'x', '2022-08-01');
set session_replication_role = origin;
analyze;`;

/** A plan's node, as `explain (analyze, format json)` says it. */
const Node = z.looseObject({
  "Node Type": z.string(),
  "Relation Name": z.string().optional(),
  "Actual Rows": z.number().default(0),
  "Actual Loops": z.number().default(1),
  "Rows Removed by Filter": z.number().default(0),
  "Rows Removed by Join Filter": z.number().default(0),
  "Rows Removed by Index Recheck": z.number().default(0),
  get Plans(): z.ZodOptional<z.ZodArray<typeof Node>> {
    return z.array(Node).optional();
  },
});
type Node = z.output<typeof Node>;
const Explained = z.tuple([z.object({ "QUERY PLAN": z.tuple([z.object({ Plan: Node })]) })]);

/** What answering cost: rows read or thrown away in all nodes together, and the tables that were read whole more than once. */
type Cost = { sql: string; touched: number; readAgain: string[] };

/** A database full of rows, and what a store's question costs in it under a reader's row-level security. */
export async function manyRows() {
  await templateDatabase("monitoring", async (urls) => {
    await migrate(urls.migrationUrl, "monitoring_app", monitoring.migrations);
  });
  const database = await cloneDatabase("monitoring");
  const admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  await admin.query(rows);
  await admin.end();
  const db = openDatabase<DB>(database.url);
  return {
    /** Asks a store as a reader and explains every statement it sent. What it writes is taken back. */
    cost: async (reader: Principal, ask: (tx: Tx<DB>) => Promise<unknown>): Promise<Cost[]> => {
      const costs: Cost[] = [];
      const enough = new Error("taken back");
      const run = db.withTx(reader, async (tx) => {
        const sent: CompiledQuery[] = [];
        const watched = tx.withPlugin({
          transformQuery: ({ node, queryId }) => {
            sent.push(tx.getExecutor().compileQuery(node, queryId));
            return node;
          },
          transformResult: async ({ result }) => result,
        });
        await ask(watched);
        for (const { sql, parameters } of sent) {
          const explain = CompiledQuery.raw(`explain (analyze, timing off, format json) ${sql}`, [...parameters]);
          const [
            {
              "QUERY PLAN": [{ Plan: plan }],
            },
          ] = Explained.parse((await tx.executeQuery(explain)).rows);
          costs.push({ sql, ...workOf(plan) });
        }
        throw enough;
      });
      await run.catch((error: unknown) => {
        if (error !== enough) throw error;
      });
      return costs;
    },
    stop: async () => {
      await db.close();
      await database.drop();
    },
  };
}

function workOf(node: Node): { touched: number; readAgain: string[] } {
  const loops = node["Actual Loops"];
  const rowsOf =
    node["Actual Rows"] +
    node["Rows Removed by Filter"] +
    node["Rows Removed by Join Filter"] +
    node["Rows Removed by Index Recheck"];
  const below = (node.Plans ?? []).map(workOf);
  // A table of a handful of rows may be read as often as it likes.
  const isAgain = node["Node Type"] === "Seq Scan" && loops > 1 && rowsOf * loops > 1_000;
  const again = isAgain ? [`${node["Relation Name"]} ${loops} times`] : [];
  return {
    touched: below.reduce((sum, { touched }) => sum + touched, rowsOf * loops),
    readAgain: [...again, ...below.flatMap(({ readAgain }) => readAgain)],
  };
}
