import { DateText, Fen, PersonId, ProjectId } from "@shouwang/contract";
import { z } from "zod";
import type { LineRow, Period, Project, Roll, Totals } from "./store.ts";

const Status = z.enum(["open", "posted", "paid", "verified"]);
export const unpaidReasons = ["account-wrong", "bank-refused", "disputed", "money-short", "other"] as const;

const TotalsView = z.object({
  persons: z.int().describe("Distinct persons"),
  targetPersons: z.int().describe("Of them lifted or monitored on the period's first day"),
  targetShare: z.object({ numerator: z.int(), denominator: z.int() }).describe("Of persons, E-14b; never rounded"),
  days: z.int().describe("Days worked and signed for"),
  earnedFen: z.int().describe("Labour pay earned and signed for"),
  targetEarnedFen: z.int().describe("Of it by lifted and monitored people"),
  paidFen: z.int().describe("Labour pay that reached persons' accounts"),
  unpaidFen: z.int().describe("Earned and not paid: it counts for nothing at acceptance"),
  unsigned: z.int().describe("Lines that nobody has signed for"),
});
const totalsView = (totals: Totals): z.input<typeof TotalsView> => ({
  ...totals,
  targetShare: { numerator: totals.targetPersons, denominator: totals.persons },
  unpaidFen: totals.earnedFen - totals.paidFen,
});

export const PeriodView = z.object({
  periodId: z.string(),
  labourRollId: z.string(),
  region: z.string(),
  from: z.string(),
  until: z.string(),
  status: Status,
  worked: z.boolean().describe("Everybody on it has signed"),
  postedOn: z.string().nullable(),
  postedUntil: z.string().nullable().describe("The last day it hangs"),
  verifiedOn: z.string().nullable(),
  totals: TotalsView,
});
export const periodView = ({ id, paidBy: _, ...period }: Period, totals: Totals): z.input<typeof PeriodView> => ({
  ...period,
  periodId: id,
  worked: totals.persons > 0 && totals.unsigned === 0,
  totals: totalsView(totals),
});

export const RollView = z.object({ labourRollId: z.string(), projectId: z.string(), region: z.string(), totals: TotalsView });
export const rollView = ({ id, projectId, region }: Roll, totals: Totals): z.input<typeof RollView> => ({
  ...{ labourRollId: id, projectId, region },
  totals: totalsView(totals),
});

export const RollDetail = RollView.extend({
  project: z
    .object({
      mode: z.string(),
      implementer: z.string(),
      status: z.string(),
      payBaseFen: z.int().describe("Central and regional money: what the share of labour pay is of"),
      payShare: z
        .object({ numerator: z.int(), denominator: z.int() })
        .nullable()
        .describe("Paid labour pay of it, E-15; null where there is no such money. Funds decides"),
      leastShare: z.object({ numerator: z.int(), denominator: z.int() }).describe("What the settings ask for"),
    })
    .nullable()
    .describe("As funds tells it; null until it does"),
  periods: z.array(PeriodView),
});
export const projectView = (
  { mode, implementer, status, payBaseFen }: Project,
  paidFen: number,
  leastShare: { numerator: number; denominator: number },
): z.input<typeof RollDetail>["project"] => ({
  ...{ mode, implementer, status, payBaseFen, leastShare },
  payShare: payBaseFen === 0 ? null : { numerator: paidFen, denominator: payBaseFen },
});

export const LineView = z.object({
  lineId: z.string(),
  personId: z.string(),
  name: z.string().nullable().describe("Masked"),
  householdId: z.string(),
  region: z.string(),
  target: z.boolean().describe("Lifted or monitored on the period's first day"),
  days: z.int(),
  rateFen: z.int(),
  amountFen: z.int(),
  signedOn: z.string().nullable(),
  account: z.string().nullable().describe("Masked"),
  paidFen: z.int(),
  paidOn: z.string().nullable(),
  unpaidBecause: z.enum(unpaidReasons).nullable(),
});
export const lineView = ({ id, nameMask, accountMask, ...line }: LineRow): z.input<typeof LineView> => ({
  ...line,
  ...{ lineId: id, name: nameMask, account: accountMask },
  // Safe: a check constraint holds the column to the reasons.
  unpaidBecause: line.unpaidBecause as (typeof unpaidReasons)[number] | null,
});

export const PeriodEntry = z.object({
  projectId: ProjectId,
  region: z
    .string()
    .regex(/^\d{12}$/)
    .describe("Place of the project"),
  from: DateText,
  until: DateText,
});
export const LineEntry = z.object({
  personId: PersonId,
  days: z.int().min(1).max(366),
  rateFen: Fen.describe("Pay of a day"),
  account: z.string().max(40).optional().describe("Account the pay goes to; sealed. Kept as it is where absent"),
  signedOn: DateText.optional().describe("Day the person signed for the days"),
});
