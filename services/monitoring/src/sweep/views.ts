import { z } from "zod";
import type { Sweep } from "./decide.ts";

export const SweepView = z.object({
  sweepId: z.string(),
  division: z.string().describe("Division that ordered it"),
  title: z.string(),
  document: z.string(),
  scope: z.array(z.string()).describe("Divisions whose every rural household is to be seen"),
  from: z.string(),
  until: z.string(),
  status: z.enum(["open", "closing", "closed"]).describe("`closing`: its villages are being counted for the last time"),
  figures: z
    .object({ households: z.int(), atHome: z.int(), byCall: z.int(), findings: z.int() })
    .nullable()
    .describe("Frozen as it closed"),
  version: z.int(),
});

export const sweepView = ({ id, closedAt: _, ...sweep }: Sweep): z.input<typeof SweepView> => ({ ...sweep, sweepId: id });
