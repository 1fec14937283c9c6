import {
  EmploymentPaymentClawbackRequested,
  EmploymentPaymentRequested,
  EmploymentPaymentWithdrawn,
  EmploymentPostingClosed,
  EmploymentPostingOpened,
} from "@shouwang/contract";
import { paymentsBy } from "@shouwang/service-kit";

/** What this department asks of funds, and whose officers decide its claims: what every kind of claim here shares. */
export const claimOffice = {
  officersOf: ["human-resources"],
  payments: paymentsBy({
    requested: EmploymentPaymentRequested,
    withdrawn: EmploymentPaymentWithdrawn,
    clawbackRequested: EmploymentPaymentClawbackRequested,
  }),
  postings: { opened: EmploymentPostingOpened, closed: EmploymentPostingClosed },
};
