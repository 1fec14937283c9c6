import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { DateText } from "../vocabulary.ts";
import { ids, village } from "./examples.ts";
import { household, idOf, leadOrNone, region } from "./fields.ts";

export const ReferralState = z.object({
  referralId: idOf("ReferralId", "Referral"),
  householdId: household,
  region,
  leadId: leadOrNone,
  to: z
    .enum(["civil-affairs", "medical-insurance", "health", "education", "housing", "water", "disabled-persons", "emergency"])
    .describe("Department without a service here"),
  sentOn: DateText.describe("Day it was sent"),
  dueOn: DateText.describe("Day a reply is due"),
  answeredOn: DateText.nullable().describe("Day of the reply, or null"),
  outcome: z.enum(["helped", "not-entitled", "already-helped"]).nullable().describe("Reply, or null"),
});
export type ReferralState = z.infer<typeof ReferralState>;

const example: z.input<typeof ReferralState> = {
  referralId: ids.referral,
  householdId: ids.household,
  region: village,
  leadId: ids.lead,
  to: "civil-affairs",
  sentOn: "2022-08-02",
  dueOn: "2022-08-12",
  answeredOn: null,
  outcome: null,
};
const about = { kind: "state", clauses: ["M-03", "M-04b"], readers: ["gateway", "integrators"] } as const;

export const ReferralSent = defineEvent("monitoring.referral.sent", 1, ReferralState, {
  ...about,
  title: { zh: "需求已转介", en: "Need referred" },
  example,
});
export const ReferralAnswered = defineEvent("monitoring.referral.answered", 1, ReferralState, {
  ...about,
  title: { zh: "转介已回复", en: "Referral answered" },
  example: { ...example, answeredOn: "2022-08-09", outcome: "helped" },
});
