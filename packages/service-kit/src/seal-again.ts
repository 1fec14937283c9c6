import { sql } from "kysely";
import type { Executor } from "./database.ts";
import { placeOfLetter } from "./dead-letter.ts";
import { currentSealStart, type Keys, PersonalDataError, sealAgain } from "./personal-data.ts";
import type { SealedColumn } from "./sealed-column.ts";

/** What one chunk of a rotation did; `last` is the id it went through last, undefined when there were no more. */
type SealedAgain = { last: string | undefined; sealedAgain: number; unreadable: number };

/** One place where sealed content is kept, gone through in order of its ids. */
export type RotationStep = {
  name: string;
  /** Seals the next rows that are under an older key again. @param after the id gone through last, empty before the first */
  sealNext(tx: Executor, keys: Keys, after: string): Promise<SealedAgain>;
  countOlder(tx: Executor, keys: Keys): Promise<number>;
};

/** The most rows, and bytes of them, one chunk seals again. */
const chunkRows = 500;
const chunkBytes = 8_388_608;
const beforeAny = "00000000-0000-0000-0000-000000000000";

/** A declared column of records or files. */
export function columnStep(of: SealedColumn): RotationStep {
  const [id, bytes, table] = [sql.ref(of.id), sql.ref(of.column), sql.table(of.table)];
  const isOlder = (keys: Keys) => {
    const start = currentSealStart(keys);
    return sql`${bytes} is not null and substring(${bytes} from 1 for ${start.length}) <> ${start}`;
  };
  return {
    name: `${of.table}.${of.column}`,
    sealNext: async (tx, keys, begun) => {
      const after = begun === "" ? beforeAny : begun;
      const weighed = await sql<{ id: string; bytes: number }>`select ${id} as id, octet_length(${bytes}) as bytes from ${table}
        where ${id} > ${after}::uuid and ${isOlder(keys)} order by ${id} limit ${chunkRows}`.execute(tx);
      let weight = 0;
      const taken = weighed.rows.filter((row, index) => {
        weight += row.bytes;
        return index === 0 || weight <= chunkBytes;
      });
      const last = taken.at(-1)?.id;
      if (last === undefined) return { last, sealedAgain: 0, unreadable: 0 };
      // Locked, so that what somebody writes meanwhile is neither lost nor overtaken; what they sealed anew is older no more.
      const { rows } = await sql<{ id: string; sealed: Buffer }>`select ${id} as id, ${bytes} as sealed from ${table}
        where ${id} > ${after}::uuid and ${id} <= ${last}::uuid and ${isOlder(keys)} order by ${id} for update`.execute(tx);
      const again = rows.flatMap((row) => {
        const place = of.kind === "file" ? { file: row.id } : { table: of.place ?? of.table, id: row.id };
        const sealed = sealedAnew(keys, place, row.sealed);
        return sealed ? [{ id: row.id, sealed }] : [];
      });
      const done = await sql`update ${table} as t set ${bytes} = again.sealed
        from unnest(${again.map((row) => row.id)}::uuid[], ${again.map((row) => row.sealed)}::bytea[]) as again (row_id, sealed)
        where t.${id} = again.row_id`.execute(tx);
      return { last, sealedAgain: Number(done.numAffectedRows ?? 0n), unreadable: rows.length - again.length };
    },
    countOlder: async (tx, keys) => {
      const { rows } = await sql<{ n: number }>`select count(*) as n from ${table} where ${isOlder(keys)}`.execute(tx);
      return rows[0]?.n ?? 0;
    },
  };
}

type Letter = { id: number; reader: string; source: string; epoch: number; position: number; item: number; body: string };

/** Private events put aside by these readers, which keep them sealed, as text. */
export function letterStep(readers: readonly string[]): RotationStep {
  const isOlder = (keys: Keys) => {
    const start = currentSealStart(keys);
    return sql`reader = any(${[...readers]}::text[]) and body <> '' and substring(decode(body, 'base64') from 1 for ${start.length}) <> ${start}`;
  };
  return {
    name: "kit.dead_letter.body",
    sealNext: async (tx, keys, after) => {
      const { rows } = await sql<Letter>`select id, reader, source, epoch, position, item, body from kit.dead_letter
        where id > ${after === "" ? 0 : Number(after)} and ${isOlder(keys)} order by id limit ${chunkRows} for update`.execute(
        tx,
      );
      const again = rows.flatMap((row) => {
        const sealed = sealedAnew(keys, placeOfLetter(row), Buffer.from(row.body, "base64"));
        return sealed ? [{ id: row.id, body: sealed.toString("base64") }] : [];
      });
      await sql`update kit.dead_letter as l set body = again.body
        from unnest(${again.map((row) => row.id)}::bigint[], ${again.map((row) => row.body)}::text[]) as again (row_id, body)
        where l.id = again.row_id`.execute(tx);
      return { last: rows.at(-1)?.id.toString(), sealedAgain: again.length, unreadable: rows.length - again.length };
    },
    countOlder: async (tx, keys) => {
      const { rows } = await sql<{ n: number }>`select count(*) as n from kit.dead_letter where ${isOlder(keys)}`.execute(tx);
      return rows[0]?.n ?? 0;
    },
  };
}

/** Undefined when it cannot be opened: its key is gone, or it was tampered with. */
function sealedAnew(keys: Keys, place: Parameters<typeof sealAgain>[1], sealed: Buffer): Buffer | undefined {
  try {
    return sealAgain(keys, place, sealed);
  } catch (error) {
    if (error instanceof PersonalDataError) return undefined;
    throw error;
  }
}
