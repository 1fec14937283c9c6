import type { Bilingual } from "@shouwang/contract";
import { addDays, type BusinessDate, parseBusinessDate } from "@shouwang/service-kit/calendar";

/** The parts of a household's file, in the order in which they are filed; the value is what each is called. */
export const filePartNames = {
  cover: { zh: "封面", en: "Cover" },
  members: { zh: "家庭成员", en: "Members" },
  "lead-verification": { zh: "线索及入户核实", en: "Lead and verification" },
  authorisation: { zh: "承诺授权书", en: "Authorisation" },
  "data-comparison": { zh: "部门比对结果", en: "Departments' replies" },
  "village-review": { zh: "民主评议纪要", en: "Minutes of the village review" },
  posting: { zh: "公示", en: "Posting" },
  "township-check": { zh: "乡镇审核", en: "Township check" },
  "county-approval": { zh: "县级审定", en: "County approval" },
  "income-at-inclusion": { zh: "纳入时收入", en: "Income at inclusion" },
  helper: { zh: "帮扶责任人", en: "Helper" },
  "household-plan": { zh: "一户一策", en: "Household plan" },
  visits: { zh: "走访记录", en: "Visits" },
  measures: { zh: "帮扶措施及佐证", en: "Measures and their proofs" },
  clearance: { zh: "风险消除材料", en: "Papers of the clearance" },
} as const satisfies Record<string, Bilingual>;
export type FilePartName = keyof typeof filePartNames;

/** Days on which each part was first there; null or absent while it is not. */
export type FileFacts = {
  registeredOn: string;
  members: number;
  lead: { foundOn: string; verifiedOn: string | null; rejected: boolean } | null;
  monitoredCase: {
    status: string;
    includedOn: string | null;
    clearedOn: string | null;
    /** Last day on which the parts of the settings are due. */
    dueOn: string | null;
  } | null;
  /** Day of each step of the inclusion that was taken. */
  steps: Partial<
    Record<"authorisation" | "comparison" | "village-review" | "posting" | "township-check" | "county-approval", string>
  >;
  incomeOn: string | null;
  helperFrom: string | null;
  planApprovedOn: string | null;
  firstVisitOn: string | null;
  firstMeasureOn: string | null;
};

/**
 * have: it is there since the day named. missing: it was due and is not there, since the day it fell due. due: to come by the day named.
 * not-due: nothing of the household's present stage asks for it.
 */
export type FilePart = {
  part: FilePartName;
  state: "have" | "missing" | "due" | "not-due";
  since: string | null;
  dueOn: string | null;
};

/**
 * M-04b: every part of a household's file with its state. Before inclusion cover and members are due; a lead is owed its verification; from inclusion the parts
 * the settings name are due by the day of the limit, and the clearance's papers with the clearance.
 */
export function fileParts(facts: FileFacts, given: { today: BusinessDate; partsDue: readonly string[] }): FilePart[] {
  const { monitoredCase, steps, lead } = facts;
  const dueOn = monitoredCase?.dueOn ?? null;
  const asked = (part: FilePartName) => (given.partsDue.includes(part) && monitoredCase?.includedOn ? dueOn : null);
  const state = (part: FilePartName, on: string | null | undefined, due: string | null): FilePart => {
    if (on) return { part, state: "have", since: on, dueOn: due };
    if (due === null) return { part, state: "not-due", since: null, dueOn: null };
    const missing = due < given.today;
    return { part, state: missing ? "missing" : "due", since: missing ? addDays(parseBusinessDate(due), 1) : null, dueOn: due };
  };
  const decided = monitoredCase?.clearedOn ?? null;
  return [
    state("cover", facts.registeredOn, facts.registeredOn),
    state("members", facts.members > 0 ? facts.registeredOn : null, facts.registeredOn),
    state("lead-verification", lead?.verifiedOn, lead && !lead.rejected ? given.today : null),
    state("authorisation", steps.authorisation, asked("authorisation")),
    state("data-comparison", steps.comparison, asked("data-comparison")),
    state("village-review", steps["village-review"], asked("village-review")),
    state("posting", steps.posting, asked("posting")),
    state("township-check", steps["township-check"], asked("township-check")),
    state("county-approval", steps["county-approval"] ?? monitoredCase?.includedOn, asked("county-approval")),
    state("income-at-inclusion", facts.incomeOn, asked("income-at-inclusion")),
    state("helper", facts.helperFrom, asked("helper")),
    state("household-plan", facts.planApprovedOn, asked("household-plan")),
    state("visits", facts.firstVisitOn, asked("visits")),
    state("measures", facts.firstMeasureOn, asked("measures")),
    state("clearance", decided, decided),
  ];
}

/** How complete a file is: of the parts due by the stage the household is at, those that are there, in whole per cent, never rounded up. */
export function completeness(parts: readonly FilePart[]): { due: number; have: number; percent: number; complete: boolean } {
  const due = parts.filter((part) => part.dueOn !== null);
  const have = due.filter((part) => part.state === "have").length;
  return {
    due: due.length,
    have,
    percent: due.length === 0 ? 100 : Math.floor((have * 100) / due.length),
    complete: have === due.length,
  };
}
