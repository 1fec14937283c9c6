import {
  DateText,
  type EventDraft,
  HouseholdChanged,
  PersonChanged,
  PersonDied,
  PersonId,
  PersonLeftHousehold,
  Refusal,
} from "@shouwang/contract";
import type { BusinessDate, Tx } from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { RelationsEntry, SourceEntry, sourceOf } from "../household/change-source.ts";
import { registrars } from "../household/entry.ts";
import { type Person, personStateOf } from "../household/person-store.ts";
import { countsOf, type RelationGiven } from "../household/roster-decide.ts";
import { type PersonSource, saveCounts, savePeople } from "../household/roster-store.ts";
import { stateOf } from "../household/store.ts";
import { HouseholdView, MemberView, memberView, viewOf } from "../household/views.ts";
import { command } from "../kit.ts";
import { checkEntry } from "../suspect/run.ts";
import { leaveReasons, leaving } from "./decide.ts";
import { lockMembership } from "./membership.ts";

const PersonPath = z.object({ personId: PersonId });
const Left = z.object({ household: HouseholdView, members: z.array(MemberView) });
const problems = [
  "person-not-found",
  "person-not-member",
  "last-member",
  "household-moving",
  "version-mismatch",
  "invalid-input",
] as const;
const relations = RelationsEntry.default([]).describe("Where the head goes: who is head now, and what everybody is to them");

export const leaveHousehold = command(
  {
    method: "post",
    operation: "leave-household",
    path: "/persons/{personId}/leaving",
    summary: { zh: "登记家庭成员减少(婚出、迁出、参军等)", en: "Somebody leaves a household: marriage, transfer, army" },
    clauses: ["M-01"],
    allow: registrars,
    params: PersonPath,
    body: z.object({ because: z.enum(leaveReasons), on: DateText, relations, ...SourceEntry }),
    reply: Left,
    ifMatch: true,
    problems,
  },
  async ({ tx, params, body, actor, now, today, expectedVersion }) =>
    await end(tx, { personId: params.personId, expectedVersion, relations: body.relations, status: "left" }, today, {
      ...sourceOf(body, { actor, now }),
      because: body.because,
      on: body.on,
    }),
);

export const recordDeath = command(
  {
    method: "post",
    operation: "record-death",
    path: "/persons/{personId}/death",
    summary: { zh: "登记家庭成员死亡", en: "Record that a member died" },
    clauses: ["M-01"],
    allow: registrars,
    params: PersonPath,
    body: z.object({ on: DateText, relations, ...SourceEntry }),
    reply: Left,
    ifMatch: true,
    problems,
  },
  async ({ tx, params, body, actor, now, today, expectedVersion }) =>
    await end(tx, { personId: params.personId, expectedVersion, relations: body.relations, status: "died" }, today, {
      ...sourceOf(body, { actor, now }),
      because: "death",
      on: body.on,
    }),
);

/** Ends a membership; those who stay take their new relations, headcount and able workers follow. */
async function end(
  tx: Tx<DB>,
  about: { personId: string; expectedVersion: number | undefined; relations: readonly RelationGiven[]; status: "left" | "died" },
  today: BusinessDate,
  given: PersonSource,
) {
  const held = await lockMembership(tx, about.personId, about.expectedVersion);
  if (held instanceof Refusal) return held;
  const { person, household, members } = held;
  const rest = leaving(members, person, { on: given.on, today, relations: about.relations });
  if (rest instanceof Refusal) return rest;
  const gone: Person = {
    ...person,
    householdId: null,
    status: about.status,
    since: given.on,
    ableWorker: about.status === "died" ? false : person.ableWorker,
  };
  const changes = [{ before: person, after: gone }, ...rest.map((after) => ({ before: before(members, after.id), after }))];
  const saved = await savePeople(tx, changes, given);
  const after = await saveCounts(tx, household, countsOf(rest), given);
  await checkEntry(tx, after, given.at);
  const eventOf = (changed: Person): EventDraft => {
    const definition = changed.id !== gone.id ? PersonChanged : about.status === "died" ? PersonDied : PersonLeftHousehold;
    return definition.of(changed.id, changed.version, changed.region, personStateOf(changed));
  };
  return {
    reply: {
      household: viewOf(after),
      members: rest.map((member) => memberView(saved.find((change) => change.after.id === member.id)?.after ?? member)),
    },
    events: [
      ...saved.map((change) => eventOf(change.after)),
      HouseholdChanged.of(after.id, after.version, after.region, stateOf(after)),
    ],
  };
}

const before = (members: readonly Person[], id: string): Person => {
  const found = members.find((member) => member.id === id);
  if (!found) throw new Error("a member who was not there before");
  return found;
};
