import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { DateText, Fen } from "../vocabulary.ts";
import { ids, village } from "./examples.ts";
import { household, idOf, person, region } from "./fields.ts";

export const LoanId = idOf("LoanId", "Loan");
export type LoanId = z.infer<typeof LoanId>;

/** The public state of a loan to a household, micro-credit or Fumin loan; no bank account, no bank's grading. */
export const LoanState = z.object({
  loanId: LoanId,
  householdId: household,
  personId: person.describe("Borrower; pseudonymous"),
  region,
  principalFen: Fen.describe("Granted in all, with top-ups, in fen"),
  newThisYearFen: Fen.describe("Newly granted in the year of the event, in fen; a renewal adds nothing"),
  outstandingFen: Fen.describe("Not yet paid back, in fen"),
  months: z.int().positive().max(60).describe("Term in months"),
  channel: z.enum(["counter", "online"]).describe("How it was applied for"),
  grantedOn: DateText.nullable().describe("Day granted, or null when refused"),
  status: z
    .enum(["granted", "renewed", "extended", "overdue", "compensated", "repaid", "refused"])
    .describe("Where the loan stands"),
});
export type LoanState = z.infer<typeof LoanState>;

const loanExample: z.input<typeof LoanState> = {
  loanId: ids.source,
  householdId: ids.household,
  personId: ids.person,
  region: village,
  principalFen: 5_000_000,
  newThisYearFen: 5_000_000,
  outstandingFen: 5_000_000,
  months: 36,
  channel: "online",
  grantedOn: "2022-05-16",
  status: "granted",
};
const refused = {
  ...loanExample,
  principalFen: 0,
  newThisYearFen: 0,
  outstandingFen: 0,
  grantedOn: null,
  status: "refused",
} as const;

/** The events of one kind of loan. */
function loanEvents<const E extends "micro-credit" | "fumin-loan">(
  entity: E,
  zh: string,
  en: string,
  clauses: readonly string[],
) {
  const about = { kind: "state", clauses, readers: ["monitoring", "gateway", "integrators"] } as const;
  return {
    granted: defineEvent(`industry.${entity}.granted`, 1, LoanState, {
      ...about,
      title: { zh: `${zh}已发放`, en: `${en} granted` },
      example: loanExample,
    }),
    refused: defineEvent(`industry.${entity}.refused`, 1, LoanState, {
      ...about,
      title: { zh: `${zh}不予发放`, en: `${en} refused` },
      example: refused,
    }),
    renewed: defineEvent(`industry.${entity}.renewed`, 1, LoanState, {
      ...about,
      title: { zh: `${zh}已续贷`, en: `${en} renewed or extended` },
      example: { ...loanExample, newThisYearFen: 0, status: "renewed" },
    }),
    overdue: defineEvent(`industry.${entity}.overdue`, 1, LoanState, {
      ...about,
      title: { zh: `${zh}已逾期`, en: `${en} overdue` },
      example: { ...loanExample, status: "overdue" },
    }),
    repaid: defineEvent(`industry.${entity}.repaid`, 1, LoanState, {
      ...about,
      title: { zh: `${zh}已还清`, en: `${en} repaid` },
      example: { ...loanExample, outstandingFen: 0, status: "repaid" },
    }),
  };
}

export const {
  granted: MicroCreditGranted,
  refused: MicroCreditRefused,
  renewed: MicroCreditRenewed,
  overdue: MicroCreditOverdue,
  repaid: MicroCreditRepaid,
} = loanEvents("micro-credit", "脱贫人口小额信贷", "Micro-credit", ["I-09a", "I-09b", "M-06"]);

export const {
  granted: FuminLoanGranted,
  refused: FuminLoanRefused,
  renewed: FuminLoanRenewed,
  overdue: FuminLoanOverdue,
  repaid: FuminLoanRepaid,
} = loanEvents("fumin-loan", "富民贷", "Fumin loan", ["I-09c", "M-06"]);
