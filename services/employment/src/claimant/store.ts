import { FundSource } from "@shouwang/contract";
import { type Keys, nameForPosting, openRecord, parseBusinessDate, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import { z } from "zod";
import type { DB } from "../db.ts";
import { historyOf, membershipsOf } from "../registry/store.ts";
import type { Claimant, ClaimantWork } from "./decide.ts";

/** What is known of a person of the caller's area for a subsidy's rule; undefined for anybody else, also for somebody who has moved away since. */
export async function findClaimant(tx: Tx<DB>, personId: string): Promise<Claimant | undefined> {
  const { rows } = await sql<{
    region: string;
    birthDate: string | null;
    numberVerified: boolean;
  }>`select p.region, p.number_verified as "numberVerified",
    (select i.birth_date from employment.person_identity i where i.person_id = p.id) as "birthDate" from employment.person p where p.id = ${personId}`.execute(
    tx,
  );
  const [person] = rows;
  if (!person) return undefined;
  const memberships = await membershipsOf(tx, personId);
  const households = new Map<string, Awaited<ReturnType<typeof historyOf>>>();
  for (const { householdId } of memberships)
    if (householdId !== null && !households.has(householdId)) households.set(householdId, await historyOf(tx, householdId));
  const works =
    await sql<ClaimantWork>`select id, from_date as "from", until_date as until, scope, channel, place, credit_code as "creditCode",
    household_id as "householdId" from employment.work_record where person_id = ${personId} and voided_on is null order by from_date`.execute(
      tx,
    );
  return {
    ...{ personId, region: person.region, numberVerified: person.numberVerified },
    birthDate: person.birthDate === null ? null : parseBusinessDate(person.birthDate),
    ...{ memberships, households, works: works.rows },
  };
}

/** Masked names of people of the caller's area. */
export async function namesOf(tx: Tx<DB>, personIds: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{
    id: string;
    name: string;
  }>`select person_id as id, name_mask as name from employment.person_identity
    where person_id = any(${[...personIds]}::uuid[]) and name_mask is not null`.execute(tx);
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** A person's name as a posting shows it; none where who it is has not been told, or is no longer known here. */
export async function nameToPost(tx: Tx<DB>, keys: Keys, personId: string): Promise<Record<string, string>> {
  const { rows } = await sql<{
    secret: Buffer;
    minor: boolean;
  }>`select secret, coalesce(birth_date > kit.today() - interval '18 years', false) as minor
    from employment.person_identity where person_id = ${personId} and secret is not null`.execute(tx);
  const [row] = rows;
  if (!row) return {};
  const { name } = openRecord(
    keys,
    { table: "employment.person_identity", id: personId },
    row.secret,
    z.looseObject({ name: z.string() }),
  );
  return { 姓名: nameForPosting(name, { minor: row.minor }) };
}

/** The pools that a setting of fund sources stands for; bridging funds are those of any level. */
export function poolsOf(names: readonly string[]): FundSource[] {
  const meant = names.flatMap((name) => {
    if (name === "bridging-fund") return FundSource.options.filter((source) => source.startsWith("bridging-fund-"));
    return name === "guangdong-cooperation-fund" ? ["guangdong-cooperation"] : [name];
  });
  return FundSource.options.filter((source) => meant.includes(source));
}
