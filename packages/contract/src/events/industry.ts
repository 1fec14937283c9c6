import { paymentRequests } from "./payment.ts";
import {
  auditHeadPublished,
  deadlineOverdue,
  importFinished,
  indicatorFrozen,
  parameterChanged,
  postingClosed,
  postingOpened,
} from "./platform.ts";
import { suspectRaised } from "./suspect.ts";

export * from "./industry-help.ts";
export * from "./industry-loan.ts";
export * from "./industry-operator.ts";

export const {
  requested: IndustryPaymentRequested,
  withdrawn: IndustryPaymentWithdrawn,
  clawbackRequested: IndustryPaymentClawbackRequested,
} = paymentRequests("industry", ["I-04", "I-07"]);

export const IndustryPostingOpened = postingOpened("industry", ["I-04", "I-07", "I-10b"]);
export const IndustryPostingClosed = postingClosed("industry", ["I-04", "I-07", "I-10b"]);
export const IndustryImportFinished = importFinished("industry");
export const IndustryDeadlineOverdue = deadlineOverdue("industry");
export const IndustryIndicatorFrozen = indicatorFrozen("industry");
export const IndustryAuditHeadPublished = auditHeadPublished("industry");
export const IndustryParameterChanged = parameterChanged("industry");
export const IndustrySuspectRaised = suspectRaised("industry");
