import type { Reason } from "@shouwang/contract";
import type { BusinessDate } from "@shouwang/service-kit/calendar";

/** What a household was from a day on. */
export type HouseholdDay = {
  fromDate: string;
  registeredIn: string;
  householdKind: string;
  monitoredKind: string | null;
  riskCleared: boolean;
  status: string;
};
/** A time in which a household is monitored: the day of its end is no longer in it. */
export type MonitoredSpan = { monitoredKind: string | null; includedOn: string | null; endedOn: string | null };
/** Whose member a person was from a day on. */
export type MembershipDay = { since: string; householdId: string | null; status: string };

/** What a household was on a day, for rules that ask for lifted and monitored households. */
export type StatusOn = {
  on: BusinessDate;
  lifted: boolean;
  monitored: boolean;
  monitoredKind: string | null;
  /** Monitored once, its risk cleared by that day. */
  cleared: boolean;
  registeredIn: string;
  /** The day lies before the first record: what is known first is taken to have been so already. */
  assumed: boolean;
  reason: Reason;
};

/** Of rows in order of their day the one in force on a day, else the first there is. */
function inForce<T>(rows: readonly T[], dayOf: (row: T) => string, on: string): { row: T; assumed: boolean } | undefined {
  const row = rows.findLast((one) => dayOf(one) <= on);
  const [first] = rows;
  return row ? { row, assumed: false } : first && { row: first, assumed: true };
}

/**
 * E-01, E-02, E-09: the status on the date that counts decides, and a later change of it takes nothing back. Monitored are the days from inclusion to the one
 * before clearance, as the cases say; where no case is known (an older record), as the household itself said on that day.
 * @param days in order of their day, at least one
 */
export function statusOn(days: readonly HouseholdDay[], cases: readonly MonitoredSpan[], on: BusinessDate): StatusOn | undefined {
  const found = inForce(days, ({ fromDate }) => fromDate, on);
  if (!found) return undefined;
  const { row, assumed } = found;
  const spans = cases.filter(({ includedOn }) => includedOn !== null);
  const span = spans.find(({ includedOn, endedOn }) => (includedOn ?? "") <= on && (endedOn === null || on < endedOn));
  const told = spans.length === 0 && row.monitoredKind !== null;
  const monitored = span !== undefined || (told && !row.riskCleared);
  const monitoredKind = span?.monitoredKind ?? (told ? row.monitoredKind : null);
  const lifted = row.householdKind === "lifted-household";
  const cleared = !monitored && (spans.some(({ endedOn }) => endedOn !== null && endedOn <= on) || (told && row.riskCleared));
  const zh = [lifted ? "脱贫户" : "一般农户", monitored ? "监测对象" : cleared ? "风险已消除" : ""].filter(Boolean).join("、");
  const en = [lifted ? "lifted" : "never registered poor", monitored ? "monitored" : cleared ? "risk cleared" : ""]
    .filter(Boolean)
    .join(", ");
  return {
    ...{ on, lifted, monitored, monitoredKind, cleared, registeredIn: row.registeredIn, assumed },
    reason: {
      code: "status-on-the-date",
      clause: "E-01",
      zh: `${on}当日身份：${zh}${assumed ? "（此前无记录，按最早记录认定）" : ""}`,
      en: `On ${on} the household was ${en}${assumed ? "; nothing earlier is recorded, so the first record is taken" : ""}`,
      facts: [
        { name: { zh: "户类型", en: "Kind of household" }, value: row.householdKind, source: "monitoring", date: row.fromDate },
        {
          name: { zh: "监测对象类别", en: "Kind of monitored household" },
          value: monitoredKind,
          source: "monitoring",
          date: span?.includedOn ?? row.fromDate,
        },
      ],
    },
  };
}

/** Whose member a person was on a day; null where of nobody. */
export function householdOn(days: readonly MembershipDay[], on: BusinessDate): string | null {
  return inForce(days, ({ since }) => since, on)?.row.householdId ?? null;
}
