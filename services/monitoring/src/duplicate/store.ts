import type { Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { DB } from "../db.ts";

type Pair = {
  kind: "person" | "household";
  householdId: string;
  otherHouseholdId: string;
  region: string;
  personId: string;
  otherPersonId: string;
};

/**
 * People of the caller's area who may be one with a member of these households: another number, the same sex and birth date, and a name of the same tokens,
 * which stand for the whole name without opening it. And heads of one name in one village. Pairs that were met before, whatever was decided, stay as they are.
 */
export async function noteDuplicates(tx: Tx<DB>, householdIds: readonly string[], now: Date): Promise<number> {
  const ids = [...householdIds];
  const sameName = sql`(select array_agg(t.token order by t.token) from monitoring.name_token t where t.person_id = p.id)
      = (select array_agg(t.token order by t.token) from monitoring.name_token t where t.person_id = o.id)`;
  const { rows: people } =
    await sql<Pair>`select 'person' as kind, p.household_id as "householdId", o.household_id as "otherHouseholdId", p.region,
      p.id as "personId", o.id as "otherPersonId"
    from monitoring.person p join monitoring.person o on o.birth_date = p.birth_date and o.name_mask = p.name_mask and o.sex = p.sex
      and o.id <> p.id and o.status = 'member'
    where p.household_id = any(${ids}::uuid[]) and p.status = 'member' and ${sameName}`.execute(tx);
  const { rows: heads } =
    await sql<Pair>`select 'household' as kind, p.household_id as "householdId", o.household_id as "otherHouseholdId", p.region,
      p.id as "personId", o.id as "otherPersonId"
    from monitoring.person p join monitoring.person o on o.region = p.region and o.name_mask = p.name_mask and o.relation = 'head'
      and o.id <> p.id and o.status = 'member' and o.household_id <> p.household_id
    where p.household_id = any(${ids}::uuid[]) and p.status = 'member' and p.relation = 'head' and ${sameName}`.execute(tx);
  let noted = 0;
  for (const pair of [...people, ...heads]) {
    const turned = pair.personId > pair.otherPersonId;
    const inserted = await tx
      .insertInto("monitoring.possible_duplicate")
      .values({
        id: uuidv7(),
        kind: pair.kind,
        household_id: pair.householdId,
        region: pair.region,
        other_household_id: pair.otherHouseholdId,
        person_id: turned ? pair.otherPersonId : pair.personId,
        other_person_id: turned ? pair.personId : pair.otherPersonId,
        found_at: now,
      })
      .onConflict((conflict) => conflict.constraint("possible_duplicate_once").doNothing())
      .executeTakeFirst();
    noted += Number(inserted.numInsertedOrUpdatedRows ?? 0n);
  }
  return noted;
}

export type Duplicate = {
  id: string;
  kind: "person" | "household";
  region: string;
  personId: string;
  otherPersonId: string;
  status: "open" | "same" | "different";
  foundAt: Date;
  decidedAt: Date | null;
};

const select = (tx: Tx<DB>) =>
  tx
    .selectFrom("monitoring.possible_duplicate")
    .select([
      "id",
      "kind",
      "region",
      "person_id as personId",
      "other_person_id as otherPersonId",
      "status",
      "found_at as foundAt",
      "decided_at as decidedAt",
    ])
    // Safe: check constraints hold both columns to the unions.
    .$narrowType<{ kind: Duplicate["kind"]; status: Duplicate["status"] }>();

/** Possible duplicates of an area in order of their ids; `limit + 1` rows. */
export async function listDuplicates(
  tx: Tx<DB>,
  filter: { area: { lo: string; hi: string }; status: Duplicate["status"]; after: string | undefined; limit: number },
): Promise<Duplicate[]> {
  let query = select(tx)
    .where("region", ">=", filter.area.lo)
    .where("region", "<", filter.area.hi)
    .where("status", "=", filter.status)
    .orderBy("id")
    .limit(filter.limit + 1);
  if (filter.after) query = query.where("id", ">", filter.after);
  return await query.execute();
}

export async function lockDuplicate(tx: Tx<DB>, id: string): Promise<Duplicate | undefined> {
  return await select(tx).where("id", "=", id).forUpdate().executeTakeFirst();
}

export async function saveDecision(
  tx: Tx<DB>,
  id: string,
  decision: { status: "same" | "different"; by: string; at: Date; document: string | null },
): Promise<void> {
  await tx
    .updateTable("monitoring.possible_duplicate")
    .set({ status: decision.status, decided_by: decision.by, decided_at: decision.at, document: decision.document })
    .where("id", "=", id)
    .execute();
}
