import type { Reason } from "@shouwang/contract";
import {
  addMonths,
  type BusinessDate,
  daysBetween,
  firstDayOf,
  lastDayOf,
  monthOf,
  parseBusinessDate,
} from "@shouwang/service-kit/calendar";
import { type Claimant, type ClaimantDay, whoOn } from "../claimant/decide.ts";
import { concluded, type Finding, findingOf, whoFindings, yuan } from "../claimant/findings-decide.ts";
import type { LabourFacts, LabourRules } from "./terms-decide.ts";

type Span = { from: string; until: string | null };
type Month = ReturnType<typeof monthOf>;
/** The employer a claim names. */
export type NamedEmployer = {
  id: string;
  kind: string;
  creditCode: string | null;
  region: string;
  ownerHouseholdId: string | null;
  closedOn: string | null;
};

/** Days that a time shares with a month, its last day among them. */
export function daysWithin({ from, until }: Span, month: Month): number {
  const [first, last] = [firstDayOf(month), lastDayOf(month)];
  const start = from > first ? from : first;
  const end = until !== null && until < last ? until : last;
  return end < start ? 0 : daysBetween(parseBusinessDate(start), parseBusinessDate(end)) + 1;
}

const daysOf = (spans: readonly Span[], month: Month): number => spans.reduce((days, span) => days + daysWithin(span, month), 0);

/** Work that counts for E-09: for a lawful operator in the county of registration; a public-welfare post is no such work. */
const inCounty = (works: Claimant["works"], county: string) =>
  works.filter(({ place, channel }) => place?.slice(0, 6) === county && channel !== "public-welfare-post");

const away = (works: Claimant["works"]) => works.filter(({ scope }) => scope === "outside-region" || scope === "abroad");
const atPosts = (works: Claimant["works"], posts: readonly Span[]) => [
  ...works.filter(({ channel }) => channel === "public-welfare-post"),
  ...posts,
];

/** E-09: a month counts with enough days at work in the own county, and none of work outside the region or of a post. */
function counts(claimant: Claimant, posts: readonly Span[], county: string, month: Month, minDays: number): boolean {
  const { works } = claimant;
  return (
    daysOf(inCounty(works, county), month) >= minDays &&
    daysOf(away(works), month) === 0 &&
    daysOf(atPosts(works, posts), month) === 0
  );
}

const shifted = (month: Month, by: number): Month => monthOf(addMonths(firstDayOf(month), by));

/** E-09: the months in a row that count, before one and all together with it; a month that is not over counts as soon as it has its days. */
export function stableMonths(
  claimant: Claimant,
  given: { posts: readonly Span[]; county: string; month: Month; minDays: number; today: BusinessDate },
): { before: number; total: number } {
  const { posts, county, month, minDays, today } = given;
  // Work that goes on has been done until today and no further.
  const until = today;
  const known = { ...claimant, works: claimant.works.map((work) => ({ ...work, until: work.until ?? until })) };
  const holds = (which: Month) => counts(known, posts, county, which, minDays);
  if (!holds(month)) return { before: 0, total: 0 };
  let before = 0;
  while (holds(shifted(month, -before - 1))) before += 1;
  let after = 0;
  while (holds(shifted(month, after + 1))) after += 1;
  return { before, total: before + 1 + after };
}

/** E-09: what is known of a person's month, as of the month's last day. */
export function labourFactsOn(
  claimant: Claimant,
  day: ClaimantDay,
  given: {
    month: Month;
    employer: NamedEmployer;
    posts: readonly Span[];
    minDays: number;
    today: BusinessDate;
    wageFen: number;
    wageProof: string;
  },
): LabourFacts {
  const { month, employer, posts, minDays, today } = given;
  const { works } = claimant;
  const county = day.status.registeredIn.slice(0, 6);
  const here = inCounty(works, county);
  const theirs = here.filter(
    ({ creditCode }) => creditCode === null || employer.creditCode === null || creditCode === employer.creditCode,
  );
  const { before, total } = stableMonths(claimant, { posts, county, month, minDays, today });
  return {
    ...whoOn(day, claimant.numberVerified, today),
    ...{ month, employerId: employer.id, employerKind: employer.kind, employerCounty: employer.region.slice(0, 6), county },
    employerOperating: employer.closedOn === null || employer.closedOn >= lastDayOf(month),
    knownBy: employer.creditCode === null ? "certificate" : "credit-code",
    ownHousehold: employer.ownerHouseholdId !== null && employer.ownerHouseholdId === day.householdId,
    ...{ daysInCounty: daysOf(here, month), daysHere: daysOf(theirs, month) },
    ...{ daysOutside: daysOf(away(works), month), daysAtPost: daysOf(atPosts(works, posts), month) },
    ...{ stableBefore: before, stableTotal: total, wageFen: given.wageFen, wageProof: given.wageProof },
  };
}

const finding = findingOf("E-09");

/** E-09: whether a month is to be paid, how much, and why; the cap on months is kept by keys, since it spans claims that this one cannot see. */
export function assessLabour(claim: { on: string }, facts: LabourFacts, rules: LabourRules) {
  const findings = [
    ...whoFindings("E-09", claim.on, facts, rules),
    ...employerFindings(facts),
    ...monthFindings(facts, rules),
    stableFinding(facts, rules),
    ...rateFindings(rules),
  ];
  return { ...concluded(findings), amountFen: rules.rate.value, listAwaited: false };
}

function employerFindings(facts: LabourFacts): Finding[] {
  const known =
    facts.knownBy === "credit-code"
      ? { zh: "统一社会信用代码", en: "its credit code" }
      : { zh: "乡镇证明", en: "the township's certificate" };
  const of = [{ name: { zh: "用工主体", en: "Employer" }, value: facts.employerId, source: "employment" }];
  const against = (code: string, zh: string, en: string) => finding("against", code, zh, en, { facts: of });
  const found = [
    ...(facts.employerOperating
      ? []
      : [against("employer-closed", "用工主体当月已停业或注销", "The employer had closed in the month")]),
    ...(facts.employerCounty === facts.county
      ? []
      : [against("employer-in-other-county", "用工主体不在户籍所在县", "The employer is not in the county of registration")]),
    ...(facts.ownHousehold ? [against("own-household", "用工主体为本户所有", "The employer is the household's own")] : []),
    ...(facts.daysInCounty > 0 && facts.daysHere === 0
      ? [against("other-employer", "当月务工记录为另一用工主体", "The month's work is recorded for another employer")]
      : []),
  ];
  return found.length > 0
    ? found
    : [
        finding(
          "for",
          "lawful-employer",
          `本县合法经营主体(凭${known.zh})`,
          `A lawful operator of the own county, by ${known.en}`,
          { facts: of },
        ),
      ];
}

function monthFindings(facts: LabourFacts, { minDays }: LabourRules): Finding[] {
  const { month, daysInCounty, daysOutside, daysAtPost } = facts;
  const enough = daysInCounty >= minDays.value;
  return [
    finding(
      enough ? "for" : "against",
      enough ? "month-worked" : "month-too-short",
      `${month}在本县务工${daysInCounty}天,满${minDays.value}天计一个月`,
      `${daysInCounty} days at work in the county in ${month}; ${minDays.value} make a month`,
      { parameter: "labourSubsidy.minDays", document: minDays.document },
    ),
    ...(daysOutside > 0
      ? [
          finding(
            "against",
            "work-outside-region",
            `${month}有${daysOutside}天在区外务工`,
            `${daysOutside} days at work outside the region in ${month}`,
          ),
        ]
      : []),
    ...(daysAtPost > 0
      ? [
          finding(
            "against",
            "month-at-a-post",
            `${month}有${daysAtPost}天在乡村公益性岗位`,
            `${daysAtPost} days at a public-welfare post in ${month}`,
          ),
        ]
      : []),
    finding("for", "wage-proved", `当月工资${yuan(facts.wageFen)}元`, `Wage of the month: ${yuan(facts.wageFen)} yuan`, {
      facts: [{ name: { zh: "工资证明", en: "Proof" }, value: facts.wageProof, source: "employment" }],
    }),
  ];
}

function stableFinding({ stableBefore, stableTotal }: LabourFacts, rules: LabourRules): Finding {
  const { minStableMonths: least, payStableMonths } = rules;
  const about = { parameter: "labourSubsidy.minStableMonths", document: least.document };
  if (!payStableMonths.value && stableBefore < least.value)
    return finding(
      "against",
      "stable-month-unpaid",
      `连续第${stableBefore + 1}个月,前${least.value}个月为稳定期,不补发`,
      `Month ${stableBefore + 1} in a row; the first ${least.value} make work steady and are not paid`,
      { parameter: "labourSubsidy.payStableMonths", document: payStableMonths.document },
    );
  const stable = stableTotal >= least.value;
  return finding(
    stable ? "for" : "waits",
    stable ? "steady" : "not-yet-steady",
    `连续务工${stableTotal}个月,须满${least.value}个月方为稳定${stable ? "" : ",满后补发"}`,
    `${stableTotal} months in a row; ${least.value} make work steady${stable ? "" : ", and then this month is paid too"}`,
    about,
  );
}

function rateFindings({ rate, min, max }: LabourRules): Finding[] {
  if (rate.value === null)
    return [
      finding("waits", "rate-not-loaded", "本县补助标准未录入", "The county's rate is not loaded", {
        parameter: "labourSubsidy.rate",
      }),
    ];
  const inside = min.value <= rate.value && rate.value <= max.value;
  return [
    finding(
      inside ? "for" : "against",
      inside ? "county-rate" : "rate-outside-bounds",
      `本县标准每人每月${yuan(rate.value)}元,规定${yuan(min.value)}至${yuan(max.value)}元`,
      `The county's rate is ${yuan(rate.value)} yuan a person and month, between ${yuan(min.value)} and ${yuan(max.value)}`,
      { parameter: "labourSubsidy.rate", document: rate.document },
    ),
  ];
}

/** E-09: the places of a person's year, or life, of which each paid month takes one; nobody gets more months than there are places. */
export function placesOf(
  personId: string,
  month: string,
  rules: Pick<LabourRules, "maxMonths" | "maxMonthsPer">,
): { keys: string[]; none: Reason } {
  const { maxMonths, maxMonthsPer } = rules;
  const lifetime = maxMonthsPer.value === "lifetime";
  const span = lifetime ? "lifetime" : month.slice(0, 4);
  return {
    keys: Array.from({ length: maxMonths.value }, (_, n) => `${personId}/${span}/${n + 1}`),
    none: {
      code: "months-used-up",
      clause: "E-09",
      parameter: "labourSubsidy.maxMonths",
      document: maxMonths.document,
      zh: `${lifetime ? "累计" : `${span}年`}最多补助${maxMonths.value}个月,已满`,
      en: `At most ${maxMonths.value} months ${lifetime ? "in all" : `in ${span}`} are paid, and they are used up`,
    },
  };
}
