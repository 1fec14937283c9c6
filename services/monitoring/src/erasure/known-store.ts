import { type Keys, openRecord, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import { z } from "zod";
import type { DB } from "../db.ts";
import { PersonSecret, placeOfPerson } from "../household/person-store.ts";
import { PayeeAccount, placeOfPayee } from "../household/told-store.ts";
import { placeOfChange } from "../household-members/correct-store.ts";

/** The person who is to be erased: what is known of them in clear, now and before, and where they were. */
export type Known = {
  id: string;
  identityIndex: Buffer;
  /** Names, numbers, phones and accounts: what must be found nowhere afterwards. */
  values: string[];
  /** What shows a number or an account in part. A name's mask is no more than a family name, and others of the household bear it. */
  masks: string[];
  households: string[];
  /** Households in which nobody is left who is not erased: nothing of theirs is anybody else's. */
  ended: string[];
  /** Villages in which the person was. */
  regions: string[];
  stays: { householdId: string; since: string; until: string }[];
};

const Changed = z.object({ changed: z.record(z.string(), z.object({ from: z.unknown(), to: z.unknown() })) });

/** Opens what is known of a person; the caller holds the row and acts for the whole region. */
export async function openKnown(tx: Tx<DB>, keys: Keys, personId: string): Promise<Known> {
  const person = await tx
    .selectFrom("monitoring.person")
    .select(["region", "secret", "identity_index", "identity_mask", "phone_mask", "payee_secret", "payee_mask"])
    .where("id", "=", personId)
    .executeTakeFirstOrThrow();
  const secret = openRecord(keys, placeOfPerson(personId), person.secret, PersonSecret);
  const payee = person.payee_secret && openRecord(keys, placeOfPayee(personId), person.payee_secret, PayeeAccount);
  const changes = await tx
    .selectFrom("monitoring.person_change")
    .select(["id", "secret"])
    .where("person_id", "=", personId)
    .where("secret", "is not", null)
    .execute();
  const before = changes.flatMap((row) =>
    row.secret === null
      ? []
      : Object.values(openRecord(keys, placeOfChange(row.id), row.secret, Changed).changed).flatMap(({ from, to }) => [from, to]),
  );
  // The holder of an account may be somebody else of the household, who keeps their name.
  const told = [secret.name, secret.identityNumber, secret.phone, payee?.account, ...before];
  const texts = told.filter((value) => typeof value === "string" && value !== "").map(String);
  const { rows: stays } = await sql<Known["stays"][number] & { region: string; ended: boolean }>`
    select m.household_id as "householdId", m.since, m.until, m.region,
      not exists (select from monitoring.person o where o.household_id = m.household_id and o.status = 'member')
      and not exists (select from monitoring.past_membership pm join monitoring.person o on o.id = pm.person_id
        where pm.household_id = m.household_id and o.id <> m.person_id and o.erased_on is null) as ended
    from monitoring.past_membership m where m.person_id = ${personId}`.execute(tx);
  return {
    id: personId,
    identityIndex: person.identity_index,
    // A disability card begins with the identity number, and lists may hold either.
    values: [...new Set(texts.flatMap((value) => (/^\d{17}[\dX]./.test(value) ? [value, value.slice(0, 18)] : [value])))],
    masks: [person.identity_mask, person.phone_mask, person.payee_mask].filter((mask) => mask !== null),
    households: [...new Set(stays.map(({ householdId }) => householdId))],
    ended: [...new Set(stays.filter(({ ended }) => ended).map(({ householdId }) => householdId))],
    regions: [...new Set([person.region, ...stays.map(({ region }) => region)])],
    stays: stays.map(({ householdId, since, until }) => ({ householdId, since, until })),
  };
}
