import { type Refusal, refuse } from "@shouwang/contract";
import type { Finding, HouseholdFacts, RuleSettings, SuspectRule } from "./facts-decide.ts";
import { caseRules, householdRules } from "./household-rules-decide.ts";
import { personRules } from "./person-rules-decide.ts";
import { workRules } from "./work-rules-decide.ts";

/** Rules that entry itself enforces with the number or phone in hand; nothing that breaks them gets into the registry. */
const atEntry = (code: string, fields: readonly string[], zh: string, en: string): SuspectRule => ({
  code,
  clause: "M-01",
  level: "error",
  fields,
  zh,
  en,
  check: () => [],
});

/** Every data-quality rule, Q01 to Q25, in their order. */
export const suspectRules: readonly SuspectRule[] = [
  atEntry(
    "Q01",
    ["identityNumber"],
    "证件号码长度、校验码、出生日期须正确",
    "Length, check digit and birth date of the identity number",
  ),
  atEntry(
    "Q02",
    ["identityNumber"],
    "同一证件号码(前18位)全区只登记一人",
    "One person in the region per identity number (18 characters)",
  ),
  atEntry("Q13", ["phone"], "手机号码须为11位", "A mobile number has eleven digits"),
  ...personRules,
  ...workRules,
  ...householdRules,
  ...caseRules,
].toSorted((a, b) => a.code.localeCompare(b.code, "en"));

export const findRule = (code: string): SuspectRule | undefined => suspectRules.find((rule) => rule.code === code);

/** Everything the rules find in a household. */
export const examine = (facts: HouseholdFacts, settings: RuleSettings): { rule: SuspectRule; finding: Finding }[] =>
  suspectRules.flatMap((rule) => rule.check(facts, settings).map((finding) => ({ rule, finding })));

export type SuspectStatus = "new" | "assigned" | "checked" | "reviewed" | "returned" | "closed";
/** true-and-mended: wrong, and corrected by a recorded change. true-as-recorded: it looks odd and is right. not-true: the other source was wrong. */
export type SuspectFound = "true-and-mended" | "true-as-recorded" | "not-true";
/** household-ended: the household ended before anybody had found out; what was asked is asked again should it come back. */
export type SuspectOutcome = SuspectFound | "household-ended";
export const asIsReasons = [
  "proved-at-home",
  "proved-by-document",
  "other-source-wrong",
  "data-of-another-day",
  "other",
] as const;

export type SuspectStep = {
  status: SuspectStatus;
  outcome: SuspectOutcome | null;
  because: string | null;
  assignedTo: string | null;
  vanishedAt: Date | null;
  round: number;
  version: number;
};

const statusNames: Record<SuspectStatus, string> = {
  new: "待派发",
  assigned: "待村级核实",
  checked: "待乡镇复核",
  reviewed: "待县级办结",
  returned: "已退回,待重新派发",
  closed: "已办结",
};
type Refused = Refusal<"suspect-state">;
const stateRefusal = (status: SuspectStatus): Refused =>
  refuse("suspect-state", { detail: { zh: `疑点当前环节:${statusNames[status]}`, en: `The suspect is ${status}` } });

/** Gives a suspect to the village, to somebody of it by name where one is named. */
export function assign<S extends SuspectStep>(suspect: S, to: string | null): S | Refused {
  if (!["new", "returned", "assigned"].includes(suspect.status)) return stateRefusal(suspect.status);
  return giveTo(suspect, to);
}

/** A suspect that waits to be assigned, in the village's hands. */
export const giveTo = <S extends SuspectStep>(suspect: S, to: string | null): S => ({
  ...suspect,
  status: "assigned",
  assignedTo: to,
  version: suspect.version + 1,
});

/**
 * The village says what it found. "Mended" is believed only when the record no longer breaks the rule: the correction is a change of its own, with its
 * source. A record that is right as it stands says why.
 */
export function check<S extends SuspectStep>(
  suspect: S,
  given: { outcome: SuspectFound; because: string | null; ownRule: boolean },
): S | Refusal<"suspect-state" | "suspect-not-mended" | "invalid-input"> {
  if (suspect.status !== "assigned") return stateRefusal(suspect.status);
  if (given.outcome === "true-and-mended" && given.ownRule && suspect.vanishedAt === null) return refuse("suspect-not-mended");
  if (given.outcome !== "true-and-mended" && given.because === null)
    return refuse("invalid-input", {
      errors: [
        {
          pointer: "/because",
          rule: "reason-for-as-is",
          zh: "情况属实或不属实的,须说明理由",
          en: "Say why the record stands as it is",
          clause: "M-01",
        },
      ],
    });
  return { ...suspect, status: "checked", outcome: given.outcome, because: given.because, version: suspect.version + 1 };
}

/** The township's look at the check, or the county's at both: passed on, or back to the village for another round. */
export function pass<S extends SuspectStep>(suspect: S, step: "review" | "closure", accepted: boolean): S | Refused {
  const from = step === "review" ? "checked" : "reviewed";
  if (suspect.status !== from) return stateRefusal(suspect.status);
  return accepted
    ? { ...suspect, status: step === "review" ? "reviewed" : "closed", version: suspect.version + 1 }
    : { ...suspect, status: "returned", outcome: null, because: null, round: suspect.round + 1, version: suspect.version + 1 };
}

/**
 * Whether values that were looked at before need no asking: somebody found them right, or the other source wrong, and that decision still holds. What was said
 * to be mended and comes back is asked again.
 */
export const isDecided = (
  decision: { outcome: string | null; expiresOn: string | null; sameValues: boolean },
  today: string,
): boolean =>
  decision.sameValues &&
  decision.outcome !== "true-and-mended" &&
  decision.outcome !== "household-ended" &&
  decision.outcome !== null &&
  (decision.expiresOn === null || decision.expiresOn >= today);
