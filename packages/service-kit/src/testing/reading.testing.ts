import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import type { Database, Tx } from "../database.ts";
import { park } from "../dead-letter.ts";
import { applyEvent, type Met, parkedEvent } from "../lane-event.ts";
import { openLog } from "../log.ts";
import { currentSealStart, parseKeys } from "../personal-data.ts";
import { system } from "../principal.ts";
import type { Reader } from "../reader.ts";

/** What a reader leaves behind: rows of the department's own tables, clocks and postings; events it sent; what was parked, with the reason. */
export type Left = { rows: string[]; sent: string[]; parked: string[] };

const key = () => randomBytes(32).toString("base64");
const testKeys = parseKeys(JSON.stringify({ current: "k1", keys: { k1: key() }, indexKey: key(), auditKey: key() }));

class Enough extends Error {
  readonly left: Left;
  constructor(left: Left) {
    super("rolled back");
    this.left = left;
  }
}

/**
 * Feeds events to a reader in this order as its lane does, one step each, and answers what they leave; nothing of it stays.
 * Ids and moments that the events do not name themselves are told apart from none: two runs never make the same ones.
 * @param schema the department's own
 */
export async function leftBy<Db>(
  db: Database<Db>,
  reader: Reader<Db>,
  schema: string,
  envelopes: readonly unknown[],
): Promise<Left> {
  const reading = { reader, keys: testKeys, log: openLog("test", "silent") };
  const told = JSON.stringify(envelopes);
  try {
    await db.withTx(system(`${reader.kind}:${reader.name}`), async (tx) => {
      for (const [index, envelope] of envelopes.entries()) {
        const met: Met = { position: index + 1, item: 0, epoch: 1, body: JSON.stringify(envelope) };
        await sql`savepoint step`.execute(tx);
        try {
          await applyEvent(tx, reading, met);
        } catch (error) {
          await sql`rollback to savepoint step`.execute(tx);
          await park(tx, parkedEvent(reading, met, "parked", error));
        }
      }
      const tables = known.get(db) ?? tablesOf(tx, schema);
      known.set(db, tables);
      throw new Enough(await readLeft(tx, await tables, told));
    });
  } catch (error) {
    if (error instanceof Enough) return error.left;
    throw error;
  }
  throw new Error("unreachable: the transaction always ends by being rolled back");
}

/** A column as it is compared. What is sealed differs at each sealing, so that only its length tells whether it holds the same. */
const shown = (column: string) => {
  const start = currentSealStart(testKeys).toString("hex");
  return sql`case when left(${sql.ref(column)}::text, ${start.length + 2}) = ${`\\x${start}`}
    then 'sealed, ' || length(${sql.ref(column)}::text) else ${sql.ref(column)}::text end as ${sql.ref(column)}`;
};

/** `always`: read each time, whoever wrote: it holds rows before any event does, or is made of parts that are counted apart. */
type Tables = { name: string; columns: string[]; always: boolean }[];
/** What a database's tables are; they stay the same while readers are tried on it. */
const known = new WeakMap<object, Promise<Tables>>();

async function tablesOf<Db>(tx: Tx<Db>, schema: string): Promise<Tables> {
  // Numbers that the database counts up by itself differ from run to run.
  const { rows } = await sql<Tables[number]>`
    select format('%I.%I', table_schema, table_name) as name, array_agg(column_name::text order by ordinal_position) as columns,
      exists (select from pg_class k where k.oid = format('%I.%I', table_schema, table_name)::regclass and k.relkind = 'p') as always
    from information_schema.columns c join information_schema.tables using (table_schema, table_name)
    where table_type = 'BASE TABLE' and is_identity = 'NO' and coalesce(column_default, '') not like 'nextval(%'
      and (table_schema = ${schema} or (table_schema = 'kit' and table_name in ('deadline', 'posting', 'review_step')))
      and has_table_privilege(format('%I.%I', table_schema, table_name), 'select')
    group by 1, table_schema, table_name`.execute(tx);
  for (const table of rows) {
    const filled = await sql`select from ${sql.raw(table.name)} limit 1`.execute(tx);
    table.always ||= filled.rows.length > 0;
  }
  return rows;
}

/** Tables this transaction has written to, undone or not. */
async function writtenIn<Db>(tx: Tx<Db>): Promise<Set<string>> {
  const { rows } = await sql<{ name: string }>`select format('%I.%I', schemaname, relname) as name from pg_stat_xact_all_tables
    where n_tup_ins + n_tup_upd + n_tup_del > 0`.execute(tx);
  return new Set(rows.map(({ name }) => name));
}

async function readLeft<Db>(tx: Tx<Db>, tables: Tables, told: string): Promise<Left> {
  // To read a hundred empty tables takes a hundred times as long as to ask which were written to.
  const written = await writtenIn(tx);
  const looked = tables.filter(({ name, always }) => always || written.has(name));
  const parts = looked.map(
    ({ name, columns }) =>
      sql`select ${name} || ' ' || row_to_json(r)::text as row from (select ${sql.join(columns.map(shown))} from ${sql.raw(name)}) r`,
  );
  const found = parts.length === 0 ? [] : (await sql<{ row: string }>`${sql.join(parts, sql` union all `)}`.execute(tx)).rows;
  const rows = found.map(({ row }) => plain(row, told));
  const sent = await sql<{
    event: string;
  }>`select subject || ' ' || version || ' ' || (envelope::json ->> 'data') as event from kit.outbox`.execute(tx);
  const parked = await sql<{ error: string }>`select error from kit.dead_letter order by position`.execute(tx);
  return {
    rows: rows.sort(),
    sent: sent.rows.map(({ event }) => plain(event, told)).sort(),
    parked: parked.rows.map(({ error }) => error),
  };
}

const madeByItself = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?/g;
const plain = (text: string, told: string): string => text.replace(madeByItself, (made) => (told.includes(made) ? made : "…"));
