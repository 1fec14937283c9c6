import { type EventDraft, HouseholdChanged, PersonJoinedHousehold, Refusal, refuse } from "@shouwang/contract";
import { type BusinessDate, businessDate, type Keys, type Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import { owePeople, type Person, personStateOf, revealPerson } from "../household/person-store.ts";
import { checkChangeable, countsOf } from "../household/roster-decide.ts";
import { lockMembers, lockPerson, moveInTheWay, type PersonSource, saveCounts, savePeople } from "../household/roster-store.ts";
import { type Household, stateOf } from "../household/store.ts";
import { raiseSuspect } from "../suspect/run.ts";
import { joining, leaving, mayJoin } from "./decide.ts";

export const joinedEvent = (person: Person) =>
  PersonJoinedHousehold.of(person.id, person.version, person.region, personStateOf(person));
export const changedEvent = (household: Household) =>
  HouseholdChanged.of(household.id, household.version, household.region, stateOf(household));
/** A person the registry knows joins a household, out of another one where `from` is given; the caller holds both. Never a new person. */
export async function joinKnown(
  tx: Tx<DB>,
  about: { household: Household; from: Household | undefined; personId: string; relation: string },
  given: PersonSource,
  today: BusinessDate,
): Promise<
  | { household: Household; events: EventDraft[] }
  | Refusal<
      | "person-member-already"
      | "person-deceased"
      | "invalid-input"
      | "last-member"
      | "household-moving"
      | "household-not-active"
      | "state-conflict"
    >
> {
  const { household, from } = about;
  const before = await lockPerson(tx, about.personId);
  // Somebody else moved the person between reading and locking.
  if (!before || before.householdId !== (from?.id ?? null)) return refuse("state-conflict");
  const no = mayJoin(before, { householdId: household.id, on: given.on, today });
  if (no) return no;
  const person: Person = {
    ...before,
    householdId: household.id,
    region: household.region,
    relation: about.relation,
    status: "member",
    since: given.on,
  };
  const fits = joining(await lockMembers(tx, [household.id]), person, "/member/relation");
  if (fits instanceof Refusal) return fits;
  const events: EventDraft[] = [];
  if (from) {
    const stuck = checkChangeable(from, await moveInTheWay(tx, from.id, "record"));
    if (stuck) return stuck;
    const rest = leaving(await lockMembers(tx, [from.id]), before, { on: given.on, today, relations: [] });
    if (rest instanceof Refusal) return rest;
    events.push(changedEvent(await saveCounts(tx, from, countsOf(rest), given)));
  }
  const [saved] = await savePeople(tx, [{ before, after: person }], given);
  const after = await saveCounts(tx, household, countsOf(fits), given);
  if (saved) {
    await owePeople(tx, [saved.after]);
    events.push(joinedEvent(saved.after));
  }
  return { household: after, events: [...events, changedEvent(after)] };
}

/** A number that is known under another name than the one entered is nobody's to settle here: the registry's name stays, and the village looks. */
export async function compareName(
  tx: Tx<DB>,
  keys: Keys,
  household: Household,
  entered: { personId: string; name: string; source: string },
  now: Date,
): Promise<void> {
  const known = await revealPerson(tx, keys, entered.personId);
  if (!known || known.secret.name === entered.name) return;
  const value = (name: string, source: string) => ({
    field: "name",
    value: name,
    personal: "name" as const,
    source,
    department: "monitoring",
    date: businessDate(now),
  });
  const about = { householdId: household.id, region: household.region, personId: entered.personId, field: "name" };
  await raiseSuspect(
    tx,
    keys,
    {
      ...about,
      ruleCode: "name-differs",
      values: [value(known.secret.name, "registry"), value(entered.name, entered.source)],
      raisedBy: "monitoring-entry",
    },
    now,
  );
}
