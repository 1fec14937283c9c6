import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDepartmentDatabase, freePort, startPostgres } from "@shouwang/local";
import { migrate } from "@shouwang/service-kit";
import { findDepartments } from "./departments.ts";

/**
 * Writes each department's table types (`src/db.ts`) from its migrations: a throw-away database is migrated and read.
 * `--verify` compares instead, and fails when a committed file is not what the migrations make.
 */
const departments = await findDepartments();
const verify = process.argv.includes("--verify");
const folder = mkdtempSync(join(tmpdir(), "shouwang-codegen-"));
const postgres = await startPostgres({ dataDir: join(folder, "postgres"), port: await freePort(), durable: false });
try {
  for (const { folder: home, service } of departments) {
    const department = service.name;
    const urls = await createDepartmentDatabase(postgres.url, { department, ownerPassword: "owner", appPassword: "app" });
    await migrate(urls.migrationUrl, `${department}_app`, service.migrations);
    const out = new URL("src/db.ts", home).pathname;
    const options = [
      "--dialect",
      "postgres",
      "--url",
      urls.migrationUrl,
      "--out-file",
      out,
      "--include-pattern",
      `${department}.*`,
      "--date-parser",
      "string",
    ];
    const types = JSON.stringify({ int8: "number" });
    execFileSync("kysely-codegen", [...options, "--type-mapping", types, ...(verify ? ["--verify"] : [])], { stdio: "inherit" });
  }
} finally {
  await postgres.remove();
  rmSync(folder, { recursive: true, force: true });
}
