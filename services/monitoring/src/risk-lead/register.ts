import {
  type EventDraft,
  type LeadSource,
  type Reason,
  type Risk,
  RiskLeadRegistered,
  RiskLeadRegraded,
} from "@shouwang/contract";
import { addDays, businessDate, endOfDay, type NewDeadline, openDeadlines, readParameters, type Tx } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import type { DB } from "../db.ts";
import {
  type EmergencySettings,
  emergencyClock,
  identificationDays,
  isLateRegistration,
  type RiskLead,
  type Severity,
} from "./decide.ts";
import { emergencyKeys, emergencySettingsOf, insertLeads, lockOpenLeads, saveLeads, stateOfLead } from "./store.ts";

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

/** What came of an entry: its lead, whether it is a new one, and the events to tell. */
export type RegisteredLead = {
  leadId: string;
  householdId: string;
  outcome: "registered" | "merged";
  events: EventDraft[];
};

const settingKeys = [
  ...emergencyKeys,
  "emergency.lateRegistrationDays",
  "dispatch.days",
  "monitor.total.days",
  "urgent.identify.days",
] as const;

/** The one way a lead comes to be, whatever its source: `registerLeads` for one entry. */
export async function registerLead(tx: Tx<DB>, entry: NewLead, given: { now: Date; actor: string }): Promise<RegisteredLead> {
  const [registered] = await registerLeads(tx, [entry], given);
  if (!registered) throw new Error("an entry makes a lead or joins one");
  return registered;
}

/**
 * Registers leads, one statement a table however many there are. While a lead of the same household and cause is open, a new sign joins it as further explanation
 * (and may raise its grade); else a lead is registered, and its clocks start: dispatch, the whole identification, and the first measure where one is owed (M-03).
 * The caller holds the locks on the households, and brings at most one entry of a household and cause.
 * @returns one for each entry, in their order
 */
export async function registerLeads(
  tx: Tx<DB>,
  entries: readonly NewLead[],
  given: { now: Date; actor: string },
): Promise<RegisteredLead[]> {
  if (entries.length === 0) return [];
  const read = await readParameters(tx, settingKeys, businessDate(given.now));
  const open = new Map((await lockOpenLeads(tx, entries)).map((lead) => [keyOf(lead), lead]));
  const inserted: (RiskLead & { note: Buffer | undefined })[] = [];
  const saved: RiskLead[] = [];
  const deadlines: NewDeadline[] = [];
  const ends = new Map<number, Date>();
  const endAfter = (days: number): Date => {
    const end = ends.get(days) ?? endOfDay(addDays(businessDate(given.now), days));
    ends.set(days, end);
    return end;
  };
  const registered = entries.map((entry): RegisteredLead => {
    const settings = emergencySettingsOf(read, entry.region);
    const { householdId } = entry;
    const present = open.get(keyOf(entry));
    if (present) {
      const joined = join(present, entry, given.now, settings);
      saved.push(joined.lead);
      if (joined.events.length > 0) deadlines.push(...emergencyDeadlines(joined.lead, given.now, settings));
      return { leadId: present.id, householdId, outcome: "merged", events: joined.events };
    }
    const lead = newLead(entry, given.now, read("emergency.lateRegistrationDays", entry.region).value, settings);
    inserted.push({ ...lead, note: entry.sealedNote?.(lead.id) });
    const due = {
      dispatch: endAfter(read("dispatch.days", entry.region).value),
      total: endAfter(
        identificationDays(lead.epidemic || lead.cause === "epidemic", {
          total: read("monitor.total.days", entry.region).value,
          urgent: read("urgent.identify.days", entry.region).value,
        }),
      ),
    };
    deadlines.push(...emergencyDeadlines(lead, given.now, settings), ...firstDeadlines(lead, given.now, due));
    const events = [RiskLeadRegistered.of(lead.id, 1, lead.region, stateOfLead(lead))];
    return { leadId: lead.id, householdId, outcome: "registered", events };
  });
  await insertLeads(tx, inserted, given.actor);
  await saveLeads(tx, saved);
  await openDeadlines(tx, deadlines);
  return registered;
}

const keyOf = (of: { householdId: string; cause: string }): string => `${of.householdId} ${of.cause}`;

/** A lead as it begins, its emergency clock worked out. */
function newLead(entry: NewLead, now: Date, lateDays: number, settings: EmergencySettings): RiskLead {
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
    registeredAt: now,
    lateRegistration: isLateRegistration(entry.foundAt, now, lateDays),
    gradedAt: entry.severity === "ungraded" ? null : now,
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
  if (!clock.owed) return lead;
  return { ...lead, emergency: "required", emergencyDueAt: clock.dueAt, explanation: [...lead.explanation, clock.reason] };
}

/** The clocks every new lead has: until it is dispatched, and until the household is identified. */
function firstDeadlines(lead: RiskLead, now: Date, due: { dispatch: Date; total: Date }): NewDeadline[] {
  const { id: entityId, householdId, region } = lead;
  const about = { clause: "M-03", entity: "risk-lead", entityId, householdId, region, startedAt: now };
  return [
    { ...about, kind: "dispatch-lead", role: "township-officer", dueAt: due.dispatch },
    { ...about, kind: "identify-household", role: "county-officer", dueAt: due.total },
  ];
}

/** The clock of the first measure where one is owed; its start is the discovery, so it may already have passed. */
function emergencyDeadlines(lead: RiskLead, now: Date, settings: EmergencySettings): NewDeadline[] {
  if (lead.emergency !== "required" || !lead.emergencyDueAt) return [];
  return [
    {
      kind: "first-measure",
      clause: "M-03",
      entity: "risk-lead",
      entityId: lead.id,
      householdId: lead.householdId,
      region: lead.region,
      role: "township-officer",
      startedAt: lead.emergencyDueAt < now ? lead.emergencyDueAt : now,
      dueAt: lead.emergencyDueAt,
      remindAt: new Date(lead.emergencyDueAt.getTime() - settings.remindHoursBefore * 3_600_000),
      escalate: { role: "city-officer", at: new Date(lead.emergencyDueAt.getTime() + settings.cityAfterHours * 3_600_000) },
    },
  ];
}

/** Starts the clock of the first measure where one is owed. */
export async function openEmergencyDeadline(tx: Tx<DB>, lead: RiskLead, now: Date, settings: EmergencySettings): Promise<void> {
  await openDeadlines(tx, emergencyDeadlines(lead, now, settings));
}

/** A further sign of an open lead: its facts join the explanation; a graver grade re-grades the lead and may start its clock. */
function join(
  present: RiskLead,
  entry: NewLead,
  now: Date,
  settings: EmergencySettings,
): { lead: RiskLead; events: EventDraft[] } {
  const known = new Set(present.explanation.map((reason) => JSON.stringify(reason)));
  const explanation = [...present.explanation, ...entry.explanation.filter((reason) => !known.has(JSON.stringify(reason)))];
  const severity = graver(present.severity, entry.severity);
  const epidemic = present.epidemic || entry.epidemic;
  if (severity === present.severity && epidemic === present.epidemic) return { lead: { ...present, explanation }, events: [] };
  const raised: RiskLead = { ...present, explanation, severity, epidemic, gradedAt: now, version: present.version + 1 };
  const clock = emergencyClock(raised, settings, present.severity === "general" ? now : undefined);
  const lead: RiskLead =
    clock.owed && raised.emergency === "none" ? { ...raised, emergency: "required", emergencyDueAt: clock.dueAt } : raised;
  return { lead, events: [RiskLeadRegraded.of(lead.id, lead.version, lead.region, stateOfLead(lead))] };
}
