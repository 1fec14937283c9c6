import { type Channel, overlaps, type Scope, type Workplace } from "../work-record/decide.ts";

/** An employer as a record or a row knows it: credit code, and a key of the name under which equal names meet. */
export type Employer = { creditCode: string | null; employerKey: string | null };
type Span = { from: string; until: string | null };
/** What is compared of a record that is there already. */
export type Held = Employer &
  Workplace &
  Span & {
    scope: Scope;
    industry: string | null;
    monthlyWageFen: number | null;
    pointToPoint: boolean;
    endedBecause: string | null;
    checkedOn: string | null;
  };
/** The same of a row, with the scope worked out for its person. */
export type Told = Omit<Held, "checkedOn">;

/** Whether two know each other for one employer: by the credit code where both have one, else by the name. */
export function sameEmployer(one: Employer, other: Employer): "same" | "other" | "unknown" {
  if (one.creditCode !== null && other.creditCode !== null) return one.creditCode === other.creditCode ? "same" : "other";
  if (one.employerKey !== null && other.employerKey !== null) return one.employerKey === other.employerKey ? "same" : "other";
  return "unknown";
}

const samePlace = (one: Workplace, other: Workplace): boolean =>
  one.country === other.country &&
  ((one.place ?? "").startsWith(other.place ?? "") || (other.place ?? "").startsWith(one.place ?? ""));

/**
 * E-01: the record a row is about, of those its person has: the same employer on a day of both, or, where one of the two does not say for whom, the same place. The
 * latest one where there are several. None: the row tells of work that nobody has recorded.
 * @param records oldest first
 */
export const recordOf = <R extends Held>(records: readonly R[], told: Told): R | undefined =>
  records.findLast((record) => {
    if (!overlaps(record, told)) return false;
    const employer = sameEmployer(record, told);
    return employer === "same" || (employer === "unknown" && samePlace(record, told));
  });

export type Merged<R> = {
  record: R;
  /** Whether anything is said anew; a later day of being found at work alone is not. */
  step: "unchanged" | "changed" | "ended";
  /** The row says that somebody is at work whose work has ended: asked of people, since nothing begins again by itself. */
  contradicted: boolean;
};

/**
 * E-01: what a record is after a row about the same work. Empty fields are filled; wage and place are taken over unless the record was looked at after the day the list
 * is of; work that is going on ends as the row says; the first day stays as recorded.
 */
export function merge<R extends Held>(record: R, told: Told, dataDate: string): Merged<R> {
  const newer = record.checkedOn === null || dataDate >= record.checkedOn;
  const next = { ...record };
  next.creditCode ??= told.creditCode;
  next.employerKey ??= told.employerKey;
  next.industry ??= told.industry;
  next.pointToPoint ||= told.pointToPoint;
  if (told.monthlyWageFen !== null && (newer || record.monthlyWageFen === null)) next.monthlyWageFen = told.monthlyWageFen;
  // A row that says less of the place, as the province alone, changes nothing of it.
  const moreOrOther = !(record.country === told.country && (record.place ?? "").startsWith(told.place ?? ""));
  if (newer && moreOrOther) Object.assign(next, { country: told.country, place: told.place, scope: told.scope });
  const ends = record.until === null && told.until !== null;
  if (ends) Object.assign(next, { until: told.until, endedBecause: told.endedBecause ?? "other" });
  const seen = told.until ?? dataDate;
  const found = record.until === null && (record.checkedOn === null || seen > record.checkedOn);
  if (found) next.checkedOn = seen;
  const changed = fields.some((field) => next[field] !== record[field]);
  return {
    record: next,
    step: ends ? "ended" : changed ? "changed" : "unchanged",
    contradicted: record.until !== null && told.until === null && dataDate > record.until,
  };
}
const fields = ["creditCode", "employerKey", "industry", "pointToPoint", "monthlyWageFen", "country", "place", "until"] as const;

/** How the work was found where a roll does not say: brought by organised transport, at an enterprise of the own county, else by oneself. */
export const channelWhereUnsaid = (scope: Scope, pointToPoint: boolean): Channel =>
  pointToPoint ? "organised-export" : scope === "in-county" ? "enterprise" : "own-search";

/** What an insurance says of somebody's work: it agrees with a record of the month, another employer pays it, or nobody has recorded any work in it. */
export function compareInsurance<R extends Employer & Span>(
  records: readonly R[],
  insured: Employer & { from: string; until: string },
): { says: "agrees"; record: R } | { says: "insured-elsewhere"; record: R } | { says: "insured-not-recorded" } {
  const ofMonth = records.filter((record) => overlaps(record, insured));
  const agreeing = ofMonth.findLast((record) => sameEmployer(record, insured) !== "other");
  if (agreeing) return { says: "agrees", record: agreeing };
  const other = ofMonth.at(-1);
  return other ? { says: "insured-elsewhere", record: other } : { says: "insured-not-recorded" };
}
