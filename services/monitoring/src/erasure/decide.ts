import { type Reason, type Refusal, refuse } from "@shouwang/contract";
import type { BusinessDate } from "@shouwang/service-kit/calendar";

export const grounds = ["term-reached", "person-asked", "entered-by-mistake", "court-order"] as const;
export type Ground = (typeof grounds)[number];
export const refusalReasons = ["ground-not-shown", "document-missing", "still-needed", "wrong-person"] as const;

export type Erasure = {
  id: string;
  personId: string;
  region: string;
  ground: Ground;
  document: string;
  documentDate: string;
  askedBy: string;
  askedOn: string;
  status: "asked" | "approved" | "refused" | "erased" | "lapsed";
  refusedBecause: (typeof refusalReasons)[number] | null;
  decidedBy: string | null;
  decidedOn: string | null;
  erasedOn: string | null;
  version: number;
};

/** A person as the rule looks at them: where they stand, and what of the households they were in is still open. */
export type Standing = {
  status: "member" | "left" | "died";
  since: string;
  erasedOn: string | null;
  openCases: number;
  openLeads: number;
  openReferrals: number;
};

/** What each ground is held up by. A court is obeyed whatever is open; what was entered by mistake has no term to be kept for. */
const heldBy: Record<Ground, { business: boolean; term: boolean }> = {
  "term-reached": { business: true, term: true },
  "person-asked": { business: true, term: true },
  "entered-by-mistake": { business: true, term: false },
  "court-order": { business: false, term: false },
};

/**
 * Whether who a person was may be destroyed: not while they are a member of a household, and not while a case, a lead, what was asked of a department for them, or
 * the term for which identities are kept (`registry.identityKeepMonths`, from the day they left or died) still needs it. Every reason against is told.
 */
export function mayErase(
  person: Standing,
  ground: Ground,
  given: { today: BusinessDate; keepMonths: number; document: string },
): Refusal<"person-still-member" | "erasure-held"> | undefined {
  if (person.status === "member") return refuse("person-still-member");
  const open = ([code, count, zh, en]: readonly [string, number, string, string]): Reason[] =>
    count === 0
      ? []
      : [
          {
            code,
            clause: "M-01",
            zh,
            en,
            facts: [{ name: { zh: "未办结件数", en: "Still open" }, value: count, date: given.today }],
          },
        ];
  const reasons: Reason[] = heldBy[ground].business
    ? (
        [
          ["open-case", person.openCases, "所在户的监测对象认定尚未办结", "A monitored case of the household is open"],
          ["open-lead", person.openLeads, "所在户的风险线索尚未办结", "A risk lead of the household is open"],
          [
            "open-referral",
            person.openReferrals,
            "转办部门的事项(含待发补助)尚未办结",
            "Something asked of a department for the person is not settled",
          ],
        ] as const
      ).flatMap(open)
    : [];
  const until = monthsAfter(person.since, given.keepMonths);
  if (heldBy[ground].term && given.today < until)
    reasons.push({
      code: "keep-term",
      clause: "M-01",
      parameter: "registry.identityKeepMonths",
      document: given.document,
      zh: `身份信息自离户或死亡之日起保存${given.keepMonths}个月,至${until}`,
      en: `An identity is kept ${given.keepMonths} months after its person left or died, until ${until}`,
      facts: [{ name: { zh: "离户或死亡日期", en: "Left or died on" }, value: person.since }],
    });
  return reasons.length === 0 ? undefined : refuse("erasure-held", { reasons });
}

/** Whether a request waits for a decision by somebody else than who asked. */
export function mayDecide(erasure: Erasure, by: string): Refusal<"erasure-state" | "same-person-twice"> | undefined {
  if (erasure.status !== "asked") return refuse("erasure-state");
  return erasure.askedBy === by ? refuse("same-person-twice") : undefined;
}

/** The same day some months on; the last day of a shorter month. */
function monthsAfter(day: string, months: number): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  const last = new Date(Date.UTC(year, month - 1 + months + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + months, Math.min(date, last))).toISOString().slice(0, 10);
}
