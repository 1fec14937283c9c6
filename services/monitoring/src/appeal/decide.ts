import { type AppealState, type Reason, type Refusal, refuse } from "@shouwang/contract";
import { addDays, type BusinessDate, businessDate } from "@shouwang/service-kit/calendar";
import type { MonitoredCase } from "../monitored-case/decide.ts";
import type { RiskLead } from "../risk-lead/decide.ts";

export type Against = AppealState["against"];
export type Level = AppealState["decidedAt"];

/** A decision that a household need not accept: which, by whom, when. */
export type Decided = { against: Against; by: string; at: Date };

/** Who decides an appeal: the level above the one that decided before. */
export const levelAbove: Record<Against, Level> = {
  verification: "county",
  "village-review": "township",
  "township-check": "county",
  "county-approval": "city",
  clearance: "city",
};

/** What can be appealed against of a lead: that the township turned it away after the visit. One that ended with its household was not judged. */
export function refusalOfLead(
  lead: Pick<RiskLead, "status">,
  verification: { outcome: string; by: string; at: Date } | undefined,
): Decided | undefined {
  if (lead.status !== "rejected" || verification === undefined || verification.outcome === "at-risk") return undefined;
  return { against: "verification", by: verification.by, at: verification.at };
}

const refusing: Readonly<Record<string, string>> = {
  "village-review": "not-carried",
  "township-check": "not-passed",
  "county-approval": "refused",
};

/** What can be appealed against of a case: the step that refused it, or the county's word that its risk is cleared. */
export function refusalOfCase(
  monitored: Pick<MonitoredCase, "status">,
  steps: readonly { step: string; outcome: string; actor: string; at: Date }[],
): Decided | undefined {
  const last = steps.at(-1);
  if (!last) return undefined;
  if (monitored.status === "cleared" && last.step === "county-approval" && last.outcome === "approved")
    return { against: "clearance", by: last.actor, at: last.at };
  if (monitored.status !== "refused" || refusing[last.step] !== last.outcome) return undefined;
  // Safe: the three steps that can refuse are decisions an appeal can be against.
  return { against: last.step as Against, by: last.actor, at: last.at };
}

/** Whether an appeal comes in time: the day of the decision does not count, the last day does; what counts is the day on which the household made it. */
export function decideFiling(
  decided: Decided,
  given: { filedOn: BusinessDate; today: BusinessDate; days: number; document: string },
): { reason: Reason } | Refusal<"appeal-too-late" | "invalid-input"> {
  const decidedOn = businessDate(decided.at);
  if (given.filedOn < decidedOn || given.filedOn > given.today)
    return refuse("invalid-input", {
      errors: [
        {
          pointer: "/filedOn",
          rule: "between-decision-and-today",
          zh: `申诉日期应在决定作出日(${decidedOn})至今天之间`,
          en: `Made between the decision (${decidedOn}) and today`,
          clause: "M-03",
        },
      ],
    });
  const lastDay = addDays(decidedOn, given.days);
  const reason: Reason = {
    code: "appeal-days",
    clause: "M-03",
    parameter: "appeal.days",
    document: given.document,
    zh: `自${decidedOn}起${given.days}个自然日内(至${lastDay}当日结束)可以申诉`,
    en: `An appeal may be made within ${given.days} calendar days of ${decidedOn}, to the end of ${lastDay}`,
    facts: [
      { name: { zh: "决定日期", en: "Decided on" }, value: decidedOn },
      { name: { zh: "申诉日期", en: "Appealed on" }, value: given.filedOn },
    ],
  };
  return given.filedOn > lastDay ? refuse("appeal-too-late", { reasons: [reason] }) : { reason };
}

/** The appeal of a household that has ended: nobody is left for whom the decision could be taken again. */
export const lapse = <A extends { status: AppealState["status"]; lapsedOn: string | null; version: number }>(
  appeal: A,
  today: BusinessDate,
): A => ({ ...appeal, status: "lapsed", lapsedOn: today, version: appeal.version + 1 });

/** Why an appeal was not decided. */
export const lapsedReason = (lapsedOn: string): Reason => ({
  code: "household-ended",
  clause: "M-03",
  zh: `该户已于${lapsedOn}注销,申诉无需裁定,自动终止`,
  en: `The household ended on ${lapsedOn}: nothing is left to decide`,
  facts: [{ name: { zh: "终止日期", en: "Ended on" }, value: lapsedOn }],
});

/** Where a refused case stands again: before the step that refused it, which somebody else then takes. A cleared one is monitored again. */
export const standsAgain = {
  "village-review": "compared",
  "township-check": "posted",
  "county-approval": "township-checked",
  clearance: "included",
} as const satisfies Record<Exclude<Against, "verification">, MonitoredCase["status"]>;

/** The case after the decision against it was overturned: a new round from where the step is taken again. */
export function reopenCase(monitored: MonitoredCase, against: keyof typeof standsAgain): MonitoredCase {
  return {
    ...monitored,
    status: standsAgain[against],
    procedure: "inclusion",
    clearanceStep: null,
    clearanceProposedOn: null,
    clearedOn: null,
    clearedBy: null,
    round: monitored.round + 1,
    version: monitored.version + 1,
  };
}

/** The lead after its rejection was overturned: dispatched as it was, to be verified by other people. */
export const reopenLead = (lead: RiskLead): RiskLead => ({
  ...lead,
  status: "dispatched",
  verifiedAt: null,
  rejectedBecause: null,
  version: lead.version + 1,
});
