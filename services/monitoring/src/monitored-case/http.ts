import {
  HouseholdId,
  MonitoredCaseOpened,
  MonitoredCaseReopened,
  MonitoredCaseState,
  Risk,
  RiskLeadId,
  refuse,
} from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { afterCursor, cutPage, everyone, PageQuery, pageOf, stepsOf } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { lockHousehold } from "../household/store.ts";
import { command, query } from "../kit.ts";
import { lockLead } from "../risk-lead/store.ts";
import { inclusionChain } from "./chain.ts";
import type { MonitoredCase } from "./decide.ts";
import { CasePath } from "./path.ts";
import { findCase, findClearedCase, findOpenCase, insertCase, listCases, papersOf, stateOfCase } from "./store.ts";
import { CaseFile, CaseView, caseView, stepView } from "./views.ts";

export const openCase = command(
  {
    method: "post",
    operation: "open-monitored-case",
    path: "/monitored-cases",
    summary: { zh: "对核实有风险的线索启动监测对象认定", en: "Open a case for a verified lead" },
    clauses: ["M-03"],
    allow: ["village-officer", "township-officer"],
    body: z.object({
      leadId: RiskLeadId,
      risks: z.array(Risk).min(1).max(5).describe("In order of weight"),
      disasterKind: MonitoredCaseState.shape.disasterKind.default(null),
    }),
    reply: CaseView,
    status: 201,
    problems: ["lead-not-found", "case-lead-not-verified", "case-open-already"],
  },
  async ({ tx, body, now }) => {
    const lead = await lockLead(tx, body.leadId);
    if (!lead) return refuse("lead-not-found");
    if (lead.status !== "verified") return refuse("case-lead-not-verified");
    await lockHousehold(tx, lead.householdId);
    if (await findOpenCase(tx, lead.householdId)) return refuse("case-open-already");
    const previous = await findClearedCase(tx, lead.householdId);
    const monitored: MonitoredCase = {
      id: uuidv7(),
      householdId: lead.householdId,
      region: lead.region,
      leadId: lead.id,
      previousCaseId: previous?.id ?? null,
      status: "opened",
      procedure: "inclusion",
      clearanceStep: null,
      round: 1,
      monitoredKind: null,
      risks: [...new Set(body.risks)],
      disasterKind: body.disasterKind,
      epidemic: lead.epidemic || body.risks.includes("epidemic"),
      foundAt: lead.foundAt,
      openedAt: now,
      countyApprovedOn: null,
      countyDocument: null,
      nationalEntryOn: null,
      includedOn: null,
      incomeAtInclusionId: null,
      postingId: null,
      clearanceProposedOn: null,
      clearedOn: null,
      clearedBy: null,
      closedBecause: null,
      version: 1,
    };
    await insertCase(tx, monitored);
    const event = previous ? MonitoredCaseReopened : MonitoredCaseOpened;
    return { reply: caseView(monitored), events: [event.of(monitored.id, 1, monitored.region, stateOfCase(monitored))] };
  },
);

export const listCasesRoute = query(
  {
    operation: "list-monitored-cases",
    path: "/monitored-cases",
    summary: { zh: "监测对象认定列表", en: "List cases" },
    clauses: ["M-03", "M-04a"],
    allow: everyone,
    query: PageQuery.extend({
      status: z.string().max(40).optional(),
      householdId: HouseholdId.optional(),
      epidemic: z.stringbool().optional().describe("Only cases the epidemic caused, or only the others"),
      region: z
        .string()
        .regex(/^\d{2,12}$/)
        .optional(),
    }),
    reply: pageOf(CaseView),
    exports: { codes: { status: { refused: "未纳入", closed: "已终止" } } },
    problems: [],
  },
  async ({ tx, query: { cursor, limit, region, ...filter } }) => {
    const rows = await listCases(tx, {
      ...filter,
      ...(region ? { region: rangeOf(region) } : {}),
      after: afterCursor(cursor),
      limit,
    });
    const page = cutPage(rows, limit, (row) => row.id);
    return { reply: { items: page.items.map(caseView), next: page.next } };
  },
);

export const readCase = query(
  {
    operation: "read-monitored-case",
    path: "/monitored-cases/{caseId}",
    summary: { zh: "查看认定全过程", en: "Read a case with its steps and papers" },
    clauses: ["M-03", "M-04b"],
    allow: everyone,
    params: CasePath,
    reply: CaseFile,
    problems: ["case-not-found"],
    opens: ({ reply }) => ({
      action: "open-monitored-case",
      entity: "monitored-case",
      entityId: reply.caseId,
      region: reply.region,
    }),
  },
  async ({ tx, params }) => {
    const monitored = await findCase(tx, params.caseId);
    if (!monitored) return refuse("case-not-found");
    const steps = await stepsOf(tx, inclusionChain.name, monitored.id);
    const papers = await papersOf(tx, monitored.id);
    return {
      reply: {
        ...caseView(monitored),
        steps: steps.map(stepView),
        papers: papers.map((paper) => ({ ...paper, at: paper.at.toISOString() })),
      },
    };
  },
);
