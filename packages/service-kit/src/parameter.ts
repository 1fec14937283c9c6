import {
  getParameter,
  issuedTargetKey,
  type ParameterKey,
  type ParameterOf,
  parameterInForce,
  type Ratio,
  type ValueOfUnit,
} from "@shouwang/plan";
import { province, type RegionCode, toRegionCode } from "@shouwang/regions";
import { sql } from "kysely";
import type { Executor } from "./database.ts";

/** A parameter in force: its value (null while not loaded, "未下达": a rule says so instead of guessing), where it holds and the document it comes from. */
export type ParameterInForce<Key extends ParameterKey = ParameterKey> = {
  key: Key;
  value: ValueOfUnit[ParameterOf<Key>["unit"]] | (null extends ParameterOf<Key>["value"] ? null : never);
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
      // Safe: `checkLoading` lets no value in that is not of the key's unit.
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

/** The target issued to a division for a figure, by the document that was loaded for that very division; null: not issued (未下达). It is never handed down. */
export async function issuedTargetFor(
  tx: Executor,
  code: string,
  region: string,
  date: string,
): Promise<{ value: number | Ratio; document: string } | null> {
  const { rows } = await sql<{ value: number | Ratio; document: string }>`select value, document from kit.parameter
    where key = ${issuedTargetKey(code)} and region = ${region} and replaced_at is null and valid_from <= ${date} and (valid_to is null or valid_to >= ${date})
    order by valid_from desc limit 1`.execute(tx);
  return rows[0] ?? null;
}

/** Every row that was loaded and holds on a day; all that were loaded and not replaced where no day is given. */
export async function settingRows(tx: Executor, date: string | null): Promise<Row[]> {
  const { rows } =
    await sql<Row>`select key, region, value, valid_from as "validFrom", valid_to as "validTo", document from kit.parameter
    where replaced_at is null and (${date}::date is null or (valid_from <= ${date}::date and (valid_to is null or valid_to >= ${date}::date)))`.execute(
      tx,
    );
  return rows;
}
