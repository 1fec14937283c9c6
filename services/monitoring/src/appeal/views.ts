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
  lapsedOn: z.string().nullable().describe("Day on which it ended with its household, undecided"),
  reasons: z.array(Reason).describe("Why it was not decided; none where it was, or still waits"),
  version: z.int(),
});

export const appealView = (appeal: Appeal): z.input<typeof AppealView> => ({
  ...stateOfAppeal(appeal),
  lapsedOn: appeal.lapsedOn,
  reasons: appeal.lapsedOn === null ? [] : [lapsedReason(appeal.lapsedOn)],
  version: appeal.version,
});
