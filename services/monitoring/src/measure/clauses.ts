import { clause } from "../kit.ts";
import { shareIndicator } from "../share-indicator.ts";
import { firstMeasureFigures } from "./store.ts";

/** M-03: first measures in time, and how long they took. The plan's target is for epidemic causes; the causes a setting adds are reported apart. */
export const firstMeasures = clause({
  clause: "M-03",
  read: async ({ tx, now }) => {
    const epidemic = await firstMeasureFigures(tx, true);
    const list = "/api/v1/monitoring/risk-leads?overdue=true";
    return [
      shareIndicator({
        code: "M-03",
        clause: "M-03",
        title: { zh: "因疫严重困难农户按期帮扶率", en: "Severe epidemic-caused hardship helped in time" },
        share: epidemic,
        target: 100,
        now,
        list,
      }),
      {
        code: "M-03-hours",
        clause: "M-03",
        title: { zh: "因疫严重困难农户首项措施用时中位数", en: "Median hours from discovery to the first measure" },
        unit: "hours",
        value: epidemic.medianHours === null ? null : Math.round(epidemic.medianHours * 10) / 10,
        target: null,
        direction: null,
        asOf: now.toISOString(),
        list,
      },
      shareIndicator({
        code: "M-03-other-causes",
        clause: "M-03",
        title: { zh: "其他原因严重困难农户按期帮扶率", en: "Severe hardship of other causes helped in time" },
        share: await firstMeasureFigures(tx, false),
        target: null,
        now,
        list,
      }),
    ];
  },
});
