import type { Reason } from "@shouwang/contract";
import type { ParameterKey, ParameterOf } from "@shouwang/plan";
import type { ParameterInForce } from "@shouwang/service-kit";
import { type FactName, factDefinitions, type HouseholdFacts } from "./facts.ts";

type KeyOfUnit<Unit> = { [Key in ParameterKey]: ParameterOf<Key>["unit"] extends Unit ? Key : never }[ParameterKey];

/** What a fact is compared with: a fixed number, an amount that is a parameter, or a share (a parameter) of another fact. */
type Limit =
  | { readonly constant: number }
  | { readonly parameter: KeyOfUnit<"fen"> }
  | { readonly share: KeyOfUnit<"ratio">; readonly of: FactName };

export type Comparison = {
  readonly fact: FactName;
  readonly is: "at-least" | "above" | "at-most" | "below";
  readonly limit: Limit;
};

/** A condition over a household's facts, as data. */
export type Expression =
  | Comparison
  | { readonly all: readonly Expression[] }
  | { readonly any: readonly Expression[] }
  | { readonly not: Expression };

/** The parameters in force that an expression names, by key. */
export type Settings = ReadonlyMap<ParameterKey, ParameterInForce>;

/** `unknown`: a fact is not known or a parameter not loaded, and what is known does not decide without it. A rule then proposes nothing. */
type Truth = boolean | "unknown";
export type Evaluation = { truth: Truth; reasons: Reason[] };

/** Evaluates an expression; every comparison in it gives a reason, whether it decided anything or not. */
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
    reasons: results.flatMap(({ reasons }) => reasons),
  };
}

/** The comparisons of an expression, in the order they are written. */
function comparisonsOf(expression: Expression): Comparison[] {
  if ("fact" in expression) return [expression];
  if ("not" in expression) return comparisonsOf(expression.not);
  return ("all" in expression ? expression.all : expression.any).flatMap(comparisonsOf);
}

/** The facts an expression looks at, each once. */
export const factsOf = (expression: Expression): FactName[] => [
  ...new Set(comparisonsOf(expression).flatMap(({ fact, limit }) => ("of" in limit ? [fact, limit.of] : [fact]))),
];

/** The parameters an expression names, each once. */
export const parametersOf = (expression: Expression): ParameterKey[] => [
  ...new Set(
    comparisonsOf(expression).flatMap(({ limit }): ParameterKey[] =>
      "parameter" in limit ? [limit.parameter] : "share" in limit ? [limit.share] : [],
    ),
  ),
];

const words = {
  "at-least": { zh: "不低于", en: "at least", holds: (difference: bigint) => difference >= 0n },
  above: { zh: "高于", en: "above", holds: (difference: bigint) => difference > 0n },
  "at-most": { zh: "不高于", en: "at most", holds: (difference: bigint) => difference <= 0n },
  below: { zh: "低于", en: "below", holds: (difference: bigint) => difference < 0n },
} as const;

/** A limit worked out: the two sides to compare in whole numbers, and how it is said. Nothing is divided, so nothing is rounded. */
type Measure = { fact: bigint; limit: bigint; zh: string; en: string };

function compare({ fact, is, limit }: Comparison, facts: HouseholdFacts["facts"], settings: Settings): Evaluation {
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
  const measure = measured(facts[fact].value, limit, facts, settings);
  if ("missing" in measure)
    return { truth: "unknown", reasons: [{ ...reason, code: `${definition.code}-undecided`, ...measure.missing }] };
  const word = words[is];
  const truth = word.holds(measure.fact - measure.limit);
  const zh = `${definition.title.zh}${truth ? "" : "不是"}${word.zh}${measure.zh}`;
  const en = `${definition.title.en} is ${truth ? "" : "not "}${word.en} ${measure.en}`;
  return { truth, reasons: [{ ...reason, zh, en }] };
}

function measured(
  value: number | null,
  limit: Limit,
  facts: HouseholdFacts["facts"],
  settings: Settings,
): Measure | { missing: { zh: string; en: string } } {
  if (value === null) return { missing: { zh: "事实未掌握", en: "The fact is not known" } };
  const fact = BigInt(value);
  if ("constant" in limit) return { fact, limit: BigInt(limit.constant), ...amount(limit.constant) };
  const setting = settings.get("parameter" in limit ? limit.parameter : limit.share)?.value;
  if ("parameter" in limit) {
    if (typeof setting !== "number") return { missing: { zh: "标准未下达,不作判断", en: "The limit is not loaded" } };
    return { fact, limit: BigInt(setting), ...amount(setting) };
  }
  if (typeof setting !== "object" || setting === null || !("denominator" in setting))
    return { missing: { zh: "比例未下达,不作判断", en: "The share is not loaded" } };
  const whole = facts[limit.of].value;
  const { title } = factDefinitions[limit.of];
  if (whole === null) return { missing: { zh: `${title.zh}未掌握`, en: `${title.en} is not known` } };
  const { numerator, denominator } = setting;
  return {
    fact: fact * BigInt(denominator),
    limit: BigInt(whole) * BigInt(numerator),
    zh: `${title.zh}的${numerator}/${denominator}`,
    en: `${numerator}/${denominator} of: ${title.en}`,
  };
}

const amount = (fen: number): { zh: string; en: string } => ({ zh: `${yuan(fen)}元`, en: `${yuan(fen)} yuan` });
const yuan = (fen: number): string => (fen / 100).toFixed(2).replace(/\.00$/, "");
