import type { TaskForceState } from "@shouwang/contract";
import { type Keys, maskName, maskPhone, openRecord, sealRecord, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import type { DB } from "../db.ts";
import type { TaskForce } from "./decide.ts";

/** Somebody of a task force: the office is said as it stands in the document. */
export const Member = z.object({
  name: z.string().trim().min(2).max(40),
  office: z.string().trim().min(2).max(80),
  phone: z
    .string()
    .regex(/^1[3-9]\d{9}$/)
    .optional(),
});
export type Member = z.output<typeof Member>;
export const MaskedMember = z.object({ name: z.string(), office: z.string(), phone: z.string().nullable() });
export type MaskedMember = z.output<typeof MaskedMember>;

const People = z.array(Member);
const placeOf = (id: string) => ({ table: "monitoring.task_force_change", id });
const maskMember = (member: Member): MaskedMember => ({
  name: maskName(member.name),
  office: member.office,
  phone: member.phone === undefined ? null : maskPhone(member.phone),
});

/** A task force as its events carry it: nobody's name. */
export const stateOfTaskForce = (force: TaskForce): z.input<typeof TaskForceState> => ({
  taskForceId: force.id,
  region: force.region,
  from: force.from,
  until: force.until,
  members: force.members,
});

const columns = sql`f.id, f.region, f.from_date as "from", f.until_date as "until", f.ended_because as "endedBecause", f.version,
  (select c.members from monitoring.task_force_change c where c.task_force_id = f.id order by c.version desc limit 1) as members`;

/** @returns false when the division has an active one already */
export async function insertTaskForce(tx: Tx<DB>, force: TaskForce): Promise<boolean> {
  const inserted =
    await sql`insert into monitoring.task_force (id, region, from_date) values (${force.id}, ${force.region}, ${force.from}) on conflict do nothing`.execute(
      tx,
    );
  return inserted.numAffectedRows === 1n;
}

export async function saveTaskForce(tx: Tx<DB>, force: TaskForce): Promise<void> {
  await tx
    .updateTable("monitoring.task_force")
    .set({ until_date: force.until, ended_because: force.endedBecause, version: force.version })
    .where("id", "=", force.id)
    .execute();
}

/** Keeps who belongs to a task force from a version on: sealed, and masked for showing. The leader stands first. */
export async function keepPeople(
  tx: Tx<DB>,
  keys: Keys,
  force: TaskForce,
  people: readonly Member[],
  given: { document: string; on: string; by: string; at: Date },
): Promise<void> {
  const id = uuidv7();
  await tx
    .insertInto("monitoring.task_force_change")
    .values({
      id,
      task_force_id: force.id,
      version: force.version,
      region: force.region,
      document: given.document,
      people: sealRecord(keys, placeOf(id), people),
      members: people.length,
      masked: JSON.stringify(people.map(maskMember)),
      changed_on: given.on,
      changed_by: given.by,
      at: given.at,
    })
    .execute();
}

/** A task force, held until the transaction ends. */
export async function lockTaskForce(tx: Tx<DB>, id: string): Promise<TaskForce | undefined> {
  const { rows } =
    await sql<TaskForce>`select ${columns} from monitoring.task_force f where f.id = ${id} for update of f`.execute(tx);
  return rows[0];
}

export type Change = { version: number; document: string; changedOn: string; people: MaskedMember[] };

/** How a task force came to be what it is: each change with its document and, masked, who belonged to it from then on. The newest first. */
export async function changesOf(tx: Tx<DB>, id: string): Promise<Change[]> {
  const rows = await tx
    .selectFrom("monitoring.task_force_change")
    .select(["version", "document", "changed_on as changedOn", "masked"])
    .where("task_force_id", "=", id)
    .orderBy("version", "desc")
    .execute();
  return rows.map(({ masked, ...row }) => ({ ...row, people: z.array(MaskedMember).parse(masked) }));
}

/** Who belongs to a task force now, in clear, the leader first. */
export async function revealPeople(
  tx: Tx<DB>,
  keys: Keys,
  id: string,
): Promise<{ region: string; people: Member[] } | undefined> {
  const row = await tx
    .selectFrom("monitoring.task_force_change")
    .select(["id", "region", "people"])
    .where("task_force_id", "=", id)
    .orderBy("version", "desc")
    .limit(1)
    .executeTakeFirst();
  return row && { region: row.region, people: openRecord(keys, placeOf(row.id), row.people, People) };
}

/** Task forces of the caller's area, ended ones included, by division. */
export async function listTaskForces(tx: Tx<DB>, area: { lo: string; hi: string }): Promise<TaskForce[]> {
  const { rows } =
    await sql<TaskForce>`select ${columns} from monitoring.task_force f where f.region >= ${area.lo} and f.region < ${area.hi}
    order by f.region, f.from_date, f.id`.execute(tx);
  return rows;
}

/** Divisions of the caller's area that have an active task force. */
export async function divisionsWithTaskForce(tx: Tx<DB>): Promise<Set<string>> {
  const rows = await tx.selectFrom("monitoring.task_force").select("region").where("until_date", "is", null).execute();
  return new Set(rows.map((row) => row.region));
}
