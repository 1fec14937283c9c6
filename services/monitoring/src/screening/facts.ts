import type { Bilingual } from "@shouwang/contract";
import type { MonitoringHouseholdFact } from "../db.ts";

/**
 * How a fact is measured. `days-since`: its column is a day, and its value the days from then to the day of screening. A `grade` is 1 to 4 for A to D,
 * a `flag` 1 or 0.
 */
export type FactUnit = "fen" | "persons" | "count" | "grade" | "flag" | "days-since";

/** What a fact rests on: the registry, an income record, or what departments send under a kind of record. */
type FactSource =
  | "registry"
  | "income"
  | "previous-income"
  | "medical-bill"
  | "schooling"
  | "disability"
  | "housing"
  | "water"
  | "disaster-loss"
  | "accident"
  | "employment"
  | "low-income"
  | "death"
  | "asset-check";

/** A fact the rules may name: its column in `monitoring.household_fact`, its stable code, its unit, what it rests on and what it is called. */
export type FactDefinition = {
  column: keyof MonitoringHouseholdFact;
  code: string;
  unit: FactUnit;
  source: FactSource;
  title: Bilingual;
};

const fact = (
  column: FactDefinition["column"],
  code: string,
  unit: FactUnit,
  source: FactSource,
  zh: string,
  en: string,
): FactDefinition => ({ column, code, unit, source, title: { zh, en } });

/** What is known of a household when it is screened. A rule names these and nothing else, so that it can also be carried out as SQL over the columns. */
export const factDefinitions = {
  medicalSelfPaidFen: fact(
    "medical_self_paid_fen",
    "medical-self-paid",
    "fen",
    "medical-bill",
    "近12个月户自付医疗费",
    "Self-paid medical cost of the household in 12 months",
  ),
  annualNetIncomeFen: fact(
    "annual_net_income_fen",
    "annual-net-income",
    "fen",
    "income",
    "最近一个年度户纯收入",
    "Last annual net income of the household",
  ),
  annualPerCapitaFen: fact(
    "annual_per_capita_fen",
    "annual-per-capita",
    "fen",
    "income",
    "最近一个年度人均纯收入",
    "Last annual net income per person",
  ),
  previousPerCapitaFen: fact(
    "previous_per_capita_fen",
    "previous-per-capita",
    "fen",
    "previous-income",
    "上一年度人均纯收入",
    "Net income per person of the year before",
  ),
  disasterLossFen: fact(
    "disaster_loss_fen",
    "disaster-loss",
    "fen",
    "disaster-loss",
    "近12个月受灾损失",
    "Loss by disaster in 12 months",
  ),
  headcount: fact("headcount", "headcount", "persons", "registry", "家庭人口", "Members of the household"),
  ableWorkers: fact("able_workers", "able-workers", "persons", "registry", "劳动力人数", "Able workers of the household"),
  disabledMembers: fact("disabled_members", "disabled-members", "persons", "disability", "残疾人数", "Disabled members"),
  dropouts: fact(
    "dropouts",
    "dropouts",
    "persons",
    "schooling",
    "6–15周岁辍学人数",
    "Members of 6 to 15 who dropped out of school",
  ),
  unemployedMembers: fact("unemployed_members", "unemployed", "persons", "employment", "失业人数", "Unemployed members"),
  housingGrade: fact("housing_grade", "housing-grade", "grade", "housing", "住房安全等级", "Grade of the house"),
  unsafeWater: fact("unsafe_water", "unsafe-water", "flag", "water", "饮水不安全", "Without safe water"),
  assetChecks: fact(
    "asset_checks",
    "asset-checks",
    "count",
    "asset-check",
    "车辆、房产、市场主体登记条数",
    "Vehicles, property and businesses registered",
  ),
  lifted: fact("lifted", "lifted", "flag", "registry", "脱贫户", "Lifted household"),
  monitored: fact("monitored", "monitored", "flag", "registry", "监测对象(风险未消除)", "Monitored household, risk not cleared"),
  daysSinceDisability: fact(
    "disability_certified_on",
    "days-since-disability",
    "days-since",
    "disability",
    "距最近一次办理残疾人证的天数",
    "Days since the newest disability certificate",
  ),
  daysSinceWageStopped: fact(
    "wage_stopped_on",
    "days-since-wage-stopped",
    "days-since",
    "employment",
    "工资停发天数",
    "Days since a wage stopped",
  ),
  daysSinceLowIncomeAdded: fact(
    "low_income_added_on",
    "days-since-low-income-added",
    "days-since",
    "low-income",
    "距新纳入低收入救助的天数",
    "Days since low-income relief began",
  ),
  daysSinceLowIncomeEnded: fact(
    "low_income_ended_on",
    "days-since-low-income-ended",
    "days-since",
    "low-income",
    "距退出低收入救助的天数",
    "Days since low-income relief ended",
  ),
  daysSinceAccident: fact(
    "accident_on",
    "days-since-accident",
    "days-since",
    "accident",
    "距意外事故的天数",
    "Days since an accident",
  ),
  daysSinceWorkerDied: fact(
    "worker_died_on",
    "days-since-worker-died",
    "days-since",
    "death",
    "距劳动力死亡的天数",
    "Days since an able worker died",
  ),
} as const satisfies Record<string, FactDefinition>;
export type FactName = keyof typeof factDefinitions;

// Safe: the keys of the object are exactly these names; the type is lost in its keys.
export const factNames = Object.keys(factDefinitions) as FactName[];

/** The facts that rest on what a department sends under a kind of record. */
export const factsFrom = (source: string): FactName[] => factNames.filter((name) => factDefinitions[name].source === source);

/** One fact of one household. */
export type KnownFact = {
  /** null where nothing is known, which no rule takes for zero. */
  value: number | null;
  source: string;
  /** The last day it tells of. */
  date: string | null;
  /** The newest record behind it, by id and version: another mark means that something came to be known since. */
  mark: string;
};

export type HouseholdFacts = {
  householdId: string;
  region: string;
  /** Causes the household is being identified or helped for already. */
  knownCauses: readonly string[];
  /** By cause, the gravest lead that was found real and has no case yet: what is no graver adds nothing to it. */
  verified: Readonly<Record<string, string>>;
  facts: Readonly<Record<FactName, KnownFact>>;
};
