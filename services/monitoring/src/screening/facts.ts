import type { Bilingual } from "@shouwang/contract";
import { addDays, type BusinessDate, parseBusinessDate } from "@shouwang/service-kit/calendar";

/** A fact the rules may name: its column in the query that loads it, its stable code, and what it is called. Amounts are in fen. */
type FactDefinition = { column: string; code: string; title: Bilingual };

/** What is known of a household when it is screened. A rule names these and nothing else, so that it can also be carried out as SQL over the columns. */
export const factDefinitions = {
  medicalSelfPaidFen: {
    column: "medical_self_paid_fen",
    code: "medical-self-paid",
    title: { zh: "近12个月户自付医疗费", en: "Self-paid medical cost of the household in 12 months" },
  },
  annualNetIncomeFen: {
    column: "annual_net_income_fen",
    code: "annual-net-income",
    title: { zh: "最近一个年度户纯收入", en: "Last annual net income of the household" },
  },
} as const satisfies Record<string, FactDefinition>;
export type FactName = keyof typeof factDefinitions;

/** One fact of one household. */
type KnownFact = {
  /** null where nothing is known, which no rule takes for zero. */
  value: number | null;
  source: string;
  /** The last day it tells of. */
  date: string | null;
  /** The newest record behind it, by id and version: another mark means that something came to be known since. */
  mark: string;
};

export type HouseholdFacts = {
  householdId: string;
  region: string;
  /** Causes the household is being identified or helped for already. */
  knownCauses: readonly string[];
  facts: Readonly<Record<FactName, KnownFact>>;
};

/** The twelve months that end on a day, both days included: 2022-08-15 looks back to 2021-08-16. */
export function twelveMonthsTo(day: BusinessDate): { from: BusinessDate; until: BusinessDate } {
  const sameDayLastYear = `${Number(day.slice(0, 4)) - 1}${day.slice(4)}`.replace("-02-29", "-02-28");
  return { from: addDays(parseBusinessDate(sameDayLastYear), 1), until: day };
}
