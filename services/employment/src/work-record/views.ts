import { DateText, Fen, Reason, WorkRecordState } from "@shouwang/contract";
import { z } from "zod";
import type { WorkRecord, WorkSecret } from "./store.ts";

const { scope, channel, endedBecause } = WorkRecordState.shape;
/** The first are entered by hand; the last are lists that were taken in. */
const enteredSources = ["home-visit", "phone", "social-insurance", "employer-roll"] as const;
const sources = [...enteredSources, "national-system"] as const;
/** Sections of the national classification of economic activities. */
const Industry = z
  .string()
  .regex(/^[A-T]$/)
  .describe("Section of GB/T 4754, a letter");
const Place = z
  .string()
  .regex(/^[1-9]\d(\d\d(\d\d)?)?$/)
  .describe("Division of the workplace: province, city or county by its digits; the county within the region");
const Country = z
  .string()
  .regex(/^[A-Z]{2}$/)
  .describe("ISO 3166 code of two letters");

export const WorkplaceEntry = { country: Country.default("CN"), place: Place.optional() };

/** What is recorded of a person's work. */
export const WorkEntry = z.object({
  ...WorkplaceEntry,
  channel,
  industry: Industry.optional(),
  employer: z.string().trim().min(1).max(120).optional().describe("Employer's name; sealed"),
  creditCode: z.string().max(40).optional().describe("Employer's unified social credit code"),
  monthlyWageFen: Fen.optional(),
  pointToPoint: z.boolean().default(false).describe("Brought to work by organised transport"),
  source: z.enum(enteredSources),
  from: DateText.describe("First day of work"),
  until: DateText.optional().describe("Last day, where it is over"),
  endedBecause: endedBecause.unwrap().optional(),
  note: z.string().trim().max(500).optional().describe("Sealed"),
});

export const WorkView = z.object({
  workRecordId: z.string(),
  personId: z.string(),
  householdId: z.string().describe("Household on the first day of work"),
  region: z.string(),
  country: z.string(),
  place: z.string().nullable(),
  scope: scope.describe("Derived from where the work is and where the person is registered"),
  channel,
  industry: z.string().nullable(),
  creditCode: z.string().nullable(),
  monthlyWageFen: z.int().nullable(),
  pointToPoint: z.boolean(),
  source: z.enum(sources),
  from: z.string(),
  until: z.string().nullable(),
  endedBecause,
  checkedOn: z.string().nullable().describe("Day the person was last found at work"),
  voidedOn: z.string().nullable().describe("Day it was voided: it counts nowhere any more"),
  version: z.int(),
});
export const WorkWithReasons = WorkView.extend({ explanation: z.array(Reason) });
export const WorkDetail = WorkView.extend({
  employer: z.string().nullable(),
  note: z.string().nullable(),
  voidReason: z.string().nullable().describe("Why it was voided"),
});

export const workView = ({ id, ...record }: WorkRecord): z.input<typeof WorkView> => ({
  ...record,
  workRecordId: id,
  // Safe: the entry takes it from the same list.
  source: record.source as (typeof sources)[number],
});

export const workDetail = (record: WorkRecord, secret: WorkSecret, voidReason: string | null): z.input<typeof WorkDetail> => ({
  ...workView(record),
  ...secret,
  voidReason,
});
