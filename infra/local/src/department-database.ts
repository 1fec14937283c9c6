import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { CHECKOUT } from "./checkout.ts";

export type DepartmentDatabase = {
  /** The department; its roles are `<department>_owner` and `<department>_app`. */
  department: string;
  /** The database's name; the department's own by default. */
  database?: string;
  ownerPassword: string;
  appPassword: string;
};

/** Where a service connects: with its own role, and for migrations with the owner's. */
export type DepartmentUrls = { url: string; migrationUrl: string };

/** Creates a department's database and its two roles where they are missing, and sets the passwords; the same SQL as in production. */
export async function createDepartmentDatabase(adminUrl: string, given: DepartmentDatabase): Promise<DepartmentUrls> {
  const { department, database = department } = given;
  await asAdmin(adminUrl, async (admin) => {
    const { rowCount } = await admin.query("select from pg_database where datname = $1", [database]);
    if (rowCount === 0) await admin.query(`create database ${pg.escapeIdentifier(database)}`);
  });
  const inside = new URL(adminUrl);
  inside.pathname = `/${database}`;
  await asAdmin(inside.href, async (admin) => {
    await admin.query(
      "select set_config('sw.department', $1, false), set_config('sw.owner_password', $2, false), set_config('sw.app_password', $3, false)",
      [department, given.ownerPassword, given.appPassword],
    );
    await admin.query(readFileSync(join(CHECKOUT, "infra/postgres/department.sql"), "utf8"));
  });
  return departmentUrls(adminUrl, given);
}

/** The addresses of a department's database, without touching it. */
export function departmentUrls(adminUrl: string, given: DepartmentDatabase): DepartmentUrls {
  const as = (role: string, password: string) => {
    const url = new URL(adminUrl);
    url.username = `${given.department}_${role}`;
    url.password = password;
    url.pathname = `/${given.database ?? given.department}`;
    return url.href;
  };
  return { url: as("app", given.appPassword), migrationUrl: as("owner", given.ownerPassword) };
}

/** Runs the work on a connection of its own and closes it whatever happens. */
export async function asAdmin<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {}); // a lost connection is told by the query that needs it
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}
