import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createDepartmentDatabase, freePort, startPostgres } from "@shouwang/local";
import { migrate } from "@shouwang/service-kit";
import { findDepartments } from "./departments.ts";
import { tableTypes } from "./table-types.ts";

/**
 * Writes each department's table types (`src/db.ts`) from its migrations: a throw-away database is migrated and read.
 * `--verify` compares instead, and fails when a committed file is not what the migrations make.
 */
const verify = process.argv.includes("--verify");
const folder = mkdtempSync(join(tmpdir(), "shouwang-codegen-"));
const postgres = await startPostgres({ dataDir: join(folder, "postgres"), port: await freePort(), durable: false });
try {
  for (const { folder: home, service } of await findDepartments()) {
    const department = service.name;
    const urls = await createDepartmentDatabase(postgres.url, { department, ownerPassword: "owner", appPassword: "app" });
    await migrate(urls.migrationUrl, `${department}_app`, service.migrations);
    tableTypes(department, urls.migrationUrl, fileURLToPath(new URL("src/db.ts", home)), verify);
  }
} finally {
  await postgres.remove();
  rmSync(folder, { recursive: true, force: true });
}
