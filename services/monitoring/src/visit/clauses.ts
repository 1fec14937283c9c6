import { monthOf } from "@shouwang/service-kit";
import { clause } from "../kit.ts";
import { shareIndicator } from "../share-indicator.ts";
import { helperVisitShare } from "./helper-visit-store.ts";

/** M-04c: monitored households that had their helper's home visit in the present month; those found away apart. */
export const helperVisits = clause({
  clause: "M-04c",
  read: async ({ tx, now, today }) => {
    const month = monthOf(today);
    const { away, ...share } = await helperVisitShare(tx, month);
    const list = `/api/v1/monitoring/helper-visits/${month}`;
    return [
      shareIndicator({
        code: "M-04c",
        clause: "M-04c",
        title: { zh: `${month}帮扶责任人入户走访率`, en: `Helpers' home visits, ${month}` },
        share,
        target: 100,
        now,
        period: month,
        list,
      }),
      {
        code: "M-04c-away",
        clause: "M-04c",
        title: { zh: `${month}整户外出未入户`, en: `Wholly absent households without a home visit, ${month}` },
        unit: "households",
        value: away,
        target: null,
        direction: null,
        asOf: now.toISOString(),
        list,
        period: month,
      },
    ];
  },
});
