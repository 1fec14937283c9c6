import {
  DateText,
  HouseholdKind,
  HouseholdRegistered,
  HouseholdSplit,
  PersonChanged,
  PersonJoinedHousehold,
  Refusal,
  refuse,
} from "@shouwang/contract";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { mayChange, RelationsEntry, SourceEntry, sourceOf } from "../household/change-source.ts";
import { GuaranteesEntry, HouseholdPath } from "../household/entry.ts";
import { membersOf, personStateOf } from "../household/person-store.ts";
import { countsOf } from "../household/roster-decide.ts";
import { lockInOrder, lockMembers, saveCounts, savePeople } from "../household/roster-store.ts";
import { type Household, insertHousehold, saveHousehold, stateOf } from "../household/store.ts";
import { HouseholdWithMembers, memberView, viewOf } from "../household/views.ts";
import { command } from "../kit.ts";
import { checkEntry } from "../suspect/run.ts";
import { split } from "./decide.ts";
import { followPeople } from "./follow.ts";
import { FollowedView, joinGridOf, openBusinessOf } from "./store.ts";

export const splitHousehold = command(
  {
    method: "post",
    operation: "split-household",
    path: "/households/{householdId}/split",
    summary: { zh: "分户(同村)", en: "Split a household: some members become one of their own in the same village" },
    clauses: ["M-01"],
    allow: ["county-officer", "township-officer", "village-officer"],
    params: HouseholdPath,
    body: z.object({
      members: RelationsEntry.min(1).describe("Who goes, with what each is to the head of the new household"),
      remaining: RelationsEntry.default([]).describe("What those who stay are to their head: all of them where the head goes"),
      on: DateText,
      householdNo: z.string().max(40).optional().describe("Number of the new household"),
      hamlet: z.string().max(40).optional(),
      householdKind: HouseholdKind.optional().describe(
        "Of the new household; a lifted household's members stay lifted where absent",
      ),
      guarantees: GuaranteesEntry.default({ schooling: null, medicalCare: null, housing: null, drinkingWater: null }).describe(
        "Of the new household; not yet looked at where absent",
      ),
      lowIncome: z.boolean().optional(),
      ...SourceEntry,
    }),
    reply: z.object({
      household: HouseholdWithMembers,
      newHousehold: HouseholdWithMembers,
      stays: z
        .object({
          openLeads: z.array(z.string()),
          openCase: z.string().nullable(),
          helpers: z.array(z.string()),
          openPlan: z.string().nullable(),
          openAppeals: z.array(z.string()),
        })
        .describe("Open business stays with the household that keeps its id; the new one is monitored only by a case of its own"),
      followed: FollowedView.describe("What is about those who go and nothing that stays: it goes with them"),
    }),
    status: 201,
    ifMatch: true,
    problems: ["household-not-found", "household-not-active", "household-moving", "version-mismatch", "invalid-input"],
  },
  async ({ tx, params, body, actor, now, today, expectedVersion }) => {
    const before = (await lockInOrder(tx, [params.householdId])).get(params.householdId);
    const no = await mayChange(tx, before, expectedVersion, "arrangement");
    if (no || !before) return no ?? refuse("household-not-found");
    const members = await lockMembers(tx, [before.id]);
    const parts = split(members, { go: body.members, stay: body.remaining, on: body.on, today });
    if (parts instanceof Refusal) return parts;
    const source = sourceOf(body, { actor, now });
    const created: Household = {
      ...before,
      ...countsOf(parts.go),
      id: uuidv7(),
      householdNo: body.householdNo ?? null,
      hamlet: body.hamlet ?? before.hamlet,
      householdKind: body.householdKind ?? before.householdKind,
      monitoredKind: null,
      riskCleared: false,
      guarantees: body.guarantees,
      lowIncome: body.lowIncome ?? before.lowIncome,
      safetyNetOnly: false,
      closedBecause: null,
      splitFrom: before.id,
      version: 1,
    };
    await insertHousehold(tx, created, now);
    await saveHousehold(tx, { ...created, splitFrom: null }, created, source);
    await joinGridOf(tx, { id: uuidv7(), householdId: created.id, likeHousehold: before.id, on: today });
    const goes = parts.go.map((member) => ({ ...member, householdId: created.id, since: body.on }));
    const saved = await savePeople(
      tx,
      [...goes, ...parts.stay].flatMap((after) => {
        const person = members.find(({ id }) => id === after.id);
        return person ? [{ before: person, after }] : [];
      }),
      { ...source, because: "split", on: body.on },
    );
    const kept = await saveCounts(tx, before, countsOf(parts.stay), source);
    const { followed, events } = await followPeople(tx, {
      ...{ from: before.id, to: created.id, people: goes.map(({ id }) => id) },
      ...{ actor: source.actor, now },
    });
    await checkEntry(tx, kept, now);
    await checkEntry(tx, created, now);
    const shown = async (household: Household) => ({
      ...viewOf(household),
      members: (await membersOf(tx, household.id)).map(memberView),
    });
    return {
      reply: {
        household: await shown(kept),
        newHousehold: await shown(created),
        stays: await openBusinessOf(tx, kept.id),
        followed,
      },
      events: [
        HouseholdSplit.of(kept.id, kept.version, kept.region, stateOf(kept)),
        HouseholdRegistered.of(created.id, created.version, created.region, stateOf(created)),
        ...saved.map(({ after }) =>
          (after.householdId === created.id ? PersonJoinedHousehold : PersonChanged).of(
            after.id,
            after.version,
            after.region,
            personStateOf(after),
          ),
        ),
        ...events,
      ],
    };
  },
);
