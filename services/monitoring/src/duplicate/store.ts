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
  if (ids.length === 0) return 0;
  const asked = await lookAlike(tx).where("household_id", "in", ids).execute();
  if (asked.length === 0) return 0;
  const heads = asked.filter((person) => person.relation === "head");
  // Candidates by pairs of values, each looked up in its index: by lists of values, every chunk of an import would go through a part of the whole registry.
  const people = await lookAlike(tx)
    .innerJoin(wanted(asked.map((person) => [person.birth_date, person.name_mask])), (join) =>
      join.on(sql<boolean>`monitoring.person.birth_date = wanted.one::date and monitoring.person.name_mask = wanted.other`),
    )
    .execute();
  const namesakes =
    heads.length === 0
      ? []
      : await lookAlike(tx)
          .innerJoin(wanted(heads.map((head) => [head.name_mask, head.region])), (join) =>
            join.on(
              sql<boolean>`monitoring.person.name_mask = wanted.one and monitoring.person.region = wanted.other collate "C"`,
            ),
          )
          .where("relation", "=", "head")
          .execute();
  const pairs = [
    ...pairsOf("person", asked, people, (one) => [one.birth_date, one.name_mask, one.sex].join(" ")),
    ...pairsOf("household", heads, namesakes, (one) => [one.region, one.name_mask].join(" ")).filter(
      (pair) => pair.householdId !== pair.otherHouseholdId,
    ),
  ];
  let noted = 0;
  for (const pair of await ofOneName(tx, pairs)) {
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

/** Distinct pairs of values as rows to join with. */
function wanted(pairs: readonly (readonly [string, string])[]) {
  const distinct = [...new Map(pairs.map((pair) => [pair.join(" "), pair])).values()];
  return sql<{
    one: string;
    other: string;
  }>`unnest(${distinct.map(([one]) => one)}::text[], ${distinct.map(([, other]) => other)}::text[])`.as<"wanted">(
    sql`wanted (one, other)`,
  );
}

const lookAlike = (tx: Tx<DB>) =>
  tx
    .selectFrom("monitoring.person")
    .select(["id", "household_id", "region", "name_mask", "birth_date", "sex", "relation"])
    .where("status", "=", "member");
type Alike = Awaited<ReturnType<ReturnType<typeof lookAlike>["execute"]>>[number];

/** Everybody asked about with everybody else who has the same key. */
function pairsOf(kind: Pair["kind"], asked: readonly Alike[], others: readonly Alike[], key: (one: Alike) => string): Pair[] {
  const byKey = Map.groupBy(others, key);
  return asked.flatMap((person) =>
    (byKey.get(key(person)) ?? []).flatMap((other) =>
      other.id === person.id || person.household_id === null || other.household_id === null
        ? []
        : [
            {
              kind,
              householdId: person.household_id,
              otherHouseholdId: other.household_id,
              region: person.region,
              personId: person.id,
              otherPersonId: other.id,
            },
          ],
    ),
  );
}

/** Those pairs whose names have the same tokens: masks alike say little, all tokens alike say that the names are. */
async function ofOneName(tx: Tx<DB>, pairs: readonly Pair[]): Promise<Pair[]> {
  if (pairs.length === 0) return [];
  const ids = [...new Set(pairs.flatMap((pair) => [pair.personId, pair.otherPersonId]))];
  const { rows } = await sql<{
    id: string;
    tokens: string;
  }>`select person_id as id, string_agg(encode(token, 'hex'), ' ' order by token) as tokens
    from monitoring.name_token where person_id = any(${ids}::uuid[]) group by person_id`.execute(tx);
  const tokens = new Map(rows.map((row) => [row.id, row.tokens]));
  return pairs.filter(({ personId, otherPersonId }) => {
    const own = tokens.get(personId);
    return own !== undefined && own === tokens.get(otherPersonId);
  });
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
