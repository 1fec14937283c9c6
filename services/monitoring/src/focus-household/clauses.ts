import { clause } from "../kit.ts";
import { focusSettings } from "./condition-store.ts";
import { countListed } from "./store.ts";

/** M-05: the list, by condition. */
export const focusClause = clause({
  clause: "M-05",
  read: async ({ tx, actor, now, today }) => {
    const { year } = await focusSettings(tx, actor.region.padEnd(12, "0"), today);
    const counted = await countListed(tx, year);
    const figure = (code: string, zh: string, en: string, value: number, list: string) => ({
      code,
      clause: "M-05",
      title: { zh, en },
      unit: "households",
      value,
      target: null,
      direction: null,
      asOf: now.toISOString(),
      list: `/api/v1/monitoring/focus-households?year=${year}${list}`,
    });
    return [
      figure("M-05-listed", `${year}年重点户`, `Focus households of ${year}`, counted.households, ""),
      figure("M-05-fell", "其中人均纯收入下降", "of these, income fell", counted.incomeFell, "&criterion=income-fell"),
      figure(
        "M-05-low",
        "其中人均纯收入在标准以下",
        "of these, within the income limit",
        counted.incomeLow,
        "&criterion=income-low",
      ),
      figure(
        "M-05-drop",
        "其中因疫收入骤降",
        "of these, a sharp loss by the epidemic",
        counted.epidemicDrop,
        "&criterion=epidemic-income-drop",
      ),
    ];
  },
});
