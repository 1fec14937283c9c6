import type { Reason } from "@shouwang/contract";
import type { ParameterKey, ParameterOf, Ratio } from "@shouwang/plan";
import type { ParameterInForce } from "@shouwang/service-kit";
import { type FactName, type FactUnit, factDefinitions, type HouseholdFacts } from "./facts.ts";

type KeyOfUnit<Unit> = { [Key in ParameterKey]: ParameterOf<Key>["unit"] extends Unit ? Key : never }[ParameterKey];
export type NumberKey = KeyOfUnit<"fen" | "days" | "persons" | "count">;
export type RatioKey = KeyOfUnit<"ratio">;

/** What a fact is compared with: a fixed number, a number that is a parameter, or a share (a parameter, or fixed) of another fact. */
export type Limit =
  | { readonly constant: number }
  | { readonly parameter: NumberKey }
  | { readonly share: RatioKey; readonly of: FactName }
  | { readonly ratio: Ratio; readonly of: FactName };

export const words = {
  "at-least": { zh: "不低于", en: "at least", holds: (difference: bigint) => difference >= 0n },
  above: { zh: "高于", en: "above", holds: (difference: bigint) => difference > 0n },
  "at-most": { zh: "不高于", en: "at most", holds: (difference: bigint) => difference <= 0n },
  below: { zh: "低于", en: "below", holds: (difference: bigint) => difference < 0n },
} as const;

export type Comparison = { readonly fact: FactName; readonly is: keyof typeof words; readonly limit: Limit };

/** A condition over a household's facts, as data: evaluated here to explain, carried out as SQL (`expression-store.ts`) to find. Both answer the same. */
export type Expression =
  | Comparison
  | { readonly all: readonly Expression[] }
  | { readonly any: readonly Expression[] }
  | { readonly not: Expression };

/** The parameters in force that an expression names, by key. */
export type Settings = ReadonlyMap<ParameterKey, ParameterInForce>;

/** `unknown`: a fact is not known or a parameter not loaded, and what is known does not decide without it. A rule then proposes nothing. */
export type Truth = boolean | "unknown";
/** What an expression says, and why: every comparison in it gives a reason, whether it decided anything or not. Reasons are made when they are asked for. */
export type Evaluation = { truth: Truth; reasons(): Reason[] };

/** Evaluates an expression over the facts of a household. */
export function evaluate(expression: Expression, facts: HouseholdFacts["facts"], settings: Settings): Evaluation {
  if ("fact" in expression) return compare(expression, facts, settings);
  if ("not" in expression) {
    const { truth, reasons } = evaluate(expression.not, facts, settings);
    return { truth: truth === "unknown" ? truth : !truth, reasons };
  }
  const [parts, decides] = "all" in expression ? [expression.all, false] : [expression.any, true];
  const results = parts.map((part) => evaluate(part, facts, settings));
  return {
    truth: results.some(({ truth }) => truth === decides)
      ? decides
      : results.some(({ truth }) => truth === "unknown")
        ? "unknown"
        : !decides,
    reasons: () => results.flatMap(({ reasons }) => reasons()),
  };
}

/** The comparisons of an expression, in the order they are written. */
export function comparisonsOf(expression: Expression): Comparison[] {
  if ("fact" in expression) return [expression];
  if ("not" in expression) return comparisonsOf(expression.not);
  return ("all" in expression ? expression.all : expression.any).flatMap(comparisonsOf);
}

/** The facts an expression looks at, each once. */
export const factsOf = (expression: Expression): FactName[] => [
  ...new Set(comparisonsOf(expression).flatMap(({ fact, limit }) => ("of" in limit ? [fact, limit.of] : [fact]))),
];

/** The parameters an expression names, each once. */
export const parametersOf = (expression: Expression): (NumberKey | RatioKey)[] => [
  ...new Set(
    comparisonsOf(expression).flatMap(({ limit }): (NumberKey | RatioKey)[] =>
      "parameter" in limit ? [limit.parameter] : "share" in limit ? [limit.share] : [],
    ),
  ),
];

/** The ratio a limit takes of another fact; undefined where it takes none, null where its parameter is not loaded. */
export function ratioOf(limit: Limit, settings: Settings): Ratio | null | undefined {
  if ("ratio" in limit) return limit.ratio;
  if (!("share" in limit)) return undefined;
  const value = settings.get(limit.share)?.value;
  return typeof value === "object" && value !== null && "denominator" in value ? value : null;
}

/** The number a limit stands for; undefined where it is a share of a fact, null where its parameter is not loaded. */
export function numberOf(limit: Limit, settings: Settings): number | null | undefined {
  if ("constant" in limit) return limit.constant;
  if (!("parameter" in limit)) return undefined;
  const value = settings.get(limit.parameter)?.value;
  return typeof value === "number" ? value : null;
}

/** A limit worked out: the two sides to compare in whole numbers, and how it is said. Nothing is divided, so nothing is rounded. */
type Measure = { fact: bigint; limit: bigint; said(): { zh: string; en: string } };

function compare(comparison: Comparison, facts: HouseholdFacts["facts"], settings: Settings): Evaluation {
  const measure = measured(comparison.fact, comparison.limit, facts, settings);
  const truth = "missing" in measure ? "unknown" : words[comparison.is].holds(measure.fact - measure.limit);
  return { truth, reasons: () => [reasonOf(comparison, facts, settings, measure)] };
}

function reasonOf(
  { fact, is, limit }: Comparison,
  facts: HouseholdFacts["facts"],
  settings: Settings,
  measure: ReturnType<typeof measured>,
): Reason {
  const definition = factDefinitions[fact];
  const key = "parameter" in limit ? limit.parameter : "share" in limit ? limit.share : undefined;
  const named = "of" in limit ? [fact, limit.of] : [fact];
  const reason = {
    code: `${definition.code}-${is}`,
    ...(key === undefined ? {} : { parameter: key, document: settings.get(key)?.document ?? "" }),
    facts: named.map((name) => ({
      name: factDefinitions[name].title,
      value: facts[name].value,
      source: facts[name].source,
      ...(facts[name].date === null ? {} : { date: facts[name].date }),
    })),
  };
  if ("missing" in measure) return { ...reason, code: `${definition.code}-undecided`, ...measure.missing };
  const word = words[is];
  const truth = word.holds(measure.fact - measure.limit);
  const limitSaid = measure.said();
  return {
    ...reason,
    zh: `${definition.title.zh}${truth ? "" : "不是"}${word.zh}${limitSaid.zh}`,
    en: `${definition.title.en} is ${truth ? "" : "not "}${word.en} ${limitSaid.en}`,
  };
}

function measured(
  name: FactName,
  limit: Limit,
  facts: HouseholdFacts["facts"],
  settings: Settings,
): Measure | { missing: { zh: string; en: string } } {
  const { value } = facts[name];
  if (value === null) return { missing: { zh: "事实未掌握", en: "The fact is not known" } };
  const number = numberOf(limit, settings);
  if (number === null) return { missing: { zh: "标准未下达,不作判断", en: "The limit is not loaded" } };
  if (number !== undefined)
    return { fact: BigInt(value), limit: BigInt(number), said: () => said(number, factDefinitions[name].unit) };
  const ratio = ratioOf(limit, settings);
  if (!ratio || !("of" in limit)) return { missing: { zh: "比例未下达,不作判断", en: "The share is not loaded" } };
  const whole = facts[limit.of].value;
  const { title } = factDefinitions[limit.of];
  if (whole === null) return { missing: { zh: `${title.zh}未掌握`, en: `${title.en} is not known` } };
  const { numerator, denominator } = ratio;
  const isWhole = numerator === denominator;
  return {
    fact: BigInt(value) * BigInt(denominator),
    limit: BigInt(whole) * BigInt(numerator),
    said: () => ({
      zh: isWhole ? title.zh : `${title.zh}的${numerator}/${denominator}`,
      en: isWhole ? title.en : `${numerator}/${denominator} of: ${title.en}`,
    }),
  };
}

function said(value: number, unit: FactUnit): { zh: string; en: string } {
  const yuan = (value / 100).toFixed(2).replace(/\.00$/, "");
  switch (unit) {
    case "fen":
      return { zh: `${yuan}元`, en: `${yuan} yuan` };
    case "persons":
      return { zh: `${value}人`, en: `${value} persons` };
    case "days-since":
      return { zh: `${value}天`, en: `${value} days` };
    case "grade":
      return { zh: `${"ABCD"[value - 1] ?? value}级`, en: `grade ${"ABCD"[value - 1] ?? value}` };
    case "count":
    case "flag":
      return { zh: `${value}`, en: `${value}` };
  }
}
