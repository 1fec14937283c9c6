import { addMonths, type BusinessDate, parseBusinessDate } from "@shouwang/service-kit";
import { clause } from "../kit.ts";
import { identificationDaysOf } from "./store.ts";

/** M-03: how long identification takes, of epidemic cases against the others and against the same months of the year before. The plan names no figure. */
export const identificationTimes = clause({
  clause: "M-03",
  read: async ({ tx, now, today }) => {
    const yearOf = (until: BusinessDate) => ({ from: `${until.slice(0, 4)}-01-01`, until });
    const present = yearOf(today);
    const before = yearOf(parseBusinessDate(addMonths(today, -12)));
    const figure = async (code: string, zh: string, en: string, span: { from: string; until: string }, epidemic: boolean) => ({
      code,
      clause: "M-03",
      title: { zh, en },
      unit: "days",
      value: (await identificationDaysOf(tx, { ...span, epidemic })).medianDays,
      target: null,
      direction: null,
      asOf: now.toISOString(),
      list: `/api/v1/monitoring/monitored-cases?epidemic=${epidemic}`,
    });
    return [
      await figure("M-03-days", "因疫认定用时中位数", "Median days to identify epidemic cases", present, true),
      await figure("M-03-days-others", "其他原因认定用时中位数", "Median days to identify the others", present, false),
      await figure("M-03-days-before", "上年同期因疫认定用时中位数", "Epidemic cases, same months last year", before, true),
      await figure("M-03-days-others-before", "上年同期其他认定用时中位数", "The others, same months last year", before, false),
    ];
  },
});
