import { MonitoredKind, Reason, Risk } from "@shouwang/contract";
import type { StepRecord } from "@shouwang/service-kit";
import { z } from "zod";
import type { MonitoredCase } from "./decide.ts";

const day = z.string().nullable();

export const CaseView = z.object({
  caseId: z.string(),
  householdId: z.string(),
  region: z.string(),
  leadId: z.string().nullable(),
  previousCaseId: z.string().nullable(),
  status: z.string(),
  procedure: z.enum(["inclusion", "clearance"]),
  clearanceStep: z.string().nullable(),
  monitoredKind: MonitoredKind.nullable(),
  risks: z.array(Risk),
  disasterKind: z.string().nullable(),
  epidemic: z.boolean(),
  openedAt: z.string(),
  countyApprovedOn: day,
  countyDocument: z.string().nullable(),
  nationalEntryOn: day,
  includedOn: day,
  clearanceProposedOn: day,
  clearedOn: day,
  clearedBy: z.enum(["help", "nature"]).nullable(),
  version: z.int(),
});

/** A case as a decision answers it: with the reasons of the rule. */
export const CaseDecided = CaseView.extend({ reasons: z.array(Reason) });

export const CaseFile = CaseView.extend({
  steps: z.array(
    z.object({
      step: z.string(),
      outcome: z.string(),
      actor: z.string(),
      actingFor: z.string().nullable().describe("Whose office it was, where somebody acted for another"),
      round: z.int(),
      at: z.string(),
    }),
  ),
  papers: z.array(z.object({ kind: z.string(), detail: z.unknown(), fileId: z.string().nullable(), at: z.string() })),
});

export const caseView = (monitored: MonitoredCase): z.input<typeof CaseView> => ({
  ...monitored,
  caseId: monitored.id,
  openedAt: monitored.openedAt.toISOString(),
});

export const stepView = (record: StepRecord) => ({
  step: record.step,
  outcome: record.outcome,
  actor: record.actor,
  actingFor: record.actingFor,
  round: record.round,
  at: record.at.toISOString(),
});
