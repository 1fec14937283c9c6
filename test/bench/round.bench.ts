import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDepartmentDatabase, freePort, startPostgres } from "@shouwang/local";
import { divisionsUnder, rangeOf } from "@shouwang/regions";
import {
  type Database,
  migrate,
  openDatabase,
  type Principal,
  parseBusinessDate,
  parseKeys,
  system,
} from "@shouwang/service-kit";
import pg from "pg";
import type { DB } from "../../services/monitoring/src/db.ts";
import { dueHouseholds } from "../../services/monitoring/src/round/due-store.ts";
import {
  keptRound,
  markAllVillages,
  recountVillages,
  roundByPlace,
  takeMarks,
} from "../../services/monitoring/src/round/store.ts";
import { ensureVisitMonths } from "../../services/monitoring/src/visit/store.ts";
import { takeVisits } from "../../services/monitoring/src/visit/sync.ts";
import { copyRate, householdsPerVillage, month, populate, sentOf } from "./round-layout.ts";

/** One line of a benchmark: what was measured, against which baseline (`ratio` = value / baseline), and what it should reach. */
export type BenchRow = { name: string; value: number; unit: string; baseline?: number; ratio?: number; goal: string };

const today = parseBusinessDate("2022-08-31");
const now = new Date("2022-08-31T12:00:00+08:00");
const allVillages = divisionsUnder("45", "village").map((division) => division.code as string);

const key = () => randomBytes(32).toString("base64");
const keys = parseKeys(JSON.stringify({ current: "k1", keys: { k1: key() }, indexKey: key(), auditKey: key() }));

const officer = (region: string): Principal => ({
  issuer: "bench",
  subject: `officer-${region}`,
  roles: ["village-officer"],
  region,
});

/**
 * M-02 at the scale of a month of the whole region: stores ten million visits through the service's own functions, counts every village, and asks each county
 * whom nobody has seen. The server is one of our own, durable as in production, and goes with everything in it.
 * @param visits how many visits at least; fewer than ten million take fewer villages, of the same size
 */
export async function roundBench(visits = 10_000_000, phones = 4): Promise<BenchRow[]> {
  const villages = allVillages.slice(0, Math.ceil(visits / (householdsPerVillage * 0.97)));
  const counties = [...new Set(villages.map((village) => village.slice(0, 6)))];
  const folder = mkdtempSync(join(tmpdir(), "shouwang-bench-"));
  const postgres = await startPostgres({ dataDir: join(folder, "postgres"), port: await freePort() });
  const interrupted = () => void postgres.remove().finally(() => process.exit(130));
  process.once("SIGINT", interrupted);
  const admin = new pg.Client({ connectionString: postgres.url.replace(/\/postgres$/, "/monitoring") });
  const reader = new pg.Pool({ connectionString: postgres.url.replace(/\/postgres$/, "/monitoring") });
  reader.on("error", () => {});
  let db: Database<DB> | undefined;
  try {
    const urls = await createDepartmentDatabase(postgres.url, {
      department: "monitoring",
      ownerPassword: "owner",
      appPassword: "app",
    });
    await migrate(urls.migrationUrl, "monitoring_app", new URL("../../services/monitoring/migrations/", import.meta.url));
    await admin.connect();
    db = openDatabase<DB>(urls.url, { max: phones + 2 });
    say("populating");
    await populate(admin, villages);
    await db.withTx(system("bench"), (tx) => ensureVisitMonths(tx, ["2022-07", month]));
    const copied = await copyRate(admin, Math.min(1_000_000, visits));
    say("storing");
    const stored = await store(db, reader, villages, phones);
    say("counting and asking");
    await admin.query("vacuum analyze monitoring.visit_2022_08");
    return [
      {
        name: "visits stored in batches of 500",
        value: Math.round(stored.rate),
        unit: "rows/s",
        baseline: Math.round(copied),
        ratio: stored.rate / copied,
        goal: ">= 0.2 of COPY",
      },
      { name: "visits stored", value: stored.visits, unit: "rows", goal: `>= ${visits}` },
      ...(await count(db, villages.length)),
      ...(await ask(db, counties)),
      ...(await sizes(admin)),
    ];
  } finally {
    await db?.close();
    await admin.end();
    await reader.end();
    process.off("SIGINT", interrupted);
    await postgres.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every village's visits in batches of 500, several phones at once, each batch one transaction as its command makes it. */
async function store(
  db: Database<DB>,
  reader: pg.Pool,
  villages: readonly string[],
  phones: number,
): Promise<{ rate: number; visits: number }> {
  // Phones of the whole region send as they come, not village after village.
  const queue = villages.map((village, n) => ({ village, at: (n * 7919) % villages.length })).sort((a, b) => a.at - b.at);
  let visits = 0;
  const from = performance.now();
  const phone = async () => {
    for (let next = queue.pop(); next; next = queue.pop()) {
      const { village } = next;
      const { rows } = await reader.query<{ id: string }>(
        "select id from monitoring.household where place = $1 and status = 'active' order by id",
        [village],
      );
      const sent = sentOf(
        rows.map((row) => row.id),
        village,
      );
      for (let at = 0; at < sent.length; at += 500) {
        const batch = sent.slice(at, at + 500);
        const actor = officer(village);
        const { answers } = await db.withTx(actor, (tx) => takeVisits(tx, batch, { actor, keys, now, today }));
        visits += answers.filter((answer) => answer.outcome === "accepted").length;
      }
    }
  };
  await Promise.all(Array.from({ length: phones }, phone));
  return { rate: (visits * 1_000) / (performance.now() - from), visits };
}

async function count(db: Database<DB>, villages: number): Promise<BenchRow[]> {
  const whole = system("bench");
  const marking = await timed(() => db.withTx(whole, (tx) => markAllVillages(tx, month)));
  const chunks: number[] = [];
  for (let more = true; more; ) {
    const ms = await timed(async () => {
      more = await db.withTx(whole, async (tx) => {
        const marked = await takeMarks(tx, 20);
        if (marked) await recountVillages(tx, { ...marked, callsFrom: `${month}-01`, now, today });
        return marked !== undefined;
      });
    });
    chunks.push(ms);
  }
  const seconds = chunks.reduce((sum, ms) => sum + ms, 0) / 1_000;
  return [
    { name: "mark every village", value: marking, unit: "ms", goal: "< 5000" },
    { name: "count every village's grids and days anew", value: seconds, unit: "s", goal: "< 600" },
    { name: "count one village anew", value: (seconds * 1_000) / villages, unit: "ms", goal: "< 40" },
  ];
}

async function ask(db: Database<DB>, counties: readonly string[]): Promise<BenchRow[]> {
  const given = (county: string) => ({
    month,
    callsFrom: `${month}-01`,
    phoneCounts: true,
    area: rangeOf(county),
    after: undefined,
    limit: 200,
  });
  const asks: [string, string, (county: string) => Promise<unknown>][] = [
    [
      "due list of a county, first page",
      "max < 1000",
      (county) => db.withReadTx(officer(county.slice(0, 6)), (tx) => dueHouseholds(tx, { ...given(county), scope: "all" })),
    ],
    [
      "due list of a county, all of it",
      "max < 1000",
      (county) =>
        db.withReadTx(officer(county.slice(0, 6)), (tx) =>
          dueHouseholds(tx, { ...given(county), limit: 1_000_000, scope: "all" }),
        ),
    ],
    [
      "due list of a county before anybody went",
      "max < 1000",
      (county) =>
        db.withReadTx(officer(county.slice(0, 6)), (tx) =>
          dueHouseholds(tx, { ...given(county), month: "2022-07", callsFrom: "2022-07-01", scope: "all" }),
        ),
    ],
    [
      "round of a county by village, counted live",
      "max < 2000",
      (county) =>
        db.withReadTx(officer(county.slice(0, 6)), (tx) =>
          roundByPlace(tx, { month, callsFrom: `${month}-01`, area: rangeOf(county), digits: 12 }),
        ),
    ],
  ];
  const rows: BenchRow[] = [];
  for (const [name, goal, question] of asks) {
    const times: number[] = [];
    for (const county of counties) times.push(await timed(() => question(county)));
    times.sort((a, b) => a - b);
    rows.push({ name: `${name}, p50`, value: times[Math.floor(times.length / 2)] ?? 0, unit: "ms", goal });
    rows.push({ name: `${name}, max of ${times.length}`, value: times.at(-1) ?? 0, unit: "ms", goal });
  }
  const region = await timed(() =>
    db.withReadTx(officer("45"), (tx) => keptRound(tx, { month, area: rangeOf("45"), digits: 6 })),
  );
  rows.push({ name: "round of the region by county", value: region, unit: "ms", goal: "< 1000" });
  return rows;
}

async function sizes(admin: pg.Client): Promise<BenchRow[]> {
  const { rows } = await admin.query<{ heap: number; indexes: number }>(
    "select pg_table_size('monitoring.visit_2022_08')::float8 as heap, pg_indexes_size('monitoring.visit_2022_08')::float8 as indexes",
  );
  const gigabytes = (bytes: number | undefined) => (bytes ?? 0) / 2 ** 30;
  return [
    { name: "the month's partition, rows", value: gigabytes(rows[0]?.heap), unit: "GiB", goal: "< 3" },
    { name: "the month's partition, indexes", value: gigabytes(rows[0]?.indexes), unit: "GiB", goal: "< 2" },
  ];
}

const say = (step: string) => process.stderr.write(`${new Date().toISOString()} ${step}\n`);

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

if (import.meta.main) {
  const rows = await roundBench(Number(process.env["BENCH_VISITS"] ?? 10_000_000));
  console.table(
    rows.map(({ value, ratio, ...row }) => ({
      ...row,
      value: Math.round(value * 100) / 100,
      ...(ratio === undefined ? {} : { ratio: Math.round(ratio * 100) / 100 }),
    })),
    ["name", "value", "unit", "baseline", "ratio", "goal"],
  );
}
