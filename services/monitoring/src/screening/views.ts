import { Bilingual, Reason, Risk, Severity } from "@shouwang/contract";
import { getParameter } from "@shouwang/plan";
import { findDivision, pathOf } from "@shouwang/regions";
import { z } from "zod";
import { parametersOf, type Settings } from "./expression.ts";
import type { Rule } from "./rules.ts";
import { type Finding, waitingFor } from "./screen.ts";

const RuleParameter = z.object({
  key: z.string(),
  title: Bilingual,
  unit: z.string(),
  value: z.unknown().describe("null while not loaded"),
  region: z.string().describe("Division it is set for"),
  validFrom: z.string(),
  document: z.string(),
  origin: z.enum(["plan", "regulation", "design"]).describe("Where its first value comes from"),
});

export const RuleView = z.object({
  code: z.string(),
  region: z.string().describe("Division it holds for, with all below it"),
  clause: z.string(),
  cause: Risk,
  severity: Severity,
  title: Bilingual,
  when: z.record(z.string(), z.unknown()).describe("The condition, as a tree of comparisons of facts with parameters"),
  validFrom: z.string(),
  validTo: z.string().nullable(),
  document: z.string(),
  parameters: z.array(RuleParameter),
  waitingFor: z.array(z.string()).describe("Parameters not loaded: until they are, the rule proposes nothing"),
});

export const ruleView = (rule: Rule, settings: Settings): z.input<typeof RuleView> => ({
  ...rule,
  parameters: parametersOf(rule.when).flatMap((key) => {
    const setting = settings.get(key);
    const { title, unit, source } = getParameter(key);
    return setting ? [{ ...setting, title, unit, origin: source }] : [];
  }),
  waitingFor: waitingFor(rule, settings),
});

export const Waiting = z.object({
  code: z.string(),
  waitingFor: z.array(z.string()).describe("Parameters not loaded in at least one county: there the rule proposes nothing"),
  counties: z.array(z.string()).describe("The counties that wait"),
});

/** What rules wait for, and in which counties. */
export function waitingOf(
  rules: readonly Pick<Rule, "code" | "when">[],
  byCounty: ReadonlyMap<string, Settings>,
): z.input<typeof Waiting>[] {
  return rules.map((rule) => {
    const each = [...byCounty].map(([county, settings]) => ({ county, keys: waitingFor(rule, settings) }));
    return {
      code: rule.code,
      waitingFor: [...new Set(each.flatMap(({ keys }) => keys))],
      counties: each.flatMap(({ county, keys }) => (keys.length > 0 ? [county] : [])),
    };
  });
}

const Count = z.object({ region: z.string(), place: z.string(), leads: z.int() });

export const DryRunView = z.object({
  asOf: z.string(),
  region: z.string(),
  rules: z.array(Waiting),
  households: z.int().describe("Households looked at: all of the area"),
  factsDue: z.int().describe("Of these, how many have facts of before today that are being worked out"),
  leads: z.int().describe("New leads the rules would propose"),
  joins: z.int().describe("Findings that would be added to an open lead"),
  known: z.int().describe("Left out: being identified or helped for that cause"),
  knownFalse: z.int().describe("Left out: a visit found the same facts to be no risk"),
  byRule: z.array(z.object({ code: z.string(), title: Bilingual, leads: z.int() })),
  byCounty: z.array(Count),
  byTownship: z.array(Count),
});

export const FindingView = z.object({
  householdId: z.string(),
  head: z.string().nullable().describe("Masked"),
  region: z.string(),
  place: z.string(),
  cause: Risk,
  severity: Severity,
  ruleCode: z.string(),
  explanation: z.array(Reason),
});

export const findingView = (finding: Finding, heads: ReadonlyMap<string, string>): z.input<typeof FindingView> => ({
  ...finding,
  head: heads.get(finding.householdId) ?? null,
  place: placeOf(finding.region),
});

export const placeOf = (region: string): string => (findDivision(region) ? pathOf(region).join("") : region);
