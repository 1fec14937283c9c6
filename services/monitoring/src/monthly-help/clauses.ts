import { rangeOf } from "@shouwang/regions";
import { monthOf } from "@shouwang/service-kit";
import { clause } from "../kit.ts";
import { shareIndicator } from "../share-indicator.ts";
import { countHelps, helpSettings } from "./store.ts";

/** M-05: focus households that had their help in the present month. */
export const monthlyHelps = clause({
  clause: "M-05",
  read: async ({ tx, actor, now, today }) => {
    const month = monthOf(today);
    const settings = await helpSettings(tx, actor.region.padEnd(12, "0"), month);
    const places = await countHelps(tx, { month, settings, today, area: rangeOf(actor.region), digits: 2 });
    return [
      shareIndicator({
        code: "M-05-help",
        clause: "M-05",
        title: { zh: `${month}重点户月帮扶率`, en: `Focus households helped, ${month}` },
        share: {
          numerator: places.reduce((sum, place) => sum + place.helped, 0),
          denominator: places.reduce((sum, place) => sum + place.households, 0),
        },
        target: 100,
        now,
        period: month,
        list: `/api/v1/monitoring/monthly-helps/${month}/missing`,
      }),
    ];
  },
});
