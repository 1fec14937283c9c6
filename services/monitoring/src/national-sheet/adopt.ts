import { type EventDraft, HouseholdChanged, PersonChanged, Refusal, refuse } from "@shouwang/contract";
import { actorOf, type BusinessDate, type Keys, type Tx } from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { abilityOf } from "../household/decide.ts";
import { registrars } from "../household/entry.ts";
import { personStateOf } from "../household/person-store.ts";
import { checkChangeable, countsOf } from "../household/roster-decide.ts";
import { lockInOrder, lockMembers, moveInTheWay, saveCounts, savePerson } from "../household/roster-store.ts";
import { type ChangeSource, type Household, saveHousehold, stateOf } from "../household/store.ts";
import { command } from "../kit.ts";
import { checkEntry } from "../suspect/run.ts";
import { adoptedHousehold, adoptedPerson } from "./adopt-decide.ts";
import { findDifference, type StoredDifference, saveAdoption } from "./difference-store.ts";
import { householdValues, personValues } from "./registry-row.ts";
import { casesOf, openMembers } from "./store.ts";
import { DifferenceView, differenceView } from "./views.ts";

/**
 * Takes the national system's value over, because somebody has looked and decided so: a change of the registry like any other, with its source, document and day. A
 * suspect about it stays with the village to be reported as mended. Refused where the registry no longer says what it said when the two were compared.
 */
export const adoptDifference = command(
  {
    method: "post",
    operation: "adopt-national-difference",
    path: "/national-differences/{differenceId}/adoption",
    summary: {
      zh: "采用国家系统数据(经核实,留存来源)",
      en: "Take over what the national system says, having looked: a change with its source",
    },
    clauses: ["M-01"],
    allow: registrars,
    params: z.object({ differenceId: z.uuid() }),
    reply: DifferenceView,
    problems: [
      "national-difference-not-found",
      "national-field-not-adoptable",
      "national-difference-stale",
      "household-not-active",
      "household-moving",
    ],
  },
  async ({ tx, params, actor, keys, now, today }) => {
    const difference = await findDifference(tx, params.differenceId);
    if (!difference) return refuse("national-difference-not-found");
    const source: ChangeSource = {
      at: now,
      actor: actorOf(actor),
      source: "national-system",
      department: "national-system",
      document: difference.document,
      dataDate: difference.dataDate,
    };
    const household = (await lockInOrder(tx, [difference.householdId])).get(difference.householdId);
    if (!household) return refuse("national-difference-not-found");
    const no = checkChangeable(household, await moveInTheWay(tx, household.id, "record"));
    if (no) return no;
    const given = { keys, source, today };
    const changed =
      difference.personId === null
        ? await adoptOfHousehold(tx, household, difference, given)
        : await adoptOfPerson(tx, household, difference, given);
    if (changed instanceof Refusal) return changed;
    await checkEntry(tx, household, now);
    await saveAdoption(tx, difference.id, { by: source.actor, at: now });
    return { reply: differenceView({ ...difference, adoptedAt: now }), events: changed };
  },
);

type Given = { keys: Keys; source: ChangeSource; today: BusinessDate };
type Refused = Refusal<"national-field-not-adoptable" | "national-difference-stale">;

async function adoptOfHousehold(
  tx: Tx<DB>,
  before: Household,
  one: StoredDifference,
  given: Given,
): Promise<EventDraft[] | Refused> {
  const after = one.theirs === null ? undefined : adoptedHousehold(before, one.field, one.theirs);
  if (!after) return refuse("national-field-not-adoptable");
  const values = householdValues(before, (await casesOf(tx, [before.id])).get(before.id));
  if (one.adoptedAt !== null || (values[one.field] ?? null) !== one.ours) return refuse("national-difference-stale");
  await saveHousehold(tx, before, after, given.source);
  return [HouseholdChanged.of(after.id, after.version, after.region, stateOf(after))];
}

async function adoptOfPerson(
  tx: Tx<DB>,
  household: Household,
  one: StoredDifference,
  given: Given,
): Promise<EventDraft[] | Refused> {
  const { keys, source, today } = given;
  const members = await lockMembers(tx, [household.id]);
  const before = members.find(({ id }) => id === one.personId);
  const opened = (await openMembers(tx, keys, [household.id])).get(household.id)?.find(({ id }) => id === one.personId);
  if (!before || !opened) return refuse("national-difference-stale");
  const taken = one.theirs === null ? undefined : adoptedPerson(before, one.field, one.theirs);
  if (!taken) return refuse("national-field-not-adoptable");
  if (one.adoptedAt !== null || (personValues(opened, today)[one.field] ?? null) !== one.ours)
    return refuse("national-difference-stale");
  const after = { ...taken, ...abilityOf(taken, taken.birthDate, today) };
  await savePerson(tx, before, after, { ...source, because: "corrected", on: today });
  const events = [PersonChanged.of(after.id, after.version, after.region, personStateOf(after))];
  const counts = countsOf(members.map((member) => (member.id === after.id ? after : member)));
  if (counts.ableWorkers === household.ableWorkers) return events;
  const counted = await saveCounts(tx, household, counts, source);
  return [...events, HouseholdChanged.of(counted.id, counted.version, counted.region, stateOf(counted))];
}
