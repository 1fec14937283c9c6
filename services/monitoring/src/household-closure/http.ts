import { DateText, HouseholdClosed, PersonDied, PersonLeftHousehold, refuse } from "@shouwang/contract";
import { actorOf, businessDate } from "@shouwang/service-kit";
import { z } from "zod";
import { mayChange, SourceEntry, sourceOf } from "../household/change-source.ts";
import { HouseholdPath } from "../household/entry.ts";
import { personStateOf } from "../household/person-store.ts";
import { lockInOrder, lockMembers, savePeople } from "../household/roster-store.ts";
import { type Household, saveHousehold, stateOf } from "../household/store.ts";
import { HouseholdView, viewOf } from "../household/views.ts";
import { takeOfferBack } from "../household-move/take-back.ts";
import { endAssignments } from "../household-split/store.ts";
import { command, slice } from "../kit.ts";
import { checkEntry } from "../suspect/run.ts";
import { type ClosureCode, closureCodes, mayClose, publicGround } from "./decide.ts";
import { endBusiness } from "./end-business.ts";
import { insertClosure, recordsOf } from "./store.ts";

// Safe: the list has entries.
const codes = Object.keys(closureCodes) as [ClosureCode, ...ClosureCode[]];

const closeHousehold = command(
  {
    method: "post",
    operation: "close-household",
    path: "/households/{householdId}/closure",
    summary: { zh: "农户自然减少或误登记撤销", en: "Close a household: natural reduction, or registered by mistake" },
    clauses: ["M-01"],
    allow: ["county-officer", "township-officer"],
    params: HouseholdPath,
    body: z.object({
      code: z.enum(codes),
      on: DateText,
      note: z.string().trim().min(2).max(300).optional().describe("The reason in words; sealed, it may name people"),
      ...SourceEntry,
      document: z.string().trim().min(2).max(120),
    }),
    reply: HouseholdView.extend({
      ended: z.array(z.string()).describe("Types of the events by which open business of the household ended"),
    }),
    ifMatch: true,
    problems: [
      "household-not-found",
      "household-not-active",
      "household-moving",
      "version-mismatch",
      "invalid-input",
      "household-in-use",
    ],
  },
  async ({ tx, params, body, actor, keys, now, today, expectedVersion }) => {
    const before = (await lockInOrder(tx, [params.householdId])).get(params.householdId);
    const no = await mayChange(tx, before, expectedVersion, "record");
    if (no || !before) return no ?? refuse("household-not-found");
    const stuck = await takeOfferBack(tx, before.id, { actor: actorOf(actor), now });
    if (stuck) return stuck;
    const members = await lockMembers(tx, [before.id]);
    const since =
      members
        .map((member) => member.since)
        .sort()
        .at(-1) ?? "1900-01-01";
    const refused = mayClose({ code: body.code, on: body.on, today, since, records: await recordsOf(tx, before.id) });
    if (refused) return refused;
    const source = sourceOf(body, { actor, now });
    const because = publicGround(body.code);
    const died = body.code === "death";
    const saved = await savePeople(
      tx,
      members.map((person) => ({
        before: person,
        after: {
          ...person,
          householdId: null,
          status: died ? ("died" as const) : ("left" as const),
          since: body.on,
          ableWorker: died ? false : person.ableWorker,
        },
      })),
      { ...source, because: body.code, on: body.on },
    );
    const ended = await endBusiness(tx, before.id, { because, actor: source.actor, now });
    const after: Household = {
      ...before,
      headcount: 0,
      ableWorkers: 0,
      status: "closed",
      closedBecause: because,
      version: before.version + 1,
    };
    await saveHousehold(tx, before, after, source);
    await insertClosure(tx, keys, {
      householdId: after.id,
      region: after.region,
      code: body.code,
      on: body.on,
      document: body.document,
      note: body.note,
      by: source.actor,
      at: now,
    });
    await endAssignments(tx, after.id, businessDate(now));
    await checkEntry(tx, after, now);
    return {
      reply: { ...viewOf(after), ended: ended.map((event) => event.type) },
      events: [
        HouseholdClosed.of(after.id, after.version, after.region, stateOf(after)),
        ...saved.map(({ after: person }) =>
          (died ? PersonDied : PersonLeftHousehold).of(person.id, person.version, person.region, personStateOf(person)),
        ),
        ...ended,
      ],
    };
  },
);

export const householdClosureSlice = slice({
  name: "household-closure",
  title: { zh: "自然减少与撤销", en: "Natural reduction and cancelling" },
  routes: [closeHousehold],
});
