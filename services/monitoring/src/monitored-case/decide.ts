import { type Decision, type Reason, type Refusal, type Risk, refuse } from "@shouwang/contract";
import { addDays, type BusinessDate, monthOf, nextMonth } from "@shouwang/service-kit/calendar";

export type CaseStatus =
  | "opened"
  | "authorised"
  | "compared"
  | "village-reviewed"
  | "posted"
  | "objected"
  | "township-checked"
  | "included"
  | "refused"
  | "helping"
  | "clearance-proposed"
  | "cleared"
  | "closed";
export type ClearanceStep = "proposed" | "village-reviewed" | "posted" | "objected" | "township-checked";
export type MonitoredKind = "unstable-lifted" | "borderline" | "sudden-hardship";

export type MonitoredCase = {
  id: string;
  householdId: string;
  region: string;
  leadId: string | null;
  previousCaseId: string | null;
  status: CaseStatus;
  procedure: "inclusion" | "clearance";
  /** How far the clearance procedure is; null outside of it. */
  clearanceStep: ClearanceStep | null;
  round: number;
  monitoredKind: MonitoredKind | null;
  risks: Risk[];
  disasterKind: string | null;
  epidemic: boolean;
  foundAt: Date;
  openedAt: Date;
  countyApprovedOn: string | null;
  countyDocument: string | null;
  nationalEntryOn: string | null;
  includedOn: string | null;
  incomeAtInclusionId: string | null;
  postingId: string | null;
  clearanceProposedOn: string | null;
  clearedOn: string | null;
  clearedBy: "help" | "nature" | null;
  closedBecause: string | null;
  version: number;
};

/** The steps both procedures share, in order: each names where the case must stand before and stands after. */
const shared = {
  "village-review": { from: ["compared", "proposed"], to: "village-reviewed" },
  posting: { from: ["village-reviewed"], to: "posted" },
  objection: { from: ["posted", "objected"], to: "objected" },
  "objection-answered": { from: ["objected"], to: "posted" },
  "township-check": { from: ["posted"], to: "township-checked" },
} as const;
export type SharedStep = keyof typeof shared;

/** Where the case stands within the procedure that runs: the inclusion's status, or the clearance's step. */
const place = (monitored: MonitoredCase): string =>
  monitored.procedure === "clearance" && monitored.clearanceStep !== null ? monitored.clearanceStep : monitored.status;

const stateRefusal = (monitored: MonitoredCase): Refusal<"case-state"> =>
  refuse("case-state", { detail: { zh: `认定当前环节:${place(monitored)}`, en: `The case stands at ${place(monitored)}` } });

/** Takes one of the steps that inclusion and clearance share; risk clearance goes the same way as inclusion (domain §3.3). */
export function takeShared(monitored: MonitoredCase, step: SharedStep): MonitoredCase | Refusal<"case-state"> {
  const { from, to } = shared[step];
  const here = place(monitored);
  if (!(from as readonly string[]).includes(here)) return stateRefusal(monitored);
  const version = monitored.version + 1;
  return monitored.procedure === "clearance"
    ? { ...monitored, clearanceStep: to, version }
    : { ...monitored, status: to, version };
}

const only = (
  monitored: MonitoredCase,
  from: readonly CaseStatus[],
  to: Partial<MonitoredCase>,
): MonitoredCase | Refusal<"case-state"> =>
  from.includes(monitored.status) && monitored.clearanceStep === null
    ? { ...monitored, ...to, version: monitored.version + 1 }
    : stateRefusal(monitored);

export const authorise = (monitored: MonitoredCase) => only(monitored, ["opened"], { status: "authorised" });
export const refuseCase = (monitored: MonitoredCase): MonitoredCase | Refusal<"case-state"> =>
  monitored.procedure === "clearance"
    ? // A clearance that fails leaves the household monitored, as it was.
      {
        ...monitored,
        status: "helping",
        procedure: "inclusion",
        clearanceStep: null,
        clearanceProposedOn: null,
        clearedBy: null,
        version: monitored.version + 1,
      }
    : only(monitored, ["compared", "village-reviewed", "posted", "objected", "township-checked"], { status: "refused" });

/** Every department asked must have replied before the comparison counts; a mismatch is for people to look at, never a refusal by itself. */
export function compare(
  monitored: MonitoredCase,
  given: { asked: readonly string[]; replied: readonly string[] },
): MonitoredCase | Refusal<"case-state" | "comparison-incomplete"> {
  const missing = given.asked.filter((department) => !given.replied.includes(department));
  if (missing.length > 0 || given.asked.length === 0) {
    return refuse("comparison-incomplete", {
      detail: {
        zh: `尚未回复:${missing.join("、") || "未向任何部门发函"}`,
        en: `No reply from: ${missing.join(", ") || "nobody was asked"}`,
      },
    });
  }
  return only(monitored, ["authorised"], { status: "compared" });
}

/** The review carries when more hands are for than against; attendance covers both. */
export const reviewCarries = (votes: { votesFor: number; votesAgainst: number; attendees: number }): boolean =>
  votes.votesFor > votes.votesAgainst && votes.votesFor + votes.votesAgainst <= votes.attendees;

/** An income figure with its period, and the monitoring line in force; null where it is not recorded or not loaded. */
export type IncomeFacts = { perCapitaFen: number | null; until: string | null; lineFen: number | null; lineDocument: string };

const incomeFacts = (income: IncomeFacts) => [
  {
    name: { zh: "人均纯收入(分)", en: "Net income per person, fen" },
    value: income.perCapitaFen,
    ...(income.until ? { date: income.until } : {}),
  },
  { name: { zh: "监测范围(分)", en: "Monitoring line, fen" }, value: income.lineFen, source: income.lineDocument },
];

/**
 * Whether a household may be included as a kind (M-03; domain §3.1, §3.8): the kind goes with the kind of household, an income at identification is recorded,
 * and the two kinds defined by income lie within the monitoring line. While the line is not loaded the rule says so and leaves the judgement to people.
 */
export function decideInclusion(given: {
  householdKind: "lifted-household" | "ordinary-household";
  monitoredKind: MonitoredKind;
  risks: readonly Risk[];
  risksMax: number;
  disasterKind: string | null;
  income: IncomeFacts;
}): Decision {
  const against: Reason[] = [];
  const inFavour: Reason[] = [];
  const { monitoredKind, householdKind, income } = given;
  const fits =
    monitoredKind === "sudden-hardship" || (monitoredKind === "unstable-lifted") === (householdKind === "lifted-household");
  if (!fits) {
    against.push({
      code: "kind-of-household",
      clause: "M-03",
      zh: monitoredKind === "unstable-lifted" ? "脱贫不稳定户须为脱贫户" : "边缘易致贫户须为普通农户",
      en:
        monitoredKind === "unstable-lifted"
          ? "An unstable lifted household is a lifted household"
          : "A borderline household is an ordinary household",
    });
  }
  if (given.risks.length === 0 || given.risks.length > given.risksMax) {
    against.push({
      code: "number-of-risks",
      clause: "M-03",
      parameter: "case.risksMax",
      zh: `风险类型须为1至${given.risksMax}项`,
      en: `Between 1 and ${given.risksMax} risks`,
    });
  }
  if (given.risks.includes("natural-disaster") && given.disasterKind === null) {
    against.push({
      code: "disaster-kind",
      clause: "M-03",
      zh: "因自然灾害须填灾害子项",
      en: "A natural disaster needs its kind",
    });
  }
  if (income.perCapitaFen === null) {
    against.push({
      code: "income-not-recorded",
      clause: "M-03",
      zh: "未登记识别时家庭收入",
      en: "No income at identification is recorded",
    });
  } else if (income.lineFen === null) {
    inFavour.push({
      code: "line-not-loaded",
      clause: "M-03",
      parameter: "monitoring-line",
      zh: "本年度监测范围未录入,由审定人综合判断",
      en: "This year's monitoring line is not loaded; the approver judges",
      facts: incomeFacts(income),
    });
  } else if (monitoredKind !== "sudden-hardship" && income.perCapitaFen >= income.lineFen) {
    against.push({
      code: "income-above-line",
      clause: "M-03",
      parameter: "monitoring-line",
      document: income.lineDocument,
      zh: "人均纯收入不低于监测范围,不属于该类监测对象",
      en: "Income per person is not below the monitoring line; not this kind",
      facts: incomeFacts(income),
    });
  } else {
    inFavour.push({
      code: "income-weighed",
      clause: "M-03",
      parameter: "monitoring-line",
      document: income.lineDocument,
      zh: "已对照监测范围核定收入",
      en: "Income weighed against the monitoring line",
      facts: incomeFacts(income),
    });
  }
  return against.length > 0 ? { ok: false, reasons: against } : { ok: true, reasons: inFavour };
}

/** M-04a: the day a household counts as included, by the setting: county approval, entry in the national system, or the earlier of the two. */
export function dayOfInclusion(basis: string, approvedOn: string, nationalEntryOn: string | null): string {
  if (basis === "county-approval" || nationalEntryOn === null) return approvedOn;
  if (basis === "national-system-entry") return nationalEntryOn;
  return nationalEntryOn < approvedOn ? nationalEntryOn : approvedOn;
}

export type ClearanceFacts = {
  today: BusinessDate;
  includedOn: BusinessDate;
  clearedBy: "help" | "nature";
  guarantees: { schooling: boolean | null; medicalCare: boolean | null; housing: boolean | null; drinkingWater: boolean | null };
  income: IncomeFacts;
  /** Months since inclusion over which income has been steady above the line, as attested with the latest record. */
  stableMonths: number;
  stableMonthsNeeded: number;
  risksGone: readonly Risk[];
  risks: readonly Risk[];
  rigidExpenseSolved: boolean;
  openLeads: number;
  measures: number;
  ableWorkers: number;
};

/**
 * Whether a household's risk may be cleared (domain §3.6): income steadily above the line, rigid expense solved, guarantees and water met, every recognised risk gone,
 * no new sign, not in the month of inclusion or the next when by help, with measures when by help. A household without labour is kept under watch, not cleared.
 */
export function decideClearance(facts: ClearanceFacts): Decision {
  const against: Reason[] = [];
  const no = (code: string, zh: string, en: string, more: Partial<Reason> = {}) =>
    against.push({ code, clause: "M-04c", zh, en, ...more });
  const { income, guarantees } = facts;
  if (facts.ableWorkers === 0)
    no(
      "no-labour",
      "整户无劳动能力,落实保障后不标注风险消除,持续跟踪",
      "A household without labour is kept under watch, not cleared",
    );
  if (income.lineFen === null)
    no("line-not-loaded", "本年度监测范围未录入", "This year's monitoring line is not loaded", { parameter: "monitoring-line" });
  else if (income.perCapitaFen === null) no("income-not-recorded", "未登记消除时家庭收入", "No income at clearance is recorded");
  else if (income.perCapitaFen < income.lineFen)
    no("income-below-line", "人均纯收入低于监测范围", "Income per person is below the monitoring line", {
      parameter: "monitoring-line",
      document: income.lineDocument,
      facts: incomeFacts(income),
    });
  if (facts.stableMonths < facts.stableMonthsNeeded) {
    no(
      "not-stable-yet",
      `收入稳定未满${facts.stableMonthsNeeded}个月`,
      `Income has not been steady for ${facts.stableMonthsNeeded} months`,
      {
        parameter: "clearance.stableMonths",
        facts: [{ name: { zh: "已稳定月数", en: "Months steady" }, value: facts.stableMonths }],
      },
    );
  }
  for (const [key, zh, en] of [
    ["schooling", "义务教育", "schooling"],
    ["medicalCare", "基本医疗", "basic medical care"],
    ["housing", "住房安全", "housing"],
    ["drinkingWater", "饮水安全", "safe water"],
  ] as const) {
    if (guarantees[key] !== true)
      no("guarantee-open", `${zh}未确认有保障`, `${en} is not confirmed`, {
        facts: [{ name: { zh, en }, value: guarantees[key] }],
      });
  }
  if (!facts.rigidExpenseSolved) no("rigid-expense", "刚性支出问题未解决", "The rigid expense is not solved");
  const left = facts.risks.filter((risk) => !facts.risksGone.includes(risk));
  if (left.length > 0) no("risks-left", `仍有风险:${left.join("、")}`, `Risks left: ${left.join(", ")}`);
  if (facts.openLeads > 0) no("new-risk", "该户有未结风险线索", "The household has an open risk lead");
  if (facts.clearedBy === "help") {
    const month = monthOf(facts.includedOn);
    if ([month, nextMonth(month)].includes(monthOf(facts.today)))
      no("too-soon", "纳入当月及次月不得以帮扶消除", "Not cleared by help in the month of inclusion or the next");
    if (facts.measures === 0)
      no("no-measure", "未落实帮扶措施,不能认定为帮扶消除", "Without a measure it was not help that cleared the risk");
  }
  if (against.length > 0) return { ok: false, reasons: against };
  return {
    ok: true,
    reasons: [
      {
        code: "clearance-allowed",
        clause: "M-04c",
        zh: "收入、保障、风险各项均已达到消除条件",
        en: "Income, guarantees and risks all meet the conditions",
        facts: incomeFacts(income),
      },
    ],
  };
}

/** Proposes clearance; the procedure then goes the same way as inclusion did. */
export function proposeClearance(
  monitored: MonitoredCase,
  given: { today: BusinessDate; clearedBy: "help" | "nature" },
): MonitoredCase | Refusal<"case-state"> {
  return only(monitored, ["helping"], {
    status: "clearance-proposed",
    procedure: "clearance",
    clearanceStep: "proposed",
    clearanceProposedOn: given.today,
    clearedBy: given.clearedBy,
    round: monitored.round + 1,
  });
}

/** The county's decision, of either procedure. */
export function approve(
  monitored: MonitoredCase,
  given: { today: BusinessDate; document: string; monitoredKind: MonitoredKind | null; basis: string; incomeId: string | null },
): MonitoredCase | Refusal<"case-state"> {
  const version = monitored.version + 1;
  if (monitored.procedure === "clearance") {
    if (monitored.clearanceStep !== "township-checked") return stateRefusal(monitored);
    return {
      ...monitored,
      status: "cleared",
      clearanceStep: null,
      clearedOn: given.today,
      countyDocument: given.document,
      version,
    };
  }
  if (monitored.status !== "township-checked") return stateRefusal(monitored);
  return {
    ...monitored,
    status: "included",
    monitoredKind: given.monitoredKind,
    countyApprovedOn: given.today,
    countyDocument: given.document,
    includedOn: dayOfInclusion(given.basis, given.today, monitored.nationalEntryOn),
    incomeAtInclusionId: given.incomeId,
    version,
  };
}

/** The last day of a duty that runs from inclusion: natural days, the day of inclusion not counted (M-04a, M-04b). */
export const dueAfterInclusion = (includedOn: BusinessDate, days: number): BusinessDate => addDays(includedOn, days);
