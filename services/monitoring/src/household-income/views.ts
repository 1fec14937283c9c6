import { z } from "zod";
import type { Income } from "./store.ts";

export const IncomeView = z.object({
  incomeId: z.string(),
  householdId: z.string(),
  region: z.string(),
  kind: z.enum(["annual", "at-inclusion", "at-clearance", "monthly", "quarterly"]),
  from: z.string(),
  until: z.string(),
  headcount: z.int(),
  wageFen: z.int(),
  businessFen: z.int(),
  propertyFen: z.int(),
  transferFen: z.int(),
  businessCostFen: z.int(),
  netFen: z.int(),
  perCapitaFen: z.int().describe("Net income ÷ headcount, rounded down to whole fen"),
  confirmed: z.boolean(),
  version: z.int(),
});
export const incomeView = ({ id, ...income }: Income): z.input<typeof IncomeView> => ({ ...income, incomeId: id });

export const LineView = z.object({ line: z.string(), name: z.string(), amountFen: z.int(), counts: z.boolean() });
