import { type EventDefinition, streamOf, subjectOf } from "@shouwang/contract";
import { province } from "@shouwang/regions";
import { sql } from "kysely";
import { z } from "zod";
import { type AuditRow, genesis, link } from "./audit.ts";
import type { Bus } from "./bus.ts";
import type { Executor } from "./database.ts";

/** Heads of the chain as they were published, by how many entries were sealed then. */
export type Heads = ReadonlyMap<number, string>;

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
 * @param onBus the heads as the bus holds them: whoever may change the database can take them out of its outbox as well, but not out of what others have read
 */
export async function verifyAudit(tx: Executor, graceMs = 5_000, onBus: Heads = new Map()): Promise<AuditVerification> {
  let previous: Buffer = genesis;
  let last = 0;
  const published = [await headsInOutbox(tx), onBus];
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
      const hash = row.hash.toString("hex");
      if (published.some((heads) => (heads.get(row.seq) ?? hash) !== hash))
        return { ok: false, entries: last, firstBad: { seq: row.seq, auditId: row.audit_id, because: "not-as-published" } };
      previous = expected;
      last = row.seq;
    }
    if (rows.length < 5_000) break;
  }
  // Whoever takes the newest entries away with their seals leaves a chain that is whole, and shorter than what was published.
  if (published.some((heads) => Math.max(0, ...heads.keys()) > last))
    return { ok: false, entries: last, firstBad: { seq: last + 1, because: "removed" } };
  const { rows: loose } = await sql<{
    id: number;
  }>`select a.id from kit.audit a where not exists (select from kit.audit_seal s where s.audit_id = a.id)
    and (a.sealed or a.at < clock_timestamp() - ${graceMs} * interval '1 millisecond') order by a.id limit 1`.execute(tx);
  const first = loose[0];
  if (first) return { ok: false, entries: last, firstBad: { auditId: first.id, because: "unsealed" } };
  return { ok: true, entries: last, head: previous.toString("hex") };
}

const Head = z.object({ data: z.object({ sealed: z.int(), head: z.string() }) });
const headsOf = (envelopes: readonly string[]): Heads =>
  new Map(
    envelopes.flatMap((envelope) => {
      const head = Head.safeParse(JSON.parse(envelope));
      return head.success ? [[head.data.data.sealed, head.data.data.head] as const] : [];
    }),
  );

async function headsInOutbox(tx: Executor): Promise<Heads> {
  const { rows } = await sql<{ envelope: string }>`select envelope from kit.outbox where entity = 'audit'`.execute(tx);
  return headsOf(rows.map(({ envelope }) => envelope));
}

/** The heads that stand in the department's own stream. Throws when the bus does not answer. */
export async function headsOnBus({ js }: Bus, auditHead: EventDefinition): Promise<Heads> {
  const consumer = await js.consumers.get(streamOf(auditHead.service), {
    filter_subjects: subjectOf(auditHead.type, province().code),
  });
  const envelopes: string[] = [];
  for (let left = (await consumer.info()).num_pending; left > 0; ) {
    const messages = await consumer.fetch({ max_messages: Math.min(left, 1_000), expires: 5_000 });
    const before = envelopes.length;
    for await (const message of messages) envelopes.push(message.string());
    if (envelopes.length === before) throw new Error("the stream does not hand its heads over");
    left -= envelopes.length - before;
  }
  return headsOf(envelopes);
}
