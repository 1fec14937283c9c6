export {
  cityAndCounty,
  isRegionCode,
  isWithin,
  levelOf,
  parentOf,
  prefixOf,
  type RegionCode,
  type RegionLevel,
  rangeOf,
  regionLevels,
  toRegionCode,
} from "./code.ts";
export { type CountyFlag, type CountyFlagList, countiesWith, hasFlag, isFlagLoaded, shippedCountyFlags } from "./county-flags.ts";
export { type Division, divisionsUnder, findDivision, getDivision, pathOf, province } from "./divisions.ts";
export { type DivisionMatch, matchDivision } from "./match-division.ts";
