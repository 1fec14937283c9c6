import { HouseholdKind, MonitoredKind } from "@shouwang/contract";
import { findDivision, pathOf } from "@shouwang/regions";
import { z } from "zod";
import type { Person } from "./person-store.ts";
import type { Household } from "./store.ts";

export const MemberView = z.object({
  personId: z.string(),
  name: z.string().describe("Masked"),
  identityNumber: z.string().describe("Masked"),
  phone: z.string().nullable().describe("Masked"),
  sex: z.enum(["male", "female"]),
  birthYear: z.int(),
  relation: z.string(),
  schooling: z.string().nullable(),
  health: z.array(z.string()),
  labourSkill: z.string(),
  medicalInsurance: z.string().nullable(),
  education: z.string().nullable(),
  dropoutReason: z.string().nullable(),
  seriousIllnessInsurance: z.boolean().nullable(),
  destitute: z.boolean(),
  ableWorker: z.boolean(),
  student: z.boolean(),
  version: z.int(),
});

export const HouseholdView = z.object({
  householdId: z.string(),
  region: z.string(),
  place: z.string().describe("City, county, township and village by name"),
  householdNo: z.string().nullable(),
  hamlet: z.string().nullable(),
  householdKind: HouseholdKind,
  monitoredKind: MonitoredKind.nullable(),
  riskCleared: z.boolean(),
  headcount: z.int(),
  ableWorkers: z.int(),
  guarantees: z.object({
    schooling: z.boolean().nullable(),
    medicalCare: z.boolean().nullable(),
    housing: z.boolean().nullable(),
    drinkingWater: z.boolean().nullable(),
  }),
  lowIncome: z.boolean(),
  safetyNetOnly: z.boolean(),
  relocated: z.boolean(),
  status: z.string(),
  closedBecause: z.string().nullable(),
  mergedInto: z.string().nullable().describe("Household it was merged into"),
  splitFrom: z.string().nullable().describe("Household it was split from"),
  synthetic: z.boolean().describe("Made-up household of a demonstration"),
  version: z.int(),
});

export const HouseholdWithMembers = HouseholdView.extend({ members: z.array(MemberView) });

export const viewOf = (household: Household): z.input<typeof HouseholdView> => {
  const { id, ...rest } = household;
  return {
    ...rest,
    householdId: id,
    place: findDivision(household.region) ? pathOf(household.region).join("") : household.region,
  };
};

export const memberView = (person: Person): z.input<typeof MemberView> => ({
  personId: person.id,
  name: person.nameMask,
  identityNumber: person.identityMask,
  phone: person.phoneMask,
  sex: person.sex,
  birthYear: Number(person.birthDate.slice(0, 4)),
  relation: person.relation,
  schooling: person.schooling,
  health: person.health,
  labourSkill: person.labourSkill,
  medicalInsurance: person.medicalInsurance,
  education: person.education,
  dropoutReason: person.dropoutReason,
  seriousIllnessInsurance: person.seriousIllnessInsurance,
  destitute: person.destitute,
  ableWorker: person.ableWorker,
  student: person.student,
  version: person.version,
});
