/** The shape of division codes: 12 digits, two for the region, two city, two county, three township, three village. No data here. */

/** A well-formed 12-digit division code, zero-padded below its own level (`451228000000` is a county). */
export type RegionCode = string & { readonly regionCode: true };

export type RegionLevel = "region" | "city" | "county" | "township" | "village";

/** The levels from the top down. */
export const regionLevels = ["region", "city", "county", "township", "village"] as const satisfies readonly RegionLevel[];

/** Digits that are significant at a level. */
export const prefixLengths = { region: 2, city: 4, county: 6, township: 9, village: 12 } as const satisfies Record<
  RegionLevel,
  number
>;

const codeShape = /^[1-9]\d(?:0{10}|(?!00)\d\d(?:0{8}|(?!00)\d\d(?:0{6}|(?!000)\d{6})))$/;
const prefixShape = /^[1-9]\d(?:\d{2}|\d{4}|\d{7}|\d{10})?$/;

/** Whether a value is a well-formed 12-digit code, of whichever province; whether such a division exists is `findDivision`'s answer. */
export function isRegionCode(value: unknown): value is RegionCode {
  return typeof value === "string" && codeShape.test(value);
}

/** A code from its significant digits: `"4512"` gives `451200000000`. Throws RangeError when the result is not a code. */
export function toRegionCode(prefix: string): RegionCode {
  const code = prefixShape.test(prefix) ? prefix.padEnd(12, "0") : prefix;
  if (!isRegionCode(code)) throw new RangeError(`Not a division code: ${JSON.stringify(prefix)}`);
  return code;
}

/** The level a code belongs to, read from its trailing zeros. */
export function levelOf(code: RegionCode): RegionLevel {
  if (code.endsWith("0000000000")) return "region";
  if (code.endsWith("00000000")) return "city";
  if (code.endsWith("000000")) return "county";
  return code.endsWith("000") ? "township" : "village";
}

/** The significant digits of a code: `45`, four for a city, six for a county, nine for a township, all twelve for a village. */
export function prefixOf(code: RegionCode): string {
  return code.slice(0, prefixLengths[levelOf(code)]);
}

/** The code one level up; undefined for the region itself. */
export function parentOf(code: RegionCode): RegionCode | undefined {
  const above = regionLevels[regionLevels.indexOf(levelOf(code)) - 1];
  return above && toRegionCode(code.slice(0, prefixLengths[above]));
}

/** Whether a code is the named division or lies below it. Throws RangeError for anything that is neither code nor prefix: an empty prefix would admit everybody. */
export function isWithin(code: RegionCode, prefixOrCode: string): boolean {
  return code.startsWith(significantDigits(prefixOrCode));
}

/**
 * Bounds `lo <= code < hi` for a column of `COLLATE "C"` text that hold exactly the codes of one division and all below it:
 * `4512` gives `4512` and `4513`. `hi` is the prefix without its trailing nines and one higher, so `4599` gives `46`: no code lies
 * between `4599…` and `46`. A prefix of nines alone ends at `:`, the character after `9`. Throws RangeError as `isWithin` does.
 */
export function rangeOf(codeOrPrefix: string): { lo: string; hi: string } {
  const lo = significantDigits(codeOrPrefix);
  const kept = lo.replace(/9+$/, "");
  return { lo, hi: kept ? kept.slice(0, -1) + String(Number(kept.slice(-1)) + 1) : ":" };
}

/**
 * The two tokens that end an event's subject: `{ city: "4512", county: "451228" }` for anything in a county. What concerns a whole
 * city has the county `<city>00`, what concerns the whole region has city `4500` and county `450000`.
 */
export function cityAndCounty(code: RegionCode): { city: string; county: string } {
  return { city: code.slice(0, 4), county: code.slice(0, 6) };
}

function significantDigits(codeOrPrefix: string): string {
  if (isRegionCode(codeOrPrefix)) return prefixOf(codeOrPrefix);
  if (codeOrPrefix.length < 12 && prefixShape.test(codeOrPrefix)) return codeOrPrefix;
  throw new RangeError(`Neither a division code nor a prefix of one: ${JSON.stringify(codeOrPrefix)}`);
}
