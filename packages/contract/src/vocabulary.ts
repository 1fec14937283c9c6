import { z } from "zod";

/**
 * The value objects every department shares. Each is a branded zod schema: parse once at the edge, trust the type inside.
 * Ids are UUIDv7 (they sort by the moment they were made, which real time gives, never the business clock).
 */
const uuid = () => z.uuidv7();

export const HouseholdId = uuid().brand("HouseholdId").describe("Household, one in the whole region");
export type HouseholdId = z.infer<typeof HouseholdId>;

export const PersonId = uuid()
  .brand("PersonId")
  .describe("Person, one to one with the first 18 characters of the identity number");
export type PersonId = z.infer<typeof PersonId>;

export const RiskLeadId = uuid().brand("RiskLeadId").describe("Risk lead (风险线索)");
export type RiskLeadId = z.infer<typeof RiskLeadId>;

export const CaseId = uuid().brand("CaseId").describe("Monitored case (监测对象认定)");
export type CaseId = z.infer<typeof CaseId>;

/** 12 digits, zero-padded, at every level: 450000000000 is the region, 451228000000 a county. */
export const RegionCode = z
  .string()
  .regex(/^\d{12}$/, "12 digits")
  .brand("RegionCode")
  .describe("Division code, 12 digits (statistical code, zero-padded)");
export type RegionCode = z.infer<typeof RegionCode>;

/** An amount of money in fen, never a fraction of one, never below zero. */
export const Fen = z.int().nonnegative().brand("Fen").describe("Money in fen (1 yuan = 100 fen), not below zero");
export type Fen = z.infer<typeof Fen>;

/** An amount of money in fen that may be below zero: net income, an adjusting entry. */
export const NetFen = z.int().brand("NetFen").describe("Money in fen (1 yuan = 100 fen), may be below zero");
export type NetFen = z.infer<typeof NetFen>;

/** Calendar date in Asia/Shanghai. */
export const DateText = z.iso.date().describe("Calendar date, Asia/Shanghai");
export type DateText = z.infer<typeof DateText>;

export const Month = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])$/, "YYYY-MM")
  .describe("Calendar month");
export type Month = z.infer<typeof Month>;

export const Year = z.int().min(2000).max(2100).describe("Calendar year");
export type Year = z.infer<typeof Year>;

export const Instant = z.iso.datetime({ offset: true }).describe("Moment, RFC 3339");
export type Instant = z.infer<typeof Instant>;

/** A text for people: Chinese first, English beside. */
export const Bilingual = z.object({ zh: z.string(), en: z.string() });
export type Bilingual = z.infer<typeof Bilingual>;

/** Who may act: one name per office of the field (domain: actors and levels). The reach of a role comes from the token's region. */
export const Role = z.enum([
  "region-officer",
  "city-officer",
  "county-officer",
  "township-officer",
  "village-officer",
  "grid-worker",
  "helper",
  "first-secretary",
  "department-officer",
  "auditor",
  "operator",
]);
export type Role = z.infer<typeof Role>;

export const Department = z.enum(["monitoring", "employment", "industry", "funds", "cooperation", "social"]);
export type Department = z.infer<typeof Department>;
