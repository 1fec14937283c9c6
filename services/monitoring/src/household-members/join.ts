import { DateText, type EventDraft, HouseholdChanged, PersonJoinedHousehold, Refusal, refuse } from "@shouwang/contract";
import {
  actorOf,
  type BusinessDate,
  businessDate,
  type ChunkResult,
  everyone,
  parseBusinessDate,
  requestJob,
  system,
  type Tx,
} from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import type { DB } from "../db.ts";
import { mayChange, SourceEntry, sourceOf } from "../household/change-source.ts";
import { checkMember } from "../household/decide.ts";
import { HouseholdPath, MemberEntry, registrars } from "../household/entry.ts";
import { identityIndex, membersOf, type Person, personStateOf } from "../household/person-store.ts";
import { checkChangeable, countsOf, type RosterMember } from "../household/roster-decide.ts";
import {
  findOpenMove,
  findPersonByIndex,
  lockInOrder,
  lockMembers,
  lockPerson,
  type PersonSource,
  saveCounts,
  savePeople,
} from "../household/roster-store.ts";
import { findHousehold, type Household, stateOf } from "../household/store.ts";
import { HouseholdWithMembers, memberView, viewOf } from "../household/views.ts";
import { command, job, query } from "../kit.ts";
import { checkEntry } from "../suspect/run.ts";
import { type JoinReason, joining, joinReasons, leaving, mayJoin } from "./decide.ts";
import {
  answerJoinRequest,
  findJoinRequest,
  insertJoinRequest,
  insertUnknown,
  type JoinRequest,
  joinRequestsOf,
} from "./join-store.ts";

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
      "person-registered-elsewhere",
      "last-member",
      "person-not-member",
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
    const no = await mayChange(tx, household, expectedVersion);
    if (no || !household) return no ?? refuse("household-not-found");
    const given: PersonSource = { ...sourceOf(body, { actor, now }), because: body.because, on: body.on };

    if (known) {
      const from = known.householdId ? locked.get(known.householdId) : undefined;
      const joined = await joinKnown(tx, { household, from, personId: known.id, relation: body.member.relation }, given, today);
      if (joined instanceof Refusal) return joined;
      const checks = await checkEntry(tx, joined.household, { now, actor: actorOf(actor) });
      return {
        reply: { ...(await withMembers(tx, joined.household)), outcome: "known-person-joined" as const, requestId: null },
        events: [...joined.events, ...checks.events],
      };
    }
    const members = await lockMembers(tx, [household.id]);
    const newcomer = { id: uuidv7(), ...checked.member, sex: checked.member.identity.sex, since: body.on };
    const fits = joining<RosterMember>(members, newcomer, "/member/relation");
    if (fits instanceof Refusal) return fits;
    const day = mayJoin(
      { status: "left", householdId: null, since: newcomer.identity.birthDate },
      { householdId: household.id, on: body.on, today, ownsBoth: true },
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
    const checks = await checkEntry(tx, after, { now, actor: actorOf(actor) });
    return {
      reply: { ...reply, outcome: "joined" as const, requestId: null },
      events: [...(person ? [joinedEvent(person)] : []), changedEvent(after), ...checks.events],
    };
  },
);

const joinedEvent = (person: Person) => PersonJoinedHousehold.of(person.id, person.version, person.region, personStateOf(person));
const changedEvent = (household: Household) =>
  HouseholdChanged.of(household.id, household.version, household.region, stateOf(household));
const withMembers = async (tx: Tx<DB>, household: Household) => ({
  ...viewOf(household),
  members: (await membersOf(tx, household.id)).map(memberView),
});

/** A person the registry knows joins a household, out of another one where `from` is given; the caller holds both. Never a new person. */
async function joinKnown(
  tx: Tx<DB>,
  about: { household: Household; from: Household | undefined; personId: string; relation: string },
  given: PersonSource,
  today: BusinessDate,
): Promise<
  | { household: Household; events: EventDraft[] }
  | Refusal<
      | "person-member-already"
      | "person-deceased"
      | "person-registered-elsewhere"
      | "invalid-input"
      | "last-member"
      | "person-not-member"
      | "household-moving"
      | "household-not-active"
      | "state-conflict"
    >
> {
  const { household, from } = about;
  const before = await lockPerson(tx, about.personId);
  // Somebody else moved the person between reading and locking.
  if (!before || before.householdId !== (from?.id ?? null)) return refuse("state-conflict");
  const no = mayJoin(before, { householdId: household.id, on: given.on, today, ownsBoth: from !== undefined });
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
    const stuck = checkChangeable(from, await findOpenMove(tx, from.id));
    if (stuck) return stuck;
    const rest = leaving(await lockMembers(tx, [from.id]), before.id, { on: given.on, today, relations: [] });
    if (rest instanceof Refusal) return rest;
    events.push(changedEvent(await saveCounts(tx, from, countsOf(rest), given)));
  }
  const [saved] = await savePeople(tx, [{ before, after: person }], given);
  const after = await saveCounts(tx, household, countsOf(fits), given);
  if (saved) events.push(joinedEvent(saved.after));
  return { household: after, events: [...events, changedEvent(after)] };
}

/** Looks a known person up in the whole region and lets them join, or says why not; which area they stand in is told to nobody. */
export const joinRequestJob = job({
  kind: "join-request",
  run: async ({ tx, input, now }): Promise<ChunkResult> => {
    const { requestId } = z.object({ requestId: z.string() }).parse(input);
    const request = await findJoinRequest(tx, requestId);
    const refused = async (because: string): Promise<ChunkResult> => {
      await answerJoinRequest(tx, requestId, { status: "refused", because, at: now });
      return { totals: { refused: 1 } };
    };
    if (request?.status !== "checking") return { totals: {} };
    const household = (await lockInOrder(tx, [request.householdId])).get(request.householdId);
    const stuck = household && checkChangeable(household, await findOpenMove(tx, household.id));
    if (!household || stuck) return await refused(stuck?.code ?? "household-not-found");
    const person = await findPersonByIndex(tx, request.identityIndex);
    if (!person) return await refused("person-not-found");
    const given: PersonSource = {
      at: now,
      actor: request.askedBy,
      source: request.source,
      document: request.document ?? undefined,
      because: request.because,
      on: request.on,
    };
    const about = { household, from: undefined, personId: person.id, relation: request.relation };
    const joined =
      person.status === "member" ? refuse("person-registered-elsewhere") : await joinKnown(tx, about, given, businessDate(now));
    if (joined instanceof Refusal) return await refused(joined.code);
    await answerJoinRequest(tx, requestId, { status: "joined", personId: person.id, at: now });
    const audit = { action: "join-household", entity: "person", entityId: person.id, region: household.region, clause: "M-01" };
    return { totals: { joined: 1 }, events: joined.events, audit: [audit] };
  },
});

export const listJoinRequests = query(
  {
    operation: "list-join-requests",
    path: "/households/{householdId}/join-requests",
    summary: { zh: "外县人员入户核对结果", en: "Joinings of people known in another area, and how they were answered" },
    clauses: ["M-01"],
    allow: everyone,
    params: HouseholdPath,
    reply: z.object({
      items: z.array(
        z.object({
          requestId: z.string(),
          relation: z.string(),
          because: z.string(),
          on: z.string(),
          status: z.enum(["checking", "joined", "refused"]),
          refusedBecause: z.string().nullable().describe("A problem code"),
          personId: z.string().nullable(),
          askedAt: z.string(),
        }),
      ),
    }),
    problems: ["household-not-found"],
  },
  async ({ tx, params }) => {
    if (!(await findHousehold(tx, params.householdId))) return refuse("household-not-found");
    const items = (await joinRequestsOf(tx, params.householdId)).map((request) => ({
      requestId: request.id,
      relation: request.relation,
      // Safe: the one route that writes it takes it from the list.
      because: request.because as JoinReason,
      on: request.on,
      status: request.status,
      refusedBecause: request.refusedBecause,
      personId: request.personId,
      askedAt: request.askedAt.toISOString(),
    }));
    return { reply: { items } };
  },
);
