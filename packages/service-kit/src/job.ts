import type { EventDraft } from "@shouwang/contract";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { AuditEntry } from "./audit.ts";
import type { Executor, Tx } from "./database.ts";
import type { Keys } from "./personal-data.ts";
import type { Principal } from "./principal.ts";

/** What one chunk of a job did: at most 1,000 rows or two seconds, in one transaction with its checkpoint. */
export type ChunkResult = {
  /** Where the next chunk goes on; undefined ends the job. */
  next?: unknown;
  /** Counts of this chunk alone; the job's totals are the sum over its chunks, so they are exact whatever was killed. */
  totals: Record<string, number>;
  events?: readonly EventDraft[];
  audit?: readonly AuditEntry[];
  /** Said once, with the last chunk: ids of what came out (an error workbook). */
  result?: Record<string, unknown>;
};

/** What a chunk is done with: one transaction under the asking person's rights, and where the job stands. */
export type ChunkGiven<Db> = {
  tx: Tx<Db>;
  jobId: string;
  region: string;
  input: unknown;
  checkpoint: unknown;
  actor: Principal;
  now: Date;
  keys: Keys;
  totals: Record<string, number>;
};

export type JobKind<Db> = {
  kind: string;
  /** Nobody waits for it: a chunk of any other job goes before each of its own. */
  background?: true;
  /** A chunk of it may run while another job's does, also another one of its own kind: one waits for the database while the other works. */
  beside?: true;
  /** So many jobs of the kind at most are begun and not ended, and take turns; the others wait for one of them to end. */
  inTurn?: number;
  run(given: ChunkGiven<Db>): Promise<ChunkResult>;
  /**
   * Called once, in place of a chunk, where whoever asked may not go on (an acting appointment has ended): how many things are done and how many are not, where the
   * kind can count them. What it marks of those left commits with the job's end, its own counts in `totals`.
   */
  leave?(given: ChunkGiven<Db>): Promise<Left | undefined>;
};

/** What a job leaves that ends before it is through. */
export type Left = { done: number; left: number; totals?: Record<string, number> };

/** Asks for long work in the caller's transaction; it runs afterwards, under the caller's own area and rights. @returns the job's id */
export async function requestJob(
  tx: Executor,
  actor: Principal,
  job: { kind: string; region: string; input: Record<string, unknown> },
): Promise<string> {
  const id = uuidv7();
  await sql`insert into kit.job (id, kind, region, principal, input) values (${id}, ${job.kind}, ${job.region}, ${JSON.stringify(actor)}::jsonb, ${JSON.stringify(job.input)}::jsonb)`.execute(
    tx,
  );
  return id;
}

export type JobView = {
  id: string;
  kind: string;
  region: string;
  state: "queued" | "running" | "done" | "failed";
  totals: Record<string, number>;
  /** How many chunks are done. */
  chunks: number;
  error: string | null;
  result: Record<string, unknown> | null;
  createdAt: Date;
  finishedAt: Date | null;
};

/** A job with its totals so far. The caller checks that its region is the reader's to see. */
export async function findJob(tx: Executor, id: string): Promise<JobView | undefined> {
  const { rows } = await sql<
    Omit<JobView, "totals"> & { totals: Record<string, number> | null }
  >`select j.id, j.kind, j.region, j.state, j.error, j.result, j.created_at as "createdAt", j.finished_at as "finishedAt",
    (select coalesce(max(n), 0) from kit.job_chunk where job_id = j.id) as chunks,
    (select jsonb_object_agg(key, total) from (select key, sum(value::bigint) as total from kit.job_chunk c, jsonb_each_text(c.totals) where c.job_id = j.id group by key) sums) as totals
    from kit.job j where j.id = ${id}`.execute(tx);
  const row = rows[0];
  return row ? { ...row, totals: row.totals ?? {} } : undefined;
}
