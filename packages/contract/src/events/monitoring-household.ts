import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { DateText, Fen, NetFen } from "../vocabulary.ts";
import { ids, village } from "./examples.ts";
import { household, householdOrNone, idOf, person, region } from "./fields.ts";

export const HouseholdKind = z.enum(["lifted-household", "ordinary-household"]);
export type HouseholdKind = z.infer<typeof HouseholdKind>;

export const MonitoredKind = z.enum(["unstable-lifted", "borderline", "sudden-hardship"]);
export type MonitoredKind = z.infer<typeof MonitoredKind>;

/** The three guarantees and safe water: true is met, false is a problem, null not yet looked at. */
export const Guarantees = z.object({
  schooling: z.boolean().nullable().describe("Nobody of school age has dropped out"),
  medicalCare: z.boolean().nullable().describe("Everybody has basic medical insurance"),
  housing: z.boolean().nullable().describe("The dwelling is safe (grade A or B)"),
  drinkingWater: z.boolean().nullable().describe("Quantity, quality, distance and reliability are met"),
});

export const ResettlementSiteId = idOf("ResettlementSiteId", "Resettlement site");
export type ResettlementSiteId = z.infer<typeof ResettlementSiteId>;

/** The public state of a household; every event about a household carries all of it. */
export const HouseholdState = z.object({
  householdId: household,
  region: region.describe("Village of registration; the old one in moved-out"),
  householdKind: HouseholdKind.describe("Lifted out of registered poverty, or never registered poor"),
  monitoredKind: MonitoredKind.nullable().describe(
    "Kind of monitored household, kept after clearance; null when never monitored",
  ),
  riskCleared: z.boolean().describe("The risk is cleared; false where monitoredKind is null"),
  headcount: z.int().nonnegative().describe("Members today"),
  ableWorkers: z.int().nonnegative().describe("Members counted as able workers"),
  guarantees: Guarantees.describe("Three guarantees and safe water"),
  lowIncome: z.boolean().describe("Has a rural low-income person"),
  safetyNetOnly: z.boolean().describe("Household without labour, kept by the safety net"),
  relocated: z.boolean().describe("Resettled under the relocation programme"),
  resettlementSiteId: ResettlementSiteId.nullable().describe("Site it lives at, or null"),
  status: z.enum(["active", "moving", "merged", "split", "closed"]).describe("moving: left one place, not yet arrived"),
  closedBecause: z.enum(["death", "moved-away", "merged", "other"]).nullable().describe("Natural reduction; null while open"),
  mergedInto: householdOrNone.describe("Household it was merged into, or null"),
  splitFrom: householdOrNone.describe("Household it was split from, or null"),
});
export type HouseholdState = z.infer<typeof HouseholdState>;

const householdExample: z.input<typeof HouseholdState> = {
  householdId: ids.household,
  region: village,
  householdKind: "lifted-household",
  monitoredKind: "unstable-lifted",
  riskCleared: false,
  headcount: 4,
  ableWorkers: 2,
  guarantees: { schooling: true, medicalCare: true, housing: true, drinkingWater: null },
  lowIncome: true,
  safetyNetOnly: false,
  relocated: false,
  resettlementSiteId: null,
  status: "active",
  closedBecause: null,
  mergedInto: null,
  splitFrom: null,
};

const aboutHousehold = {
  kind: "state",
  clauses: ["M-01", "M-02", "E-02", "I-07"],
  readers: ["employment", "industry", "funds", "cooperation", "social", "gateway", "integrators"],
} as const;

export const HouseholdRegistered = defineEvent("monitoring.household.registered", 1, HouseholdState, {
  ...aboutHousehold,
  title: { zh: "农户已登记", en: "Household registered" },
  example: { ...householdExample, monitoredKind: null },
});
export const HouseholdChanged = defineEvent("monitoring.household.changed", 1, HouseholdState, {
  ...aboutHousehold,
  title: { zh: "农户信息已变更", en: "Household changed" },
  example: householdExample,
});
/** On the old place's subject; where the household goes to is not said there. */
export const HouseholdMovedOut = defineEvent("monitoring.household.moved-out", 1, HouseholdState, {
  ...aboutHousehold,
  title: { zh: "农户已迁出", en: "Household moved out" },
  example: { ...householdExample, status: "moving" },
});
/** On the new place's subject, with the full state. */
export const HouseholdArrived = defineEvent("monitoring.household.arrived", 1, HouseholdState, {
  ...aboutHousehold,
  title: { zh: "农户已迁入", en: "Household arrived" },
  example: householdExample,
});
/** About the household that was split; the new one is registered with `splitFrom`, each person joins it by an event of their own. */
export const HouseholdSplit = defineEvent("monitoring.household.split", 1, HouseholdState, {
  ...aboutHousehold,
  title: { zh: "农户已分户", en: "Household split" },
  example: { ...householdExample, headcount: 2, ableWorkers: 1 },
});
export const HouseholdMerged = defineEvent("monitoring.household.merged", 1, HouseholdState, {
  ...aboutHousehold,
  title: { zh: "农户已并户", en: "Household merged into another" },
  example: {
    ...householdExample,
    headcount: 0,
    ableWorkers: 0,
    status: "merged",
    closedBecause: "merged",
    mergedInto: ids.otherHousehold,
  },
});
export const HouseholdClosed = defineEvent("monitoring.household.closed", 1, HouseholdState, {
  ...aboutHousehold,
  title: { zh: "农户已自然减少", en: "Household closed by natural reduction" },
  example: { ...householdExample, headcount: 0, ableWorkers: 0, status: "closed", closedBecause: "death" },
});

/** The public state of a person: no name, no number, no birth date. */
export const PersonState = z.object({
  personId: person,
  householdId: householdOrNone.describe("Household the person is a member of, or null; pseudonymous"),
  region: region.describe("Village of registration"),
  status: z.enum(["member", "left", "died"]).describe("member: of householdId"),
  since: DateText.describe("Day the status holds from"),
  ableWorker: z.boolean().describe("Counted as able to work"),
  student: z.boolean().describe("At school or in training"),
  newEntrant: z.boolean().describe("Young person entering work from school"),
  numberVerified: z.boolean().describe("The identity number is verified; without it nothing is paid"),
});
export type PersonState = z.infer<typeof PersonState>;

const personExample: z.input<typeof PersonState> = {
  personId: ids.person,
  householdId: ids.household,
  region: village,
  status: "member",
  since: "2022-03-01",
  ableWorker: true,
  student: false,
  newEntrant: false,
  numberVerified: true,
};

const aboutPerson = {
  kind: "state",
  clauses: ["M-01", "E-01", "E-02", "E-09"],
  readers: ["employment", "industry", "funds", "cooperation", "social", "gateway", "integrators"],
} as const;

/** Birth, marriage, split, merge or move in: membership is the person's own fact. */
export const PersonJoinedHousehold = defineEvent("monitoring.person.joined-household", 1, PersonState, {
  ...aboutPerson,
  title: { zh: "人员已入户", en: "Person joined a household" },
  example: personExample,
});
export const PersonLeftHousehold = defineEvent("monitoring.person.left-household", 1, PersonState, {
  ...aboutPerson,
  title: { zh: "人员已离户", en: "Person left the household" },
  example: { ...personExample, householdId: null, status: "left" },
});
export const PersonChanged = defineEvent("monitoring.person.changed", 1, PersonState, {
  ...aboutPerson,
  title: { zh: "人员信息已变更", en: "Person changed" },
  example: { ...personExample, ableWorker: false },
});
export const PersonDied = defineEvent("monitoring.person.died", 1, PersonState, {
  ...aboutPerson,
  title: { zh: "人员已死亡", en: "Person died" },
  example: { ...personExample, householdId: null, status: "died", ableWorker: false },
});

/**
 * Who the person was is destroyed, here and with every department that was told of it privately; the id goes on and leads to nobody. Whoever holds anything of their
 * own about the person under this id destroys it too.
 */
export const PersonIdentityDestroyed = defineEvent("monitoring.person.identity-destroyed", 1, PersonState, {
  ...aboutPerson,
  clauses: ["M-01"],
  title: { zh: "人员身份信息已销毁", en: "Identity of the person destroyed" },
  example: { ...personExample, householdId: null, status: "left", ableWorker: false, numberVerified: false },
});

export const HouseholdIncomeId = idOf("HouseholdIncomeId", "Income record; a correction keeps the id and raises the version");
export type HouseholdIncomeId = z.infer<typeof HouseholdIncomeId>;

/** One household's income of one period; one record per household, kind and period. */
export const HouseholdIncomeRecorded = defineEvent(
  "monitoring.household-income.recorded",
  1,
  z.object({
    householdIncomeId: HouseholdIncomeId,
    householdId: household,
    region,
    kind: z.enum(["annual", "at-inclusion", "at-clearance", "monthly", "quarterly"]).describe("What the record is for"),
    from: DateText.describe("First day of the period"),
    until: DateText.describe("Last day of the period"),
    headcount: z.int().positive().describe("Members, frozen with the record"),
    wageFen: Fen.describe("Wages, in fen"),
    businessFen: Fen.describe("Production and business, in fen"),
    propertyFen: Fen.describe("Property, in fen"),
    transferFen: Fen.describe("Transfers, in fen"),
    businessCostFen: Fen.describe("Cost of production and business, in fen"),
    netFen: NetFen.describe("Net income of the household, in fen, may be negative"),
    perCapitaFen: NetFen.describe("Net income per member, in fen, may be negative"),
    confirmed: z.boolean().describe("Signed for by the household"),
  }),
  {
    kind: "state",
    title: { zh: "家庭收入已记录", en: "Household income recorded" },
    clauses: ["M-05", "M-06"],
    readers: ["gateway", "integrators"],
    example: {
      householdIncomeId: ids.income,
      householdId: ids.household,
      region: village,
      kind: "annual",
      from: "2021-10-01",
      until: "2022-09-30",
      headcount: 4,
      wageFen: 3_000_000,
      businessFen: 1_200_000,
      propertyFen: 0,
      transferFen: 480_000,
      businessCostFen: 600_000,
      netFen: 4_080_000,
      perCapitaFen: 1_020_000,
      confirmed: true,
    },
  },
);
