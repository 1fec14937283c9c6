import { isWithin, prefixOf, type RegionCode } from "@shouwang/regions/code";

/** A value of a parameter set for a division and all below it, from a day up to and including another (`YYYY-MM-DD`, null for no end). */
export interface ParameterRow {
  readonly key: string;
  readonly region: RegionCode;
  readonly validFrom: string;
  readonly validTo: string | null;
}

/**
 * The row that holds for a division on a date: of those in force there, the one set closest to it, village before township, county,
 * city and region; of several set for one division the latest to begin, so a new row replaces one left without an end. Undefined when none is in force.
 */
export function parameterInForce<Row extends ParameterRow>(
  rows: readonly Row[],
  key: string,
  region: RegionCode,
  date: string,
): Row | undefined {
  let best: Row | undefined;
  for (const row of rows) {
    const holds =
      row.key === key && row.validFrom <= date && (row.validTo === null || date <= row.validTo) && isWithin(region, row.region);
    if (holds && (best === undefined || precedes(row, best))) best = row;
  }
  return best;
}

function precedes(row: ParameterRow, other: ParameterRow): boolean {
  const closer = prefixOf(row.region).length - prefixOf(other.region).length;
  return closer === 0 ? row.validFrom > other.validFrom : closer > 0;
}
