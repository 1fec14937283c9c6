import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { asAdmin } from "@shouwang/local";
import { monitoring } from "@shouwang/monitoring";
import { divisionsUnder } from "@shouwang/regions";
import { businessDate, findJob, openDatabase, type Principal, requestJob, startService } from "@shouwang/service-kit";
import { sql } from "kysely";
import { type Bench, fastest, type Ground, type Measured, row, sized, timesAtMost, under } from "./bench.ts";

const officer: Principal = { issuer: "bench", subject: "officer", roles: ["region-officer"], region: "45" };
/** Households in every village, each with the incomes of three years: some fell, some are low, some years are missing. Made by SQL, without a person. */
async function fill(adminUrl: string, households: number): Promise<void> {
  const villages = divisionsUnder("45", "village").map((division) => division.code as string);
  await asAdmin(adminUrl, async (admin) => {
    await admin.query("set session_replication_role = replica");
    await admin.query("set synchronous_commit = off");
    await admin.query(
      `insert into monitoring.household (id, region, household_kind, headcount, able_workers, synthetic, created_at, updated_at)
       select uuidv7(), ($1::text[])[1 + n % $2], 'lifted-household', 2 + n % 5, 1, true, now(), now() from generate_series(0, $3::int - 1) n`,
      [villages, villages.length, households],
    );
    for (const year of [2020, 2021, 2022])
      await admin.query(
        `insert into monitoring.household_income (id, household_id, region, kind, from_date, until_date, headcount, wage_fen, business_fen, property_fen,
           transfer_fen, business_cost_fen, net_fen, per_capita_fen, confirmed)
         select uuidv7(), id, region, 'annual', make_date($1, 1, 1), make_date($1, 12, 31), headcount, per * headcount, 0, 0, 0, 0, per * headcount, per, true
         from (select *, (500000 + random() * 2500000 + ($1 - 2020) * 200000)::bigint as per from monitoring.household) h where random() > 0.01`,
        [year],
      );
    for (const year of [2020, 2021, 2022, 2023])
      await admin.query(
        `insert into monitoring.income_year (household_id, region, year, watched, per_capita_fen, headcount, net_fen, before_per_capita_fen, before_headcount, before_net_fen)
         select coalesce(o.household_id, b.household_id), coalesce(o.region, b.region), $1, true, o.per_capita_fen, o.headcount, o.net_fen, b.per_capita_fen, b.headcount, b.net_fen
         from (select * from monitoring.household_income where income_year = $1) o
         full join (select * from monitoring.household_income where income_year = $1 - 1) b on b.household_id = o.household_id`,
        [year],
      );
    await admin.query("vacuum analyze");
  });
}

/** Answers a question of the department as its route does, under an officer's area. */
async function ask(
  db: ReturnType<typeof openDatabase>,
  operation: string,
  query: Record<string, unknown>,
  params: Record<string, unknown> = {},
): Promise<unknown> {
  const route = monitoring.slices.flatMap((slice) => slice.routes ?? []).find((one) => one.operation === operation);
  if (!route) throw new Error(`no operation ${operation}`);
  return await db.withReadTx(officer, async (tx) => {
    const now = new Date("2022-08-15T01:00:00Z");
    // Safe: a question reads of what it is given only the transaction, its query and path, who asks and the day.
    const given = { tx, query, params, actor: officer, now, today: businessDate(now) } as unknown as Parameters<
      typeof route.handle
    >[0];
    return await route.handle(given);
  });
}

/** Time until the first 20,000 households are on the list, with their events and audit, through the running service that also publishes them. */
async function openLists(
  ground: Ground,
  urls: { url: string; migrationUrl: string; adminUrl: string },
  lists: number,
): Promise<number> {
  const nats = await ground.nats();
  const key = () => randomBytes(32).toString("base64");
  const keysFile = join(ground.folder, "keys.json");
  writeFileSync(keysFile, JSON.stringify({ current: "k1", keys: { k1: key() }, indexKey: key(), auditKey: key() }));
  const running = await startService(monitoring, {
    PORT: "0",
    HOST: "127.0.0.1",
    DATABASE_URL: urls.url,
    MIGRATION_DATABASE_URL: urls.migrationUrl,
    NATS_URL: nats.url,
    OIDC_ISSUER: "http://127.0.0.1:1",
    OIDC_JWKS_URL: "http://127.0.0.1:1/jwks",
    KEYS_FILE: keysFile,
    COUNT_INDICATORS: "false",
    LOG_LEVEL: "silent",
    CLOCK_OFFSET_MS: String(new Date("2022-08-15T09:00:00+08:00").getTime() - Date.now()),
  });
  try {
    const job = { kind: "list-focus-households", region: "450000000000", input: { region: "45" } };
    const jobId = await running.db.withTx(officer, (tx) => requestJob(tx, officer, job));
    for (;;) {
      const found = await running.db.withReadTx(officer, (tx) => findJob(tx, jobId));
      if (found?.state === "failed") throw new Error(`the listing failed: ${found.error}`);
      if (found?.state === "done" || (found?.totals["listed"] ?? 0) >= lists) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return await asAdmin(urls.adminUrl, async (admin) => {
      const { rows } = await admin.query<{ ms: number }>(
        "select extract(epoch from max(at) - min(at))::float8 * 1000 * count(*) / greatest(count(*) - 1, 1) as ms from kit.job_chunk where n <= $1",
        [Math.max(2, Math.ceil(lists / 1_000))],
      );
      return Math.round(rows[0]?.ms ?? 0);
    });
  } finally {
    await running.stop();
  }
}

/** Measures the income watch over so many households. */
async function watch(ground: Ground, households: number, lists?: number): Promise<{ rows: Measured[]; asked: number }> {
  const urls = await ground.database("monitoring", monitoring.migrations);
  ground.say(`laying out ${households} households`);
  await fill(urls.adminUrl, households);
  const db = openDatabase(urls.url);
  try {
    ground.say("counting and listing");
    const bare = await fastest(() =>
      db.withReadTx(officer, (tx) =>
        sql`select count(*), sum(per_capita_fen) from monitoring.household_income where kind = 'annual' and income_year in (2020, 2021)`.execute(
          tx,
        ),
      ),
    );
    const narrow = await fastest(() =>
      db.withReadTx(officer, (tx) =>
        sql`select count(*), sum(per_capita_fen) from monitoring.income_year where year = 2021 and watched and region >= '45' and region < '46'`.execute(
          tx,
        ),
      ),
    );
    const count = await fastest(() => ask(db, "count-focus-candidates", { pending: false }));
    const list = await fastest(() => ask(db, "list-focus-candidates", { limit: 200 }));
    const incomplete = await fastest(() => ask(db, "list-incomplete-incomes", { limit: 200 }));
    const of = (name: string) => `${name}, ${households} households`;
    const baseline = bare;
    const asked = count + list;
    const rows = [
      row(of("bare aggregate over the narrow rows"), narrow, "ms", { baseline }),
      row(of("count and list of focus households"), asked, "ms", { baseline, goals: [under(1_000), timesAtMost(4)] }),
      row(of("of this, the list"), list, "ms", { baseline }),
      row(of("incomes to be completed"), incomplete, "ms", { baseline, goals: [under(1_000)] }),
    ];
    if (lists === undefined) return { rows, asked };
    ground.say(`listing ${lists}`);
    const opening = await openLists(ground, urls, lists);
    // At once, before anything has looked at the new list: what is measured must not hang on statistics.
    const helps = await fastest(() => ask(db, "read-monthly-helps", {}, { month: "2022-08" }));
    const missing = await fastest(() => ask(db, "list-missing-monthly-helps", { limit: 200 }, { month: "2022-08" }));
    rows.push(
      row(of("monthly helps of the list, by county"), helps, "ms", { baseline, goals: [under(1_000)] }),
      row(of("and the first page of those missing"), missing, "ms", { baseline, goals: [under(1_000)] }),
      row(of(`listing ${lists} with events and audit`), opening, "ms", { goals: [under(5_000)] }),
    );
    return { rows, asked };
  } finally {
    await db.close();
  }
}

export const incomeBench: Bench = {
  name: "income",
  about: "whom the income watch lists, counts and opens, over households of the whole region",
  run: async (ground, share) => {
    const lists = sized(20_000, share, 20);
    const tenth = await watch(ground, sized(100_000, share, 200));
    const whole = await watch(ground, sized(1_000_000, share, 2_000), lists);
    return [
      ...tenth.rows,
      ...whole.rows,
      row("count and list at ten times the households", whole.asked, "ms", {
        baseline: tenth.asked * 10,
        goals: [timesAtMost(1.2)],
      }),
    ];
  },
};
