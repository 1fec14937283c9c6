import { randomBytes } from "node:crypto";
import { monitoring } from "@shouwang/monitoring";
import { divisionsUnder, rangeOf } from "@shouwang/regions";
import { type Database, openDatabase, type Principal, parseBusinessDate, parseKeys, system } from "@shouwang/service-kit";
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
import { above, type Bench, type Ground, type Measured, quantile, row, sized, timed, timesAtLeast, under } from "./bench.ts";
import { copyRate, householdsPerVillage, month, populate, sentOf } from "./round-layout.ts";

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

/** M-02 at the scale of a month of the whole region: visits stored through the service's own functions, every village counted, each county asked whom nobody has seen. */
async function measureMonth(ground: Ground, visits: number, phones = 4): Promise<Measured[]> {
  const villages = allVillages.slice(0, Math.ceil(visits / (householdsPerVillage * 0.97)));
  const counties = [...new Set(villages.map((village) => village.slice(0, 6)))];
  const urls = await ground.database("monitoring", monitoring.migrations);
  const admin = new pg.Client({ connectionString: urls.adminUrl });
  const reader = new pg.Pool({ connectionString: urls.adminUrl });
  reader.on("error", () => {});
  const db = openDatabase<DB>(urls.url, { max: phones + 2 });
  try {
    await admin.connect();
    ground.say(`laying out ${villages.length * householdsPerVillage} households`);
    await populate(admin, villages);
    await db.withTx(system("bench"), (tx) => ensureVisitMonths(tx, ["2022-07", month]));
    const copied = await copyRate(admin, Math.min(1_000_000, visits));
    ground.say(`storing ${visits} visits`);
    const stored = await store(db, reader, villages, phones);
    ground.say("counting and asking");
    await admin.query("vacuum analyze monitoring.visit_2022_08");
    return [
      row("visits stored in batches of 500", stored.rate, "rows/s", { baseline: copied, goals: [timesAtLeast(0.2)] }),
      row("visits stored", stored.visits, "rows", { goals: [above(visits)] }),
      ...(await count(db, villages.length)),
      ...(await ask(db, counties)),
      ...(await sizes(admin)),
    ];
  } finally {
    await db.close();
    await admin.end();
    await reader.end();
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

async function count(db: Database<DB>, villages: number): Promise<Measured[]> {
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
    row("mark every village", marking, "ms", { goals: [under(5_000)] }),
    row("count every village's grids and days anew", seconds, "s", { goals: [under(600)] }),
    row("count one village anew", (seconds * 1_000) / villages, "ms", { goals: [under(40)] }),
  ];
}

async function ask(db: Database<DB>, counties: readonly string[]): Promise<Measured[]> {
  const given = (county: string) => ({
    month,
    callsFrom: `${month}-01`,
    phoneCounts: true,
    area: rangeOf(county),
    after: undefined,
    limit: 200,
  });
  const asks: [string, number, (county: string) => Promise<unknown>][] = [
    [
      "due list of a county, first page",
      1_000,
      (county) => db.withReadTx(officer(county.slice(0, 6)), (tx) => dueHouseholds(tx, { ...given(county), scope: "all" })),
    ],
    [
      "due list of a county, all of it",
      1_000,
      (county) =>
        db.withReadTx(officer(county.slice(0, 6)), (tx) =>
          dueHouseholds(tx, { ...given(county), limit: 1_000_000, scope: "all" }),
        ),
    ],
    [
      "due list of a county before anybody went",
      1_000,
      (county) =>
        db.withReadTx(officer(county.slice(0, 6)), (tx) =>
          dueHouseholds(tx, { ...given(county), month: "2022-07", callsFrom: "2022-07-01", scope: "all" }),
        ),
    ],
    [
      "round of a county by village, counted live",
      2_000,
      (county) =>
        db.withReadTx(officer(county.slice(0, 6)), (tx) =>
          roundByPlace(tx, { month, callsFrom: `${month}-01`, area: rangeOf(county), digits: 12 }),
        ),
    ],
  ];
  const rows: Measured[] = [];
  for (const [name, most, question] of asks) {
    const times: number[] = [];
    for (const county of counties) times.push(await timed(() => question(county)));
    rows.push(row(`${name}, p50`, quantile(times, 0.5), "ms"));
    rows.push(row(`${name}, slowest of ${times.length}`, Math.max(...times), "ms", { goals: [under(most)] }));
  }
  const region = await timed(() =>
    db.withReadTx(officer("45"), (tx) => keptRound(tx, { month, area: rangeOf("45"), digits: 6 })),
  );
  rows.push(row("round of the region by county", region, "ms", { goals: [under(1_000)] }));
  return rows;
}

async function sizes(admin: pg.Client): Promise<Measured[]> {
  const { rows } = await admin.query<{ heap: number; indexes: number }>(
    "select pg_table_size('monitoring.visit_2022_08')::float8 as heap, pg_indexes_size('monitoring.visit_2022_08')::float8 as indexes",
  );
  const gigabytes = (bytes: number | undefined) => (bytes ?? 0) / 2 ** 30;
  return [
    row("the month's partition, rows", gigabytes(rows[0]?.heap), "GiB", { goals: [under(3)] }),
    row("the month's partition, indexes", gigabytes(rows[0]?.indexes), "GiB", { goals: [under(2)] }),
  ];
}

export const roundBench: Bench = {
  name: "round",
  about: "a month's round of ten million visits: stored, counted by grid, and asked whom nobody has seen",
  run: (ground, share) => measureMonth(ground, sized(10_000_000, share, 600)),
};
