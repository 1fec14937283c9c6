import { migrate } from "@shouwang/service-kit";
import { freshDatabase, type TestDatabase } from "@shouwang/testkit";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { departments } from "./subjects.ts";

/** Everything that defines a schema: columns, constraints, indexes, policies and rights. */
const definition = `select json_build_object(
  'columns', (select json_agg(c order by c.table_schema, c.table_name, c.ordinal_position) from information_schema.columns c where c.table_schema in ('kit', $1)),
  'constraints', (select json_agg(pg_get_constraintdef(oid) || conname order by conrelid, conname) from pg_constraint),
  'indexes', (select json_agg(i order by i.indexname) from pg_indexes i where i.schemaname in ('kit', $1)),
  'policies', (select json_agg(p order by p.tablename, p.policyname) from pg_policies p),
  'rights', (select json_agg(g order by g.table_name, g.grantee, g.privilege_type) from information_schema.role_table_grants g where g.table_schema in ('kit', $1)),
  'ran', (select json_agg(m order by m.name) from migration m))::text as text`;

/** Tables of the department that say where a row belongs, and by what another area's rows are kept from the service's own role. */
const regional = `select c.relname as table, c.relrowsecurity and c.relforcerowsecurity as forced,
    (select count(*)::int from pg_policy p where p.polrelid = c.oid) as policies
  from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
  where n.nspname = $1 and c.relkind in ('r', 'p') and a.attname = 'region' and not a.attisdropped order by 1`;

/** What the service's own role may do that it must not: own anything, go around a policy, change the schema. */
const rights = `select r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb as mighty,
  (select count(*)::int from pg_class where relowner = r.oid) as owns,
  has_schema_privilege(r.oid, $2, 'create') or has_schema_privilege(r.oid, 'kit', 'create') as creates from pg_roles r where r.rolname = $1`;

describe.each(departments)("the database of $name", ({ service, prefix }) => {
  let database: TestDatabase;
  let admin: pg.Client;
  let first: string[];
  beforeAll(async () => {
    database = await freshDatabase(prefix);
    first = await migrate(database.migrationUrl, `${prefix}_app`, service.migrations);
    admin = new pg.Client({ connectionString: database.adminUrl });
    await admin.connect();
  });
  afterAll(async () => {
    await admin.end();
    await database.drop();
  });

  test("is made from nothing by its migrations, which run no second time", async () => {
    expect(first.length).toBeGreaterThan(0);
    const before = (await admin.query(definition, [service.name])).rows;
    expect(await migrate(database.migrationUrl, `${prefix}_app`, service.migrations)).toEqual([]);
    expect((await admin.query(definition, [service.name])).rows).toEqual(before);
  });

  test("keeps rows of another area from the service's role, whatever statement asks for them", async () => {
    const { rows } = await admin.query<{ table: string; forced: boolean; policies: number }>(regional, [service.name]);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter(({ forced, policies }) => !forced || policies === 0)).toEqual([]);
    await admin.query(`create table ${pg.escapeIdentifier(service.name)}.planted (region text)`);
    const planted = await admin.query<{ table: string; forced: boolean }>(regional, [service.name]);
    await admin.query(`drop table ${pg.escapeIdentifier(service.name)}.planted`);
    expect(planted.rows.filter(({ forced }) => !forced).map(({ table }) => table)).toEqual(["planted"]);
  });

  test("gives the service a role that owns nothing and cannot change its own limits", async () => {
    const { rows } = await admin.query(rights, [`${prefix}_app`, service.name]);
    expect(rows).toEqual([{ mighty: false, owns: 0, creates: false }]);
  });
});
