import { monthOf } from "@shouwang/service-kit";
import { clause } from "../kit.ts";
import { shareIndicator } from "../share-indicator.ts";
import { type RoundScope, roundPlaces } from "../visit/decide.ts";
import { roundOf } from "./settings.ts";

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
        period: month,
        list: `/api/v1/monitoring/visit-rounds/${month}`,
      });
    };
    return [
      figure("all", "遍访覆盖率(全部农户)", "Monthly round, all households"),
      figure("focus", "遍访覆盖率(监测户)", "Monthly round, monitored households"),
    ];
  },
});
