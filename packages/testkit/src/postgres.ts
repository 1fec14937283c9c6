import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { asAdmin, createDepartmentDatabase, freePort, startPostgres } from "@shouwang/local";
import pg from "pg";
import type { TestDatabase } from "./databases.ts";
import { provided } from "./provided.ts";

export type OwnPostgres = {
  port: number;
  /** An empty database in it, with the roles `<department>_owner` and `<department>_app`; a service that starts migrates it. */
  database(department: string): Promise<TestDatabase>;
  /** Stops it as an operator would (running transactions are ended), or kills it, and leaves it down. */
  stop(signal?: "SIGINT" | "SIGKILL"): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  /** Stops it and deletes its files. */
  remove(): Promise<void>;
};

/**
 * A PostgreSQL server for one test file, to be restarted and killed. What it has acknowledged is on its disk, unlike the shared one's.
 * @param folder where its files go; a folder of the run when nothing is said
 */
export async function freshPostgres(folder = mkdtempSync(join(provided().folder, "postgres-"))): Promise<OwnPostgres> {
  // PostgreSQL's own account passes through here on the way to its data.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const run = () => startPostgres({ dataDir: join(folder, "data"), port, durable: true });
  let server = await run();
  const { rolePassword } = provided();
  return {
    port,
    database: async (department) => {
      const database = `${department}_${randomBytes(5).toString("hex")}`;
      const given = { department, database, ownerPassword: rolePassword, appPassword: rolePassword };
      const urls = await createDepartmentDatabase(server.url, given);
      const inside = new URL(server.url);
      inside.pathname = `/${database}`;
      const drop = () =>
        asAdmin(server.url, async (admin) => {
          await admin.query(`drop database if exists ${pg.escapeIdentifier(database)} with (force)`);
        });
      return { ...urls, adminUrl: inside.href, database, drop };
    },
    stop: (signal = "SIGINT") => (signal === "SIGKILL" ? server.kill() : server.stop()),
    start: async () => {
      server = await run();
    },
    remove: () => server.remove(),
  };
}
