import { province } from "@shouwang/regions";
import { sql } from "kysely";
import type { AuditEntry } from "./audit.ts";
import { addMonths, startOfDay } from "./calendar.ts";
import type { Executor } from "./database.ts";
import type { Schedule } from "./declare.ts";
import type { KeptFor } from "./kept-for.ts";
import { parameterFor } from "./parameter.ts";
import { forgetReveals } from "./rate-limit.ts";

/** Rows one run takes of each kind; where there are more, it runs again at once. */
const most = 1_000;

type Term = { what: string; forget(tx: Executor): Promise<number> };

/** What is written in an objection, from its answer on. */
const objections = <Db>(): KeptFor<Db> => ({
  what: "words of objections",
  months: "posting.objectionKeepMonths",
  forget: async ({ tx, before, most: limit }) =>
    countOf(
      await sql`update kit.objection set content = null where id in
        (select id from kit.objection where content is not null and answered_at < ${before} limit ${limit})`.execute(tx),
    ),
});

const terms: readonly Term[] = [
  { what: "request keys after 7 days", forget: forgetRequestKeys },
  { what: "counts of reveals after 7 days", forget: forgetReveals },
  { what: "files past their last day", forget: forgetFiles },
  { what: "replayed dead letters after 90 days", forget: forgetReplayed },
  { what: "contents of skipped dead letters after 90 days", forget: emptySkipped },
  { what: "items of bulk commands a year after they ended", forget: forgetBulkItems },
  { what: "private messages that left their stream by age", forget: forgetMessages },
  { what: "chunks of jobs done a year ago, summed up into one", forget: sumUpChunks },
];

/** Forgets what is past its term, every hour: the kit's own, and the department's. Each run that took something away is one audit entry a kind, with how many. */
export function retentionSchedule<Db>(kept: readonly KeptFor<Db>[] = []): Schedule<Db> {
  const region = province().code;
  return {
    name: "retention",
    everyMs: 3_600_000,
    run: async ({ tx, today }) => {
      const audit: AuditEntry[] = [];
      let more = false;
      const note = (gone: number, what: string) => {
        more ||= gone >= most;
        if (gone > 0) audit.push({ action: "forget", entity: "retention", entityId: what, region, purpose: `${gone} ${what}` });
      };
      for (const { what, forget } of terms) note(await forget(tx), what);
      for (const { what, months, forget } of [objections<Db>(), ...kept]) {
        const { value } = await parameterFor(tx, months, region, today);
        note(await forget({ tx, before: startOfDay(addMonths(today, -value)), most, today }), `${what} after ${value} months`);
      }
      return { audit, more };
    },
  };
}

const countOf = (result: { numAffectedRows?: bigint }): number => Number(result.numAffectedRows ?? 0n);

async function forgetRequestKeys(tx: Executor): Promise<number> {
  return countOf(
    await sql`delete from kit.idempotency where (issuer, subject, route, key) in
      (select issuer, subject, route, key from kit.idempotency where created_at < clock_timestamp() - interval '7 days' limit ${most})`.execute(
      tx,
    ),
  );
}

async function forgetFiles(tx: Executor): Promise<number> {
  return countOf(
    await sql`delete from kit.file where id in (select id from kit.file where expires_on < kit.today() order by expires_on limit ${most})`.execute(
      tx,
    ),
  );
}

async function forgetReplayed(tx: Executor): Promise<number> {
  return countOf(
    await sql`delete from kit.dead_letter where id in
      (select id from kit.dead_letter where state = 'replayed' and settled_at < clock_timestamp() - interval '90 days' limit ${most})`.execute(
      tx,
    ),
  );
}

/** The decision itself stays: a fold from the beginning must leave that event out for ever. */
async function emptySkipped(tx: Executor): Promise<number> {
  return countOf(
    await sql`update kit.dead_letter set body = '', error = '' where id in
      (select id from kit.dead_letter where state = 'skipped' and body <> '' and settled_at < clock_timestamp() - interval '90 days' limit ${most})`.execute(
      tx,
    ),
  );
}

async function forgetBulkItems(tx: Executor): Promise<number> {
  return countOf(
    await sql`delete from kit.bulk_item where id in (select i.id from kit.job j join kit.bulk_item i on i.job_id = j.id
      where j.state in ('done', 'failed') and j.finished_at < clock_timestamp() - interval '1 year' limit ${most})`.execute(tx),
  );
}

/** The stream keeps 90 days; some more, since its clock is another than ours. */
async function forgetMessages(tx: Executor): Promise<number> {
  return countOf(
    await sql`delete from kit.private_message where sequence in
      (select sequence from kit.private_message where told_at < clock_timestamp() - interval '100 days' order by told_at limit ${most})`.execute(
      tx,
    ),
  );
}

/** A job's totals are the sum of its chunks, so the sum takes their place. @returns how many chunks went */
async function sumUpChunks(tx: Executor): Promise<number> {
  const { rows } = await sql<{
    job_id: string;
    n: number;
    chunks: number;
  }>`select c.job_id, max(c.n) as n, count(*) as chunks from kit.job_chunk c
    join kit.job j on j.id = c.job_id where j.state = 'done' and j.finished_at < clock_timestamp() - interval '1 year'
    group by c.job_id having count(*) > 1 limit 100`.execute(tx);
  for (const { job_id, n } of rows) {
    await sql`with sums as (select key, sum(value::bigint) as total from kit.job_chunk c, jsonb_each_text(c.totals) where c.job_id = ${job_id} group by key),
      gone as (delete from kit.job_chunk where job_id = ${job_id} and n < ${n})
      update kit.job_chunk set totals = (select coalesce(jsonb_object_agg(key, total), '{}') from sums) where job_id = ${job_id} and n = ${n}`.execute(
      tx,
    );
  }
  const gone = rows.reduce((sum, { chunks }) => sum + chunks - 1, 0);
  return rows.length === 100 ? Math.max(gone, most) : gone;
}
