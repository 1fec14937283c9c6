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

export * from "./funds-asset.ts";
export * from "./funds-money.ts";
export * from "./funds-project.ts";

export const FundsPostingOpened = postingOpened("funds", ["F-05", "F-06"]);
export const FundsPostingClosed = postingClosed("funds", ["F-05", "F-06"]);
export const FundsImportFinished = importFinished("funds");
export const FundsDeadlineOverdue = deadlineOverdue("funds");
export const FundsIndicatorFrozen = indicatorFrozen("funds");
export const FundsAuditHeadPublished = auditHeadPublished("funds");
export const FundsParameterChanged = parameterChanged("funds");
export const FundsSuspectRaised = suspectRaised("funds");
