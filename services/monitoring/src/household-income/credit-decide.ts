import type {
  Bilingual,
  Department,
  LabourSubsidyState,
  PostPayState,
  Reason,
  TransportSubsidyState,
  YuluGrantState,
} from "@shouwang/contract";
import type { IncomeEntry } from "../household/decide.ts";
import { type IncomeLineCode, incomeLines } from "./code-lists.ts";
import { incomeYear, type LineEntry } from "./decide.ts";

/** Money another department paid to a household, as its newest word says. */
export type Credit = {
  sourceDepartment: Department;
  /** The claim's or award's id there. */
  sourceId: string;
  kind: PaymentKind;
  /** Year, month or term it was paid for; null where the department names none. */
  period: string | null;
  householdId: string;
  personId: string | null;
  line: IncomeLineCode;
  amountFen: number;
  paidOn: string;
  clawedBackOn: string | null;
};

/** What each kind of payment is called, and the line of the county's form it is income of (domain: transport and labour subsidies are transfers, a post's pay is a wage). */
export const paymentKinds = {
  "transport-subsidy": { line: "transport-subsidy", zh: "往返交通补助", en: "transport subsidy" },
  "labour-subsidy": { line: "labour-subsidy", zh: "劳务补助", en: "labour subsidy" },
  "post-pay": { line: "village-post", zh: "公益性岗位补贴", en: "pay of a public-welfare post" },
  "yulu-grant": { line: "education", zh: "雨露计划补助", en: "Yulu grant" },
} as const satisfies Record<string, Bilingual & { line: IncomeLineCode }>;
export type PaymentKind = keyof typeof paymentKinds;

export const payers: Partial<Record<Department, Bilingual>> = { employment: { zh: "稳岗就业", en: "employment" } };

/** The claims employment tells of, as far as income rests on them. */
export type EmploymentClaim = TransportSubsidyState | LabourSubsidyState | YuluGrantState | PostPayState;

const periodOf = (claim: EmploymentClaim): string | null => {
  if ("year" in claim) return String(claim.year);
  return "month" in claim ? claim.month : claim.term;
};

/**
 * M-05, M-06: the credit a claim's newest state makes; none while nothing was paid, since what is approved is not income. One that was clawed back stays and
 * counts for nothing. @param toldOn the day the state was told, which is that of a clawback
 */
export function creditOf(kind: PaymentKind, claim: EmploymentClaim, toldOn: string): Credit | undefined {
  const arrived = claim.status === "paid" || claim.status === "clawed-back";
  if (!arrived || claim.paidOn === null || claim.amountFen === 0) return undefined;
  return {
    sourceDepartment: "employment",
    sourceId: claim.claimId,
    kind,
    period: periodOf(claim),
    householdId: claim.householdId,
    personId: claim.personId,
    line: paymentKinds[kind].line,
    amountFen: claim.amountFen,
    paidOn: claim.paidOn,
    clawedBackOn: claim.status === "clawed-back" ? toldOn : null,
  };
}

/** The income year a day falls in, by the setting. */
export function incomeYearOf(day: string, basis: string): number {
  const year = Number(day.slice(0, 4));
  return day <= incomeYear(year, basis).until ? year : year + 1;
}

type Source = Pick<Credit, "sourceDepartment" | "sourceId" | "paidOn">;
type Taken<L> = (L & { source?: undefined }) | (LineEntry & { source: Source });

const yuan = (fen: number): string => (fen / 100).toFixed(2);
const sumOf = (lines: readonly { amountFen: number }[]): number => lines.reduce((sum, line) => sum + line.amountFen, 0);

/**
 * Puts what departments paid in the period among the lines a household stated. What it states for a line is taken to hold what was paid on that line, so that
 * only what goes beyond is added: nothing is counted twice, and money that arrived is never lost. For each line: the greater of the two.
 * @param credits paid in the period, none clawed back
 */
export function takeCredits<L extends LineEntry>(
  stated: readonly L[],
  credits: readonly Credit[],
): { lines: Taken<L>[]; reasons: Reason[] } {
  const lines: Taken<L>[] = credits.map(({ sourceDepartment, sourceId, line, amountFen, paidOn }) => ({
    ...{ line, amountFen, source: { sourceDepartment, sourceId, paidOn } },
  }));
  const paid = Map.groupBy(credits, ({ line }) => line);
  const open = new Map([...paid].map(([line, ofLine]) => [line, sumOf(ofLine)]));
  for (const one of stated) {
    const covered = Math.min(open.get(one.line) ?? 0, one.amountFen);
    open.set(one.line, (open.get(one.line) ?? 0) - covered);
    if (covered === 0 || covered < one.amountFen) lines.push({ ...one, amountFen: one.amountFen - covered });
  }
  return {
    lines,
    reasons: [...paid].map(([line, ofLine]) => creditedReason(line, ofLine, sumOf(stated.filter((one) => one.line === line)))),
  };
}

/** The same for a record of the five sums alone: a sum is the greater of what was stated and what departments paid of that kind of income. */
export function coverSums(stated: IncomeEntry, paid: IncomeEntry): IncomeEntry {
  return {
    wageFen: Math.max(stated.wageFen, paid.wageFen),
    businessFen: Math.max(stated.businessFen, paid.businessFen),
    propertyFen: Math.max(stated.propertyFen, paid.propertyFen),
    transferFen: Math.max(stated.transferFen, paid.transferFen),
    businessCostFen: stated.businessCostFen,
  };
}

/**
 * Payments of a record's period in which it and the departments differ today: told after it was recorded, or clawed back since. What was signed is not changed by
 * itself; a correction takes them in. @param taken what the record holds, by payment
 */
export function unsettledCredits(
  record: { from: string; until: string; recordedCredits: ReadonlyMap<string, number> },
  credits: readonly Credit[],
): Credit[] {
  return credits.filter(({ sourceId, paidOn, amountFen, clawedBackOn }) => {
    const held = record.recordedCredits.get(sourceId) ?? 0;
    const counts = clawedBackOn === null && paidOn >= record.from && paidOn <= record.until;
    return held !== (counts ? amountFen : 0);
  });
}

function creditedReason(line: IncomeLineCode, credits: readonly Credit[], statedFen: number): Reason {
  const paidFen = sumOf(credits);
  const name = incomeLines.find(({ code }) => code === line);
  const beyond = Math.max(0, statedFen - paidFen);
  return {
    code: "credited-by-department",
    clause: "M-05",
    zh: `${name?.zh ?? line}:部门已发放${yuan(paidFen)}元,按到账计入;所报${yuan(statedFen)}元视为已含此数,另计${yuan(beyond)}元`,
    en: `${name?.en ?? line}: departments paid ${yuan(paidFen)} yuan, which counts as it arrived; the ${yuan(statedFen)} stated are taken to hold it, so ${yuan(beyond)} more count`,
    facts: credits.map((credit) => ({
      name: { zh: paymentKinds[credit.kind].zh, en: paymentKinds[credit.kind].en },
      value: credit.amountFen,
      source: credit.sourceDepartment,
      date: credit.paidOn,
    })),
  };
}
