import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { DateText, Fen } from "../vocabulary.ts";
import { county as exampleCounty, ids } from "./examples.ts";
import { county, idOf } from "./fields.ts";
import { auditHeadPublished, deadlineOverdue, importFinished, indicatorFrozen, parameterChanged } from "./platform.ts";
import { suspectRaised } from "./suspect.ts";

export * from "./social-people.ts";

export const DonationId = idOf("DonationId", "Donation");
export type DonationId = z.infer<typeof DonationId>;

export const DonationState = z.object({
  donationId: DonationId,
  county: county.describe("County the gift is for"),
  kind: z.enum(["money", "goods", "services"]).describe("Kind of gift"),
  amountFen: Fen.describe("Worth, in fen"),
  usedFen: Fen.describe("Used so far, in fen"),
  through: z
    .enum(["public-benefit-organisation", "county-government", "higher-government", "direct"])
    .describe("Who received it"),
  donor: z.enum(["enterprise", "organisation", "individual"]).describe("Kind of donor, never who"),
  epidemic: z.boolean().describe("Given to overcome the epidemic"),
  deduction: z
    .enum(["full", "share-of-profit", "not-deductible-as-entered"])
    .describe("Reminder about tax; informs, does not decide"),
  status: z.enum(["received", "used", "reported"]).describe("Where the gift stands"),
});
export type DonationState = z.infer<typeof DonationState>;
const donationExample: z.input<typeof DonationState> = {
  donationId: ids.source,
  county: exampleCounty,
  kind: "money",
  amountFen: 20_000_000,
  usedFen: 0,
  through: "public-benefit-organisation",
  donor: "enterprise",
  epidemic: true,
  deduction: "full",
  status: "received",
};
const aboutDonation = { kind: "state", clauses: ["S-04b", "S-05"], readers: ["funds", "gateway", "integrators"] } as const;

export const DonationReceived = defineEvent("social.donation.received", 1, DonationState, {
  ...aboutDonation,
  title: { zh: "捐赠已接收", en: "Donation received" },
  example: donationExample,
});
export const DonationUsed = defineEvent("social.donation.used", 1, DonationState, {
  ...aboutDonation,
  title: { zh: "捐赠已使用", en: "Donation used" },
  example: { ...donationExample, usedFen: 20_000_000, status: "used" },
});

/**
 * Nothing here leads to the petitioner: the unit complained of may read this stream. Who asked, and for which household help is needed,
 * goes to monitoring alone on the private stream (`social.petition.hardship-reported`).
 */
export const PetitionState = z.object({
  petitionId: idOf("PetitionId", "Petition"),
  county: county.describe("County that handles it"),
  channel: z.enum(["letter", "visit", "online", "phone", "hotline", "inspection"]).describe("How it came"),
  topic: z
    .enum(["monitoring", "subsidy", "post", "industry", "project", "housing", "health", "schooling", "cadre-conduct", "other"])
    .describe("What about"),
  hardship: z.boolean().describe("Its content implies hardship; a risk lead is asked for"),
  registeredOn: DateText.describe("Day of registration; the clocks count from it"),
  dueOn: DateText.describe("Day the present step is due by"),
  status: z
    .enum(["registered", "accepted", "not-accepted", "verified", "decided", "answered", "in-review", "in-recheck", "closed"])
    .describe("Where the petition stands"),
  outcome: z.enum(["met", "explained", "not-supported"]).nullable().describe("Outcome, or null before decided"),
});
export type PetitionState = z.infer<typeof PetitionState>;
const petitionExample: z.input<typeof PetitionState> = {
  petitionId: ids.source,
  county: exampleCounty,
  channel: "hotline",
  topic: "subsidy",
  hardship: true,
  registeredOn: "2022-08-01",
  dueOn: "2022-08-16",
  status: "registered",
  outcome: null,
};
const aboutPetition = { kind: "state", clauses: ["S-06"], readers: ["monitoring", "gateway", "integrators"] } as const;

export const PetitionRegistered = defineEvent("social.petition.registered", 1, PetitionState, {
  ...aboutPetition,
  title: { zh: "信访事项已登记", en: "Petition registered" },
  example: petitionExample,
});
export const PetitionAccepted = defineEvent("social.petition.accepted", 1, PetitionState, {
  ...aboutPetition,
  title: { zh: "信访事项已受理", en: "Petition accepted" },
  example: { ...petitionExample, status: "accepted", dueOn: "2022-09-30" },
});
export const PetitionAnswered = defineEvent("social.petition.answered", 1, PetitionState, {
  ...aboutPetition,
  title: { zh: "信访事项已答复", en: "Petition answered" },
  example: { ...petitionExample, status: "answered", dueOn: "2022-09-30", outcome: "met" },
});
export const PetitionClosed = defineEvent("social.petition.closed", 1, PetitionState, {
  ...aboutPetition,
  title: { zh: "信访事项已办结", en: "Petition closed" },
  example: { ...petitionExample, status: "closed", dueOn: "2022-09-30", outcome: "met" },
});

export const SocialImportFinished = importFinished("social");
export const SocialDeadlineOverdue = deadlineOverdue("social");
export const SocialIndicatorFrozen = indicatorFrozen("social");
export const SocialAuditHeadPublished = auditHeadPublished("social");
export const SocialParameterChanged = parameterChanged("social");
export const SocialSuspectRaised = suspectRaised("social");
