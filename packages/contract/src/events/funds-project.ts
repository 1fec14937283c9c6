import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { DateText, Fen, Year } from "../vocabulary.ts";
import { ids, village } from "./examples.ts";
import { FundSource, region } from "./fields.ts";
import { ProjectId } from "./payment.ts";

/** The public state of a project; every event about a project carries all of it. */
export const ProjectState = z.object({
  projectId: ProjectId,
  region: region.describe("Place of the project"),
  kind: z
    .enum([
      "industry",
      "employment",
      "rural-construction",
      "relocation-support",
      "guarantees",
      "governance",
      "management-fee",
      "other",
    ])
    .describe("Head of the project library"),
  industry: z.boolean().describe("Counts as an industry project"),
  toHousehold: z.boolean().describe("Counts as a to-household project"),
  consolidation: z.boolean().describe("Consolidates what was reached"),
  epidemic: z.boolean().describe("Answers the epidemic"),
  urgent: z.boolean().describe("Urgent by cause and approval: short postings"),
  mode: z.enum(["tender", "work-for-relief", "results-based-award", "self-built", "other"]).describe("How it is carried out"),
  implementer: z.enum(["village-collective", "enterprise", "department", "township", "other"]).describe("Who carries it out"),
  investmentFen: Fen.describe("Project investment from all sources, in fen"),
  funding: z
    .array(z.object({ source: FundSource.describe("Pool"), amountFen: Fen.describe("Planned from it, in fen") }))
    .max(15)
    .describe("Planned money by pool"),
  households: z.int().nonnegative().describe("Households that benefit"),
  targetHouseholds: z.int().nonnegative().describe("Of them lifted or monitored"),
  planYear: Year.nullable().describe("Year plan it stands in, or null"),
  crossYear: z.boolean().describe("Flagged to run over the year's end"),
  status: z
    .enum([
      "in-library",
      "removed",
      "planned",
      "approved",
      "started",
      "suspended",
      "completed",
      "rectifying",
      "accepted",
      "settled",
      "handed-over",
    ])
    .describe("Where the project stands"),
  startedOn: DateText.nullable().describe("Day work started, or null"),
  completedOn: DateText.nullable().describe("Day of completion, or null"),
  acceptedOn: DateText.nullable().describe("Day of acceptance, or null"),
});
export type ProjectState = z.infer<typeof ProjectState>;

const entered: z.input<typeof ProjectState> = {
  projectId: ids.project,
  region: village,
  kind: "industry",
  industry: true,
  toHousehold: false,
  consolidation: true,
  epidemic: false,
  urgent: false,
  mode: "work-for-relief",
  implementer: "village-collective",
  investmentFen: 350_000_000,
  funding: [
    { source: "bridging-fund-central", amountFen: 100_000_000 },
    { source: "bridging-fund-region", amountFen: 50_000_000 },
    { source: "bridging-fund-county", amountFen: 200_000_000 },
  ],
  households: 120,
  targetHouseholds: 64,
  planYear: null,
  crossYear: false,
  status: "in-library",
  startedOn: null,
  completedOn: null,
  acceptedOn: null,
};
const started = { ...entered, planYear: 2022, status: "started", startedOn: "2022-04-10" } as const;
const completed = { ...started, status: "completed", completedOn: "2022-10-31" } as const;
const accepted = { ...completed, status: "accepted", acceptedOn: "2022-11-20" } as const;

const about = {
  kind: "state",
  clauses: ["F-02", "F-05", "E-14a", "I-01a", "C-05"],
  readers: ["employment", "industry", "cooperation", "social", "gateway", "integrators"],
} as const;

export const ProjectEnteredLibrary = defineEvent("funds.project.entered-library", 1, ProjectState, {
  ...about,
  title: { zh: "项目已入库", en: "Project entered the library" },
  example: entered,
});
export const ProjectRemovedFromLibrary = defineEvent("funds.project.removed-from-library", 1, ProjectState, {
  ...about,
  title: { zh: "项目已调出库", en: "Project removed from the library" },
  example: { ...entered, status: "removed" },
});
export const ProjectPlanned = defineEvent("funds.project.planned", 1, ProjectState, {
  ...about,
  title: { zh: "项目已列入年度计划", en: "Project in the year plan" },
  example: { ...entered, planYear: 2022, status: "planned" },
});
export const ProjectApproved = defineEvent("funds.project.approved", 1, ProjectState, {
  ...about,
  title: { zh: "项目已立项批复", en: "Project approved" },
  example: { ...entered, planYear: 2022, status: "approved" },
});
export const ProjectChanged = defineEvent("funds.project.changed", 1, ProjectState, {
  ...about,
  title: { zh: "项目信息已调整", en: "Project changed without a step" },
  example: { ...entered, households: 126 },
});
export const ProjectStarted = defineEvent("funds.project.started", 1, ProjectState, {
  ...about,
  title: { zh: "项目已开工", en: "Project started" },
  example: started,
});
export const ProjectSuspended = defineEvent("funds.project.suspended", 1, ProjectState, {
  ...about,
  title: { zh: "项目已停工", en: "Project suspended" },
  example: { ...started, status: "suspended" },
});
export const ProjectCompleted = defineEvent("funds.project.completed", 1, ProjectState, {
  ...about,
  title: { zh: "项目已完工", en: "Project completed" },
  example: completed,
});
export const ProjectRectificationOrdered = defineEvent("funds.project.rectification-ordered", 1, ProjectState, {
  ...about,
  title: { zh: "项目须整改", en: "Project to be put right before acceptance" },
  example: { ...completed, status: "rectifying" },
});
/** Short labour pay holds back this step, not completion. */
export const ProjectAccepted = defineEvent("funds.project.accepted", 1, ProjectState, {
  ...about,
  title: { zh: "项目已验收", en: "Project accepted" },
  example: accepted,
});
export const ProjectSettled = defineEvent("funds.project.settled", 1, ProjectState, {
  ...about,
  title: { zh: "项目已结算", en: "Project settled" },
  example: { ...accepted, status: "settled" },
});
export const ProjectHandedOver = defineEvent("funds.project.handed-over", 1, ProjectState, {
  ...about,
  title: { zh: "项目已移交", en: "Project handed over" },
  example: { ...accepted, status: "handed-over" },
});
