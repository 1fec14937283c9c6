import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { DateText, RegionCode, Year } from "../vocabulary.ts";
import { county, ids, village } from "./examples.ts";
import { household, idOf, region } from "./fields.ts";
import { ResettlementSiteId } from "./monitoring-household.ts";

export const VisitId = idOf("VisitId", "Visit; made on the phone, so that a repeated upload is the same visit");
export type VisitId = z.infer<typeof VisitId>;

/** A visit can serve several duties; it counts for each purpose whose settings it meets. */
export const VisitRecorded = defineEvent(
  "monitoring.visit.recorded",
  1,
  z.object({
    visitId: VisitId,
    householdId: household,
    region,
    purposes: z
      .array(z.enum(["monthly-round", "helper-visit", "monthly-help", "verification", "sweep"]))
      .min(1)
      .max(5)
      .describe("Duties it serves"),
    mode: z.enum(["home", "phone", "video"]).describe("Only home is a home visit"),
    visitorRole: z.enum(["grid-worker", "helper", "first-secretary", "village-officer", "township-officer"]).describe("Who went"),
    visitedOn: DateText.describe("Day of the visit"),
    syncedOn: DateText.describe("Day it reached the platform"),
    householdAway: z.boolean().describe("The whole household was away"),
    changed: z.boolean().describe("Something in the household has changed"),
    needs: z
      .array(
        z.enum(["job", "training", "post", "industry", "loan", "health", "schooling", "housing", "drinking-water", "safety-net"]),
      )
      .max(10)
      .describe("Wishes the household stated"),
  }),
  {
    kind: "fact",
    title: { zh: "走访已记录", en: "Visit recorded" },
    clauses: ["M-02", "M-04c", "M-05", "I-09a"],
    readers: ["employment", "industry", "gateway", "integrators"],
    example: {
      visitId: ids.visit,
      householdId: ids.household,
      region: village,
      purposes: ["monthly-round"],
      mode: "home",
      visitorRole: "grid-worker",
      visitedOn: "2022-08-01",
      syncedOn: "2022-08-02",
      householdAway: false,
      changed: true,
      needs: ["job", "loan"],
    },
  },
);

export const FocusHouseholdId = idOf("FocusHouseholdId", "Focus household of one year");
export type FocusHouseholdId = z.infer<typeof FocusHouseholdId>;

export const FocusHouseholdState = z.object({
  focusHouseholdId: FocusHouseholdId,
  householdId: household,
  region,
  year: Year.describe("Year of the list"),
  criteria: z
    .array(z.enum(["income-fell", "income-low", "epidemic-income-drop"]))
    .max(3)
    .describe("Which of the three readings it meets; empty when removed"),
});
export type FocusHouseholdState = z.infer<typeof FocusHouseholdState>;
const focusExample: z.input<typeof FocusHouseholdState> = {
  focusHouseholdId: ids.focus,
  householdId: ids.household,
  region: village,
  year: 2022,
  criteria: ["income-low"],
};
const aboutFocus = {
  kind: "state",
  clauses: ["M-05", "M-06"],
  readers: ["employment", "industry", "gateway", "integrators"],
} as const;

export const FocusHouseholdListed = defineEvent("monitoring.focus-household.listed", 1, FocusHouseholdState, {
  ...aboutFocus,
  title: { zh: "已列为重点户", en: "Household listed as a focus household" },
  example: focusExample,
});
export const FocusHouseholdRemoved = defineEvent("monitoring.focus-household.removed", 1, FocusHouseholdState, {
  ...aboutFocus,
  title: { zh: "已移出重点户", en: "Household no longer a focus household" },
  example: { ...focusExample, criteria: [] },
});

/** Lists of counties that rules of several departments turn on; until a list is loaded, its rules say "list awaited". */
export const CountyListLoaded = defineEvent(
  "monitoring.county-list.loaded",
  1,
  z.object({
    countyListId: idOf("CountyListId", "List of counties"),
    list: z.enum(["national-key-county", "region-key-county", "reference-county", "cooperation-county"]).describe("Which list"),
    counties: z.array(RegionCode).max(111).describe("Counties on it"),
    from: DateText.describe("First day in force"),
    until: DateText.nullable().describe("Last day in force, or null"),
  }),
  {
    kind: "state",
    title: { zh: "县名单已载入", en: "List of counties loaded" },
    clauses: ["E-02", "E-13", "C-02", "S-03", "S-04a"],
    readers: ["employment", "industry", "funds", "cooperation", "social", "gateway", "integrators"],
    example: { countyListId: ids.list, list: "national-key-county", counties: [county], from: "2021-08-01", until: null },
  },
);

export const ResettlementSiteChanged = defineEvent(
  "monitoring.resettlement-site.changed",
  1,
  z.object({
    resettlementSiteId: ResettlementSiteId,
    region,
    population: z.int().nonnegative().describe("People living there; 800 and 8,000 decide duties"),
    households: z.int().nonnegative().describe("Households living there"),
    open: z.boolean().describe("Still in use"),
  }),
  {
    kind: "state",
    title: { zh: "安置区信息已变更", en: "Resettlement site changed" },
    clauses: ["E-07", "E-13", "S-02c"],
    readers: ["employment", "social", "gateway", "integrators"],
    example: { resettlementSiteId: ids.site, region: village, population: 8600, households: 1980, open: true },
  },
);
