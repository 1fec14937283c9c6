import { DateText, refuse } from "@shouwang/contract";
import { findDivision, rangeOf } from "@shouwang/regions";
import { actorOf, mayReach, parameterFor } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { incomeYear } from "../household-income/decide.ts";
import { command, slice } from "../kit.ts";
import { confirmHousehold } from "./confirm.ts";
import { annualUpdateRound, listMissingConfirmations, readUpdate } from "./progress.ts";
import { type AnnualUpdate, closeAnnualUpdate, countConfirmed, insertAnnualUpdate, lockAnnualUpdate } from "./store.ts";
import { UpdateView, updateView, YearPath } from "./views.ts";

const County = z.string().regex(/^\d{6}$/);
const auditOf = (action: string, update: AnnualUpdate) => ({
  action,
  entity: "annual-update",
  entityId: update.id,
  region: update.county.padEnd(12, "0"),
  clause: "M-05",
  changed: { year: update.year, closesOn: update.closesOn, figures: update.figures },
});

const openAnnualUpdate = command(
  {
    method: "post",
    operation: "open-annual-update",
    path: "/annual-updates",
    summary: { zh: "启动年度动态管理", en: "Open a county's yearly update of members and incomes" },
    clauses: ["M-05"],
    allow: ["county-officer"],
    body: z.object({ county: County, year: z.int().min(2000).max(2100), closesOn: DateText }),
    reply: UpdateView,
    status: 201,
    problems: ["unknown-division", "outside-area", "invalid-input", "already-exists"],
  },
  async ({ tx, body: { county, year, closesOn }, actor, today }) => {
    const region = county.padEnd(12, "0");
    if (!findDivision(region)) return refuse("unknown-division");
    if (!mayReach(actor, region)) return refuse("outside-area");
    const basis = await parameterFor(tx, "income.yearBasis", region, today);
    if (closesOn < today || incomeYear(year, basis.value).from > today)
      return refuse("invalid-input", {
        errors: [
          {
            pointer: "/closesOn",
            rule: "period",
            zh: "截止日不得早于今天,年度须已开始",
            en: "It closes today or later, of a year that has begun",
            clause: "M-05",
          },
        ],
      });
    const started = { status: "open", openedOn: today, closesOn, closedOn: null, figures: null, version: 1 } as const;
    const update = { id: uuidv7(), county, year, ...started };
    if (!(await insertAnnualUpdate(tx, update, actorOf(actor)))) return refuse("already-exists");
    return { reply: updateView(update), audit: [auditOf("open-annual-update", update)] };
  },
);

const closeUpdate = command(
  {
    method: "post",
    operation: "close-annual-update",
    path: "/annual-updates/{year}/{county}/closing",
    summary: {
      zh: "结束年度动态管理(数据冻结)",
      en: "Close a year's update: its figures are frozen, incomes of the year change by correction only",
    },
    clauses: ["M-05"],
    allow: ["county-officer"],
    params: YearPath.extend({ county: County }),
    reply: UpdateView,
    problems: ["not-found", "annual-update-closed"],
  },
  async ({ tx, params: { year, county }, actor, today }) => {
    if (!mayReach(actor, county.padEnd(12, "0"))) return refuse("not-found");
    const update = await lockAnnualUpdate(tx, county, year, "update");
    if (!update) return refuse("not-found");
    if (update.status === "closed") return refuse("annual-update-closed");
    const [counted] = await countConfirmed(tx, { year, area: rangeOf(county), digits: 6 });
    const figures = { households: counted?.households ?? 0, confirmed: counted?.confirmed ?? 0 };
    const closed = { ...update, status: "closed" as const, closedOn: today, figures, version: update.version + 1 };
    await closeAnnualUpdate(tx, closed, actorOf(actor));
    return { reply: updateView(closed), audit: [auditOf("close-annual-update", closed)] };
  },
);

export const annualUpdateSlice = slice({
  name: "annual-update",
  title: { zh: "年度动态管理", en: "Annual update" },
  routes: [openAnnualUpdate, confirmHousehold, closeUpdate, readUpdate, listMissingConfirmations],
  rounds: [annualUpdateRound],
});
