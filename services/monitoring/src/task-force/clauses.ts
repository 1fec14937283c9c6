import { mayReach } from "@shouwang/service-kit";
import { clause } from "../kit.ts";
import { shareIndicator } from "../share-indicator.ts";
import { divisionsOwed } from "./decide.ts";
import { divisionsWithTaskForce } from "./store.ts";

/** M-01: of the region, its cities and counties (126), how many have an active task force; the list behind it names those that do not. */
export const taskForcesFormed = clause({
  clause: "M-01",
  read: async ({ tx, actor, now }) => {
    const owed = divisionsOwed(actor.region).filter((region) => mayReach(actor, region));
    const present = await divisionsWithTaskForce(tx);
    return [
      shareIndicator({
        code: "M-01-task-forces",
        clause: "M-01",
        title: { zh: "已成立专班的自治区、市、县", en: "Region, cities and counties with a task force" },
        share: { numerator: owed.filter((region) => present.has(region)).length, denominator: owed.length },
        target: 100,
        now,
        list: "/api/v1/monitoring/task-forces",
      }),
    ];
  },
});
