import type { RegionLevel } from "@shouwang/regions/code";
import { type ClauseId, type Text, text } from "./clause.ts";

/** An exact ratio; compare by multiplying across, never by dividing. */
export interface Ratio {
  readonly numerator: number;
  readonly denominator: number;
}

/** Which side of a limit is allowed; an inclusive limit is itself allowed ("at most 4,000,000"), an exclusive one is not ("above 200"). */
export interface Bound {
  readonly kind: "ceiling" | "floor";
  readonly inclusive: boolean;
}

/** Where a parameter comes from: the plan, another regulation or public notice, or this platform where both are silent. */
export type ParameterSource = "plan" | "regulation" | "design";

/**
 * `in-force`: there is a value. `not-loaded`: the value is issued by a document nobody has entered yet; rules that need it wait.
 * `open`: empty on purpose, there is no limit until one is set.
 */
export type ParameterState = "in-force" | "not-loaded" | "open";

/** What a value of each unit looks like. Dates are `YYYY-MM-DD`, a month-day is `MM-DD`, a day of month 1–31. */
export interface ValueOfUnit {
  fen: number;
  persons: number;
  count: number;
  years: number;
  months: number;
  days: number;
  hours: number;
  metres: number;
  "day-of-month": number;
  "month-day": string;
  year: number;
  date: string;
  ratio: Ratio;
  flag: boolean;
  choice: string;
  list: readonly string[];
}

export type ParameterUnit = keyof ValueOfUnit;

interface Described<Key extends string> {
  readonly key: Key;
  /** The clause it belongs to. */
  readonly clause: ClauseId;
  /** Further clauses that use it. */
  readonly alsoIn: readonly ClauseId[];
  readonly title: Text;
  readonly state: ParameterState;
  readonly source: ParameterSource;
  readonly document: Text;
  readonly validFrom: "2022-01-01";
  readonly validTo: null;
  /** The lowest level that may set a value of its own; a level below follows the one above. */
  readonly setBy: RegionLevel;
  readonly bound?: Bound;
  /** Keys of the parameters a value set here must stay between. */
  readonly within?: { readonly floor?: string; readonly ceiling?: string };
  /** What a choice or the entries of a list may be. */
  readonly options?: readonly string[];
}

/** One parameter: its description and first value, discriminated by unit. */
export type ParameterDefinition<Key extends string = string> = {
  [U in ParameterUnit]: Described<Key> & { readonly unit: U; readonly value: ValueOfUnit[U] | null };
}[ParameterUnit];

const documents: Record<ParameterSource, Text> = {
  plan: text("自治区行动方案(2022年7月19日公布)", "The region's action plan, published on 2022-07-19"),
  regulation: text("现行其他规定", "Another regulation in force"),
  design: text("平台默认设置,可由有权部门修改", "Default of the platform, to be changed by whoever is entitled"),
};

type Details = Partial<Pick<Described<string>, "alsoIn" | "bound" | "within" | "options" | "setBy" | "document" | "state">>;

/** A parameter as the plan's data write it. A null value is `not-loaded` unless its details say `open`; that another has a value is known to its type, so that no rule needs a figure of its own. */
export function parameter<const Key extends string, U extends ParameterUnit, V extends ValueOfUnit[U] | null>(
  key: Key,
  clause: ClauseId,
  unit: U,
  value: V,
  source: ParameterSource,
  title: Text,
  details: Details = {},
) {
  const state: ParameterState = value === null ? "not-loaded" : "in-force";
  const common = {
    alsoIn: [],
    state,
    setBy: "region" as RegionLevel,
    document: documents[source],
    validFrom: "2022-01-01" as const,
    validTo: null,
  };
  return { ...common, ...details, key, clause, unit, value, source, title };
}

/** A limit that is itself allowed, and one that is not. */
export const atMost: Bound = { kind: "ceiling", inclusive: true };
export const atLeast: Bound = { kind: "floor", inclusive: true };
export const above: Bound = { kind: "floor", inclusive: false };

/** Hundredths, as the plan writes its shares. */
export const percent = (numerator: number): Ratio => ({ numerator, denominator: 100 });
