import { HouseholdId, refuse } from "@shouwang/contract";
import { everyone } from "@shouwang/service-kit";
import { z } from "zod";
import { membersOf } from "../household/person-store.ts";
import { findHousehold, registeredAt } from "../household/store.ts";
import { query, slice } from "../kit.ts";
import { type FieldOrigin, type Origin, originsOf } from "./decide.ts";
import { householdChanges, personChanges } from "./store.ts";

const householdFields = [
  "region",
  "householdNo",
  "hamlet",
  "householdKind",
  "monitoredKind",
  "riskCleared",
  "headcount",
  "ableWorkers",
  "guarantees.schooling",
  "guarantees.medicalCare",
  "guarantees.housing",
  "guarantees.drinkingWater",
  "lowIncome",
  "safetyNetOnly",
  "relocated",
  "status",
] as const;
const personFields = [
  "name",
  "identityNumber",
  "phone",
  "relation",
  "schooling",
  "education",
  "dropoutReason",
  "health",
  "labourSkill",
  "medicalInsurance",
  "seriousIllnessInsurance",
  "destitute",
  "ableWorker",
] as const;

const OriginView = z.object({
  field: z.string(),
  source: z.string(),
  department: z.string().nullable().describe("Department that gave the value"),
  document: z.string().nullable(),
  dataDate: z.string().nullable().describe("Day the department's data are of"),
  by: z.string().describe("Who recorded it, opaque"),
  at: z.string(),
});
const originView = ({ at, ...origin }: FieldOrigin): z.input<typeof OriginView> => ({ ...origin, at: at.toISOString() });

/** M-01: where every value of a household and its members comes from, so that nobody has to ask who says so. */
const readProvenance = query(
  {
    operation: "read-provenance",
    path: "/households/{householdId}/provenance",
    summary: {
      zh: "每个字段的来源(部门、文件、日期、录入人)",
      en: "Where each field comes from: department, document, date, who recorded it",
    },
    clauses: ["M-01"],
    allow: everyone,
    params: z.object({ householdId: HouseholdId }),
    reply: z.object({
      household: z.array(OriginView),
      members: z.array(z.object({ personId: z.string(), name: z.string().describe("Masked"), fields: z.array(OriginView) })),
    }),
    problems: ["household-not-found"],
  },
  async ({ tx, params, keys }) => {
    const household = await findHousehold(tx, params.householdId);
    const at = household && (await registeredAt(tx, household.id));
    if (!household || !at) return refuse("household-not-found");
    const changes = await householdChanges(tx, household.id);
    const first = changes.find((change) => change.version === 1);
    const registered: Origin = first ?? {
      source: "registration",
      department: "monitoring",
      document: null,
      dataDate: null,
      by: household.synthetic ? "system|synthetic-population" : "unknown",
      at,
    };
    const origin = ({ source, department, document, dataDate, by, at: recordedAt }: Origin): Origin => ({
      source,
      department,
      document,
      dataDate,
      by,
      at: recordedAt,
    });
    const members = [];
    for (const person of await membersOf(tx, household.id))
      members.push({
        personId: person.id,
        name: person.nameMask,
        fields: originsOf(personFields, await personChanges(tx, keys, person.id), origin(registered)).map(originView),
      });
    return { reply: { household: originsOf(householdFields, changes, origin(registered)).map(originView), members } };
  },
);

export const provenanceSlice = slice({
  name: "provenance",
  title: { zh: "数据来源", en: "Where values come from" },
  routes: [readProvenance],
});
