import {
  DateText,
  HouseholdChanged,
  HouseholdId,
  HouseholdKind,
  HouseholdMerged,
  PersonJoinedHousehold,
  Refusal,
  refuse,
} from "@shouwang/contract";
import { checkVersion } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { settleMerged } from "../duplicate/store.ts";
import { checkProof } from "../guarantee-problem/decide.ts";
import { openGuarantees } from "../guarantee-problem/store.ts";
import { mayChange, RelationsEntry, SourceEntry, sourceOf } from "../household/change-source.ts";
import { GuaranteesEntry, HouseholdPath } from "../household/entry.ts";
import { membersOf, personStateOf } from "../household/person-store.ts";
import { countsOf } from "../household/roster-decide.ts";
import { lockInOrder, lockMembers, savePeople } from "../household/roster-store.ts";
import { type Household, saveHousehold, stateOf } from "../household/store.ts";
import { HouseholdWithMembers, memberView, viewOf } from "../household/views.ts";
import { command } from "../kit.ts";
import { checkEntry } from "../suspect/run.ts";
import { joinGuarantees, mayMerge, merge } from "./decide.ts";
import { followAll } from "./follow.ts";
import { endAssignments, FollowedView, insertMerge, type Merge, openBusinessOf } from "./store.ts";

/** What of a household's own a merge may change. */
export const labelsOf = ({ householdKind, guarantees, lowIncome, safetyNetOnly }: Household) => ({
  householdKind,
  guarantees,
  lowIncome,
  safetyNetOnly,
});

export const mergeHouseholds = command(
  {
    method: "post",
    operation: "merge-households",
    path: "/households/{householdId}/merge",
    summary: { zh: "并户(同村,本户保留)", en: "Merge another household of the village into this one" },
    clauses: ["M-01"],
    allow: ["county-officer", "township-officer", "village-officer"],
    params: HouseholdPath,
    body: z.object({
      mergedId: HouseholdId.describe("The household that ceases"),
      mergedVersion: z.int().positive().describe("The version of it that was seen"),
      members: RelationsEntry.min(1).describe(
        "Each of its members, with what they are to the head of the household that remains",
      ),
      on: DateText,
      householdKind: HouseholdKind.optional().describe("Of the household that remains, where the two differ"),
      guarantees: GuaranteesEntry.optional().describe(
        "As found at the merge, with the document where a problem is open; a problem of either stays one where absent",
      ),
      ...SourceEntry,
    }),
    reply: HouseholdWithMembers.extend({
      mergeId: z.string().describe("To undo it within the days the settings allow"),
      followed: FollowedView.describe("What was open of the household that ceases, and goes on with this one"),
    }),
    status: 201,
    ifMatch: true,
    problems: [
      "household-not-found",
      "household-not-active",
      "household-moving",
      "version-mismatch",
      "invalid-input",
      "household-has-open-case",
      "household-has-open-lead",
      "household-has-open-appeal",
    ],
  },
  async ({ tx, params, body, actor, now, today, expectedVersion }) => {
    const locked = await lockInOrder(tx, [params.householdId, body.mergedId]);
    const kept = locked.get(params.householdId);
    const no = await mayChange(tx, kept, expectedVersion, "arrangement");
    if (no || !kept) return no ?? refuse("household-not-found");
    const ceasing = locked.get(body.mergedId);
    const neither = await mayChange(tx, ceasing, undefined, "arrangement");
    if (neither || !ceasing) return neither ?? refuse("household-not-found");
    const stale = checkVersion(ceasing.version, body.mergedVersion);
    if (stale) return stale;
    const refused = mayMerge(
      { ...kept, ...(await openBusinessOf(tx, kept.id)) },
      { ...ceasing, ...(await openBusinessOf(tx, ceasing.id)) },
      { householdKind: body.householdKind },
    );
    if (refused) return refused;
    const unproved =
      body.guarantees &&
      checkProof(await openGuarantees(tx, [kept.id, ceasing.id]), { values: body.guarantees, document: body.document });
    if (unproved) return unproved;
    const people = await lockMembers(tx, [kept.id, ceasing.id]);
    const coming = people.filter((person) => person.householdId === ceasing.id);
    const joined = merge(
      people.filter((person) => person.householdId === kept.id),
      coming,
      { relations: body.members, on: body.on, today },
    );
    if (joined instanceof Refusal) return joined;
    const after: Household = {
      ...kept,
      ...countsOf(joined.all),
      householdKind: body.householdKind ?? kept.householdKind,
      guarantees: body.guarantees ?? joinGuarantees(kept.guarantees, ceasing.guarantees),
      lowIncome: kept.lowIncome || ceasing.lowIncome,
      safetyNetOnly: kept.safetyNetOnly && ceasing.safetyNetOnly,
      version: kept.version + 1,
    };
    const kindsDisagree =
      after.monitoredKind !== null &&
      after.monitoredKind !== "sudden-hardship" &&
      (after.monitoredKind === "unstable-lifted") !== (after.householdKind === "lifted-household");
    if (kindsDisagree)
      return refuse("invalid-input", {
        errors: [
          {
            pointer: "/householdKind",
            rule: "kinds-agree",
            zh: "户类型与该户监测对象类别不符",
            en: "The kind of household does not go with the kind in which it is monitored",
            clause: "M-01",
          },
        ],
      });
    const merged: Household = {
      ...ceasing,
      headcount: 0,
      ableWorkers: 0,
      status: "merged",
      closedBecause: "merged",
      mergedInto: kept.id,
      version: ceasing.version + 1,
    };
    const source = sourceOf(body, { actor, now });
    const saved = await savePeople(
      tx,
      joined.coming.flatMap((person) => {
        const before = coming.find(({ id }) => id === person.id);
        return before ? [{ before, after: { ...person, householdId: kept.id, since: body.on } }] : [];
      }),
      { ...source, because: "merged", on: body.on },
    );
    await saveHousehold(tx, kept, after, source);
    await saveHousehold(tx, ceasing, merged, source);
    await endAssignments(tx, ceasing.id, today);
    const { followed, events } = await followAll(tx, {
      ...{ from: ceasing.id, to: kept.id, people: coming.map(({ id }) => id) },
      ...{ actor: source.actor, now },
    });
    const record: Merge = {
      id: uuidv7(),
      householdId: kept.id,
      region: kept.region,
      mergedId: ceasing.id,
      mergedOn: body.on,
      mergedAt: now,
      before: { kept: labelsOf(kept), merged: labelsOf(ceasing), result: labelsOf(after) },
      carried: saved.map((change) => ({
        personId: change.after.id,
        was: change.before.relation,
        now: change.after.relation,
        since: change.before.since,
        version: change.after.version,
      })),
      followed,
      undoneAt: null,
    };
    await insertMerge(tx, record);
    await settleMerged(tx, record, { by: source.actor, at: now });
    await checkEntry(tx, after, now);
    await checkEntry(tx, merged, now);
    return {
      reply: { ...viewOf(after), members: (await membersOf(tx, after.id)).map(memberView), mergeId: record.id, followed },
      events: [
        HouseholdMerged.of(merged.id, merged.version, merged.region, stateOf(merged)),
        HouseholdChanged.of(after.id, after.version, after.region, stateOf(after)),
        ...saved.map((change) =>
          PersonJoinedHousehold.of(change.after.id, change.after.version, change.after.region, personStateOf(change.after)),
        ),
        ...events,
      ],
    };
  },
);
