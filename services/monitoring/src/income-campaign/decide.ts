import { type MeasureCategory, type Refusal, refuse } from "@shouwang/contract";
import { levelOf } from "@shouwang/regions";
import type { BusinessDate } from "@shouwang/service-kit/calendar";

export type CampaignAction = { category: MeasureCategory; detail: string; budgetFen: number; expectedAddedFen: number };

/** What a campaign has come to: households targeted, those that were given a fitting measure, and the measures' worth, each measure once. */
export type CampaignFigures = { households: number; helped: number; measures: number; amountFen: number };

export type Campaign = {
  id: string;
  region: string;
  year: number;
  title: string;
  ownerUnit: string;
  status: "planned" | "running" | "closed";
  /** Sums of its actions, in fen. */
  budgetFen: number;
  expectedAddedFen: number;
  startsOn: string;
  endsOn: string;
  actions: CampaignAction[];
  findings: string | null;
  figures: CampaignFigures | null;
  author: string;
  closedOn: string | null;
  version: number;
};

/** M-06: campaigns are a county's or a township's. */
export const mayHold = (region: Parameters<typeof levelOf>[0]): boolean => ["county", "township"].includes(levelOf(region));

const statusNames = { planned: "尚未启动", running: "已启动", closed: "已总结" } as const;
const stateRefusal = ({ status }: Campaign) =>
  refuse("campaign-state", { detail: { zh: `该行动${statusNames[status]}`, en: `The campaign is ${status}` } });

/** Households are added until the campaign was closed: its figures are frozen then. */
export const mayTarget = (campaign: Campaign): Refusal<"campaign-state"> | undefined =>
  campaign.status === "closed" ? stateRefusal(campaign) : undefined;

/** A campaign starts with somebody to help; its actions were asked for when it was planned. */
export function start(
  campaign: Campaign,
  households: number,
): Campaign | Refusal<"campaign-state" | "campaign-without-households"> {
  if (campaign.status !== "planned") return stateRefusal(campaign);
  if (households === 0) return refuse("campaign-without-households");
  return { ...campaign, status: "running", version: campaign.version + 1 };
}

/** Closing freezes what it came to with the report on it. */
export function close(
  campaign: Campaign,
  given: { findings: string; figures: CampaignFigures; today: BusinessDate },
): Campaign | Refusal<"campaign-state"> {
  if (campaign.status !== "running") return stateRefusal(campaign);
  return {
    ...campaign,
    status: "closed",
    findings: given.findings,
    figures: given.figures,
    closedOn: given.today,
    version: campaign.version + 1,
  };
}
