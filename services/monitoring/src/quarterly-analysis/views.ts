import { z } from "zod";

export const QuarterText = z
  .string()
  .regex(/^\d{4}-Q[1-4]$/)
  .describe("Quarter, YYYY-Qn");
