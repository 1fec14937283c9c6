import { problems } from "@shouwang/contract";
import { sql } from "kysely";
import { mayGoOn } from "./acting.ts";
import { writeAudit } from "./audit.ts";
import { pause } from "./bus.ts";
import { businessDate } from "./calendar.ts";
import { businessNow } from "./clock.ts";
import { type Database, isOutage, type Tx } from "./database.ts";
import { type ChunkGiven, findJob, type JobKind, type Left } from "./job.ts";
import { type Turn, takeTurn } from "./job-turn.ts";
import type { Log } from "./log.ts";
import { appendEvents } from "./outbox.ts";
import type { Keys } from "./personal-data.ts";
import { system } from "./principal.ts";
import { inSpan } from "./telemetry.ts";

const maxAttempts = 5;

type Claimed = { region: string; input: unknown; checkpoint: unknown; attempts: number; n: number };

/**
 * Runs the service's jobs, one chunk after another, and those that may beside another one; whose turn it is, `nextTurn` says. A chunk's rows, events, audit rows and
 * the checkpoint commit together, so a job that was killed goes on at its checkpoint without doing anything twice. A chunk that fails five times in a row fails the
 * job, with what it had done kept and told. Before each chunk it is asked whether the appointment somebody acts under still holds: where it has ended, so has the job.
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

  const runChunk = async (among: readonly string[]): Promise<boolean> => {
    const job = await db.withTx(system("jobs"), (tx) => takeTurn(tx, options.kinds, among));
    const kind = job && kinds.get(job.kind);
    if (!job || !kind) return false;
    const startedAt = performance.now();
    let attempt = 1;
    try {
      const ended = await inSpan(`job ${job.kind}`, {}, undefined, () =>
        db.withTx(job.principal, async (tx) => {
          const claimed = await claim(tx, job.id);
          if (!claimed) return false;
          attempt = claimed.attempts + 1;
          return await doChunk(tx, kind, job, claimed);
        }),
      );
      options.afterCommit();
      if (ended) log.info({ job: job.kind, jobId: job.id, ms: Math.round(performance.now() - startedAt) }, ended);
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

  /** One chunk with everything it says of itself. @returns how the job has ended, if it has */
  const doChunk = async (
    tx: Tx<Db>,
    kind: JobKind<Db>,
    job: Turn,
    claimed: Claimed,
  ): Promise<"job done" | "job ended" | false> => {
    const given: ChunkGiven<Db> = {
      tx,
      jobId: job.id,
      region: claimed.region,
      input: claimed.input,
      checkpoint: claimed.checkpoint ?? undefined,
      actor: job.principal,
      now: await businessNow(tx),
      keys: options.keys,
      totals: (await findJob(tx, job.id))?.totals ?? {},
    };
    if (!(await mayGoOn(tx, job.principal, businessDate(given.now)))) return await leave(kind, job, claimed, given);
    const chunk = await kind.run(given);
    await appendEvents(tx, job.principal, chunk.events ?? []);
    await writeAudit(tx, options.keys, job.principal, chunk.audit ?? []);
    await keepTotals(tx, job.id, claimed.n + 1, chunk.totals);
    const ended = chunk.next === undefined;
    await sql`update kit.job set checkpoint = ${ended ? null : JSON.stringify(chunk.next)}::jsonb, state = ${ended ? "done" : "running"}, at_work = false,
      attempts = 0, retry_at = null, result = coalesce(${chunk.result ? JSON.stringify(chunk.result) : null}::jsonb, result),
      finished_at = ${ended ? sql`clock_timestamp()` : null} where id = ${job.id}`.execute(tx);
    return ended && "job done";
  };

  /** Ends a job that nobody may go on with: what is done stays done, and the job says how much that is. */
  const leave = async (kind: JobKind<Db>, job: Turn, claimed: Claimed, given: ChunkGiven<Db>): Promise<"job ended"> => {
    const { tx } = given;
    const left = await kind.leave?.(given);
    const result = { ended: endOf(left) };
    await writeAudit(tx, options.keys, job.principal, [
      { action: "end-job", entity: "job", entityId: job.id, region: claimed.region, changed: { code: notInForce, ...left } },
    ]);
    if (left?.totals) await keepTotals(tx, job.id, claimed.n + 1, left.totals);
    await sql`update kit.job set checkpoint = null, state = 'failed', error = ${notInForce}, at_work = false, retry_at = null,
      result = coalesce(result, '{}') || ${JSON.stringify(result)}::jsonb, finished_at = clock_timestamp() where id = ${job.id}`.execute(
      tx,
    );
    return "job ended";
  };

  const keepTotals = async (tx: Tx<Db>, jobId: string, n: number, totals: Record<string, number>) => {
    await sql`insert into kit.job_chunk (job_id, n, totals) values (${jobId}, ${n}, ${JSON.stringify(totals)}::jsonb)`.execute(
      tx,
    );
  };

  const noteFailure = async (job: Turn, attempt: number, error: unknown) => {
    const failed = attempt >= maxAttempts;
    await db.withTx(job.principal, async (tx) => {
      await sql`update kit.job set attempts = ${attempt}, state = ${failed ? "failed" : "running"}, error = ${failed ? nameOf(error) : null}, at_work = false,
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

const notInForce = "acting-not-in-force";
/** What a job says whose asker's appointment ended before it was through. */
function endOf(left: Left | undefined) {
  const { zh, en } = problems[notInForce];
  if (!left) return { code: notInForce, zh, en };
  const { done, left: not } = left;
  return { code: notInForce, zh: `${zh};已办${done}件,未办${not}件`, en: `${en}: ${done} done, ${not} not`, done, left: not };
}
