import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { DateText, Fen, Year } from "../vocabulary.ts";
import { claimEvents } from "./claim.ts";
import { county as exampleCounty, ids, village } from "./examples.ts";
import { ClaimStatus, household, idOf, person, region } from "./fields.ts";
import { OrganisationId, ProjectId } from "./payment.ts";

export const CollectiveId = idOf("CollectiveId", "Village collective");
export type CollectiveId = z.infer<typeof CollectiveId>;
export const DistributionId = idOf("DistributionId", "One distribution of a collective's income");
export type DistributionId = z.infer<typeof DistributionId>;

export const BenefitLinkingState = z.object({
  benefitLinkingId: idOf("BenefitLinkingId", "Benefit-linking mechanism of one project"),
  projectId: ProjectId,
  region,
  kinds: z
    .array(z.enum(["jobs", "orders", "land-lease", "shareholding", "entrusted-raising", "profit-return"]))
    .min(1)
    .max(6)
    .describe("How the project brings income to households"),
  households: z.int().nonnegative().describe("Households it reaches"),
  targetHouseholds: z.int().nonnegative().describe("Of them lifted or monitored"),
  promisedFen: Fen.describe("Income promised to households a year, in fen"),
  actualFen: Fen.describe("Income that reached them so far, in fen"),
  collective: z.boolean().describe("Run by a village collective"),
});
export type BenefitLinkingState = z.infer<typeof BenefitLinkingState>;
const linkingExample: z.input<typeof BenefitLinkingState> = {
  benefitLinkingId: ids.source,
  projectId: ids.project,
  region: village,
  kinds: ["jobs", "orders"],
  households: 86,
  targetHouseholds: 52,
  promisedFen: 25_000_000,
  actualFen: 0,
  collective: true,
};
const aboutLinking = {
  kind: "state",
  clauses: ["I-05", "C-04"],
  readers: ["funds", "cooperation", "gateway", "integrators"],
} as const;

/** Filed before a project run by an operator may be funded. */
export const BenefitLinkingFiled = defineEvent("industry.benefit-linking.filed", 1, BenefitLinkingState, {
  ...aboutLinking,
  title: { zh: "联农带农机制已备案", en: "Benefit linking filed" },
  example: linkingExample,
});
export const BenefitLinkingReported = defineEvent("industry.benefit-linking.reported", 1, BenefitLinkingState, {
  ...aboutLinking,
  title: { zh: "联农带农成效已填报", en: "Income brought by benefit linking reported" },
  example: { ...linkingExample, actualFen: 18_200_000 },
});

export const OriginWarehouseState = z.object({
  claimId: idOf("OriginWarehouseAwardId", "Award for one origin warehouse"),
  organisationId: OrganisationId,
  projectId: ProjectId.nullable().describe("Project it belongs to, or null"),
  region,
  investmentFen: Fen.describe("Audited investment, in fen"),
  returnBasisPoints: z.int().min(0).max(10_000).describe("Share of profit returned to households, in hundredths of a percent"),
  awardFen: Fen.describe("Award over all three pools, in fen; at most half of the investment"),
  status: ClaimStatus.describe("Where the award stands"),
});
export type OriginWarehouseState = z.infer<typeof OriginWarehouseState>;
/** One award per warehouse over the three pools together. */
export const {
  approved: OriginWarehouseApproved,
  rejected: OriginWarehouseRejected,
  paid: OriginWarehousePaid,
  clawedBack: OriginWarehouseClawedBack,
} = claimEvents("industry.origin-warehouse", OriginWarehouseState, {
  of: { zh: "产地仓奖补", en: "Origin warehouse award" },
  clauses: ["I-04"],
  readers: ["funds", "gateway", "integrators"],
  example: (status) => ({
    claimId: ids.claim,
    organisationId: ids.organisation,
    projectId: null,
    region: exampleCounty,
    investmentFen: 300_000_100,
    returnBasisPoints: 2500,
    awardFen: 150_000_050,
    status,
  }),
});

/** A year's profit returned to households under an award or agreement. */
export const ProfitReturnPaid = defineEvent(
  "industry.profit-return.paid",
  1,
  z.object({
    profitReturnId: idOf("ProfitReturnId", "Profit return of one operator and year"),
    organisationId: OrganisationId,
    projectId: ProjectId.nullable().describe("Project it belongs to, or null"),
    region,
    year: Year.describe("Year of the profit"),
    profitFen: Fen.describe("Audited profit of the year, in fen"),
    returnedFen: Fen.describe("Returned to households, in fen"),
    households: z.int().nonnegative().describe("Households that were paid"),
  }),
  {
    kind: "fact",
    title: { zh: "利润返还已兑付", en: "Profit return paid" },
    clauses: ["I-04", "I-05"],
    readers: ["funds", "cooperation", "gateway", "integrators"],
    example: {
      profitReturnId: ids.source,
      organisationId: ids.organisation,
      projectId: ids.project,
      region: exampleCounty,
      year: 2022,
      profitFen: 80_000_000,
      returnedFen: 20_000_000,
      households: 120,
    },
  },
);

export const VillageCollectiveState = z.object({
  collectiveId: CollectiveId,
  region,
  members: z.int().nonnegative().describe("Members"),
  households: z.int().nonnegative().describe("Households with a member"),
  active: z.boolean().describe("Still registered"),
});
export type VillageCollectiveState = z.infer<typeof VillageCollectiveState>;
export const VillageCollectiveChanged = defineEvent("industry.village-collective.changed", 1, VillageCollectiveState, {
  kind: "state",
  title: { zh: "村集体经济组织信息已变更", en: "Village collective registered or changed" },
  clauses: ["I-10a", "E-06", "E-14b"],
  readers: ["employment", "funds", "gateway", "integrators"],
  example: { collectiveId: ids.collective, region: village, members: 1480, households: 400, active: true },
});

export const CollectiveDistributionState = z.object({
  distributionId: DistributionId,
  collectiveId: CollectiveId,
  region,
  year: Year.describe("Year of the income"),
  distributableFen: Fen.describe("Distributable income after deductions, in fen"),
  households: z.int().positive().describe("Member households on the day of the resolution"),
  paidFen: Fen.describe("Paid out so far, in fen"),
  resolvedOn: DateText.describe("Day the villagers resolved it"),
  status: z
    .enum(["resolved", "resolution-posted", "filed", "paid", "result-posted"])
    .describe("Where it stands; the order is fixed"),
});
export type CollectiveDistributionState = z.infer<typeof CollectiveDistributionState>;
const distributionExample: z.input<typeof CollectiveDistributionState> = {
  distributionId: ids.distribution,
  collectiveId: ids.collective,
  region: village,
  year: 2022,
  distributableFen: 9_999_999,
  households: 400,
  paidFen: 0,
  resolvedOn: "2022-12-05",
  status: "resolved",
};
const aboutDistribution = { kind: "state", clauses: ["I-10b"], readers: ["funds", "gateway", "integrators"] } as const;

export const CollectiveDistributionResolved = defineEvent(
  "industry.collective-distribution.resolved",
  1,
  CollectiveDistributionState,
  {
    ...aboutDistribution,
    title: { zh: "收益分配已决议", en: "Collective distribution resolved" },
    example: distributionExample,
  },
);
export const CollectiveDistributionPaid = defineEvent("industry.collective-distribution.paid", 1, CollectiveDistributionState, {
  ...aboutDistribution,
  title: { zh: "收益分配已发放", en: "Collective distribution paid" },
  example: { ...distributionExample, paidFen: 9_999_600, status: "paid" },
});
export const CollectiveDistributionResultPosted = defineEvent(
  "industry.collective-distribution.result-posted",
  1,
  CollectiveDistributionState,
  {
    ...aboutDistribution,
    title: { zh: "收益分配结果已公开", en: "Result of a collective distribution disclosed" },
    example: { ...distributionExample, paidFen: 9_999_600, status: "result-posted" },
  },
);

/** One household's share of a distribution, once paid: property income. */
export const HouseholdDividendPaid = defineEvent(
  "industry.household-dividend.paid",
  1,
  z.object({
    dividendId: idOf("DividendId", "One household's dividend"),
    distributionId: DistributionId,
    householdId: household,
    personId: person.describe("Payee; pseudonymous"),
    region,
    amountFen: Fen.describe("Dividend, in fen"),
    paidOn: DateText.describe("Day the money arrived"),
  }),
  {
    kind: "fact",
    title: { zh: "集体分红已到户", en: "Dividend paid to a household" },
    clauses: ["I-10b", "M-06"],
    readers: ["monitoring", "gateway", "integrators"],
    example: {
      dividendId: ids.source,
      distributionId: ids.distribution,
      householdId: ids.household,
      personId: ids.person,
      region: village,
      amountFen: 24_999,
      paidOn: "2022-12-20",
    },
  },
);

export const SalesChannelState = z.object({
  salesChannelId: idOf("SalesChannelId", "Sales channel"),
  region,
  kind: z
    .enum(["state-enterprise-online", "state-enterprise-shop", "e-commerce", "platform-832", "live-stream", "direct"])
    .describe("Kind of channel"),
  open: z.boolean().describe("Still in use"),
});
export type SalesChannelState = z.infer<typeof SalesChannelState>;
/** Channels are kept here; the orders that run over them are in the one register of cooperation. */
export const SalesChannelChanged = defineEvent("industry.sales-channel.changed", 1, SalesChannelState, {
  kind: "state",
  title: { zh: "销售渠道已变更", en: "Sales channel opened, changed or closed" },
  clauses: ["I-11"],
  readers: ["cooperation", "gateway", "integrators"],
  example: { salesChannelId: ids.source, region: exampleCounty, kind: "e-commerce", open: true },
});
