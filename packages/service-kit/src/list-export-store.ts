import { sql } from "kysely";
import { z } from "zod";
import type { Executor } from "./database.ts";
import { type Keys, openRecord, sealRecord } from "./personal-data.ts";
import type { Principal } from "./principal.ts";

const placeOf = (jobId: string, n: number) => ({ table: "kit.export_part", id: `${jobId}/${n}` });

/** A row of a list on its way into a file. */
export const ListRow = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));

/** Keeps what a chunk of a job made for a file that a later chunk writes, sealed. */
export async function keepPart(
  tx: Executor,
  keys: Keys,
  part: { jobId: string; n: number; region: string },
  rows: readonly unknown[],
): Promise<void> {
  await sql`insert into kit.export_part (job_id, n, region, rows, content) values (${part.jobId}, ${part.n}, ${part.region}, ${rows.length},
    ${sealRecord(keys, placeOf(part.jobId, part.n), rows)})`.execute(tx);
}

/** The rows kept of a job, part by part: no more than one part is held at a time. */
export async function* keptRows<T>(tx: Executor, keys: Keys, jobId: string, row: z.ZodType<T>): AsyncGenerator<T> {
  const rowsOfPart = z.array(row);
  for (let after = -1; ; ) {
    const { rows } = await sql<{ n: number; content: Buffer }>`select n, content from kit.export_part
      where job_id = ${jobId} and n > ${after} order by n limit 1`.execute(tx);
    const part = rows[0];
    if (!part) return;
    yield* openRecord(keys, placeOf(jobId, part.n), part.content, rowsOfPart);
    after = part.n;
  }
}

export async function dropParts(tx: Executor, jobId: string): Promise<void> {
  await sql`delete from kit.export_part where job_id = ${jobId}`.execute(tx);
}

/** How many files of lists somebody has asked for within the last hour. */
export async function askedLately(tx: Executor, kind: string, actor: Principal): Promise<number> {
  const { rows } = await sql<{
    n: number;
  }>`select count(*) as n from kit.job where kind = ${kind} and created_at > clock_timestamp() - interval '1 hour'
    and principal ->> 'issuer' = ${actor.issuer} and principal ->> 'subject' = ${actor.subject}`.execute(tx);
  return rows[0]?.n ?? 0;
}
