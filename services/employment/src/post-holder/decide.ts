import { allOf, type Decision, type PostHolderState, type Reason, type Refusal, refuse } from "@shouwang/contract";
import { addMonths, type BusinessDate } from "@shouwang/service-kit/calendar";

/** Why somebody cannot leave for work, as the village finds; that a household is monitored is known without being told. */
export const grounds = ["half-or-weak-labour", "cannot-leave", "other"] as const;
export type Ground = (typeof grounds)[number];
export const insurances = ["work-injury", "accident", "both"] as const;
export const priorityReasons = ["first-applicant-withdrew", "skill-needed", "lives-nearest", "other"] as const;
export type LeftBecause = NonNullable<PostHolderState["leftBecause"]>;

export type HolderStatus =
  | ("applied" | "reviewed" | "posted" | "objected" | "approved")
  | ("signed" | "active" | "suspended" | "left" | "refused");

export type Holder = {
  id: string;
  postId: string;
  personId: string;
  householdId: string;
  region: string;
  ground: Ground;
  /** 1 comes first. */
  priority: number;
  appliedOn: string;
  status: HolderStatus;
  postingId: string | null;
  agreementNo: string | null;
  insurance: (typeof insurances)[number] | null;
  from: string | null;
  agreementUntil: string | null;
  until: string | null;
  leftBecause: LeftBecause | null;
  version: number;
  told: number;
};

/** What is known of somebody on the day they apply. */
export type Applicant = {
  birthDate: BusinessDate | null;
  lifted: boolean;
  monitored: boolean;
  student: boolean;
  ableWorker: boolean;
  /** Registered in the township of the post. */
  livesThere: boolean;
};
export type PostAges = { min: number; max: number; extended: boolean; document: string };

const clause = "E-05";
const say = (ok: boolean, reason: Omit<Reason, "clause">): Decision => ({ ok, reasons: [{ clause, ...reason }] });

/** E-04, E-05: the first day on which somebody is too old for a post: the birthday after the oldest age. */
const tooOldFrom = (birthDate: BusinessDate, { max }: Pick<PostAges, "max">): BusinessDate =>
  addMonths(birthDate, (max + 1) * 12);

function ageOn(on: BusinessDate, birthDate: BusinessDate | null, ages: PostAges): Decision {
  const about = { parameter: "post.ageMin", document: ages.document };
  if (birthDate === null)
    return say(true, {
      ...{ ...about, code: "age-not-known" },
      ...{ zh: "尚无出生日期，未核对年龄", en: "The birth date is not known yet; the age was not checked" },
    });
  const tooYoung = on < addMonths(birthDate, ages.min * 12);
  const tooOld = on >= tooOldFrom(birthDate, ages);
  return say(!tooYoung && !tooOld, {
    ...about,
    code: tooYoung ? "too-young" : tooOld ? "too-old" : "of-age",
    ...(tooOld ? { parameter: ages.extended ? "post.ageMaxExtended" : "post.ageMax" } : {}),
    zh: `安置年龄：${ages.min}至${ages.max}周岁${ages.extended ? "（本县放宽）" : ""}`,
    en: `Age at a post: ${ages.min} to ${ages.max}${ages.extended ? ", as extended in the county" : ""}`,
  });
}

/**
 * E-05: whether somebody can hold a post, with every reason against: of a lifted or monitored household of the township, of age, no pupil or student, and able
 * to do it, be it with half their strength.
 */
export function checkApplicant(
  applicant: Applicant,
  given: { on: BusinessDate; ground: Ground; ages: PostAges },
): { priority: number; reasons: Reason[] } | Refusal<"not-eligible-for-post"> {
  const { lifted, monitored, student, ableWorker, livesThere } = applicant;
  const able = ableWorker || given.ground === "half-or-weak-labour";
  const decision = allOf(
    say(lifted || monitored, {
      code: lifted || monitored ? "lifted-or-monitored" : "neither-lifted-nor-monitored",
      zh: `${given.on}${lifted || monitored ? "属于" : "不属于"}脱贫户或监测对象`,
      en: `On ${given.on} the household was ${lifted || monitored ? "lifted or monitored" : "neither lifted nor monitored"}`,
    }),
    ageOn(given.on, applicant.birthDate, given.ages),
    say(!student, {
      code: student ? "student" : "no-student",
      zh: student ? "在校生" : "非在校生",
      en: student ? "A student" : "No student",
    }),
    say(able, {
      code: able ? "able" : "not-able",
      zh: able ? "具备劳动能力" : "登记为无劳动能力，且未认定为弱（半）劳动力",
      en: able ? "Able to work" : "Registered as unable to work, and not found to be of half or weak strength",
    }),
    say(livesThere, {
      code: livesThere ? "lives-there" : "lives-outside-township",
      zh: livesThere ? "户籍在岗位所在乡镇" : "户籍不在岗位所在乡镇",
      en: livesThere ? "Registered in the post's township" : "Registered outside the post's township",
    }),
  );
  if (!decision.ok) return refuse("not-eligible-for-post", { reasons: decision.reasons });
  return { priority: priorityOf(monitored, given.ground), reasons: decision.reasons };
}

/** E-05: monitored people first, then lifted ones of half or weak strength, then those who cannot leave. */
const priorityOf = (monitored: boolean, ground: Ground): number => (monitored ? 1 : 2 + grounds.indexOf(ground));

/** E-05: who comes later may be taken while others who come first wait and places would be short, for a reason. */
export const needsPriorityReason = (placesLeft: number, waitingFirst: number): boolean =>
  waitingFirst > 0 && placesLeft - 1 < waitingFirst;

const from = {
  "village-review": ["applied"],
  posting: ["reviewed"],
  objection: ["posted"],
  "objection-answered": ["objected"],
  "township-approval": ["posted"],
  agreement: ["approved"],
  renewal: ["active", "suspended"],
  start: ["signed"],
  suspension: ["active"],
  resumption: ["suspended"],
  departure: ["active", "suspended"],
  withdrawal: ["applied", "reviewed", "posted", "objected", "approved", "signed"],
} as const satisfies Record<string, readonly HolderStatus[]>;
export type HolderStep = keyof typeof from;

/** What a status is called to people, in Chinese: in refusals and in the file of the list. */
export const statusNames: Record<HolderStatus, string> = {
  ...{ applied: "已申请", reviewed: "已评议", posted: "公示中", objected: "有异议", approved: "已审定" },
  ...{ signed: "已签协议", active: "在岗", suspended: "暂停", left: "已离岗", refused: "未予安置" },
};

/** Whether a step may be taken now. */
export function mayTake(holder: Pick<Holder, "status">, step: HolderStep): Refusal<"post-holder-state"> | undefined {
  const allowed: readonly HolderStatus[] = from[step];
  if (allowed.includes(holder.status)) return undefined;
  return refuse("post-holder-state", {
    detail: { zh: `该人员${statusNames[holder.status]}`, en: `The holder is ${holder.status}` },
  });
}

/** The village review carries with more for than against. */
export const reviewCarries = ({ votesFor, votesAgainst }: { votesFor: number; votesAgainst: number }): boolean =>
  votesFor > votesAgainst;
