import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { DateText } from "../vocabulary.ts";
import { ids, village } from "./examples.ts";
import { caseOrNone, household, leadOrNone, monitoredCase, Risk, region } from "./fields.ts";
import { HouseholdIncomeId, MonitoredKind } from "./monitoring-household.ts";

/** The public state of a monitored case: one household's way from authorisation to clearance. */
export const MonitoredCaseState = z.object({
  caseId: monitoredCase,
  householdId: household,
  region,
  leadId: leadOrNone.describe("Lead that opened it, or null when loaded from older records"),
  previousCaseId: caseOrNone.describe("Case that was cleared before this one was reopened, or null"),
  monitoredKind: MonitoredKind.nullable().describe("Kind; null until included"),
  risks: z.array(Risk).max(5).describe("Risks in order of weight, at most five"),
  disasterKind: z
    .enum(["flood", "geological", "drought", "biological", "weather", "earthquake", "other"])
    .nullable()
    .describe("Kind of natural disaster, or null"),
  epidemic: z.boolean().describe("Caused by the epidemic"),
  status: z
    .enum([
      "opened",
      "authorised",
      "compared",
      "village-reviewed",
      "posted",
      "objected",
      "township-checked",
      "included",
      "refused",
      "helping",
      "clearance-proposed",
      "cleared",
      "closed",
    ])
    .describe("Where the case stands"),
  procedure: z.enum(["inclusion", "clearance"]).describe("Which of the two rounds of steps is running or ran last"),
  countyApprovedOn: DateText.nullable().describe("Day of county approval, or null"),
  nationalEntryOn: DateText.nullable().describe("Day of entry in the national system, or null"),
  includedOn: DateText.nullable().describe("Day of inclusion: the earlier or the chosen one of the two; null before"),
  incomeAtInclusionId: HouseholdIncomeId.nullable().describe("Income record frozen at inclusion, or null"),
  clearedOn: DateText.nullable().describe("Day clearance was approved, or null"),
  clearedBy: z.enum(["help", "nature"]).nullable().describe("What cleared the risk, or null"),
  closedBecause: z.enum(["death", "moved-away", "merged", "other"]).nullable().describe("Natural reduction, or null"),
});
export type MonitoredCaseState = z.infer<typeof MonitoredCaseState>;

const opened: z.input<typeof MonitoredCaseState> = {
  caseId: ids.case,
  householdId: ids.household,
  region: village,
  leadId: ids.lead,
  previousCaseId: null,
  monitoredKind: null,
  risks: ["epidemic", "unstable-work"],
  disasterKind: null,
  epidemic: true,
  status: "opened",
  procedure: "inclusion",
  countyApprovedOn: null,
  nationalEntryOn: null,
  includedOn: null,
  incomeAtInclusionId: null,
  clearedOn: null,
  clearedBy: null,
  closedBecause: null,
};
const included = {
  ...opened,
  monitoredKind: "unstable-lifted",
  status: "included",
  countyApprovedOn: "2022-08-10",
  includedOn: "2022-08-10",
  incomeAtInclusionId: ids.income,
} as const;

const aboutCase = { kind: "state", clauses: ["M-03", "M-04a", "M-04b"], readers: ["gateway", "integrators"] } as const;
const aboutMonitored = {
  kind: "state",
  clauses: ["M-04a", "M-04b", "M-04c", "I-07"],
  readers: ["employment", "industry", "funds", "social", "gateway", "integrators"],
} as const;

export const MonitoredCaseOpened = defineEvent("monitoring.monitored-case.opened", 1, MonitoredCaseState, {
  ...aboutCase,
  title: { zh: "监测对象认定已启动", en: "Monitored case opened" },
  example: opened,
});
export const MonitoredCaseAuthorised = defineEvent("monitoring.monitored-case.authorised", 1, MonitoredCaseState, {
  ...aboutCase,
  title: { zh: "农户已承诺授权", en: "Household signed the authorisation" },
  example: { ...opened, status: "authorised" },
});
export const MonitoredCaseCompared = defineEvent("monitoring.monitored-case.compared", 1, MonitoredCaseState, {
  ...aboutCase,
  title: { zh: "部门数据已比对", en: "Departments' data compared" },
  example: { ...opened, status: "compared" },
});
export const MonitoredCaseVillageReviewed = defineEvent("monitoring.monitored-case.village-reviewed", 1, MonitoredCaseState, {
  ...aboutCase,
  title: { zh: "村级已民主评议", en: "Village review held" },
  example: { ...opened, status: "village-reviewed" },
});
export const MonitoredCasePosted = defineEvent("monitoring.monitored-case.posted", 1, MonitoredCaseState, {
  ...aboutCase,
  title: { zh: "认定结果已公示", en: "Case posted in the village" },
  example: { ...opened, status: "posted" },
});
export const MonitoredCaseObjected = defineEvent("monitoring.monitored-case.objected", 1, MonitoredCaseState, {
  ...aboutCase,
  title: { zh: "公示有异议", en: "Objection to the posting" },
  example: { ...opened, status: "objected" },
});
export const MonitoredCaseTownshipChecked = defineEvent("monitoring.monitored-case.township-checked", 1, MonitoredCaseState, {
  ...aboutCase,
  title: { zh: "乡镇已审核", en: "Township check passed" },
  example: { ...opened, status: "township-checked" },
});
/** County approval: the household is monitored from `includedOn`, and the clocks of M-04 start. */
export const MonitoredCaseIncluded = defineEvent("monitoring.monitored-case.included", 1, MonitoredCaseState, {
  ...aboutMonitored,
  title: { zh: "已纳入监测", en: "Household included in monitoring" },
  example: included,
});
export const MonitoredCaseRefused = defineEvent("monitoring.monitored-case.refused", 1, MonitoredCaseState, {
  ...aboutCase,
  title: { zh: "不予纳入", en: "Inclusion refused" },
  example: { ...opened, status: "refused" },
});
export const MonitoredCaseHelpStarted = defineEvent("monitoring.monitored-case.help-started", 1, MonitoredCaseState, {
  ...aboutMonitored,
  title: { zh: "已开始帮扶", en: "Helper named, household plan approved: help started" },
  example: { ...included, status: "helping", nationalEntryOn: "2022-08-12" },
});
export const MonitoredCaseClearanceProposed = defineEvent("monitoring.monitored-case.clearance-proposed", 1, MonitoredCaseState, {
  ...aboutCase,
  title: { zh: "拟消除风险", en: "Risk clearance proposed" },
  example: { ...included, status: "clearance-proposed", procedure: "clearance" },
});
export const MonitoredCaseCleared = defineEvent("monitoring.monitored-case.cleared", 1, MonitoredCaseState, {
  ...aboutMonitored,
  title: { zh: "风险已消除", en: "Risk cleared" },
  example: { ...included, status: "cleared", procedure: "clearance", clearedOn: "2023-05-18", clearedBy: "help" },
});
/** The new case after a cleared one; `previousCaseId` leads back. */
export const MonitoredCaseReopened = defineEvent("monitoring.monitored-case.reopened", 1, MonitoredCaseState, {
  ...aboutMonitored,
  title: { zh: "消除后重新认定", en: "Reopened after clearance" },
  example: { ...opened, previousCaseId: "01825a10-7c00-7000-8000-000000000105" },
});
export const MonitoredCaseClosed = defineEvent("monitoring.monitored-case.closed", 1, MonitoredCaseState, {
  ...aboutMonitored,
  title: { zh: "认定因自然减少终止", en: "Case closed by natural reduction" },
  example: { ...included, status: "closed", closedBecause: "moved-away" },
});
