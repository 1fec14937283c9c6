import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { DateText, Fen, NetFen, Year } from "../vocabulary.ts";
import { county as exampleCounty, region as exampleRegion, ids } from "./examples.ts";
import { county, FundSource, idOf, region } from "./fields.ts";
import { AssetId } from "./funds-asset.ts";
import { PaymentState, ProjectId, paymentExample } from "./payment.ts";

export const FundReleaseId = idOf("FundReleaseId", "Fund release: a document that passes a quota down");
export type FundReleaseId = z.infer<typeof FundReleaseId>;

export const FundReleaseState = z.object({
  fundReleaseId: FundReleaseId,
  source: FundSource.describe("Pool"),
  year: Year.describe("Budget year"),
  batch: z.int().positive().describe("Batch in the year"),
  amountFen: NetFen.describe("Amount, in fen; an adjusting document may be below zero"),
  from: region.describe("Division that releases"),
  to: region.describe("Division that receives"),
  issuedOn: DateText.describe("Day of the document"),
  status: z.enum(["issued", "allocated", "closed"]).describe("Where the release stands"),
});
export type FundReleaseState = z.infer<typeof FundReleaseState>;
const releaseExample: z.input<typeof FundReleaseState> = {
  fundReleaseId: ids.source,
  source: "bridging-fund-region",
  year: 2022,
  batch: 1,
  amountFen: 8_000_000_000,
  from: exampleRegion,
  to: exampleCounty,
  issuedOn: "2022-06-20",
  status: "issued",
};
const aboutRelease = {
  kind: "state",
  clauses: ["F-01a", "F-01b", "I-01a", "I-01b"],
  readers: ["industry", "cooperation", "gateway", "integrators"],
} as const;

export const FundReleaseIssued = defineEvent("funds.fund-release.issued", 1, FundReleaseState, {
  ...aboutRelease,
  title: { zh: "资金已下达", en: "Fund release issued" },
  example: releaseExample,
});
export const FundReleaseClosed = defineEvent("funds.fund-release.closed", 1, FundReleaseState, {
  ...aboutRelease,
  title: { zh: "指标文已结清", en: "Fund release closed" },
  example: { ...releaseExample, status: "closed" },
});

/** One entry in the book of money: from a release to a county or a project. A withdrawal is an entry below zero. */
export const AllocationMade = defineEvent(
  "funds.allocation.made",
  1,
  z.object({
    allocationId: idOf("AllocationId", "Entry of an allocation"),
    fundReleaseId: FundReleaseId,
    source: FundSource.describe("Pool"),
    year: Year.describe("Budget year"),
    county: county.describe("County the money is for"),
    projectId: ProjectId.nullable().describe("Project, or null when allocated to the county as a whole"),
    industry: z.boolean().describe("For an industry project"),
    toHousehold: z.boolean().describe("For a to-household project"),
    amountFen: NetFen.describe("Amount, in fen; below zero for a withdrawal"),
    allocatedOn: DateText.describe("Day of the entry"),
  }),
  {
    kind: "fact",
    title: { zh: "资金已安排", en: "Money allocated" },
    clauses: ["F-01a", "F-01b", "I-01a", "I-01b", "C-01", "C-05"],
    readers: ["industry", "cooperation", "social", "gateway", "integrators"],
    example: {
      allocationId: ids.source,
      fundReleaseId: ids.list,
      source: "guangdong-cooperation",
      year: 2022,
      county: exampleCounty,
      projectId: ids.project,
      industry: true,
      toHousehold: false,
      amountFen: 300_000_000,
      allocatedOn: "2022-06-28",
    },
  },
);

const aboutPayment = {
  kind: "state",
  clauses: ["E-02", "E-09", "I-04", "I-07"],
  readers: ["monitoring", "employment", "industry", "gateway", "integrators"],
} as const;

/** The claim keys of the purpose and of all it excludes are taken. */
export const PaymentAccepted = defineEvent("funds.payment.accepted", 1, PaymentState, {
  ...aboutPayment,
  title: { zh: "支付申请已受理", en: "Payment accepted" },
  example: paymentExample,
});
export const PaymentRefused = defineEvent("funds.payment.refused", 1, PaymentState, {
  ...aboutPayment,
  title: { zh: "支付申请不予受理", en: "Payment refused" },
  example: { ...paymentExample, status: "refused", refusedBecause: "elsewhere", source: null },
});
export const PaymentPaid = defineEvent("funds.payment.paid", 1, PaymentState, {
  ...aboutPayment,
  title: { zh: "资金已到账", en: "Payment arrived" },
  example: { ...paymentExample, status: "paid", paidOn: "2022-10-12" },
});
/** The account was wrong; the asking department asks again under the same payment. */
export const PaymentReturned = defineEvent("funds.payment.returned", 1, PaymentState, {
  ...aboutPayment,
  title: { zh: "支付已退票", en: "Payment returned by the bank" },
  example: { ...paymentExample, status: "returned", returnedBecause: "account-closed" },
});
export const PaymentWithdrawn = defineEvent("funds.payment.withdrawn", 1, PaymentState, {
  ...aboutPayment,
  title: { zh: "支付已撤回", en: "Payment withdrawn, its keys released" },
  example: { ...paymentExample, status: "withdrawn" },
});
export const PaymentClawedBack = defineEvent("funds.payment.clawed-back", 1, PaymentState, {
  ...aboutPayment,
  title: { zh: "资金已追回", en: "Payment clawed back" },
  example: { ...paymentExample, status: "clawed-back", paidOn: "2022-10-12" },
});

/** Money spent on keeping public-benefit assets in use. */
export const AssetUpkeepPaid = defineEvent(
  "funds.asset-upkeep.paid",
  1,
  z.object({
    assetUpkeepId: idOf("AssetUpkeepId", "Upkeep payment"),
    assetId: AssetId,
    county,
    year: Year.describe("Budget year"),
    source: FundSource.describe("Pool"),
    amountFen: Fen.describe("Amount, in fen"),
  }),
  {
    kind: "fact",
    title: { zh: "资产管护经费已支付", en: "Asset upkeep paid" },
    clauses: ["F-08"],
    readers: ["gateway", "integrators"],
    example: {
      assetUpkeepId: ids.source,
      assetId: ids.asset,
      county: exampleCounty,
      year: 2022,
      source: "bridging-fund-region",
      amountFen: 1_200_000,
    },
  },
);
