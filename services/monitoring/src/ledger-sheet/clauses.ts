import { rangeOf } from "@shouwang/regions";
import { focusSettings } from "../focus-household/condition-store.ts";
import { clause } from "../kit.ts";
import { endedIn } from "../quarterly-analysis/decide.ts";
import { shareIndicator } from "../share-indicator.ts";
import { ledgerShare } from "./store.ts";

/** M-06: villages whose ledger sheet of focus households is whole. */
export const ledgerClause = clause({
  clause: "M-06",
  read: async ({ tx, actor, now, today }) => {
    const { year } = await focusSettings(tx, actor.region.padEnd(12, "0"), today);
    const quarters = endedIn(year, today).map((ended) => ended.quarter);
    return [
      shareIndicator({
        code: "M-06",
        clause: "M-06",
        title: { zh: "重点户台账齐全的村比例", en: "Villages whose ledger sheet of focus households is whole" },
        share: await ledgerShare(tx, { year, quarters, area: rangeOf(actor.region) }),
        target: 100,
        now,
        list: "/api/v1/monitoring/ledger-gaps",
      }),
    ];
  },
});
