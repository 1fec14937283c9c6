import { parameterFor } from "@shouwang/service-kit";
import { clause } from "../kit.ts";
import { shareIndicator } from "../share-indicator.ts";
import { fileShare } from "./store.ts";

/** M-04b: household plan and file complete within the days after inclusion. What comes before inclusion is in the file by the procedure itself. */
export const fileComplete = clause({
  clause: "M-04b",
  read: async ({ tx, actor, now, today }) => {
    const days = await parameterFor(tx, "file.days", actor.region, today);
    return [
      shareIndicator({
        code: "M-04b",
        clause: "M-04b",
        title: { zh: "一户一策一档按期完成率", en: "Household plans and files complete in time" },
        share: await fileShare(tx, { days: days.value, today }),
        target: 100,
        now,
        list: "/api/v1/monitoring/household-file-gaps",
      }),
    ];
  },
});
