import { type EventDraft, HouseholdPlanClosed } from "@shouwang/contract";
import type { Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import { lockPlanOfCase, savePlan, stateOfPlan } from "./store.ts";

/** Ends the plan of a case that was cleared or closed; the caller holds the case. Nothing happens where there is none, or it has ended. */
export async function closePlan(tx: Tx<DB>, caseId: string): Promise<EventDraft[]> {
  const plan = await lockPlanOfCase(tx, caseId);
  if (!plan || plan.status === "closed") return [];
  const closed = { ...plan, status: "closed" as const, version: plan.version + 1 };
  await savePlan(tx, closed);
  return [HouseholdPlanClosed.of(closed.id, closed.version, closed.region, stateOfPlan(closed))];
}
