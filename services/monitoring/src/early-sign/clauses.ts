import { rangeOf, toRegionCode } from "@shouwang/regions";
import { type BusinessDate, type IndicatorValue, type Principal, parameterFor, type Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import { clause } from "../kit.ts";
import { shareIndicator } from "../share-indicator.ts";
import { type Signs, signsOfArea } from "./board-store.ts";

async function signsFor(tx: Tx<DB>, actor: Principal, today: BusinessDate): Promise<{ signs: Signs; line: number | null }> {
  const region = toRegionCode(actor.region);
  const windowDays = (await parameterFor(tx, "alarm.windowDays", region, today)).value;
  const line = (await parameterFor(tx, "monitoring-line", region, today)).value;
  return { signs: await signsOfArea(tx, { area: rangeOf(actor.region), today, windowDays, line }), line };
}

/** G-01: first what stands late, since that is in an office's own hands; then the lifted households below the line whom nobody helps. */
export const earlySigns = clause({
  clause: "G-01",
  read: async ({ tx, actor, now, today }) => {
    const { signs, line } = await signsFor(tx, actor, today);
    const about = { clause: "G-01", target: 0, direction: "=" as const, asOf: now.toISOString() };
    const figures: IndicatorValue[] = [
      {
        ...about,
        code: "G-01-unverified",
        title: { zh: "超期未核实线索", en: "Leads unverified past their term" },
        unit: "leads",
        value: signs.unverifiedLate,
        list: "/api/v1/monitoring/risk-leads?unverifiedLate=true",
      },
      {
        ...about,
        code: "G-01-unhelped",
        title: { zh: "严重困难超期未落实措施", en: "Severe hardship without a measure past its term" },
        unit: "leads",
        value: signs.unhelpedLate,
        list: "/api/v1/monitoring/risk-leads?overdue=true",
      },
      {
        ...about,
        code: "G-01-below-line",
        title: { zh: "低于监测范围且无人帮扶的脱贫户", en: "Lifted households below the monitoring line whom nobody helps" },
        unit: "households",
        value: line === null ? null : signs.belowLine,
        list: "/api/v1/monitoring/early-signs/below-line",
      },
      {
        ...about,
        code: "G-01-alarms",
        title: { zh: "未解除的早期告警", en: "Early alarms that stand" },
        unit: "alarms",
        value: signs.alarms,
        target: null,
        direction: null,
        list: "/api/v1/monitoring/early-alarms",
      },
    ];
    return figures;
  },
});

/** G-02: how much of what was found and included lately the epidemic caused. Every list and board takes `epidemic=` as its cut. */
export const epidemicCut = clause({
  clause: "G-02",
  read: async ({ tx, actor, now, today }) => {
    const { signs } = await signsFor(tx, actor, today);
    return [
      shareIndicator({
        code: "G-02-leads",
        clause: "G-02",
        title: { zh: "近期线索因疫占比", en: "Leads found lately that the epidemic caused" },
        share: { numerator: signs.epidemicLeads, denominator: signs.leads },
        target: null,
        now,
        list: "/api/v1/monitoring/risk-leads?epidemic=true",
      }),
      shareIndicator({
        code: "G-02-cases",
        clause: "G-02",
        title: { zh: "近期纳入监测因疫占比", en: "Households included lately because of the epidemic" },
        share: { numerator: signs.epidemicIncluded, denominator: signs.included },
        target: null,
        now,
        list: "/api/v1/monitoring/monitored-cases?epidemic=true",
      }),
    ];
  },
});
