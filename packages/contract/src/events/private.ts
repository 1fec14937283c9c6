import { z } from "zod";
import { definePrivateEvent } from "../define-private-event.ts";
import { DateText, type Department, HouseholdId, PersonId, RiskLeadId } from "../vocabulary.ts";
import { ids } from "./examples.ts";
import { Risk } from "./fields.ts";
import { Severity } from "./monitoring-lead.ts";
import { OrganisationId } from "./payment.ts";

const readers = ["employment", "industry", "funds", "social"] as const;

/** First 18 characters of an identity or disability card, upper case; one to one with `personId`. */
const IdentityNumber = z
  .string()
  .regex(/^\d{17}[\dX]$/)
  .describe("Identity number, first 18 characters; sensitive");
const Account = z
  .string()
  .regex(/^\d{12,21}$/)
  .describe("Account number; sensitive");
const FullName = z.string().min(1).max(60).describe("Full name; personal");
const Phone = z
  .string()
  .regex(/^1[3-9]\d{9}$/)
  .describe("Mobile phone; personal");

/** Lets a department match a roll by identity number while monitoring is down. */
export const PersonIdentityRecorded = definePrivateEvent(
  "monitoring.person.identity-recorded",
  1,
  z.object({
    personId: PersonId,
    identityNumber: IdentityNumber,
    name: FullName,
    birthDate: DateText.describe("Day of birth; personal"),
    sex: z.enum(["female", "male"]).describe("Sex; personal"),
  }),
  {
    title: { zh: "人员身份信息", en: "Identity of a person" },
    clauses: ["E-01", "E-02", "S-06"],
    entitled: readers,
    example: {
      personId: ids.person,
      identityNumber: "000000190001010008",
      name: "示例人甲",
      birthDate: "1900-01-01",
      sex: "female",
    },
  },
);

export const PersonPhoneRecorded = definePrivateEvent(
  "monitoring.person.phone-recorded",
  1,
  z.object({ personId: PersonId, phone: Phone.nullable() }),
  {
    title: { zh: "人员联系电话", en: "Phone of a person" },
    clauses: ["E-10"],
    entitled: ["employment", "industry", "social"],
    example: { personId: ids.person, phone: "19900000000" },
  },
);

/** Only funds pays, so only funds reads accounts. */
export const PersonPayeeAccountRecorded = definePrivateEvent(
  "monitoring.person.payee-account-recorded",
  1,
  z.object({
    personId: PersonId,
    account: Account,
    holder: FullName.describe("Name on the account; personal"),
    byProxy: z.boolean().describe("The account is another household member's, with a written proxy"),
  }),
  {
    title: { zh: "人员收款账户", en: "Payee account of a person" },
    clauses: ["E-02", "E-09", "I-07"],
    entitled: ["funds"],
    example: { personId: ids.person, account: "000000000000000000", holder: "示例人甲", byProxy: false },
  },
);

/** Readers destroy what they hold about the person; public events stay under an id that leads to no one. */
export const PersonErased = definePrivateEvent("monitoring.person.erased", 1, z.object({ personId: PersonId }), {
  title: { zh: "人员身份信息已销毁", en: "Identity of a person destroyed" },
  clauses: [],
  entitled: readers,
  example: { personId: ids.person },
});

export const OrganisationPayeeAccountRecorded = definePrivateEvent(
  "industry.organisation.payee-account-recorded",
  1,
  z.object({
    organisationId: OrganisationId,
    account: Account,
    holder: z.string().min(1).max(120).describe("Name on the account"),
  }),
  {
    title: { zh: "经营主体收款账户", en: "Payee account of an organisation" },
    clauses: ["I-04"],
    entitled: ["funds"],
    example: { organisationId: ids.organisation, account: "000000000000", holder: "示例合作社" },
  },
);

/** A petition tells of hardship: monitoring registers a lead found on the day of the petition, or adds it to an open one. */
export const PetitionHardshipReported = definePrivateEvent(
  "social.petition.hardship-reported",
  1,
  z.object({
    petitionId: z.uuidv7().describe("Petition"),
    householdId: HouseholdId.nullable().describe("Household, when social knows it"),
    identityNumber: IdentityNumber.nullable().describe(
      "Petitioner's identity number, when the household is not known; sensitive",
    ),
    cause: Risk.describe("Main risk told"),
    severity: Severity.describe("Grade; ungraded is allowed"),
    epidemic: z.boolean().describe("Caused by the epidemic"),
    foundOn: DateText.describe("Day the petition was registered"),
  }),
  {
    title: { zh: "信访反映困难", en: "Petition tells of hardship" },
    clauses: ["S-06", "M-01", "M-03"],
    entitled: ["monitoring"],
    example: {
      petitionId: ids.source,
      householdId: ids.household,
      identityNumber: null,
      cause: "epidemic",
      severity: "severe",
      epidemic: true,
      foundOn: "2022-08-01",
    },
  },
);

/** Monitoring's answer to a petition that told of hardship: the lead it became. */
export const PetitionLeadRegistered = definePrivateEvent(
  "monitoring.petition.lead-registered",
  1,
  z.object({
    petitionId: z.uuidv7().describe("Petition"),
    leadId: RiskLeadId.nullable().describe("Lead, or null when nobody was found"),
  }),
  {
    title: { zh: "信访线索已登记", en: "Petition became a lead" },
    clauses: ["S-06"],
    entitled: ["social"],
    example: { petitionId: ids.source, leadId: ids.lead },
  },
);

/** A department that lost or never had a person's identity asks monitoring to send it again. */
const resync = <const D extends Exclude<Department, "monitoring" | "cooperation">>(by: D) =>
  definePrivateEvent(`${by}.person.resync-requested`, 1, z.object({ personId: PersonId }), {
    title: { zh: "请求重发人员信息", en: "Asked to send a person again" },
    clauses: [],
    entitled: ["monitoring"],
    example: { personId: ids.person },
  });
export const EmploymentPersonResyncRequested = resync("employment");
export const IndustryPersonResyncRequested = resync("industry");
export const FundsPersonResyncRequested = resync("funds");
export const SocialPersonResyncRequested = resync("social");
