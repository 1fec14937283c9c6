import { HouseholdChanged, PersonJoinedHousehold, refuse } from "@shouwang/contract";
import { parameterFor } from "@shouwang/service-kit";
import { z } from "zod";
import { SourceEntry, sourceOf } from "../household/change-source.ts";
import { membersOf, personStateOf } from "../household/person-store.ts";
import { checkStaying, countsOf } from "../household/roster-decide.ts";
import { lockInOrder, lockMembers, moveInTheWay, savePeople } from "../household/roster-store.ts";
import { type Household, saveHousehold, stateOf } from "../household/store.ts";
import { HouseholdWithMembers, memberView, viewOf } from "../household/views.ts";
import { command, slice } from "../kit.ts";
import { checkEntry } from "../suspect/run.ts";
import { mayUndo } from "./decide.ts";
import { followBack } from "./follow.ts";
import { labelsOf, mergeHouseholds } from "./merge.ts";
import { splitHousehold } from "./split.ts";
import { findMerge, saveUndone, sinceMerge } from "./store.ts";

const undoMerge = command(
  {
    method: "post",
    operation: "undo-merge",
    path: "/household-merges/{mergeId}/undo",
    summary: { zh: "撤销并户(期限内)", en: "Undo a merge within the days the settings allow" },
    clauses: ["M-01"],
    allow: ["county-officer", "township-officer"],
    params: z.object({ mergeId: z.uuidv7() }),
    body: z.object({ ...SourceEntry }),
    reply: z.object({ household: HouseholdWithMembers, restored: HouseholdWithMembers }),
    problems: ["merge-not-found", "merge-undone-already", "merge-undo-too-late", "merge-undo-blocked", "household-moving"],
  },
  async ({ tx, params, body, actor, now, today }) => {
    const seen = await findMerge(tx, params.mergeId);
    if (!seen) return refuse("merge-not-found");
    const locked = await lockInOrder(tx, [seen.householdId, seen.mergedId]);
    const merge = await findMerge(tx, params.mergeId, true);
    const [kept, ceased] = [locked.get(seen.householdId), locked.get(seen.mergedId)];
    if (!merge || !kept || !ceased) return refuse("merge-not-found");
    const people = await lockMembers(tx, [kept.id]);
    const back = merge.carried.flatMap((carried) => {
      const person = people.find(({ id }) => id === carried.personId);
      return person && person.relation === carried.now ? [{ before: person, was: carried.was }] : [];
    });
    const days = await parameterFor(tx, "registry.mergeUndoDays", kept.region, today);
    const refused = mayUndo(
      { mergedAt: merge.mergedAt, undone: merge.undoneAt !== null },
      {
        ...(await sinceMerge(tx, merge)),
        peopleChanged: merge.carried.map(({ personId }) => personId).filter((id) => !back.some(({ before }) => before.id === id)),
        statusOfKept: kept.status,
      },
      { days: days.value, document: days.document, today },
    );
    if (refused) return refused;
    const stuck = checkStaying(await moveInTheWay(tx, kept.id, "arrangement"));
    if (stuck) return stuck;
    const source = sourceOf(body, { actor, now });
    const saved = await savePeople(
      tx,
      back.map(({ before, was }) => ({
        before,
        after: { ...before, householdId: ceased.id, relation: was, since: today },
      })),
      { ...source, because: "merge-undone", on: today },
    );
    const left = people.filter((person) => !back.some(({ before }) => before.id === person.id));
    // What was changed of the household since, with its own source, stands.
    const untouched = JSON.stringify(labelsOf(kept)) === JSON.stringify(merge.before.result);
    const after: Household = {
      ...kept,
      ...(untouched ? merge.before.kept : {}),
      ...countsOf(left),
      version: kept.version + 1,
    };
    const restored: Household = {
      ...ceased,
      ...merge.before.merged,
      ...countsOf(back.map(({ before }) => before)),
      status: "active",
      closedBecause: null,
      mergedInto: null,
      version: ceased.version + 1,
    };
    await saveHousehold(tx, kept, after, source);
    await saveHousehold(tx, ceased, restored, source);
    await saveUndone(tx, merge.id, now);
    const followed = await followBack(tx, merge, { actor: source.actor, now });
    await checkEntry(tx, after, now);
    await checkEntry(tx, restored, now);
    const shown = async (household: Household) => ({
      ...viewOf(household),
      members: (await membersOf(tx, household.id)).map(memberView),
    });
    return {
      reply: { household: await shown(after), restored: await shown(restored) },
      events: [
        HouseholdChanged.of(after.id, after.version, after.region, stateOf(after)),
        HouseholdChanged.of(restored.id, restored.version, restored.region, stateOf(restored)),
        ...saved.map((change) =>
          PersonJoinedHousehold.of(change.after.id, change.after.version, change.after.region, personStateOf(change.after)),
        ),
        ...followed,
      ],
    };
  },
);

export const householdSplitSlice = slice({
  name: "household-split",
  title: { zh: "分户与并户", en: "Splitting and merging" },
  routes: [splitHousehold, mergeHouseholds, undoMerge],
});
