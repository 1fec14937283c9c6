import { randomBytes } from "node:crypto";
import { type Keys, sealRecord, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import { placeOfPerson } from "../household/person-store.ts";
import type { Known } from "./known-store.ts";
import { gone } from "./redact.ts";

/** A keyed index that leads to nobody: unique like the one it takes the place of. */
const nowhere = sql`sha256(convert_to(id::text || 'erased', 'UTF8'))`;

/**
 * Takes the person out of what lists of departments and of the national system left behind: rows not yet taken up go, records keep code and amount without
 * who they were about, and nothing leads from the number or the name to the person any more. @returns how many rows
 */
export async function clearLists(tx: Tx<DB>, known: Known): Promise<number> {
  const { id, identityIndex: index } = known;
  const personal = sql`('name', 'identityNumber', 'phone')`;
  const done = [
    await sql`delete from monitoring.feed_row where person_index = ${index}`.execute(tx),
    await sql`delete from monitoring.national_row where person_index = ${index} or found_person = ${id}`.execute(tx),
    await sql`update monitoring.department_record set secret = null, record_index = ${nowhere} where person_id = ${id}`.execute(
      tx,
    ),
    // A row that would fit nobody else is settled: nobody may say any more that it was the person.
    await sql`update monitoring.feed_match set secret = null, record_index = ${nowhere}, status = case when status = 'open' then 'dismissed' else status end,
      decided_by = coalesce(decided_by, 'system|erase-person'), decided_at = coalesce(decided_at, kit.now()) where candidates = array[${id}::uuid]`.execute(
      tx,
    ),
    await sql`update monitoring.feed_match set candidates = array_remove(candidates, ${id}::uuid) where ${id}::uuid = any(candidates) and cardinality(candidates) > 1`.execute(
      tx,
    ),
    await sql`update monitoring.join_request set identity_index = ${nowhere} where identity_index = ${index}`.execute(tx),
    await sql`update monitoring.national_difference set ours = null, theirs = null where person_id = ${id} and field in ${personal}`.execute(
      tx,
    ),
    await sql`update monitoring.suspect set fingerprint = ${nowhere}, found = (select coalesce(jsonb_agg(case when one ->> 'field' in ${personal}
        then jsonb_set(one, '{value}', 'null') else one end), '[]') from jsonb_array_elements(found) one) where person_id = ${id}`.execute(
      tx,
    ),
  ];
  return done.reduce((sum, { numAffectedRows }) => sum + Number(numAffectedRows ?? 0n), 0);
}

/**
 * Destroys who the person was: what is sealed, how they are found, what is shown of them, what is known of their body. Sex, year of birth, relation and the
 * codes of work and schooling stay, for what is counted.
 */
export async function destroyIdentity(tx: Tx<DB>, keys: Keys, personId: string, today: string): Promise<void> {
  await sql`delete from monitoring.name_token where person_id = ${personId}`.execute(tx);
  await tx
    .updateTable("monitoring.person")
    .set({
      secret: sealRecord(keys, placeOfPerson(personId), { name: gone, identityNumber: "" }),
      identity_index: randomBytes(32),
      identity_mask: gone,
      name_mask: gone,
      phone_mask: null,
      payee_secret: null,
      payee_mask: null,
      birth_date: sql`date_trunc('year', birth_date)::date`,
      health: [],
      dropout_reason: null,
      destitute: false,
      able_worker: false,
      student: false,
      number_verified: false,
      erased_on: today,
      version: sql`version + 1`,
    })
    .where("id", "=", personId)
    .execute();
}
