import {
  type EventDraft,
  HouseholdChanged,
  HouseholdPlanApproved,
  MonitoredCaseCompared,
  MonitoredCaseIncluded,
  MonitoredCasePosted,
  MonitoredCaseTownshipChecked,
  type Refusal,
  RiskLeadDispatched,
  refuse,
} from "@shouwang/contract";
import {
  actorOf,
  addDays,
  type BusinessDate,
  endOfDay,
  openDeadline,
  type Principal,
  parameterFor,
  type Tx,
} from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import { type Household, saveHousehold, stateOf } from "../household/store.ts";
import { lockPlanOfCase, savePlan, stateOfPlan } from "../household-plan/store.ts";
import { aboutCase } from "../monitored-case/chain.ts";
import { dueAfterInclusion, type MonitoredCase } from "../monitored-case/decide.ts";
import { findOpenCase, lockCase, saveCase, stateOfCase } from "../monitored-case/store.ts";
import { emergencyClock, identificationDays } from "../risk-lead/decide.ts";
import { openEmergencyDeadline } from "../risk-lead/register.ts";
import { emergencySettings, lockLead, lockOpenLeads, saveLead, stateOfLead } from "../risk-lead/store.ts";
import { reopenCase, reopenLead, type standsAgain } from "./decide.ts";
import { type Appeal, forgetFalseLead } from "./store.ts";

type Given = { household: Household; actor: Principal; now: Date; today: BusinessDate };

/** What an overturned decision brings about. The caller holds the household and the appeal. */
export async function reopen(
  tx: Tx<DB>,
  appeal: Appeal,
  given: Given,
): Promise<EventDraft[] | Refusal<"lead-open-already" | "case-open-already">> {
  if (appeal.leadId !== null) return await reopenLeadOf(tx, appeal.leadId, given);
  return appeal.caseId === null || appeal.against === "verification"
    ? []
    : await reopenCaseOf(tx, appeal.caseId, appeal.against, given);
}

/** The lead is open again: it is verified once more, and where it is severe its first measure is owed from now. */
async function reopenLeadOf(
  tx: Tx<DB>,
  leadId: string,
  { now, today }: Given,
): Promise<EventDraft[] | Refusal<"lead-open-already">> {
  const before = await lockLead(tx, leadId);
  if (!before) return [];
  if ((await lockOpenLeads(tx, [before])).length > 0) return refuse("lead-open-already");
  const open = reopenLead(before);
  const settings = await emergencySettings(tx, open.region, today);
  const clock = emergencyClock(open, settings, now);
  const lead =
    open.emergency !== "helped" && clock.owed
      ? { ...open, emergency: "required" as const, emergencyDueAt: clock.dueAt, explanation: [...open.explanation, clock.reason] }
      : open;
  await saveLead(tx, lead);
  await forgetFalseLead(tx, lead.id);
  await openEmergencyDeadline(tx, lead, now, settings);
  const about = { clause: "M-03", entity: "risk-lead", entityId: lead.id, householdId: lead.householdId, region: lead.region };
  const days = async (key: "verification.days" | "monitor.total.days" | "urgent.identify.days") =>
    (await parameterFor(tx, key, lead.region, today)).value;
  const total = identificationDays(lead.epidemic || lead.cause === "epidemic", {
    total: (await days("monitor.total.days")) ?? 15,
    urgent: await days("urgent.identify.days"),
  });
  for (const { kind, role, within } of [
    { kind: "verify-lead", role: "village-officer", within: (await days("verification.days")) ?? 3 },
    { kind: "identify-household", role: "county-officer", within: total },
  ])
    await openDeadline(tx, { ...about, kind, role, startedAt: now, dueAt: endOfDay(addDays(today, within)) });
  return [RiskLeadDispatched.of(lead.id, lead.version, lead.region, stateOfLead(lead))];
}

/** Who takes the step again, and the state event that says where the case stands. */
const again = {
  "village-review": { role: "village-officer", event: MonitoredCaseCompared },
  "township-check": { role: "township-officer", event: MonitoredCasePosted },
  "county-approval": { role: "county-officer", event: MonitoredCaseTownshipChecked },
} as const;

async function reopenCaseOf(
  tx: Tx<DB>,
  caseId: string,
  against: keyof typeof standsAgain,
  given: Given,
): Promise<EventDraft[] | Refusal<"case-open-already">> {
  const before = await lockCase(tx, caseId);
  if (!before) return [];
  if (await findOpenCase(tx, before.householdId)) return refuse("case-open-already");
  const monitored = reopenCase(before, against);
  await saveCase(tx, monitored);
  if (against === "clearance") return await monitorAgain(tx, monitored, given);
  const { role, event } = again[against];
  const days = await parameterFor(tx, "monitor.total.days", monitored.region, given.today);
  await openDeadline(tx, {
    ...aboutCase(monitored),
    kind: "take-step-again",
    clause: "M-03",
    role,
    startedAt: given.now,
    dueAt: endOfDay(addDays(given.today, days.value)),
  });
  return [event.of(monitored.id, monitored.version, monitored.region, stateOfCase(monitored))];
}

/** The clearance did not stand: the household is monitored as before, its plan holds again, and a helper is owed anew from today. */
async function monitorAgain(
  tx: Tx<DB>,
  monitored: MonitoredCase,
  { household, actor, now, today }: Given,
): Promise<EventDraft[]> {
  const after: Household = { ...household, riskCleared: false, version: household.version + 1 };
  await saveHousehold(tx, household, after, { at: now, actor: actorOf(actor), source: "appeal" });
  for (const { kind, clause, role, key } of [
    { kind: "assign-helper", clause: "M-04a", role: "county-officer", key: "helper.days" },
    { kind: "complete-file", clause: "M-04b", role: "township-officer", key: "file.days" },
  ] as const) {
    const days = await parameterFor(tx, key, monitored.region, today);
    const dueAt = endOfDay(dueAfterInclusion(today, days.value));
    await openDeadline(tx, { ...aboutCase(monitored), kind, clause, role, startedAt: now, dueAt });
  }
  const events: EventDraft[] = [
    MonitoredCaseIncluded.of(monitored.id, monitored.version, monitored.region, stateOfCase(monitored)),
    HouseholdChanged.of(after.id, after.version, after.region, stateOf(after)),
  ];
  const closed = await lockPlanOfCase(tx, monitored.id);
  if (closed?.status !== "closed" || closed.approvedOn === null) return events;
  const plan = { ...closed, status: "approved" as const, version: closed.version + 1 };
  await savePlan(tx, plan);
  return [...events, HouseholdPlanApproved.of(plan.id, plan.version, plan.region, stateOfPlan(plan))];
}
