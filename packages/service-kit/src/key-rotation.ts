import { refuse } from "@shouwang/contract";
import { province } from "@shouwang/regions";
import { sql } from "kysely";
import { z } from "zod";
import type { Tx } from "./database.ts";
import { kitFor, type Route, type Service } from "./declare.ts";
import { type JobKind, requestJob } from "./job.ts";
import { currentSealStart, type Keys, PersonalDataError, sealAgain } from "./personal-data.ts";
import { system } from "./principal.ts";
import { kitSealed, type SealedColumn } from "./sealed-column.ts";

const kind = "key-rotation";
/** The most rows, and bytes of them, one chunk seals again. */
const chunkRows = 500;
const chunkBytes = 8_388_608;

const beforeAny = "00000000-0000-0000-0000-000000000000";
/** Where the rotation stands: which column of the list, and the id it went through last. */
const Place = z.object({ column: z.int(), after: z.uuid() });

/**
 * Seals everything again that is not under the current key: records and files of every column the service and the kit declare, in chunks of one column
 * each, in order of their ids. Only the sealed bytes change: no version, no time of change, no event. Keyed indexes have a key of their own, which is not
 * rotated. What cannot be opened (its key is gone, or it was tampered with) stays as it is and is counted as `unreadable`.
 */
export function keyRotationJob<Db>(service: Service<Db>): JobKind<Db> {
  const columns = [...kitSealed, ...(service.sealed ?? [])];
  return {
    kind,
    run: async ({ tx, jobId, keys, checkpoint }) => {
      const place = Place.default({ column: 0, after: beforeAny }).parse(checkpoint);
      const column = columns[place.column];
      if (!column) throw new Error("there is no such sealed column");
      const chunk = await sealChunk(tx, keys, column, place.after);
      const next = chunk.last === undefined ? { column: place.column + 1, after: beforeAny } : { ...place, after: chunk.last };
      const more = columns[next.column] !== undefined;
      const { sealedAgain, unreadable } = chunk;
      const audit = {
        action: "seal-again",
        entity: `${column.table}.${column.column}`,
        entityId: jobId,
        region: province().code,
        changed: { key: keys.current, sealedAgain, unreadable },
      };
      // What an instance with the older key file sealed behind our back is told, so that the operator asks once more.
      const result = more ? undefined : { key: keys.current, remaining: await countRemaining(tx, keys, columns) };
      return {
        totals: { sealedAgain, unreadable },
        audit: [audit],
        ...(more ? { next } : {}),
        ...(result ? { result } : {}),
      };
    },
  };
}

/** `POST /key-rotations`: an operator asks for the rotation, after the new key was made the current one in every instance's key file. */
export function keyRotationRoute<Db>(): Route<Db> {
  return kitFor<Db>().command(
    {
      method: "post",
      operation: "rotate-keys",
      path: "/key-rotations",
      summary: { zh: "用现行密钥重新加密", en: "Seal everything again under the current key" },
      allow: ["operator"],
      reply: z.object({ jobId: z.string() }),
      status: 202,
      problems: ["state-conflict"],
    },
    async ({ tx, actor, keys }) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${kind}, 0))`.execute(tx);
      const running = await sql`select from kit.job where kind = ${kind} and state in ('queued', 'running') limit 1`.execute(tx);
      if (running.rows.length > 0)
        return refuse("state-conflict", { detail: { zh: "轮换任务正在进行", en: "A rotation is under way" } });
      // The job reaches every area, whatever the operator's own.
      const jobId = await requestJob(tx, system(kind), { kind, region: actor.region.padEnd(12, "0"), input: {} });
      const region = province().code;
      return {
        reply: { jobId },
        audit: [{ action: "rotate-keys", entity: "job", entityId: jobId, region, changed: { key: keys.current } }],
      };
    },
  );
}

/** Seals the next rows of a column again. `last` is the last id it has gone through; undefined when there are no more. */
async function sealChunk<Db>(tx: Tx<Db>, keys: Keys, of: SealedColumn, after: string) {
  const [id, bytes, table] = [sql.ref(of.id), sql.ref(of.column), sql.table(of.table)];
  const older = isOlder(keys, of);
  const weighed = await sql<{ id: string; bytes: number }>`select ${id} as id, octet_length(${bytes}) as bytes from ${table}
    where ${id} > ${after}::uuid and ${older} order by ${id} limit ${chunkRows}`.execute(tx);
  let weight = 0;
  const taken = weighed.rows.filter((row, index) => {
    weight += row.bytes;
    return index === 0 || weight <= chunkBytes;
  });
  const last = taken.at(-1)?.id;
  if (last === undefined) return { last, sealedAgain: 0, unreadable: 0 };
  // Locked, so that what somebody writes meanwhile is neither lost nor overtaken; what they sealed anew is older no more.
  const { rows } = await sql<{ id: string; sealed: Buffer }>`select ${id} as id, ${bytes} as sealed from ${table}
    where ${id} > ${after}::uuid and ${id} <= ${last}::uuid and ${older} order by ${id} for update`.execute(tx);
  const again = rows.flatMap((row) => {
    try {
      const place = of.kind === "file" ? { file: row.id } : { table: of.place ?? of.table, id: row.id };
      return [{ id: row.id, sealed: sealAgain(keys, place, row.sealed) }];
    } catch (error) {
      if (error instanceof PersonalDataError) return [];
      throw error;
    }
  });
  const done = await sql`update ${table} as t set ${bytes} = again.sealed
    from unnest(${again.map((row) => row.id)}::uuid[], ${again.map((row) => row.sealed)}::bytea[]) as again (row_id, sealed)
    where t.${id} = again.row_id`.execute(tx);
  return { last, sealedAgain: Number(done.numAffectedRows ?? 0n), unreadable: rows.length - again.length };
}

const isOlder = (keys: Keys, { column }: SealedColumn) => {
  const start = currentSealStart(keys);
  return sql`${sql.ref(column)} is not null and substring(${sql.ref(column)} from 1 for ${start.length}) <> ${start}`;
};

async function countRemaining<Db>(tx: Tx<Db>, keys: Keys, columns: readonly SealedColumn[]): Promise<number> {
  let remaining = 0;
  for (const column of columns) {
    const { rows } = await sql<{
      n: number;
    }>`select count(*) as n from ${sql.table(column.table)} where ${isOlder(keys, column)}`.execute(tx);
    remaining += rows[0]?.n ?? 0;
  }
  return remaining;
}
