import type { Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import type { Sweep } from "./decide.ts";

export type Finding = {
  id: string;
  sweepId: string;
  householdId: string;
  region: string;
  kind: "risk-lead" | "suspect";
  leadId: string | null;
  doubt: string | null;
  foundOn: string;
};

/** The day a sweep met a household, at home or by a call; undefined while it has not. */
export async function metOn(tx: Tx<DB>, sweep: Sweep, householdId: string): Promise<string | undefined> {
  const { rows } = await sql<{
    day: string | null;
  }>`select max(visited_on) as day from monitoring.visit where household_id = ${householdId}
    and visited_on >= ${sweep.from}::date and visited_on <= ${sweep.until}::date and sweep_met is not null`.execute(tx);
  return rows[0]?.day ?? undefined;
}

export async function insertFinding(
  tx: Tx<DB>,
  finding: Finding,
  given: { note: Buffer | undefined; by: string; at: Date },
): Promise<void> {
  await tx
    .insertInto("monitoring.sweep_finding")
    .values({
      id: finding.id,
      sweep_id: finding.sweepId,
      household_id: finding.householdId,
      region: finding.region,
      kind: finding.kind,
      lead_id: finding.leadId,
      doubt: finding.doubt,
      note: given.note ?? null,
      found_on: finding.foundOn,
      recorded_by: given.by,
      recorded_at: given.at,
    })
    .execute();
}

/** Findings of a sweep in the caller's area in order of their id; `limit + 1` rows. */
export async function findingsOf(
  tx: Tx<DB>,
  filter: { sweepId: string; after: string | undefined; limit: number },
): Promise<Finding[]> {
  let query = tx
    .selectFrom("monitoring.sweep_finding")
    .select([
      "id",
      "sweep_id as sweepId",
      "household_id as householdId",
      "region",
      "kind",
      "lead_id as leadId",
      "doubt",
      "found_on as foundOn",
    ])
    .where("sweep_id", "=", filter.sweepId)
    .orderBy("id")
    .limit(filter.limit + 1);
  if (filter.after) query = query.where("id", ">", filter.after);
  // Safe: a check constraint holds the kind to the union.
  return (await query.execute()).map((row) => ({ ...row, kind: row.kind as Finding["kind"] }));
}
