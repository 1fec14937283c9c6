import type { ParameterKey } from "@shouwang/plan";
import { type RawBuilder, sql } from "kysely";
import { type Comparison, type Expression, type Limit, numberOf, parametersOf, ratioOf, type Settings } from "./expression.ts";
import { type FactName, factDefinitions } from "./facts.ts";

/** SQL that answers true, false or null (unknown): the three values of `evaluate`, which PostgreSQL's own logic combines in the same way. */
export type Condition = RawBuilder<boolean | null>;

/**
 * The parameters of an area's counties as SQL: constants where all counties have the same, else columns of a small table that is joined by county.
 * Money and shares are multiplied across in whole numbers; where a share has more than three digits, as numeric, since a bigint could overflow.
 */
export type SettingsSql = {
  join: RawBuilder<unknown>;
  number(limit: Limit): Side;
  ratio(limit: Limit): Pair;
  exact: RawBuilder<unknown>;
};
type Side = RawBuilder<number | null> | undefined;
type Pair = { numerator: RawBuilder<unknown>; denominator: RawBuilder<unknown> } | undefined;

const operators = { "at-least": sql`>=`, above: sql`>`, "at-most": sql`<=`, below: sql`<` } as const;
const widestInBigint = 1_000;

/**
 * @param byCounty settings by county code; one of them at least
 * @param alias of the joined table, for a statement that compares two sets of settings
 */
export function settingsSql(
  byCounty: ReadonlyMap<string, Settings>,
  expressions: readonly Expression[],
  alias = "p",
): SettingsSql {
  const keys = [...new Set(expressions.flatMap(parametersOf))];
  const all = [...byCounty.values()];
  const [first = new Map()] = all;
  const valuesOf = (settings: Settings) => JSON.stringify(keys.map((key) => settings.get(key)?.value ?? null));
  const same = all.every((settings) => valuesOf(settings) === valuesOf(first));
  const ratios = expressions.flatMap(limitsOf).flatMap((limit) => all.map((settings) => ratioOf(limit, settings)));
  const isWide = ratios.some((ratio) => ratio && Math.max(Math.abs(ratio.numerator), ratio.denominator) > widestInBigint);
  const exact = isWide ? sql`numeric` : sql`bigint`;
  if (same)
    return {
      join: sql``,
      exact,
      number: (limit) => {
        const value = numberOf(limit, first);
        return value === undefined ? undefined : sql`${value}::bigint`;
      },
      ratio: (limit) => {
        const ratio = ratioOf(limit, first);
        if (ratio === undefined) return undefined;
        return {
          numerator: sql`${ratio?.numerator ?? null}::${exact}`,
          denominator: sql`${ratio?.denominator ?? null}::${exact}`,
        };
      },
    };
  return { exact, ...joinedSettings(byCounty, keys, alias) };
}

/** One row a county, its parameters in columns `a<n>` (the number or numerator) and `b<n>` (the denominator). */
function joinedSettings(byCounty: ReadonlyMap<string, Settings>, keys: readonly ParameterKey[], alias: string) {
  const rows = [...byCounty].map(([county, settings]) => {
    const values = keys.flatMap((key) => {
      const value = settings.get(key)?.value;
      if (typeof value === "object" && value !== null && "denominator" in value) return [value.numerator, value.denominator];
      return [typeof value === "number" ? value : null, null];
    });
    return sql`(${sql.join([county.slice(0, 6), ...values].map((value, at) => (at === 0 ? sql`${value}` : sql`${value}::bigint`)))})`;
  });
  const columns = sql.join(keys.flatMap((_, at) => [sql.ref(`a${at}`), sql.ref(`b${at}`)]));
  const column = (letter: "a" | "b", key: ParameterKey) =>
    sql<number | null>`${sql.ref(`${alias}.${letter}${keys.indexOf(key)}`)}`;
  return {
    join: sql`left join (values ${sql.join(rows)}) as ${sql.ref(alias)} (county, ${columns}) on ${sql.ref(`${alias}.county`)} = left(f.region, 6)`,
    number: (limit: Limit): Side => {
      if ("constant" in limit) return sql`${limit.constant}::bigint`;
      return "parameter" in limit ? column("a", limit.parameter) : undefined;
    },
    ratio: (limit: Limit): Pair => {
      if ("ratio" in limit)
        return { numerator: sql`${limit.ratio.numerator}::bigint`, denominator: sql`${limit.ratio.denominator}::bigint` };
      return "share" in limit ? { numerator: column("a", limit.share), denominator: column("b", limit.share) } : undefined;
    },
  };
}

/** A fact's value as SQL over `monitoring.household_fact f`, on a day. */
export function factSql(name: FactName, day: string): RawBuilder<number | null> {
  const { column, unit } = factDefinitions[name];
  return unit === "days-since" ? sql`(${day}::date - f.${sql.ref(column)})` : sql`f.${sql.ref(column)}`;
}

/** An expression as SQL over `monitoring.household_fact f` (and `p`, where the settings are joined). */
export function conditionSql(expression: Expression, settings: SettingsSql, day: string): Condition {
  if ("fact" in expression) return comparisonSql(expression, settings, day);
  if ("not" in expression) return sql`(not ${conditionSql(expression.not, settings, day)})`;
  const [parts, empty, word] =
    "all" in expression ? [expression.all, sql`true`, sql` and `] : [expression.any, sql`false`, sql` or `];
  if (parts.length === 0) return sql`${empty}`;
  return sql`(${sql.join(
    parts.map((part) => conditionSql(part, settings, day)),
    word,
  )})`;
}

function comparisonSql({ fact, is, limit }: Comparison, settings: SettingsSql, day: string): Condition {
  const number = settings.number(limit);
  if (number) return sql`(${factSql(fact, day)} ${operators[is]} ${number})`;
  const ratio = settings.ratio(limit);
  if (!ratio || !("of" in limit)) throw new Error("a limit is a number or a share");
  const { exact } = settings;
  return sql`(${factSql(fact, day)}::${exact} * ${ratio.denominator} ${operators[is]} ${factSql(limit.of, day)}::${exact} * ${ratio.numerator})`;
}

function limitsOf(expression: Expression): Limit[] {
  if ("fact" in expression) return [expression.limit];
  if ("not" in expression) return limitsOf(expression.not);
  return ("all" in expression ? expression.all : expression.any).flatMap(limitsOf);
}
