import { z } from "zod";
import { type Credit, incomeYearOf, payers, paymentKinds } from "./credit-decide.ts";
import type { Income } from "./store.ts";

export const IncomeView = z.object({
  incomeId: z.string(),
  householdId: z.string(),
  region: z.string(),
  kind: z.enum(["annual", "at-inclusion", "at-clearance", "monthly", "quarterly"]),
  from: z.string(),
  until: z.string(),
  headcount: z.int(),
  wageFen: z.int(),
  businessFen: z.int(),
  propertyFen: z.int(),
  transferFen: z.int(),
  businessCostFen: z.int(),
  netFen: z.int(),
  perCapitaFen: z.int().describe("Net income ÷ headcount, rounded down to whole fen"),
  confirmed: z.boolean(),
  version: z.int(),
});
export const incomeView = ({ id, ...income }: Income): z.input<typeof IncomeView> => ({ ...income, incomeId: id });

export const LineView = z.object({
  line: z.string(),
  name: z.string(),
  amountFen: z.int(),
  counts: z.boolean(),
  sourceDepartment: z.string().nullable().describe("The line is this department's payment"),
  sourceId: z.string().nullable(),
});

const Named = z.object({ zh: z.string(), en: z.string() });

/** A payment of another department, as the household's income and its file show it. */
export const CreditView = z.object({
  sourceDepartment: z.string(),
  sourceId: z.string().describe("The claim's id at that department"),
  kind: z.string(),
  title: Named.describe("Who paid what, and when it arrived"),
  period: z.string().nullable().describe("Year, month or term it was paid for"),
  personId: z.string().nullable(),
  line: z.string(),
  amountFen: z.int(),
  paidOn: z.string(),
  incomeYear: z.int().describe("Income year it falls in, by the setting"),
  clawedBackOn: z.string().nullable().describe("Taken back on this day: it counts for nothing"),
});

export const creditView = (credit: Credit, basis: string): z.input<typeof CreditView> => {
  const { sourceDepartment, sourceId, kind, period, personId, line, amountFen, paidOn, clawedBackOn } = credit;
  const payer = payers[sourceDepartment] ?? { zh: sourceDepartment, en: sourceDepartment };
  const what = paymentKinds[kind];
  const back =
    clawedBackOn === null ? { zh: "", en: "" } : { zh: `,${clawedBackOn}已追回`, en: `, clawed back on ${clawedBackOn}` };
  return {
    ...{ sourceDepartment, sourceId, kind, period, personId, line, amountFen, paidOn, clawedBackOn },
    title: {
      zh: `${payer.zh}·${what.zh},${paidOn}到账${back.zh}`,
      en: `${payer.en}, ${what.en}, paid on ${paidOn}${back.en}`,
    },
    incomeYear: incomeYearOf(paidOn, basis),
  };
};
