import type { Tx } from "@shouwang/service-kit";
import { type RawBuilder, sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { DB } from "../db.ts";
import { type Alike, likeness, mostOfOneName, pairsOf } from "./decide.ts";

/**
 * Notes people of the caller's area who may be one with a member of these households: another number, the same sex and birth date, and a name of the same
 * tokens, which stand for the whole name without opening it. And heads of one name in one village. Pairs that were met before, whatever was decided, stay as
 * they are.
 */
export async function noteDuplicates(tx: Tx<DB>, householdIds: readonly string[], now: Date): Promise<number> {
  const ids = [...householdIds];
  if (ids.length === 0) return 0;
  const asked = await lookAlike(tx).where("household_id", "in", ids).execute();
  const { people, heads } = await alikeOf(tx, asked);
  const askedIds = new Set(asked.map(({ id }) => id));
  const pairs = [...pairsOf("person", askedIds, people), ...pairsOf("household", askedIds, heads)];
  const rows = pairs.map(({ kind, one, other }) => {
    const own = askedIds.has(one.id) ? one : other;
    return {
      id: uuidv7(),
      kind,
      household_id: own.householdId,
      region: own.region,
      other_household_id: own === one ? other.householdId : one.householdId,
      person_id: one.id,
      other_person_id: other.id,
      found_at: now,
    };
  });
  let noted = 0;
  for (let from = 0; from < rows.length; from += 1_000) {
    const inserted = await tx
      .insertInto("monitoring.possible_duplicate")
      .values(rows.slice(from, from + 1_000))
      .onConflict((conflict) => conflict.constraint("possible_duplicate_once").doNothing())
      .executeTakeFirst();
    noted += Number(inserted.numInsertedOrUpdatedRows ?? 0n);
  }
  return noted;
}

/**
 * Of how many records one name is where that is more than are compared, by the pair: of a name, sex and birth date in the caller's area, or of a name among
 * the heads of the village.
 */
export async function crowdsOf(tx: Tx<DB>, duplicates: readonly Duplicate[]): Promise<Map<string, number>> {
  if (duplicates.length === 0) return new Map();
  const asked = await lookAlike(tx)
    .where(
      "id",
      "in",
      duplicates.map(({ personId }) => personId),
    )
    .execute();
  const { people, heads } = await alikeOf(tx, asked);
  const crowds = new Map<string, number>();
  for (const { id, kind, personId } of duplicates) {
    const records = kind === "person" ? people : heads;
    const one = records.find((record) => record.id === personId);
    const alike = one ? records.filter((record) => likeness[kind](record) === likeness[kind](one)).length : 0;
    if (alike > mostOfOneName) crowds.set(id, alike);
  }
  return crowds;
}

const lookAlike = (tx: Tx<DB>) =>
  tx
    .selectFrom("monitoring.person")
    .select(["id", "household_id", "region", "name_mask", "birth_date", "sex", "relation"])
    .where("status", "=", "member");
type Row = Awaited<ReturnType<ReturnType<typeof lookAlike>["execute"]>>[number];

/** Those of whom somebody else has the same of what is compared: alone, nobody is like anybody, and the names need not be looked at. */
function shared(rows: readonly Row[], of: (row: Row) => string): Row[] {
  return [...Map.groupBy(new Map(rows.map((row) => [row.id, row])).values(), of).values()]
    .filter(({ length }) => length > 1)
    .flat();
}

/** These people and all of the caller's area who have a birth date, sex and mask of theirs, and these heads with all heads of their villages who have their masks. */
async function alikeOf(tx: Tx<DB>, asked: readonly Row[]): Promise<{ people: Alike[]; heads: Alike[] }> {
  if (asked.length === 0) return { people: [], heads: [] };
  const askedHeads = asked.filter((person) => person.relation === "head");
  const people = shared(
    await meeting(
      tx,
      asked.map((person) => [person.birth_date, person.name_mask]),
      sql`birth_date = wanted.one::date and name_mask = wanted.other`,
    ),
    (row) => [row.birth_date, row.sex, row.name_mask].join("|"),
  );
  const heads = shared(
    await meeting(
      tx,
      askedHeads.map((head) => [head.name_mask, head.region]),
      sql`relation = 'head' and name_mask = wanted.one and region = wanted.other collate "C"`,
    ),
    (row) => [row.region, row.name_mask].join("|"),
  );
  const names = await namesOf(tx, [...new Set([...people, ...heads].map(({ id }) => id))]);
  const named = (rows: readonly Row[]): Alike[] =>
    rows.flatMap(({ id, household_id: householdId, region, relation, birth_date: birthDate, sex }) => {
      const name = names.get(id);
      return name === undefined || householdId === null ? [] : [{ id, householdId, region, relation, birthDate, sex, name }];
    });
  return { people: named(people), heads: named(heads) };
}

/**
 * The members in reach who meet one of some pairs of values. Each pair is looked up in its index by itself: as a plain join, the planner goes through the whole
 * area once for every pair, since of row-level security it only knows that an area is a small part of the registry.
 */
async function meeting(tx: Tx<DB>, pairs: readonly (readonly [string, string])[], met: RawBuilder<unknown>): Promise<Row[]> {
  if (pairs.length === 0) return [];
  const distinct = [...new Map(pairs.map((pair) => [pair.join(" "), pair])).values()];
  const { rows } = await sql<Row>`select p.* from unnest(${distinct.map(([one]) => one)}::text[],
      ${distinct.map(([, other]) => other)}::text[]) as wanted (one, other)
    cross join lateral (select id, household_id, region, name_mask, birth_date, sex, relation from monitoring.person
      where status = 'member' and ${met} offset 0) p`.execute(tx);
  return rows;
}

/** All tokens of each name: masks alike say little, all tokens alike say that the names are. */
async function namesOf(tx: Tx<DB>, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{
    id: string;
    tokens: string;
  }>`select person_id as id, string_agg(encode(token, 'hex'), ' ' order by token) as tokens
    from unnest(${[...ids]}::uuid[]) as asked (person_id)
    cross join lateral (select token from monitoring.name_token t where t.person_id = asked.person_id offset 0) t group by person_id`.execute(
    tx,
  );
  return new Map(rows.map((row) => [row.id, row.tokens]));
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
