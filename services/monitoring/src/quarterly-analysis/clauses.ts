import { rangeOf } from "@shouwang/regions";
import { clause } from "../kit.ts";
import { shareIndicator } from "../share-indicator.ts";
import { endedQuarters } from "./decide.ts";
import { countAnalyses, quarterSettings } from "./store.ts";

/** M-05: focus households with their line in the analysis of the last quarter that ended. */
export const quarterlyAnalyses = clause({
  clause: "M-05",
  read: async ({ tx, actor, now, today }) => {
    const region = actor.region.padEnd(12, "0");
    const { dueDay } = await quarterSettings(tx, region, today);
    const quarter = endedQuarters(today, dueDay).at(-1);
    if (!quarter) return [];
    const { year } = await quarterSettings(tx, region, quarter.until);
    const places = await countAnalyses(tx, { quarter, year, area: rangeOf(actor.region), digits: 2 });
    return [
      shareIndicator({
        code: "M-05-analysis",
        clause: "M-05",
        title: { zh: `${quarter.quarter}重点户季度分析率`, en: `Focus households analysed, ${quarter.quarter}` },
        share: {
          numerator: places.reduce((sum, place) => sum + place.analysed, 0),
          denominator: places.reduce((sum, place) => sum + place.households, 0),
        },
        target: 100,
        now,
        list: `/api/v1/monitoring/quarterly-analyses/${quarter.quarter}/missing`,
      }),
    ];
  },
});
