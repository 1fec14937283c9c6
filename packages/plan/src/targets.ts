import type { ClauseId } from "./clause.ts";
import { percent, type Ratio } from "./parameter.ts";
import type { ParameterKey } from "./parameters.ts";

/** A target that is an earlier figure; it is the value of the named parameter, not loaded until entered with its document. */
export interface Baseline {
  readonly baseline: "2020-12-31" | "2021" | "last-year";
  readonly parameter: ParameterKey;
}

export type TargetUnit =
  | "persons"
  | "posts"
  | "workshops"
  | "parks"
  | "certificates"
  | "bases"
  | "secretaries"
  | "members"
  | "enterprises"
  | "fen"
  | "ratio";

/** What a figure is counted for. */
export type TargetScope =
  | "region"
  | "city"
  | "county"
  | "cooperation-county"
  | "national-key-county"
  | "key-village"
  | "resettlement-site"
  | "large-resettlement-site"
  | "project"
  | "grid"
  | "lead"
  | "case";

/** One figure the plan asks for. `due` is the last day it may be reached on. */
export interface Target {
  readonly clause: ClauseId;
  /** Unique; the clause's id, with a word where a clause has two. */
  readonly code: string;
  readonly target: number | Ratio | Baseline;
  readonly unit: TargetUnit;
  readonly direction: ">=" | ">" | "=";
  readonly scope: readonly TargetScope[];
  readonly due?: string;
}

const yearEnd = "2022-12-31";
const all = percent(100);

/** Every target of the plan. County targets are issued by document and loaded; until then a county has none. */
export const targets: readonly Target[] = [
  { clause: "M-02", code: "M-02", target: all, unit: "ratio", direction: "=", scope: ["grid"] },
  { clause: "M-03", code: "M-03", target: all, unit: "ratio", direction: "=", scope: ["lead"] },
  { clause: "M-04a", code: "M-04a", target: all, unit: "ratio", direction: "=", scope: ["case"] },
  { clause: "M-04b", code: "M-04b", target: all, unit: "ratio", direction: "=", scope: ["case"] },
  { clause: "M-04c", code: "M-04c", target: all, unit: "ratio", direction: "=", scope: ["case"] },
  { clause: "E-01", code: "E-01-guarantee", target: 2_682_100, unit: "persons", direction: ">=", scope: ["region"] },
  { clause: "E-01", code: "E-01-stretch", target: 2_760_000, unit: "persons", direction: ">=", scope: ["region"] },
  {
    clause: "E-03",
    code: "E-03",
    target: { baseline: "2020-12-31", parameter: "baseline.postHolders" },
    unit: "persons",
    direction: ">=",
    scope: ["city", "county"],
  },
  { clause: "E-05", code: "E-05", target: 245_100, unit: "posts", direction: ">=", scope: ["region"], due: yearEnd },
  { clause: "E-07", code: "E-07", target: 2, unit: "workshops", direction: ">=", scope: ["large-resettlement-site"] },
  {
    clause: "E-08",
    code: "E-08-workshops",
    target: { baseline: "2020-12-31", parameter: "baseline.workshops" },
    unit: "workshops",
    direction: ">=",
    scope: ["region"],
  },
  {
    clause: "E-08",
    code: "E-08-workers",
    target: { baseline: "2020-12-31", parameter: "baseline.workshopWorkers" },
    unit: "persons",
    direction: ">=",
    scope: ["region"],
  },
  { clause: "E-15", code: "E-15", target: percent(15), unit: "ratio", direction: ">=", scope: ["project"] },
  {
    clause: "I-01a",
    code: "I-01a-share",
    target: percent(55),
    unit: "ratio",
    direction: ">=",
    scope: ["region", "county"],
    due: yearEnd,
  },
  {
    clause: "I-01a",
    code: "I-01a-last-year",
    target: { baseline: "last-year", parameter: "baseline.industry.central" },
    unit: "ratio",
    direction: ">=",
    scope: ["region", "county"],
    due: yearEnd,
  },
  { clause: "I-01b", code: "I-01b", target: percent(50), unit: "ratio", direction: ">", scope: ["region", "county"] },
  { clause: "I-07", code: "I-07", target: percent(90), unit: "ratio", direction: ">=", scope: ["region", "county"] },
  {
    clause: "I-09a",
    code: "I-09a",
    target: { baseline: "2021", parameter: "baseline.loans" },
    unit: "fen",
    direction: ">=",
    scope: ["region", "county"],
  },
  { clause: "F-01a", code: "F-01a", target: all, unit: "ratio", direction: "=", scope: ["region"], due: "2022-07-31" },
  { clause: "F-01b", code: "F-01b", target: all, unit: "ratio", direction: "=", scope: ["city"], due: "2022-09-30" },
  { clause: "F-02", code: "F-02", target: percent(95), unit: "ratio", direction: ">=", scope: ["county"], due: yearEnd },
  { clause: "C-05", code: "C-05", target: percent(55), unit: "ratio", direction: ">=", scope: ["region", "cooperation-county"] },
  { clause: "C-06", code: "C-06-county", target: 1, unit: "parks", direction: ">=", scope: ["cooperation-county"] },
  { clause: "C-06", code: "C-06-model", target: 10, unit: "parks", direction: ">=", scope: ["region"] },
  { clause: "C-09", code: "C-09", target: 15, unit: "certificates", direction: ">=", scope: ["region"], due: yearEnd },
  { clause: "C-12", code: "C-12", target: 5, unit: "bases", direction: ">=", scope: ["region"], due: yearEnd },
  { clause: "C-13", code: "C-13", target: 100_000_000_000, unit: "fen", direction: ">=", scope: ["region"], due: yearEnd },
  { clause: "C-15", code: "C-15", target: 1, unit: "bases", direction: ">=", scope: ["cooperation-county"] },
  { clause: "S-02b", code: "S-02b", target: 1, unit: "secretaries", direction: "=", scope: ["key-village"] },
  { clause: "S-02c", code: "S-02c", target: 1, unit: "members", direction: ">=", scope: ["resettlement-site"] },
  {
    clause: "S-03",
    code: "S-03-region",
    target: 1,
    unit: "enterprises",
    direction: ">=",
    scope: ["national-key-county"],
    due: yearEnd,
  },
  {
    clause: "S-03",
    code: "S-03-guangdong",
    target: 1,
    unit: "enterprises",
    direction: ">=",
    scope: ["national-key-county"],
    due: yearEnd,
  },
];

/** Clauses whose figure is shown although the plan sets no target for it. */
export const figuresWithoutTarget: readonly ClauseId[] = [
  ...(["M-01", "M-05", "M-06", "E-10", "E-13", "I-06"] as const),
  ...(["F-08", "C-01", "C-02", "C-03", "C-08", "S-06"] as const),
];
