import { HouseholdId, refuse } from "@shouwang/contract";
import { type BusinessDate, businessDate, everyone } from "@shouwang/service-kit";
import { z } from "zod";
import { AppealView, appealView } from "../appeal/views.ts";
import { HelperView, helperView } from "../helper/views.ts";
import { findHousehold, registeredAt } from "../household/store.ts";
import { HouseholdWithMembers, memberView, viewOf } from "../household/views.ts";
import { CreditView } from "../household-income/views.ts";
import { HouseholdPlanView, planView } from "../household-plan/views.ts";
import { query, slice } from "../kit.ts";
import { MeasureView, measureView } from "../measure/views.ts";
import { CaseFile, caseView, stepView } from "../monitored-case/views.ts";
import { FormView, formView } from "../printed-form/views.ts";
import { ReferralView, referralView } from "../referral/views.ts";
import { LeadView, leadView } from "../risk-lead/views.ts";
import { WorkStateView } from "../work-state/views.ts";
import { type FilePartName, filePartNames } from "./decide.ts";
import { exportHouseholdFile } from "./export.ts";
import { type LoadedFile, loadFile } from "./load.ts";

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

const parts = Object.keys(filePartNames) as [FilePartName, ...FilePartName[]]; // Safe: the list has entries.

const HouseholdFile = z.object({
  parts: z.array(
    z.object({
      part: z.enum(parts),
      title: z.object({ zh: z.string(), en: z.string() }),
      state: z.enum(["have", "missing", "due", "not-due"]),
      since: z.string().nullable().describe("Since when it is there, or has been missing"),
      dueOn: z.string().nullable(),
    }),
  ),
  completeness: z.object({
    due: z.int().describe("Parts due by the stage the household is at"),
    have: z.int(),
    percent: z.int(),
    complete: z.boolean(),
  }),
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
  credits: z.array(CreditView).describe("What other departments paid to the household; part of the income of its period"),
  work: z
    .array(WorkStateView)
    .describe("Members' work today, as employment tells it; without an entry where it has said nothing"),
  workHeardUntil: z.string().nullable().describe("Until when employment has been heard"),
  leads: z.array(LeadView),
  cases: z.array(
    CaseFile.extend({
      helpers: z.array(HelperView),
      householdPlan: HouseholdPlanView.nullable(),
      deadlines: z.array(DeadlineView),
    }),
  ),
  measures: z.array(MeasureView),
  referrals: z.array(ReferralView),
  visits: z.array(VisitLine),
  appeals: z.array(AppealView),
  forms: z.array(FormView).describe("Printed for the household, and which came back signed"),
  changes: z.array(z.object({ version: z.int(), source: z.string(), document: z.string().nullable(), at: z.string() })),
});

/** M-04b: everything this department knows of one household, in one answer (一户一档), masked; each opening is an audit entry. */
const readHouseholdFile = query(
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
    const registered = household && (await registeredAt(tx, household.id));
    if (!household || !registered) return refuse("household-not-found");
    return { reply: fileView(await loadFile(tx, household, businessDate(registered), today), today) };
  },
);

/** The file as it is shown: masked, with nothing that names anybody. */
const fileView = (file: LoadedFile, today: BusinessDate): z.input<typeof HouseholdFile> => ({
  parts: file.parts.map((part) => ({ ...part, title: filePartNames[part.part] })),
  completeness: file.completeness,
  household: { ...viewOf(file.household), members: file.members.map(memberView) },
  incomes: file.incomes,
  credits: file.credits,
  work: file.work,
  workHeardUntil: file.workHeardUntil?.toISOString() ?? null,
  leads: file.leads.map(leadView),
  cases: file.cases.map(({ monitored, steps, papers, helpers, plan, deadlines }) => ({
    ...caseView(monitored),
    steps: steps.map(stepView),
    papers: papers.map((paper) => ({ ...paper, at: paper.at.toISOString() })),
    helpers: helpers.map(helperView),
    householdPlan: plan ? planView(plan, monitored.risks) : null,
    deadlines: deadlines.map((deadline) => ({
      ...deadline,
      dueAt: deadline.dueAt.toISOString(),
      overdueAt: deadline.overdueAt?.toISOString() ?? null,
      endedAt: deadline.endedAt?.toISOString() ?? null,
    })),
  })),
  measures: file.measures.map(measureView),
  referrals: file.referrals.map((referral) => referralView(referral, today)),
  visits: file.visits.map(({ id, ...visit }) => ({ ...visit, visitId: id })),
  appeals: file.appeals.map(appealView),
  forms: file.forms.map(formView),
  changes: file.changes.map((change) => ({ ...change, at: change.at.toISOString() })),
});

export const householdFileSlice = slice({
  name: "household-file",
  title: { zh: "一户一档", en: "Household files" },
  routes: [readHouseholdFile, exportHouseholdFile],
});
