import { type Reason, type Refusal, type Risk, refuse } from "@shouwang/contract";
import { addDays, addWorkingDays, type BusinessDate, businessDate, daysBetween, endOfDay } from "@shouwang/service-kit/calendar";

export type Severity = "ungraded" | "general" | "severe";
export type LeadStatus = "registered" | "dispatched" | "verified" | "rejected" | "merged";
type RejectedBecause = "not-at-risk" | "risk-already-met" | "already-monitored" | "wrong-data";

export type RiskLead = {
  id: string;
  householdId: string;
  region: string;
  source: string;
  cause: Risk;
  epidemic: boolean;
  severity: Severity;
  status: LeadStatus;
  ruleCode: string | null;
  explanation: Reason[];
  foundAt: Date;
  registeredAt: Date;
  lateRegistration: boolean;
  gradedAt: Date | null;
  dispatchedAt: Date | null;
  dispatchedTo: string | null;
  verifiedAt: Date | null;
  rejectedBecause: string | null;
  emergency: "none" | "required" | "helped";
  emergencyDueAt: Date | null;
  firstMeasureAt: Date | null;
  mergedInto: string | null;
  version: number;
};

/** The settings of M-03 in force for the lead's place and day. */
export type EmergencySettings = {
  days: number;
  causes: readonly string[];
  clockStart: string;
  dayKind: string;
  /** Hours before its end from which the clock presses, and after its end until the city is shown it. */
  remindHoursBefore: number;
  cityAfterHours: number;
  document: string;
};

/** The emergency cause a lead stands for: the epidemic tag first, else the risk's own. */
const emergencyCause = (lead: Pick<RiskLead, "cause" | "epidemic">): string | undefined => {
  if (lead.epidemic || lead.cause === "epidemic") return "epidemic";
  if (lead.cause === "natural-disaster") return "disaster";
  return lead.cause === "illness" || lead.cause === "accident" ? lead.cause : undefined;
};

/**
 * M-03: whether a first measure is owed, and until when. Owed for a severe lead of a cause the settings name; calendar days (working days where the
 * settings say so), the first one not counted, to the end of the last. `restartAt` is the moment of a later re-grading, which starts a new clock.
 */
export function emergencyClock(
  lead: Pick<RiskLead, "cause" | "epidemic" | "severity" | "foundAt" | "verifiedAt">,
  settings: EmergencySettings,
  restartAt?: Date,
): { owed: false; reason: Reason } | { owed: true; startAt: Date; dueAt: Date; reason: Reason } {
  const cause = emergencyCause(lead);
  const because = { clause: "M-03", parameter: "emergency.days", document: settings.document };
  if (lead.severity !== "severe" || cause === undefined || !settings.causes.includes(cause)) {
    return {
      owed: false,
      reason: {
        ...because,
        code: "no-emergency-clock",
        zh: "未达到严重困难或原因不在应急范围,不启动应急计时",
        en: "Not severe, or not a cause that starts the emergency clock",
      },
    };
  }
  const startAt = restartAt ?? (settings.clockStart === "verifiedAt" ? lead.verifiedAt : lead.foundAt);
  if (!startAt) {
    return {
      owed: false,
      reason: {
        ...because,
        code: "clock-waits-for-verification",
        zh: "应急计时自核实之日起算,尚未核实",
        en: "The clock starts at verification, which is still to come",
      },
    };
  }
  const startDay = businessDate(startAt);
  const working = settings.dayKind === "working";
  const dueDay = working ? addWorkingDays(startDay, settings.days) : addDays(startDay, settings.days);
  return {
    owed: true,
    startAt,
    dueAt: endOfDay(dueDay),
    reason: {
      ...because,
      code: "emergency-clock",
      zh: `自${startDay}起${settings.days}个${working ? "工作日" : "自然日"}内(至${dueDay}当日结束)须落实至少一项帮扶措施`,
      en: `At least one measure is owed within ${settings.days} ${working ? "working" : "calendar"} days of ${startDay}, to the end of ${dueDay}`,
      facts: [
        { name: { zh: "起算日", en: "Clock starts" }, value: startDay },
        { name: { zh: "天数", en: "Days" }, value: settings.days },
      ],
    },
  };
}

/** M-03: days the whole identification may take: of an epidemic case those set for it, where any are set and fewer. */
export const identificationDays = (epidemic: boolean, days: { total: number; urgent: number | null }): number =>
  epidemic && days.urgent !== null ? Math.min(days.urgent, days.total) : days.total;

/** Whether registration came later after discovery than the settings allow; flagged, never refused. */
export const isLateRegistration = (foundAt: Date, now: Date, allowedDays: number): boolean =>
  daysBetween(businessDate(foundAt), businessDate(now)) > allowedDays;

const open: readonly LeadStatus[] = ["registered", "dispatched"];
const isOpen = (lead: Pick<RiskLead, "status">): boolean => open.includes(lead.status);

/** What `runsAsSevere` turns on. */
export type UngradedLead = Pick<RiskLead, "id" | "region" | "status" | "severity" | "cause" | "epidemic" | "registeredAt">;

/** M-03: an open lead caused by the epidemic that was left without a grade for as many hours as its county allows runs as severe. */
export const runsAsSevere = (lead: Omit<UngradedLead, "id" | "region">, now: Date, afterHours: number): boolean =>
  isOpen(lead) &&
  lead.severity === "ungraded" &&
  emergencyCause(lead) === "epidemic" &&
  now.getTime() - lead.registeredAt.getTime() >= afterHours * 3_600_000;

const stateRefusal = (lead: RiskLead): Refusal<"lead-state"> =>
  refuse("lead-state", { detail: { zh: `线索当前状态:${lead.status}`, en: `The lead is ${lead.status}` } });

/** Hands the lead to a named person of the village. */
export function dispatch(lead: RiskLead, given: { to: string; now: Date }): RiskLead | Refusal<"lead-state"> {
  if (!isOpen(lead)) return stateRefusal(lead);
  return { ...lead, status: "dispatched", dispatchedAt: given.now, dispatchedTo: given.to, version: lead.version + 1 };
}

/** Grades the lead. A grade that becomes severe later starts its clock at the re-grading. */
export function grade(
  lead: RiskLead,
  severity: Exclude<Severity, "ungraded">,
  given: { now: Date; settings: EmergencySettings },
): RiskLead | Refusal<"lead-state"> {
  if (!isOpen(lead) && lead.status !== "verified") return stateRefusal(lead);
  const regraded: RiskLead = { ...lead, severity, gradedAt: given.now, version: lead.version + 1 };
  const clock = emergencyClock(regraded, given.settings, lead.severity === "general" ? given.now : undefined);
  if (lead.emergency === "helped") return regraded;
  return { ...regraded, emergency: clock.owed ? "required" : "none", emergencyDueAt: clock.owed ? clock.dueAt : null };
}

export type VerificationOutcome = "at-risk" | RejectedBecause;

/** Two people at the home find the risk real, or say why it is not; only the township turns a lead away. */
export function verify(
  lead: RiskLead,
  given: {
    outcome: VerificationOutcome;
    team: readonly string[];
    visitedOn: BusinessDate;
    isTownship: boolean;
    now: Date;
    settings: EmergencySettings;
  },
): RiskLead | Refusal<"lead-state" | "verification-needs-two" | "visit-in-future" | "role-not-allowed"> {
  if (lead.status !== "dispatched") return stateRefusal(lead);
  if (new Set(given.team).size < 2) return refuse("verification-needs-two");
  if (given.visitedOn > businessDate(given.now)) return refuse("visit-in-future");
  if (given.outcome !== "at-risk") {
    if (!given.isTownship)
      return refuse("role-not-allowed", { detail: { zh: "排除线索由乡镇办理", en: "A lead is turned away by the township" } });
    return { ...lead, status: "rejected", rejectedBecause: given.outcome, verifiedAt: given.now, version: lead.version + 1 };
  }
  const verified: RiskLead = { ...lead, status: "verified", verifiedAt: given.now, version: lead.version + 1 };
  if (verified.emergency !== "none") return verified;
  const clock = emergencyClock(verified, given.settings);
  return clock.owed ? { ...verified, emergency: "required", emergencyDueAt: clock.dueAt } : verified;
}
