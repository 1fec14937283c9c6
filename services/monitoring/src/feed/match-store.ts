import type { KeptFor, ReceivedList, Tx } from "@shouwang/service-kit";
import { type Selectable, sql } from "kysely";
import type { DB, MonitoringFeedMatch } from "../db.ts";
import type { ReadRow } from "./store.ts";

/** A row that fits members by name, birth date and village, and whose number fits nobody: somebody says which, or that it is none. */
export type FeedMatch = Selectable<MonitoringFeedMatch>;
export type NewMatch = ReadRow & { candidates: readonly string[]; village: string };

/** Keeps rows for somebody to confirm; one that is there already, decided or not, stays. @returns how many are new */
export async function insertMatches(tx: Tx<DB>, feed: ReceivedList, rows: readonly NewMatch[]): Promise<number> {
  if (rows.length === 0) return 0;
  const result = await tx
    .insertInto("monitoring.feed_match")
    .values(
      rows.map((row) => ({
        id: row.recordId,
        feed_id: feed.id,
        line: row.line,
        department: feed.department,
        document: feed.document,
        data_date: feed.dataDate,
        layout: feed.kind,
        region: row.village,
        candidates: [...row.candidates],
        day: row.day,
        code: row.code,
        amount_fen: row.amountFen,
        total_fen: row.totalFen,
        record_index: row.recordIndex,
        secret: row.secret,
      })),
    )
    .onConflict((conflict) => conflict.constraint("feed_match_once").doNothing())
    .executeTakeFirst();
  return Number(result.numInsertedOrUpdatedRows ?? 0);
}

/** Matches of the caller's area in order of their id; `limit + 1` rows. */
export async function listMatches(
  tx: Tx<DB>,
  filter: { status: string; after: string | undefined; limit: number },
): Promise<FeedMatch[]> {
  let query = tx
    .selectFrom("monitoring.feed_match")
    .selectAll()
    .where("status", "=", filter.status)
    .orderBy("id")
    .limit(filter.limit + 1);
  if (filter.after) query = query.where("id", ">", filter.after);
  return await query.execute();
}

export async function lockMatch(tx: Tx<DB>, id: string): Promise<FeedMatch | undefined> {
  return await tx.selectFrom("monitoring.feed_match").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
}

export async function decideMatch(
  tx: Tx<DB>,
  id: string,
  decision: { status: "confirmed" | "dismissed"; by: string; at: Date },
): Promise<void> {
  await tx
    .updateTable("monitoring.feed_match")
    .set({ status: decision.status, decided_by: decision.by, decided_at: decision.at })
    .where("id", "=", id)
    .execute();
}

/** Candidates as they are shown: masked. */
export async function candidatesOf(
  tx: Tx<DB>,
  personIds: readonly string[],
): Promise<Map<string, { householdId: string; name: string; identityNumber: string }>> {
  const { rows } = await sql<{
    id: string;
    household_id: string;
    name_mask: string;
    identity_mask: string;
  }>`select id, household_id, name_mask, identity_mask
    from monitoring.person where id = any(${[...personIds]}::uuid[]) and household_id is not null`.execute(tx);
  return new Map(
    rows.map((row) => [row.id, { householdId: row.household_id, name: row.name_mask, identityNumber: row.identity_mask }]),
  );
}

/** M-01: what a list said of somebody, from the day on which a person decided whom it is about. What was confirmed stands with the record it became. */
export const decidedMatches: KeptFor<DB> = {
  what: "rows of lists that were matched by hand",
  months: "feed.matchKeepMonths",
  forget: async ({ tx, before, most }) => {
    const { numAffectedRows } = await sql`update monitoring.feed_match set secret = null where id in
      (select id from monitoring.feed_match where secret is not null and decided_at < ${before} limit ${most})`.execute(tx);
    return Number(numAffectedRows ?? 0n);
  },
};
