import type { BusinessDate } from "@shouwang/service-kit/calendar";

/** A time at work, or at a public-welfare post, as employment told it last. */
export type PersonWork = {
  kind: "work-record" | "post-holder";
  id: string;
  personId: string;
  /** Where it is, seen from the county of registration. */
  scope: "in-county" | "in-region" | "outside-region" | "abroad";
  /** How the work was found. */
  channel: string;
  from: string;
  until: string | null;
  suspended: boolean;
  endedBecause: string | null;
};

/** Where a person stands with work on a day. */
export type WorkState =
  | { atWork: true; scope: PersonWork["scope"]; channel: string; since: string }
  /** Not at work; the last work and why it ended, where any is known. */
  | { atWork: false; lastUntil: string | null; endedBecause: string | null };

const covers = ({ from, until, suspended }: PersonWork, day: string): boolean =>
  from <= day && (until === null || until >= day) && !suspended;

/** Whether somebody was at work on a day, by any of these or by another one than `but`. */
export const isAtWork = (works: readonly PersonWork[], day: BusinessDate, but?: { kind: string; id: string }): boolean =>
  works.some((work) => covers(work, day) && !(work.kind === but?.kind && work.id === but.id));

/** Where a person stands on a day: of several times at work the one that began last is told. */
export function workStateOn(works: readonly PersonWork[], day: BusinessDate): WorkState {
  const present = works.filter((work) => covers(work, day)).toSorted((a, b) => (a.from < b.from ? 1 : -1));
  const [latest] = present;
  if (latest) return { atWork: true, scope: latest.scope, channel: latest.channel, since: latest.from };
  const [last] = works
    .filter(({ until }) => until !== null && until < day)
    .toSorted((a, b) => ((a.until ?? "") < (b.until ?? "") ? 1 : -1));
  return { atWork: false, lastUntil: last?.until ?? null, endedBecause: last?.endedBecause ?? null };
}
