import type { EventDraft } from "@shouwang/contract";
import { province } from "@shouwang/regions";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { type AuditEntry, writeAudit } from "./audit.ts";
import { pause } from "./bus.ts";
import { businessDate } from "./calendar.ts";
import { businessNow } from "./clock.ts";
import type { Database, Executor } from "./database.ts";
import { type Deadline, markOverdue } from "./deadline.ts";
import type { Schedule, Service } from "./declare.ts";
import { indicatorSchedule } from "./indicator-job.ts";
import type { Log } from "./log.ts";
import { appendEvents } from "./outbox.ts";
import type { Keys } from "./personal-data.ts";
import { system } from "./principal.ts";
import { retentionSchedule } from "./retention.ts";
import { tellRounds } from "./round.ts";

/**
 * Runs the service's schedules. Each run is one transaction under an advisory lock, so several instances never run one at once; a schedule with a slot
 * ("2022-08") notes the slot in that transaction and therefore runs once for it, whatever is restarted.
 */
export function startSchedules<Db>(options: {
  db: Database<Db>;
  schedules: readonly Schedule<Db>[];
  keys: Keys;
  log: Log;
  afterCommit: () => void;
}): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const running = options.schedules.map(async (schedule) => {
    while (!stopping.signal.aborted) {
      let more = false;
      try {
        more = await runOnce(options, schedule);
      } catch (error) {
        options.log.warn({ error, schedule: schedule.name }, "schedule failed; it runs again");
      }
      if (!more) await pause(schedule.everyMs, stopping.signal);
    }
  });
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

async function runOnce<Db>(
  options: { db: Database<Db>; keys: Keys; afterCommit: () => void },
  schedule: Schedule<Db>,
): Promise<boolean> {
  const actor = system(`schedule:${schedule.name}`);
  const outcome = await options.db.withTx(actor, async (tx) => {
    const lock = await sql<{
      mine: boolean;
    }>`select pg_try_advisory_xact_lock(hashtextextended(${`schedule ${schedule.name}`}, 0)) as mine`.execute(tx);
    if (!lock.rows[0]?.mine) return { more: false, emitted: false };
    const now = await businessNow(tx);
    const slot = schedule.slot?.(now);
    // Nobody else takes the slot meanwhile: the lock is ours until the transaction ends.
    if (slot !== undefined && !(await isAhead(tx, schedule.name, slot))) return { more: false, emitted: false };
    const done = await schedule.run({ tx, now, today: businessDate(now), keys: options.keys, actor });
    if (slot !== undefined && !done.notYet)
      await sql`insert into kit.schedule (name, last_run_at, last_slot) values (${schedule.name}, ${now}, ${slot})
        on conflict (name) do update set last_run_at = excluded.last_run_at, last_slot = excluded.last_slot`.execute(tx);
    const audit: readonly AuditEntry[] = done.audit ?? [];
    await appendEvents(tx, actor, done.events ?? []);
    await writeAudit(tx, options.keys, actor, audit);
    return { more: done.more ?? false, emitted: (done.events ?? []).length > 0 };
  });
  if (outcome.emitted) options.afterCommit();
  return outcome.more;
}

const isAhead = async (tx: Executor, name: string, slot: string): Promise<boolean> =>
  (await sql`select from kit.schedule where name = ${name} and last_slot >= ${slot}`.execute(tx)).rows.length === 0;

/** A passed deadline as it is told, or nothing where its row is none that can be told of. */
function tellOf<Db>(service: Service<Db>, deadline: Deadline): EventDraft | undefined {
  try {
    return service.deadlineOverdue.of(deadline.id, deadline.version, deadline.region, {
      deadlineId: deadline.id,
      kind: deadline.kind,
      clause: deadline.clause,
      about: deadline.entity,
      aboutId: deadline.entityId,
      region: deadline.region,
      dueAt: deadline.dueAt.toISOString(),
      open: 1,
    });
  } catch (error) {
    if (error instanceof z.ZodError) return undefined;
    throw error;
  }
}

/** What every department's service does by itself: tells of deadlines and rounds that passed, publishes the head of its audit chain each hour, forgets what is past its term. */
export function kitSchedules<Db>(service: Service<Db>, counts: boolean): Schedule<Db>[] {
  return [
    ...(counts ? [indicatorSchedule<Db>()] : []),
    {
      name: "deadlines-overdue",
      everyMs: 1_000,
      run: async ({ tx }) => {
        const overdue = await markOverdue(tx, 500);
        const told = overdue.map((deadline) => ({ deadline, event: tellOf(service, deadline) }));
        const events = told.flatMap(({ event }) => event ?? []);
        // One that cannot be told of is overdue all the same, in the to-do list and in the audit; the others are told of.
        const audit = told
          .filter(({ event }) => event === undefined)
          .map(({ deadline }) => ({
            ...{ action: "deadline-not-tellable", entity: "deadline", entityId: deadline.id },
            region: deadline.region,
          }));
        return { events, audit, more: overdue.length === 500 };
      },
    },
    {
      name: "rounds-overdue",
      everyMs: 2_000,
      run: async (given) =>
        await tellRounds(
          service.slices.flatMap((slice) => slice.rounds ?? []),
          service.deadlineOverdue,
          given,
        ),
    },
    {
      name: "audit-head",
      everyMs: 60_000,
      slot: (now) => now.toISOString().slice(0, 13),
      run: async ({ tx, now }) => {
        const { rows } = await sql<{
          seq: number;
          hash: Buffer;
        }>`select seq, hash from kit.audit_seal order by seq desc limit 1`.execute(tx);
        const head = rows[0];
        if (!head) return { notYet: true };
        const auditId = uuidv7();
        const data = { auditId, sealed: head.seq, head: head.hash.toString("hex"), sealedAt: now.toISOString() };
        return { events: [service.auditHead.of(auditId, 1, province().code, data)] };
      },
    },
    retentionSchedule(service.slices.flatMap((slice) => slice.keeps ?? [])),
  ];
}
