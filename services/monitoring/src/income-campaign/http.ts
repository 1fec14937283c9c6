import { DateText, Fen, HouseholdId, MeasureCategory, Refusal, RegionCode, refuse } from "@shouwang/contract";
import { findDivision, rangeOf } from "@shouwang/regions";
import { actorOf, mayReach } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { focusSettings } from "../focus-household/condition-store.ts";
import { command, slice } from "../kit.ts";
import { campaignClause } from "./clauses.ts";
import { type Campaign, close, mayHold, mayTarget, start } from "./decide.ts";
import { listCampaignsRoute, listUnhelped, readCampaign } from "./reading.ts";
import { campaignFigures, countTargeted, insertCampaign, lockCampaign, saveCampaign, targetHouseholds } from "./store.ts";
import { CampaignPath, CampaignView, campaignView } from "./views.ts";

const leaders = ["township-officer", "county-officer"] as const;
const Action = z.strictObject({
  category: MeasureCategory,
  detail: z.string().trim().min(2).max(500),
  budgetFen: Fen,
  expectedAddedFen: Fen.describe("Income it is to add, in fen"),
});
const auditOf = (action: string, campaign: Campaign, changed: Record<string, unknown>) => ({
  action,
  entity: "income-campaign",
  entityId: campaign.id,
  region: campaign.region,
  clause: "M-06",
  changed,
});

const planCampaign = command(
  {
    method: "post",
    operation: "plan-income-campaign",
    path: "/income-campaigns",
    summary: { zh: "制定增收专项行动", en: "Plan a county's or township's income campaign" },
    clauses: ["M-06"],
    allow: leaders,
    body: z.object({
      region: RegionCode,
      title: z.string().trim().min(2).max(100),
      ownerUnit: z.string().trim().min(2).max(100),
      startsOn: DateText,
      endsOn: DateText,
      actions: z.array(Action).min(1).max(30),
    }),
    reply: CampaignView,
    status: 201,
    problems: ["unknown-division", "outside-area", "invalid-input"],
  },
  async ({ tx, body, actor, keys, today }) => {
    const division = findDivision(body.region);
    if (!division) return refuse("unknown-division");
    if (!mayReach(actor, body.region)) return refuse("outside-area");
    const wrong = (pointer: string, rule: string, zh: string, en: string) =>
      refuse("invalid-input", { errors: [{ pointer, rule, zh, en, clause: "M-06" }] });
    if (!mayHold(division.code))
      return wrong("/region", "county-or-township", "由县或乡镇组织", "A county or a township holds it");
    if (body.endsOn < body.startsOn) return wrong("/endsOn", "period", "结束不得早于开始", "It ends after it begins");
    const { year } = await focusSettings(tx, body.region, today);
    const sum = (of: (action: (typeof body.actions)[number]) => number) =>
      body.actions.reduce((total, action) => total + of(action), 0);
    const campaign: Campaign = {
      ...body,
      id: uuidv7(),
      year,
      status: "planned",
      budgetFen: sum((action) => action.budgetFen),
      expectedAddedFen: sum((action) => action.expectedAddedFen),
      findings: null,
      figures: null,
      author: actorOf(actor),
      closedOn: null,
      version: 1,
    };
    await insertCampaign(tx, keys, campaign);
    const { budgetFen, expectedAddedFen } = campaign;
    return { reply: campaignView(campaign), audit: [auditOf("plan-income-campaign", campaign, { budgetFen, expectedAddedFen })] };
  },
);

const addHouseholds = command(
  {
    method: "post",
    operation: "target-campaign-households",
    path: "/income-campaigns/{campaignId}/households",
    summary: { zh: "确定行动对象(重点户)", en: "Target focus households: those named, or all of the campaign's area" },
    clauses: ["M-06"],
    allow: leaders,
    params: CampaignPath,
    body: z.object({ householdIds: z.array(HouseholdId).min(1).max(1_000).optional().describe("All where absent") }),
    reply: z.object({ campaignId: z.string(), added: z.int(), households: z.int() }),
    problems: ["not-found", "campaign-state"],
  },
  async ({ tx, params, body: { householdIds }, keys }) => {
    const campaign = await lockCampaign(tx, keys, params.campaignId);
    if (!campaign) return refuse("not-found");
    const no = mayTarget(campaign);
    if (no) return no;
    const added = await targetHouseholds(tx, campaign, { area: rangeOf(campaign.region), householdIds });
    const households = await countTargeted(tx, campaign.id);
    return {
      reply: { campaignId: campaign.id, added, households },
      audit: [auditOf("target-campaign-households", campaign, { added, households })],
    };
  },
);

const startCampaign = command(
  {
    method: "post",
    operation: "start-income-campaign",
    path: "/income-campaigns/{campaignId}/start",
    summary: { zh: "启动增收专项行动", en: "Start a campaign" },
    clauses: ["M-06"],
    allow: leaders,
    params: CampaignPath,
    reply: CampaignView,
    problems: ["not-found", "campaign-state", "campaign-without-households"],
  },
  async ({ tx, params, keys }) => {
    const campaign = await lockCampaign(tx, keys, params.campaignId);
    if (!campaign) return refuse("not-found");
    const started = start(campaign, await countTargeted(tx, campaign.id));
    if (started instanceof Refusal) return started;
    await saveCampaign(tx, keys, started);
    return {
      reply: { ...campaignView(started), figures: await campaignFigures(tx, started) },
      audit: [auditOf("start-income-campaign", started, {})],
    };
  },
);

const closeCampaign = command(
  {
    method: "post",
    operation: "close-income-campaign",
    path: "/income-campaigns/{campaignId}/closing",
    summary: { zh: "总结增收专项行动(数据冻结)", en: "Close a campaign with its report: its figures are frozen" },
    clauses: ["M-06"],
    allow: leaders,
    params: CampaignPath,
    body: z.object({ findings: z.string().trim().min(10).max(5_000) }),
    reply: CampaignView,
    problems: ["not-found", "campaign-state"],
  },
  async ({ tx, params, body: { findings }, keys, today }) => {
    const campaign = await lockCampaign(tx, keys, params.campaignId);
    if (!campaign) return refuse("not-found");
    const figures = await campaignFigures(tx, campaign);
    const closed = close(campaign, { findings, figures, today });
    if (closed instanceof Refusal) return closed;
    await saveCampaign(tx, keys, closed);
    return { reply: campaignView(closed), audit: [auditOf("close-income-campaign", closed, { figures })] };
  },
);

/** M-06: income campaigns for focus households, and that each of these has a fitting measure. */
export const incomeCampaignSlice = slice({
  name: "income-campaign",
  title: { zh: "增收专项行动", en: "Income campaigns" },
  routes: [planCampaign, addHouseholds, startCampaign, closeCampaign, readCampaign, listCampaignsRoute, listUnhelped],
  clauses: [campaignClause],
});
