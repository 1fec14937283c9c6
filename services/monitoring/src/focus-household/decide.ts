import type { Reason } from "@shouwang/contract";
import { addDays, addMonths, type BusinessDate, parseBusinessDate } from "@shouwang/service-kit/calendar";

/** The plan's three readings, (a), (b) and (c). */
export const criteria = ["income-fell", "income-low", "epidemic-income-drop"] as const;
export type Criterion = (typeof criteria)[number];

/** A year's income as its record froze it. */
export type YearIncome = { perCapitaFen: number; netFen: number; headcount: number };

/** What is known of one household: `base` is the base year's income, `before` that of the year before it. */
export type FocusFacts = {
  /** Lifted out of poverty, or monitored with its risk not cleared; and still there. */
  watched: boolean;
  base: YearIncome | null;
  before: YearIncome | null;
  /** A person confirmed a sharp loss by the epidemic since the base year. */
  dropped: boolean;
};

export type FocusSettings = { baseYear: number; incomeMaxFen: number; document: string };

export type Judged = {
  /** The conditions it meets, in the plan's order; their union is the list. Empty for a household outside the population. */
  criteria: Criterion[];
  /** Years whose income is missing: the household is on the list of what is to be completed, never skipped. */
  missing: number[];
  /** Whether (a) turns on the headcount alone: with the year before's headcount it would come out the other way. */
  byHeadcount: boolean;
  reasons: Reason[];
};

const yuan = (fen: number): string => (fen / 100).toFixed(2);
const because = (parameter: string, settings: FocusSettings) => ({ clause: "M-05", parameter, document: settings.document });

/** M-05: which of the three conditions a household meets, and why. */
export function judge(facts: FocusFacts, settings: FocusSettings): Judged {
  if (!facts.watched) {
    const reason = {
      code: "not-watched",
      clause: "M-05",
      zh: "不是脱贫户,也不是风险未消除的监测户,不在范围内",
      en: "Neither a lifted household nor a monitored one whose risk is not cleared: outside the population",
    };
    return { criteria: [], missing: [], byHeadcount: false, reasons: [reason] };
  }
  const missing = [...(facts.base ? [] : [settings.baseYear]), ...(facts.before ? [] : [settings.baseYear - 1])];
  const fell = incomeFell(facts, settings);
  const low = incomeLow(facts, settings);
  const met: Criterion[] = [
    ...(fell?.met ? (["income-fell"] as const) : []),
    ...(low?.met ? (["income-low"] as const) : []),
    ...(facts.dropped ? (["epidemic-income-drop"] as const) : []),
  ];
  const dropped: Reason = {
    ...because("focus.dropRatio", settings),
    code: facts.dropped ? "epidemic-income-drop" : "no-epidemic-income-drop",
    zh: facts.dropped ? "经人工确认因疫收入骤降" : "没有经人工确认的因疫收入骤降",
    en: facts.dropped ? "A sharp loss by the epidemic is confirmed" : "No sharp loss by the epidemic is confirmed",
  };
  const lacking: Reason[] = missing.map((year) => ({
    ...because("focus.baselineYear", settings),
    code: "income-missing",
    zh: `缺${year}年人均纯收入,列入待补`,
    en: `The income of ${year} is missing: to be completed`,
  }));
  return {
    criteria: met,
    missing,
    byHeadcount: fell?.byHeadcount ?? false,
    reasons: [...(fell ? [fell.reason] : []), ...(low ? [low.reason] : []), dropped, ...lacking],
  };
}

/** (a): the base year's income per member is below the year before's, strictly. Both comparisons are shown, per member as recorded and at one headcount. */
function incomeFell({ base, before }: FocusFacts, settings: FocusSettings) {
  if (!base || !before) return undefined;
  const met = base.perCapitaFen < before.perCapitaFen;
  const atOneHeadcount = Math.floor(base.netFen / before.headcount);
  const byHeadcount = met !== atOneHeadcount < before.perCapitaFen;
  const { baseYear } = settings;
  const note = byHeadcount
    ? {
        zh: `;人口由${before.headcount}人变为${base.headcount}人,按原人口计算为${yuan(atOneHeadcount)}元,结论相反`,
        en: `; members went from ${before.headcount} to ${base.headcount}: at the old headcount it is ${yuan(atOneHeadcount)} yuan, which says the contrary`,
      }
    : { zh: "", en: "" };
  const reason: Reason = {
    ...because("focus.baselineYear", settings),
    code: met ? "income-fell" : "income-not-fallen",
    zh: `${baseYear}年人均${yuan(base.perCapitaFen)}元,${baseYear - 1}年人均${yuan(before.perCapitaFen)}元,${met ? "下降" : "未下降"}${note.zh}`,
    en: `${yuan(base.perCapitaFen)} yuan per member in ${baseYear}, ${yuan(before.perCapitaFen)} in ${baseYear - 1}: ${met ? "fallen" : "not fallen"}${note.en}`,
    facts: [
      { name: { zh: `${baseYear}年人均(分)`, en: `Per member in ${baseYear}, fen` }, value: base.perCapitaFen },
      { name: { zh: `${baseYear - 1}年人均(分)`, en: `Per member in ${baseYear - 1}, fen` }, value: before.perCapitaFen },
      { name: { zh: "按原人口计算(分)", en: "At the old headcount, fen" }, value: atOneHeadcount },
      { name: { zh: `${baseYear}年人口`, en: `Members in ${baseYear}` }, value: base.headcount },
      { name: { zh: `${baseYear - 1}年人口`, en: `Members in ${baseYear - 1}` }, value: before.headcount },
    ],
  };
  return { met, byHeadcount, reason };
}

/** (b): the base year's income per member is at most the plan's 10,000 yuan, which is itself within. */
function incomeLow({ base }: FocusFacts, settings: FocusSettings) {
  if (!base) return undefined;
  const met = base.perCapitaFen <= settings.incomeMaxFen;
  const max = yuan(settings.incomeMaxFen);
  const reason: Reason = {
    ...because("focus.incomeMax", settings),
    code: met ? "income-low" : "income-above",
    zh: `${settings.baseYear}年人均${yuan(base.perCapitaFen)}元,${met ? "在" : "高于"}${max}元${met ? "以下(含)" : ""}`,
    en: `${yuan(base.perCapitaFen)} yuan per member in ${settings.baseYear}: ${met ? "at most" : "above"} ${max}`,
    facts: [
      { name: { zh: `${settings.baseYear}年人均(分)`, en: `Per member in ${settings.baseYear}, fen` }, value: base.perCapitaFen },
    ],
  };
  return { met, reason };
}

export type DropSettings = { dropRatio: { numerator: number; denominator: number }; wageStopMonths: number; document: string };

/** What may speak for (c): income of the year that runs, over the months there are records of, and workers whose wage stopped because of the epidemic. */
export type DropFacts = {
  basePerCapitaFen: number | null;
  toDate: { perCapitaFen: number; months: number } | null;
  wageStops: readonly { from: string; until: string | null }[];
};

/** (c): whether a sharp loss is proposed; a person confirms or refuses. Amounts are compared by multiplying across, so that nothing is rounded. */
export function proposeDrop(
  facts: DropFacts,
  settings: DropSettings,
  today: BusinessDate,
): { proposed: boolean; reasons: Reason[] } {
  const reasons: Reason[] = [];
  const { numerator, denominator } = settings.dropRatio;
  const about = { clause: "M-05", document: settings.document };
  const { toDate, basePerCapitaFen: base } = facts;
  if (toDate && base !== null && base > 0) {
    const sharp = toDate.perCapitaFen * 12 * denominator <= base * toDate.months * numerator;
    const share = `${numerator}/${denominator}`;
    if (sharp)
      reasons.push({
        ...about,
        parameter: "focus.dropRatio",
        code: "income-to-date-low",
        zh: `${toDate.months}个月累计人均${yuan(toDate.perCapitaFen)}元,不超过基准年人均${yuan(base)}元×${toDate.months}/12×${share}`,
        en: `${yuan(toDate.perCapitaFen)} yuan per member over ${toDate.months} months, at most ${share} of ${yuan(base)} × ${toDate.months}/12`,
        facts: [
          { name: { zh: "累计人均(分)", en: "Per member to date, fen" }, value: toDate.perCapitaFen },
          { name: { zh: "月数", en: "Months" }, value: toDate.months },
        ],
      });
  }
  const stopped = facts.wageStops.filter((stop) => hasLasted(stop, settings.wageStopMonths, today));
  for (const stop of stopped)
    reasons.push({
      ...about,
      parameter: "focus.wageStopMonths",
      code: "wage-stopped",
      zh: `劳动力自${stop.from}起因疫停发工资满${settings.wageStopMonths}个月`,
      en: `A worker's wage stopped on ${stop.from} because of the epidemic, for ${settings.wageStopMonths} months or more`,
      facts: [{ name: { zh: "停发起始日", en: "Stopped on" }, value: stop.from }],
    });
  return { proposed: reasons.length > 0, reasons };
}

/** Whether so many whole months had passed by the last day without a wage, that day included; a stop on the 31st ends with a shorter month. */
function hasLasted(stop: { from: string; until: string | null }, months: number, today: BusinessDate): boolean {
  const last = parseBusinessDate(stop.until ?? today);
  return addMonths(parseBusinessDate(stop.from), months) <= addDays(last, 1);
}
