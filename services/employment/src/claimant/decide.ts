import { addMonths, type BusinessDate, parseBusinessDate } from "@shouwang/service-kit/calendar";
import {
  type HouseholdDay,
  householdOn,
  type MembershipDay,
  type MonitoredSpan,
  type StatusOn,
  statusOn,
} from "../registry/decide.ts";
import type { Channel, Scope } from "../work-record/decide.ts";

/** Work as a subsidy's rule sees it. */
export type ClaimantWork = {
  id: string;
  from: string;
  until: string | null;
  scope: Scope;
  channel: Channel;
  place: string | null;
  creditCode: string | null;
  householdId: string;
};

/** What is known of a person that a subsidy's rule may turn on, whatever the day. */
export type Claimant = {
  personId: string;
  /** Where the person is registered now. */
  region: string;
  birthDate: BusinessDate | null;
  numberVerified: boolean;
  memberships: readonly MembershipDay[];
  households: ReadonlyMap<string, { days: readonly HouseholdDay[]; cases: readonly MonitoredSpan[] }>;
  works: readonly ClaimantWork[];
};

/** A person on one day: whose member, what that household was, where registered, how old. */
export type ClaimantDay = { householdId: string; status: StatusOn; age: number | null };

/** Undefined where the person was no member of a household that is known. */
export function claimantOn(claimant: Claimant, on: BusinessDate): ClaimantDay | undefined {
  const householdId = householdOn(claimant.memberships, on);
  const history = householdId === null ? undefined : claimant.households.get(householdId);
  const status = history && statusOn(history.days, history.cases, on);
  return householdId !== null && status ? { householdId, status, age: ageOn(claimant.birthDate, on) } : undefined;
}

/** Whole years on a day; a birthday's own day completes the year. */
export function ageOn(birthDate: BusinessDate | null, on: BusinessDate): number | null {
  if (birthDate === null) return null;
  const years = Number(on.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return on < addMonths(birthDate, years * 12) ? years - 1 : years;
}

/** E-02, E-09: lifted or monitored on the day; a household that was never poor and whose risk is cleared only where the settings say so. */
export const isEntitled = (
  { lifted, monitored, cleared }: Pick<StatusOn, "lifted" | "monitored" | "cleared">,
  afterClearance: boolean,
): boolean => lifted || monitored || (cleared && afterClearance);

/** Whether work was going on on a day; its last day is a day of work. */
export const isAtWork = ({ from, until }: Pick<ClaimantWork, "from" | "until">, on: string): boolean =>
  from <= on && on <= (until ?? "9999-12-31");

/** The days between two, both included, on which anything about a person changes, in order: no other day can be the first of something. */
export function turningDays({ memberships, households, works }: Claimant, from: string, to: string): BusinessDate[] {
  const days = [
    ...[from, ...memberships.map(({ since }) => since), ...works.map((work) => work.from)],
    ...[...households.values()].flatMap(({ days, cases }) => [
      ...days.map(({ fromDate }) => fromDate),
      ...cases.flatMap(({ includedOn, endedOn }) => [includedOn, endedOn]),
    ]),
  ];
  const within = days.filter((day): day is string => day !== null && from <= day && day <= to);
  return [...new Set(within)].sort().map(parseBusinessDate);
}

/** Who a person was on a day, as a claim keeps it. */
export const whoOn = ({ status, age }: ClaimantDay, numberVerified: boolean, asOf: BusinessDate) => ({
  householdKind: status.lifted ? ("lifted" as const) : ("never-poor" as const),
  ...{ monitored: status.monitored, cleared: status.cleared, statusAssumed: status.assumed },
  ...{ age, numberVerified, asOf, movedSince: false },
});
