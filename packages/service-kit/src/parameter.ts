import {
  findParameter,
  getParameter,
  type ParameterKey,
  type ParameterOf,
  type ParameterUnit,
  parameterInForce,
  type ValueOfUnit,
} from "@shouwang/plan";
import { province, type RegionCode, toRegionCode } from "@shouwang/regions";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import type { Executor } from "./database.ts";
import { actorOf, type Principal } from "./principal.ts";

/** A parameter in force: its value (null while not loaded, "未下达": a rule says so instead of guessing), where it holds and the document it comes from. */
export type ParameterInForce<Key extends ParameterKey = ParameterKey> = {
  key: Key;
  value: ValueOfUnit[ParameterOf<Key>["unit"]] | null;
  region: RegionCode;
  validFrom: string;
  validTo: string | null;
  document: string;
};

type Row = { key: string; region: RegionCode; value: unknown; validFrom: string; validTo: string | null; document: string };

/** Answers parameters in force on the date they were read for, for any division. */
export type ParameterReader = <const Key extends ParameterKey>(key: Key, region: string) => ParameterInForce<Key>;

/** Reads parameters once, for questions about many divisions: what `parameterFor` answers for one. */
export async function readParameters(tx: Executor, keys: readonly ParameterKey[], date: string): Promise<ParameterReader> {
  const { rows } = await sql<Row>`select key, region, value, valid_from as "validFrom", valid_to as "validTo", document
    from kit.parameter where key = any(${[...keys]}::text[]) and replaced_at is null`.execute(tx);
  return (key, region) => {
    const row = parameterInForce(rows, key, toRegionCode(region), date);
    if (row) {
      const { value, ...rest } = row;
      // Safe: `loadParameter` lets no value in that is not of the key's unit.
      return { ...rest, key, value: value as ParameterInForce<typeof key>["value"] };
    }
    const { validFrom, validTo, document, value } = getParameter(key);
    // Safe: a definition's value is of its own unit, which the type of the key carries.
    return {
      key,
      value: value as ParameterInForce<typeof key>["value"],
      region: province().code,
      validFrom,
      validTo,
      document: document.zh,
    };
  };
}

/**
 * The value of a parameter for a division on a date: what an authorised office loaded for the nearest division, else the plan's own figure.
 * @param region 12-digit code of whatever the rule is about
 * @param date the business date that counts
 */
export async function parameterFor<const Key extends ParameterKey>(
  tx: Executor,
  key: Key,
  region: string,
  date: string,
): Promise<ParameterInForce<Key>> {
  return (await readParameters(tx, [key], date))(key, region);
}

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
  ratio: z.object({ numerator: z.int(), denominator: z.int().positive() }),
  flag: z.boolean(),
  choice: z.string(),
  list: z.array(z.string()).max(500),
};

/** Whether a value fits a parameter: its unit, and the options where it is a choice. */
export function fitsParameter(key: string, value: unknown): boolean {
  const definition = findParameter(key);
  if (!definition || !valueOfUnit[definition.unit].safeParse(value).success) return false;
  const options = definition.options;
  if (!options) return true;
  return (Array.isArray(value) ? value : [value]).every((one) => typeof one === "string" && options.includes(one));
}

/** Loads a value with its document; a value that starts on the same day is replaced, and kept in the history. The caller has checked that it fits. */
export async function loadParameter(
  tx: Executor,
  principal: Principal,
  row: { key: string; region: string; value: unknown; validFrom: string; validTo?: string; document: string },
): Promise<void> {
  await sql`update kit.parameter set replaced_at = clock_timestamp() where key = ${row.key} and region = ${row.region} and valid_from = ${row.validFrom}
    and replaced_at is null`.execute(tx);
  await sql`insert into kit.parameter (id, key, region, value, valid_from, valid_to, document, loaded_by)
    values (${uuidv7()}, ${row.key}, ${row.region}, ${JSON.stringify(row.value)}::jsonb, ${row.validFrom}, ${row.validTo ?? null}, ${row.document}, ${actorOf(principal)})`.execute(
    tx,
  );
}
