import { HouseholdId, refuse } from "@shouwang/contract";
import { deadlinesOf, everyone, stepsOf } from "@shouwang/service-kit";
import { z } from "zod";
import { helpersOf } from "../helper/store.ts";
import { HelperView, helperView } from "../helper/views.ts";
import { membersOf } from "../household/person-store.ts";
import { changesOf, findHousehold } from "../household/store.ts";
import { HouseholdWithMembers, memberView, viewOf } from "../household/views.ts";
import { incomesOf } from "../household-income/store.ts";
import { findPlanOfCase } from "../household-plan/store.ts";
import { HouseholdPlanView, planView } from "../household-plan/views.ts";
import { query, slice } from "../kit.ts";
import { measuresOf } from "../measure/store.ts";
import { MeasureView, measureView } from "../measure/views.ts";
import { inclusionChain } from "../monitored-case/chain.ts";
import { casesOf, papersOf } from "../monitored-case/store.ts";
import { CaseFile, caseView, stepView } from "../monitored-case/views.ts";
import { listLeads } from "../risk-lead/store.ts";
import { LeadView, leadView } from "../risk-lead/views.ts";
import { visitsOf } from "../visit/store.ts";

const DeadlineView = z.object({
  kind: z.string(),
  clause: z.string(),
  dueAt: z.string(),
  state: z.enum(["open", "met", "cancelled"]),
  overdueAt: z.string().nullable(),
  endedAt: z.string().nullable(),
});
const VisitLine = z.object({
  visitId: z.string(),
  visitedOn: z.string(),
  mode: z.string(),
  purposes: z.array(z.string()),
  visitorRole: z.string(),
  householdAway: z.boolean(),
  changed: z.boolean(),
  needs: z.array(z.string()),
});

const HouseholdFile = z.object({
  household: HouseholdWithMembers,
  incomes: z.array(
    z.object({
      kind: z.string(),
      from: z.string(),
      until: z.string(),
      headcount: z.int(),
      netFen: z.int(),
      perCapitaFen: z.int(),
      confirmed: z.boolean(),
    }),
  ),
  leads: z.array(LeadView),
  cases: z.array(
    CaseFile.extend({
      helpers: z.array(HelperView),
      householdPlan: HouseholdPlanView.nullable(),
      deadlines: z.array(DeadlineView),
    }),
  ),
  measures: z.array(MeasureView),
  visits: z.array(VisitLine),
  changes: z.array(z.object({ version: z.int(), source: z.string(), document: z.string().nullable(), at: z.string() })),
});

/** M-04b: everything this department knows of one household, in one answer (一户一档), masked; each opening is an audit entry. */
export const readHouseholdFile = query(
  {
    operation: "read-household-file",
    path: "/households/{householdId}/file",
    summary: { zh: "一户一档", en: "One household, one file" },
    clauses: ["M-04b"],
    allow: everyone,
    params: z.object({ householdId: HouseholdId }),
    reply: HouseholdFile,
    problems: ["household-not-found"],
    opens: ({ reply }) => ({
      action: "open-household-file",
      entity: "household",
      entityId: reply.household.householdId,
      region: reply.household.region,
      clause: "M-04b",
    }),
  },
  async ({ tx, params, today }) => {
    const household = await findHousehold(tx, params.householdId);
    if (!household) return refuse("household-not-found");
    const cases = [];
    for (const monitored of await casesOf(tx, household.id)) {
      const plan = await findPlanOfCase(tx, monitored.id);
      cases.push({
        ...caseView(monitored),
        steps: (await stepsOf(tx, inclusionChain.name, monitored.id)).map(stepView),
        papers: (await papersOf(tx, monitored.id)).map((paper) => ({ ...paper, at: paper.at.toISOString() })),
        helpers: (await helpersOf(tx, monitored.id)).map(helperView),
        householdPlan: plan ? planView(plan, monitored.risks) : null,
        deadlines: (await deadlinesOf(tx, "monitored-case", monitored.id)).map((deadline) => ({
          ...deadline,
          dueAt: deadline.dueAt.toISOString(),
          overdueAt: deadline.overdueAt?.toISOString() ?? null,
          endedAt: deadline.endedAt?.toISOString() ?? null,
        })),
      });
    }
    return {
      reply: {
        household: { ...viewOf(household), members: (await membersOf(tx, household.id)).map(memberView) },
        incomes: await incomesOf(tx, household.id),
        leads: (await listLeads(tx, { householdId: household.id, limit: 200 })).map(leadView),
        cases,
        measures: (await measuresOf(tx, household.id)).map(measureView),
        visits: (await visitsOf(tx, household.id, { from: "2020-01-01", until: today })).map(({ id, ...visit }) => ({
          ...visit,
          visitId: id,
        })),
        changes: (await changesOf(tx, household.id)).map((change) => ({ ...change, at: change.at.toISOString() })),
      },
    };
  },
);

export const householdFileSlice = slice({ name: "household-file", routes: [readHouseholdFile] });
