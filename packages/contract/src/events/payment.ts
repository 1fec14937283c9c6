import { periodKeyPattern } from "@shouwang/plan";
import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { DateText, type Department, Fen } from "../vocabulary.ts";
import { approver, ids, officer, village } from "./examples.ts";
import { actor, code, department, FundSource, householdOrNone, idOf, personOrNone, region } from "./fields.ts";

export const PaymentId = idOf("PaymentId", "Payment; chosen by the department that asks, kept when it is sent again");
export type PaymentId = z.infer<typeof PaymentId>;
export const OrganisationId = idOf("OrganisationId", "Organisation");
export type OrganisationId = z.infer<typeof OrganisationId>;
export const ProjectId = idOf("ProjectId", "Project of the project library");
export type ProjectId = z.infer<typeof ProjectId>;

/** What is paid for: a key of the exclusion matrix. A purpose is data, so a new one is no change of the contract. */
export const PurposeCode = code("Purpose of the payment, a key of the exclusion matrix");
export type PurposeCode = z.infer<typeof PurposeCode>;

/** The period a purpose may be paid for once, written as the plan's purposes write theirs: a year, a month, a school term, an item's year, or a course or award by its id. */
export const PeriodKey = z
  .string()
  .regex(periodKeyPattern)
  .describe("Period the purpose may be paid for once: 2022, 2022-08, 2022-t1, goat-rearing:2022, or an id");
export type PeriodKey = z.infer<typeof PeriodKey>;

/** What the asking department and funds both say about one payment. */
const paymentCore = {
  paymentId: PaymentId,
  region: region.describe("Division of registration on the date that counts; it pays"),
  claim: code("Entity of the claim"),
  claimId: z.uuidv7().describe("Id of the claim"),
  purposeCode: PurposeCode,
  periodKey: PeriodKey,
  personId: personOrNone.describe("Person it is for, or null for an organisation; pseudonymous"),
  householdId: householdOrNone.describe("Household on the date that counts, or null; pseudonymous"),
  organisationId: OrganisationId.nullable().describe("Organisation it is for, or null"),
  projectId: ProjectId.nullable().describe("Project it belongs to, or null"),
  amountFen: Fen.describe("Amount, in fen"),
};
const coreExample = {
  paymentId: ids.payment,
  region: village,
  claim: "transport-subsidy",
  claimId: ids.claim,
  purposeCode: "transport-subsidy",
  periodKey: "2022",
  personId: ids.person,
  householdId: ids.household,
  organisationId: null,
  projectId: null,
  amountFen: 90_000,
} as const;

/** What a department asks of funds. Its versions count on the asking department's stream, apart from those of funds. */
export const PaymentRequestState = z.object({
  ...paymentCore,
  sourceKinds: z.array(FundSource).min(1).max(15).describe("Pools the purpose may be paid from, in order of preference"),
  submitter: actor("Who submitted the claim"),
  approver: actor("Who approved the claim; funds' own approver is a third person"),
  attempt: z.int().positive().describe("1, and one more after each return"),
  status: z.enum(["requested", "withdrawn", "clawback-requested"]).describe("What is asked"),
});
export type PaymentRequestState = z.infer<typeof PaymentRequestState>;

const requestExample: z.input<typeof PaymentRequestState> = {
  ...coreExample,
  sourceKinds: ["bridging-fund-county", "guangdong-cooperation"],
  submitter: officer,
  approver,
  attempt: 1,
  status: "requested",
};

/** The three things a department that approves claims asks of funds. */
export function paymentRequests<const D extends Department>(by: D, clauses: readonly string[]) {
  const about = { kind: "state", readers: ["funds", "gateway", "integrators"], clauses } as const;
  return {
    requested: defineEvent(`${by}.payment.requested`, 1, PaymentRequestState, {
      ...about,
      title: { zh: "已申请支付", en: "Payment requested" },
      example: requestExample,
    }),
    withdrawn: defineEvent(`${by}.payment.withdrawn`, 1, PaymentRequestState, {
      ...about,
      title: { zh: "支付申请已撤回", en: "Payment request withdrawn" },
      example: { ...requestExample, status: "withdrawn" },
    }),
    clawbackRequested: defineEvent(`${by}.payment.clawback-requested`, 1, PaymentRequestState, {
      ...about,
      title: { zh: "已申请追回", en: "Clawback requested" },
      example: { ...requestExample, status: "clawback-requested" },
    }),
  };
}

/** What funds decided about a request. A refusal because of another payment says "elsewhere", never which county or department. */
export const PaymentState = z.object({
  ...paymentCore,
  requestedBy: department.describe("Department that asked"),
  status: z.enum(["accepted", "refused", "paid", "returned", "withdrawn", "clawed-back"]).describe("Where the payment stands"),
  refusedBecause: z
    .enum([
      "elsewhere",
      "source-not-allowed",
      "no-money-left",
      "number-not-verified",
      "account-missing",
      "same-person-twice",
      "purpose-unknown",
    ])
    .nullable()
    .describe("Reason of a refusal, or null"),
  returnedBecause: z
    .enum(["account-unknown", "account-closed", "holder-differs", "bank-error", "other"])
    .nullable()
    .describe("Reason the bank gave, or null"),
  source: FundSource.nullable().describe("Pool it is paid from; null before accepted"),
  paidOn: DateText.nullable().describe("Day the money arrived, or null"),
});
export type PaymentState = z.infer<typeof PaymentState>;

export const paymentExample: z.input<typeof PaymentState> = {
  ...coreExample,
  requestedBy: "employment",
  status: "accepted",
  refusedBecause: null,
  returnedBecause: null,
  source: "bridging-fund-county",
  paidOn: null,
};
