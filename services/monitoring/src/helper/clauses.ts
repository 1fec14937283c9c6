import { rangeOf } from "@shouwang/regions";
import { parameterFor } from "@shouwang/service-kit";
import { clause } from "../kit.ts";
import { shareIndicator } from "../share-indicator.ts";
import { villagesOf } from "./grid.ts";
import { villagesWithGridWorker } from "./grid-worker-store.ts";
import { countWithoutHelper, helperShare } from "./store.ts";

/** M-04a: a helper for every included household within the days after inclusion, and never none afterwards. */
export const helpersAssigned = clause({
  clause: "M-04a",
  read: async ({ tx, actor, now, today }) => {
    const days = await parameterFor(tx, "helper.days", actor.region, today);
    const list = "/api/v1/monitoring/household-file-gaps";
    return [
      shareIndicator({
        code: "M-04a",
        clause: "M-04a",
        title: { zh: "按期落实帮扶责任人的监测户比例", en: "Monitored households given a helper in time" },
        share: await helperShare(tx, { limitDays: days.value, today }),
        target: 100,
        now,
        list,
      }),
      {
        code: "M-04a-without-helper",
        clause: "M-04a",
        title: { zh: "当前没有帮扶责任人的监测户", en: "Monitored households without a helper today" },
        unit: "households",
        value: await countWithoutHelper(tx),
        target: 0,
        direction: "=",
        asOf: now.toISOString(),
        list,
      },
    ];
  },
});

/** M-02, first half: every village has a grid worker. */
export const gridsCovered = clause({
  clause: "M-02",
  read: async ({ tx, actor, now }) => {
    const within = ({ counties }: typeof actor, village: string) =>
      counties === undefined || counties.includes(village.slice(0, 6));
    const villages = villagesOf(actor.region).filter((village) => within(actor, village));
    const covered = await villagesWithGridWorker(tx, rangeOf(actor.region));
    return [
      shareIndicator({
        code: "M-02-grids",
        clause: "M-02",
        title: { zh: "有网格员的行政村比例", en: "Villages with a grid worker" },
        share: { numerator: villages.filter((village) => covered.has(village)).length, denominator: villages.length },
        target: 100,
        now,
        list: "/api/v1/monitoring/grids",
      }),
    ];
  },
});
