import {
  auditHeadPublished,
  deadlineOverdue,
  importFinished,
  indicatorFrozen,
  parameterChanged,
  postingClosed,
  postingOpened,
} from "./platform.ts";

export * from "./monitoring-alarm.ts";
export * from "./monitoring-appeal.ts";
export * from "./monitoring-case.ts";
export * from "./monitoring-form.ts";
export * from "./monitoring-help.ts";
export * from "./monitoring-household.ts";
export * from "./monitoring-lead.ts";
export * from "./monitoring-referral.ts";
export * from "./monitoring-round.ts";
export * from "./monitoring-watch.ts";
export { SuspectClosed, SuspectId } from "./suspect.ts";

export const MonitoringPostingOpened = postingOpened("monitoring", ["M-04b"]);
export const MonitoringPostingClosed = postingClosed("monitoring", ["M-04b"]);
export const MonitoringImportFinished = importFinished("monitoring");
export const MonitoringDeadlineOverdue = deadlineOverdue("monitoring");
export const MonitoringIndicatorFrozen = indicatorFrozen("monitoring");
export const MonitoringAuditHeadPublished = auditHeadPublished("monitoring");
export const MonitoringParameterChanged = parameterChanged("monitoring");
