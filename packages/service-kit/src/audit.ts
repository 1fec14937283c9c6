import { createHash } from "node:crypto";
import { canonicalize } from "json-canonicalize";
import { sql } from "kysely";
import type pg from "pg";
import { z } from "zod";
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

type AuditRow = {
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

const genesis = Buffer.alloc(32);
/** SHA-256 of the previous hash and the entry in canonical JSON (RFC 8785): any change to an entry, or one taken away, breaks every hash after it. */
const link = (previous: Buffer, seq: number, { acting_for, ...row }: AuditRow): Buffer =>
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

export type AuditVerification =
  | { ok: true; entries: number; head: string }
  | {
      ok: false;
      entries: number;
      firstBad: {
        seq?: number;
        auditId?: number;
        because: "changed" | "removed" | "out-of-order" | "unsealed" | "not-as-published";
      };
    };

/**
 * Walks the whole chain and says whether every entry is as it was sealed, and the chain as its heads were published; else names the first that was changed,
 * removed or put in unsealed, or from which on the chain was made anew.
 * Rows younger than `graceMs` may still be unsealed; one that says it is sealed and stands in no chain is bad at any age.
 */
export async function verifyAudit(tx: Executor, graceMs = 5_000): Promise<AuditVerification> {
  let previous: Buffer = genesis;
  let last = 0;
  const heads = await publishedHeads(tx);
  for (;;) {
    const { rows } = await sql<AuditRow & { seq: number; audit_id: number; hash: Buffer }>`select s.seq, s.audit_id, s.hash, a.*
      from kit.audit_seal s left join kit.audit a on a.id = s.audit_id where s.seq > ${last} order by s.seq limit 5000`.execute(
      tx,
    );
    for (const row of rows) {
      if (row.seq !== last + 1)
        return { ok: false, entries: last, firstBad: { seq: last + 1, auditId: row.audit_id, because: "out-of-order" } };
      if (row.id === null)
        return { ok: false, entries: last, firstBad: { seq: row.seq, auditId: row.audit_id, because: "removed" } };
      const { id, at, actor, acting_for, roles, action, entity, entity_id, region, clause, purpose, trace_id, changed } = row;
      const expected = link(previous, row.seq, {
        id,
        at,
        actor,
        acting_for,
        roles,
        action,
        entity,
        entity_id,
        region,
        clause,
        purpose,
        trace_id,
        changed,
      });
      if (!expected.equals(row.hash))
        return { ok: false, entries: last, firstBad: { seq: row.seq, auditId: row.audit_id, because: "changed" } };
      const head = heads.get(row.seq);
      if (head !== undefined && head !== row.hash.toString("hex"))
        return { ok: false, entries: last, firstBad: { seq: row.seq, auditId: row.audit_id, because: "not-as-published" } };
      previous = expected;
      last = row.seq;
    }
    if (rows.length < 5_000) break;
  }
  // Whoever takes the newest entries away with their seals leaves a chain that is whole, and shorter than what was published.
  if (Math.max(0, ...heads.keys()) > last) return { ok: false, entries: last, firstBad: { seq: last + 1, because: "removed" } };
  const { rows: loose } = await sql<{
    id: number;
  }>`select a.id from kit.audit a where not exists (select from kit.audit_seal s where s.audit_id = a.id)
    and (a.sealed or a.at < clock_timestamp() - ${graceMs} * interval '1 millisecond') order by a.id limit 1`.execute(tx);
  const first = loose[0];
  if (first) return { ok: false, entries: last, firstBad: { auditId: first.id, because: "unsealed" } };
  return { ok: true, entries: last, head: previous.toString("hex") };
}

const Head = z.object({ data: z.object({ sealed: z.int(), head: z.string() }) });

/** The heads this department has published, by how many entries were sealed then. */
async function publishedHeads(tx: Executor): Promise<Map<number, string>> {
  const { rows } = await sql<{ envelope: string }>`select envelope from kit.outbox where entity = 'audit'`.execute(tx);
  return new Map(
    rows.flatMap(({ envelope }) => {
      const head = Head.safeParse(JSON.parse(envelope));
      return head.success ? [[head.data.data.sealed, head.data.data.head] as const] : [];
    }),
  );
}
