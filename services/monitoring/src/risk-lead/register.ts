import {
  type EventDraft,
  type LeadSource,
  type Reason,
  type Risk,
  RiskLeadRegistered,
  RiskLeadRegraded,
} from "@shouwang/contract";
import { addDays, businessDate, endOfDay, openDeadline, parameterFor, type Tx } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import type { DB } from "../db.ts";
import { type EmergencySettings, emergencyClock, isLateRegistration, type RiskLead, type Severity } from "./decide.ts";
import { emergencySettings, insertLead, lockOpenLead, saveLead, stateOfLead } from "./store.ts";

export type NewLead = {
  householdId: string;
  region: string;
  source: LeadSource;
  cause: Risk;
  epidemic: boolean;
  severity: Severity;
  foundAt: Date;
  ruleCode?: string;
  explanation: readonly Reason[];
  /** Seals the reporter's words under the lead's own id; a sign that joins an open lead brings no words of its own. */
  sealedNote?: (leadId: string) => Buffer | undefined;
};

const graver = (a: Severity, b: Severity): Severity =>
  ["ungraded", "general", "severe"].indexOf(a) >= ["ungraded", "general", "severe"].indexOf(b) ? a : b;

/**
 * The one way a lead comes to be, whatever its source. While a lead of the same household and cause is open, a new sign joins it as further explanation
 * (and may raise its grade); else a lead is registered, and its clocks start: dispatch, the whole identification, and the first measure where one is owed (M-03).
 * The caller holds the lock on the household.
 */
export async function registerLead(
  tx: Tx<DB>,
  entry: NewLead,
  given: { now: Date; actor: string },
): Promise<{ leadId: string; outcome: "registered" | "merged"; events: EventDraft[] }> {
  const settings = await emergencySettings(tx, entry.region, businessDate(given.now));
  const present = await lockOpenLead(tx, entry.householdId, entry.cause);
  if (present) return { leadId: present.id, outcome: "merged", events: await join(tx, present, entry, given.now, settings) };

  const lateDays = await parameterFor(tx, "emergency.lateRegistrationDays", entry.region, businessDate(given.now));
  const lead: RiskLead = {
    id: uuidv7(),
    householdId: entry.householdId,
    region: entry.region,
    source: entry.source,
    cause: entry.cause,
    epidemic: entry.epidemic,
    severity: entry.severity,
    status: "registered",
    ruleCode: entry.ruleCode ?? null,
    explanation: [...entry.explanation],
    foundAt: entry.foundAt,
    registeredAt: given.now,
    lateRegistration: isLateRegistration(entry.foundAt, given.now, lateDays.value ?? 1),
    gradedAt: entry.severity === "ungraded" ? null : given.now,
    dispatchedAt: null,
    dispatchedTo: null,
    verifiedAt: null,
    rejectedBecause: null,
    emergency: "none",
    emergencyDueAt: null,
    firstMeasureAt: null,
    mergedInto: null,
    version: 1,
  };
  const clock = emergencyClock(lead, settings);
  const started: RiskLead = clock.owed
    ? { ...lead, emergency: "required", emergencyDueAt: clock.dueAt, explanation: [...lead.explanation, clock.reason] }
    : lead;
  await insertLead(tx, started, { reportedBy: given.actor, note: entry.sealedNote?.(started.id) });
  await openEmergencyDeadline(tx, started, given.now);

  const dispatchDays = await parameterFor(tx, "dispatch.days", entry.region, businessDate(given.now));
  const totalDays = await parameterFor(tx, "monitor.total.days", entry.region, businessDate(given.now));
  const about = {
    clause: "M-03",
    entity: "risk-lead",
    entityId: lead.id,
    householdId: lead.householdId,
    region: lead.region,
    startedAt: given.now,
  };
  const today = businessDate(given.now);
  await openDeadline(tx, {
    ...about,
    kind: "dispatch-lead",
    role: "township-officer",
    dueAt: endOfDay(addDays(today, dispatchDays.value ?? 0)),
  });
  await openDeadline(tx, {
    ...about,
    kind: "identify-household",
    role: "county-officer",
    dueAt: endOfDay(addDays(today, totalDays.value ?? 15)),
  });
  return {
    leadId: started.id,
    outcome: "registered",
    events: [RiskLeadRegistered.of(started.id, 1, started.region, stateOfLead(started))],
  };
}

/** Starts the clock of the first measure where one is owed; its start is the discovery, so it may already have passed. */
export async function openEmergencyDeadline(tx: Tx<DB>, lead: RiskLead, now: Date): Promise<void> {
  if (lead.emergency !== "required" || !lead.emergencyDueAt) return;
  const startedAt = lead.emergencyDueAt < now ? lead.emergencyDueAt : now;
  await openDeadline(tx, {
    kind: "first-measure",
    clause: "M-03",
    entity: "risk-lead",
    entityId: lead.id,
    householdId: lead.householdId,
    region: lead.region,
    role: "township-officer",
    startedAt,
    dueAt: lead.emergencyDueAt,
  });
}

/** A further sign of an open lead: its facts join the explanation; a graver grade re-grades the lead and may start its clock. */
async function join(
  tx: Tx<DB>,
  present: RiskLead,
  entry: NewLead,
  now: Date,
  settings: EmergencySettings,
): Promise<EventDraft[]> {
  const known = new Set(present.explanation.map((reason) => JSON.stringify(reason)));
  const explanation = [...present.explanation, ...entry.explanation.filter((reason) => !known.has(JSON.stringify(reason)))];
  const severity = graver(present.severity, entry.severity);
  const epidemic = present.epidemic || entry.epidemic;
  if (severity === present.severity && epidemic === present.epidemic) {
    await saveLead(tx, { ...present, explanation });
    return [];
  }
  const raised: RiskLead = { ...present, explanation, severity, epidemic, gradedAt: now, version: present.version + 1 };
  const clock = emergencyClock(raised, settings, present.severity === "general" ? now : undefined);
  const regraded: RiskLead =
    clock.owed && raised.emergency === "none" ? { ...raised, emergency: "required", emergencyDueAt: clock.dueAt } : raised;
  await saveLead(tx, regraded);
  await openEmergencyDeadline(tx, regraded, now);
  return [RiskLeadRegraded.of(regraded.id, regraded.version, regraded.region, stateOfLead(regraded))];
}
