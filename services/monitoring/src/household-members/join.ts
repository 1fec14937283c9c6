import { DateText, Refusal, refuse } from "@shouwang/contract";
import { actorOf, parseBusinessDate, requestJob, system, type Tx } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import type { DB } from "../db.ts";
import { mayChange, SourceEntry, sourceOf } from "../household/change-source.ts";
import { checkMember } from "../household/decide.ts";
import { HouseholdPath, MemberEntry, registrars } from "../household/entry.ts";
import { identityIndex, membersOf } from "../household/person-store.ts";
import { countsOf, type RosterMember } from "../household/roster-decide.ts";
import { findPersonByIndex, lockInOrder, lockMembers, type PersonSource, saveCounts } from "../household/roster-store.ts";
import type { Household } from "../household/store.ts";
import { HouseholdWithMembers, memberView, viewOf } from "../household/views.ts";
import { command } from "../kit.ts";
import { checkEntry } from "../suspect/run.ts";
import { joining, joinReasons, mayJoin } from "./decide.ts";
import { changedEvent, compareName, joinedEvent, joinKnown } from "./join-known.ts";
import { insertJoinRequest, insertUnknown, type JoinRequest } from "./join-store.ts";

const Outcome = z
  .enum(["joined", "known-person-joined", "checking"])
  .describe("checking: the person is known in another area; the answer is in the household's join requests");

export const joinHousehold = command(
  {
    method: "post",
    operation: "join-household",
    path: "/households/{householdId}/members",
    summary: { zh: "登记家庭成员增加(出生、婚入、迁入等)", en: "Somebody joins a household: birth, marriage, transfer" },
    clauses: ["M-01"],
    allow: registrars,
    params: HouseholdPath,
    body: z.object({ member: MemberEntry, because: z.enum(joinReasons), on: DateText, ...SourceEntry }),
    reply: HouseholdWithMembers.extend({ outcome: Outcome, requestId: z.string().nullable() }),
    status: 201,
    ifMatch: true,
    problems: [
      "household-not-found",
      "version-mismatch",
      "household-not-active",
      "household-moving",
      "invalid-input",
      "person-member-already",
      "person-deceased",
      "last-member",
      "state-conflict",
    ],
  },
  async ({ tx, params, body, actor, keys, now, today, expectedVersion }) => {
    const checked = checkMember(body.member, today, "/member");
    if ("errors" in checked) return refuse("invalid-input", { errors: checked.errors });
    const index = identityIndex(keys, checked.member.identity.personKey);
    const known = await findPersonByIndex(tx, index);
    const locked = await lockInOrder(tx, [params.householdId, ...(known?.householdId ? [known.householdId] : [])]);
    const household = locked.get(params.householdId);
    const no = await mayChange(tx, household, expectedVersion, "record");
    if (no || !household) return no ?? refuse("household-not-found");
    const given: PersonSource = { ...sourceOf(body, { actor, now }), because: body.because, on: body.on };

    if (known) {
      const from = known.householdId ? locked.get(known.householdId) : undefined;
      const joined = await joinKnown(tx, { household, from, personId: known.id, relation: body.member.relation }, given, today);
      if (joined instanceof Refusal) return joined;
      await checkEntry(tx, joined.household, now);
      await compareName(tx, keys, joined.household, { personId: known.id, name: body.member.name, source: body.source }, now);
      return {
        reply: { ...(await withMembers(tx, joined.household)), outcome: "known-person-joined" as const, requestId: null },
        events: [...joined.events],
      };
    }
    const members = await lockMembers(tx, [household.id]);
    const newcomer = { id: uuidv7(), ...checked.member, sex: checked.member.identity.sex, since: body.on };
    const fits = joining<RosterMember>(members, newcomer, "/member/relation");
    if (fits instanceof Refusal) return fits;
    const day = mayJoin(
      { status: "left", householdId: null, since: newcomer.identity.birthDate },
      { householdId: household.id, on: body.on, today },
    );
    if (day) return day;
    if (!(await insertUnknown(tx, keys, household, newcomer, parseBusinessDate(body.on)))) {
      const request: JoinRequest = {
        id: uuidv7(),
        householdId: household.id,
        region: household.region,
        identityIndex: index,
        relation: body.member.relation,
        because: body.because,
        on: body.on,
        source: body.source,
        document: body.document ?? null,
        askedBy: actorOf(actor),
        askedAt: now,
        status: "checking",
        refusedBecause: null,
        personId: null,
      };
      await insertJoinRequest(tx, request);
      await requestJob(tx, system("join-request"), {
        kind: "join-request",
        region: household.region,
        input: { requestId: request.id },
      });
      return { reply: { ...(await withMembers(tx, household)), outcome: "checking" as const, requestId: request.id } };
    }
    const after = await saveCounts(tx, household, countsOf(fits), given);
    const reply = await withMembers(tx, after);
    const person = (await membersOf(tx, after.id)).find((member) => member.id === newcomer.id);
    await checkEntry(tx, after, now);
    return {
      reply: { ...reply, outcome: "joined" as const, requestId: null },
      events: [...(person ? [joinedEvent(person)] : []), changedEvent(after)],
    };
  },
);

const withMembers = async (tx: Tx<DB>, household: Household) => ({
  ...viewOf(household),
  members: (await membersOf(tx, household.id)).map(memberView),
});
