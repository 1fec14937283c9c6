import { z } from "zod";
import { DateText, Fen, Month, Year } from "../vocabulary.ts";
import { claimEvents } from "./claim.ts";
import { PostId } from "./employment-work.ts";
import { ids, village } from "./examples.ts";
import { ClaimStatus, county, household, idOf, person, region } from "./fields.ts";

export const TransportSubsidyId = idOf("TransportSubsidyId", "Transport subsidy claim");
export type TransportSubsidyId = z.infer<typeof TransportSubsidyId>;
export const LabourSubsidyId = idOf("LabourSubsidyId", "Labour subsidy claim for one person and month");
export type LabourSubsidyId = z.infer<typeof LabourSubsidyId>;
export const YuluGrantId = idOf("YuluGrantId", "Yulu grant for one person and term or course");
export type YuluGrantId = z.infer<typeof YuluGrantId>;
export const PostPayId = idOf("PostPayId", "Pay of one post holder for one month");
export type PostPayId = z.infer<typeof PostPayId>;

const claimant = {
  personId: person,
  householdId: household.describe("Household on the date that counts; pseudonymous"),
  region: region.describe("Village of registration on the date that counts"),
  amountFen: Fen.describe("Amount, in fen"),
  status: ClaimStatus.describe("Where the claim stands"),
  paidOn: DateText.nullable().describe("Day the money arrived, or null"),
};
const claimantExample = (status: ClaimStatus, amountFen: number) => ({
  personId: ids.person,
  householdId: ids.household,
  region: village,
  amountFen,
  status,
  paidOn: status === "paid" || status === "clawed-back" ? "2022-10-12" : null,
});

export const TransportSubsidyState = z.object({
  claimId: TransportSubsidyId,
  ...claimant,
  payingCounty: county.describe("County that pays: of registration on the date that counts"),
  year: Year.describe("Year of the claim; one per person and year"),
});
export type TransportSubsidyState = z.infer<typeof TransportSubsidyState>;
/** One payment per person and year for work outside the region. */
export const {
  approved: TransportSubsidyApproved,
  rejected: TransportSubsidyRejected,
  paid: TransportSubsidyPaid,
  clawedBack: TransportSubsidyClawedBack,
} = claimEvents("employment.transport-subsidy", TransportSubsidyState, {
  of: { zh: "往返交通补助", en: "Transport subsidy" },
  clauses: ["E-02"],
  readers: ["monitoring", "industry", "gateway", "integrators"],
  example: (status) => ({ claimId: ids.claim, ...claimantExample(status, 90_000), payingCounty: "451228000000", year: 2022 }),
});

export const LabourSubsidyState = z.object({
  claimId: LabourSubsidyId,
  ...claimant,
  month: Month.describe("Month worked; one per person and month, at most six a year"),
});
export type LabourSubsidyState = z.infer<typeof LabourSubsidyState>;
/** 200 to 500 yuan a month for steady work in the own county. */
export const {
  approved: LabourSubsidyApproved,
  rejected: LabourSubsidyRejected,
  paid: LabourSubsidyPaid,
  clawedBack: LabourSubsidyClawedBack,
} = claimEvents("employment.labour-subsidy", LabourSubsidyState, {
  of: { zh: "劳务补助", en: "Labour subsidy" },
  clauses: ["E-09"],
  readers: ["monitoring", "industry", "gateway", "integrators"],
  example: (status) => ({ claimId: ids.claim, ...claimantExample(status, 30_000), month: "2022-08" }),
});

export const YuluGrantState = z.object({
  claimId: YuluGrantId,
  ...claimant,
  branch: z.enum(["school", "short-course"]).describe("By term, or by course with a certificate"),
  level: z.enum(["secondary-vocational", "higher-vocational", "technician-school", "short-course"]).describe("Kind of schooling"),
  term: z
    .string()
    .regex(/^\d{4}-t[12]$/)
    .nullable()
    .describe("School year and term, or null for a course"),
  courseId: idOf("CourseId", "Course").nullable().describe("Course, or null for a school"),
});
export type YuluGrantState = z.infer<typeof YuluGrantState>;
/** A grant per term or course for young people in vocational training. */
export const {
  approved: YuluGrantApproved,
  rejected: YuluGrantRejected,
  paid: YuluGrantPaid,
  clawedBack: YuluGrantClawedBack,
} = claimEvents("employment.yulu-grant", YuluGrantState, {
  of: { zh: "雨露计划补助", en: "Yulu grant" },
  clauses: ["E-12"],
  readers: ["monitoring", "cooperation", "gateway", "integrators"],
  example: (status) => ({
    claimId: ids.claim,
    ...claimantExample(status, 150_000),
    branch: "school" as const,
    level: "secondary-vocational" as const,
    term: "2022-t1",
    courseId: null,
  }),
});

export const PostPayState = z.object({
  claimId: PostPayId,
  ...claimant,
  postId: PostId,
  month: Month.describe("Month of service"),
  days: z.int().min(0).max(31).describe("Days of attendance"),
});
export type PostPayState = z.infer<typeof PostPayState>;
/** A month's pay of a public-welfare post, by attendance. */
export const {
  approved: PostPayApproved,
  rejected: PostPayRejected,
  paid: PostPayPaid,
  clawedBack: PostPayClawedBack,
} = claimEvents("employment.post-pay", PostPayState, {
  of: { zh: "公益性岗位补贴", en: "Pay of a public-welfare post" },
  clauses: ["E-04", "E-05"],
  readers: ["monitoring", "gateway", "integrators"],
  example: (status) => ({ claimId: ids.claim, ...claimantExample(status, 80_000), postId: ids.post, month: "2022-08", days: 22 }),
});
