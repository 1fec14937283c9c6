import { type ClauseEntry, type ClauseId, type ClauseOwner, clauseIds } from "./clause.ts";
import { cooperationClauses } from "./clauses/cooperation.ts";
import { employmentClauses } from "./clauses/employment.ts";
import { fundsClauses } from "./clauses/funds.ts";
import { industryClauses } from "./clauses/industry.ts";
import { monitoringClauses } from "./clauses/monitoring.ts";
import { socialClauses } from "./clauses/social.ts";
import { type ParameterKey, parameterDefinitions } from "./parameters.ts";
import { type Target, targets } from "./targets.ts";

/** A clause of the plan with the keys of the parameters it uses and the targets it sets. */
export interface Clause extends ClauseEntry {
  readonly parameters: readonly ParameterKey[];
  readonly targets: readonly Target[];
}

/** Every clause, in the plan's order. */
export const clauses: readonly Clause[] = [
  ...monitoringClauses,
  ...employmentClauses,
  ...industryClauses,
  ...fundsClauses,
  ...cooperationClauses,
  ...socialClauses,
].map((entry) => ({ ...entry, parameters: keysUsedBy(entry.id), targets: targetsOf(entry.id) }));

const byId = new Map<string, Clause>(clauses.map((clause) => [clause.id, clause]));

/** Whether a text is the id of a clause. */
export function isClauseId(id: string): id is ClauseId {
  return clauseIds.some((known) => known === id);
}

/** The clause of an id, or undefined when the plan has none. */
export function findClause(id: string): Clause | undefined {
  return byId.get(id);
}

/** The clause of an id. Throws RangeError when the plan has none. */
export function getClause(id: ClauseId): Clause {
  const clause = byId.get(id);
  if (!clause) throw new RangeError(`The plan has no clause ${JSON.stringify(id)}`);
  return clause;
}

/** The clauses one department answers for, in the plan's order. */
export function clausesOf(owner: ClauseOwner): readonly Clause[] {
  return clauses.filter((clause) => clause.owner === owner);
}

/** The targets a clause sets; none for most. */
export function targetsOf(clauseId: ClauseId): readonly Target[] {
  return targets.filter((target) => target.clause === clauseId);
}

function keysUsedBy(id: ClauseId): ParameterKey[] {
  return parameterDefinitions.filter(({ clause, alsoIn }) => clause === id || alsoIn.includes(id)).map(({ key }) => key);
}
