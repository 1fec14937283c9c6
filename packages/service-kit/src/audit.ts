import { createHash } from "node:crypto";
import { canonicalize } from "json-canonicalize";
import { sql } from "kysely";
import type pg from "pg";
import { pause } from "./bus.ts";
import type { Executor } from "./database.ts";
import type { Log } from "./log.ts";
import { auditHmac, type Keys } from "./personal-data.ts";
import { actorOf, type Principal } from "./principal.ts";
import { traceId } from "./telemetry.ts";

/** What somebody did to what, and why. `changed` holds the new values of fields; only keyed HMACs of them are stored. */
export type AuditEntry = {
  action: string;
  entity: string;
  entityId: string;
  region: string;
  clause?: string | undefined;
  purpose?: string | undefined;
  changed?: Record<string, unknown> | undefined;
};

/** Writes audit rows in the transaction of what they tell of. They are chained afterwards by the sealer. */
export async function writeAudit(tx: Executor, keys: Keys, principal: Principal, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  // A bulk of entries repeats few values (grades, codes), and the fingerprint of each is worked out once.
  const known = new Map<string, string>();
  const fingerprint = (text: string): string => {
    const hmac = known.get(text) ?? auditHmac(keys, text);
    known.set(text, hmac);
    return hmac;
  };
  const hmacs = ({ changed }: AuditEntry) =>
    JSON.stringify(
      Object.fromEntries(
        Object.entries(changed ?? {}).map(([field, value]) => [field, fingerprint(JSON.stringify(value ?? null))]),
      ),
    );
  // In one statement, in order: a job's chunk has a thousand of them.
  await sql`insert into kit.audit (actor, acting_for, roles, trace_id, action, entity, entity_id, region, clause, purpose, changed)
    select ${actorOf(principal)}, ${principal.actingFor ?? null}, ${[...principal.roles]}::text[], ${traceId() ?? null}, action, entity, entity_id, region, clause, purpose, changed
    from unnest(${entries.map((entry) => entry.action)}::text[], ${entries.map((entry) => entry.entity)}::text[], ${entries.map((entry) => entry.entityId)}::text[],
      ${entries.map((entry) => entry.region)}::text[], ${entries.map((entry) => entry.clause ?? null)}::text[], ${entries.map((entry) => entry.purpose ?? null)}::text[],
      ${entries.map(hmacs)}::jsonb[]) with ordinality as row (action, entity, entity_id, region, clause, purpose, changed, n) order by n`.execute(
    tx,
  );
}

/** What the audit says of a command that names nothing for it: its events tell, or at least its name. */
export function auditOfCommand(
  route: { operation: string; clauses: readonly string[] },
  events: readonly { entity: string; entityId: string; region: string; data: Record<string, unknown> }[],
  principal: Principal,
): AuditEntry[] {
  const clause = route.clauses[0];
  const first = events[0];
  return [
    {
      action: route.operation,
      entity: first?.entity ?? "service",
      entityId: first?.entityId ?? route.operation,
      region: first?.region ?? principal.region.padEnd(12, "0"),
      ...(clause ? { clause } : {}),
      ...(first ? { changed: first.data } : {}),
    },
  ];
}

const lockKey = 0x5357_736c;
const batch = 1_000;

export type AuditRow = {
  id: number;
  at: Date;
  actor: string;
  acting_for: string | null;
  roles: string[];
  action: string;
  entity: string;
  entity_id: string;
  region: string;
  clause: string | null;
  purpose: string | null;
  trace_id: string | null;
  changed: unknown;
};
const columns = "id, at, actor, acting_for, roles, action, entity, entity_id, region, clause, purpose, trace_id, changed";

export const genesis = Buffer.alloc(32);
/** SHA-256 of the previous hash and the entry in canonical JSON (RFC 8785): any change to an entry, or one taken away, breaks every hash after it. */
export const link = (previous: Buffer, seq: number, { acting_for, ...row }: AuditRow): Buffer =>
  createHash("sha256")
    .update(previous)
    .update(canonicalize({ ...row, ...(acting_for === null ? {} : { acting_for }), at: row.at.toISOString(), seq }))
    .digest();

/**
 * Chains committed audit rows, every row within about a second. One sealer works at a time (advisory lock in the sealing transaction);
 * rows are sealed in the order in which it meets them, so a transaction that commits late is chained late, never left out.
 */
export function startSealer(pool: pg.Pool, log: Log, everyMs = 500): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const loop = async () => {
    while (!stopping.signal.aborted) {
      try {
        if ((await sealOnce(pool)) === batch) continue;
      } catch (error) {
        log.warn({ error }, "sealer waits");
      }
      await pause(everyMs, stopping.signal);
    }
  };
  const running = loop();
  return {
    stop: async () => {
      stopping.abort();
      await running;
      await sealOnce(pool).catch((error) => log.warn({ error }, "last sealing failed; the next start seals"));
    },
  };
}

/** Seals up to 1,000 waiting rows. @returns how many */
export async function sealOnce(pool: pg.Pool): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    const lock = await client.query<{ mine: boolean }>("select pg_try_advisory_xact_lock($1) as mine", [lockKey]);
    const waiting = lock.rows[0]?.mine
      ? (await client.query<AuditRow>(`select ${columns} from kit.audit where not sealed order by id limit ${batch}`)).rows
      : [];
    if (waiting.length > 0) {
      const head = (
        await client.query<{ seq: number; hash: Buffer }>("select seq, hash from kit.audit_seal order by seq desc limit 1")
      ).rows[0];
      let previous = head?.hash ?? genesis;
      const seals = waiting.map((row, index) => {
        const seq = (head?.seq ?? 0) + index + 1;
        previous = link(previous, seq, row);
        return { seq, auditId: row.id, hash: previous };
      });
      await client.query(
        "insert into kit.audit_seal (seq, audit_id, hash) select * from unnest($1::bigint[], $2::bigint[], $3::bytea[])",
        [seals.map((seal) => seal.seq), seals.map((seal) => seal.auditId), seals.map((seal) => seal.hash)],
      );
      await client.query("update kit.audit set sealed = true where id = any($1::bigint[])", [waiting.map((row) => row.id)]);
    }
    await client.query("commit");
    return waiting.length;
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}
