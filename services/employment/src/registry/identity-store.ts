import {
  blindIndex,
  forgetClaimant,
  type Incoming,
  type Keys,
  maskIdentityNumber,
  maskName,
  maskPhone,
  openRecord,
  sealRecord,
  type Tx,
} from "@shouwang/service-kit";
import { sql } from "kysely";
import { z } from "zod";
import type { DB } from "../db.ts";

const placeOfIdentity = (personId: string) => ({ table: "employment.person_identity", id: personId });
const placeOfPhone = (personId: string) => ({ table: "employment.person_identity.phone", id: personId });

/** A person's number as it is looked for: the first 18 characters lead to one person. */
export const identityIndex = (keys: Keys, identityNumber: string): Buffer =>
  blindIndex(keys, "identity-number", identityNumber.slice(0, 18));

/** Where a person is by the registry's word, else where the message says. */
const place = (personId: string, envelope: Incoming["envelope"]) =>
  sql`coalesce((select region from employment.person where id = ${personId}), ${envelope.region}),
    (select household_id from employment.person where id = ${personId})`;

export async function keepIdentity(
  tx: Tx<DB>,
  keys: Keys,
  envelope: Incoming["envelope"],
  told: { personId: string; identityNumber: string; name: string; birthDate: string; sex: string },
): Promise<void> {
  const { personId, name, identityNumber, birthDate, sex } = told;
  const secret = sealRecord(keys, placeOfIdentity(personId), { name, identityNumber });
  await sql`insert into employment.person_identity (person_id, region, household_id, secret, identity_index, name_mask, identity_mask, sex, birth_date)
    values (${personId}, ${place(personId, envelope)}, ${secret}, ${identityIndex(keys, identityNumber)}, ${maskName(name)},
      ${maskIdentityNumber(identityNumber)}, ${sex}, ${birthDate})
    on conflict (person_id) do update set secret = excluded.secret, identity_index = excluded.identity_index, name_mask = excluded.name_mask,
      identity_mask = excluded.identity_mask, sex = excluded.sex, birth_date = excluded.birth_date`.execute(tx);
}

/** @param phone null where the person has none any more */
export async function keepPhone(
  tx: Tx<DB>,
  keys: Keys,
  envelope: Incoming["envelope"],
  { personId, phone }: { personId: string; phone: string | null },
): Promise<void> {
  const secret = phone === null ? null : sealRecord(keys, placeOfPhone(personId), { phone });
  await sql`insert into employment.person_identity (person_id, region, household_id, phone_secret, phone_mask)
    values (${personId}, ${place(personId, envelope)}, ${secret}, ${phone === null ? null : maskPhone(phone)})
    on conflict (person_id) do update set phone_secret = excluded.phone_secret, phone_mask = excluded.phone_mask`.execute(tx);
}

/** Destroys what is held of who somebody is, and what was written of them to their claims. */
export async function forgetIdentity(tx: Tx<DB>, keys: Keys, personId: string): Promise<void> {
  await forgetClaimant(tx, keys, personId);
  await tx.deleteFrom("employment.person_identity").where("person_id", "=", personId).execute();
  await sql`update employment.labour_line set secret = null, account_mask = null where person_id = ${personId}`.execute(tx);
}

const Identity = z.object({ name: z.string(), identityNumber: z.string() });

/** Who some people of the caller's area are, opened: what was told of each. */
export async function openIdentities(
  tx: Tx<DB>,
  keys: Keys,
  personIds: readonly string[],
): Promise<Map<string, { name: string | null; identityNumber: string | null; phone: string | null }>> {
  const { rows } = await sql<{
    id: string;
    secret: Buffer | null;
    phone: Buffer | null;
  }>`select person_id as id, secret, phone_secret as phone
    from employment.person_identity where person_id = any(${[...personIds]}::uuid[])`.execute(tx);
  return new Map(
    rows.map(({ id, secret, phone }) => {
      const who = secret ? openRecord(keys, placeOfIdentity(id), secret, Identity) : { name: null, identityNumber: null };
      const call = phone ? openRecord(keys, placeOfPhone(id), phone, z.object({ phone: z.string() })).phone : null;
      return [id, { ...who, phone: call }];
    }),
  );
}
