import { rangeOf } from "@shouwang/regions";
import { focusSettings } from "../focus-household/condition-store.ts";
import { clause } from "../kit.ts";
import { shareIndicator } from "../share-indicator.ts";
import { helpOfMonitored, jobHelpOfFocus } from "./store.ts";

/** M-04b: what monitored households with somebody able to work were given since inclusion: anything that earns, and work in particular. */
export const helpOfMonitoredClause = clause({
  clause: "M-04b",
  read: async ({ tx, actor, now }) => {
    const { development, job } = await helpOfMonitored(tx, rangeOf(actor.region));
    const about = { clause: "M-04b", target: null, now };
    return [
      shareIndicator({
        ...{ ...about, code: "M-04b-development", share: development },
        title: {
          zh: "有劳动力的监测户落实开发式帮扶比例",
          en: "Monitored households with an able worker given development help",
        },
      }),
      shareIndicator({
        ...{ ...about, code: "M-04b-job", share: job },
        title: { zh: "有劳动力的监测户落实就业帮扶比例", en: "Monitored households with an able worker given job help" },
      }),
    ];
  },
});

/** M-06: focus households given job help in the year, whoever gave it. */
export const jobHelpClause = clause({
  clause: "M-06",
  read: async ({ tx, actor, now, today }) => {
    const { year } = await focusSettings(tx, actor.region.padEnd(12, "0"), today);
    return [
      shareIndicator({
        ...{ code: "M-06-job", clause: "M-06", target: null, now },
        share: await jobHelpOfFocus(tx, { year, area: rangeOf(actor.region) }),
        title: { zh: "当年落实就业帮扶的重点户比例", en: "Focus households given job help in the year" },
      }),
    ];
  },
});
