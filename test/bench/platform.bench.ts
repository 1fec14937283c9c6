import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { asAdmin } from "@shouwang/local";
import { monitoring } from "@shouwang/monitoring";
import { parseKeys } from "@shouwang/service-kit";
import { above, type Bench, type Ground, type Measured, quantile, row, sized, under, until } from "./bench.ts";
import { type Asked, openClient, openLoop } from "./load.ts";
import { mirror } from "./mirror.ts";
import { layOut, names } from "./platform-layout.ts";
import { openProcesses } from "./processes.ts";

const api = "/api/v1/monitoring";
const json = { "content-type": "application/json" };
type Household = { id: string; region: string };
type Question = { name: string; ask(household: Household, n: number): Pick<Asked, "method" | "path" | "body"> };

/** What offices ask all day, each within its county. */
const questions: readonly Question[] = [
  {
    name: "search by name",
    ask: (_, n) => ({
      method: "POST",
      path: `${api}/household-searches`,
      body: JSON.stringify({ name: names[(n * 7919) % names.length] }),
    }),
  },
  { name: "read a household", ask: ({ id }) => ({ method: "GET", path: `${api}/households/${id}` }) },
  { name: "list a village", ask: ({ region }) => ({ method: "GET", path: `${api}/households?region=${region}&limit=50` }) },
  {
    name: "list a county's lifted households",
    ask: ({ region }) => ({
      method: "GET",
      path: `${api}/households?region=${region.slice(0, 6)}&householdKind=lifted-household&limit=50`,
    }),
  },
  { name: "a household's history", ask: ({ id }) => ({ method: "GET", path: `${api}/households/${id}/history` }) },
];

async function measurePlatform(ground: Ground, share: number): Promise<Measured[]> {
  const households = sized(1_000_000, share, 300);
  const seconds = Math.max(0.2, Math.round(30 * Math.sqrt(share)));
  const registry = await ground.database("monitoring", monitoring.migrations);
  const reader = await ground.database("employment", mirror.migrations);
  const key = () => randomBytes(32).toString("base64");
  const keysJson = JSON.stringify({ current: "k1", keys: { k1: key() }, indexKey: key(), auditKey: key() });
  const keysFile = join(ground.folder, "platform-keys.json");
  writeFileSync(keysFile, keysJson);
  ground.say(`laying out ${households} households`);
  const sample = await layOut(registry.adminUrl, parseKeys(keysJson), households);
  const processes = await openProcesses(ground.folder);
  try {
    const { url: NATS_URL } = await ground.nats();
    const limits = Object.fromEntries(
      ["READS", "WRITES", "UPLOADS", "SEARCHES", "UNSIGNED"].map((name) => [`RATE_${name}`, "off"]),
    );
    const common = { ...processes.who, ...limits, NATS_URL, KEYS_FILE: keysFile, COUNT_INDICATORS: "false" };
    const service = { ...common, DATABASE_URL: registry.url, MIGRATION_DATABASE_URL: registry.migrationUrl };
    const monitoringUrl = await processes.start("monitoring", "services/monitoring/src/main.ts", { env: service });
    const mirroring = { ...common, DATABASE_URL: reader.url, MIGRATION_DATABASE_URL: reader.migrationUrl };
    await processes.start("employment", "test/bench/mirror.process.ts", { env: mirroring });
    const client = openClient(await processes.gateway(monitoringUrl), 200);
    const headers = new Map<string, Record<string, string>>();
    for (const county of new Set(sample.map(({ region }) => region.slice(0, 6))))
      headers.set(county, await processes.signedIn("county-officer", county));
    const of = (n: number): Household => sample[n % sample.length] ?? { id: "", region: "" };
    const send = async (
      household: Household,
      asked: Pick<Asked, "method" | "path" | "body">,
      more: Record<string, string> = {},
    ) => {
      const status = await client.send({ ...asked, headers: { ...headers.get(household.region.slice(0, 6)), ...json, ...more } });
      if (status !== 200) throw new Error(`${asked.method} ${asked.path} answered ${status}`);
    };
    const read = (n: number) => {
      const household = of(n * 13);
      const question = questions[n % questions.length];
      return question ? send(household, question.ask(household, n)) : Promise.resolve();
    };
    let written = 0;
    // Each household is changed once a round of the sample, so that its version is known.
    const write = (_: number) => {
      const [household, version] = [of(written), 1 + Math.floor(written / sample.length)];
      written += 1;
      const body = JSON.stringify({ hamlet: `屯${version}`, source: "基准测试" });
      return send(
        household,
        { method: "PATCH", path: `${api}/households/${household.id}`, body },
        { "if-match": `"${version}"` },
      );
    };
    try {
      await Promise.all([openLoop(30, seconds / 4, read), openLoop(10, seconds / 4, write)]);
      const rows: Measured[] = [];
      ground.say(`300 reads and 50 writes a second for ${seconds} s`);
      const [reads, writes] = await Promise.all([openLoop(300, seconds, read), openLoop(50, seconds, write)]);
      const at = `${households} households, 300 reads and 50 writes a second`;
      rows.push(row(`read p95, ${at}`, quantile(reads, 0.95), "ms", { goals: [under(25)] }));
      rows.push(row(`write p95, ${at}`, quantile(writes, 0.95), "ms", { goals: [under(100)] }));
      for (const question of questions) {
        const took = await openLoop(20, seconds / 5, (n) => send(of(n * 17), question.ask(of(n * 17), n)));
        rows.push(row(`of these alone: ${question.name}, p95`, quantile(took, 0.95), "ms", { goals: [under(25)] }));
      }
      ground.say(`500 writes a second for ${seconds} s`);
      const from = new Date();
      // More than the machine can take is refused at the door, and counts for nothing but that.
      let refused = 0;
      const asked = await openLoop(500, seconds, (n) => write(n).catch(() => (refused += 1)));
      const waits = await arrivals(registry.adminUrl, reader.adminUrl, from);
      const taken = (500 * (asked.length - refused)) / asked.length;
      rows.push(row("writes taken of 500 a second", taken, "writes/s", { goals: [above(500)] }));
      rows.push(
        row("commit to another department's projection p95, 500 writes a second", quantile(waits, 0.95), "ms", {
          goals: [under(50)],
        }),
      );
      rows.push(
        row("commit to another department's projection p99, 500 writes a second", quantile(waits, 0.99), "ms", {
          goals: [under(200)],
        }),
      );
      return rows;
    } finally {
      await client.close();
    }
  } finally {
    await processes.stop();
  }
}

/** How long each event since a moment was on its way, in milliseconds: from when it was appended, a little before its commit, to when the reader wrote that it has it. */
async function arrivals(registryUrl: string, readerUrl: string, since: Date): Promise<number[]> {
  return await asAdmin(registryUrl, (registry) =>
    asAdmin(readerUrl, async (reader) => {
      const { rows: told } = await registry.query<{ id: string; ms: number }>(
        "select event_id as id, extract(epoch from appended_at)::float8 * 1000 as ms from kit.outbox where appended_at >= $1 and entity = 'household'",
        [since],
      );
      const arrived = async () => {
        const { rows } = await reader.query<{ id: string; ms: number }>(
          "select event_id as id, extract(epoch from at)::float8 * 1000 as ms from mirror.arrival where at >= $1",
          [since],
        );
        return new Map(rows.map(({ id, ms }) => [id, ms]));
      };
      await until(async () => (await arrived()).size >= told.length, 200);
      const seen = await arrived();
      return told.map(({ id, ms }) => (seen.get(id) ?? Number.POSITIVE_INFINITY) - ms);
    }),
  );
}

export const platformBench: Bench = {
  name: "platform",
  about: "reads and writes through the gateway at a steady rate, and how soon another department has what was written",
  run: measurePlatform,
};
