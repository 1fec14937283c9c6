import { type BusinessDate, brokenConstraint, type Keys, type Tx } from "@shouwang/service-kit";
import { type Selectable, sql } from "kysely";
import type { DB, MonitoringJoinRequest } from "../db.ts";
import type { CheckedMember } from "../household/decide.ts";
import { insertMembers } from "../household/person-store.ts";
import type { Household } from "../household/store.ts";

/** Stores somebody the region does not know yet. @returns false when the number is known, in whatever area; nothing is stored then */
export async function insertUnknown(
  tx: Tx<DB>,
  keys: Keys,
  household: Household,
  member: CheckedMember & { id: string },
  since: BusinessDate,
): Promise<boolean> {
  await sql`savepoint new_member`.execute(tx);
  try {
    await insertMembers(tx, keys, household, [member], since);
    await sql`release savepoint new_member`.execute(tx);
    return true;
  } catch (error) {
    if (brokenConstraint(error) !== "person_identity") throw error;
    await sql`rollback to savepoint new_member`.execute(tx);
    return false;
  }
}

export type JoinRequest = {
  id: string;
  householdId: string;
  region: string;
  identityIndex: Buffer;
  relation: string;
  because: string;
  on: string;
  source: string;
  document: string | null;
  askedBy: string;
  askedAt: Date;
  status: "checking" | "joined" | "refused";
  refusedBecause: string | null;
  personId: string | null;
};

const fromRow = (row: Selectable<MonitoringJoinRequest>): JoinRequest => ({
  id: row.id,
  householdId: row.household_id,
  region: row.region,
  identityIndex: row.identity_index,
  relation: row.relation,
  because: row.because,
  on: row.on_date,
  source: row.source,
  document: row.document,
  askedBy: row.asked_by,
  askedAt: row.asked_at,
  // Safe: a check constraint holds the column to the union.
  status: row.status as JoinRequest["status"],
  refusedBecause: row.refused_because,
  personId: row.person_id,
});

export async function insertJoinRequest(tx: Tx<DB>, request: JoinRequest): Promise<void> {
  await tx
    .insertInto("monitoring.join_request")
    .values({
      id: request.id,
      household_id: request.householdId,
      region: request.region,
      identity_index: request.identityIndex,
      relation: request.relation,
      because: request.because,
      on_date: request.on,
      source: request.source,
      document: request.document,
      asked_by: request.askedBy,
      asked_at: request.askedAt,
      status: request.status,
    })
    .execute();
}

export async function findJoinRequest(tx: Tx<DB>, id: string): Promise<JoinRequest | undefined> {
  const row = await tx.selectFrom("monitoring.join_request").selectAll().where("id", "=", id).executeTakeFirst();
  return row && fromRow(row);
}

export async function joinRequestsOf(tx: Tx<DB>, householdId: string): Promise<JoinRequest[]> {
  const rows = await tx
    .selectFrom("monitoring.join_request")
    .selectAll()
    .where("household_id", "=", householdId)
    .orderBy("id", "desc")
    .execute();
  return rows.map(fromRow);
}

/** Answers a request; one that was answered stays as it was. */
export async function answerJoinRequest(
  tx: Tx<DB>,
  id: string,
  answer: { status: "joined" | "refused"; personId?: string; because?: string; at: Date },
): Promise<void> {
  await tx
    .updateTable("monitoring.join_request")
    .set({
      status: answer.status,
      person_id: answer.personId ?? null,
      refused_because: answer.because ?? null,
      answered_at: answer.at,
    })
    .where("id", "=", id)
    .where("status", "=", "checking")
    .execute();
}
