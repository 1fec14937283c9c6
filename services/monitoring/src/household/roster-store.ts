import type { Tx } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import type { DB } from "../db.ts";
import { type Person, personColumns, personFromRow } from "./person-store.ts";
import { type ChangeSource, type Household, lockHousehold, saveHousehold } from "./store.ts";

/** Households locked in the order of their ids, so that two changes of the same two never wait for each other in a circle. */
export async function lockInOrder(tx: Tx<DB>, ids: readonly string[]): Promise<Map<string, Household>> {
  const locked = new Map<string, Household>();
  for (const id of [...new Set(ids)].sort()) {
    const household = await lockHousehold(tx, id);
    if (household) locked.set(id, household);
  }
  return locked;
}

/** The members of some households, locked in the order of their ids. The caller holds the households. */
export async function lockMembers(tx: Tx<DB>, householdIds: readonly string[]): Promise<Person[]> {
  const rows = await tx
    .selectFrom("monitoring.person")
    .select(personColumns)
    .where("household_id", "in", [...householdIds])
    .where("status", "=", "member")
    .orderBy("id")
    .forUpdate()
    .execute();
  return rows.map(personFromRow);
}

export async function findPerson(tx: Tx<DB>, id: string): Promise<Person | undefined> {
  const row = await tx.selectFrom("monitoring.person").select(personColumns).where("id", "=", id).executeTakeFirst();
  return row && personFromRow(row);
}

export async function lockPerson(tx: Tx<DB>, id: string): Promise<Person | undefined> {
  const row = await tx.selectFrom("monitoring.person").select(personColumns).where("id", "=", id).forUpdate().executeTakeFirst();
  return row && personFromRow(row);
}

/** The person of an identity index, member or not, if they stand in the caller's area. */
export async function findPersonByIndex(tx: Tx<DB>, identityIndex: Buffer): Promise<Person | undefined> {
  const row = await tx
    .selectFrom("monitoring.person")
    .select(personColumns)
    .where("identity_index", "=", identityIndex)
    .executeTakeFirst();
  return row && personFromRow(row);
}

/**
 * What a change does: it records what happened in a household (a death, a birth, a wrong number), or it rearranges households (split, merge, another move), so
 * that what was offered would no longer be one household.
 */
export type ChangeOf = "record" | "arrangement";

/** The open move of a household, offered or accepted. */
export async function findOpenMove(tx: Tx<DB>, householdId: string): Promise<{ id: string; status: string } | undefined> {
  return await tx
    .selectFrom("monitoring.household_move")
    .select(["id", "status"])
    .where("household_id", "=", householdId)
    .where("status", "in", ["offered", "accepted"])
    .executeTakeFirst();
}

/**
 * The move that stands in the way of a change. An offer may lie for weeks, and what happens meanwhile is recorded: the place it was offered to sees it at once.
 * Once it was accepted nothing is.
 */
export async function moveInTheWay(
  tx: Tx<DB>,
  householdId: string,
  change: ChangeOf,
): Promise<{ id: string; status: string } | undefined> {
  const open = await findOpenMove(tx, householdId);
  return open?.status === "offered" && change === "record" ? undefined : open;
}

/** Why and from which day a person's record changes. */
export type PersonSource = ChangeSource & { because: string; on: string };

/** What stands open of a person: changes of it are kept in clear. */
const openFields = [
  "householdId",
  "relation",
  "status",
  "schooling",
  "health",
  "labourSkill",
  "medicalInsurance",
  "education",
  "dropoutReason",
  "seriousIllnessInsurance",
  "destitute",
  "ableWorker",
  "student",
  "since",
] as const;

/** Writes a person's changed fields with the new version, keeps what changed with its source, and closes the membership that ended. */
export async function savePerson(
  tx: Tx<DB>,
  before: Person,
  after: Person,
  given: PersonSource,
  sealed?: { id: string; secret: Buffer },
): Promise<void> {
  await tx
    .updateTable("monitoring.person")
    .set({
      household_id: after.householdId,
      region: after.region,
      relation: after.relation,
      schooling: after.schooling,
      health: after.health,
      labour_skill: after.labourSkill,
      medical_insurance: after.medicalInsurance,
      education: after.education,
      dropout_reason: after.dropoutReason,
      serious_illness_insurance: after.seriousIllnessInsurance,
      destitute: after.destitute,
      able_worker: after.ableWorker,
      student: after.student,
      status: after.status,
      since: after.since,
      version: after.version,
    })
    .where("id", "=", after.id)
    .execute();
  const changed = Object.fromEntries(
    openFields
      .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
      .map((field) => [field, { from: before[field], to: after[field] }]),
  );
  await tx
    .insertInto("monitoring.person_change")
    .values({
      id: sealed?.id ?? uuidv7(),
      person_id: after.id,
      version: after.version,
      region: after.region,
      household_id: after.householdId ?? before.householdId,
      because: given.because,
      on_date: given.on,
      changed: JSON.stringify(changed),
      secret: sealed?.secret ?? null,
      source: given.source,
      department: given.department ?? null,
      document: given.document ?? null,
      actor: given.actor,
      at: given.at,
    })
    .execute();
  if (before.householdId === null || before.householdId === after.householdId) return;
  const left = await tx
    .selectFrom("monitoring.household")
    .select("region")
    .where("id", "=", before.householdId)
    .executeTakeFirstOrThrow();
  await tx
    .insertInto("monitoring.past_membership")
    .values({
      id: uuidv7(),
      person_id: before.id,
      household_id: before.householdId,
      region: left.region,
      relation: before.relation,
      since: before.since,
      until: given.on,
      because: given.because,
    })
    .execute();
}

/** Writes several people at once: heads last, so that a household never has two on the way. Unchanged ones stay as they are. */
export async function savePeople(
  tx: Tx<DB>,
  changes: readonly { before: Person; after: Person }[],
  given: PersonSource,
): Promise<{ before: Person; after: Person }[]> {
  const real = changes
    .filter(({ before, after }) => openFields.some((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field])))
    .map(({ before, after }) => ({ before, after: { ...after, version: before.version + 1 } }));
  const heads = real.filter(({ after }) => after.relation === "head" && after.status === "member");
  for (const { before, after } of [...real.filter((change) => !heads.includes(change)), ...heads])
    await savePerson(tx, before, after, given);
  return real;
}

/** Writes what a household comes to with these members, and its new version. */
export async function saveCounts(
  tx: Tx<DB>,
  before: Household,
  counts: { headcount: number; ableWorkers: number },
  given: ChangeSource,
): Promise<Household> {
  const after: Household = { ...before, ...counts, version: before.version + 1 };
  await saveHousehold(tx, before, after, given);
  return after;
}

export type PastMembership = {
  personId: string;
  nameMask: string;
  relation: string;
  since: string;
  until: string;
  because: string;
};

/** Who belonged to a household and no longer does, the latest first. People who now stand in another area keep their place in the list, without a name. */
export async function pastMembersOf(tx: Tx<DB>, householdId: string): Promise<PastMembership[]> {
  const rows = await tx
    .selectFrom("monitoring.past_membership as m")
    .leftJoin("monitoring.person as p", "p.id", "m.person_id")
    .select(["m.person_id", "p.name_mask", "m.relation", "m.since", "m.until", "m.because"])
    .where("m.household_id", "=", householdId)
    .orderBy("m.until", "desc")
    .orderBy("m.id", "desc")
    .execute();
  return rows.map((row) => ({
    personId: row.person_id,
    nameMask: row.name_mask ?? "*",
    relation: row.relation,
    since: row.since,
    until: row.until,
    because: row.because,
  }));
}
