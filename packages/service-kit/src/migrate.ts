import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import pg from "pg";

const kitMigrations = new URL("../migrations/", import.meta.url);
const lockKey = 0x5357_6d69; // one migrator at a time per database

/**
 * Brings a department's database to the newest schema: the kit's files, then the service's, each in one transaction, forward only, in order of their number.
 * `{{app}}` in a file is the service's own role. Safe when several instances start at once. Throws when a file that already ran was changed.
 * @param ownerUrl connection of the role that owns the schema (never the one the service works with)
 * @param appRole the role the service works with
 * @returns the names of the files that ran now
 */
export async function migrate(ownerUrl: string, appRole: string, serviceMigrations: URL): Promise<string[]> {
  if (!/^[a-z_][a-z0-9_]*$/.test(appRole)) throw new Error("the service's database role must be a plain lower-case name");
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  const ran: string[] = [];
  try {
    await client.query("select pg_advisory_lock($1)", [lockKey]);
    await client.query(
      `create table if not exists migration (name text constraint migration_pk primary key, checksum text not null, ran_at timestamptz not null default clock_timestamp())`,
    );
    const known = await client.query<{ name: string; checksum: string }>("select name, checksum from migration");
    const done = new Map(known.rows.map((row) => [row.name, row.checksum]));
    for (const [set, folder] of [
      ["kit", kitMigrations],
      ["service", serviceMigrations],
    ] as const) {
      for (const file of (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort()) {
        const name = `${set}/${file}`;
        const text = await readFile(new URL(file, folder), "utf8");
        const checksum = createHash("sha256").update(text).digest("hex");
        const before = done.get(name);
        if (before === checksum) continue;
        if (before !== undefined) throw new Error(`migration ${name} was changed after it ran; add a new file instead`);
        await client.query("begin");
        try {
          await client.query(text.replaceAll("{{app}}", appRole));
          await client.query("insert into migration (name, checksum) values ($1, $2)", [name, checksum]);
          await client.query("commit");
        } catch (error) {
          await client.query("rollback");
          throw new Error(`migration ${name} failed: ${error instanceof Error ? error.message : "unknown"}`, { cause: error });
        }
        ran.push(name);
      }
    }
  } finally {
    await client.end();
  }
  return ran;
}
