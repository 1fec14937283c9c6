import {
  CaseId,
  DateText,
  HouseholdId,
  MonitoredCaseAuthorised,
  MonitoredCaseCompared,
  MonitoredCaseOpened,
  MonitoredCaseReopened,
  MonitoredCaseState,
  Refusal,
  Risk,
  RiskLeadId,
  refuse,
} from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import {
  actorOf,
  addDays,
  afterCursor,
  cutPage,
  endDeadline,
  endOfDay,
  everyone,
  openDeadline,
  PageQuery,
  pageOf,
  parameterFor,
  stepsOf,
} from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { lockHousehold } from "../household/store.ts";
import { command, query } from "../kit.ts";
import { lockLead } from "../risk-lead/store.ts";
import { aboutCase, inclusionChain, takeCaseStep } from "./chain.ts";
import { authorise, compare, type MonitoredCase } from "./decide.ts";
import {
  findCase,
  findClearedCase,
  findOpenCase,
  insertCase,
  insertPaper,
  listCases,
  lockCase,
  papersOf,
  saveCase,
  stateOfCase,
} from "./store.ts";
import { CaseFile, CaseView, caseView, stepView } from "./views.ts";

export const CasePath = z.object({ caseId: CaseId });

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

export const authoriseCase = command(
  {
    method: "post",
    operation: "authorise-monitored-case",
    path: "/monitored-cases/{caseId}/authorisation",
    summary: { zh: "登记农户签署的承诺授权书", en: "Record the authorisation the household signed" },
    clauses: ["M-03", "M-04b"],
    allow: ["village-officer", "township-officer"],
    params: CasePath,
    body: z.object({ signedOn: DateText, fileId: z.uuid().nullable().default(null) }),
    reply: CaseView,
    problems: ["case-not-found", "case-state", "role-not-allowed", "same-person-twice", "invalid-input"],
  },
  async ({ tx, params, body, actor, now, today }) => {
    const before = await lockCase(tx, params.caseId);
    if (!before) return refuse("case-not-found");
    if (body.signedOn > today)
      return refuse("invalid-input", {
        errors: [
          {
            pointer: "/signedOn",
            rule: "not-in-future",
            zh: "签署日期不能晚于今天",
            en: "Signed in the future",
            clause: "M-04b",
          },
        ],
      });
    const after = authorise(before);
    if (after instanceof Refusal) return after;
    const step = await takeCaseStep(tx, before, "authorisation", { actor, at: now, outcome: "signed" });
    if (step) return step;
    await saveCase(tx, after);
    await insertPaper(tx, {
      id: uuidv7(),
      caseId: before.id,
      householdId: before.householdId,
      region: before.region,
      kind: "authorisation",
      detail: { signedOn: body.signedOn },
      fileId: body.fileId,
      recordedBy: actorOf(actor),
      at: now,
    });
    const days = await parameterFor(tx, "comparison.days", before.region, today);
    await openDeadline(tx, {
      ...aboutCase(before),
      kind: "compare-data",
      clause: "M-03",
      role: "county-officer",
      startedAt: now,
      dueAt: endOfDay(addDays(today, days.value ?? 5)),
    });
    return {
      reply: caseView(after),
      events: [MonitoredCaseAuthorised.of(after.id, after.version, after.region, stateOfCase(after))],
    };
  },
);

const Comparison = z.strictObject({
  department: z.string().regex(/^[a-z-]{2,40}$/),
  outcome: z.enum(["nothing-found", "mismatch", "no-reply"]),
  flags: z
    .array(z.enum(["car", "town-property", "business", "public-payroll", "deposits"]))
    .max(5)
    .default([])
    .describe("For people to look into; never a refusal by itself"),
});

export const compareCase = command(
  {
    method: "post",
    operation: "compare-monitored-case",
    path: "/monitored-cases/{caseId}/comparison",
    summary: { zh: "登记部门信息比对结果", en: "Record what the departments asked have replied" },
    clauses: ["M-03", "M-04b"],
    allow: ["township-officer", "county-officer"],
    params: CasePath,
    body: z.object({ replies: z.array(Comparison).min(1).max(20) }),
    reply: CaseView,
    problems: ["case-not-found", "case-state", "comparison-incomplete", "role-not-allowed", "same-person-twice"],
  },
  async ({ tx, params, body, actor, now }) => {
    const before = await lockCase(tx, params.caseId);
    if (!before) return refuse("case-not-found");
    const asked = body.replies.map((reply) => reply.department);
    const replied = body.replies.filter((reply) => reply.outcome !== "no-reply").map((reply) => reply.department);
    const after = compare(before, { asked, replied });
    if (after instanceof Refusal) return after;
    const step = await takeCaseStep(tx, before, "comparison", {
      actor,
      at: now,
      outcome: "compared",
      detail: { departments: asked.length },
    });
    if (step) return step;
    await saveCase(tx, after);
    await insertPaper(tx, {
      id: uuidv7(),
      caseId: before.id,
      householdId: before.householdId,
      region: before.region,
      kind: "data-comparison",
      detail: { replies: body.replies },
      fileId: null,
      recordedBy: actorOf(actor),
      at: now,
    });
    await endDeadline(tx, "compare-data", "monitored-case", before.id, "met", now);
    return {
      reply: caseView(after),
      events: [MonitoredCaseCompared.of(after.id, after.version, after.region, stateOfCase(after))],
    };
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
      region: z
        .string()
        .regex(/^\d{2,12}$/)
        .optional(),
    }),
    reply: pageOf(CaseView),
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
