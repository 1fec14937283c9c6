import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import type { Claim } from "./claim-store.ts";
import type { Executor } from "./database.ts";
import { type Keys, openRecord, sealRecord } from "./personal-data.ts";

const Note = z.object({ text: z.string() });
const placeOf = (id: string) => ({ table: "kit.claim_note", id });

/** Keeps what somebody wrote to a step, sealed. */
export async function writeNote(
  tx: Executor,
  keys: Keys,
  claim: Pick<Claim, "id" | "householdId" | "region">,
  note: { step: string; text: string; by: string; at: Date },
): Promise<void> {
  const id = uuidv7();
  await sql`insert into kit.claim_note (id, claim_id, household_id, region, step, content, written_by, at)
    values (${id}, ${claim.id}, ${claim.householdId}, ${claim.region}, ${note.step}, ${sealRecord(keys, placeOf(id), { text: note.text })}, ${note.by},
      ${note.at})`.execute(tx);
}

export type ClaimNote = { step: string; text: string; by: string; at: Date };

/** What was written to a claim's steps, oldest first, opened. */
export async function notesOf(tx: Executor, keys: Keys, claimId: string): Promise<ClaimNote[]> {
  const { rows } = await sql<{
    id: string;
    step: string;
    content: Buffer;
    by: string;
    at: Date;
  }>`select id, step, content, written_by as by, at
    from kit.claim_note where claim_id = ${claimId} order by id`.execute(tx);
  return rows.map(({ id, content, ...note }) => ({ ...note, text: openRecord(keys, placeOf(id), content, Note).text }));
}

/** Forgets who claims were for, when a person's identity is destroyed: what was written to them or said against them, and the name a posting showed. Codes and amounts stay. */
export async function forgetClaimant(tx: Executor, keys: Keys, personId: string): Promise<void> {
  const theirs = sql`(select p.id from kit.claim c join kit.posting p on p.entity = c.kind and p.entity_id = c.id::text where c.person_id = ${personId})`;
  await sql`delete from kit.claim_note where claim_id in (select id from kit.claim where person_id = ${personId})`.execute(tx);
  await sql`update kit.posting set body = body - '姓名' where id in ${theirs}`.execute(tx);
  const { rows } = await sql<{ id: string }>`select id from kit.objection where posting_id in ${theirs}`.execute(tx);
  for (const { id } of rows)
    await sql`update kit.objection set content = ${sealRecord(keys, { table: "kit.objection", id }, { content: "已销毁" })} where id = ${id}`.execute(
      tx,
    );
}
