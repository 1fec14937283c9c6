import {
  brokenConstraint,
  type Keys,
  maskIdentityNumber,
  maskName,
  maskPhone,
  nameTokens,
  sealRecord,
  type Tx,
} from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import { identityIndex, owePeople, type Person, type PersonSecret, placeOfPerson } from "../household/person-store.ts";

/** Where the sealed part of a change stands. */
export const placeOfChange = (changeId: string) => ({ table: "monitoring.person_change", id: changeId });

export type Identity = { value: string; personKey: string; sex: "male" | "female"; birthDate: string };

/**
 * Writes a person's corrected name, number or phone with their masks, index and tokens. @returns false when the number belongs to somebody else, in
 * whatever area; nothing is changed then
 */
export async function saveIdentity(
  tx: Tx<DB>,
  keys: Keys,
  person: Person,
  secret: PersonSecret,
  identity: Identity | undefined,
): Promise<boolean> {
  await sql`savepoint identity`.execute(tx);
  try {
    await tx
      .updateTable("monitoring.person")
      .set({
        secret: sealRecord(keys, placeOfPerson(person.id), secret),
        name_mask: maskName(secret.name),
        identity_mask: maskIdentityNumber(secret.identityNumber),
        phone_mask: secret.phone === undefined ? null : maskPhone(secret.phone),
        ...(identity
          ? {
              identity_index: identityIndex(keys, identity.personKey),
              sex: identity.sex,
              birth_date: identity.birthDate,
              number_verified: true,
            }
          : {}),
      })
      .where("id", "=", person.id)
      .execute();
  } catch (error) {
    if (brokenConstraint(error) !== "person_identity") throw error;
    await sql`rollback to savepoint identity`.execute(tx);
    return false;
  }
  await sql`release savepoint identity`.execute(tx);
  await owePeople(tx, [person]);
  await tx.deleteFrom("monitoring.name_token").where("person_id", "=", person.id).execute();
  await tx
    .insertInto("monitoring.name_token")
    .values(nameTokens(keys, secret.name).map((token) => ({ token, person_id: person.id, region: person.region })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return true;
}
