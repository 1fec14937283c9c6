import type { Decision, Reason, Risk } from "@shouwang/contract";
import type { MonitoredKind } from "./decide.ts";

/** An income figure with its period, and the monitoring line in force; null where it is not recorded or not loaded. */
export type IncomeFacts = { perCapitaFen: number | null; until: string | null; lineFen: number | null; lineDocument: string };

export const incomeFacts = (income: IncomeFacts) => [
  {
    name: { zh: "人均纯收入(分)", en: "Net income per person, fen" },
    value: income.perCapitaFen,
    ...(income.until ? { date: income.until } : {}),
  },
  { name: { zh: "监测范围(分)", en: "Monitoring line, fen" }, value: income.lineFen, source: income.lineDocument },
];

/**
 * Whether a household may be included as a kind (M-03): the kind goes with the kind of household, an income at identification is recorded,
 * and the two kinds defined by income lie within the monitoring line. While the line is not loaded the rule says so and leaves the judgement to people.
 */
export function decideInclusion(given: {
  householdKind: "lifted-household" | "ordinary-household";
  monitoredKind: MonitoredKind;
  risks: readonly Risk[];
  risksMax: number;
  disasterKind: string | null;
  income: IncomeFacts;
}): Decision {
  const against: Reason[] = [];
  const inFavour: Reason[] = [];
  const { monitoredKind, householdKind, income } = given;
  const fits =
    monitoredKind === "sudden-hardship" || (monitoredKind === "unstable-lifted") === (householdKind === "lifted-household");
  if (!fits) {
    against.push({
      code: "kind-of-household",
      clause: "M-03",
      zh: monitoredKind === "unstable-lifted" ? "脱贫不稳定户须为脱贫户" : "边缘易致贫户须为普通农户",
      en:
        monitoredKind === "unstable-lifted"
          ? "An unstable lifted household is a lifted household"
          : "A borderline household is an ordinary household",
    });
  }
  if (given.risks.length === 0 || given.risks.length > given.risksMax) {
    against.push({
      code: "number-of-risks",
      clause: "M-03",
      parameter: "case.risksMax",
      zh: `风险类型须为1至${given.risksMax}项`,
      en: `Between 1 and ${given.risksMax} risks`,
    });
  }
  if (given.risks.includes("natural-disaster") && given.disasterKind === null) {
    against.push({
      code: "disaster-kind",
      clause: "M-03",
      zh: "因自然灾害须填灾害子项",
      en: "A natural disaster needs its kind",
    });
  }
  if (income.perCapitaFen === null) {
    against.push({
      code: "income-not-recorded",
      clause: "M-03",
      zh: "未登记识别时家庭收入",
      en: "No income at identification is recorded",
    });
  } else if (income.lineFen === null) {
    inFavour.push({
      code: "line-not-loaded",
      clause: "M-03",
      parameter: "monitoring-line",
      zh: "本年度监测范围未录入,由审定人综合判断",
      en: "This year's monitoring line is not loaded; the approver judges",
      facts: incomeFacts(income),
    });
  } else if (monitoredKind !== "sudden-hardship" && income.perCapitaFen >= income.lineFen) {
    against.push({
      code: "income-above-line",
      clause: "M-03",
      parameter: "monitoring-line",
      document: income.lineDocument,
      zh: "人均纯收入不低于监测范围,不属于该类监测对象",
      en: "Income per person is not below the monitoring line; not this kind",
      facts: incomeFacts(income),
    });
  } else {
    inFavour.push({
      code: "income-weighed",
      clause: "M-03",
      parameter: "monitoring-line",
      document: income.lineDocument,
      zh: "已对照监测范围核定收入",
      en: "Income weighed against the monitoring line",
      facts: incomeFacts(income),
    });
  }
  return against.length > 0 ? { ok: false, reasons: against } : { ok: true, reasons: inFavour };
}
