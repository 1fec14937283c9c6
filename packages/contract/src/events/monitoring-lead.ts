import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { DateText, Instant } from "../vocabulary.ts";
import { ids, village } from "./examples.ts";
import { code, household, lead, leadOrNone, Risk, region } from "./fields.ts";

export const LeadSource = z.enum([
  "self-report",
  "cadre-visit",
  "monthly-round",
  "department-warning",
  "petition",
  "media",
  "sweep",
  "income-warning",
  "assigned-from-above",
  "related-household",
]);
export type LeadSource = z.infer<typeof LeadSource>;

/** ungraded: registered without a grade, which runs as severe after the time the settings allow when caused by the epidemic. */
export const Severity = z.enum(["ungraded", "general", "severe"]);
export type Severity = z.infer<typeof Severity>;

/** The public state of a risk lead. */
export const RiskLeadState = z.object({
  leadId: lead,
  householdId: household,
  region,
  source: LeadSource.describe("Where the lead came from"),
  cause: Risk.describe("Main risk"),
  severity: Severity.describe("Grade of the difficulty"),
  epidemic: z.boolean().describe("Caused by the epidemic"),
  foundOn: DateText.describe("Day it was found; the emergency clock may start here"),
  foundAt: Instant.describe("Moment it was found"),
  gradedAt: Instant.nullable().describe("Moment of the present grade; a later severe grade starts a new clock"),
  verifiedAt: Instant.nullable().describe("Moment of verification at the home, or null"),
  status: z.enum(["registered", "dispatched", "verified", "rejected", "merged"]).describe("Where the lead stands"),
  rejectedBecause: z
    .enum(["not-at-risk", "risk-already-met", "already-monitored", "not-in-area", "wrong-data"])
    .nullable()
    .describe("Reason of a rejection, or null"),
  emergency: z.enum(["none", "required", "helped"]).describe("Whether emergency help is owed and given"),
  emergencyDueOn: DateText.nullable().describe("Last day for the first measure, or null"),
  ruleCode: code("Screening rule that raised it").nullable().describe("Screening rule that raised it, or null"),
  mergedInto: leadOrNone.describe("Lead it was merged into, or null"),
});
export type RiskLeadState = z.infer<typeof RiskLeadState>;

const leadExample: z.input<typeof RiskLeadState> = {
  leadId: ids.lead,
  householdId: ids.household,
  region: village,
  source: "monthly-round",
  cause: "epidemic",
  severity: "severe",
  epidemic: true,
  foundOn: "2022-08-01",
  foundAt: "2022-08-01T22:00:00+08:00",
  gradedAt: "2022-08-01T22:00:00+08:00",
  verifiedAt: null,
  status: "registered",
  rejectedBecause: null,
  emergency: "required",
  emergencyDueOn: "2022-08-04",
  ruleCode: null,
  mergedInto: null,
};

const aboutLead = {
  kind: "state",
  clauses: ["G-01", "G-02", "M-01", "M-03"],
  readers: ["social", "gateway", "integrators"],
} as const;

export const RiskLeadRegistered = defineEvent("monitoring.risk-lead.registered", 1, RiskLeadState, {
  ...aboutLead,
  title: { zh: "风险线索已登记", en: "Risk lead registered" },
  example: leadExample,
});
export const RiskLeadRegraded = defineEvent("monitoring.risk-lead.regraded", 1, RiskLeadState, {
  ...aboutLead,
  title: { zh: "风险线索已重新定级", en: "Risk lead regraded" },
  example: { ...leadExample, gradedAt: "2022-08-02T09:00:00+08:00", emergencyDueOn: "2022-08-05" },
});
export const RiskLeadDispatched = defineEvent("monitoring.risk-lead.dispatched", 1, RiskLeadState, {
  ...aboutLead,
  title: { zh: "风险线索已派单", en: "Risk lead dispatched" },
  example: { ...leadExample, status: "dispatched" },
});
export const RiskLeadVerified = defineEvent("monitoring.risk-lead.verified", 1, RiskLeadState, {
  ...aboutLead,
  title: { zh: "风险线索已核实", en: "Risk lead verified at the home" },
  example: { ...leadExample, status: "verified", verifiedAt: "2022-08-02T15:30:00+08:00" },
});
export const RiskLeadRejected = defineEvent("monitoring.risk-lead.rejected", 1, RiskLeadState, {
  ...aboutLead,
  title: { zh: "风险线索已排除", en: "Risk lead rejected" },
  example: {
    ...leadExample,
    status: "rejected",
    verifiedAt: "2022-08-02T15:30:00+08:00",
    rejectedBecause: "not-at-risk",
    emergency: "none",
    emergencyDueOn: null,
  },
});
export const RiskLeadMerged = defineEvent("monitoring.risk-lead.merged", 1, RiskLeadState, {
  ...aboutLead,
  title: { zh: "风险线索已合并", en: "Risk lead merged into an open one" },
  example: { ...leadExample, status: "merged", mergedInto: "01825a10-7c00-7000-8000-000000000104" },
});
/** The first measure after a severe grade: it stops the emergency clock. */
export const RiskLeadHelped = defineEvent("monitoring.risk-lead.helped", 1, RiskLeadState, {
  ...aboutLead,
  title: { zh: "风险线索已应急帮扶", en: "Emergency help reached the household of a lead" },
  example: { ...leadExample, status: "dispatched", emergency: "helped" },
});
