import { levelOf, type RegionLevel, rangeOf, toRegionCode } from "./code.ts";
import { type Division, divisionsUnder, levelBelow } from "./divisions.ts";

/** What a name in a table may mean: one division, several (a person chooses), or none. */
export type DivisionMatch =
  | { readonly kind: "unique"; readonly division: Division }
  | { readonly kind: "ambiguous"; readonly candidates: readonly Division[] }
  | { readonly kind: "none" };

const peoples = "(?:(?:各|壮|瑶|苗|侗|仫佬|毛南|回|京|彝|水|仡佬|民)族)*";

/** Formal endings and what people write for them. */
const shortened: Record<RegionLevel, readonly (readonly [RegExp, string])[]> = {
  region: [],
  city: [[/(?<=.)地区$/, "市"]],
  county: [[new RegExp(`(?<=.)${peoples}(?:自治)?县$`), "县"]],
  township: [
    [new RegExp(`(?<=.)${peoples}乡$`), "乡"],
    [/街道办(?:事处)?$/, "街道"],
  ],
  village: [
    [/村?村民?委(?:员会|会)?$/, "村"],
    [/(?:社区)?居民?委(?:员会|会)?$/, "社区"],
  ],
};

const suffix: Record<RegionLevel, RegExp> = {
  region: /(?<=.)(?:壮族自治区|自治区|省)$/,
  city: /(?<=.)市$/,
  county: /(?<=.)[县市区]$/,
  township: /(?<=.)(?:街道|镇|乡)$/,
  village: /(?<=.)(?:村|社区)$/,
};

/** Renamed so that the old name without its suffix is no longer part of the new one; tables made before still have it. */
const renamed = new Map([["横县", "横州市"]]);

const inFull = (name: string): string => {
  const written = name.normalize("NFKC").replace(/\s/g, "");
  return renamed.get(written) ?? written;
};
const inShort = (name: string, level: RegionLevel): string =>
  shortened[level].reduce((text, [ending, replacement]) => text.replace(ending, replacement), inFull(name));
const bare = (name: string, level: RegionLevel): string => inShort(name, level).replace(suffix[level], "");

/** From the fullest way to write a name to the barest; a barer one is tried only when no fuller one is found. */
const spellings = [inFull, inShort, bare] as const;

/**
 * Finds the division a name means among those below `under` (a code or a prefix). Names are compared in full first, then without
 * formal parts (`隆林县` for `隆林各族自治县`), then without their ending (`马山` for `马山县`). Without `level`, the two levels
 * below `under` are searched, the nearer first, so that a missing column between does not matter. Throws RangeError when `under` is no code.
 */
export function matchDivision(name: string, under: string, level?: RegionLevel): DivisionMatch {
  const parent = rangeOf(under).lo;
  const levels = level ? [level] : twoLevelsBelow(parent);
  for (const spelling of spellings) {
    for (const each of levels) {
      const found = namesUnder(parent, each, spelling).get(spelling(name, each)) ?? [];
      if (found.length > 1) return { kind: "ambiguous", candidates: found };
      if (found[0]) return { kind: "unique", division: found[0] };
    }
  }
  return { kind: "none" };
}

function twoLevelsBelow(parent: string): RegionLevel[] {
  const first = levelBelow(levelOf(toRegionCode(parent)));
  const second = first && levelBelow(first);
  return [first, second].filter((level) => level !== undefined);
}

/** An import asks for the same parent thousands of times, so each list of names is made once. */
const indexes = new Map<string, ReadonlyMap<string, Division[]>>();

function namesUnder(parent: string, level: RegionLevel, spelling: (typeof spellings)[number]): ReadonlyMap<string, Division[]> {
  const key = `${parent}/${level}/${spelling.name}`;
  const known = indexes.get(key);
  if (known) return known;
  const made = Map.groupBy(divisionsUnder(parent, level), (division) => spelling(division.name, level));
  indexes.set(key, made);
  return made;
}
