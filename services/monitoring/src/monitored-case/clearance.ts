import { MonitoredCaseClearanceProposed, Refusal, Risk, refuse } from "@shouwang/contract";
import { parameterFor, parseBusinessDate } from "@shouwang/service-kit";
import { z } from "zod";
import { lockHousehold } from "../household/store.ts";
import { command } from "../kit.ts";
import { takeCaseStep } from "./chain.ts";
import { decideClearance } from "./clearance-decide.ts";
import { proposeClearance } from "./decide.ts";
import { incomeFactsOf } from "./income-facts.ts";
import { CasePath } from "./path.ts";
import { clearanceCounts, lockCase, saveCase, stateOfCase } from "./store.ts";
import { CaseDecided, caseView } from "./views.ts";

export const proposeClearanceRoute = command(
  {
    method: "post",
    operation: "propose-clearance",
    path: "/monitored-cases/{caseId}/clearance",
    summary: { zh: "提出风险消除(逐项核查)", en: "Propose risk clearance; every condition is checked and explained" },
    clauses: ["M-04c"],
    allow: ["village-officer", "helper", "first-secretary"],
    params: CasePath,
    body: z.object({
      clearedBy: z.enum(["help", "nature"]),
      stableMonths: z.int().min(0).max(600).describe("Months the income has been steady above the line"),
      rigidExpenseSolved: z.boolean(),
      risksGone: z.array(Risk).min(1).max(5),
    }),
    reply: CaseDecided,
    problems: ["case-not-found", "case-state", "clearance-refused-by-rule", "role-not-allowed"],
  },
  async ({ tx, params, body, actor, now, today }) => {
    const before = await lockCase(tx, params.caseId);
    if (!before) return refuse("case-not-found");
    const after = proposeClearance(before, { today, clearedBy: body.clearedBy });
    if (after instanceof Refusal) return after;
    const household = await lockHousehold(tx, before.householdId);
    if (!household || before.includedOn === null) return refuse("case-state");
    const months = await parameterFor(tx, "clearance.stableMonths", before.region, today);
    const decision = decideClearance({
      today,
      includedOn: parseBusinessDate(before.includedOn),
      guarantees: household.guarantees,
      income: await incomeFactsOf(tx, household, ["at-clearance", "annual"], today, before.includedOn),
      stableMonthsNeeded: months.value,
      risks: before.risks,
      ableWorkers: household.ableWorkers,
      ...(await clearanceCounts(tx, household.id, before.includedOn)),
      ...body,
    });
    if (!decision.ok) return refuse("clearance-refused-by-rule", { reasons: decision.reasons });
    const step = await takeCaseStep(tx, after, "clearance-proposal", {
      actor,
      at: now,
      outcome: "proposed",
      detail: { clearedBy: body.clearedBy, stableMonths: body.stableMonths },
    });
    if (step) return step;
    await saveCase(tx, after);
    return {
      reply: { ...caseView(after), reasons: decision.reasons },
      events: [MonitoredCaseClearanceProposed.of(after.id, after.version, after.region, stateOfCase(after))],
    };
  },
);
