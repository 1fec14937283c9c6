import { province } from "@shouwang/regions";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { type AuditEntry, writeAudit } from "./audit.ts";
import { pause } from "./bus.ts";
import { businessDate } from "./calendar.ts";
import { businessNow } from "./clock.ts";
import type { Database } from "./database.ts";
import { markOverdue } from "./deadline.ts";
import type { Schedule, Service } from "./declare.ts";
import { indicatorSchedule } from "./indicator-job.ts";
import type { Log } from "./log.ts";
import { appendEvents } from "./outbox.ts";
import type { Keys } from "./personal-data.ts";
import { system } from "./principal.ts";
import { retentionSchedule } from "./retention.ts";

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
    if (schedule.slot) {
      const slot = schedule.slot(now);
      const taken =
        await sql`insert into kit.schedule as s (name, last_run_at, last_slot) values (${schedule.name}, ${now}, ${slot})
        on conflict (name) do update set last_run_at = excluded.last_run_at, last_slot = excluded.last_slot where s.last_slot < excluded.last_slot`.execute(
          tx,
        );
      if (taken.numAffectedRows !== 1n) return { more: false, emitted: false };
    }
    const done = await schedule.run({ tx, now, today: businessDate(now), keys: options.keys, actor });
    const audit: readonly AuditEntry[] = done.audit ?? [];
    await appendEvents(tx, actor, done.events ?? []);
    await writeAudit(tx, options.keys, actor, audit);
    return { more: done.more ?? false, emitted: (done.events ?? []).length > 0 };
  });
  if (outcome.emitted) options.afterCommit();
  return outcome.more;
}

/** What every department's service does by itself: tells of deadlines that passed, publishes the head of its audit chain each hour, forgets what is past its term. */
export function kitSchedules<Db>(service: Service<Db>, counts: boolean): Schedule<Db>[] {
  return [
    ...(counts ? [indicatorSchedule<Db>()] : []),
    {
      name: "deadlines-overdue",
      everyMs: 1_000,
      run: async ({ tx }) => {
        const overdue = await markOverdue(tx, 500);
        const events = overdue.map((deadline) =>
          service.deadlineOverdue.of(deadline.id, deadline.version, deadline.region, {
            deadlineId: deadline.id,
            kind: deadline.kind,
            clause: deadline.clause,
            about: deadline.entity,
            aboutId: deadline.entityId,
            region: deadline.region,
            dueAt: deadline.dueAt.toISOString(),
            open: 1,
          }),
        );
        return { events, more: overdue.length === 500 };
      },
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
        if (!head) return {};
        const auditId = uuidv7();
        const data = { auditId, sealed: head.seq, head: head.hash.toString("hex"), sealedAt: now.toISOString() };
        return { events: [service.auditHead.of(auditId, 1, province().code, data)] };
      },
    },
    retentionSchedule<Db>(),
  ];
}
