import { DateText, HouseholdId, HouseholdIncomeRecorded, refuse } from "@shouwang/contract";
import { findDivision, rangeOf } from "@shouwang/regions";
import { actorOf, mayReach, parameterFor } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { lockHousehold } from "../household/store.ts";
import { incomeYear } from "../household-income/decide.ts";
import { findIncome, saveIncome } from "../household-income/store.ts";
import { SignatureEntry } from "../household-income/views.ts";
import { command, slice } from "../kit.ts";
import { isFileOf } from "../measure/store.ts";
import { annualUpdateRound, listMissingConfirmations, readUpdate } from "./progress.ts";
import {
  type AnnualUpdate,
  closeAnnualUpdate,
  countConfirmed,
  insertAnnualUpdate,
  lockAnnualUpdate,
  saveConfirmation,
} from "./store.ts";
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
    if (closesOn < today || incomeYear(year, basis.value ?? "calendar").from > today)
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

const confirmHousehold = command(
  {
    method: "post",
    operation: "confirm-annual-update",
    path: "/households/{householdId}/annual-updates/{year}",
    summary: { zh: "农户签字确认成员和收入", en: "A household signs for its members and its income of the year" },
    clauses: ["M-05"],
    allow: ["county-officer", "township-officer", "village-officer"],
    params: YearPath.extend({ householdId: HouseholdId }),
    body: z.object({
      headcount: z.int().min(1).max(30).describe("Members as the household signed for them; they must be those of the registry"),
      signature: SignatureEntry,
    }),
    reply: z.object({
      householdId: z.string(),
      year: z.int(),
      headcount: z.int(),
      incomeId: z.string(),
      confirmedOn: z.string(),
    }),
    status: 201,
    problems: [
      "household-not-found",
      "not-watched",
      "annual-update-closed",
      "headcount-differs",
      "income-missing",
      "invalid-input",
    ],
  },
  async ({ tx, params: { householdId, year }, body: { headcount, signature }, actor, now, today }) => {
    const household = await lockHousehold(tx, householdId);
    if (!household) return refuse("household-not-found");
    const monitored = household.monitoredKind !== null && !household.riskCleared;
    if (household.status !== "active" || !(household.householdKind === "lifted-household" || monitored))
      return refuse("not-watched");
    const update = await lockAnnualUpdate(tx, household.region, year, "share");
    if (update?.status !== "open") return refuse("annual-update-closed");
    if (household.headcount !== headcount) return refuse("headcount-differs");
    if (signature.fileId !== undefined && !(await isFileOf(tx, signature.fileId, householdId)))
      return refuse("invalid-input", {
        errors: [
          {
            pointer: "/signature/fileId",
            rule: "file-of-the-household",
            zh: "没有为该户上传过此文件",
            en: "No such file was uploaded for this household",
            clause: "M-05",
          },
        ],
      });
    const basis = await parameterFor(tx, "income.yearBasis", household.region, today);
    const period = incomeYear(year, basis.value ?? "calendar");
    const income = await findIncome(tx, { householdId, kind: "annual", ...period });
    if (!income) return refuse("income-missing");
    const signed = { fileId: signature.fileId ?? null, formId: signature.formId ?? null };
    const by = actorOf(actor);
    const { region } = household;
    await saveConfirmation(tx, {
      householdId,
      region,
      year,
      headcount,
      incomeId: income.id,
      ...signed,
      confirmedBy: by,
      confirmedOn: today,
    });
    const about = { action: "confirm-annual-update", entity: "household", entityId: householdId, region, clause: "M-05" };
    const reply = { householdId, year, headcount, incomeId: income.id, confirmedOn: today };
    const audit = [{ ...about, changed: { year, headcount } }];
    if (income.confirmed) return { reply, audit };
    const confirmed = { ...income, confirmed: true, version: income.version + 1 };
    await saveIncome(tx, confirmed, { signature: signed, recordedBy: by, recordedAt: now });
    const { id, version, ...facts } = confirmed;
    return { reply, audit, events: [HouseholdIncomeRecorded.of(id, version, region, { householdIncomeId: id, ...facts })] };
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
