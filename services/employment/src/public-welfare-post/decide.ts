import { type FundSource, type PublicWelfarePostState, type Reason, type Refusal, refuse } from "@shouwang/contract";
import type { Ratio } from "@shouwang/plan";
import { type BusinessDate, firstDayOf, lastDayOf, monthOf } from "@shouwang/service-kit/calendar";

type PostKind = PublicWelfarePostState["kind"];
export type PostMode = PublicWelfarePostState["mode"];
export const floorReasons = ["part-time-duty", "topped-up-elsewhere", "until-funds-allow", "other"] as const;
export type FloorReason = (typeof floorReasons)[number];
export const closingReasons = ["no-longer-needed", "funds-ended", "term-ended", "merged", "other"] as const;

/** What is agreed for a post: how many hold it, and what they are paid. */
export type PostTerms = {
  headcount: number;
  /** Pay of a month, a day or a task, by the post's mode, in fen. */
  rateFen: number;
  /** Days of service a full month asks for; by day or task, the most of them that are paid in a month. */
  unitsPerMonth: number;
  floorReason: FloorReason | null;
};
export type Post = PostTerms & {
  id: string;
  region: string;
  kind: PostKind;
  mode: PostMode;
  source: FundSource;
  from: string;
  until: string | null;
  status: "planned" | "confirmed" | "refused" | "open" | "closed";
  closedBecause: string | null;
  plannedBy: string;
  version: number;
  /** How many of its states other departments were told. */
  told: number;
};

/** E-04: the monthly standard, which the bounds are for: a month's rate, or all that a daily or by-task post can come to in a month. */
export const standardOf = (mode: PostMode, { rateFen, unitsPerMonth }: Pick<PostTerms, "rateFen" | "unitsPerMonth">): number =>
  mode === "monthly" ? rateFen : rateFen * unitsPerMonth;

/** The amounts a standard is compared with, as in force in the post's county on one day. */
export type RateBounds = {
  on: string;
  /** Monthly minimum wage of the county's class; null while nobody has loaded which class is the county's. */
  wage: { fen: number; document: string } | null;
  /** The lowest of all classes: what holds whichever class it is. */
  lowestWageFen: number;
  factor: Ratio;
  /** Rural subsistence allowance of a year; null while not loaded. */
  allowance: { fen: number; document: string } | null;
  /** Whether the floor binds daily and by-task posts too. */
  floorForAll: boolean;
};

/** E-04: the day whose values a rate of a month is compared with, by the setting. */
export const dayThatCounts = (basis: string, day: BusinessDate): BusinessDate =>
  basis === "last-of-month" ? lastDayOf(monthOf(day)) : firstDayOf(monthOf(day));

export const standings = ["above-ceiling", "at-ceiling", "below-floor", "within", "ceiling-unknown"] as const;
export type RateStanding = (typeof standings)[number];

/**
 * E-04: where a monthly standard stands. Compared exactly: the standard with the wage times the factor by multiplying across, twelve standards with the year's
 * allowance, unrounded. Both limits are themselves allowed. Without the county's class whatever is within the lowest class's ceiling is within any.
 */
export function standingOf(mode: PostMode, standardFen: number, bounds: RateBounds): RateStanding {
  const times = (wageFen: number) => wageFen * bounds.factor.numerator;
  const own = standardFen * bounds.factor.denominator;
  if (bounds.wage === null && own > times(bounds.lowestWageFen)) return "ceiling-unknown";
  if (bounds.wage !== null && own > times(bounds.wage.fen)) return "above-ceiling";
  if (bounds.wage !== null && own === times(bounds.wage.fen)) return "at-ceiling";
  const binds = mode === "monthly" || bounds.floorForAll;
  return binds && bounds.allowance !== null && standardFen * 12 < bounds.allowance.fen ? "below-floor" : "within";
}

const yuan = (fen: number): string => (fen / 100).toFixed(2);

/** E-04: whether a rate may be agreed. Above the ceiling never; below the floor with a reason. */
export function checkRate(
  mode: PostMode,
  terms: PostTerms,
  bounds: RateBounds,
):
  | { standing: RateStanding; reasons: Reason[] }
  | Refusal<"post-above-ceiling" | "post-ceiling-unknown" | "floor-reason-needed"> {
  const standardFen = standardOf(mode, terms);
  const standing = standingOf(mode, standardFen, bounds);
  const ceiling = ceilingReason(standardFen, bounds, standing);
  if (standing === "ceiling-unknown") return refuse("post-ceiling-unknown", { reasons: [ceiling] });
  if (standing === "above-ceiling") return refuse("post-above-ceiling", { reasons: [ceiling] });
  const floor = floorReason(mode, standardFen, bounds, standing, terms.floorReason);
  if (standing === "below-floor" && terms.floorReason === null) return refuse("floor-reason-needed", { reasons: [floor] });
  return { standing, reasons: [ceiling, floor] };
}

function ceilingReason(standardFen: number, bounds: RateBounds, standing: RateStanding): Reason {
  const { wage, lowestWageFen, factor, on } = bounds;
  const wageFen = wage?.fen ?? lowestWageFen;
  const most = yuan(Math.floor((wageFen * factor.numerator) / factor.denominator));
  const over = standing === "above-ceiling" || standing === "ceiling-unknown";
  const of = wage === null ? { zh: "最低一类", en: "of the lowest class" } : { zh: "本县", en: "of the county" };
  return {
    code: over ? standing : "within-ceiling",
    clause: "E-04",
    parameter: wage === null ? "minimumWage.class" : "post.ceilingFactor",
    ...(wage === null ? {} : { document: wage.document }),
    zh: `月标准${yuan(standardFen)}元${over ? "高于" : "不高于"}上限${most}元（${on}${of.zh}最低工资${yuan(wageFen)}元的${factor.numerator}/${factor.denominator}倍）${wage === null ? "；本县最低工资类别未录入" : ""}`,
    en: `The monthly standard of ${yuan(standardFen)} yuan is ${over ? "above" : "at most"} ${most}: ${factor.numerator}/${factor.denominator} of the minimum wage ${of.en} on ${on}, ${yuan(wageFen)}${wage === null ? "; the county's class is not loaded" : ""}`,
    facts: [
      {
        name: { zh: "最低工资(分)", en: "Minimum wage, fen" },
        value: wageFen,
        ...(wage ? { source: wage.document } : {}),
        date: on,
      },
    ],
  };
}

function floorReason(
  mode: PostMode,
  standardFen: number,
  bounds: RateBounds,
  standing: RateStanding,
  reason: FloorReason | null,
): Reason {
  const about = { clause: "E-04", parameter: "ruralAllowance.annual" };
  if (mode !== "monthly" && !bounds.floorForAll)
    return {
      ...about,
      code: "floor-not-applied",
      parameter: "post.floorForDailyPosts",
      zh: "按日、按事岗位不适用低保下限",
      en: "The floor does not bind daily and by-task posts",
    };
  if (bounds.allowance === null)
    return {
      ...about,
      code: "floor-not-loaded",
      zh: "本县农村低保标准未录入，未核对下限",
      en: "The county's rural subsistence allowance is not loaded; the floor was not checked",
    };
  const { fen, document } = bounds.allowance;
  const below = standing === "below-floor";
  return {
    ...about,
    code: below ? (reason === null ? "below-floor" : `below-floor-${reason}`) : "at-least-floor",
    document,
    zh: `月标准×12为${yuan(standardFen * 12)}元，${below ? "低于" : "不低于"}农村低保年标准${yuan(fen)}元`,
    en: `Twelve standards are ${yuan(standardFen * 12)} yuan, ${below ? "below" : "at least"} the year's rural allowance of ${yuan(fen)}`,
    facts: [
      { name: { zh: "农村低保年标准(分)", en: "Rural allowance a year, fen" }, value: fen, source: document, date: bounds.on },
    ],
  };
}

/** What a status is called to people, in Chinese: in refusals and in the file of the list. */
export const statusNames = {
  planned: "待县级核定",
  confirmed: "已核定",
  refused: "未予核定",
  open: "已开发",
  closed: "已撤销",
} as const;
const stateRefusal = ({ status }: Post) =>
  refuse("post-state", { detail: { zh: `该岗位${statusNames[status]}`, en: `The post is ${status}` } });

/** Whether something may be done to a post in its present state. */
export const mustBe = (post: Post, ...statuses: Post["status"][]): Refusal<"post-state"> | undefined =>
  statuses.includes(post.status) ? undefined : stateRefusal(post);

/** Terms change from the first of a month: of the present one or one to come, since a month's pay is worked out by one standard. */
export function checkChangeDay(from: BusinessDate, today: BusinessDate): Refusal<"invalid-input"> | undefined {
  if (from === firstDayOf(monthOf(from)) && from >= firstDayOf(monthOf(today))) return undefined;
  return refuse("invalid-input", {
    errors: [
      {
        ...{ pointer: "/from", rule: "first-of-month", clause: "E-04" },
        ...{ zh: "须从本月或以后某月的1日起执行", en: "It begins on the first of this month or of a later one" },
      },
    ],
  });
}
