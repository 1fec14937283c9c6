import { AppealState, Reason } from "@shouwang/contract";
import { z } from "zod";
import { lapsedReason } from "./decide.ts";
import { type Appeal, stateOfAppeal } from "./store.ts";

export const AppealView = z.object({
  appealId: z.string(),
  householdId: z.string(),
  region: z.string(),
  leadId: z.string().nullable(),
  caseId: z.string().nullable(),
  against: AppealState.shape.against,
  decidedAt: AppealState.shape.decidedAt,
  filedOn: z.string(),
  dueOn: z.string(),
  status: AppealState.shape.status,
  decidedOn: z.string().nullable(),
  lapsed: Reason.nullable().describe("Why it ended without a decision, or null"),
  version: z.int(),
});

export const appealView = (appeal: Appeal): z.input<typeof AppealView> => ({
  ...stateOfAppeal(appeal),
  lapsed: appeal.lapsedOn === null ? null : lapsedReason(appeal.lapsedOn),
  version: appeal.version,
});
