import { z } from "zod";
import type { AnnualUpdate } from "./store.ts";

export const YearPath = z.object({ year: z.coerce.number().int().min(2000).max(2100) });

export const UpdateView = z.object({
  annualUpdateId: z.string(),
  county: z.string(),
  year: z.int(),
  status: z.enum(["open", "closed"]),
  openedOn: z.string(),
  closesOn: z.string(),
  closedOn: z.string().nullable(),
  figures: z.object({ households: z.int(), confirmed: z.int() }).nullable().describe("Frozen when it was closed"),
  version: z.int(),
});
export const updateView = ({ id, ...update }: AnnualUpdate): z.input<typeof UpdateView> => ({ ...update, annualUpdateId: id });
