import type { RegionLevel } from "@shouwang/regions/code";
import type { ClauseId, Text } from "./clause.ts";
import { getClause } from "./clauses.ts";
import type { ParameterUnit } from "./parameter.ts";
import { findParameter, parameterDefinitions } from "./parameters.ts";
import { type Target, targets } from "./targets.ts";

/**
 * Something a document sets for a division from a day on: a parameter of the plan (an amount, a threshold, a base figure, a list), or the target of a
 * figure, issued to a division by the level above.
 */
export interface Setting {
  readonly key: string;
  readonly kind: "parameter" | "issued-target";
  readonly clause: ClauseId;
  readonly title: Text;
  readonly unit: ParameterUnit;
  /** The lowest level it may be set for. */
  readonly lowest: RegionLevel;
  readonly within: { readonly floor?: string; readonly ceiling?: string };
  readonly options: readonly string[] | undefined;
}

/** Key under which the target of a figure is issued: `target.E-05`. */
export const issuedTargetKey = (code: string): string => `target.${code}`;

const unitOf = ({ unit }: Target): ParameterUnit => (unit === "fen" || unit === "ratio" || unit === "persons" ? unit : "count");

const issuedTarget = (target: Target): Setting => {
  const { title } = getClause(target.clause);
  return {
    key: issuedTargetKey(target.code),
    kind: "issued-target",
    clause: target.clause,
    title: { zh: `下达任务：${title.zh}（${target.code}）`, en: `Issued target: ${title.en} (${target.code})` },
    unit: unitOf(target),
    lowest: "township",
    within: {},
    options: undefined,
  };
};

const parameterSetting = (key: string): Setting | undefined => {
  const definition = findParameter(key);
  if (!definition) return undefined;
  const { clause, title, unit, setBy, within = {}, options } = definition;
  return { key, kind: "parameter", clause, title, unit, lowest: setBy, within, options };
};

const targetSettings = new Map(targets.map((target) => [issuedTargetKey(target.code), issuedTarget(target)]));

/** What a key sets, or undefined when nothing is set under it. */
export const findSetting = (key: string): Setting | undefined => parameterSetting(key) ?? targetSettings.get(key);

/** Everything that can be set, parameters first. */
export const allSettings = (): readonly Setting[] => [
  ...parameterDefinitions.flatMap(({ key }) => parameterSetting(key) ?? []),
  ...targetSettings.values(),
];
