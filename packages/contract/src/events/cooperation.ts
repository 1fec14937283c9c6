import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { DateText, Fen, Month, Year } from "../vocabulary.ts";
import { county as exampleCounty, ids } from "./examples.ts";
import { county, idOf } from "./fields.ts";
import { OrganisationId } from "./payment.ts";
import { auditHeadPublished, deadlineOverdue, importFinished, indicatorFrozen, parameterChanged } from "./platform.ts";
import { suspectRaised } from "./suspect.ts";
import { trainingFinished } from "./training.ts";

export * from "./cooperation-order.ts";

export const CountyParkState = z.object({
  countyParkId: idOf("CountyParkId", "County park"),
  county,
  agricultural: z.boolean().describe("An agricultural park"),
  model: z.boolean().describe("A model park"),
  enterprises: z.int().nonnegative().describe("Enterprises in it"),
  status: z.enum(["building", "operating", "closed"]).describe("Where the park stands"),
});
export type CountyParkState = z.infer<typeof CountyParkState>;
/** Jointly built park, one or two in each cooperation county. */
export const CountyParkChanged = defineEvent("cooperation.county-park.changed", 1, CountyParkState, {
  kind: "state",
  title: { zh: "共建产业园已变更", en: "County park registered or changed" },
  clauses: ["C-06"],
  readers: ["industry", "gateway", "integrators"],
  example: {
    countyParkId: ids.source,
    county: exampleCounty,
    agricultural: true,
    model: false,
    enterprises: 6,
    status: "operating",
  },
});

export const InvestmentState = z.object({
  investmentId: idOf("InvestmentId", "Investment by a Guangdong enterprise"),
  organisationId: OrganisationId,
  county,
  agreedFen: Fen.describe("Agreed, in fen"),
  arrivedFen: Fen.describe("Arrived, in fen"),
  jobs: z.int().nonnegative().describe("Jobs for rural workers"),
  targetJobs: z.int().nonnegative().describe("Of them lifted or monitored"),
  status: z.enum(["signed", "registered", "arrived", "in-production", "left"]).describe("Where the investment stands"),
});
export type InvestmentState = z.infer<typeof InvestmentState>;
const investmentExample: z.input<typeof InvestmentState> = {
  investmentId: ids.source,
  organisationId: ids.organisation,
  county: exampleCounty,
  agreedFen: 5_000_000_000,
  arrivedFen: 0,
  jobs: 0,
  targetJobs: 0,
  status: "signed",
};
const aboutInvestment = {
  kind: "state",
  clauses: ["C-07"],
  readers: ["employment", "social", "gateway", "integrators"],
} as const;

export const InvestmentSigned = defineEvent("cooperation.investment.signed", 1, InvestmentState, {
  ...aboutInvestment,
  title: { zh: "协作投资已签约", en: "Investment signed" },
  example: investmentExample,
});
/** Registered, money arrived, in production, or jobs reported. */
export const InvestmentChanged = defineEvent("cooperation.investment.changed", 1, InvestmentState, {
  ...aboutInvestment,
  title: { zh: "协作投资已进展", en: "Investment went on" },
  example: { ...investmentExample, arrivedFen: 2_000_000_000, jobs: 120, targetJobs: 45, status: "in-production" },
});
export const InvestmentLeft = defineEvent("cooperation.investment.left", 1, InvestmentState, {
  ...aboutInvestment,
  title: { zh: "协作投资已退出", en: "Investment left" },
  example: { ...investmentExample, status: "left" },
});

export const CountyJobBaseState = z.object({
  countyJobBaseId: idOf("CountyJobBaseId", "County job base"),
  organisationId: OrganisationId,
  county,
  workers: z.int().nonnegative().describe("Rural workers in the month"),
  targetWorkers: z.int().nonnegative().describe("Of them lifted or monitored"),
  month: Month.nullable().describe("Month of the figures, or null before the first"),
  active: z.boolean().describe("Still in use"),
});
export type CountyJobBaseState = z.infer<typeof CountyJobBaseState>;
const baseExample: z.input<typeof CountyJobBaseState> = {
  countyJobBaseId: ids.source,
  organisationId: ids.organisation,
  county: exampleCounty,
  workers: 0,
  targetWorkers: 0,
  month: null,
  active: true,
};
const aboutBase = { kind: "state", clauses: ["C-15"], readers: ["employment", "gateway", "integrators"] } as const;

export const CountyJobBaseOpened = defineEvent("cooperation.county-job-base.opened", 1, CountyJobBaseState, {
  ...aboutBase,
  title: { zh: "稳岗就业基地已建立", en: "County job base opened" },
  example: baseExample,
});
export const CountyJobBaseReported = defineEvent("cooperation.county-job-base.reported", 1, CountyJobBaseState, {
  ...aboutBase,
  title: { zh: "稳岗就业基地已月报", en: "County job base reported its month" },
  example: { ...baseExample, workers: 210, targetWorkers: 88, month: "2022-08" },
});
export const CountyJobBaseClosed = defineEvent("cooperation.county-job-base.closed", 1, CountyJobBaseState, {
  ...aboutBase,
  title: { zh: "稳岗就业基地已撤销", en: "County job base closed" },
  example: { ...baseExample, active: false },
});

export const CooperationTrainingFinished = trainingFinished(
  "cooperation",
  ["C-14", "M-06"],
  ["monitoring", "employment", "gateway", "integrators"],
);

/** The office's circular with the ranking of the quarter. */
export const QuarterlyBulletinPublished = defineEvent(
  "cooperation.quarterly-bulletin.published",
  1,
  z.object({
    quarterlyBulletinId: idOf("QuarterlyBulletinId", "Quarterly bulletin"),
    year: Year,
    quarter: z.int().min(1).max(4).describe("Quarter"),
    counties: z.int().nonnegative().describe("Counties in it"),
    missing: z.int().nonnegative().describe("Counties without a return"),
    publishedOn: DateText.describe("Day of the bulletin"),
  }),
  {
    kind: "fact",
    title: { zh: "季通报已发布", en: "Quarterly bulletin published" },
    clauses: ["C-03"],
    readers: ["gateway", "integrators"],
    example: { quarterlyBulletinId: ids.source, year: 2022, quarter: 3, counties: 33, missing: 0, publishedOn: "2022-10-15" },
  },
);

export const CooperationImportFinished = importFinished("cooperation");
export const CooperationDeadlineOverdue = deadlineOverdue("cooperation");
export const CooperationIndicatorFrozen = indicatorFrozen("cooperation");
export const CooperationAuditHeadPublished = auditHeadPublished("cooperation");
export const CooperationParameterChanged = parameterChanged("cooperation");
export const CooperationSuspectRaised = suspectRaised("cooperation");
