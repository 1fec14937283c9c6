import { rangeOf } from "@shouwang/regions";
import { parameterFor } from "@shouwang/service-kit";
import { focusSettings } from "../focus-household/condition-store.ts";
import { clause } from "../kit.ts";
import { shareIndicator } from "../share-indicator.ts";
import { measureShare } from "./store.ts";

/** M-06: focus households with a fitting measure in the year. */
export const campaignClause = clause({
  clause: "M-06",
  read: async ({ tx, actor, now, today }) => {
    const region = actor.region.padEnd(12, "0");
    const { year } = await focusSettings(tx, region, today);
    const least = (await parameterFor(tx, "focus.measuresMin", region, today)).value;
    return [
      shareIndicator({
        code: "M-06-measure",
        clause: "M-06",
        title: { zh: "有针对性措施的重点户比例", en: "Focus households with a fitting measure" },
        share: await measureShare(tx, { year, least, area: rangeOf(actor.region) }),
        target: 100,
        now,
        list: "/api/v1/monitoring/focus-households-without-measure",
      }),
    ];
  },
});
