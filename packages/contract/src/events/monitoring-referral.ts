import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { DateText } from "../vocabulary.ts";
import { ids, village } from "./examples.ts";
import { caseOrNone, household, idOf, leadOrNone, personOrNone, region } from "./fields.ts";
import { MeasureId } from "./monitoring-help.ts";

/** Departments that have no service here: what a household needs of them is referred. */
export const ReferredDepartment = z
  .enum(["civil-affairs", "medical-insurance", "health", "education", "housing", "water", "disability", "emergency"])
  .describe("Department without a service here");
export type ReferredDepartment = z.infer<typeof ReferredDepartment>;

/** What is asked of a department; each kind of need is one department's business. */
export const ReferralNeed = z
  .enum([
    "low-allowance",
    "destitute-support",
    "temporary-relief",
    "insurance-enrolment",
    "medical-assistance",
    "treatment",
    "family-doctor",
    "return-to-school",
    "student-aid",
    "house-grading",
    "house-repair",
    "water-supply",
    "water-quality",
    "disability-certificate",
    "disability-allowance",
    "assistive-device",
    "disaster-relief",
    "house-rebuilding",
  ])
  .describe("Kind of need");
export type ReferralNeed = z.infer<typeof ReferralNeed>;

export const ReferralStatus = z.enum(["sent", "received", "returned", "accepted", "declined", "delivered", "closed"]);
export type ReferralStatus = z.infer<typeof ReferralStatus>;

export const ReferralId = idOf("ReferralId", "Referral");
export type ReferralId = z.infer<typeof ReferralId>;

export const ReferralState = z.object({
  referralId: ReferralId,
  householdId: household,
  personId: personOrNone,
  region,
  leadId: leadOrNone,
  caseId: caseOrNone,
  to: ReferredDepartment,
  need: ReferralNeed,
  status: ReferralStatus.describe("Where it stands"),
  sentOn: DateText.describe("Day it was last sent"),
  dueOn: DateText.describe("Day a reply is due"),
  receivedOn: DateText.nullable().describe("Day the department took it in, or null"),
  answeredOn: DateText.nullable().describe("Day of the reply, or null"),
  outcome: z.enum(["helped", "not-entitled", "already-helped", "not-possible"]).nullable().describe("What came of it, or null"),
  deliveredOn: DateText.nullable().describe("Day the help reached the household, or null"),
  measureId: MeasureId.nullable().describe("Measure the help counts as, or null"),
  closedBecause: z
    .enum(["arrived", "declined", "withdrawn", "household-closed", "household-merged"])
    .nullable()
    .describe("household-merged: the household it was merged into has one for the same need, which goes on. Or null"),
});
export type ReferralState = z.infer<typeof ReferralState>;

const example: z.input<typeof ReferralState> = {
  referralId: ids.referral,
  householdId: ids.household,
  personId: null,
  region: village,
  leadId: ids.lead,
  caseId: null,
  to: "civil-affairs",
  need: "temporary-relief",
  status: "sent",
  sentOn: "2022-08-02",
  dueOn: "2022-08-12",
  receivedOn: null,
  answeredOn: null,
  outcome: null,
  deliveredOn: null,
  measureId: null,
  closedBecause: null,
};
const accepted = { ...example, status: "accepted", receivedOn: "2022-08-03", answeredOn: "2022-08-04" } as const;
const delivered = {
  ...accepted,
  status: "delivered",
  outcome: "helped",
  deliveredOn: "2022-08-05",
  measureId: ids.measure,
} as const;
const about = { kind: "state", clauses: ["M-03", "M-04b"], readers: ["gateway", "integrators"] } as const;

/** Sent, or sent once more after it came back; its household may have moved meanwhile. */
export const ReferralSent = defineEvent("monitoring.referral.sent", 1, ReferralState, {
  ...about,
  title: { zh: "需求已转介", en: "Need referred" },
  example,
});
export const ReferralReceived = defineEvent("monitoring.referral.received", 1, ReferralState, {
  ...about,
  title: { zh: "部门已接收转介", en: "Referral received by the department" },
  example: { ...example, status: "received", receivedOn: "2022-08-03" },
});
export const ReferralReturned = defineEvent("monitoring.referral.returned", 1, ReferralState, {
  ...about,
  title: { zh: "转介已退回", en: "Referral given back" },
  example: { ...example, status: "returned", receivedOn: "2022-08-03" },
});
/** The department says whether it takes the need on; `status` is accepted or declined. */
export const ReferralAnswered = defineEvent("monitoring.referral.answered", 1, ReferralState, {
  ...about,
  title: { zh: "转介已回复", en: "Referral answered" },
  example: accepted,
});
/** The help has reached the household and stands as a measure. */
export const ReferralDelivered = defineEvent("monitoring.referral.delivered", 1, ReferralState, {
  ...about,
  title: { zh: "转介帮扶已落实", en: "Referred help delivered" },
  example: delivered,
});
export const ReferralClosed = defineEvent("monitoring.referral.closed", 1, ReferralState, {
  ...about,
  title: { zh: "转介已办结", en: "Referral closed" },
  example: { ...delivered, status: "closed", closedBecause: "arrived" },
});
