import { MonitoringAuditHeadPublished, MonitoringDeadlineOverdue } from "@shouwang/contract";
import { defineService } from "@shouwang/service-kit";
import type { DB } from "./db.ts";
import { householdSlice } from "./household/http.ts";
import { monitoredCaseSlice } from "./monitored-case/approval.ts";
import { riskLeadSlice } from "./risk-lead/http.ts";

/** Plan part 1: the household registry, risk leads, monitored households, helpers, visits and the income watch. */
export const monitoring = defineService<DB>({
  name: "monitoring",
  title: { zh: "防返贫监测", en: "Return-to-poverty monitoring" },
  migrations: new URL("../migrations/", import.meta.url),
  deadlineOverdue: MonitoringDeadlineOverdue,
  auditHead: MonitoringAuditHeadPublished,
  slices: [householdSlice, riskLeadSlice, monitoredCaseSlice],
});
