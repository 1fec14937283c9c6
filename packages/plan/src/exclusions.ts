import { type ClauseId, type Text, text } from "./clause.ts";

/** What a payment's period is: how its key is written stands beside each kind. */
export type PeriodKind = "year" | "month" | "term" | "course" | "item-year" | "award";

const id = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
const periodShapes: Record<PeriodKind, string> = {
  year: "\\d{4}", // 2022
  month: "\\d{4}-(?:0[1-9]|1[0-2])", // 2022-05
  term: "\\d{4}-t[12]", // 2022-t1: the school year that begins in 2022, its autumn term; t2 is the spring after
  course: id, // the course's id
  "item-year": "[a-z]{1,24}(?:-[a-z]{1,24}){0,4}:\\d{4}", // goat-rearing:2022
  award: id, // the award's id
};

/** Every way in which a period is written, whatever is paid for: how payments name theirs in events. */
export const periodKeyPattern = new RegExp(`^(?:${[...new Set(Object.values(periodShapes))].join("|")})$`);

interface PurposeShape {
  readonly clause: ClauseId;
  /** Whose payment it is: what the first part of its key identifies. */
  readonly subject: "person" | "household" | "warehouse";
  readonly period: PeriodKind;
  /** False for money that other offices pay by their own lists; such a list takes the keys when it is loaded. */
  readonly paidHere: boolean;
  readonly title: Text;
}

/** What money is paid for, where a second payment for the same subject and period is a double one. */
export const purposes = {
  "transport-subsidy": {
    clause: "E-02",
    subject: "person",
    period: "year",
    paidHere: true,
    title: text("往返交通补助", "Transport subsidy"),
  },
  "employment-fund-transport-subsidy": {
    clause: "E-02",
    subject: "person",
    period: "year",
    paidHere: false,
    title: text("人社部门跨省交通补贴", "Cross-province transport subsidy of human resources"),
  },
  "labour-subsidy": {
    clause: "E-09",
    subject: "person",
    period: "month",
    paidHere: true,
    title: text("劳务补助", "Labour subsidy"),
  },
  "employment-fund-labour-subsidy": {
    clause: "E-09",
    subject: "person",
    period: "month",
    paidHere: false,
    title: text("人社部门同类补贴", "Like subsidy of human resources"),
  },
  "public-welfare-post": {
    clause: "E-04",
    subject: "person",
    period: "month",
    paidHere: true,
    title: text("公益岗补贴", "Pay of a public-welfare post"),
  },
  "yulu-term-grant": {
    clause: "E-12",
    subject: "person",
    period: "term",
    paidHere: true,
    title: text("雨露计划学期补助", "Yulu grant for a term"),
  },
  "yulu-course-grant": {
    clause: "E-12",
    subject: "person",
    period: "course",
    paidHere: true,
    title: text("雨露计划短训补助", "Yulu grant for a course"),
  },
  "household-industry-award": {
    clause: "I-07",
    subject: "household",
    period: "item-year",
    paidHere: true,
    title: text("到户产业奖补", "Award to a household's industry"),
  },
  "origin-warehouse-award": {
    clause: "I-04",
    subject: "warehouse",
    period: "award",
    paidHere: true,
    title: text("产地仓奖补", "Award for an origin warehouse"),
  },
} as const satisfies Record<string, PurposeShape>;

export type PurposeCode = keyof typeof purposes;

/** Two purposes that may not both be paid to one subject in one period. */
export interface Exclusion {
  readonly purposes: readonly [PurposeCode, PurposeCode];
  readonly clause: ClauseId;
  readonly reason: Text;
}

/** Every pair that excludes each other. Both purposes of a pair have the same subject and kind of period, which is what lets one key stand for the pair. */
export const exclusionMatrix: readonly Exclusion[] = [
  {
    purposes: ["employment-fund-transport-subsidy", "transport-subsidy"],
    clause: "E-02",
    reason: text("同一年已领人社部门交通补贴", "The year's fare is already subsidised by human resources"),
  },
  {
    purposes: ["labour-subsidy", "public-welfare-post"],
    clause: "E-09",
    reason: text("公益岗月份不计劳务补助", "A month at a public-welfare post is no month of labour subsidy"),
  },
  {
    purposes: ["employment-fund-labour-subsidy", "labour-subsidy"],
    clause: "E-09",
    reason: text("该月已由人社部门补贴", "The month is already subsidised by human resources"),
  },
];

/** The purposes that exclude one, in the order of their codes. */
export function purposesExcluding(purpose: PurposeCode): PurposeCode[] {
  return exclusionMatrix.flatMap(({ purposes: [a, b] }) => (a === purpose ? [b] : b === purpose ? [a] : [])).sort();
}

/** Whether a text is a period of the kind a purpose is paid for. */
export function isPeriodOf(purpose: PurposeCode, period: string): boolean {
  return new RegExp(`^(?:${periodShapes[purposes[purpose].period]})$`).test(period);
}

/**
 * The claim keys one payment takes, sorted so that two payments never wait for each other crosswise: its own, and one for every pair
 * it is part of. A pair has a key of its own, since taking the other purpose's key would also keep apart two purposes that merely
 * exclude the same third. Throws RangeError when the period is not of the purpose's kind.
 */
export function claimKeysOf(purpose: PurposeCode, subjectId: string, period: string): { kind: string; key: string }[] {
  if (!isPeriodOf(purpose, period)) throw new RangeError(`Not a ${purposes[purpose].period}: ${JSON.stringify(period)}`);
  const pairs = purposesExcluding(purpose).map((other) => [purpose, other].sort().join("|"));
  return [purpose, ...pairs].sort().map((name) => ({ kind: `payment:${name}`, key: `${subjectId}/${period}` }));
}
