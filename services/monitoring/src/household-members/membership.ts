import { type Refusal, refuse } from "@shouwang/contract";
import { checkVersion, type Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import type { Person } from "../household/person-store.ts";
import { checkStaying } from "../household/roster-decide.ts";
import { findPerson, lockInOrder, lockMembers, moveInTheWay } from "../household/roster-store.ts";
import type { Household } from "../household/store.ts";

/**
 * A member with the household and everybody in it, all locked, to be changed by somebody who saw this version of the person. A household that was closed or
 * merged has no members, so whoever has one stands in an active one; one that left the area while we waited for it took its people along.
 */
export async function lockMembership(
  tx: Tx<DB>,
  personId: string,
  expectedVersion: number | undefined,
): Promise<
  | { person: Person; household: Household; members: Person[] }
  | Refusal<"person-not-found" | "person-not-member" | "household-moving" | "version-mismatch">
> {
  const seen = await findPerson(tx, personId);
  if (!seen) return refuse("person-not-found");
  if (!seen.householdId) return refuse("person-not-member");
  const household = (await lockInOrder(tx, [seen.householdId])).get(seen.householdId);
  if (!household) return refuse("person-not-found");
  const stuck = checkStaying(await moveInTheWay(tx, household.id, "record"));
  if (stuck) return stuck;
  const members = await lockMembers(tx, [household.id]);
  const person = members.find(({ id }) => id === personId);
  if (!person) return refuse("person-not-member");
  return checkVersion(person.version, expectedVersion) ?? { person, household, members };
}
