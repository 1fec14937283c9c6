import { sql } from "kysely";
import type { Executor } from "./database.ts";

/**
 * A column of sealed records or files, each sealed under its row's own place: the table's name with its schema, or `place` where a table has several, so
 * that one is not taken for the other; and the value of `id`, a uuid.
 */
export type SealedColumn = {
  table: `${string}.${string}`;
  /** The column with the row's uuid, or, where a row has none of its own, an SQL expression of its key as text (`{ sql: "report_id || '/' || revision" }`). */
  id: string | { sql: string };
  column: string;
  kind: "record" | "file";
  place?: string;
};

/** A column of bytes that holds nothing sealed, with what it is instead. */
export type PlainBytes = { table: `${string}.${string}`; column: string; because: string };

/** The kit's own tables. */
export const kitSealed: readonly SealedColumn[] = [
  { table: "kit.file", id: "id", column: "content", kind: "file" },
  { table: "kit.export_part", id: { sql: "job_id || '/' || n" }, column: "content", kind: "record" },
  { table: "kit.objection", id: "id", column: "content", kind: "record" },
  { table: "kit.claim_note", id: "id", column: "content", kind: "record" },
];
const kitUnsealed: readonly PlainBytes[] = [
  { table: "kit.idempotency", column: "body_hash", because: "SHA-256 of a request, to tell a repeated one from another" },
  { table: "kit.audit_seal", column: "hash", because: "the audit chain" },
  { table: "kit.file", column: "sha256", because: "SHA-256 of the file, to see that it is whole" },
];

/**
 * Columns of bytes in the database that are declared neither as sealed nor as something else, and declared ones that do not exist, as `schema.table.column`:
 * a sealed column nobody declared would stay under its old key for ever.
 */
export async function misdeclaredBytes(
  tx: Executor,
  service: { sealed?: readonly SealedColumn[]; unsealed?: readonly PlainBytes[] },
): Promise<string[]> {
  const { rows } = await sql<{
    name: string;
  }>`select format('%s.%s.%s', n.nspname, c.relname, a.attname) as name from pg_attribute a
    join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    where a.atttypid in ('bytea'::regtype, 'bytea[]'::regtype) and a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p') and not c.relispartition
      and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') order by name`.execute(tx);
  const declared = [...kitSealed, ...kitUnsealed, ...(service.sealed ?? []), ...(service.unsealed ?? [])].map(
    ({ table, column }) => `${table}.${column}`,
  );
  const present = rows.map((row) => row.name);
  return [...present.filter((name) => !declared.includes(name)), ...declared.filter((name) => !present.includes(name))].sort();
}
