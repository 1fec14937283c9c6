import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { DateText, Fen } from "../vocabulary.ts";
import { ids, village } from "./examples.ts";
import {
  caseOrNone,
  department,
  household,
  idOf,
  leadOrNone,
  MeasureCategory,
  monitoredCase,
  personOrNone,
  Risk,
  region,
} from "./fields.ts";

export const HelperId = idOf("HelperId", "One helper's assignment to one household");
export type HelperId = z.infer<typeof HelperId>;

export const HelperState = z.object({
  helperId: HelperId,
  caseId: monitoredCase,
  householdId: household,
  region,
  from: DateText.describe("First day answerable"),
  until: DateText.nullable().describe("Last day, or null while active"),
  releasedBecause: z.enum(["transferred", "retired", "case-cleared", "case-closed", "other"]).nullable().describe("Or null"),
});
export type HelperState = z.infer<typeof HelperState>;
const helperExample: z.input<typeof HelperState> = {
  helperId: ids.helper,
  caseId: ids.case,
  householdId: ids.household,
  region: village,
  from: "2022-08-12",
  until: null,
  releasedBecause: null,
};
const aboutHelper = { kind: "state", clauses: ["M-04a", "M-04c"], readers: ["gateway", "integrators"] } as const;

export const HelperAssigned = defineEvent("monitoring.helper.assigned", 1, HelperState, {
  ...aboutHelper,
  title: { zh: "帮扶责任人已落实", en: "Helper assigned" },
  example: helperExample,
});
/** A new helper is due within the days the settings name. */
export const HelperReleased = defineEvent("monitoring.helper.released", 1, HelperState, {
  ...aboutHelper,
  title: { zh: "帮扶责任人已解除", en: "Helper released" },
  example: { ...helperExample, until: "2023-03-31", releasedBecause: "transferred" },
});

export const HouseholdPlanId = idOf("HouseholdPlanId", "Household plan");
export type HouseholdPlanId = z.infer<typeof HouseholdPlanId>;
export const HouseholdPlanItemId = idOf("HouseholdPlanItemId", "Item of a household plan");
export type HouseholdPlanItemId = z.infer<typeof HouseholdPlanItemId>;

export const HouseholdPlanState = z.object({
  householdPlanId: HouseholdPlanId,
  caseId: monitoredCase,
  householdId: household,
  region,
  revision: z.int().positive().describe("Revision; every change is approved again"),
  status: z.enum(["submitted", "approved", "closed"]).describe("Where the plan stands"),
  approvedOn: DateText.nullable().describe("Day of the latest approval, or null"),
  items: z
    .array(
      z.object({
        itemId: HouseholdPlanItemId,
        risk: Risk.describe("Risk it answers"),
        category: MeasureCategory.describe("Kind of measure planned"),
        dueOn: DateText.describe("Day it is to be delivered by"),
        status: z.enum(["planned", "doing", "done", "confirmed", "cancelled"]).describe("Where the item stands"),
      }),
    )
    .max(50)
    .describe("What is planned against which risk; a planned item is not a measure"),
});
export type HouseholdPlanState = z.infer<typeof HouseholdPlanState>;
const planExample: z.input<typeof HouseholdPlanState> = {
  householdPlanId: ids.householdPlan,
  caseId: ids.case,
  householdId: ids.household,
  region: village,
  revision: 1,
  status: "submitted",
  approvedOn: null,
  items: [
    { itemId: ids.planItem, risk: "unstable-work", category: "public-welfare-post", dueOn: "2022-09-30", status: "planned" },
  ],
};
const aboutPlan = { kind: "state", clauses: ["M-04b"], readers: ["employment", "industry", "gateway", "integrators"] } as const;

export const HouseholdPlanSubmitted = defineEvent("monitoring.household-plan.submitted", 1, HouseholdPlanState, {
  ...aboutPlan,
  title: { zh: "一户一策已提交", en: "Household plan submitted" },
  example: planExample,
});
export const HouseholdPlanApproved = defineEvent("monitoring.household-plan.approved", 1, HouseholdPlanState, {
  ...aboutPlan,
  title: { zh: "一户一策已审核", en: "Household plan approved" },
  example: { ...planExample, status: "approved", approvedOn: "2022-08-14" },
});
export const HouseholdPlanChanged = defineEvent("monitoring.household-plan.changed", 1, HouseholdPlanState, {
  ...aboutPlan,
  title: { zh: "一户一策已调整", en: "Household plan changed" },
  example: { ...planExample, revision: 2 },
});
export const HouseholdPlanClosed = defineEvent("monitoring.household-plan.closed", 1, HouseholdPlanState, {
  ...aboutPlan,
  title: { zh: "一户一策已结束", en: "Household plan closed" },
  example: { ...planExample, status: "closed", approvedOn: "2022-08-14" },
});

export const MeasureId = idOf("MeasureId", "Measure delivered");
export type MeasureId = z.infer<typeof MeasureId>;

/** Help really given. One from another department is credited once per `sourceDepartment` and `sourceId`. */
export const MeasureDelivered = defineEvent(
  "monitoring.measure.delivered",
  1,
  z.object({
    measureId: MeasureId,
    householdId: household,
    personId: personOrNone.describe("Member it was for, or null; pseudonymous"),
    region,
    leadId: leadOrNone,
    caseId: caseOrNone,
    category: MeasureCategory.describe("Kind of help"),
    development: z.boolean().describe("A development measure: industry, job, finance or post"),
    epidemic: z.boolean().describe("Given because of the epidemic"),
    deliveredOn: DateText.describe("Day the help reached the household"),
    amountFen: Fen.nullable().describe("Money or worth, in fen, or null"),
    sourceDepartment: department.describe("Department that gave it"),
    sourceId: z.uuidv7().nullable().describe("Record of that department it was credited from, or null"),
  }),
  {
    kind: "fact",
    title: { zh: "帮扶措施已落实", en: "Measure delivered" },
    clauses: ["M-03", "M-04b", "M-06"],
    readers: ["gateway", "integrators"],
    example: {
      measureId: ids.measure,
      householdId: ids.household,
      personId: null,
      region: village,
      leadId: ids.lead,
      caseId: null,
      category: "safety-net",
      development: false,
      epidemic: true,
      deliveredOn: "2022-08-03",
      amountFen: 150_000,
      sourceDepartment: "monitoring",
      sourceId: null,
    },
  },
);
