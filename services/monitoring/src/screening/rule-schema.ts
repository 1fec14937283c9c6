import { findParameter, type ParameterUnit } from "@shouwang/plan";
import { z } from "zod";
import { comparisonsOf, type Expression, type Limit, type NumberKey, type RatioKey, words } from "./expression.ts";
import { type FactName, type FactUnit, factDefinitions, factNames } from "./facts.ts";

const unitsOf: Record<FactUnit, readonly ParameterUnit[]> = {
  fen: ["fen"],
  persons: ["persons", "count"],
  count: ["count", "persons"],
  "days-since": ["days"],
  grade: ["count"],
  flag: ["count"],
};
const measuresOf = (key: string, unit: FactUnit): boolean => {
  const definition = findParameter(key);
  return definition !== undefined && unitsOf[unit].includes(definition.unit);
};

const Fact = z.enum(factNames as [FactName, ...FactName[]]); // Safe: there are facts.
const whole = z.int().min(-1_000_000_000_000).max(1_000_000_000_000);
const isRatio = (key: string) => findParameter(key)?.unit === "ratio";
const isNumber = (key: string) => Object.values(unitsOf).some((units) => units.some((unit) => unit === findParameter(key)?.unit));
const LimitEntry: z.ZodType<Limit> = z.union([
  z.strictObject({ constant: whole }),
  z.strictObject({ parameter: z.custom<NumberKey>((key) => typeof key === "string" && isNumber(key)) }),
  z.strictObject({ share: z.custom<RatioKey>((key) => typeof key === "string" && isRatio(key)), of: Fact }),
  z.strictObject({
    ratio: z.strictObject({ numerator: z.int().min(0).max(1_000_000), denominator: z.int().min(1).max(1_000_000) }),
    of: Fact,
  }),
]);

// Safe: `words` has these keys and no others.
const Comparator = z.enum(Object.keys(words) as [keyof typeof words, ...(keyof typeof words)[]]);
const Part: z.ZodType<Expression> = z.lazy(() =>
  z.union([
    z.strictObject({ fact: Fact, is: Comparator, limit: LimitEntry }),
    z.strictObject({ all: z.array(Part).min(1).max(20) }),
    z.strictObject({ any: z.array(Part).min(1).max(20) }),
    z.strictObject({ not: Part }),
  ]),
);

const mostComparisons = 40;
const mostLevels = 16;
const mostNodes = 1_000;

/** Whether a tree is small, found level by level: parsing one of ten thousand levels would exhaust the stack. */
function isSmall(given: unknown): boolean {
  let level = [given];
  let nodes = 0;
  for (let depth = 0; depth < mostLevels && nodes < mostNodes; depth += 1) {
    level = level.flatMap((each) => (typeof each === "object" && each !== null ? Object.values(each) : []));
    if (level.length === 0) return true;
    nodes += level.length;
  }
  return false;
}

/** A condition as it comes from outside or out of a row: facts and parameters there are, each compared with what has its unit. */
export const ExpressionEntry = z
  .unknown()
  .refine(isSmall, { message: "the condition is too large", abort: true })
  .pipe(Part)
  .refine((expression) => comparisonsOf(expression).length <= mostComparisons, { message: "too many comparisons" })
  .refine((expression) => comparisonsOf(expression).every(fitsUnits), { message: "a fact is compared with another unit" });

function fitsUnits({ fact, limit }: ReturnType<typeof comparisonsOf>[number]): boolean {
  const { unit } = factDefinitions[fact];
  if ("parameter" in limit) return measuresOf(limit.parameter, unit);
  if (!("of" in limit)) return true;
  const whole = factDefinitions[limit.of].unit;
  return whole === unit || (["persons", "count"].includes(whole) && ["persons", "count"].includes(unit));
}
