import { type BusinessDate, readParameters, type Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import type { LabourRules } from "./terms-decide.ts";

const keys = [
  ...([
    "labourSubsidy.rate",
    "labourSubsidy.min",
    "labourSubsidy.max",
    "labourSubsidy.maxMonths",
    "labourSubsidy.maxMonthsPer",
  ] as const),
  ...(["labourSubsidy.minDays", "labourSubsidy.minStableMonths", "labourSubsidy.payStableMonths"] as const),
  ...(["labour.ageMin", "labour.ageMax", "eligibility.afterClearance"] as const),
];

/** E-09: what the settings in force say for a village's county on the month's last day. */
export async function labourRules(tx: Tx<DB>, region: string, on: BusinessDate): Promise<LabourRules> {
  const set = await readParameters(tx, keys, on);
  return {
    rate: set("labourSubsidy.rate", region),
    min: set("labourSubsidy.min", region),
    max: set("labourSubsidy.max", region),
    maxMonths: set("labourSubsidy.maxMonths", region),
    maxMonthsPer: set("labourSubsidy.maxMonthsPer", region),
    minDays: set("labourSubsidy.minDays", region),
    minStableMonths: set("labourSubsidy.minStableMonths", region),
    payStableMonths: set("labourSubsidy.payStableMonths", region),
    ageMin: set("labour.ageMin", region),
    ageMax: set("labour.ageMax", region),
    afterClearance: set("eligibility.afterClearance", region),
  };
}
