import { createHash } from "node:crypto";
import type { Reason, Risk, Severity } from "@shouwang/contract";
import type { ParameterKey } from "@shouwang/plan";
import { rangeOf } from "@shouwang/regions";
import { evaluate, factsOf, parametersOf, type Settings } from "./expression.ts";
import type { HouseholdFacts } from "./facts.ts";
import type { Rule } from "./rules.ts";

/** What the rules say of one household and one cause. */
export type Finding = {
  householdId: string;
  region: string;
  cause: Risk;
  severity: Severity;
  /** The gravest rule that holds; of equally grave ones the first. */
  ruleCode: string;
  explanation: Reason[];
};

/** `known`: the household is being identified or helped for this cause already. `known-false`: a visit found the same facts to be no risk. */
export type Screened = { findings: Finding[]; known: Risk[]; knownFalse: Risk[] };

/** Severities from the lightest to the gravest: a place in this list is how grave one is. */
const gravity: readonly string[] = ["ungraded", "general", "severe"] satisfies Severity[];

/** Whether a rule holds for a household's place. */
const appliesTo = (rule: Rule, region: string): boolean => region.startsWith(rangeOf(rule.region).lo);

/**
 * Applies rules to a household (M-01). The rules of one cause make one finding together, as grave as the gravest of them, with the reasons of each that holds.
 * A rule whose parameter is not loaded, or whose fact is not known, finds nothing. A lead that was found real and waits for its case covers what is no graver.
 * @param foundFalse hashes (`factsHash`) of the facts on which leads of this household were found to be false
 */
export function screen(
  household: HouseholdFacts,
  rules: readonly Rule[],
  settings: Settings,
  foundFalse: ReadonlySet<string>,
): Screened {
  const screened: Screened = { findings: [], known: [], knownFalse: [] };
  const held = rules.flatMap((rule) => {
    if (!appliesTo(rule, household.region)) return [];
    const { truth, reasons } = evaluate(rule.when, household.facts, settings);
    return truth === true ? [{ rule, reasons }] : [];
  });
  for (const cause of new Set(held.map(({ rule }) => rule.cause))) {
    const ofCause = held.filter(({ rule }) => rule.cause === cause);
    const isNew = ofCause.filter(({ rule }) => !foundFalse.has(factsHash(rule, household)));
    if (household.knownCauses.includes(cause)) screened.known.push(cause);
    else if (isNew.length === 0) screened.knownFalse.push(cause);
    else {
      const finding = findingOf(household, cause, isNew);
      const verified = household.verified[cause];
      if (verified !== undefined && gravity.indexOf(finding.severity) <= gravity.indexOf(verified)) screened.known.push(cause);
      else screened.findings.push(finding);
    }
  }
  return screened;
}

function findingOf(household: HouseholdFacts, cause: Risk, held: readonly { rule: Rule; reasons(): Reason[] }[]): Finding {
  const [gravest] = held.toSorted((a, b) => gravity.indexOf(b.rule.severity) - gravity.indexOf(a.rule.severity));
  if (!gravest) throw new Error("a finding needs a rule that holds");
  return {
    householdId: household.householdId,
    region: household.region,
    cause,
    severity: gravest.rule.severity,
    ruleCode: gravest.rule.code,
    explanation: held.flatMap(({ rule, reasons }) => [
      { code: rule.code, clause: rule.clause, ...rule.title },
      ...reasons().map((reason) => ({ ...reason, clause: rule.clause })),
    ]),
  };
}

/**
 * What a rule's facts rest on, as a hash: the newest record behind each. Not their values: as the months go by old bills leave the window, and a smaller sum
 * of what was found false before is no new sign, whereas one more bill is.
 */
export function factsHash(rule: Rule, household: Pick<HouseholdFacts, "facts">): string {
  const marks = factsOf(rule.when)
    .sort()
    .map((name) => [name, household.facts[name].mark]);
  return createHash("sha256")
    .update(JSON.stringify([rule.code, marks]))
    .digest("hex");
}

/** The parameters of a rule that are not loaded: it waits for them. */
export const waitingFor = (rule: Pick<Rule, "when">, settings: Settings): ParameterKey[] =>
  parametersOf(rule.when).filter((key) => (settings.get(key)?.value ?? null) === null);
