import { PersonErased, PersonPayeeAccountRecorded } from "@shouwang/contract";
import { type Keys, openRecord, owePrivately, sealRecord, type Tx } from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { owePeople, PersonSecret, placeOfPerson } from "./person-store.ts";

/** Where a person is paid. */
export const PayeeAccount = z.object({ account: z.string(), holder: z.string(), byProxy: z.boolean() });
export type PayeeAccount = z.infer<typeof PayeeAccount>;
export const placeOfPayee = (id: string) => ({ table: "monitoring.person.payee", id });

/** A department asks for a person again: all that is told of one is owed once more. */
export async function owePersonAgain(tx: Tx<DB>, personId: string): Promise<void> {
  const person = await tx
    .selectFrom("monitoring.person")
    .select(["id", "region", "payee_mask", "erased_on"])
    .where("id", "=", personId)
    .executeTakeFirst();
  if (!person) return;
  if (person.erased_on !== null) return await owePrivately(tx, PersonErased, [person]);
  await owePeople(tx, [person]);
  if (person.payee_mask !== null) await owePrivately(tx, PersonPayeeAccountRecorded, [person]);
}

/** Identity of some people, as it is told: the first 18 characters of the number lead to one person. */
export async function identitiesOf(tx: Tx<DB>, keys: Keys, ids: readonly string[]) {
  const rows = await tx
    .selectFrom("monitoring.person")
    .select(["id", "secret", "birth_date", "sex"])
    .where("id", "in", ids)
    .where("erased_on", "is", null)
    .execute();
  return new Map(
    rows.map((row) => {
      const { name, identityNumber } = openRecord(keys, placeOfPerson(row.id), row.secret, PersonSecret);
      const sex = row.sex === "female" ? ("female" as const) : ("male" as const);
      return [row.id, { personId: row.id, identityNumber: identityNumber.slice(0, 18), name, birthDate: row.birth_date, sex }];
    }),
  );
}

export async function phonesOf(tx: Tx<DB>, keys: Keys, ids: readonly string[]) {
  const rows = await tx
    .selectFrom("monitoring.person")
    .select(["id", "secret"])
    .where("id", "in", ids)
    .where("erased_on", "is", null)
    .execute();
  return new Map(
    rows.map((row) => [
      row.id,
      { personId: row.id, phone: openRecord(keys, placeOfPerson(row.id), row.secret, PersonSecret).phone ?? null },
    ]),
  );
}

export async function payeesOf(tx: Tx<DB>, keys: Keys, ids: readonly string[]) {
  const rows = await tx
    .selectFrom("monitoring.person")
    .select(["id", "payee_secret"])
    .where("id", "in", ids)
    .where("payee_secret", "is not", null)
    .execute();
  return new Map(
    rows.flatMap((row) =>
      row.payee_secret === null
        ? []
        : [[row.id, { personId: row.id, ...openRecord(keys, placeOfPayee(row.id), row.payee_secret, PayeeAccount) }] as const],
    ),
  );
}

/** Person with whom an account is kept: locked, with the name its holder is compared with. */
export async function lockPayee(
  tx: Tx<DB>,
  keys: Keys,
  personId: string,
): Promise<{ id: string; region: string; householdId: string | null; name: string } | undefined> {
  const row = await tx
    .selectFrom("monitoring.person")
    .select(["id", "region", "household_id", "secret"])
    .where("id", "=", personId)
    .where("status", "=", "member")
    .forUpdate()
    .executeTakeFirst();
  return (
    row && {
      id: row.id,
      region: row.region,
      householdId: row.household_id,
      name: openRecord(keys, placeOfPerson(row.id), row.secret, PersonSecret).name,
    }
  );
}

/** Full names of a household's members, to see whether an account's holder is one of them. */
export async function memberNames(tx: Tx<DB>, keys: Keys, householdId: string): Promise<string[]> {
  const rows = await tx
    .selectFrom("monitoring.person")
    .select(["id", "secret"])
    .where("household_id", "=", householdId)
    .where("status", "=", "member")
    .execute();
  return rows.map((row) => openRecord(keys, placeOfPerson(row.id), row.secret, PersonSecret).name);
}

export async function savePayee(
  tx: Tx<DB>,
  keys: Keys,
  person: { id: string; region: string },
  payee: PayeeAccount,
  mask: string,
): Promise<void> {
  await tx
    .updateTable("monitoring.person")
    .set({ payee_secret: sealRecord(keys, placeOfPayee(person.id), payee), payee_mask: mask })
    .where("id", "=", person.id)
    .execute();
  await owePrivately(tx, PersonPayeeAccountRecorded, [person]);
}
