import { DateText, Fen, HouseholdIncomeRecorded, refuse } from "@shouwang/contract";
import { everyone } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { command, query } from "../kit.ts";
import { netIncome } from "./decide.ts";
import { HouseholdPath, registrars } from "./entry.ts";
import { incomesOf, saveIncome } from "./income-store.ts";
import { findHousehold, lockHousehold } from "./store.ts";

const IncomeView = z.object({
  incomeId: z.string(),
  kind: z.string(),
  from: z.string(),
  until: z.string(),
  headcount: z.int(),
  wageFen: z.int(),
  businessFen: z.int(),
  propertyFen: z.int(),
  transferFen: z.int(),
  businessCostFen: z.int(),
  netFen: z.int(),
  perCapitaFen: z.int(),
  confirmed: z.boolean(),
  version: z.int(),
});

export const recordIncome = command(
  {
    method: "post",
    operation: "record-income",
    path: "/households/{householdId}/incomes",
    summary: { zh: "登记家庭收入", en: "Record a household's income of a period" },
    clauses: ["M-05"],
    allow: registrars,
    params: HouseholdPath,
    body: z.object({
      kind: z.enum(["annual", "at-inclusion", "at-clearance", "monthly", "quarterly"]),
      from: DateText,
      until: DateText,
      wageFen: Fen,
      businessFen: Fen,
      propertyFen: Fen,
      transferFen: Fen,
      businessCostFen: Fen,
      confirmed: z.boolean().describe("Signed for by the household"),
    }),
    reply: IncomeView,
    status: 201,
    problems: ["household-not-found", "household-not-active", "invalid-input"],
  },
  async ({ tx, params, body, today }) => {
    const household = await lockHousehold(tx, params.householdId);
    if (!household) return refuse("household-not-found");
    if (household.status !== "active") return refuse("household-not-active");
    const wrongSpan = body.until < body.from || body.until > today;
    if (wrongSpan)
      return refuse("invalid-input", {
        errors: [
          {
            pointer: "/until",
            rule: "period",
            zh: "期末不得早于期初,也不得晚于今天",
            en: "The period ends after it begins and not after today",
            clause: "M-05",
          },
        ],
      });
    const income = await saveIncome(tx, {
      id: uuidv7(),
      householdId: household.id,
      region: household.region,
      ...body,
      headcount: household.headcount,
      ...netIncome(body, household.headcount),
    });
    const { id, version, ...facts } = income;
    return {
      reply: { ...facts, incomeId: id, version },
      events: [HouseholdIncomeRecorded.of(id, version, income.region, { householdIncomeId: id, ...facts })],
    };
  },
);

export const listIncomes = query(
  {
    operation: "list-incomes",
    path: "/households/{householdId}/incomes",
    summary: { zh: "家庭收入记录", en: "Income records of a household" },
    clauses: ["M-05"],
    allow: everyone,
    params: HouseholdPath,
    reply: z.object({ items: z.array(IncomeView) }),
    problems: ["household-not-found"],
  },
  async ({ tx, params }) => {
    if (!(await findHousehold(tx, params.householdId))) return refuse("household-not-found");
    return { reply: { items: (await incomesOf(tx, params.householdId)).map(({ id, ...rest }) => ({ ...rest, incomeId: id })) } };
  },
);
