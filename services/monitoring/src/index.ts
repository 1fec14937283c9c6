import {
  MonitoringAuditHeadPublished,
  MonitoringDeadlineOverdue,
  MonitoringIndicatorFrozen,
  MonitoringParameterChanged,
} from "@shouwang/contract";
import { defineService } from "@shouwang/service-kit";
import { annualUpdateSlice } from "./annual-update/http.ts";
import { appealSlice } from "./appeal/http.ts";
import type { DB } from "./db.ts";
import { duplicateSlice } from "./duplicate/http.ts";
import { earlySignSlice } from "./early-sign/http.ts";
import { employmentHelpSlice } from "./employment-help/reaction.ts";
import { erasureSlice } from "./erasure/http.ts";
import { feedSlice } from "./feed/http.ts";
import { focusHouseholdSlice } from "./focus-household/http.ts";
import { guaranteeProblemSlice } from "./guarantee-problem/http.ts";
import { handOverSlice } from "./hand-over/http.ts";
import { helperSlice } from "./helper/http.ts";
import { householdSlice } from "./household/http.ts";
import { toldSlice } from "./household/told.ts";
import { householdClosureSlice } from "./household-closure/http.ts";
import { householdFileSlice } from "./household-file/http.ts";
import { householdImportSlice } from "./household-import/http.ts";
import { householdIncomeSlice } from "./household-income/http.ts";
import { householdMembersSlice } from "./household-members/slice.ts";
import { householdMoveSlice } from "./household-move/http.ts";
import { householdPlanSlice } from "./household-plan/http.ts";
import { householdSplitSlice } from "./household-split/undo.ts";
import { incomeCampaignSlice } from "./income-campaign/http.ts";
import { ledgerSheetSlice } from "./ledger-sheet/http.ts";
import { measureSlice } from "./measure/http.ts";
import { monitoredCaseSlice } from "./monitored-case/slice.ts";
import { monthlyHelpSlice } from "./monthly-help/http.ts";
import { nationalSheetSlice } from "./national-sheet/http.ts";
import { printedFormSlice } from "./printed-form/http.ts";
import { provenanceSlice } from "./provenance/http.ts";
import { quarterlyAnalysisSlice } from "./quarterly-analysis/http.ts";
import { referralSlice } from "./referral/http.ts";
import { riskLeadSlice } from "./risk-lead/http.ts";
import { roundSlice } from "./round/http.ts";
import { screeningSlice } from "./screening/http.ts";
import { sealed, unsealed } from "./sealed.ts";
import { suspectSlice } from "./suspect/http.ts";
import { sweepSlice } from "./sweep/http.ts";
import { syntheticSlice } from "./synthetic/job.ts";
import { taskForceSlice } from "./task-force/http.ts";
import { visitSlice } from "./visit/http.ts";
import { workLossSlice } from "./work-loss/settle.ts";
import { workStateSlice } from "./work-state/slice.ts";

/** Plan part 1: the household registry, risk leads, monitored households, helpers, visits and the income watch. */
export const monitoring = defineService<DB>({
  name: "monitoring",
  title: { zh: "防返贫监测", en: "Return-to-poverty monitoring" },
  migrations: new URL("../migrations/", import.meta.url),
  deadlineOverdue: MonitoringDeadlineOverdue,
  auditHead: MonitoringAuditHeadPublished,
  parameterChanged: MonitoringParameterChanged,
  indicatorFrozen: MonitoringIndicatorFrozen,
  slices: [
    householdSlice,
    toldSlice,
    erasureSlice,
    householdMembersSlice,
    householdSplitSlice,
    householdMoveSlice,
    householdClosureSlice,
    householdImportSlice,
    feedSlice,
    screeningSlice,
    riskLeadSlice,
    earlySignSlice,
    monitoredCaseSlice,
    appealSlice,
    measureSlice,
    referralSlice,
    helperSlice,
    handOverSlice,
    householdPlanSlice,
    visitSlice,
    roundSlice,
    sweepSlice,
    taskForceSlice,
    householdFileSlice,
    suspectSlice,
    duplicateSlice,
    provenanceSlice,
    nationalSheetSlice,
    guaranteeProblemSlice,
    householdIncomeSlice,
    annualUpdateSlice,
    workStateSlice,
    workLossSlice,
    employmentHelpSlice,
    printedFormSlice,
    focusHouseholdSlice,
    monthlyHelpSlice,
    quarterlyAnalysisSlice,
    ledgerSheetSlice,
    incomeCampaignSlice,
    syntheticSlice,
  ],
  sealed,
  unsealed,
});
