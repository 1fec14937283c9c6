import { cpSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { migrate } from "@shouwang/service-kit";
import { freshDatabase } from "@shouwang/testkit";
import pg from "pg";
import { v7 as uuidv7 } from "uuid";
import { expect, test } from "vitest";
import { monitoring } from "../index.ts";

test("visits recorded before months had partitions are all there afterwards, each in its month, and what they count for is known", async () => {
  const database = await freshDatabase("monitoring");
  const before = mkdtempSync(join(tmpdir(), "shouwang-migrations-"));
  for (const file of readdirSync(monitoring.migrations).filter((name) => name < "0030")) {
    cpSync(new URL(file, monitoring.migrations), join(before, file));
  }
  await migrate(database.migrationUrl, "monitoring_app", pathToFileURL(`${before}/`));
  const admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  try {
    const household = uuidv7();
    await admin.query(
      `insert into monitoring.household (id, region, household_kind, headcount, able_workers, created_at, updated_at)
       values ($1, '451228100003', 'ordinary-household', 1, 1, now(), now())`,
      [household],
    );
    const old = [
      ["2022-07-31", "home", false, "{monthly-round,sweep}"],
      ["2022-08-01", "phone", true, "{monthly-round}"],
      ["2022-08-31", "phone", false, "{helper-visit}"],
    ];
    for (const [day, mode, away, purposes] of old) {
      await admin.query(
        `insert into monitoring.visit (id, household_id, region, purposes, mode, visitor, visitor_role, visited_on, synced_at, household_away, changed, needs, note)
         values ($1, $2, '451228100003', $3, $4, 'grid-1', 'grid-worker', $5, now(), $6, false, '{job}', '\\x01')`,
        [uuidv7(), household, purposes, mode, day, away],
      );
    }
    await migrate(database.migrationUrl, "monitoring_app", monitoring.migrations);
    const { rows } = await admin.query(
      "select tableoid::regclass::text as month, visited_on, round_met, sweep_met, needs, note is not null as noted from monitoring.visit order by visited_on",
    );
    expect(rows).toEqual([
      {
        month: "monitoring.visit_2022_07",
        visited_on: "2022-07-31",
        round_met: "at-home",
        sweep_met: "at-home",
        needs: ["job"],
        noted: true,
      },
      {
        month: "monitoring.visit_2022_08",
        visited_on: "2022-08-01",
        round_met: "by-call",
        sweep_met: null,
        needs: ["job"],
        noted: true,
      },
      {
        month: "monitoring.visit_2022_08",
        visited_on: "2022-08-31",
        round_met: null,
        sweep_met: null,
        needs: ["job"],
        noted: true,
      },
    ]);
  } finally {
    await admin.end();
    await database.drop();
  }
});
