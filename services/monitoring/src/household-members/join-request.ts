import { Refusal, refuse } from "@shouwang/contract";
import { businessDate, type ChunkResult, everyone } from "@shouwang/service-kit";
import { z } from "zod";
import { HouseholdPath } from "../household/entry.ts";
import { checkChangeable } from "../household/roster-decide.ts";
import { findPersonByIndex, lockInOrder, moveInTheWay, type PersonSource } from "../household/roster-store.ts";
import { findHousehold } from "../household/store.ts";
import { job, query } from "../kit.ts";
import { joinKnown } from "./join-known.ts";
import { answerJoinRequest, findJoinRequest, joinRequestsOf } from "./join-store.ts";

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
    const stuck = household && checkChangeable(household, await moveInTheWay(tx, household.id, "record"));
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
      because: request.because,
      on: request.on,
      status: request.status,
      refusedBecause: request.refusedBecause,
      personId: request.personId,
      askedAt: request.askedAt.toISOString(),
    }));
    return { reply: { items } };
  },
);
