import { rangeOf } from "@shouwang/regions";
import { parameterFor } from "@shouwang/service-kit";
import { clause } from "../kit.ts";
import { shareIndicator } from "../share-indicator.ts";
import { partsOf, swept } from "./decide.ts";
import { newestSweeps, sweepTotals } from "./store.ts";

/** M-01: of the households in the scope of the newest sweep that concerns the caller's area, those it has seen; as last counted, or as frozen. */
export const sweepCovered = clause({
  clause: "M-01",
  read: async ({ tx, actor, now, today }) => {
    const sweeps = (await newestSweeps(tx, 200)).filter((sweep) => partsOf(sweep, actor.region).length > 0);
    const sweep = sweeps.find((one) => one.status !== "closed" && one.from <= today) ?? sweeps[0];
    const totals = sweep ? await sweepTotals(tx, sweep.id, rangeOf(actor.region)) : { households: 0, atHome: 0, byCall: 0 };
    const phoneCounts = (await parameterFor(tx, "sweep.phoneCounts", actor.region, today)).value;
    return [
      shareIndicator({
        code: "M-01",
        clause: "M-01",
        title: sweep
          ? {
              zh: `集中排查覆盖率(${sweep.from}至${sweep.until})`,
              en: `Households seen by the sweep, ${sweep.from} to ${sweep.until}`,
            }
          : { zh: "集中排查覆盖率(尚未部署)", en: "Households seen by a sweep (none ordered)" },
        share: { numerator: swept(totals, phoneCounts), denominator: totals.households },
        target: 100,
        now,
        list: sweep ? `/api/v1/monitoring/sweeps/${sweep.id}/not-seen` : "/api/v1/monitoring/sweeps",
      }),
    ];
  },
});
