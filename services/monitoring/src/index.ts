import { MonitoringAuditHeadPublished, MonitoringDeadlineOverdue } from "@shouwang/contract";
import { defineService } from "@shouwang/service-kit";
import { annualUpdateSlice } from "./annual-update/http.ts";
import type { DB } from "./db.ts";
import { feedSlice } from "./feed/http.ts";
import { focusHouseholdSlice } from "./focus-household/http.ts";
import { helperSlice } from "./helper/http.ts";
import { householdSlice } from "./household/http.ts";
import { toldSlice } from "./household/told.ts";
import { householdFileSlice } from "./household-file/http.ts";
import { householdIncomeSlice } from "./household-income/http.ts";
import { householdPlanSlice } from "./household-plan/http.ts";
import { incomeCampaignSlice } from "./income-campaign/http.ts";
import { ledgerSheetSlice } from "./ledger-sheet/http.ts";
import { measureSlice } from "./measure/http.ts";
import { monitoredCaseSlice } from "./monitored-case/slice.ts";
import { monthlyHelpSlice } from "./monthly-help/http.ts";
import { quarterlyAnalysisSlice } from "./quarterly-analysis/http.ts";
import { riskLeadSlice } from "./risk-lead/http.ts";
import { screeningSlice } from "./screening/http.ts";
import { syntheticSlice } from "./synthetic/job.ts";
import { visitSlice } from "./visit/http.ts";

/** Plan part 1: the household registry, risk leads, monitored households, helpers, visits and the income watch. */
export const monitoring = defineService<DB>({
  name: "monitoring",
  title: { zh: "防返贫监测", en: "Return-to-poverty monitoring" },
  migrations: new URL("../migrations/", import.meta.url),
  deadlineOverdue: MonitoringDeadlineOverdue,
  auditHead: MonitoringAuditHeadPublished,
  slices: [
    householdSlice,
    toldSlice,
    feedSlice,
    screeningSlice,
    riskLeadSlice,
    monitoredCaseSlice,
    measureSlice,
    helperSlice,
    householdPlanSlice,
    visitSlice,
    householdFileSlice,
    householdIncomeSlice,
    annualUpdateSlice,
    focusHouseholdSlice,
    monthlyHelpSlice,
    quarterlyAnalysisSlice,
    ledgerSheetSlice,
    incomeCampaignSlice,
    syntheticSlice,
  ],
});
