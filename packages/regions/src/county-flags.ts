import { readFileSync } from "node:fs";
import { isRegionCode, levelOf, type RegionCode } from "./code.ts";

/** What a list can say of a county. A key county is a national key or a region key county (E-02, E-13, S-04a). */
export type CountyFlag = "national-key-county" | "region-key-county" | "reference-county" | "cooperation-county";

/** One document's list of counties with one flag, in force from a day up to and including another. */
export interface CountyFlagList {
  readonly flag: CountyFlag;
  readonly validFrom: string;
  readonly validTo: string | null;
  readonly source: { readonly zh: string; readonly en: string };
  readonly counties: readonly string[];
}

/** The lists that come with the package. Region key counties and reference counties are not among them: their lists are loaded with a document. */
// Safe: the file is ours, and the tests pin its flags, counts and codes.
export const shippedCountyFlags = JSON.parse(
  readFileSync(new URL("../data/county-flags.json", import.meta.url), "utf8"),
) as readonly CountyFlagList[];

const flagsMeantBy = (flag: CountyFlag | "key-county"): readonly CountyFlag[] =>
  flag === "key-county" ? ["national-key-county", "region-key-county"] : [flag];

/**
 * Whether a county has a flag on a date (`YYYY-MM-DD`). `lists` takes the lists loaded since, beside the shipped ones.
 * False is "not on a list in force", so ask `isFlagLoaded` before refusing anything. Throws RangeError when the code is no county's.
 */
export function hasFlag(
  countyCode: string,
  flag: CountyFlag | "key-county",
  onDate: string,
  lists: readonly CountyFlagList[] = shippedCountyFlags,
): boolean {
  if (!isRegionCode(countyCode) || levelOf(countyCode) !== "county")
    throw new RangeError(`Not a county code: ${JSON.stringify(countyCode)}`);
  return listsInForce(flag, onDate, lists).some((list) => list.counties.includes(countyCode));
}

/** The counties that have a flag on a date, in code order, each once. */
export function countiesWith(
  flag: CountyFlag | "key-county",
  onDate: string,
  lists: readonly CountyFlagList[] = shippedCountyFlags,
): RegionCode[] {
  const codes = listsInForce(flag, onDate, lists).flatMap((list) => list.counties);
  return [...new Set(codes)].filter(isRegionCode).sort();
}

/** Whether every list a flag needs is there on a date. Key counties need both: until the region's own list is loaded, only the national one is known (E-02). */
export function isFlagLoaded(
  flag: CountyFlag | "key-county",
  onDate: string,
  lists: readonly CountyFlagList[] = shippedCountyFlags,
): boolean {
  return flagsMeantBy(flag).every((one) => listsInForce(one, onDate, lists).length > 0);
}

function listsInForce(
  flag: CountyFlag | "key-county",
  onDate: string,
  lists: readonly CountyFlagList[],
): readonly CountyFlagList[] {
  const wanted = flagsMeantBy(flag);
  return lists.filter(
    (list) => wanted.includes(list.flag) && list.validFrom <= onDate && (list.validTo === null || onDate <= list.validTo),
  );
}
