import { LeadSource, Reason, Risk, Severity } from "@shouwang/contract";
import { z } from "zod";
import type { RiskLead } from "./decide.ts";

/** Where a lead came from, as the field calls it. */
export const leadSources: Record<z.infer<typeof LeadSource>, string> = {
  "self-report": "农户自主申报",
  "cadre-visit": "干部走访排查",
  "monthly-round": "网格员遍访",
  "department-warning": "部门筛查预警",
  petition: "信访",
  media: "媒体舆情",
  sweep: "集中排查",
  "income-warning": "系统收入预警",
  "assigned-from-above": "上级交办",
  "related-household": "关联监测",
};

const moment = z.string().nullable();

export const LeadView = z.object({
  leadId: z.string(),
  householdId: z.string(),
  region: z.string(),
  source: LeadSource,
  cause: Risk,
  epidemic: z.boolean(),
  severity: Severity,
  status: z.enum(["registered", "dispatched", "verified", "rejected", "merged"]),
  ruleCode: z.string().nullable(),
  explanation: z.array(Reason).describe("Which facts, whose, of which date, which rule and clause"),
  foundAt: z.string(),
  registeredAt: z.string(),
  lateRegistration: z.boolean().describe("Registered later after discovery than the settings allow"),
  gradedAt: moment,
  dispatchedAt: moment,
  dispatchedTo: z.string().nullable(),
  verifiedAt: moment,
  rejectedBecause: z.string().nullable(),
  emergency: z.enum(["none", "required", "helped"]),
  emergencyDueAt: moment,
  firstMeasureAt: moment,
  version: z.int(),
});

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

export const leadView = (lead: RiskLead): z.input<typeof LeadView> => ({
  ...lead,
  leadId: lead.id,
  // Safe: registerLead takes the source from the contract's own list.
  source: lead.source as z.input<typeof LeadSource>,
  foundAt: lead.foundAt.toISOString(),
  registeredAt: lead.registeredAt.toISOString(),
  gradedAt: iso(lead.gradedAt),
  dispatchedAt: iso(lead.dispatchedAt),
  verifiedAt: iso(lead.verifiedAt),
  emergencyDueAt: iso(lead.emergencyDueAt),
  firstMeasureAt: iso(lead.firstMeasureAt),
});
