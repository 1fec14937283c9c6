import { monthOf } from "@shouwang/service-kit";
import { clause } from "../kit.ts";
import { shareIndicator } from "../share-indicator.ts";
import { type RoundScope, roundPlaces } from "./decide.ts";
import { roundOf } from "./round.ts";
import { helperVisitShare } from "./store.ts";

/** M-02, second half: the households the round of the present month has reached. Both readings are shown; the one the settings choose has the target. */
export const roundCovered = clause({
  clause: "M-02",
  read: async ({ tx, actor, now, today }) => {
    const month = monthOf(today);
    const round = await roundOf(tx, { month, region: actor.region, digits: 6, today });
    const figure = (scope: RoundScope, zh: string, en: string) => {
      const places = roundPlaces(round.counts, { ...round, scope });
      return shareIndicator({
        code: scope === round.scope ? "M-02" : `M-02-${scope}`,
        clause: "M-02",
        title: { zh: `${month}${zh}`, en: `${en}, ${month}` },
        share: {
          numerator: places.reduce((sum, place) => sum + place.visited, 0),
          denominator: places.reduce((sum, place) => sum + place.households, 0),
        },
        target: scope === round.scope ? 100 : null,
        now,
        list: `/api/v1/monitoring/visit-rounds/${month}`,
      });
    };
    return [
      figure("all", "遍访覆盖率(全部农户)", "Monthly round, all households"),
      figure("focus", "遍访覆盖率(监测户)", "Monthly round, monitored households"),
    ];
  },
});

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
      },
    ];
  },
});
