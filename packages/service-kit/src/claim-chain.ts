import type { Role } from "@shouwang/contract";
import type { ParameterKey } from "@shouwang/plan";
import type { ClaimStatus } from "./claim-decide.ts";
import { reviewChain } from "./review-chain.ts";

/** Offices that make claims for people, and mend them. */
export const claimMakers = [
  "village-officer",
  "first-secretary",
  "township-officer",
  "county-officer",
  "department-officer",
] as const satisfies readonly Role[];
const village = ["village-officer", "first-secretary"] as const;
const township = ["township-officer"] as const;
const county = ["county-officer", "department-officer"] as const;
const reviewers = ["village-officer", "township-officer", "county-officer", "department-officer"] as const;

/** Offices by step. */
export const claimOffices = { village, township, county, reviewers } as const;

/**
 * A claim's way through the offices. Whoever made or mended it, the township's checker, whoever rejected it and the approver are different people, whatever
 * lies between; the village that knows the person may check what it made itself. Putting up, answering and sending back are acts of office, not judgements.
 */
export const claimChain = reviewChain("claim", [
  { step: "draft", roles: claimMakers, begins: true, decides: true },
  { step: "amendment", roles: claimMakers, mayFollowOwnStep: true, decides: true },
  { step: "village-check", roles: village, mayFollowOwnStep: true, decides: true },
  { step: "posting", roles: village, actOfOffice: true },
  { step: "objection-answered", roles: township, actOfOffice: true },
  { step: "clearing", roles: [...village, ...township], actOfOffice: true },
  { step: "township-check", roles: township, decides: true },
  { step: "county-approval", roles: county, decides: true },
  { step: "rejection", roles: reviewers, decides: true },
  { step: "reopening", roles: county },
  { step: "return", roles: reviewers, actOfOffice: true },
  { step: "voiding", roles: reviewers, actOfOffice: true },
  { step: "resending", roles: county, actOfOffice: true },
  { step: "clawback", roles: county, actOfOffice: true },
]);

/** What a claim waits for at each status: the clock's kind, whose it is, and the setting that says how many days. */
export const claimWaits: Partial<Record<ClaimStatus, { kind: string; role: Role; days: ParameterKey & `claim.${string}` }>> = {
  draft: { kind: "check-claim-in-village", role: "village-officer", days: "claim.villageCheckDays" },
  "village-checked": { kind: "post-claim", role: "village-officer", days: "claim.postingDays" },
  cleared: { kind: "check-claim-in-township", role: "township-officer", days: "claim.townshipCheckDays" },
  "township-checked": { kind: "approve-claim", role: "county-officer", days: "claim.approvalDays" },
  "awaiting-funds": { kind: "pay-claim", role: "county-officer", days: "claim.paymentDays" },
  accepted: { kind: "pay-claim", role: "county-officer", days: "claim.paymentDays" },
  "payment-refused": { kind: "mend-claim-payment", role: "county-officer", days: "claim.resendDays" },
  "payment-returned": { kind: "mend-claim-payment", role: "county-officer", days: "claim.resendDays" },
  "clawback-due": { kind: "get-claim-back", role: "county-officer", days: "claim.clawbackDays" },
};

/** Statuses in which a claim waits for an office with one of these roles. */
export const waitingFor = (roles: readonly Role[]): ClaimStatus[] => {
  const county = roles.some((role) => role === "county-officer" || role === "department-officer");
  const found: ClaimStatus[] = [];
  if (roles.some((role) => role === "village-officer" || role === "first-secretary")) found.push("draft", "village-checked");
  if (roles.includes("township-officer")) found.push("cleared");
  if (county) found.push("township-checked", "payment-refused", "payment-returned");
  return found;
};
