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
  clause: z.string(),
  cause: Risk,
  severity: Severity,
  title: Bilingual,
  when: z.record(z.string(), z.unknown()).describe("The condition, as a tree of comparisons of facts with parameters"),
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

const Count = z.object({ region: z.string(), place: z.string(), leads: z.int() });

export const DryRunView = z.object({
  asOf: z.string(),
  rules: z.array(z.object({ code: z.string(), waitingFor: z.array(z.string()) })),
  households: z.int().describe("Households looked at: those with a bill in the twelve months"),
  complete: z.boolean().describe("false: there are more households; narrow the region"),
  leads: z.int().describe("Leads the rules would propose, or add to an open one"),
  known: z.int().describe("Left out: being identified or helped for that cause"),
  knownFalse: z.int().describe("Left out: a visit found the same facts to be no risk"),
  byCounty: z.array(Count),
  byTownship: z.array(Count),
  examples: z
    .array(
      z.object({
        householdId: z.string(),
        head: z.string().nullable().describe("Masked"),
        region: z.string(),
        place: z.string(),
        cause: Risk,
        severity: Severity,
        ruleCode: z.string(),
        explanation: z.array(Reason),
      }),
    )
    .describe("The first hundred"),
});

export const placeOf = (region: string): string => (findDivision(region) ? pathOf(region).join("") : region);

/** How many findings lie in each division of a level, most first. */
export function countsBy(
  findings: readonly Finding[],
  divisionOf: (region: string) => string,
): { region: string; place: string; leads: number }[] {
  const counts = new Map<string, number>();
  for (const { region } of findings) counts.set(divisionOf(region), (counts.get(divisionOf(region)) ?? 0) + 1);
  return [...counts]
    .map(([region, leads]) => ({ region, place: placeOf(region), leads }))
    .sort((a, b) => b.leads - a.leads || a.region.localeCompare(b.region));
}
