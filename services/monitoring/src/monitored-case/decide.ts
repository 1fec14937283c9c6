import { type Refusal, type Risk, refuse } from "@shouwang/contract";
import { addDays, type BusinessDate } from "@shouwang/service-kit/calendar";

type CaseStatus =
  | "opened"
  | "authorised"
  | "compared"
  | "village-reviewed"
  | "posted"
  | "objected"
  | "township-checked"
  | "included"
  | "refused"
  | "helping"
  | "clearance-proposed"
  | "cleared"
  | "closed";
type ClearanceStep = "proposed" | "village-reviewed" | "posted" | "objected" | "township-checked";
export type MonitoredKind = "unstable-lifted" | "borderline" | "sudden-hardship";

export type MonitoredCase = {
  id: string;
  householdId: string;
  region: string;
  leadId: string | null;
  previousCaseId: string | null;
  status: CaseStatus;
  procedure: "inclusion" | "clearance";
  /** How far the clearance procedure is; null outside of it. */
  clearanceStep: ClearanceStep | null;
  round: number;
  monitoredKind: MonitoredKind | null;
  risks: Risk[];
  disasterKind: string | null;
  epidemic: boolean;
  foundAt: Date;
  openedAt: Date;
  countyApprovedOn: string | null;
  countyDocument: string | null;
  nationalEntryOn: string | null;
  includedOn: string | null;
  incomeAtInclusionId: string | null;
  postingId: string | null;
  clearanceProposedOn: string | null;
  clearedOn: string | null;
  clearedBy: "help" | "nature" | null;
  closedBecause: string | null;
  version: number;
};

/** The steps both procedures share, in order: each names where the case must stand before and stands after. */
const shared = {
  "village-review": { from: ["compared", "proposed"], to: "village-reviewed" },
  posting: { from: ["village-reviewed"], to: "posted" },
  objection: { from: ["posted", "objected"], to: "objected" },
  "objection-answered": { from: ["objected"], to: "posted" },
  "township-check": { from: ["posted"], to: "township-checked" },
} as const;
export type SharedStep = keyof typeof shared;

/** Where the case stands within the procedure that runs: the inclusion's status, or the clearance's step. */
const place = (monitored: MonitoredCase): string =>
  monitored.procedure === "clearance" && monitored.clearanceStep !== null ? monitored.clearanceStep : monitored.status;

const stateRefusal = (monitored: MonitoredCase): Refusal<"case-state"> =>
  refuse("case-state", { detail: { zh: `认定当前环节:${place(monitored)}`, en: `The case stands at ${place(monitored)}` } });

/** Takes one of the steps that inclusion and clearance share; risk clearance goes the same way as inclusion. */
export function takeShared(monitored: MonitoredCase, step: SharedStep): MonitoredCase | Refusal<"case-state"> {
  const { from, to } = shared[step];
  const here = place(monitored);
  if (!(from as readonly string[]).includes(here)) return stateRefusal(monitored);
  const version = monitored.version + 1;
  return monitored.procedure === "clearance"
    ? { ...monitored, clearanceStep: to, version }
    : { ...monitored, status: to, version };
}

const only = (
  monitored: MonitoredCase,
  from: readonly CaseStatus[],
  to: Partial<MonitoredCase>,
): MonitoredCase | Refusal<"case-state"> =>
  from.includes(monitored.status) && monitored.clearanceStep === null
    ? { ...monitored, ...to, version: monitored.version + 1 }
    : stateRefusal(monitored);

export const authorise = (monitored: MonitoredCase) => only(monitored, ["opened"], { status: "authorised" });
export const refuseCase = (monitored: MonitoredCase): MonitoredCase | Refusal<"case-state"> =>
  monitored.procedure === "clearance"
    ? // A clearance that fails leaves the household monitored, as it was.
      {
        ...monitored,
        status: "helping",
        procedure: "inclusion",
        clearanceStep: null,
        clearanceProposedOn: null,
        clearedBy: null,
        version: monitored.version + 1,
      }
    : only(monitored, ["compared", "village-reviewed", "posted", "objected", "township-checked"], { status: "refused" });

/** Every department asked must have replied before the comparison counts; a mismatch is for people to look at, never a refusal by itself. */
export function compare(
  monitored: MonitoredCase,
  given: { asked: readonly string[]; replied: readonly string[] },
): MonitoredCase | Refusal<"case-state" | "comparison-incomplete"> {
  const missing = given.asked.filter((department) => !given.replied.includes(department));
  if (missing.length > 0 || given.asked.length === 0) {
    return refuse("comparison-incomplete", {
      detail: {
        zh: `尚未回复:${missing.join("、") || "未向任何部门发函"}`,
        en: `No reply from: ${missing.join(", ") || "nobody was asked"}`,
      },
    });
  }
  return only(monitored, ["authorised"], { status: "compared" });
}

/** The review carries when more hands are for than against; attendance covers both. */
export const reviewCarries = (votes: { votesFor: number; votesAgainst: number; attendees: number }): boolean =>
  votes.votesFor > votes.votesAgainst && votes.votesFor + votes.votesAgainst <= votes.attendees;

/** Proposes clearance; the procedure then goes the same way as inclusion did. */
export function proposeClearance(
  monitored: MonitoredCase,
  given: { today: BusinessDate; clearedBy: "help" | "nature" },
): MonitoredCase | Refusal<"case-state"> {
  return only(monitored, ["helping"], {
    status: "clearance-proposed",
    procedure: "clearance",
    clearanceStep: "proposed",
    clearanceProposedOn: given.today,
    clearedBy: given.clearedBy,
    round: monitored.round + 1,
  });
}

/** M-04a: the day a household counts as included, by the setting: county approval, entry in the national system, or the earlier of the two. */
export function dayOfInclusion(basis: string, approvedOn: string, nationalEntryOn: string | null): string {
  if (basis === "county-approval" || nationalEntryOn === null) return approvedOn;
  if (basis === "national-system-entry") return nationalEntryOn;
  return nationalEntryOn < approvedOn ? nationalEntryOn : approvedOn;
}

/** The county's decision, of either procedure. */
export function approve(
  monitored: MonitoredCase,
  given: { today: BusinessDate; document: string; monitoredKind: MonitoredKind | null; basis: string; incomeId: string | null },
): MonitoredCase | Refusal<"case-state"> {
  const version = monitored.version + 1;
  if (monitored.procedure === "clearance") {
    if (monitored.clearanceStep !== "township-checked") return stateRefusal(monitored);
    return {
      ...monitored,
      status: "cleared",
      clearanceStep: null,
      clearedOn: given.today,
      countyDocument: given.document,
      version,
    };
  }
  if (monitored.status !== "township-checked") return stateRefusal(monitored);
  return {
    ...monitored,
    status: "included",
    monitoredKind: given.monitoredKind,
    countyApprovedOn: given.today,
    countyDocument: given.document,
    includedOn: dayOfInclusion(given.basis, given.today, monitored.nationalEntryOn),
    incomeAtInclusionId: given.incomeId,
    version,
  };
}

/** The last day of a duty that runs from inclusion: natural days, the day of inclusion not counted (M-04a, M-04b). */
export const dueAfterInclusion = (includedOn: BusinessDate, days: number): BusinessDate => addDays(includedOn, days);
