import { type Keys, openRecord, type SealedColumn, sealRecord, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import { z } from "zod";
import type { DB } from "../db.ts";
import { sealed } from "../sealed.ts";
import type { Known } from "./known-store.ts";
import { gone, patternOf, redact } from "./redact.ts";

/** Tables whose sealed rows are gone about by themselves (`traces-store.ts`), and those that hold who an official is, not who somebody in a household is. */
const elsewhere = new Set([
  "monitoring.person",
  "monitoring.feed_row",
  "monitoring.feed_match",
  "monitoring.national_row",
  "monitoring.helper",
  "monitoring.grid_worker",
  "monitoring.hand_over",
  "monitoring.task_force_change",
]);

type Columns = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** The tables of this department with their columns and types; the months of a partitioned one are reached through it. */
async function columnsOf(tx: Tx<DB>): Promise<Columns> {
  const { rows } = await sql<{ name: string; column: string; type: string }>`
    select format('%s.%s', n.nspname, c.relname) as name, a.attname as column, format_type(a.atttypid, null) as type
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'monitoring' and c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0 and not a.attisdropped`.execute(
    tx,
  );
  const tables = Map.groupBy(rows, ({ name }) => name);
  return new Map([...tables].map(([name, columns]) => [name, new Map(columns.map(({ column, type }) => [column, type]))]));
}

/** The rows of a table that may speak of the person: their own, those of their households, and where a table knows neither, those of their counties. */
function rowsOf(known: Known, columns: ReadonlyMap<string, string>) {
  const own = columns.has("person_id") ? sql`coalesce(person_id = ${known.id}, false)` : sql`false`;
  if (columns.has("household_id")) return { own, any: sql`(${own} or household_id = any(${known.households}::uuid[]))` };
  if (columns.has("person_id")) return { own, any: own };
  const counties = [...new Set(known.regions.map((region) => region.slice(0, 6)))];
  return { own, any: sql`left(region, 6) = any(${counties}::text[])` };
}

/**
 * Takes the person's name, numbers, phone and account out of every sealed text there is: all of a text that is about the person alone, or about a household
 * in which nobody is left. @returns how many texts were changed
 */
export async function redactSealed(tx: Tx<DB>, keys: Keys, known: Known): Promise<number> {
  const columns = await columnsOf(tx);
  let changed = 0;
  for (const column of sealed)
    if (column.kind === "record" && !elsewhere.has(column.table))
      changed += await redactColumn(tx, keys, known, column, columns.get(column.table) ?? new Map());
  return changed + (await redactObjections(tx, keys, known));
}

async function redactColumn(
  tx: Tx<DB>,
  keys: Keys,
  known: Known,
  column: SealedColumn,
  columns: ReadonlyMap<string, string>,
): Promise<number> {
  const [table, bytes] = [sql.table(column.table), sql.ref(column.column)];
  // A constant of the declaration, never anybody's input.
  const id = typeof column.id === "string" ? sql`${sql.ref(column.id)}::text` : sql.raw(`(${column.id.sql})`);
  const { own, any } = rowsOf(known, columns);
  const all = columns.has("household_id") ? sql`(${own} or household_id = any(${known.ended}::uuid[]))` : own;
  const { rows } = await sql<{ id: string; bytes: Buffer; all: boolean }>`select ${id} as id, ${bytes} as bytes, ${all} as all
    from ${table} where ${bytes} is not null and ${any} for update`.execute(tx);
  const again = rows.flatMap((row) => {
    const place = { table: column.place ?? column.table, id: row.id };
    const anew = redactRecord(keys, place, row.bytes, known, row.all);
    return anew === undefined ? [] : [{ id: row.id, anew }];
  });
  if (again.length === 0) return 0;
  await sql`update ${table} set ${bytes} = again.anew
    from unnest(${again.map((row) => row.id)}::text[], ${again.map((row) => row.anew)}::bytea[]) as again (row_id, anew)
    where ${any} and ${id} = again.row_id`.execute(tx);
  return again.length;
}

/** What somebody wrote against a posting of one of the households. */
async function redactObjections(tx: Tx<DB>, keys: Keys, known: Known): Promise<number> {
  const { rows } = await sql<{ id: string; bytes: Buffer; all: boolean }>`select o.id, o.content as bytes,
      p.household_id = any(${known.ended}::uuid[]) as all
    from kit.objection o join kit.posting p on p.id = o.posting_id where p.household_id = any(${known.households}::uuid[]) and o.content is not null for update of o`.execute(
    tx,
  );
  let changed = 0;
  for (const row of rows) {
    const anew = redactRecord(keys, { table: "kit.objection", id: row.id }, row.bytes, known, row.all);
    if (anew === undefined) continue;
    await sql`update kit.objection set content = ${anew} where id = ${row.id}`.execute(tx);
    changed += 1;
  }
  return changed;
}

/** The record sealed anew without what must go; undefined where it says nothing of it. */
function redactRecord(
  keys: Keys,
  place: { table: string; id: string },
  bytes: Buffer,
  known: Known,
  all: boolean,
): Buffer | undefined {
  const record = openRecord(keys, place, bytes, z.unknown());
  const anew = redact(record, patternOf([...known.values, ...known.masks]), all);
  return JSON.stringify(anew) === JSON.stringify(record) ? undefined : sealRecord(keys, place, anew);
}

/** Takes them out of what stands in clear in the rows of the person and their households, where no rule of ours lets them stand. @returns how many rows */
export async function redactClear(tx: Tx<DB>, known: Known): Promise<number> {
  const pattern = patternOf([...known.values, ...known.masks]);
  if (pattern === undefined) return 0;
  let changed = 0;
  const tables = [...(await columnsOf(tx))].map(([name, columns]) => ({ name, columns, ...rowsOf(known, columns) }));
  const posting = new Map([
    ["body", "jsonb"],
    ["household_id", "uuid"],
  ]);
  for (const { name, columns, any } of [...tables, { name: "kit.posting", columns: posting, ...rowsOf(known, posting) }]) {
    if (!columns.has("person_id") && !columns.has("household_id")) continue;
    const texts = [...columns].filter(([, type]) => type === "text" || type === "jsonb" || type === "text[]");
    if (texts.length === 0) continue;
    const anew = sql.join(
      texts.map(
        ([column, type]) =>
          sql`${sql.ref(column)} = regexp_replace(${sql.ref(column)}::text, ${pattern}, ${gone}, 'gi')::${sql.raw(type)}`,
      ),
    );
    const said = sql.join(
      texts.map(([column]) => sql`${sql.ref(column)}::text ~* ${pattern}`),
      sql` or `,
    );
    const { rows } = await sql<{
      said: boolean;
    }>`select exists (select from ${sql.table(name)} where ${any} and (${said})) as said`.execute(tx);
    if (rows[0]?.said !== true) continue;
    const done = await sql`update ${sql.table(name)} set ${anew} where ${any} and (${said})`.execute(tx);
    changed += Number(done.numAffectedRows ?? 0n);
  }
  return changed;
}
