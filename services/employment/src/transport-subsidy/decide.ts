import { addDays, addMonths, type BusinessDate, parseBusinessDate } from "@shouwang/service-kit/calendar";
import { type Claimant, type ClaimantDay, claimantOn, isAtWork, isEntitled, turningDays, whoOn } from "../claimant/decide.ts";
import { concluded, type Finding, findingOf, whoFindings } from "../claimant/findings-decide.ts";
import type { Scope } from "../work-record/decide.ts";
import { sumOf } from "./sum-decide.ts";
import type { TransportFacts, TransportRules } from "./terms-decide.ts";

const isAway = ({ scope }: { scope: Scope }): boolean => scope === "outside-region" || scope === "abroad";
const yearSpan = (year: number, today: BusinessDate) => {
  const [first, last] = [`${year}-01-01`, `${year}-12-31`];
  return { first, last: last < today ? last : today };
};
type Span = { from: string; until: string | null };
const within = ({ from, until }: Span, first: string, last: string) => ({
  from: from > first ? from : first,
  until: until !== null && until < last ? until : last,
});

/** E-02: whole months at work outside the region in a year, each time of work by itself, added up. */
export function monthsAway(works: Claimant["works"], year: number, today: BusinessDate): number {
  const { first, last } = yearSpan(year, today);
  return works.filter(isAway).reduce((months, work) => {
    const { from, until } = within(work, first, last);
    if (until < from) return months;
    const end = addDays(parseBusinessDate(until), 1);
    let whole = 0;
    while (addMonths(parseBusinessDate(from), whole + 1) <= end) whole += 1;
    return months + whole;
  }, 0);
}

/**
 * E-02: the date that counts is the first day of the year on which the person is at work outside the region and a member of a lifted or monitored household, and
 * is registered where the claim is made; the way out need not have been in that year. Where no day fulfils all of it, the first on which the person is
 * registered here, so that the answer can say what is missing.
 */
export function dayThatCounts(
  claimant: Claimant,
  asked: { year: number; today: BusinessDate; afterClearance: boolean; isHere: (day: ClaimantDay) => boolean },
): BusinessDate | "no-work-away" | "registered-elsewhere" {
  const { first, last } = yearSpan(asked.year, asked.today);
  const away = claimant.works.filter(isAway);
  const days = turningDays(claimant, first, last).filter((day) => away.some((work) => isAtWork(work, day)));
  if (first > last || days.length === 0) return "no-work-away";
  const here = days.flatMap((on) => {
    const day = claimantOn(claimant, on);
    return day && asked.isHere(day) ? [{ on, day }] : [];
  });
  const found = here.find(({ day }) => isEntitled(day.status, asked.afterClearance)) ?? here[0];
  return found?.on ?? "registered-elsewhere";
}

/** E-02: what is known of a person on the date that counts. */
export function factsOn(
  claimant: Claimant,
  day: ClaimantDay,
  given: {
    year: number;
    on: BusinessDate;
    today: BusinessDate;
    fareFen: number | null;
    proofs: readonly string[];
    posts: readonly Span[];
  },
): TransportFacts {
  const { year, on, today, fareFen, proofs } = given;
  const work = claimant.works.find((one) => isAway(one) && isAtWork(one, on)) ?? claimant.works.find((one) => isAtWork(one, on));
  const [post] = given.posts;
  return {
    ...{
      year,
      workRecordId: work?.id ?? null,
      scope: work?.scope ?? null,
      workFrom: work?.from ?? null,
      workUntil: work?.until ?? null,
    },
    ...whoOn(day, claimant.numberVerified, today),
    ...{ monthsAway: monthsAway(claimant.works, year, today), postFrom: post?.from ?? null, postUntil: post?.until ?? null },
    ...{ fareFen, proofs },
  };
}

const finding = findingOf("E-02");

/** E-02: whether a claim is to be paid, how much, and why, with everything against it and not only the first. */
export function assessTransport(claim: { on: string; madeOn: string }, facts: TransportFacts, rules: TransportRules) {
  const sum = sumOf(facts, rules);
  const findings = [
    ...whoFindings("E-02", claim.on, facts, rules),
    ...workFindings(facts, rules),
    ...[...sum.findings, lateFinding(claim, facts, rules)],
  ];
  return { ...concluded(findings), amountFen: sum.amountFen, listAwaited: sum.listAwaited };
}

function workFindings(facts: TransportFacts, rules: TransportRules): Finding[] {
  const { scope, workFrom, workUntil, workRecordId } = facts;
  const work = [
    {
      name: { zh: "务工记录", en: "Work record" },
      value: workRecordId,
      source: "employment",
      ...(workFrom ? { date: workFrom } : {}),
    },
  ];
  const days = { zh: `${workFrom}至${workUntil ?? "今"}`, en: `from ${workFrom} until ${workUntil ?? "now"}` };
  const where =
    scope === "outside-region"
      ? finding("for", "work-outside-region", `区外务工:${days.zh}`, `At work outside the region ${days.en}`, { facts: work })
      : scope === "abroad"
        ? finding(
            "people",
            "work-abroad",
            `境外务工(${days.zh}),由县级写明理由决定`,
            `At work abroad ${days.en}: the county decides, with its reason`,
            { facts: work },
          )
        : finding("against", "no-work-outside-region", "当日不在广西区外务工", "Not at work outside the region on that day", {
            facts: work,
          });
  const { minMonthsAway, newTripRequired } = rules;
  const enough = facts.monthsAway >= minMonthsAway.value;
  const newTrip = workFrom !== null && Number(workFrom.slice(0, 4)) === facts.year;
  return [
    where,
    ...(minMonthsAway.value > 0
      ? [
          finding(
            enough ? "for" : "waits",
            enough ? "months-away" : "months-away-short",
            `${facts.year}年区外务工满${facts.monthsAway}个月,须满${minMonthsAway.value}个月`,
            `${facts.monthsAway} whole months away in ${facts.year}; ${minMonthsAway.value} are asked for`,
            { parameter: "transport.minMonthsAway", document: minMonthsAway.document },
          ),
        ]
      : []),
    ...(newTripRequired.value && !newTrip
      ? [
          finding("against", "no-new-trip", `${facts.year}年没有新的外出`, `There was no new trip in ${facts.year}`, {
            ...{ parameter: "transport.newTripRequired", document: newTripRequired.document, facts: work },
          }),
        ]
      : []),
    ...(facts.postFrom === null
      ? []
      : [
          finding(
            "waits",
            "post-not-ended",
            `同期在乡村公益性岗位(${facts.postFrom}至${facts.postUntil ?? "今"}),退岗并核清后方可发放`,
            `At a public-welfare post in the same days, from ${facts.postFrom} until ${facts.postUntil ?? "now"}: the post ends before this is paid`,
          ),
        ]),
  ];
}

function lateFinding({ madeOn }: { madeOn: string }, { year }: TransportFacts, { lateClaimUntil }: TransportRules): Finding {
  const until = `${year + 1}-${lateClaimUntil.value}`;
  const late = madeOn > until;
  return finding(
    late ? "against" : "for",
    late ? "claimed-too-late" : "covers-the-year",
    `一次往返,管${year}年全年(至${year}-12-31);该年度申请截止${until}${late ? ",已逾期" : ""}`,
    `Once, there and back: it covers ${year} until ${year}-12-31; claims for the year are taken until ${until}${late ? ", which is over" : ""}`,
    { parameter: "transport.lateClaimUntil", document: lateClaimUntil.document },
  );
}
