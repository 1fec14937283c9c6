import { randomBytes } from "node:crypto";
import { appendFileSync } from "node:fs";
import { asAdmin, createDepartmentDatabase, type DepartmentUrls, departmentUrls } from "@shouwang/local";
import pg from "pg";
import { provided } from "./provided.ts";

export type TestDatabase = DepartmentUrls & {
  /** The same database as superuser: to look past row-level security, or to tamper. */
  adminUrl: string;
  database: string;
  drop(): Promise<void>;
};

/** An empty database of its own for one test, with the roles `<department>_owner` and `<department>_app`. */
export async function freshDatabase(department: string): Promise<TestDatabase> {
  const { adminUrl, rolePassword } = provided();
  const given = { department, database: unique(department), ownerPassword: rolePassword, appPassword: rolePassword };
  await createDepartmentDatabase(adminUrl, given);
  return describeDatabase(given);
}

/**
 * Migrates a department's database once per run, however many workers ask at the same time, as the template of every `cloneDatabase`.
 * `migrate` gets the addresses of an empty database and must leave no connection open.
 */
export async function templateDatabase(department: string, migrate: (urls: DepartmentUrls) => Promise<void>): Promise<void> {
  const { adminUrl, rolePassword } = provided();
  const template = templateName(department);
  await asAdmin(adminUrl, async (admin) => {
    await admin.query("select pg_advisory_lock(hashtext($1))", [template]);
    const { rowCount } = await admin.query("select from pg_database where datname = $1 and datistemplate", [template]);
    if (rowCount === 1) return;
    await admin.query(`drop database if exists ${pg.escapeIdentifier(template)} with (force)`);
    const given = { department, database: template, ownerPassword: rolePassword, appPassword: rolePassword };
    await migrate(await createDepartmentDatabase(adminUrl, given));
    await admin.query(`alter database ${pg.escapeIdentifier(template)} is_template true`);
  });
}

/** A copy of the department's template in about 70 ms. */
export async function cloneDatabase(department: string): Promise<TestDatabase> {
  const { adminUrl, rolePassword } = provided();
  const template = templateName(department);
  const given = { department, database: unique(department), ownerPassword: rolePassword, appPassword: rolePassword };
  await asAdmin(adminUrl, async (admin) => {
    // A template must have no connection while it is copied, and two copies at once are refused: one at a time.
    await admin.query("select pg_advisory_lock(hashtext($1))", [template]);
    await admin.query(`create database ${pg.escapeIdentifier(given.database)} template ${pg.escapeIdentifier(template)}`);
    // Rights on the database itself are not copied with its contents.
    const [database, owner, app] = [given.database, `${department}_owner`, `${department}_app`].map((name) =>
      pg.escapeIdentifier(name),
    );
    await admin.query(`alter database ${database} owner to ${owner}`);
    await admin.query(`revoke all on database ${database} from public`);
    await admin.query(`grant connect on database ${database} to ${app}`);
  });
  return describeDatabase(given);
}

const templateName = (department: string) => `${department}_template`;
const unique = (department: string) => `${department}_${randomBytes(5).toString("hex")}`;

function describeDatabase(given: Parameters<typeof departmentUrls>[1] & { database: string }): TestDatabase {
  const { adminUrl } = provided();
  const inside = new URL(adminUrl);
  inside.pathname = `/${given.database}`;
  const drop = async () => {
    await recordOutbox(inside.href, given.department);
    await asAdmin(adminUrl, (admin) =>
      admin.query(`drop database if exists ${pg.escapeIdentifier(given.database)} with (force)`),
    );
  };
  return {
    ...departmentUrls(adminUrl, given),
    adminUrl: inside.href,
    database: given.database,
    drop,
  };
}

/** Writes down what kinds of event a department's outbox held, before they are gone, where TEST_RECORD says. test/shown.ts reads it. */
async function recordOutbox(url: string, department: string): Promise<void> {
  const file = process.env["TEST_RECORD"];
  if (file === undefined) return;
  await asAdmin(url, async (admin) => {
    const { rows: tables } = await admin.query("select from pg_tables where schemaname = 'kit' and tablename = 'outbox'");
    if (tables.length === 0) return;
    const { rows } = await admin.query<{ type: string }>("select distinct envelope::json ->> 'type' as type from kit.outbox");
    for (const { type } of rows) appendFileSync(file, `${JSON.stringify({ channel: "outbox", database: department, type })}\n`);
  });
}
