import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { DateText, Fen, Year } from "../vocabulary.ts";
import { claimEvents } from "./claim.ts";
import { ids, village } from "./examples.ts";
import { ClaimStatus, household, idOf, personOrNone, region } from "./fields.ts";
import { ProjectId } from "./payment.ts";

export const HouseholdIndustryState = z.object({
  claimId: idOf("HouseholdIndustryId", "Award to a household for one item of its industry and year"),
  householdId: household,
  personId: personOrNone.describe("Payee, or null before payment is asked for; pseudonymous"),
  region,
  year: Year.describe("Year of the award"),
  item: z.enum(["planting", "raising", "processing", "trade", "handicraft"]).describe("What the household runs"),
  amountFen: Fen.describe("Award, in fen"),
  status: ClaimStatus.describe("Where the claim stands"),
  paidOn: DateText.nullable().describe("Day the money arrived, or null"),
});
export type HouseholdIndustryState = z.infer<typeof HouseholdIndustryState>;
/** Award to a household after acceptance; one per household, item and year. */
export const {
  approved: HouseholdIndustryApproved,
  rejected: HouseholdIndustryRejected,
  paid: HouseholdIndustryPaid,
  clawedBack: HouseholdIndustryClawedBack,
} = claimEvents("industry.household-industry", HouseholdIndustryState, {
  of: { zh: "到户产业奖补", en: "Household industry award" },
  clauses: ["I-07", "I-02", "M-06"],
  readers: ["monitoring", "gateway", "integrators"],
  example: (status) => ({
    claimId: ids.claim,
    householdId: ids.household,
    personId: ids.person,
    region: village,
    year: 2022,
    item: "raising" as const,
    amountFen: 120_000,
    status,
    paidOn: status === "paid" || status === "clawed-back" ? "2022-11-02" : null,
  }),
});

/** Industry help other than an award or a loan, once it has reached the household. */
export const IndustryMeasureDelivered = defineEvent(
  "industry.measure.delivered",
  1,
  z.object({
    measureId: idOf("IndustryMeasureId", "Measure delivered"),
    householdId: household,
    region,
    year: Year.describe("Year it counts for"),
    kind: z
      .enum(["seedlings", "technical-service", "insurance", "order-sale", "entrusted-raising", "shareholding"])
      .describe("Kind of help"),
    projectId: ProjectId.nullable().describe("Project it came from, or null"),
    amountFen: Fen.nullable().describe("Worth, in fen, or null"),
    deliveredOn: DateText.describe("Day it reached the household"),
  }),
  {
    kind: "fact",
    title: { zh: "产业帮扶措施已落实", en: "Industry measure delivered" },
    clauses: ["I-07", "M-06"],
    readers: ["monitoring", "gateway", "integrators"],
    example: {
      measureId: ids.measure,
      householdId: ids.household,
      region: village,
      year: 2022,
      kind: "seedlings",
      projectId: ids.project,
      amountFen: 60_000,
      deliveredOn: "2022-04-08",
    },
  },
);

export const CourtyardEconomyState = z.object({
  courtyardId: idOf("CourtyardId", "Courtyard business of a household"),
  householdId: household,
  region,
  kind: z.enum(["planting", "raising", "processing", "trade", "handicraft", "tourism"]).describe("Kind of business"),
  from: DateText.describe("First day"),
  until: DateText.nullable().describe("Last day, or null while running"),
});
export type CourtyardEconomyState = z.infer<typeof CourtyardEconomyState>;
const courtyardExample: z.input<typeof CourtyardEconomyState> = {
  courtyardId: ids.source,
  householdId: ids.household,
  region: village,
  kind: "processing",
  from: "2022-05-01",
  until: null,
};
const aboutCourtyard = { kind: "state", clauses: ["I-08"], readers: ["monitoring", "gateway", "integrators"] } as const;

export const CourtyardStarted = defineEvent("industry.courtyard-economy.started", 1, CourtyardEconomyState, {
  ...aboutCourtyard,
  title: { zh: "庭院经济已开办", en: "Courtyard business started" },
  example: courtyardExample,
});
export const CourtyardEnded = defineEvent("industry.courtyard-economy.ended", 1, CourtyardEconomyState, {
  ...aboutCourtyard,
  title: { zh: "庭院经济已停办", en: "Courtyard business ended" },
  example: { ...courtyardExample, until: "2022-12-20" },
});

export const PolicyCardDelivered = defineEvent(
  "industry.policy-card.delivered",
  1,
  z.object({
    policyCardId: idOf("PolicyCardId", "Policy card of one household and year"),
    householdId: household,
    region,
    year: Year.describe("Year of the card"),
    edition: z.int().positive().describe("Edition of the policies on it"),
    signed: z.boolean().describe("The household signed for it"),
    deliveredOn: DateText.describe("Day of delivery"),
  }),
  {
    kind: "fact",
    title: { zh: "政策明白卡已送达", en: "Policy card delivered" },
    clauses: ["I-06"],
    readers: ["monitoring", "gateway", "integrators"],
    example: {
      policyCardId: ids.source,
      householdId: ids.household,
      region: village,
      year: 2022,
      edition: 1,
      signed: true,
      deliveredOn: "2022-06-30",
    },
  },
);
