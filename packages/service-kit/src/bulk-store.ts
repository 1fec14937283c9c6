import type { FieldError, ProblemCode, Reason, Refusal } from "@shouwang/contract";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { BulkChoice } from "./bulk.ts";
import type { Executor } from "./database.ts";

export type BulkState = "waiting" | "succeeded" | "refused" | "skipped";

/** Why one thing was refused, as the single command would have said it. */
type Because = {
  detail?: { zh: string; en: string };
  errors?: readonly FieldError[];
  reasons?: readonly Reason[];
};
export type BulkItem = {
  id: string;
  itemId: string;
  expectedVersion: number;
  state: BulkState;
  problem: ProblemCode | null;
  because: Because | null;
  version: number | null;
  doneAt: Date | null;
};

/** What became of one thing. */
export type BulkOutcome = { state: "succeeded" | "skipped"; version: number | null } | { state: "refused"; refusal: Refusal };

/** Freezes what a bulk command is for, in the order given: ids of version 7 rise in it. */
export async function freezeItems(tx: Executor, jobId: string, region: string, items: readonly BulkChoice[]): Promise<void> {
  await sql`insert into kit.bulk_item (id, job_id, item_id, region, expected_version)
    select entry.id, ${jobId}, item_id, ${region}, version
    from unnest(${items.map(() => uuidv7())}::uuid[], ${items.map(({ id }) => id)}::uuid[], ${items.map(({ version }) => version)}::bigint[])
      as entry (id, item_id, version)`.execute(tx);
}

const columns = sql`id, item_id as "itemId", expected_version as "expectedVersion", state, problem, because, version, done_at as "doneAt"`;

/** The next things of a job that nothing was done about yet. */
export async function nextItems(tx: Executor, jobId: string, limit: number): Promise<BulkItem[]> {
  const { rows } = await sql<BulkItem>`select ${columns} from kit.bulk_item where job_id = ${jobId} and state = 'waiting'
    order by id limit ${limit}`.execute(tx);
  return rows;
}

/** The things of a job in their order, or those that ended in one way; `limit + 1` rows. */
export async function itemsOf(
  tx: Executor,
  jobId: string,
  filter: { state?: BulkState | undefined; after: string | undefined; limit: number },
): Promise<BulkItem[]> {
  const { rows } = await sql<BulkItem>`select ${columns} from kit.bulk_item where job_id = ${jobId}
    and ${filter.state === undefined ? sql`true` : sql`state = ${filter.state}`}
    and ${filter.after === undefined ? sql`true` : sql`id > ${filter.after}::uuid`} order by id limit ${filter.limit + 1}`.execute(
    tx,
  );
  return rows;
}

/** Writes what became of one thing. */
export async function saveOutcome(tx: Executor, id: string, outcome: BulkOutcome): Promise<void> {
  const refusal = outcome.state === "refused" ? outcome.refusal : undefined;
  const because: Because | null = refusal
    ? {
        ...(refusal.detail ? { detail: refusal.detail } : {}),
        ...(refusal.errors.length > 0 ? { errors: refusal.errors } : {}),
        ...(refusal.reasons.length > 0 ? { reasons: refusal.reasons } : {}),
      }
    : null;
  await sql`update kit.bulk_item set state = ${outcome.state}, problem = ${refusal?.code ?? null}, because = ${because && JSON.stringify(because)}::jsonb,
    version = ${outcome.state === "refused" ? null : outcome.version}, done_at = clock_timestamp() where id = ${id}`.execute(tx);
}

/** Refuses every thing of a job that nothing was done about yet, for one reason. @returns how many */
export async function refuseWaiting(tx: Executor, jobId: string, problem: ProblemCode): Promise<number> {
  const done = await sql`update kit.bulk_item set state = 'refused', problem = ${problem}, done_at = clock_timestamp()
    where job_id = ${jobId} and state = 'waiting'`.execute(tx);
  return Number(done.numAffectedRows ?? 0n);
}
