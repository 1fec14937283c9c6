import type { Bilingual, Risk, Severity } from "@shouwang/contract";
import type { ClauseId } from "@shouwang/plan";
import type { Expression } from "./expression.ts";

/** A rule that proposes a lead when its condition holds. People decide; no rule includes or leaves out a household by itself. */
export type Rule = {
  code: string;
  /** Division it holds for, with all below it. */
  region: string;
  clause: ClauseId;
  cause: Risk;
  severity: Severity;
  title: Bilingual;
  when: Expression;
  validFrom: string;
  validTo: string | null;
  document: string;
};

type BuiltIn = Pick<Rule, "code" | "clause" | "cause" | "severity" | "title" | "when">;
const rule = (
  [code, clause, cause, severity]: [string, ClauseId, Risk, Severity],
  zh: string,
  en: string,
  when: Expression,
): BuiltIn => ({ code, clause, cause, severity, title: { zh, en }, when });
const within = (fact: Extract<Expression, { fact: unknown }>["fact"]): Expression => ({
  fact,
  is: "at-most",
  limit: { parameter: "screening.newDays" },
});

/**
 * The rules a region starts with (M-01, M-03): a migration puts them into `monitoring.screening_rule`, where they are ended, replaced and joined by others.
 * Their order decides between equally grave ones. A test holds the migration to this list.
 */
export const builtInRules: readonly BuiltIn[] = [
  rule(
    ["medical-self-paid", "M-01", "illness", "general"],
    "自付医疗费达到预警线",
    "Self-paid medical cost reaches the warning line",
    { fact: "medicalSelfPaidFen", is: "at-least", limit: { parameter: "screening.medicalSelfPaid" } },
  ),
  rule(
    ["medical-income-share", "M-01", "illness", "general"],
    "自付医疗费占纯收入的比例达到预警线",
    "Self-paid medical cost reaches its share of the annual net income",
    // Without a cost there is nothing to warn of, also where the year's income was nothing or less.
    {
      all: [
        { fact: "medicalSelfPaidFen", is: "above", limit: { constant: 0 } },
        {
          fact: "medicalSelfPaidFen",
          is: "at-least",
          limit: { share: "screening.medicalIncomeShare", of: "annualNetIncomeFen" },
        },
      ],
    },
  ),
  rule(
    ["medical-severe", "M-03", "illness", "severe"],
    "自付医疗费达到严重困难线",
    "Self-paid medical cost makes the difficulty severe",
    { fact: "medicalSelfPaidFen", is: "at-least", limit: { parameter: "screening.medicalSevere" } },
  ),
  rule(
    ["new-disability", "M-01", "disability", "general"],
    "近期新办残疾人证",
    "A member was certified as disabled lately",
    within("daysSinceDisability"),
  ),
  rule(["school-dropout", "M-01", "schooling", "general"], "适龄子女辍学", "A child of school age dropped out", {
    fact: "dropouts",
    is: "at-least",
    limit: { constant: 1 },
  }),
  rule(["unsafe-housing", "M-01", "unsafe-housing", "general"], "住房鉴定为C、D级", "The house is graded C or D", {
    fact: "housingGrade",
    is: "at-least",
    limit: { constant: 3 },
  }),
  rule(["unsafe-water", "M-01", "unsafe-water", "general"], "饮水不安全", "The household has no safe water", {
    fact: "unsafeWater",
    is: "at-least",
    limit: { constant: 1 },
  }),
  rule(
    ["disaster-loss", "M-01", "natural-disaster", "general"],
    "受灾损失达到预警线",
    "Loss by disaster reaches the warning line",
    { fact: "disasterLossFen", is: "at-least", limit: { parameter: "screening.disasterLoss" } },
  ),
  rule(
    ["disaster-severe", "M-03", "natural-disaster", "severe"],
    "受灾损失达到严重困难线",
    "Loss by disaster makes the difficulty severe",
    { fact: "disasterLossFen", is: "at-least", limit: { parameter: "screening.disasterSevere" } },
  ),
  rule(
    ["accident", "M-01", "accident", "general"],
    "近期发生意外事故",
    "An accident happened lately",
    within("daysSinceAccident"),
  ),
  rule(
    ["wage-stopped", "M-01", "unstable-work", "general"],
    "工资停发达到预警天数",
    "A wage has been stopped for the days that warn",
    { fact: "daysSinceWageStopped", is: "at-least", limit: { parameter: "screening.wageStoppedDays" } },
  ),
  rule(
    ["all-unemployed", "M-01", "unstable-work", "general"],
    "家庭劳动力全部失业",
    "Every able worker of the household is unemployed",
    {
      all: [
        { fact: "unemployedMembers", is: "above", limit: { constant: 0 } },
        { fact: "unemployedMembers", is: "at-least", limit: { ratio: { numerator: 1, denominator: 1 }, of: "ableWorkers" } },
      ],
    },
  ),
  rule(
    ["worker-died", "M-01", "lack-of-labour", "general"],
    "近期劳动力死亡",
    "An able worker died lately",
    within("daysSinceWorkerDied"),
  ),
  rule(
    ["no-labour", "M-01", "lack-of-labour", "general"],
    "整户无劳动力且收入在监测范围内",
    "A household without labour whose income lies within the monitoring line",
    {
      all: [
        { fact: "ableWorkers", is: "at-most", limit: { constant: 0 } },
        { fact: "annualPerCapitaFen", is: "at-most", limit: { parameter: "monitoring-line" } },
      ],
    },
  ),
  rule(
    ["low-income-ended", "M-01", "other", "general"],
    "近期退出低收入救助",
    "Low-income relief ended lately",
    within("daysSinceLowIncomeEnded"),
  ),
  rule(
    ["low-income-added", "M-01", "other", "general"],
    "近期新纳入低收入救助",
    "Low-income relief began lately",
    within("daysSinceLowIncomeAdded"),
  ),
];

/** A condition on income that other clauses judge by and no rule proposes from: what a changed line would mean is simulated with them. */
export type IncomeCondition = Pick<BuiltIn, "code" | "clause" | "title" | "when">;
export const incomeConditions: readonly IncomeCondition[] = [
  {
    code: "within-monitoring-line",
    clause: "M-03",
    title: { zh: "人均纯收入在监测范围内", en: "Net income per person lies within the monitoring line" },
    when: { fact: "annualPerCapitaFen", is: "at-most", limit: { parameter: "monitoring-line" } },
  },
  {
    code: "focus-income-line",
    clause: "M-05",
    title: { zh: "人均纯收入在重点户收入线以下", en: "Net income per person lies within the line of focus households" },
    when: { fact: "annualPerCapitaFen", is: "at-most", limit: { parameter: "focus.incomeMax" } },
  },
  {
    code: "focus-income-fell",
    clause: "M-05",
    title: { zh: "人均纯收入较上一年度下降", en: "Net income per person fell against the year before" },
    when: {
      fact: "annualPerCapitaFen",
      is: "below",
      limit: { ratio: { numerator: 1, denominator: 1 }, of: "previousPerCapitaFen" },
    },
  },
];
