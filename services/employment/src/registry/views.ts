import { HouseholdKind, MonitoredKind, Reason } from "@shouwang/contract";
import { findDivision, pathOf } from "@shouwang/regions";
import { z } from "zod";
import type { StatusOn } from "./decide.ts";
import type { Household, Person } from "./store.ts";

/** A division by its significant digits. */
export const Area = z.string().regex(/^[1-9]\d(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?$/, "a division's digits");

export const HouseholdView = z.object({
  householdId: z.string(),
  region: z.string(),
  place: z.string().describe("City, county, township and village by name"),
  householdKind: HouseholdKind,
  monitoredKind: MonitoredKind.nullable(),
  riskCleared: z.boolean(),
  headcount: z.int(),
  ableWorkers: z.int(),
  relocated: z.boolean(),
  resettlementSiteId: z.string().nullable(),
  status: z.string(),
});

export const PersonView = z.object({
  personId: z.string(),
  householdId: z.string().nullable(),
  region: z.string(),
  status: z.enum(["member", "left", "died"]),
  since: z.string(),
  ableWorker: z.boolean(),
  student: z.boolean(),
  numberVerified: z.boolean(),
  name: z.string().nullable().describe("Masked; null while who it is has not been told"),
  identityNumber: z.string().nullable().describe("Masked"),
  phone: z.string().nullable().describe("Masked"),
  sex: z.enum(["male", "female"]).nullable(),
  birthYear: z.int().nullable(),
});

export const StatusView = z.object({
  on: z.string(),
  lifted: z.boolean(),
  monitored: z.boolean(),
  monitoredKind: MonitoredKind.nullable(),
  cleared: z.boolean().describe("Monitored once, its risk cleared by that day"),
  registeredIn: z.string().describe("Village it was registered in on that day"),
  assumed: z.boolean().describe("Before the first record: what is known first is taken to have been so already"),
  reason: Reason,
});

const placeOf = (region: string): string => (findDivision(region) ? pathOf(region).join("") : region);

export const householdView = ({ id, ...household }: Household): z.input<typeof HouseholdView> => ({
  ...household,
  householdId: id,
  place: placeOf(household.region),
  // Safe, here and below: the contract's own words, which the projection parsed.
  householdKind: household.householdKind as z.input<typeof HouseholdKind>,
  monitoredKind: household.monitoredKind as z.input<typeof MonitoredKind> | null,
});

export const personView = ({
  id,
  nameMask,
  identityMask,
  phoneMask,
  birthDate,
  ...person
}: Person): z.input<typeof PersonView> => ({
  ...person,
  personId: id,
  // Safe, both: the contract's own words; a check constraint holds the second.
  status: person.status as "member" | "left" | "died",
  sex: person.sex as "male" | "female" | null,
  name: nameMask,
  identityNumber: identityMask,
  phone: phoneMask,
  birthYear: birthDate === null ? null : Number(birthDate.slice(0, 4)),
});

export const statusView = (status: StatusOn): z.input<typeof StatusView> => ({
  ...status,
  // Safe: the contract's own words, which the projection parsed.
  monitoredKind: status.monitoredKind as z.input<typeof MonitoredKind> | null,
});
