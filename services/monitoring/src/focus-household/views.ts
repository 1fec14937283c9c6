import { Reason } from "@shouwang/contract";
import { findDivision, pathOf } from "@shouwang/regions";
import { z } from "zod";
import type { FocusHousehold } from "./store.ts";

export const Area = z
  .string()
  .regex(/^\d{2}(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?$/)
  .describe("Division code or prefix");
export const CriterionView = z
  .enum(["income-fell", "income-low", "epidemic-income-drop"])
  .describe("(a) fell against the year before, (b) within the income limit, (c) sharp loss by the epidemic, confirmed");
const fen = z.int().nullable();

/** A division by its names from the city down. */
export const nameOf = (region: string): string => (findDivision(region) ? pathOf(region).join("") : region);

/** Places are named one level below an area: its counties, townships or villages. */
export const digitsBelow = (area: string): 6 | 9 | 12 => (area.length < 6 ? 6 : area.length < 9 ? 9 : 12);

export const FocusView = z.object({
  focusHouseholdId: z.string(),
  householdId: z.string(),
  region: z.string(),
  year: z.int(),
  criteria: z.array(CriterionView).describe("Empty once removed"),
  perCapitaFen: fen.describe("Base year, per member"),
  beforePerCapitaFen: fen.describe("The year before, per member"),
  listedOn: z.string(),
  removedOn: z.string().nullable(),
  removedBecause: z.enum(["conditions-ended", "not-watched"]).nullable(),
  version: z.int(),
});
export const focusView = ({ id, ...focus }: FocusHousehold): z.input<typeof FocusView> => ({ ...focus, focusHouseholdId: id });

export const CandidateView = z.object({
  householdId: z.string(),
  region: z.string(),
  criteria: z.array(CriterionView),
  perCapitaFen: fen,
  beforePerCapitaFen: fen,
  byHeadcount: z.boolean().nullable().describe("(a) would come out the other way at the year before's headcount"),
});

export const CountView = z.object({
  baseYear: z.int(),
  year: z.int().describe("Year of the list"),
  incomeMaxFen: z.int(),
  document: z.string(),
  population: z.int().describe("Lifted households and monitored ones whose risk is not cleared"),
  incomplete: z.int().describe("Of these, how many lack the income of one of the two years"),
  households: z.int().describe("Meeting at least one condition"),
  incomeFell: z.int(),
  incomeLow: z.int(),
  epidemicDrop: z.int(),
  byHeadcount: z.int().describe("Where (a) turns on the headcount alone"),
  pending: z
    .object({ toList: z.int().describe("Listed anew or by other conditions"), toRemove: z.int().describe("Taken off the list") })
    .nullable()
    .describe("What a run of the listing would change, where asked for"),
  places: z.array(
    z.object({
      region: z.string(),
      name: z.string(),
      households: z.int(),
      incomeFell: z.int(),
      incomeLow: z.int(),
      epidemicDrop: z.int(),
      byHeadcount: z.int(),
    }),
  ),
});

export const ExplanationView = z.object({
  householdId: z.string(),
  year: z.int(),
  criteria: z.array(CriterionView),
  missing: z.array(z.int()).describe("Years whose income is to be completed"),
  byHeadcount: z.boolean(),
  reasons: z.array(Reason),
  drop: z.object({ proposed: z.boolean(), reasons: z.array(Reason), decided: z.enum(["confirmed", "refused"]).nullable() }),
  listed: z.array(FocusView),
});
