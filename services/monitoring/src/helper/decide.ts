import { type Decision, type Reason, type Refusal, refuse } from "@shouwang/contract";
import type { BusinessDate } from "@shouwang/service-kit/calendar";

export type Relationship = "none" | "relative" | "member";
export type ReleasedBecause = "transferred" | "retired" | "case-cleared" | "case-closed" | "other";

export type Helper = {
  id: string;
  caseId: string;
  householdId: string;
  region: string;
  /** The sign-in of the person, as tokens name it. */
  subject: string;
  nameMask: string;
  phoneMask: string;
  relationship: Exclude<Relationship, "member">;
  /** First day answerable. */
  from: string;
  /** Last day, or null while active. */
  until: string | null;
  releasedBecause: ReleasedBecause | null;
  version: number;
};

/** A household is monitored, with every duty towards it, from inclusion until its clearance is approved. */
export const isMonitored = (monitored: { status: string }): boolean =>
  ["included", "helping", "clearance-proposed"].includes(monitored.status);

/** M-04a: whether somebody with this tie to the household may answer for it. A member never may; a relative only where the settings allow. */
export function mayHelp(relationship: Relationship, settings: { relativeAllowed: boolean; document: string }): Decision {
  const because = {
    clause: "M-04a",
    parameter: "helper.relativeAllowed",
    document: settings.document,
    facts: [{ name: { zh: "与该户关系", en: "Tie to the household" }, value: relationship }],
  };
  if (relationship === "member") {
    return no({
      ...because,
      code: "helper-is-member",
      zh: "帮扶责任人不能是该户家庭成员",
      en: "A member of the household cannot be its helper",
    });
  }
  if (relationship === "relative" && !settings.relativeAllowed) {
    return no({
      ...because,
      code: "helper-is-relative",
      zh: "按现行设置,亲属不能担任帮扶责任人",
      en: "By the settings in force a relative cannot be the helper",
    });
  }
  return { ok: true, reasons: [{ ...because, code: "helper-allowed", zh: "可以担任帮扶责任人", en: "May be the helper" }] };
}

const no = (reason: Reason): Decision => ({ ok: false, reasons: [reason] });

/** A helper answers from the day of inclusion at the earliest, and not from a day still to come. */
export function checkFirstDay(
  from: string,
  given: { includedOn: string; today: BusinessDate },
): Refusal<"invalid-input"> | undefined {
  const wrong = (rule: string, zh: string, en: string) =>
    refuse("invalid-input", { errors: [{ pointer: "/from", rule, zh, en, clause: "M-04a" }] });
  if (from > given.today) return wrong("not-in-future", "起始日不能晚于今天", "The first day cannot be in the future");
  if (from < given.includedOn)
    return wrong(
      "after-inclusion",
      `起始日不能早于纳入日${given.includedOn}`,
      `Not before the day of inclusion, ${given.includedOn}`,
    );
  return undefined;
}

/** Ends a helper's answering; the day itself still counts. One who was released already stays as it was. */
export function release(
  helper: Helper,
  given: { because: ReleasedBecause; today: BusinessDate },
): Helper | Refusal<"state-conflict"> {
  if (helper.until !== null)
    return refuse("state-conflict", {
      detail: { zh: `该责任人已于${helper.until}解除`, en: `Released on ${helper.until} already` },
    });
  return { ...helper, until: given.today, releasedBecause: given.because, version: helper.version + 1 };
}

/** M-02: whether a grid holds more households than one person should go round; a warning, never a refusal. */
export const isGridTooLarge = (households: number, warnAbove: number): boolean => households > warnAbove;
