import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitoring } from "@shouwang/monitoring";
import { migrate } from "@shouwang/service-kit";
import { type Broker, cloneDatabase, freshDatabase, freshNats, type TestDatabase, templateDatabase } from "@shouwang/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ground } from "./bench.ts";
import { benches } from "./benches.ts";

/** So small that only what breaks a benchmark is seen, not how fast anything is. */
const toyShare = 0.000_05;

let folder: string;
let broker: Broker;
const databases: TestDatabase[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), `shouwang-bench-${randomBytes(3).toString("hex")}-`));
});
afterAll(async () => {
  for (const database of databases) await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** The servers every test shares; each benchmark gets a broker of its own, since their departments have the same names. */
const ground = (): Ground => ({
  folder,
  say: () => {},
  nats: async () => broker,
  database: async (department, migrations) => {
    const make = async ({ migrationUrl }: { migrationUrl: string }) => {
      await migrate(migrationUrl, `${department}_app`, migrations);
    };
    // Of a department's own migrations the template is made once; those by which a benchmark plays another department are run each time.
    const own = migrations.href === monitoring.migrations.href;
    if (own) await templateDatabase(department, make);
    const database = own ? await cloneDatabase(department) : await freshDatabase(department);
    databases.push(database);
    if (!own) await make(database);
    return database;
  },
});

test.each(benches)("the benchmark $name still runs, and every figure of it is a number", async ({ run }) => {
  broker = await freshNats();
  try {
    const rows = await run(ground(), toyShare);
    expect(rows.length).toBeGreaterThan(0);
    for (const { name, value, baseline } of rows) {
      expect(Number.isFinite(value) && value >= 0, name).toBe(true);
      expect(baseline === null || Number.isFinite(baseline), name).toBe(true);
    }
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  } finally {
    await broker.remove();
  }
});
