import { randomBytes } from "node:crypto";
import { monitoring } from "@shouwang/monitoring";
import { businessDate, openDatabase, openLog, type Principal, parseKeys, receiveList } from "@shouwang/service-kit";
import { startJobs } from "../../packages/service-kit/src/job-run.ts";
import type { DB } from "../../services/monitoring/src/db.ts";
import { householdImport, importJob, intake } from "../../services/monitoring/src/household-import/job.ts";
import { importLimits } from "../../services/monitoring/src/household-import/layout.ts";
import {
  above,
  type Bench,
  type Ground,
  type Measured,
  row,
  sized,
  timed,
  timesAtLeast,
  timesAtMost,
  under,
  until,
} from "./bench.ts";
import { copyBack, countRows } from "./copy-back.ts";
import { rosterFiles } from "./roster-files.ts";

const log = openLog("bench", "silent");
const key = () => randomBytes(32).toString("base64");
const keys = parseKeys(JSON.stringify({ current: "k1", keys: { k1: key() }, indexKey: key(), auditKey: key() }));
/** What an import writes; COPY is given the same rows for the same tables. */
const tables = [
  "monitoring.household",
  "monitoring.household_change",
  "monitoring.person",
  "monitoring.name_token",
  "monitoring.suspect",
  "monitoring.guarantee_problem",
  "monitoring.possible_duplicate",
  "kit.private_event",
  "kit.audit",
  "kit.outbox",
] as const;

async function measureImport(ground: Ground, households: number): Promise<Measured[]> {
  const urls = await ground.database("monitoring", monitoring.migrations);
  const db = openDatabase<DB>(urls.url);
  try {
    ground.say(`writing the files of ${households} households`);
    let sent = 0;
    let persons = 0;
    for (const file of rosterFiles(households)) {
      const actor: Principal = {
        issuer: "bench",
        subject: `officer-${file.county}`,
        roles: ["county-officer"],
        region: file.county,
      };
      await db.withTx(actor, async (tx) => {
        const now = new Date("2022-08-15T01:00:00Z");
        const given = { tx, upload: { content: file.content }, actor, keys, now, today: businessDate(now) };
        const about = { intake, kind: "household-members", job: importJob, title: "农户", limits: importLimits, clause: "M-01" };
        const { refusal } = await receiveList(given, { ...about, document: "桂农发〔2022〕1号", dataDate: "2022-08-01" });
        if (refusal) throw new Error(`the list was refused: ${refusal.code}`);
      });
      sent += 1;
      persons += file.persons;
    }
    ground.say(`importing ${persons} persons from ${sent} files`);
    const memory: number[] = [];
    const watching = setInterval(() => memory.push(process.memoryUsage().rss / 2 ** 20), 100);
    const ended = async () =>
      (await db.pool.query("select from kit.job where state in ('queued', 'running') limit 1")).rowCount === 0;
    const jobs = startJobs<DB>({ db, kinds: [householdImport], keys, log, afterCommit: () => {}, pollMs: 20 });
    const ms = await timed(() => until(ended, 50));
    clearInterval(watching);
    await jobs.stop();
    const { rows } = await db.pool.query("select from kit.job where state <> 'done'");
    if (rows.length > 0) throw new Error("an import failed");
    const stored = await countRows(urls.adminUrl, tables);
    if (stored.get("monitoring.person") !== persons)
      throw new Error(`${stored.get("monitoring.person")} of ${persons} persons were stored`);
    const total = [...stored.values()].reduce((sum, n) => sum + n, 0);
    ground.say(`copying the same ${total} rows`);
    const copied = await copyBack(urls.adminUrl, tables);
    const third = Math.ceil(memory.length / 3);
    return [
      row(`import of ${households} households with ${persons} persons`, ms / 1_000, "s", { goals: [under(120)] }),
      row("import, persons", (persons * 1_000) / ms, "persons/s", { goals: [above(8_334)] }),
      row("import, rows into all tables", (total * 1_000) / ms, "rows/s", {
        baseline: (total * 1_000) / copied,
        goals: [timesAtLeast(0.2)],
      }),
      row("most memory in the last third of the import", Math.max(0, ...memory.slice(-third)), "MiB", {
        baseline: Math.max(1, ...memory.slice(0, third)),
        goals: [timesAtMost(1.25)],
      }),
    ];
  } finally {
    await db.close();
  }
}

export const importBench: Bench = {
  name: "import",
  about: "households from counties' files: checked, sealed, indexed, compared with everybody registered, told to others",
  run: (ground, share) => measureImport(ground, sized(250_000, share, 20)),
};
