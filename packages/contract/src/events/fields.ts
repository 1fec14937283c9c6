import { z } from "zod";
import { CaseId, Department, HouseholdId, PersonId, RegionCode, RiskLeadId } from "../vocabulary.ts";

/**
 * Fields that several events share, each with its meaning. A field that leads to a person or household carries
 * `x-personal-data: pseudonymous`; every other field of the public stream holds no personal data.
 */
const pseudonymous = <S extends z.ZodType>(schema: S, description: string): S =>
  schema.meta({ description, "x-personal-data": "pseudonymous" });

export const household = pseudonymous(HouseholdId, "Household, the same id in every department; pseudonymous");
export const person = pseudonymous(PersonId, "Person, the same id in every department; pseudonymous");
export const householdOrNone = pseudonymous(HouseholdId.nullable(), "Household, or null; pseudonymous");
export const personOrNone = pseudonymous(PersonId.nullable(), "Person, or null; pseudonymous");
export const lead = RiskLeadId.describe("Risk lead");
export const leadOrNone = RiskLeadId.nullable().describe("Risk lead this belongs to, or null");
export const monitoredCase = CaseId.describe("Monitored case");
export const caseOrNone = CaseId.nullable().describe("Monitored case this belongs to, or null");
export const region = RegionCode.describe("Division it belongs to, 12 digits");
export const county = RegionCode.describe("County, 12 digits");
export const department = Department.describe("Department");

/** An id of its own brand, for an entity that one department owns. */
export const idOf = <const B extends string>(brand: B, description: string) => z.uuidv7().brand(brand).describe(description);

/** A stable short code: lower-case words joined by hyphens or dots. It cannot hold a name, a number of a person or a sentence. */
export const code = (description: string) =>
  z
    .string()
    .regex(/^[a-z]{1,24}([-.][a-z0-9]{1,6}|[-.][a-zA-Z]{1,24}){0,6}$/, "a code in lower-case words")
    .describe(description);

/**
 * Issuer and opaque subject of somebody who acted, `https://login.example|7d1f…`, as every department writes it, so that one person is the same everywhere; the
 * issuer alone can say who it is.
 */
export const actor = (description: string) =>
  z
    .string()
    .regex(/^[a-z][a-z0-9+.-]{0,31}(:\/\/[A-Za-z0-9.:/_~-]{1,200})?\|[\x21-\x7b\x7d\x7e]{1,255}$/, "issuer|subject")
    .meta({ description: `${description}; pseudonymous`, "x-personal-data": "pseudonymous" });

/** Why a household is at risk; national columns as stable codes. */
export const Risk = z.enum([
  "illness",
  "schooling",
  "disability",
  "natural-disaster",
  "accident",
  "failed-venture",
  "unstable-work",
  "lack-of-labour",
  "unsafe-housing",
  "unsafe-water",
  "epidemic",
  "other",
]);
export type Risk = z.infer<typeof Risk>;

/** Kinds of help, in the order of the national columns; `development` says which of them are development measures. */
export const MeasureCategory = z.enum([
  "industry",
  "job",
  "finance",
  "public-welfare-post",
  "health",
  "compulsory-schooling",
  "other-schooling",
  "safety-net",
  "housing",
  "drinking-water",
  "social-help",
  "relocation",
  "living-conditions",
  "infrastructure",
]);
export type MeasureCategory = z.infer<typeof MeasureCategory>;

/** Pools of money, kept apart as the ratios of the plan need them. */
export const FundSource = z.enum([
  "bridging-fund-central",
  "bridging-fund-region",
  "bridging-fund-city",
  "bridging-fund-county",
  "guangdong-cooperation",
  "region-revitalisation-subsidy",
  "agri-development-fund",
  "integrated-agri-fund",
  "employment-subsidy-fund",
  "solar-income",
  "special-bond",
  "designated-assistance",
  "donation",
  "own-funds",
  "other",
]);
export type FundSource = z.infer<typeof FundSource>;

/** Life of a claim for money, as other departments see it. */
export const ClaimStatus = z.enum(["submitted", "approved", "awaiting-funds", "rejected", "paid", "clawed-back"]);
export type ClaimStatus = z.infer<typeof ClaimStatus>;
