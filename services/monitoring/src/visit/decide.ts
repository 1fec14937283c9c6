import { type Refusal, type Role, refuse } from "@shouwang/contract";
import { type BusinessDate, endOfDay, lastDayOf, monthOf, nextMonth, parseBusinessDate } from "@shouwang/service-kit/calendar";

export type Purpose = "monthly-round" | "helper-visit" | "monthly-help" | "verification" | "sweep";
export type VisitorRole = "grid-worker" | "helper" | "first-secretary" | "village-officer" | "township-officer";

/** Offices that go to households. */
export const visitors = [
  "grid-worker",
  "helper",
  "first-secretary",
  "village-officer",
  "township-officer",
] as const satisfies Role[];

/** As whom somebody went: as the household's helper where they are one, else in the office they hold. */
export const roleOfVisitor = (roles: readonly Role[], isItsHelper: boolean): VisitorRole =>
  isItsHelper ? "helper" : (visitors.find((role) => roles.includes(role)) ?? "village-officer");

export type Visit = {
  id: string;
  householdId: string;
  region: string;
  caseId: string | null;
  /** Duties the visit serves; it counts for each whose settings it meets. */
  purposes: Purpose[];
  mode: "home" | "phone" | "video";
  /** Sign-in of whoever went. */
  visitor: string;
  visitorRole: VisitorRole;
  visitedOn: string;
  syncedAt: Date;
  /** The whole household was away. */
  householdAway: boolean;
  changed: boolean;
  needs: string[];
  /** 1, then one more for each amendment. */
  version: number;
  /** Taken back by an amendment: it is kept and counts for nothing. */
  withdrawn: boolean;
};

/** The last instant at which visits of a month are taken: the end of the lock day in the month after; a day that month lacks is its last. */
export function lockOf(month: string, lockDay: number): Date {
  const last = lastDayOf(nextMonth(month));
  const day = `${nextMonth(month)}-${String(lockDay).padStart(2, "0")}`;
  return endOfDay(day > last ? last : parseBusinessDate(day));
}

/** Whether visits of a month are still taken (M-02): the figures of a month stand from the end of the lock day on. */
export const isMonthOpen = (month: string, now: Date, lockDay: number): boolean => now <= lockOf(month, lockDay);

/** A visit is not in the future and not of a month that is locked. */
export function checkVisitDay(
  visitedOn: string,
  given: { now: Date; today: BusinessDate; lockDay: number },
): Refusal<"visit-in-future" | "visit-month-locked"> | undefined {
  if (visitedOn > given.today) return refuse("visit-in-future");
  const month = visitedOn.slice(0, 7);
  // The present month needs no calendar: a batch of five hundred asks this five hundred times.
  if (month === given.today.slice(0, 7)) return undefined;
  if (isMonthOpen(month, given.now, given.lockDay)) return undefined;
  return refuse("visit-month-locked", {
    reasons: [
      {
        code: "month-locked",
        clause: "M-02",
        parameter: "month.lockDay",
        zh: `${month}的走访数据已于次月${given.lockDay}日24时锁定`,
        en: `The visits of ${month} were locked at the end of day ${given.lockDay} of the month after`,
        facts: [{ name: { zh: "走访日期", en: "Visited on" }, value: visitedOn }],
      },
    ],
  });
}

/**
 * What becomes of an upload (M-02): a phone sends again whatever it has no answer for, so the same visit under the same id is a duplicate, also after the lock
 * of its month; another visit under that id is refused.
 */
export function judgeUpload(
  sent: Pick<Visit, "householdId" | "visitedOn" | "mode"> & { visitor: string },
  given: {
    known: Visit | undefined;
    household: { id: string } | undefined;
    now: Date;
    today: BusinessDate;
    lockDay: number;
  },
):
  | { outcome: "accepted" }
  | { outcome: "duplicate"; visit: Visit }
  | Refusal<"household-not-found" | "already-exists" | "visit-in-future" | "visit-month-locked"> {
  if (!given.household) return refuse("household-not-found");
  const { known } = given;
  if (known) return isSame(known, sent) ? { outcome: "duplicate", visit: known } : refuse("already-exists");
  return checkVisitDay(sent.visitedOn, given) ?? { outcome: "accepted" };
}

/** Whether an upload is the visit that is there already. What an amendment changed since is no longer compared: the first upload was this one's twin. */
const isSame = (visit: Visit, sent: Pick<Visit, "householdId" | "visitedOn" | "mode"> & { visitor: string }): boolean =>
  visit.visitor === sent.visitor &&
  visit.householdId === sent.householdId &&
  (visit.version > 1 || (visit.visitedOn === sent.visitedOn && visit.mode === sent.mode));

/**
 * M-02: how a visit counts for the monthly round: seen at home, or reached by a call because the whole household is away, where the settings let that count.
 * Undefined: not at all. A home where nobody was in is not a household seen, and a call to one that is there is no visit.
 */
export function countsForRound(
  visit: Pick<Visit, "purposes" | "mode" | "householdAway"> & { withdrawn?: boolean },
  settings: { phoneCountsWhenAbsent: boolean },
): "at-home" | "by-call" | undefined {
  if (visit.withdrawn) return undefined;
  if (!visit.purposes.includes("monthly-round")) return undefined;
  if (visit.mode === "home") return visit.householdAway ? undefined : "at-home";
  return visit.householdAway && settings.phoneCountsWhenAbsent ? "by-call" : undefined;
}

export type RoundScope = "all" | "focus";
/** Kinds of household that must be visited each month; which of them count is a setting. */
export const mustVisitKinds = [
  "lifted-household",
  "monitored-household",
  "open-lead",
  "elderly-alone",
  "without-labour",
  "low-income",
  "relocated",
] as const;
export type MustVisitKind = (typeof mustVisitKinds)[number];
/** Households of a place that are, or are not, in the focus, and how the round reached them. */
export type RoundCount = { region: string; focus: boolean; households: number; atHome: number; byCall: number };
export type RoundPlace = { region: string; households: number; visited: number; atHome: number; byCall: number; notSeen: number };

/** M-02: the round place by place, for the households it covers; a call counts as visited only where the settings let it. */
export function roundPlaces(
  counts: readonly RoundCount[],
  settings: { scope: RoundScope; phoneCountsWhenAbsent: boolean },
): RoundPlace[] {
  const places = new Map<string, RoundPlace>();
  for (const count of counts) {
    if (settings.scope === "focus" && !count.focus) continue;
    const before = places.get(count.region);
    const visited = count.atHome + (settings.phoneCountsWhenAbsent ? count.byCall : 0);
    places.set(count.region, {
      region: count.region,
      households: (before?.households ?? 0) + count.households,
      visited: (before?.visited ?? 0) + visited,
      atHome: (before?.atHome ?? 0) + count.atHome,
      byCall: (before?.byCall ?? 0) + count.byCall,
      notSeen: (before?.notSeen ?? 0) + count.households - visited,
    });
  }
  return [...places.values()];
}

export type HelperSpan = { subject: string; from: string; until: string | null };
export type CaseSpan = { includedOn: string | null; clearedOn: string | null };

/**
 * M-04c: whether a visit is the monthly home visit by a helper, and if not, why. Counted from inclusion until clearance is approved, by the day of the visit.
 * A wholly absent household reached by a call is "household-away": shown, never counted.
 */
export function countsForHelperVisit(
  visit: Pick<Visit, "purposes" | "mode" | "visitor" | "visitedOn" | "householdAway">,
  given: { helpers: readonly HelperSpan[]; monitored: CaseSpan },
): "counts" | "other-purpose" | "outside-monitoring" | "not-its-helper" | "household-away" | "not-at-home" {
  const { includedOn, clearedOn } = given.monitored;
  const day = visit.visitedOn;
  if (!visit.purposes.includes("helper-visit")) return "other-purpose";
  if (includedOn === null || day < includedOn || (clearedOn !== null && day > clearedOn)) return "outside-monitoring";
  const isHelper = given.helpers.some(
    (helper) => helper.subject === visit.visitor && helper.from <= day && (helper.until === null || day <= helper.until),
  );
  if (!isHelper) return "not-its-helper";
  if (visit.householdAway) return "household-away";
  return visit.mode === "home" ? "counts" : "not-at-home";
}

/** M-04c: whether the month of the first assignment is excused, being so late in the month that no visit can be asked for. */
export const exemptMonth = (firstHelperFrom: string, month: string, exemptFromDay: number): boolean =>
  monthOf(parseBusinessDate(firstHelperFrom)) === month && Number(firstHelperFrom.slice(8)) >= exemptFromDay;

/**
 * M-04c: whether a home visit is owed in a month. The first month runs from the first assignment; a household left without any helper past the month of its
 * inclusion is owed one all the same; the month of clearance is excused.
 */
export function dutyOfMonth(
  month: string,
  given: { monitored: CaseSpan; helpers: readonly HelperSpan[]; exemptFromDay: number },
): "none" | "owed" | "exempt" {
  const { includedOn, clearedOn } = given.monitored;
  if (includedOn === null || month < includedOn.slice(0, 7)) return "none";
  if (clearedOn !== null && month >= clearedOn.slice(0, 7)) return month === clearedOn.slice(0, 7) ? "exempt" : "none";
  const first = given.helpers.map((helper) => helper.from).sort()[0];
  const noneYet = first === undefined || month < first.slice(0, 7);
  if (noneYet) return month === includedOn.slice(0, 7) ? "none" : "owed";
  return exemptMonth(first, month, given.exemptFromDay) ? "exempt" : "owed";
}

/**
 * What the visits of a month come to for M-04c: the day that met the duty (visits on one day are one visit), and the latest day the household could only be
 * found away.
 */
export function helperVisitsOf(
  visits: readonly Visit[],
  given: { helpers: readonly HelperSpan[]; monitored: CaseSpan; needed: number },
): { metOn: string | null; awayOn: string | null } {
  const daysOf = (outcome: "counts" | "household-away") =>
    [...new Set(visits.filter((visit) => countsForHelperVisit(visit, given) === outcome).map((visit) => visit.visitedOn))].sort();
  return { metOn: daysOf("counts")[given.needed - 1] ?? null, awayOn: daysOf("household-away").at(-1) ?? null };
}
