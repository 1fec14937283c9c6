import { MeasureCategory, Reason, Risk } from "@shouwang/contract";
import { z } from "zod";
import { type HouseholdPlan, unansweredRisks } from "./decide.ts";

export const HouseholdPlanView = z.object({
  householdPlanId: z.string(),
  caseId: z.string(),
  householdId: z.string(),
  region: z.string(),
  status: z.enum(["submitted", "approved", "closed"]),
  revision: z.int().describe("Every change is a revision, approved again"),
  submittedBy: z.string(),
  approvedBy: z.string().nullable(),
  approvedOn: z.string().nullable().describe("Day of the latest approval"),
  items: z.array(
    z.object({
      itemId: z.string(),
      risk: Risk,
      category: MeasureCategory,
      dueOn: z.string(),
      status: z.enum(["planned", "doing", "done", "confirmed", "cancelled"]),
    }),
  ),
  unanswered: z.array(Reason).describe("Risks of the case without a fitting item; such a plan is not approved"),
  version: z.int(),
});

export const planView = (plan: HouseholdPlan, risks: readonly Risk[]): z.input<typeof HouseholdPlanView> => {
  const { id, items, ...rest } = plan;
  return {
    ...rest,
    householdPlanId: id,
    items: items.map(({ id: itemId, ...item }) => ({ itemId, ...item })),
    unanswered: unansweredRisks(risks, items),
  };
};
