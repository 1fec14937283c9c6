import {
  DateText,
  Fen,
  type FieldError,
  HouseholdId,
  HouseholdIncomeRecorded,
  Reason,
  Refusal,
  refuse,
} from "@shouwang/contract";
import { actorOf, everyone, parameterFor } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { findAnnualUpdate } from "../annual-update/store.ts";
import { netIncome } from "../household/decide.ts";
import { findHousehold, lockHousehold } from "../household/store.ts";
import { command, query, slice } from "../kit.ts";
import { incomeLineCodes, incomeLines } from "./code-lists.ts";
import { coverSums, takeCredits } from "./credit-decide.ts";
import { employmentCredits } from "./credit-projection.ts";
import { creditsOf } from "./credit-store.ts";
import { checkPeriod, totalsOf } from "./decide.ts";
import { loadIncomes } from "./load.ts";
import { checkSignature, SignatureEntry, unsigned } from "./signature.ts";
import {
  correctionsOf,
  findIncome,
  type Income,
  incomesOf,
  insertLines,
  keepCorrected,
  linesOf,
  saveIncome,
  toDateOf,
} from "./store.ts";
import { CreditView, IncomeView, incomeView, LineView } from "./views.ts";

const HouseholdPath = z.object({ householdId: HouseholdId });
const registrars = ["county-officer", "township-officer", "village-officer"] as const;

const recordIncome = command(
  {
    method: "post",
    operation: "record-income",
    path: "/households/{householdId}/incomes",
    summary: { zh: "登记家庭收入", en: "Record a household's income of a period; again, with a reason, to correct it" },
    clauses: ["M-05"],
    allow: registrars,
    params: HouseholdPath,
    body: z.object({
      kind: z.enum(["annual", "at-inclusion", "at-clearance", "monthly", "quarterly"]),
      from: DateText,
      until: DateText,
      lines: z
        .array(
          z.strictObject({
            line: z.enum(incomeLineCodes),
            amountFen: Fen,
            note: z.string().trim().min(1).max(200).optional().describe("Sealed: may name people"),
          }),
        )
        .min(1)
        .max(80)
        .optional()
        .describe("Detail lines; the sums are derived from them. Without them the five sums are given"),
      wageFen: Fen.optional(),
      businessFen: Fen.optional(),
      propertyFen: Fen.optional(),
      transferFen: Fen.optional(),
      businessCostFen: Fen.optional(),
      headcount: z
        .int()
        .min(1)
        .max(30)
        .optional()
        .describe("Members in the period, frozen with the record; today's where absent"),
      confirmed: z.boolean().optional().describe("Signed for by the household; the signature says so, and a tick alone does not"),
      signature: SignatureEntry.optional(),
      reason: z.string().trim().min(2).max(300).optional().describe("Why a record is corrected; sealed"),
    }),
    reply: IncomeView.extend({
      reasons: z.array(Reason).describe("What departments paid in the period and how it was taken in"),
    }),
    status: 201,
    problems: ["household-not-found", "household-not-active", "invalid-input", "annual-update-closed"],
  },
  async ({ tx, params, body, actor, keys, now, today }) => {
    const household = await lockHousehold(tx, params.householdId);
    if (!household) return refuse("household-not-found");
    if (household.status !== "active") return refuse("household-not-active");
    const { kind, from, until, lines, reason, signature } = body;
    const { id: householdId, region } = household;
    const wrong = (error: Omit<FieldError, "clause">) => refuse("invalid-input", { errors: [{ ...error, clause: "M-05" }] });
    const basis = await parameterFor(tx, "income.yearBasis", region, today);
    const period = checkPeriod(kind, { from, until }, { today, basis: basis.value });
    if (period) return wrong(period);
    const sums = [body.wageFen, body.businessFen, body.propertyFen, body.transferFen, body.businessCostFen];
    if (sums.some((sum) => (sum === undefined) !== (lines !== undefined)))
      return wrong({
        pointer: "/lines",
        rule: "lines-or-sums",
        zh: "请填明细或五项合计,二者择一",
        en: "Give the detail lines or all five sums, not both",
      });
    if (body.confirmed === true && signature === undefined)
      return wrong({
        pointer: "/signature",
        rule: "confirmation-needs-signature",
        zh: "农户确认须有签字:上传签字表扫描件,或登记签字人、日期和方式",
        en: "A confirmation needs what was signed: a signed form, or who signed, when and how",
      });
    const signed = signature === undefined ? unsigned : await checkSignature(tx, signature, { householdId, today });
    if (signed instanceof Refusal) return signed;
    const present = await findIncome(tx, { householdId, kind, from, until });
    if (present && reason === undefined)
      return wrong({
        pointer: "/reason",
        rule: "correction-needs-reason",
        zh: "该期收入已登记,更正须说明原因",
        en: "This period is recorded already; a correction needs its reason",
      });
    if (kind === "annual" && reason === undefined) {
      const update = await findAnnualUpdate(tx, region, Number(until.slice(0, 4)));
      if (update?.status === "closed") return refuse("annual-update-closed");
    }

    const notCounted = await parameterFor(tx, "income.linesNotCounted", region, until);
    const paid = (await creditsOf(tx, householdId)).filter(
      ({ paidOn, clawedBackOn }) => clawedBackOn === null && paidOn >= from && paidOn <= until,
    );
    const taken = takeCredits(lines ?? [], paid);
    const totals = totalsOf(taken.lines, notCounted.value);
    const checked = totals.lines;
    const stated = {
      wageFen: body.wageFen ?? 0,
      businessFen: body.businessFen ?? 0,
      propertyFen: body.propertyFen ?? 0,
      transferFen: body.transferFen ?? 0,
      businessCostFen: body.businessCostFen ?? 0,
    };
    const entry = lines ? totals.entry : coverSums(stated, totals.entry);
    const headcount = body.headcount ?? present?.headcount ?? household.headcount;
    if (headcount < 1)
      return wrong({
        pointer: "/headcount",
        rule: "headcount",
        zh: "该户没有家庭成员,请填期内人口",
        en: "The household has no members: say how many it had",
      });
    const income: Income = {
      id: present?.id ?? uuidv7(),
      householdId,
      region,
      kind,
      from,
      until,
      headcount,
      ...entry,
      ...netIncome(entry, headcount),
      confirmed: signature !== undefined,
      version: (present?.version ?? 0) + 1,
    };
    const by = actorOf(actor);
    if (present && reason !== undefined) await keepCorrected(tx, keys, present, { reason, by, at: now });
    await saveIncome(tx, income, { signature: signed, recordedBy: by, recordedAt: now });
    await insertLines(tx, keys, income, checked);
    const { id, version, ...facts } = income;
    const about = {
      action: present ? "correct-income" : "record-income",
      entity: "household-income",
      entityId: id,
      region,
      clause: "M-05",
    };
    return {
      reply: { ...incomeView(income), reasons: taken.reasons },
      events: [HouseholdIncomeRecorded.of(id, version, region, { householdIncomeId: id, ...facts })],
      audit: [{ ...about, changed: { netFen: income.netFen, headcount } }],
    };
  },
);

const listIncomes = query(
  {
    operation: "list-incomes",
    path: "/households/{householdId}/incomes",
    summary: { zh: "家庭收入记录", en: "Income records of a household" },
    clauses: ["M-05"],
    allow: everyone,
    params: HouseholdPath,
    reply: z.object({
      items: z.array(
        IncomeView.extend({
          unsettled: z
            .array(CreditView)
            .describe("Payments of its period in which the record and the departments differ: told later, or clawed back since"),
        }),
      ),
      toDate: z
        .object({ year: z.int(), perCapitaFen: z.int(), months: z.int() })
        .nullable()
        .describe("This year so far, per member, over the months there are records of"),
      credits: z.array(CreditView).describe("What departments paid, the newest first; nobody edits it here"),
      creditedByYear: z
        .array(z.object({ year: z.int(), amountFen: z.int() }))
        .describe("What departments paid and did not claw back, by income year; part of a year's record once that is recorded"),
    }),
    problems: ["household-not-found"],
  },
  async ({ tx, params, today }) => {
    const household = await findHousehold(tx, params.householdId);
    if (!household) return refuse("household-not-found");
    const year = Number(today.slice(0, 4));
    const toDate = await toDateOf(tx, household.id, year);
    const incomes = await loadIncomes(tx, household, today);
    return { reply: { ...incomes, toDate: toDate && { year, ...toDate } } };
  },
);

const readIncome = query(
  {
    operation: "read-income",
    path: "/households/{householdId}/incomes/{incomeId}",
    summary: { zh: "收入记录明细与更正历史", en: "One record: its lines, and what it said before each correction" },
    clauses: ["M-05"],
    allow: ["county-officer", "township-officer", "village-officer", "city-officer", "region-officer", "auditor"],
    params: HouseholdPath.extend({ incomeId: z.uuid() }),
    reply: z.object({
      income: IncomeView,
      lines: z.array(LineView),
      corrected: z.array(
        z.object({
          version: z.int(),
          headcount: z.int(),
          netFen: z.int(),
          perCapitaFen: z.int(),
          confirmed: z.boolean(),
          reason: z.string().describe("Why it was replaced"),
          correctedAt: z.string(),
        }),
      ),
    }),
    problems: ["household-not-found", "not-found"],
  },
  async ({ tx, params: { householdId, incomeId }, keys }) => {
    if (!(await findHousehold(tx, householdId))) return refuse("household-not-found");
    const income = (await incomesOf(tx, householdId)).find((one) => one.id === incomeId);
    if (!income) return refuse("not-found");
    const names = new Map<string, (typeof incomeLines)[number]>(incomeLines.map((one) => [one.code, one]));
    const lines = (await linesOf(tx, incomeId)).map((line) => ({
      ...line,
      name: names.get(line.line)?.zh ?? line.line,
    }));
    const corrected = await correctionsOf(tx, keys, householdId, incomeId);
    return {
      reply: {
        income: incomeView(income),
        lines,
        corrected: corrected.map((one) => ({ ...one, correctedAt: one.correctedAt.toISOString() })),
      },
    };
  },
);

/** M-05: what households earn, by source, year and month. */
export const householdIncomeSlice = slice({
  name: "household-income",
  title: { zh: "家庭收入", en: "Household income" },
  routes: [recordIncome, listIncomes, readIncome],
  readers: [employmentCredits],
});
