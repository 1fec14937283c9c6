import { type Keys, openRecord, sealRecord, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import { z } from "zod";
import type { DB } from "../db.ts";
import type { factsOf } from "./amendment-decide.ts";
import type { Visit } from "./decide.ts";
import { findVisits } from "./store.ts";

type Facts = ReturnType<typeof factsOf>;
export type Amendment = {
  id: string;
  visitId: string;
  visitedOn: string;
  householdId: string;
  kind: "changed" | "withdrawn" | "added";
  original: Facts | null;
  afterLock: boolean;
  amendedAt: Date;
};

const placeOf = (id: string) => ({ table: "monitoring.visit_amendment", id });
const Reason = z.object({ reason: z.string() });

/** The visit of an id, whatever its month. */
export const findVisit = async (tx: Tx<DB>, id: string): Promise<Visit | undefined> =>
  (await findVisits(tx, [id], { first: "2000-01", last: "2100-12" })).get(id);

/** Writes what an amendment changed; the visit stays in its partition. */
export async function saveAmended(tx: Tx<DB>, before: Visit, after: Visit): Promise<void> {
  await sql`update monitoring.visit set visited_on = ${after.visitedOn}, mode = ${after.mode}, purposes = ${after.purposes}, household_away = ${after.householdAway},
      withdrawn = ${after.withdrawn}, version = ${after.version}
    where id = ${before.id} and visited_on = ${before.visitedOn}`.execute(tx);
}

/** Keeps an amendment with its reason, sealed, and the visit as it was. */
export async function insertAmendment(
  tx: Tx<DB>,
  keys: Keys,
  amendment: Amendment & { region: string },
  given: { reason: string; by: string },
): Promise<void> {
  await tx
    .insertInto("monitoring.visit_amendment")
    .values({
      id: amendment.id,
      visit_id: amendment.visitId,
      visited_on: amendment.visitedOn,
      household_id: amendment.householdId,
      region: amendment.region,
      kind: amendment.kind,
      original: amendment.original && JSON.stringify(amendment.original),
      reason: sealRecord(keys, placeOf(amendment.id), { reason: given.reason }),
      after_lock: amendment.afterLock,
      amended_by: given.by,
      amended_at: amendment.amendedAt,
    })
    .execute();
}

/** Amendments of a household's visits with their reasons opened, the earliest first. */
export async function amendmentsOf(tx: Tx<DB>, keys: Keys, householdId: string): Promise<(Amendment & { reason: string })[]> {
  const rows = await tx
    .selectFrom("monitoring.visit_amendment")
    .selectAll()
    .where("household_id", "=", householdId)
    .orderBy("amended_at")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    visitId: row.visit_id,
    visitedOn: row.visited_on,
    householdId: row.household_id,
    // Safe, here and below: a check constraint and the one writer hold these columns.
    kind: row.kind as Amendment["kind"],
    original: row.original as Facts | null,
    afterLock: row.after_lock,
    amendedAt: row.amended_at,
    reason: openRecord(keys, placeOf(row.id), row.reason, Reason).reason,
  }));
}
