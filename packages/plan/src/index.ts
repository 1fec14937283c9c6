export { type ClauseId, type ClauseKind, type ClauseOwner, clauseIds, type Text } from "./clause.ts";
export { type Clause, clauses, clausesOf, findClause, getClause, isClauseId, targetsOf } from "./clauses.ts";
export {
  claimKeysOf,
  type Exclusion,
  exclusionMatrix,
  isPeriodOf,
  type PeriodKind,
  type PurposeCode,
  periodKeyPattern,
  purposes,
  purposesExcluding,
} from "./exclusions.ts";
export type {
  Bound,
  ParameterDefinition,
  ParameterSource,
  ParameterState,
  ParameterUnit,
  Ratio,
  ValueOfUnit,
} from "./parameter.ts";
export { type ParameterRow, parameterInForce } from "./parameter-in-force.ts";
export { findParameter, getParameter, type ParameterKey, type ParameterOf, parameterDefinitions } from "./parameters.ts";
export { allSettings, findSetting, issuedTargetKey, type Setting } from "./settings.ts";
export { type Baseline, figuresWithoutTarget, type Target, type TargetScope, type TargetUnit, targets } from "./targets.ts";
