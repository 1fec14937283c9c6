import type { Decision, Reason, Risk } from "@shouwang/contract";
import { type BusinessDate, monthOf, nextMonth } from "@shouwang/service-kit/calendar";
import { type IncomeFacts, incomeFacts } from "./inclusion-decide.ts";

export type ClearanceFacts = {
  today: BusinessDate;
  includedOn: BusinessDate;
  clearedBy: "help" | "nature";
  guarantees: { schooling: boolean | null; medicalCare: boolean | null; housing: boolean | null; drinkingWater: boolean | null };
  income: IncomeFacts;
  /** Months since inclusion over which income has been steady above the line, as attested with the latest record. */
  stableMonths: number;
  stableMonthsNeeded: number;
  risksGone: readonly Risk[];
  risks: readonly Risk[];
  rigidExpenseSolved: boolean;
  openLeads: number;
  measures: number;
  ableWorkers: number;
};

/**
 * Whether a household's risk may be cleared: income steadily above the line, rigid expense solved, guarantees and water met, every recognised risk gone,
 * no new sign, not in the month of inclusion or the next when by help, with measures when by help. A household without labour is kept under watch, not cleared.
 */
export function decideClearance(facts: ClearanceFacts): Decision {
  const against: Reason[] = [];
  const no = (code: string, zh: string, en: string, more: Partial<Reason> = {}) =>
    against.push({ code, clause: "M-04c", zh, en, ...more });
  const { income, guarantees } = facts;
  if (facts.ableWorkers === 0)
    no(
      "no-labour",
      "整户无劳动能力,落实保障后不标注风险消除,持续跟踪",
      "A household without labour is kept under watch, not cleared",
    );
  if (income.lineFen === null)
    no("line-not-loaded", "本年度监测范围未录入", "This year's monitoring line is not loaded", { parameter: "monitoring-line" });
  else if (income.perCapitaFen === null) no("income-not-recorded", "未登记消除时家庭收入", "No income at clearance is recorded");
  else if (income.perCapitaFen < income.lineFen)
    no("income-below-line", "人均纯收入低于监测范围", "Income per person is below the monitoring line", {
      parameter: "monitoring-line",
      document: income.lineDocument,
      facts: incomeFacts(income),
    });
  if (facts.stableMonths < facts.stableMonthsNeeded) {
    no(
      "not-stable-yet",
      `收入稳定未满${facts.stableMonthsNeeded}个月`,
      `Income has not been steady for ${facts.stableMonthsNeeded} months`,
      {
        parameter: "clearance.stableMonths",
        facts: [{ name: { zh: "已稳定月数", en: "Months steady" }, value: facts.stableMonths }],
      },
    );
  }
  for (const [key, zh, en] of [
    ["schooling", "义务教育", "schooling"],
    ["medicalCare", "基本医疗", "basic medical care"],
    ["housing", "住房安全", "housing"],
    ["drinkingWater", "饮水安全", "safe water"],
  ] as const) {
    if (guarantees[key] !== true)
      no("guarantee-open", `${zh}未确认有保障`, `${en} is not confirmed`, {
        facts: [{ name: { zh, en }, value: guarantees[key] }],
      });
  }
  if (!facts.rigidExpenseSolved) no("rigid-expense", "刚性支出问题未解决", "The rigid expense is not solved");
  const left = facts.risks.filter((risk) => !facts.risksGone.includes(risk));
  if (left.length > 0) no("risks-left", `仍有风险:${left.join("、")}`, `Risks left: ${left.join(", ")}`);
  if (facts.openLeads > 0) no("new-risk", "该户有未结风险线索", "The household has an open risk lead");
  if (facts.clearedBy === "help") {
    const month = monthOf(facts.includedOn);
    if ([month, nextMonth(month)].includes(monthOf(facts.today)))
      no("too-soon", "纳入当月及次月不得以帮扶消除", "Not cleared by help in the month of inclusion or the next");
    if (facts.measures === 0)
      no("no-measure", "未落实帮扶措施,不能认定为帮扶消除", "Without a measure it was not help that cleared the risk");
  }
  if (against.length > 0) return { ok: false, reasons: against };
  return {
    ok: true,
    reasons: [
      {
        code: "clearance-allowed",
        clause: "M-04c",
        zh: "收入、保障、风险各项均已达到消除条件",
        en: "Income, guarantees and risks all meet the conditions",
        facts: incomeFacts(income),
      },
    ],
  };
}
