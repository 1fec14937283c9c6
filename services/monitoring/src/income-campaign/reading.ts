import { refuse } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { afterCursor, cutPage, everyone, PageQuery, pageOf, parameterFor } from "@shouwang/service-kit";
import { z } from "zod";
import { focusSettings } from "../focus-household/condition-store.ts";
import { afterPlaceCursor, cutPlaces } from "../focus-household/page.ts";
import { Area } from "../focus-household/views.ts";
import { query } from "../kit.ts";
import { campaignFigures, findCampaign, listCampaigns, listWithoutMeasure } from "./store.ts";
import { CampaignPath, CampaignView, campaignView } from "./views.ts";

export const readCampaign = query(
  {
    operation: "read-income-campaign",
    path: "/income-campaigns/{campaignId}",
    summary: { zh: "查看增收专项行动", en: "Read a campaign with what it has come to" },
    clauses: ["M-06"],
    allow: everyone,
    params: CampaignPath,
    reply: CampaignView,
    problems: ["not-found"],
  },
  async ({ tx, params, keys }) => {
    const campaign = await findCampaign(tx, keys, params.campaignId);
    if (!campaign) return refuse("not-found");
    return { reply: { ...campaignView(campaign), figures: campaign.figures ?? (await campaignFigures(tx, campaign)) } };
  },
);

export const listCampaignsRoute = query(
  {
    operation: "list-income-campaigns",
    path: "/income-campaigns",
    summary: { zh: "增收专项行动列表", en: "Income campaigns" },
    clauses: ["M-06"],
    allow: everyone,
    query: PageQuery,
    reply: pageOf(CampaignView),
    problems: [],
  },
  async ({ tx, query: { cursor, limit }, keys }) => {
    const page = cutPage(await listCampaigns(tx, keys, { after: afterCursor(cursor), limit }), limit, (campaign) => campaign.id);
    return { reply: { items: page.items.map(campaignView), next: page.next } };
  },
);

export const listUnhelped = query(
  {
    operation: "list-focus-households-without-measure",
    path: "/focus-households-without-measure",
    summary: { zh: "尚无针对性措施的重点户", en: "Focus households that were given no fitting measure yet this year" },
    clauses: ["M-06"],
    allow: everyone,
    query: PageQuery.extend({ region: Area.optional() }),
    reply: pageOf(z.object({ householdId: z.string(), region: z.string(), measures: z.int() })),
    exports: {},
    problems: [],
  },
  async ({ tx, query: { region, cursor, limit }, actor, today }) => {
    const prefix = region ?? actor.region;
    const whole = prefix.padEnd(12, "0");
    const { year } = await focusSettings(tx, whole, today);
    const least = (await parameterFor(tx, "focus.measuresMin", whole, today)).value;
    const rows = await listWithoutMeasure(tx, { year, least, area: rangeOf(prefix), after: afterPlaceCursor(cursor), limit });
    return { reply: cutPlaces(rows, limit) };
  },
);
