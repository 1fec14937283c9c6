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

export * from "./employment-people.ts";
export * from "./employment-subsidy.ts";
export * from "./employment-work.ts";

export const {
  requested: EmploymentPaymentRequested,
  withdrawn: EmploymentPaymentWithdrawn,
  clawbackRequested: EmploymentPaymentClawbackRequested,
} = paymentRequests("employment", ["E-02", "E-04", "E-09", "E-12"]);

export const EmploymentPostingOpened = postingOpened("employment", ["E-02", "E-05", "E-09", "E-12"]);
export const EmploymentPostingClosed = postingClosed("employment", ["E-02", "E-05", "E-09", "E-12"]);
export const EmploymentImportFinished = importFinished("employment");
export const EmploymentDeadlineOverdue = deadlineOverdue("employment");
export const EmploymentIndicatorFrozen = indicatorFrozen("employment");
export const EmploymentAuditHeadPublished = auditHeadPublished("employment");
export const EmploymentParameterChanged = parameterChanged("employment");
export const EmploymentSuspectRaised = suspectRaised("employment");
