import { type EventDraft, HouseholdId, HouseholdIncomeRecorded, Refusal, refuse } from "@shouwang/contract";
import { type AuditEntry, actorOf, type BusinessDate, type Principal, parameterFor, type Tx } from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { type Household, lockHousehold } from "../household/store.ts";
import { incomeYear } from "../household-income/decide.ts";
import { checkSignature, type Signature, SignatureEntry } from "../household-income/signature.ts";
import { findIncome, type Income, saveIncome } from "../household-income/store.ts";
import { command } from "../kit.ts";
import { lockAnnualUpdate, saveConfirmation } from "./store.ts";
import { YearPath } from "./views.ts";

/** Whether a household may sign for a year now: it is watched, and the county's update of the year runs. Holds the update open until the transaction ends. */
export async function refusedYear(
  tx: Tx<DB>,
  household: Household,
  year: number,
): Promise<Refusal<"not-watched" | "annual-update-closed"> | undefined> {
  const monitored = household.monitoredKind !== null && !household.riskCleared;
  if (household.status !== "active" || !(household.householdKind === "lifted-household" || monitored))
    return refuse("not-watched");
  const update = await lockAnnualUpdate(tx, household.region, year, "share");
  return update?.status === "open" ? undefined : refuse("annual-update-closed");
}

/** The income record a household signs for: of the year as the settings count it. */
export async function incomeOfYear(
  tx: Tx<DB>,
  household: Household,
  year: number,
  today: BusinessDate,
): Promise<Income | undefined> {
  const basis = await parameterFor(tx, "income.yearBasis", household.region, today);
  return await findIncome(tx, { householdId: household.id, kind: "annual", ...incomeYear(year, basis.value) });
}

/** Records that a household has signed for its members and its income of a year; the income counts as confirmed from then on. */
export async function confirmYear(
  tx: Tx<DB>,
  household: Household,
  given: { year: number; income: Income; signature: Signature; actor: Principal; now: Date; today: BusinessDate },
): Promise<{ events: EventDraft[]; audit: AuditEntry[] }> {
  const { year, income, signature } = given;
  const { id: householdId, region, headcount } = household;
  const by = actorOf(given.actor);
  await saveConfirmation(tx, {
    householdId,
    region,
    year,
    headcount,
    incomeId: income.id,
    signature,
    confirmedBy: by,
    confirmedOn: given.today,
  });
  const about = { action: "confirm-annual-update", entity: "household", entityId: householdId, region, clause: "M-05" };
  const audit = [{ ...about, changed: { year, headcount, signature } }];
  if (income.confirmed) return { audit, events: [] };
  const confirmed = { ...income, confirmed: true, version: income.version + 1 };
  await saveIncome(tx, confirmed, { signature, recordedBy: by, recordedAt: given.now });
  const { id, version, ...facts } = confirmed;
  return { audit, events: [HouseholdIncomeRecorded.of(id, version, region, { householdIncomeId: id, ...facts })] };
}

export const confirmHousehold = command(
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
  async ({ tx, params: { householdId, year }, body, actor, now, today }) => {
    const household = await lockHousehold(tx, householdId);
    if (!household) return refuse("household-not-found");
    const refused = await refusedYear(tx, household, year);
    if (refused) return refused;
    if (household.headcount !== body.headcount) return refuse("headcount-differs");
    const signature = await checkSignature(tx, body.signature, { householdId, today });
    if (signature instanceof Refusal) return signature;
    const income = await incomeOfYear(tx, household, year, today);
    if (!income) return refuse("income-missing");
    const done = await confirmYear(tx, household, { year, income, signature, actor, now, today });
    return { reply: { householdId, year, headcount: body.headcount, incomeId: income.id, confirmedOn: today }, ...done };
  },
);
