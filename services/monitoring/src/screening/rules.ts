import type { Bilingual, Risk, Severity } from "@shouwang/contract";
import type { ClauseId } from "@shouwang/plan";
import type { Expression } from "./expression.ts";

/** A rule that proposes a lead when its condition holds. People decide; no rule includes or leaves out a household by itself. */
export type Rule = {
  code: string;
  clause: ClauseId;
  cause: Risk;
  severity: Severity;
  title: Bilingual;
  when: Expression;
};

/** The rules in use (M-01): a household's facts that call for a visit. A new one is an entry here, over the facts of `facts.ts`. */
export const screeningRules: readonly Rule[] = [
  {
    code: "medical-self-paid",
    clause: "M-01",
    cause: "illness",
    severity: "general",
    title: { zh: "自付医疗费达到预警线", en: "Self-paid medical cost reaches the warning line" },
    when: { fact: "medicalSelfPaidFen", is: "at-least", limit: { parameter: "screening.medicalSelfPaid" } },
  },
  {
    code: "medical-income-share",
    clause: "M-01",
    cause: "illness",
    severity: "general",
    title: {
      zh: "自付医疗费占纯收入的比例达到预警线",
      en: "Self-paid medical cost reaches its share of the annual net income",
    },
    // Without a cost there is nothing to warn of, also where the year's income was nothing or less.
    when: {
      all: [
        { fact: "medicalSelfPaidFen", is: "above", limit: { constant: 0 } },
        {
          fact: "medicalSelfPaidFen",
          is: "at-least",
          limit: { share: "screening.medicalIncomeShare", of: "annualNetIncomeFen" },
        },
      ],
    },
  },
  {
    code: "medical-severe",
    clause: "M-03",
    cause: "illness",
    severity: "severe",
    title: { zh: "自付医疗费达到严重困难线", en: "Self-paid medical cost makes the difficulty severe" },
    when: { fact: "medicalSelfPaidFen", is: "at-least", limit: { parameter: "screening.medicalSevere" } },
  },
];
