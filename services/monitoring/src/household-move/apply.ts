import {
  type EventDraft,
  HouseholdArrived,
  HouseholdMovedOut,
  HouseholdPlanChanged,
  MonitoredCaseAuthorised,
  MonitoredCaseCompared,
  MonitoredCaseHelpStarted,
  MonitoredCaseIncluded,
  MonitoredCaseOpened,
  PersonJoinedHousehold,
  RiskLeadDispatched,
  RiskLeadRegistered,
} from "@shouwang/contract";
import { addDays, businessDate, type ChunkResult, endOfDay, openDeadline, parameterFor, type Tx } from "@shouwang/service-kit";
import { z } from "zod";
import { announceAppeals } from "../appeal/household-life.ts";
import type { DB } from "../db.ts";
import { isMonitored } from "../helper/decide.ts";
import { releaseHelpers } from "../helper/end-help.ts";
import { personStateOf } from "../household/person-store.ts";
import { lockInOrder, lockMembers, savePerson } from "../household/roster-store.ts";
import { type Household, saveHousehold, stateOf } from "../household/store.ts";
import { lockOpenLeads } from "../household-closure/store.ts";
import { lockPlanOfCase, savePlan, stateOfPlan } from "../household-plan/store.ts";
import { endAssignments } from "../household-split/store.ts";
import { job } from "../kit.ts";
import { aboutCase } from "../monitored-case/chain.ts";
import { findOpenCase, lockCase, saveCase, stateOfCase } from "../monitored-case/store.ts";
import { announceReferrals } from "../referral/household-life.ts";
import { lockLead, saveLead, stateOfLead } from "../risk-lead/store.ts";
import { changePlace, findMove, lockMove, markPlace, saveMove } from "./store.ts";

/** The event that tells of a case as it stands; a case in any other step does not move. */
const caseEvents = {
  opened: MonitoredCaseOpened,
  authorised: MonitoredCaseAuthorised,
  compared: MonitoredCaseCompared,
  included: MonitoredCaseIncluded,
  helping: MonitoredCaseHelpStarted,
} as const;

/**
 * Carries out an accepted move, for the whole region and in one transaction: the household leaves on its old county's subject, everything of it follows by its
 * foreign keys, and it arrives with its full state on the new one's, its members and what is open of it with it.
 */
export const moveJob = job({
  kind: "household-move",
  run: async ({ tx, input, now }): Promise<ChunkResult> => {
    const { moveId } = z.object({ moveId: z.string() }).parse(input);
    const seen = await findMove(tx, moveId);
    const household = seen && (await lockInOrder(tx, [seen.householdId])).get(seen.householdId);
    const move = household && (await lockMove(tx, moveId));
    if (!household || move?.status !== "accepted") return { totals: {} };
    const source = {
      at: now,
      actor: `system|household-move`,
      source: "household-move",
      document: move.document ?? undefined,
    };
    const today = businessDate(now);

    const leaving: Household = { ...household, status: "moving", version: household.version + 1 };
    await saveHousehold(tx, household, leaving, source);
    const events: EventDraft[] = [HouseholdMovedOut.of(leaving.id, leaving.version, leaving.region, stateOf(leaving))];
    const open = await findOpenCase(tx, household.id);
    if (open) events.push(...(await releaseHelpers(tx, open.id, { because: "transferred", now })));
    await endAssignments(tx, household.id, today);

    await markPlace(tx, household.id);
    await changePlace(tx, household.id, move.toRegion);
    const arrived: Household = {
      ...leaving,
      region: move.toRegion,
      hamlet: null,
      status: "active",
      version: leaving.version + 1,
    };
    await saveHousehold(tx, leaving, arrived, source);
    events.push(HouseholdArrived.of(arrived.id, arrived.version, arrived.region, stateOf(arrived)));
    for (const person of await lockMembers(tx, [household.id])) {
      const after = { ...person, version: person.version + 1 };
      await savePerson(tx, person, after, { ...source, because: "moved", on: today });
      events.push(PersonJoinedHousehold.of(after.id, after.version, after.region, personStateOf(after)));
    }
    events.push(
      ...(await announceBusiness(tx, household.id, now)),
      ...(await announceReferrals(tx, household.id)),
      ...(await announceAppeals(tx, household.id)),
    );
    await saveMove(tx, { ...move, status: "done", appliedAt: now, version: move.version + 1 }, source.actor);
    const audit = { action: "move-household", entity: "household", entityId: arrived.id, clause: "M-01" };
    return {
      totals: { moved: 1 },
      events,
      audit: [
        { ...audit, region: move.fromRegion },
        { ...audit, region: move.toRegion },
      ],
    };
  },
});

/** Tells of the open case, its plan and the open leads under their new place; a case left without a helper is owed one there. */
async function announceBusiness(tx: Tx<DB>, householdId: string, now: Date): Promise<EventDraft[]> {
  const events: EventDraft[] = [];
  const open = await findOpenCase(tx, householdId);
  const locked = open && (await lockCase(tx, open.id));
  const event = locked && locked.status in caseEvents ? caseEvents[locked.status as keyof typeof caseEvents] : undefined; // Safe: `in` has just said so.
  if (locked && event) {
    const monitored = { ...locked, version: locked.version + 1 };
    await saveCase(tx, monitored);
    events.push(event.of(monitored.id, monitored.version, monitored.region, stateOfCase(monitored)));
    const plan = await lockPlanOfCase(tx, monitored.id);
    if (plan && plan.status !== "closed") {
      const told = { ...plan, version: plan.version + 1 };
      await savePlan(tx, told);
      events.push(HouseholdPlanChanged.of(told.id, told.version, told.region, stateOfPlan(told)));
    }
    if (isMonitored(monitored)) {
      const today = businessDate(now);
      const days = await parameterFor(tx, "helper.replaceDays", monitored.region, today);
      await openDeadline(tx, {
        ...aboutCase(monitored),
        kind: "assign-helper",
        clause: "M-04a",
        role: "county-officer",
        startedAt: now,
        dueAt: endOfDay(addDays(today, days.value)),
      });
    }
  }
  for (const leadId of await lockOpenLeads(tx, householdId)) {
    const lead = await lockLead(tx, leadId);
    if (!lead) continue;
    const told = { ...lead, version: lead.version + 1 };
    await saveLead(tx, told);
    const definition = lead.status === "dispatched" ? RiskLeadDispatched : RiskLeadRegistered;
    events.push(definition.of(told.id, told.version, told.region, stateOfLead(told)));
  }
  return events;
}
