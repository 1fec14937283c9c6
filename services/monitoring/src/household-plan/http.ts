import {
  CaseId,
  DateText,
  HouseholdPlanApproved,
  HouseholdPlanChanged,
  HouseholdPlanId,
  HouseholdPlanSubmitted,
  MeasureCategory,
  Refusal,
  Risk,
  refuse,
} from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import {
  actorOf,
  afterCursor,
  cutPage,
  endDeadline,
  everyone,
  PageQuery,
  pageOf,
  parameterFor,
  reviewChain,
  takeStep,
} from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { isMonitored } from "../helper/decide.ts";
import { command, query, slice } from "../kit.ts";
import { startHelpIfReady } from "../monitored-case/help-start.ts";
import { findCase, helpIsReady, lockCase } from "../monitored-case/store.ts";
import { fileComplete } from "./clauses.ts";
import { approvePlan, maxItems, type PlanItem, submitPlan } from "./decide.ts";
import {
  caseOfPlan,
  findPlanOfCase,
  listFileGaps,
  lockPlanOfCase,
  revealDetails,
  savePlan,
  saveRevision,
  stateOfPlan,
} from "./store.ts";
import { HouseholdPlanView, planView } from "./views.ts";

const CasePath = z.object({ caseId: CaseId });
const PlanPath = z.object({ planId: HouseholdPlanId });

/** Whoever submits a revision does not approve it; each revision is a round of its own. */
const planReview = reviewChain("household-plan", [
  { step: "submitted", roles: ["helper", "village-officer", "township-officer"], begins: true },
  { step: "approved", roles: ["township-officer"] },
]);

const submitHouseholdPlan = command(
  {
    method: "post",
    operation: "submit-household-plan",
    path: "/monitored-cases/{caseId}/household-plan",
    summary: { zh: "提交或调整一户一策", en: "Submit a household plan, or a change of it" },
    clauses: ["M-04b"],
    allow: ["helper", "village-officer", "township-officer"],
    params: CasePath,
    body: z.object({
      items: z
        .array(
          z.strictObject({
            risk: Risk,
            category: MeasureCategory,
            dueOn: DateText,
            detail: z.string().trim().min(2).max(500).describe("What is to be done, by whom; sealed: may name people"),
          }),
        )
        .min(1)
        .max(maxItems),
    }),
    reply: HouseholdPlanView,
    status: 201,
    problems: ["case-not-found", "case-state", "plan-state", "invalid-input", "role-not-allowed"],
  },
  async ({ tx, params, body, actor, keys, now, today }) => {
    const monitored = await lockCase(tx, params.caseId);
    if (!monitored) return refuse("case-not-found");
    if (!isMonitored(monitored)) return refuse("case-state");
    const present = await lockPlanOfCase(tx, monitored.id);
    const entries = body.items.map((entry) => ({ ...entry, id: uuidv7() }));
    const plan = submitPlan(present, {
      about: { planId: uuidv7(), caseId: monitored.id, householdId: monitored.householdId, region: monitored.region },
      items: entries.map(({ id, risk, category, dueOn }): PlanItem => ({ id, risk, category, dueOn, status: "planned" })),
      risks: monitored.risks,
      today,
      by: actorOf(actor),
    });
    if (plan instanceof Refusal) return plan;
    await saveRevision(tx, keys, plan, new Map(entries.map(({ id, detail }) => [id, detail])));
    const refused = await takeStep(tx, planReview, aboutReview(plan), "submitted", { actor, at: now, outcome: "submitted" });
    if (refused) return refused;
    const event = plan.revision === 1 ? HouseholdPlanSubmitted : HouseholdPlanChanged;
    return {
      reply: planView(plan, monitored.risks),
      events: [event.of(plan.id, plan.version, plan.region, stateOfPlan(plan))],
    };
  },
);

const aboutReview = (plan: { id: string; householdId: string; region: string; revision: number }) => ({
  entity: "household-plan",
  entityId: plan.id,
  householdId: plan.householdId,
  region: plan.region,
  round: plan.revision,
});

const approveHouseholdPlan = command(
  {
    method: "post",
    operation: "approve-household-plan",
    path: "/household-plans/{planId}/approval",
    summary: { zh: "审核一户一策", en: "Approve a household plan that answers every risk" },
    clauses: ["M-04b"],
    allow: ["township-officer"],
    params: PlanPath,
    reply: HouseholdPlanView,
    problems: ["plan-not-found", "plan-state", "plan-incomplete", "case-state", "role-not-allowed", "same-person-twice"],
  },
  async ({ tx, params, actor, now, today }) => {
    const caseId = await caseOfPlan(tx, params.planId);
    const monitored = caseId === undefined ? undefined : await lockCase(tx, caseId);
    const submitted = monitored && (await lockPlanOfCase(tx, monitored.id));
    if (!monitored || !submitted) return refuse("plan-not-found");
    if (!isMonitored(monitored)) return refuse("case-state");
    const plan = approvePlan(submitted, { risks: monitored.risks, by: actorOf(actor), today });
    if (plan instanceof Refusal) return plan;
    const refused = await takeStep(tx, planReview, aboutReview(plan), "approved", { actor, at: now, outcome: "approved" });
    if (refused) return refused;
    await savePlan(tx, plan);
    if (await helpIsReady(tx, monitored.id)) await endDeadline(tx, "complete-file", "monitored-case", monitored.id, "met", now);
    const started = await startHelpIfReady(tx, monitored.id, { now });
    return {
      reply: planView(plan, monitored.risks),
      events: [HouseholdPlanApproved.of(plan.id, plan.version, plan.region, stateOfPlan(plan)), ...started],
    };
  },
);

const readHouseholdPlan = query(
  {
    operation: "read-household-plan",
    path: "/monitored-cases/{caseId}/household-plan",
    summary: { zh: "查看一户一策", en: "Read a case's household plan" },
    clauses: ["M-04b"],
    allow: everyone,
    params: CasePath,
    reply: HouseholdPlanView,
    problems: ["case-not-found", "plan-not-found"],
  },
  async ({ tx, params }) => {
    const monitored = await findCase(tx, params.caseId);
    if (!monitored) return refuse("case-not-found");
    const plan = await findPlanOfCase(tx, monitored.id);
    return plan ? { reply: planView(plan, monitored.risks) } : refuse("plan-not-found");
  },
);

const revealHouseholdPlan = command(
  {
    method: "post",
    operation: "reveal-household-plan",
    path: "/household-plans/{planId}/reveal",
    summary: { zh: "查看一户一策措施内容(须说明用途,留痕)", en: "Reveal what a plan's items say: purpose stated, audited" },
    clauses: ["M-04b"],
    allow: ["helper", "village-officer", "township-officer", "county-officer", "first-secretary"],
    params: PlanPath,
    body: z.object({ purpose: z.string().trim().min(4).max(120) }),
    reply: z.object({ items: z.array(z.object({ itemId: z.string(), detail: z.string() })) }),
    reveals: true,
    problems: ["plan-not-found"],
  },
  async ({ tx, params, body, keys }) => {
    const caseId = await caseOfPlan(tx, params.planId);
    const plan = caseId === undefined ? undefined : await findPlanOfCase(tx, caseId);
    if (!plan) return refuse("plan-not-found");
    return {
      reply: { items: await revealDetails(tx, keys, plan) },
      audit: [
        {
          action: "reveal-household-plan",
          entity: "household-plan",
          entityId: plan.id,
          region: plan.region,
          clause: "M-04b",
          purpose: body.purpose,
        },
      ],
    };
  },
);

const listFileGapsRoute = query(
  {
    operation: "list-household-file-gaps",
    path: "/household-file-gaps",
    summary: { zh: "户档不全的监测户", en: "Monitored households whose file lacks a helper or an approved plan" },
    clauses: ["M-04a", "M-04b"],
    allow: everyone,
    query: PageQuery.extend({
      region: z
        .string()
        .regex(/^\d{2,12}$/)
        .optional(),
    }),
    reply: pageOf(
      z.object({
        caseId: z.string(),
        householdId: z.string(),
        region: z.string(),
        includedOn: z.string(),
        dueOn: z.string(),
        helper: z.boolean().describe("A helper was assigned"),
        plan: z.boolean().describe("A household plan was approved"),
        overdue: z.boolean(),
      }),
    ),
    exports: {},
    problems: [],
  },
  async ({ tx, today, actor, query: { region, cursor, limit } }) => {
    const days = await parameterFor(tx, "file.days", actor.region, today);
    const rows = await listFileGaps(tx, {
      days: days.value,
      region: region ? rangeOf(region) : undefined,
      after: afterCursor(cursor),
      limit,
    });
    const page = cutPage(rows, limit, (row) => row.caseId);
    return { reply: { items: page.items.map((gap) => ({ ...gap, overdue: gap.dueOn < today })), next: page.next } };
  },
);

export const householdPlanSlice = slice({
  name: "household-plan",
  title: { zh: "一户一策", en: "Household plans" },
  routes: [submitHouseholdPlan, approveHouseholdPlan, readHouseholdPlan, revealHouseholdPlan, listFileGapsRoute],
  clauses: [fileComplete],
});
