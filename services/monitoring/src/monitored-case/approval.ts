import {
  DateText,
  type EventDraft,
  HouseholdChanged,
  MonitoredCaseCleared,
  MonitoredCaseIncluded,
  MonitoredCaseRefused,
  MonitoredCaseTownshipChecked,
  MonitoredKind,
  Refusal,
  refuse,
} from "@shouwang/contract";
import {
  actorOf,
  addDays,
  businessDate,
  cancelDeadlines,
  endDeadline,
  endOfDay,
  openDeadline,
  type Principal,
  parameterFor,
  parseBusinessDate,
  type Tx,
} from "@shouwang/service-kit";
import { z } from "zod";
import { wasOverruled } from "../appeal/store.ts";
import type { DB } from "../db.ts";
import { releaseHelpers } from "../helper/end-help.ts";
import { type Household, lockHousehold, saveHousehold, stateOf } from "../household/store.ts";
import { closePlan } from "../household-plan/close.ts";
import { command } from "../kit.ts";
import { aboutCase, takeCaseStep } from "./chain.ts";
import { approve, dueAfterInclusion, type MonitoredCase, refuseCase } from "./decide.ts";
import { decideInclusion } from "./inclusion-decide.ts";
import { incomeFactsOf } from "./income-facts.ts";
import { CasePath } from "./path.ts";
import { lockCase, saveCase, stateOfCase } from "./store.ts";
import { CaseDecided, CaseView, caseView } from "./views.ts";

export const countyApproval = command(
  {
    method: "post",
    operation: "county-approval",
    path: "/monitored-cases/{caseId}/county-approval",
    summary: { zh: "县级审定(纳入或消除)", en: "County approval of inclusion or clearance" },
    clauses: ["M-03", "M-04a", "M-04b", "M-04c"],
    allow: ["county-officer"],
    params: CasePath,
    body: z.object({
      approved: z.boolean(),
      document: z.string().trim().min(2).max(120).describe("Number of the county's decision"),
      monitoredKind: MonitoredKind.nullable().default(null),
    }),
    reply: CaseDecided,
    problems: [
      "case-not-found",
      "case-state",
      "inclusion-refused-by-rule",
      "role-not-allowed",
      "same-person-twice",
      "invalid-input",
    ],
  },
  async ({ tx, params, body, actor, now, today }) => {
    const before = await lockCase(tx, params.caseId);
    if (!before) return refuse("case-not-found");
    const household = await lockHousehold(tx, before.householdId);
    if (!household) return refuse("case-not-found");
    if (await wasOverruled(tx, before.id, actor)) return refuse("same-person-twice");
    const step = await takeCaseStep(tx, before, "county-approval", {
      actor,
      at: now,
      outcome: body.approved ? "approved" : "refused",
    });
    if (step) return step;
    if (!body.approved) {
      const refused = refuseCase(before);
      if (refused instanceof Refusal) return refused;
      await saveCase(tx, refused);
      return {
        reply: { ...caseView(refused), reasons: [] },
        events: [MonitoredCaseRefused.of(refused.id, refused.version, refused.region, stateOfCase(refused))],
      };
    }
    const basis = await parameterFor(tx, "inclusion.dateBasis", before.region, today);
    const facts = await incomeFactsOf(tx, household, ["at-inclusion"], today, addDays(businessDate(before.openedAt), -365));
    const monitoredKind = before.procedure === "clearance" ? before.monitoredKind : body.monitoredKind;
    const after = approve(before, {
      today,
      document: body.document,
      monitoredKind,
      basis: basis.value,
      incomeId: facts.incomeId,
    });
    if (after instanceof Refusal) return after;
    if (before.procedure === "clearance") {
      const events = await clear(tx, after, household, { actor, now });
      return { reply: { ...caseView(after), reasons: [] }, events };
    }
    if (monitoredKind === null)
      return refuse("invalid-input", {
        errors: [
          {
            pointer: "/monitoredKind",
            rule: "required",
            zh: "请填监测对象类别",
            en: "Name the kind of monitored household",
            clause: "M-03",
          },
        ],
      });
    const risksMax = await parameterFor(tx, "case.risksMax", before.region, today);
    const decision = decideInclusion({
      householdKind: household.householdKind,
      monitoredKind,
      risks: before.risks,
      risksMax: risksMax.value,
      disasterKind: before.disasterKind,
      income: facts,
    });
    if (!decision.ok) return refuse("inclusion-refused-by-rule", { reasons: decision.reasons });
    return {
      reply: { ...caseView(after), reasons: decision.reasons },
      events: await include(tx, after, household, { actor, now }),
    };
  },
);

/** Inclusion takes effect: the household is monitored, the lead's clock ends, and the clocks of M-04a and M-04b start. */
async function include(
  tx: Tx<DB>,
  monitored: MonitoredCase,
  household: Household,
  given: { actor: Principal; now: Date },
): Promise<EventDraft[]> {
  await saveCase(tx, monitored);
  const after: Household = {
    ...household,
    monitoredKind: monitored.monitoredKind,
    riskCleared: false,
    version: household.version + 1,
  };
  await saveHousehold(tx, household, after, {
    at: given.now,
    actor: actorOf(given.actor),
    source: "county-approval",
    document: monitored.countyDocument ?? undefined,
  });
  if (monitored.leadId) await endDeadline(tx, "identify-household", "risk-lead", monitored.leadId, "met", given.now);
  const includedOn = parseBusinessDate(monitored.includedOn ?? businessDate(given.now));
  for (const { kind, clause, role, key } of [
    { kind: "assign-helper", clause: "M-04a", role: "county-officer", key: "helper.days" },
    { kind: "complete-file", clause: "M-04b", role: "township-officer", key: "file.days" },
  ] as const) {
    const days = await parameterFor(tx, key, monitored.region, includedOn);
    const dueAt = endOfDay(dueAfterInclusion(includedOn, days.value));
    await openDeadline(tx, {
      ...aboutCase(monitored),
      kind,
      clause,
      role,
      startedAt: new Date(Math.min(dueAt.getTime(), given.now.getTime())),
      dueAt,
    });
  }
  return [
    MonitoredCaseIncluded.of(monitored.id, monitored.version, monitored.region, stateOfCase(monitored)),
    HouseholdChanged.of(after.id, after.version, after.region, stateOf(after)),
  ];
}

/** Clearance takes effect: the kind stays as a lasting label, the risk is cleared, no duty runs on. */
async function clear(
  tx: Tx<DB>,
  monitored: MonitoredCase,
  household: Household,
  given: { actor: Principal; now: Date },
): Promise<EventDraft[]> {
  await saveCase(tx, monitored);
  const after: Household = { ...household, riskCleared: true, version: household.version + 1 };
  await saveHousehold(tx, household, after, {
    at: given.now,
    actor: actorOf(given.actor),
    source: "county-approval",
    document: monitored.countyDocument ?? undefined,
  });
  await cancelDeadlines(tx, "monitored-case", monitored.id, given.now);
  return [
    MonitoredCaseCleared.of(monitored.id, monitored.version, monitored.region, stateOfCase(monitored)),
    HouseholdChanged.of(after.id, after.version, after.region, stateOf(after)),
    ...(await closePlan(tx, monitored.id)),
    ...(await releaseHelpers(tx, monitored.id, { because: "case-cleared", now: given.now })),
  ];
}

export const recordNationalEntry = command(
  {
    method: "post",
    operation: "record-national-entry",
    path: "/monitored-cases/{caseId}/national-entry",
    summary: { zh: "登记全国系统标注日期", en: "Record the day of entry in the national system" },
    clauses: ["M-04a"],
    allow: ["township-officer", "county-officer"],
    params: CasePath,
    body: z.object({ enteredOn: DateText }),
    reply: CaseView,
    problems: ["case-not-found", "case-state", "invalid-input"],
  },
  async ({ tx, params, body, today }) => {
    const before = await lockCase(tx, params.caseId);
    if (!before) return refuse("case-not-found");
    if (body.enteredOn > today)
      return refuse("invalid-input", {
        errors: [
          { pointer: "/enteredOn", rule: "not-in-future", zh: "日期不能晚于今天", en: "Not in the future", clause: "M-04a" },
        ],
      });
    if (before.includedOn !== null || before.status !== "township-checked") return refuse("case-state");
    const after = { ...before, nationalEntryOn: body.enteredOn, version: before.version + 1 };
    await saveCase(tx, after);
    return {
      reply: caseView(after),
      events: [MonitoredCaseTownshipChecked.of(after.id, after.version, after.region, stateOfCase(after))],
    };
  },
);
