import type { ParameterUnit } from "@shouwang/plan";
import { z } from "zod";

const whole = z.int().nonnegative();
const valueOfUnit: Record<ParameterUnit, z.ZodType> = {
  fen: whole,
  count: whole,
  persons: whole,
  days: whole,
  hours: whole,
  months: whole,
  years: whole,
  metres: whole,
  "day-of-month": z.int().min(1).max(31),
  "month-day": z.string().regex(/^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/),
  date: z.iso.date(),
  year: z.int().min(2000).max(2100),
  ratio: z.object({ numerator: z.int().nonnegative(), denominator: z.int().positive() }),
  flag: z.boolean(),
  choice: z.string(),
  list: z.array(z.string()).max(500),
};

/** A value of any unit, as a request may carry it. */
export const SettingValue = z.union([
  z.number(),
  z.string().max(200),
  z.boolean(),
  z.array(z.string().max(100)).max(500),
  z.strictObject({ numerator: z.int(), denominator: z.int().positive() }),
]);

/** Whether a value is of a unit, and one of the options where there are any. */
export function fitsUnit(unit: ParameterUnit, value: unknown, options: readonly string[] | undefined): boolean {
  if (!valueOfUnit[unit].safeParse(value).success) return false;
  if (!options) return true;
  return (Array.isArray(value) ? value : [value]).every((one) => typeof one === "string" && options.includes(one));
}

/** A value as an event tells it: whole numbers, a share in hundredths of a percent, a switch as 0 or 1; a choice as its code. Lists and dates are not told. */
export function toldValue(unit: ParameterUnit, value: unknown): { value: number | null; choice: string | null } {
  if (unit === "choice" && typeof value === "string") return { value: null, choice: value };
  if (typeof value === "boolean") return { value: Number(value), choice: null };
  if (typeof value === "number") return { value, choice: null };
  if (typeof value === "object" && value !== null && "numerator" in value && "denominator" in value)
    return { value: Math.round((Number(value.numerator) * 10_000) / Number(value.denominator)), choice: null };
  return { value: null, choice: null };
}
