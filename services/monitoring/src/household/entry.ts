import { HouseholdId } from "@shouwang/contract";
import { z } from "zod";
import { DropoutReason, Education, HealthState, LabourSkill, MedicalInsurance, Relation, Schooling } from "./code-lists.ts";

export const HouseholdPath = z.object({ householdId: HouseholdId });
const triState = z.boolean().nullable();
export const GuaranteesEntry = z.strictObject({
  schooling: triState,
  medicalCare: triState,
  housing: triState,
  drinkingWater: triState,
});
export const registrars = ["county-officer", "township-officer", "village-officer"] as const;

export const MemberEntry = z.strictObject({
  name: z.string().trim().min(2).max(40),
  identityNumber: z.string().min(15).max(40),
  relation: Relation,
  phone: z.string().max(20).optional(),
  schooling: Schooling.optional(),
  health: z.array(HealthState).min(1).max(4).default(["healthy"]),
  labourSkill: LabourSkill,
  medicalInsurance: MedicalInsurance.optional(),
  education: Education.optional(),
  dropoutReason: DropoutReason.optional(),
  seriousIllnessInsurance: z.boolean().optional(),
  destitute: z.boolean().default(false).describe("Supported as destitute (特困供养)"),
});
