import { type EventDraft, MonitoringPostingClosed, MonitoringPostingOpened } from "@shouwang/contract";
import {
  endDeadline,
  type Posting,
  type Principal,
  reviewChain,
  type StepRefusal,
  type Tx,
  takeStep,
} from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import type { MonitoredCase } from "./decide.ts";

/**
 * Who takes which step of identification and of clearance. Nobody takes two steps in a row, and nobody who proposed, reviewed or
 * checked decides on it again; putting up a posting and answering an objection are acts of office, not judgements, and may follow one's own step.
 */
export const inclusionChain = reviewChain("monitored-case", [
  { step: "authorisation", roles: ["village-officer", "township-officer"], begins: true },
  { step: "comparison", roles: ["township-officer", "county-officer"] },
  { step: "clearance-proposal", roles: ["village-officer", "helper", "first-secretary"], begins: true, decides: true },
  { step: "village-review", roles: ["village-officer"], mayFollowOwnStep: true, decides: true },
  { step: "posting", roles: ["village-officer"], mayFollowOwnStep: true },
  { step: "objection-answered", roles: ["township-officer"], mayFollowOwnStep: true },
  { step: "township-check", roles: ["township-officer"], decides: true },
  { step: "county-approval", roles: ["county-officer"], decides: true },
]);
export type CaseStep = (typeof inclusionChain)["steps"][number]["step"];

/** What every row about a case carries. */
export const aboutCase = (monitored: MonitoredCase) => ({
  entity: "monitored-case",
  entityId: monitored.id,
  householdId: monitored.householdId,
  region: monitored.region,
});

/** Takes a step of the case's present round. */
export async function takeCaseStep<S extends CaseStep>(
  tx: Tx<DB>,
  monitored: MonitoredCase,
  step: S,
  given: { actor: Principal; at: Date; outcome: string; detail?: Record<string, unknown> },
): Promise<StepRefusal<typeof inclusionChain.steps, S> | undefined> {
  const refused = await takeStep(tx, inclusionChain, { ...aboutCase(monitored), round: monitored.round }, step, given);
  // Runs only where an appeal has had the step taken again.
  if (!refused) await endDeadline(tx, "take-step-again", "monitored-case", monitored.id, "met", given.at);
  return refused;
}

/** The posting's event after it was put up, objected to or taken down; `version` is the posting's own. */
export function postingEvent(
  posting: Posting,
  status: "open" | "objected" | "cleared" | "withdrawn",
  version: number,
): EventDraft {
  const event = status === "open" || status === "objected" ? MonitoringPostingOpened : MonitoringPostingClosed;
  return event.of(posting.id, version, posting.region, {
    postingId: posting.id,
    kind: "monitored-household",
    about: posting.entity,
    aboutId: posting.entityId,
    region: posting.region,
    levels: posting.levels,
    from: posting.startsOn,
    until: posting.lastDay,
    status,
    openObjections: posting.openObjections,
  });
}
