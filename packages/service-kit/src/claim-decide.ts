import { type Refusal, refuse } from "@shouwang/contract";

/** Where a claim can stand, in the order of its way. */
export const claimStatuses = [
  "draft",
  "village-checked",
  "posted",
  "cleared",
  "township-checked",
  "awaiting-funds",
  "accepted",
  "payment-refused",
  "payment-returned",
  "paid",
  "withdrawing",
  "clawback-due",
  "clawed-back",
  "rejected",
  "void",
] as const;
export type ClaimStatus = (typeof claimStatuses)[number];

/** A claim key held in the whole region. */
export type HeldKey = { kind: string; key: string };

/** The county's decision: it fixes the amount, holds the keys, and asked for the payment. */
export type Approval = { paymentId: string; approver: string; approvedOn: string; amountFen: number; keys: readonly HeldKey[] };

/**
 * What a claim is at each status, and nothing it cannot have there: no payment before the approval, no day of payment before the money arrived.
 * `because` is a code.
 */
export type Standing =
  | { status: "draft" | "village-checked" }
  | Posted
  | { status: "awaiting-funds" | "accepted"; postingId: string; approval: Approval }
  | Failed
  | { status: "withdrawing"; because: string; postingId: string; approval: Approval }
  | { status: "paid"; paidOn: string; postingId: string; approval: Approval }
  | { status: "clawback-due" | "clawed-back"; because: string; paidOn: string; postingId: string; approval: Approval }
  | { status: "rejected"; because: string; rejectedOn: string; postingId?: string }
  | { status: "void"; because: string; postingId?: string; approval?: Approval };

type Posted = { status: "posted" | "cleared" | "township-checked"; postingId: string };
type Failed = { status: "payment-refused" | "payment-returned"; because: string; postingId: string; approval: Approval };

/** What somebody in an office does with a claim. */
export type ClaimStep =
  | { step: "amendment" }
  | { step: "village-check" }
  | { step: "posting"; postingId: string }
  | { step: "clearing" }
  | { step: "township-check" }
  | { step: "county-approval"; approval: Approval }
  | { step: "resending" }
  | { step: "return"; to: "draft" | "village-checked" | "cleared" }
  | { step: "rejection"; because: string; rejectedOn: string }
  | { step: "reopening" }
  | { step: "voiding"; because: string }
  | { step: "clawback"; because: string };
export type StepName = ClaimStep["step"];

/** From where each step is taken. */
export const takenFrom: Record<StepName, readonly ClaimStatus[]> = {
  amendment: ["draft"],
  "village-check": ["draft"],
  posting: ["village-checked"],
  clearing: ["posted"],
  "township-check": ["cleared"],
  "county-approval": ["township-checked"],
  resending: ["payment-refused", "payment-returned"],
  return: ["village-checked", "posted", "cleared", "township-checked"],
  rejection: ["draft", "village-checked", "posted", "cleared", "township-checked"],
  reopening: ["rejected"],
  voiding: [
    ...(["draft", "village-checked", "posted", "cleared", "township-checked"] as const),
    ...(["awaiting-funds", "accepted", "payment-refused", "payment-returned"] as const),
  ],
  clawback: ["paid"],
};

const rank = (status: ClaimStatus): number => claimStatuses.indexOf(status);

/** A claim with its decision made, whatever has become of the money since. */
export const approvalOf = (standing: Standing): Approval | undefined => ("approval" in standing ? standing.approval : undefined);

/** What a status is called to people, in Chinese: in refusals and in the files of lists. */
export const claimStatusTitles: Record<ClaimStatus, string> = {
  ...{ draft: "草稿", "village-checked": "村级已核实", posted: "公示中", cleared: "公示期满", "township-checked": "乡镇已审核" },
  ...{
    "awaiting-funds": "已审定、待资金受理",
    accepted: "资金已受理",
    "payment-refused": "资金未受理",
    "payment-returned": "已退票",
  },
  ...{
    paid: "已发放",
    withdrawing: "撤回支付中",
    "clawback-due": "待追回",
    "clawed-back": "已追回",
    rejected: "不予批准",
    void: "已作废",
  },
};

const stateRefusal = (standing: Standing, step: StepName): Refusal<"claim-state"> =>
  refuse("claim-state", {
    detail: {
      zh: `申请现为“${claimStatusTitles[standing.status]}”,不能办理此环节`,
      en: `It is ${standing.status}, which no ${step} follows`,
    },
  });

/** The claim after a step of an office, or why that step cannot be taken where it stands. */
export function takeClaimStep(standing: Standing, taken: ClaimStep): Standing | Refusal<"claim-state"> {
  const no = () => stateRefusal(standing, taken.step);
  if (!takenFrom[taken.step].includes(standing.status)) return no();
  switch (taken.step) {
    case "amendment":
      return standing;
    case "village-check":
      return { status: "village-checked" };
    case "posting":
      return { status: "posted", postingId: taken.postingId };
    case "clearing":
    case "township-check":
      return isPosted(standing) ? { ...standing, status: taken.step === "clearing" ? "cleared" : "township-checked" } : no();
    case "county-approval":
      return isPosted(standing) ? { status: "awaiting-funds", postingId: standing.postingId, approval: taken.approval } : no();
    case "resending":
      return hasFailed(standing) && holdsKeys(standing)
        ? { status: "awaiting-funds", postingId: standing.postingId, approval: standing.approval }
        : no();
    case "return":
      return goBack(standing, taken.to) ?? no();
    case "rejection":
      return { status: "rejected", because: taken.because, rejectedOn: taken.rejectedOn, ...postingOf(standing) };
    case "reopening":
      return reopened(standing);
    case "voiding":
      return voided(standing, taken.because);
    case "clawback":
      return standing.status === "paid" ? { ...standing, status: "clawback-due", because: taken.because } : no();
  }
}

const isPosted = (standing: Standing): standing is Posted => ["posted", "cleared", "township-checked"].includes(standing.status);
const hasFailed = (standing: Standing): standing is Failed =>
  standing.status === "payment-refused" || standing.status === "payment-returned";
const postingOf = (standing: Standing) =>
  "postingId" in standing && standing.postingId !== undefined ? { postingId: standing.postingId } : {};

/** Back to an earlier step. What goes back before its posting is posted anew: people objected, or might have, to what it said. */
function goBack(standing: Standing, to: "draft" | "village-checked" | "cleared"): Standing | undefined {
  if (rank(to) >= rank(standing.status)) return undefined;
  if (to !== "cleared") return { status: to };
  return isPosted(standing) ? { ...standing, status: "cleared" } : undefined;
}

/** A rejected claim is looked at again from the last thing nobody disputes: its posting where it had run, else its beginning. */
const reopened = (standing: Standing): Standing =>
  standing.status === "rejected" && standing.postingId !== undefined
    ? { status: "cleared", postingId: standing.postingId }
    : { status: "draft" };

/** Funds may be paying already and holds keys of its own, so a payment that was asked for is withdrawn there first; one it refused is over at once. */
function voided(standing: Standing, because: string): Standing {
  if (standing.status === "awaiting-funds" || standing.status === "accepted" || standing.status === "payment-returned")
    return { status: "withdrawing", because, postingId: standing.postingId, approval: standing.approval };
  const approval = approvalOf(standing);
  return { status: "void", because, ...postingOf(standing), ...(approval ? { approval } : {}) };
}

/** What funds says became of a payment. */
export type PaymentOutcome =
  | { outcome: "accepted" }
  | { outcome: "refused"; because: string }
  | { outcome: "paid"; paidOn: string }
  | { outcome: "returned"; because: string }
  | { outcome: "withdrawn" }
  | { outcome: "clawed-back" };

/**
 * The claim after funds has spoken; the same where what was said changes nothing. Funds' newest word is what happened to the money, so a payment that arrives
 * although it was being withdrawn is paid, and one that comes back after it arrived is not.
 */
export function settleClaim(standing: Standing, said: PaymentOutcome): Standing {
  if (standing.status === "void" || standing.status === "clawed-back" || !("approval" in standing)) return standing;
  const asked = { postingId: standing.postingId, approval: standing.approval };
  const withdrawing = standing.status === "withdrawing" ? standing.because : undefined;
  if (said.outcome === "clawed-back")
    return standing.status === "paid" || standing.status === "clawback-due"
      ? { because: "found-by-funds", ...standing, status: "clawed-back" }
      : standing;
  if (standing.status === "clawback-due") return standing;
  switch (said.outcome) {
    case "accepted":
      return standing.status === "awaiting-funds" ? { status: "accepted", ...asked } : standing;
    case "paid":
      return { status: "paid", paidOn: said.paidOn, ...asked };
    case "withdrawn":
      return { status: "void", because: withdrawing ?? "withdrawn-by-funds", ...asked };
    case "refused":
    case "returned":
      return withdrawing === undefined
        ? { status: said.outcome === "refused" ? "payment-refused" : "payment-returned", because: said.because, ...asked }
        : { status: "void", because: withdrawing, ...asked };
  }
}

/**
 * Whether a claim still holds its claim keys. From its approval on it does, also while a payment that came back waits to be sent again, so that nobody slips
 * in between. It gives them back where it ends without money: rejected, void, refused by funds because the person is paid elsewhere (which no correction mends: a payment refused for that is not asked for again),
 * and clawed back. A payment that was got back is no payment: what the plan allows once was not had, and somebody whose claim was wrong in its facts, its
 * county or its sum may claim what is right. Until the money is back the keys are held.
 */
export function holdsKeys(standing: Standing): boolean {
  if (standing.status === "payment-refused") return standing.because !== "elsewhere";
  return approvalOf(standing) !== undefined && standing.status !== "void" && standing.status !== "clawed-back";
}

/** Which of a claim's claim events tells of a status; undefined before the first decision. */
export function toldAs(standing: Standing): "approved" | "rejected" | "paid" | "clawedBack" | undefined {
  switch (standing.status) {
    case "awaiting-funds":
    case "accepted":
    case "payment-refused":
    case "payment-returned":
    case "withdrawing":
      return "approved";
    case "paid":
    case "clawback-due":
      return "paid";
    case "clawed-back":
      return "clawedBack";
    case "rejected":
    case "void":
      return "rejected";
    default:
      return undefined;
  }
}
