import {
  IdentifierNode,
  type KyselyPlugin,
  OperationNodeTransformer,
  type RawNode,
  type SchemableIdentifierNode,
  sql,
} from "kysely";
import pg from "pg";
import type { Executor } from "./database.ts";

/** Where a projection is folded again, beside the tables that go on being read. */
const schema = "shadow";

/** `mirror.file` → `mirror__file` in the shadow schema, so that tables of several schemas do not meet. */
const shadowName = (table: string): string => table.replace(".", "__");

/** The statement's words for a table of the shadow. */
export const shadowOf = (table: string): string => `${schema}.${shadowName(table)}`;

/**
 * Makes an empty copy of each table: columns, checks and indexes, readable and writable by the service's role alone. What an earlier rebuild left behind goes.
 * @param ownerUrl the role that owns the schema; the service's own may create nothing
 */
export async function makeShadow(ownerUrl: string, appRole: string, tables: readonly string[]): Promise<void> {
  await asOwner(ownerUrl, async (owner) => {
    const app = owner.escapeIdentifier(appRole);
    await owner.query(`drop schema if exists ${schema} cascade`);
    await owner.query(`create schema ${schema}`);
    await owner.query(`grant usage on schema ${schema} to ${app}`);
    for (const table of tables) {
      await owner.query(`create table ${shadowOf(table)} (like ${table} including all)`);
      await owner.query(`grant select, insert, update, delete on ${shadowOf(table)} to ${app}`);
    }
  });
}

export async function dropShadow(ownerUrl: string): Promise<void> {
  await asOwner(ownerUrl, (owner) => owner.query(`drop schema if exists ${schema} cascade`));
}

async function asOwner(url: string, work: (owner: pg.Client) => Promise<unknown>): Promise<void> {
  const owner = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await owner.connect();
  try {
    await work(owner);
  } finally {
    await owner.end();
  }
}

/** Sends every statement that names one of the tables to its shadow instead: a reader's own code folds into the shadow without knowing of it. */
export function toShadow(tables: readonly string[]): KyselyPlugin {
  const quoted = tables.map((table) => table.replace(".", "\\.")).join("|");
  const named = new RegExp(`(?<![\\w.])(?:${quoted})(?!\\w)`, "g");
  class Redirect extends OperationNodeTransformer {
    override transformRaw(node: RawNode): RawNode {
      const raw = super.transformRaw(node);
      return { ...raw, sqlFragments: raw.sqlFragments.map((part) => part.replaceAll(named, (table) => shadowOf(table))) };
    }
    override transformSchemableIdentifier(node: SchemableIdentifierNode): SchemableIdentifierNode {
      const table = `${node.schema?.name}.${node.identifier.name}`;
      if (!tables.includes(table)) return super.transformSchemableIdentifier(node);
      return { ...node, schema: IdentifierNode.create(schema), identifier: IdentifierNode.create(shadowName(table)) };
    }
  }
  const redirect = new Redirect();
  return { transformQuery: ({ node }) => redirect.transformNode(node), transformResult: async ({ result }) => result };
}

/** SHA-256 over everything the tables hold, whatever order it was written in: equal contents have equal hashes. */
export async function hashTables(tx: Executor, tables: readonly string[], where: (table: string) => string): Promise<string> {
  await sql`set local time zone 'UTC'`.execute(tx);
  const parts = [];
  for (const table of tables) {
    const { rows } = await sql<{ hash: string; n: number }>`select count(*) as n,
      encode(sha256(coalesce(string_agg(row_hash, ''::bytea order by row_hash), ''::bytea)), 'hex') as hash
      from (select sha256(convert_to(t::text, 'UTF8')) as row_hash from ${sql.raw(where(table))} t) hashed`.execute(tx);
    parts.push(`${table} ${rows[0]?.n} ${rows[0]?.hash}`);
  }
  const { rows } = await sql<{
    hash: string;
  }>`select encode(sha256(convert_to(${parts.join("\n")}, 'UTF8')), 'hex') as hash`.execute(tx);
  return rows[0]?.hash ?? "";
}

/** Puts the shadow's rows in the place of the live ones, in the caller's transaction: whoever reads meanwhile sees the old or the new, never less. */
export async function takeOver(tx: Executor, tables: readonly string[]): Promise<void> {
  for (const table of [...tables].reverse()) await sql`delete from ${sql.raw(table)}`.execute(tx);
  for (const table of tables) await sql`insert into ${sql.raw(table)} select * from ${sql.raw(shadowOf(table))}`.execute(tx);
}
