import type { Month } from "@shouwang/contract";
import { type Ratio, type TargetScope, targets } from "@shouwang/plan";
import { levelOf, type RegionCode } from "@shouwang/regions";

/** What is known of a figure: its code and unit, its value, and the target its clause names itself. */
export type Measured = {
  code: string;
  unit: string;
  value: number | null;
  target: number | null;
  direction: ">=" | ">" | "=" | null;
};

/** What a figure is to reach in a division: the plan's own target, one issued to the division, or an earlier figure. */
export type TargetInForce = {
  value: number;
  direction: ">=" | ">" | "=";
  from: "plan" | "issued" | "baseline";
  document: string | null;
};

/** Why a division has no target: it takes a document that nobody loaded; or none is asked of it. */
export type TargetState = TargetInForce | "not-issued" | "not-loaded" | "none";

const inUnitOf = (indicator: Pick<Measured, "unit">, value: number | Ratio): number => {
  if (typeof value === "number") return value;
  const share = value.numerator / value.denominator;
  return indicator.unit === "%" ? share * 100 : share;
};

/**
 * The target of a figure in a division. What was issued to the division comes first. A share that the plan asks for is asked of every area alike; a number
 * is asked of one level only, and a lower one has no target until one is issued to it.
 * @param issued the target issued to this very division, if any
 * @param baseline the earlier figure, where the plan's target is one; null while it is not loaded
 */
export function targetOf(
  indicator: Measured,
  region: RegionCode,
  given: { issued: { value: number | Ratio; document: string } | null; baseline: number | Ratio | null },
): TargetState {
  const target = targets.find(({ code }) => code === indicator.code);
  const direction = target?.direction ?? indicator.direction ?? ">=";
  if (given.issued)
    return { value: inUnitOf(indicator, given.issued.value), direction, from: "issued", document: given.issued.document };
  if (indicator.target !== null) return { value: indicator.target, direction, from: "plan", document: null };
  if (!target) return "none";
  const level = levelOf(region);
  const asked = target.unit === "ratio" || target.scope.includes(level as TargetScope);
  if (!asked) return "not-issued";
  if (typeof target.target === "object" && "baseline" in target.target)
    return given.baseline === null
      ? "not-loaded"
      : { value: inUnitOf(indicator, given.baseline), direction, from: "baseline", document: null };
  return { value: inUnitOf(indicator, target.target), direction, from: "plan", document: null };
}

/** Whether a figure reaches its target. */
export function reaches(value: number, { value: target, direction }: Pick<TargetInForce, "value" | "direction">): boolean {
  return direction === ">" ? value > target : direction === "=" ? value === target : value >= target;
}

export type Light = "green" | "yellow" | "red" | "grey";

/**
 * How a division stands: a share against its target, within five points of it yellow; a number that grows over the year against the part of the year that
 * has passed, five points behind it yellow. Grey where nothing is to be counted or no target was issued.
 */
export function lightOf(indicator: Pick<Measured, "unit" | "value">, target: TargetState, month: Month): Light {
  const { value, unit } = indicator;
  if (value === null || typeof target === "string") return "grey";
  if (reaches(value, target)) return "green";
  if (unit === "%") return value >= target.value - 5 ? "yellow" : "red";
  if (target.value <= 0) return "red";
  const done = (value * 100) / target.value;
  const passed = (Number(month.slice(5)) * 100) / 12;
  return done >= passed ? "green" : done >= passed - 5 ? "yellow" : "red";
}

/** Ranks by value, the best first; equal ones share a rank and the next is left out (1, 2, 2, 4). What has no value or no target is not ranked. */
export function ranked<T extends { value: number | null; target: TargetState }>(
  rows: readonly T[],
): (T & { rank: number | null })[] {
  const counted = rows.filter((row) => row.value !== null && typeof row.target !== "string");
  const share = (row: T) =>
    typeof row.target === "string" || row.target.value === 0 ? Number(row.value) : Number(row.value) / row.target.value;
  return rows.map((row) => ({
    ...row,
    rank: counted.includes(row) ? 1 + counted.filter((other) => share(other) > share(row)).length : null,
  }));
}
