import type { EventDraft } from "@shouwang/contract";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { AuditEntry } from "./audit.ts";
import { writeAudit } from "./audit.ts";
import { pause } from "./bus.ts";
import { businessNow } from "./clock.ts";
import { type Database, type Executor, isOutage, type Tx } from "./database.ts";
import type { Log } from "./log.ts";
import { appendEvents } from "./outbox.ts";
import type { Keys } from "./personal-data.ts";
import { type Principal, system } from "./principal.ts";
import { inSpan } from "./telemetry.ts";

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

export type JobKind<Db> = {
  kind: string;
  /** Nobody waits for it: a chunk of any other job goes before each of its own. */
  background?: true;
  /** A chunk of it may run while another job's does, also another one of its own kind: one waits for the database while the other works. */
  beside?: true;
  run(given: {
    tx: Tx<Db>;
    jobId: string;
    region: string;
    input: unknown;
    checkpoint: unknown;
    actor: Principal;
    now: Date;
    keys: Keys;
    totals: Record<string, number>;
  }): Promise<ChunkResult>;
};

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

const maxAttempts = 5;

type Waiting = { id: string; kind: string; principal: Principal };
type Claimed = { region: string; input: unknown; checkpoint: unknown; attempts: number; n: number };

/**
 * Runs the service's jobs, one chunk after another, and those that may beside another one. A chunk's rows, events, audit rows and the checkpoint commit together, so a job that was killed
 * goes on at its checkpoint without doing anything twice. A chunk that fails five times in a row fails the job, with what it had done kept and told.
 */
export function startJobs<Db>(options: {
  db: Database<Db>;
  kinds: readonly JobKind<Db>[];
  keys: Keys;
  log: Log;
  afterCommit: () => void;
  pollMs?: number;
  /** Pause before a failed chunk is tried again; it doubles with each failure in a row. */
  retryMs?: number;
}): { wake(): void; stop(): Promise<void> } {
  const { db, log } = options;
  const kinds = new Map(options.kinds.map((kind) => [kind.kind, kind]));
  const background = options.kinds.filter((kind) => kind.background).map(({ kind }) => kind);
  const foreground = options.kinds.filter((kind) => !kind.background).map(({ kind }) => kind);
  const beside = options.kinds.filter((kind) => kind.beside).map(({ kind }) => kind);
  const stopping = new AbortController();
  let wake = new AbortController();

  const loop = async (among: readonly string[]) => {
    if (among.length === 0) return;
    while (!stopping.signal.aborted) {
      let worked = false;
      try {
        worked = await runChunk(among);
      } catch (error) {
        log.warn({ error }, "jobs wait");
      }
      if (!worked) {
        await pause(options.pollMs ?? 1_000, stopping.signal, wake.signal);
        wake = new AbortController();
      }
    }
  };

  /** Does the next chunk of the oldest waiting job that no other instance is at. */
  const runChunk = async (among: readonly string[]): Promise<boolean> => {
    const job = await db.withTx(system("jobs"), async (tx) => {
      // What nobody waits for begins only where no other job is due, nor at work in the other loop.
      const { rows } = await sql<Waiting>`select id, kind, principal from kit.job where state in ('queued', 'running')
        and kind = any(${[...among]}::text[]) and (retry_at is null or retry_at <= clock_timestamp())
        and (kind <> all(${background}::text[]) or not exists (select from kit.job other where other.state in ('queued', 'running')
          and other.kind = any(${foreground}::text[]) and (other.retry_at is null or other.retry_at <= clock_timestamp())))
        order by created_at limit 1 for update skip locked`.execute(tx);
      return rows[0];
    });
    const kind = job && kinds.get(job.kind);
    if (!job || !kind) return false;
    const startedAt = performance.now();
    let attempt = 1;
    try {
      const done = await inSpan(`job ${job.kind}`, {}, undefined, () =>
        db.withTx(job.principal, async (tx) => {
          const claimed = await claim(tx, job.id);
          if (!claimed) return false;
          attempt = claimed.attempts + 1;
          return await doChunk(tx, kind, job, claimed);
        }),
      );
      options.afterCommit();
      if (done) log.info({ job: job.kind, jobId: job.id, ms: Math.round(performance.now() - startedAt) }, "job done");
    } catch (error) {
      if (isOutage(error)) throw error;
      log.error({ error, job: job.kind, jobId: job.id, attempt }, "chunk failed");
      await noteFailure(job, attempt, error);
    }
    return true;
  };

  /** The job with its row locked for the chunk's transaction, so that two instances never work on one; undefined when another is at it or it has ended. */
  const claim = async (tx: Tx<Db>, id: string): Promise<Claimed | undefined> => {
    const { rows } = await sql<Claimed>`select region, input, checkpoint, attempts,
      (select coalesce(max(n), 0) from kit.job_chunk where job_id = ${id}) as n
      from kit.job where id = ${id} and state in ('queued', 'running') for update skip locked`.execute(tx);
    return rows[0];
  };

  /** One chunk with everything it says of itself. @returns whether the job has ended */
  const doChunk = async (tx: Tx<Db>, kind: JobKind<Db>, job: Waiting, claimed: Claimed): Promise<boolean> => {
    const chunk = await kind.run({
      tx,
      jobId: job.id,
      region: claimed.region,
      input: claimed.input,
      checkpoint: claimed.checkpoint ?? undefined,
      actor: job.principal,
      now: await businessNow(tx),
      keys: options.keys,
      totals: (await findJob(tx, job.id))?.totals ?? {},
    });
    await appendEvents(tx, job.principal, chunk.events ?? []);
    await writeAudit(tx, options.keys, job.principal, chunk.audit ?? []);
    await sql`insert into kit.job_chunk (job_id, n, totals) values (${job.id}, ${claimed.n + 1}, ${JSON.stringify(chunk.totals)}::jsonb)`.execute(
      tx,
    );
    const ended = chunk.next === undefined;
    await sql`update kit.job set checkpoint = ${ended ? null : JSON.stringify(chunk.next)}::jsonb, state = ${ended ? "done" : "running"}, attempts = 0, retry_at = null,
      result = coalesce(${chunk.result ? JSON.stringify(chunk.result) : null}::jsonb, result), finished_at = ${ended ? sql`clock_timestamp()` : null} where id = ${job.id}`.execute(
      tx,
    );
    return ended;
  };

  const noteFailure = async (job: Waiting, attempt: number, error: unknown) => {
    const failed = attempt >= maxAttempts;
    await db.withTx(job.principal, async (tx) => {
      await sql`update kit.job set attempts = ${attempt}, state = ${failed ? "failed" : "running"}, error = ${failed ? nameOf(error) : null},
        retry_at = clock_timestamp() + ${options.retryMs ?? 1_000} * interval '1 millisecond' * power(2, ${attempt - 1}::int),
        finished_at = ${failed ? sql`clock_timestamp()` : null} where id = ${job.id} and state in ('queued', 'running')`.execute(
        tx,
      );
    });
  };

  const running = Promise.all([loop([...kinds.keys()]), loop(beside)]);
  return {
    wake: () => wake.abort(),
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "unknown");
