import { MeasureCategory } from "@shouwang/contract";
import { z } from "zod";
import type { Campaign } from "./decide.ts";

export const CampaignPath = z.object({ campaignId: z.uuid() });
export const CampaignView = z.object({
  campaignId: z.string(),
  region: z.string(),
  year: z.int(),
  title: z.string(),
  ownerUnit: z.string(),
  status: z.enum(["planned", "running", "closed"]),
  budgetFen: z.int(),
  expectedAddedFen: z.int(),
  startsOn: z.string(),
  endsOn: z.string(),
  actions: z.array(z.object({ category: MeasureCategory, detail: z.string(), budgetFen: z.int(), expectedAddedFen: z.int() })),
  findings: z.string().nullable(),
  figures: z
    .object({
      households: z.int().describe("Targeted"),
      helped: z.int().describe("Given a measure of the campaign's kinds in its days"),
      measures: z.int(),
      amountFen: z.int().describe("What these measures brought: the income added, as delivered"),
    })
    .nullable()
    .describe("Frozen once closed"),
  closedOn: z.string().nullable(),
  version: z.int(),
});
export const campaignView = ({ id, author: _, ...campaign }: Campaign): z.input<typeof CampaignView> => ({
  ...campaign,
  campaignId: id,
});
