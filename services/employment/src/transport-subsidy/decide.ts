import type { Reason } from "@shouwang/contract";
import { addDays, addMonths, type BusinessDate, parseBusinessDate } from "@shouwang/service-kit/calendar";
import { type Claimant, type ClaimantDay, claimantOn, isAtWork, isEntitled, turningDays } from "../claimant/decide.ts";
import type { Scope } from "../work-record/decide.ts";

/** What a transport subsidy rests on: who the person was, and what their work was, on the date that counts. */
export type TransportFacts = {
  year: number;
  workRecordId: string | null;
  scope: Scope | null;
  workFrom: string | null;
  workUntil: string | null;
  householdKind: "lifted" | "never-poor";
  monitored: boolean;
  cleared: boolean;
  /** The day lies before the first record of the household, and the first is taken to have held already. */
  statusAssumed: boolean;
  age: number | null;
  numberVerified: boolean;
  /** Whole months at work outside the region in the year so far. */
  monthsAway: number;
  /** Days of a public-welfare post that are days of this work too. */
  postFrom: string | null;
  postUntil: string | null;
  fareFen: number | null;
  proofs: readonly string[];
  /** Day on which this was read. */
  asOf: string;
  /** Whoever it is for has moved away since, and what was read before that holds. */
  movedSince: boolean;
};

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
    ...{
      householdKind: day.status.lifted ? "lifted" : "never-poor",
      monitored: day.status.monitored,
      cleared: day.status.cleared,
    },
    ...{ statusAssumed: day.status.assumed, age: day.age, numberVerified: claimant.numberVerified },
    ...{ monthsAway: monthsAway(claimant.works, year, today), postFrom: post?.from ?? null, postUntil: post?.until ?? null },
    ...{ fareFen, proofs, asOf: today, movedSince: false },
  };
}

/** A value in force with the document that set it. */
type Set<T> = { value: T; document: string };

/** What the settings say for the paying county on the date that counts. */
export type TransportRules = {
  rate: Set<number | null>;
  ceiling: Set<number>;
  keyCeiling: Set<number>;
  /** Whether the county is on a list of key counties that day; `awaited`: not on the national list, and the region's is not loaded. */
  keyCounty: "yes" | "no" | "awaited";
  minMonthsAway: Set<number>;
  lateClaimUntil: Set<string>;
  newTripRequired: Set<boolean>;
  fareByTicket: Set<boolean>;
  ageMin: Set<number>;
  ageMax: Set<number | null>;
  afterClearance: Set<boolean>;
};

type Finding = { verdict: "for" | "against" | "waits" | "people"; reason: Reason };
const yuan = (fen: number): string => (fen / 100).toFixed(2);
const finding = (
  verdict: Finding["verdict"],
  code: string,
  zh: string,
  en: string,
  more: Partial<Pick<Reason, "parameter" | "document" | "facts">> = {},
): Finding => ({ verdict, reason: { code, clause: "E-02", zh, en, ...more } });

/** E-02: whether a claim is to be paid, how much, and why, with everything against it and not only the first. */
export function assessTransport(claim: { on: string; madeOn: string }, facts: TransportFacts, rules: TransportRules) {
  const sum = sumOf(facts, rules);
  const findings = [
    ...whoFindings(claim, facts, rules),
    ...workFindings(facts, rules),
    ...sum.findings,
    lateFinding(claim, facts, rules),
  ];
  const has = (verdict: Finding["verdict"]) => findings.some((one) => one.verdict === verdict);
  const outcome = has("against") ? "not-eligible" : has("waits") ? "waiting" : has("people") ? "by-decision" : "eligible";
  const order = { against: 0, waits: 1, people: 2, for: 3 };
  const reasons = findings.toSorted((a, b) => order[a.verdict] - order[b.verdict]).map(({ reason }) => reason);
  return { outcome, amountFen: sum.amountFen, reasons, listAwaited: sum.listAwaited } as const;
}

function whoFindings({ on }: { on: string }, facts: TransportFacts, rules: TransportRules): Finding[] {
  const { householdKind, monitored, cleared } = facts;
  const entitled = isEntitled({ lifted: householdKind === "lifted", monitored, cleared }, rules.afterClearance.value);
  const zh = [householdKind === "lifted" ? "脱贫户" : "非脱贫户", monitored ? "监测对象" : cleared ? "风险已消除" : ""]
    .filter(Boolean)
    .join("、");
  const en = [householdKind === "lifted" ? "lifted" : "never poor", monitored ? "monitored" : cleared ? "risk cleared" : ""]
    .filter(Boolean)
    .join(", ");
  const assumed = facts.statusAssumed
    ? { zh: "(此前无记录,按最早记录认定)", en: " (by the earliest record)" }
    : { zh: "", en: "" };
  const source = [{ name: { zh: "认定日期", en: "Date that counts" }, value: on, source: "monitoring" }];
  const { ageMin, ageMax } = rules;
  const tooYoung = facts.age !== null && facts.age < ageMin.value;
  const tooOld = facts.age !== null && ageMax.value !== null && facts.age > ageMax.value;
  return [
    finding(
      entitled ? "for" : "against",
      entitled ? "entitled-household" : "not-entitled-household",
      `${on}当日:${zh}${assumed.zh}`,
      `On ${on}: ${en}${assumed.en}`,
      { facts: source, ...(cleared ? { parameter: "eligibility.afterClearance", document: rules.afterClearance.document } : {}) },
    ),
    ...(facts.movedSince
      ? [finding("for", "moved-since", `本人已迁出,按${facts.asOf}的记录认定`, `Moved away since; as recorded on ${facts.asOf}`)]
      : []),
    facts.age === null
      ? finding("for", "age-not-known", "尚无出生日期,未核对年龄", "The birth date is not known yet; the age was not checked")
      : finding(
          tooYoung || tooOld ? "against" : "for",
          tooYoung ? "too-young" : tooOld ? "too-old" : "of-working-age",
          `当日${facts.age}周岁;劳动年龄满${ageMin.value}周岁${ageMax.value === null ? ",不设上限" : `至${ageMax.value}周岁`}`,
          `${facts.age} years old; working age is from ${ageMin.value}${ageMax.value === null ? ", no upper limit" : ` to ${ageMax.value}`}`,
          { parameter: tooOld ? "labour.ageMax" : "labour.ageMin", document: tooOld ? ageMax.document : ageMin.document },
        ),
    ...(facts.numberVerified
      ? []
      : [
          finding(
            "waits",
            "number-not-verified",
            "身份号码未核验,核验前不发放",
            "The identity number is not verified; nothing is paid before it is",
          ),
        ]),
  ];
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

/** The sum: the county's rate, or the fare below it where the county pays by ticket, never above the ceiling of the county's list on that day. */
function sumOf(
  facts: TransportFacts,
  rules: TransportRules,
): { amountFen: number | null; listAwaited: boolean; findings: Finding[] } {
  const { rate, keyCounty } = rules;
  const key = keyCounty === "yes";
  const ceiling = key ? rules.keyCeiling : rules.ceiling;
  const ceilingKey = key ? "transport.cap.key" : "transport.cap.normal";
  const ceilingFinding = finding(
    "for",
    key ? "ceiling-key-county" : "ceiling",
    `${key ? "重点帮扶县" : "一般县"}上限每人每年${yuan(ceiling.value)}元`,
    `The ceiling of ${key ? "a key county" : "an ordinary county"} is ${yuan(ceiling.value)} yuan a person and year`,
    { parameter: ceilingKey, document: ceiling.document },
  );
  if (rate.value === null)
    return {
      ...{ amountFen: null, listAwaited: false },
      findings: [
        ceilingFinding,
        finding("waits", "rate-not-loaded", "本县补助标准未录入", "The county's rate is not loaded", {
          parameter: "transport.rate",
        }),
      ],
    };
  const listAwaited = rate.value > ceiling.value && keyCounty === "awaited" && rate.value <= rules.keyCeiling.value;
  const above = rate.value > ceiling.value && !listAwaited;
  const byTicket = rules.fareByTicket.value;
  const amountFen = byTicket && facts.fareFen !== null ? Math.min(rate.value, facts.fareFen) : rate.value;
  const about = { parameter: "transport.rate", document: rate.document };
  return {
    ...{ amountFen: above || (byTicket && facts.fareFen === null) || amountFen === 0 ? null : amountFen, listAwaited },
    findings: [
      finding(
        above ? "against" : "for",
        above ? "rate-above-ceiling" : "county-rate",
        `本县标准每人每年${yuan(rate.value)}元${above ? ",超过上限" : ""}`,
        `The county's rate is ${yuan(rate.value)} yuan a person and year${above ? ", above the ceiling" : ""}`,
        about,
      ),
      ceilingFinding,
      ...(listAwaited
        ? [
            finding(
              "for",
              "list-awaited",
              `自治区重点帮扶县名单未载入,暂按本县文件(${rate.document})执行,待名单核对`,
              `The region's list of key counties is not loaded: paid by the county's document (${rate.document}), marked to be looked at again`,
              about,
            ),
          ]
        : []),
      ...(byTicket
        ? [
            finding(
              facts.fareFen === null ? "waits" : "for",
              facts.fareFen === null ? "fare-needed" : "fare-by-ticket",
              facts.fareFen === null ? "本县凭票补助,须填写往返票价" : `凭票补助:票价${yuan(facts.fareFen)}元`,
              facts.fareFen === null
                ? "The county pays by ticket; the fare is needed"
                : `By ticket: the fare is ${yuan(facts.fareFen)} yuan`,
              { parameter: "transport.fareByTicket", document: rules.fareByTicket.document },
            ),
          ]
        : []),
    ],
  };
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
