import { EmploymentPostingClosed, EmploymentPostingOpened, type EventDraft } from "@shouwang/contract";
import { type Posting, type Principal, reviewChain, type StepRefusal, type Tx, takeStep } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import type { Holder } from "./decide.ts";

/** Who takes which step on the way to a post. Nobody who applied for a person or reviewed them approves them. */
const holderChain = reviewChain("post-holder", [
  { step: "application", roles: ["village-officer", "first-secretary", "township-officer"], begins: true, decides: true },
  { step: "village-review", roles: ["village-officer"], mayFollowOwnStep: true },
  { step: "posting", roles: ["village-officer"], mayFollowOwnStep: true },
  { step: "objection-answered", roles: ["township-officer"], mayFollowOwnStep: true },
  { step: "township-approval", roles: ["township-officer"], decides: true },
  { step: "agreement", roles: ["township-officer"], mayFollowOwnStep: true },
]);
type Step = (typeof holderChain)["steps"][number]["step"];

export const aboutHolder = (holder: Holder) => ({
  ...{ entity: "post-holder", entityId: holder.id, householdId: holder.householdId, region: holder.region },
});

export const takeHolderStep = <S extends Step>(
  tx: Tx<DB>,
  holder: Holder,
  step: S,
  given: { actor: Principal; at: Date; outcome: string; detail?: Record<string, unknown> },
): Promise<StepRefusal<typeof holderChain.steps, S> | undefined> =>
  takeStep(tx, holderChain, { ...aboutHolder(holder), round: 1 }, step, given);

/** The posting's event; `version` is the posting's own. */
export function postingEvent(posting: Posting, status: "open" | "cleared" | "withdrawn", version: number): EventDraft {
  const event = status === "open" ? EmploymentPostingOpened : EmploymentPostingClosed;
  return event.of(posting.id, version, posting.region, {
    ...{ postingId: posting.id, kind: "post-holder", about: posting.entity, aboutId: posting.entityId, region: posting.region },
    ...{ levels: posting.levels, from: posting.startsOn, until: posting.lastDay, status, openObjections: posting.openObjections },
  });
}
