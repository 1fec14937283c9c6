import { type Division, divisionsUnder } from "@shouwang/regions";
import type { RowReason } from "@shouwang/service-kit";
import type { Workplace } from "../work-record/decide.ts";
import { countries, guangdongCities, provinces } from "./names.ts";

const region = "45";
const wrong = (rule: string, zh: string, en: string): RowReason => ({ rule, zh: `务工地点:${zh}`, en: `Workplace: ${en}` });

/** Names by what they stand for, the longest first, so that none is taken for the beginning of another. */
const byName = (names: Readonly<Record<string, string>>) =>
  Object.entries(names)
    .map(([code, name]) => ({ code, name }))
    .sort((a, b) => b.name.length - a.name.length);
const [provinceNames, cityNames, countryNames] = [byName(provinces), byName(guangdongCities), byName(countries)];

/**
 * E-01: where somebody works, read from what a list says of it: a division's code, or names from the province down in one cell or several (`广东省深圳市`, `深圳`,
 * `南宁市 江南区`), or a country's. Within the region the county must be found, since own county and another cannot be told apart without.
 * @param cells province, city, county and whatever else says where, in this order; empty ones do not matter
 */
export function readWorkplace(cells: readonly string[]): { workplace: Workplace } | { reason: RowReason } {
  const text = cells.join("").replaceAll(/[\s,，、/-]/g, "");
  if (text === "") return { reason: wrong("place-empty", "为空", "empty") };
  if (/^\d+$/.test(text)) return fromCode(text);
  const country = countryNames.find(({ name }) => text.includes(name));
  if (country) return { workplace: { country: country.code, place: null } };
  const province = provinceNames.find(({ name }) => text.startsWith(name));
  const rest = province ? text.slice(province.name.length).replace(/^(?:壮族|回族|维吾尔)?(?:省|自治区|市)/, "") : text;
  if (province && province.code !== region) return inChina(cityOf(rest, province.code) ?? province.code);
  const county = countyIn(rest);
  if (county) return county;
  const city = cityNames.find(({ name }) => rest.startsWith(name));
  if (city && !province) return inChina(city.code);
  if (province || cityOfRegion(rest))
    return { reason: wrong("county-needed", "区内务工须写明县", "the county is needed within the region") };
  return { reason: wrong("place-unknown", "无法识别,请写明省、市、县", "not understood: write province, city and county") };
}

const inChina = (place: string) => ({ workplace: { country: "CN", place } });

/** A code of two, four or six digits, or of twelve with zeros behind. */
function fromCode(digits: string): ReturnType<typeof readWorkplace> {
  const code = digits.slice(0, 6).replace(/(?:00)+$/, "");
  if (!/^(?:\d{2}|\d{4}|\d{6})$/.test(code) || provinces[code.slice(0, 2)] === undefined)
    return { reason: wrong("place-unknown", "没有这个区划代码", "there is no such division") };
  if (!code.startsWith(region)) return inChina(code);
  const known = divisionsUnder(region, "county").some((county) => county.code.startsWith(code));
  if (code.length === 6 && known) return inChina(code);
  if (!known) return { reason: wrong("place-unknown", "没有这个区划代码", "there is no such division") };
  return { reason: wrong("county-needed", "区内务工须写明县", "the county is needed within the region") };
}

const cityOf = (rest: string, province: string): string | undefined =>
  cityNames.find(({ code, name }) => code.startsWith(province) && rest.startsWith(name))?.code;

const peoples = /(?:(?:各|壮|瑶|苗|侗|仫佬|毛南|回|京|彝|水|仡佬)族)+/;
/** How a county is written: in full, without the peoples in its name, and without the ending where that leaves more than one character. */
const spellings = (name: string): string[] => {
  const short = name.replace(peoples, "").replace("自治县", "县");
  const bare = short.replace(/[县市区]$/, "");
  return [...new Set([name, short, ...(bare.length > 1 ? [bare] : [])])];
};
const cityOfRegion = (text: string): Division | undefined =>
  divisionsUnder(region, "city").find(({ name }) => text.startsWith(name.replace(/市$/, "")));

/** The county of the region that a text names: behind its city's name or alone. A city's own name alone is no county. */
function countyIn(text: string): ReturnType<typeof readWorkplace> | undefined {
  const city = cityOfRegion(text);
  const behind = city ? text.slice(city.name.length - 1).replace(/^市/, "") : text;
  const under = (place: string, of: string) =>
    of === ""
      ? []
      : divisionsUnder(place, "county").filter(({ name }) => spellings(name).some((spelling) => of.startsWith(spelling)));
  const found = city ? under(city.code, behind) : under(region, text);
  // A county may begin like a city (`百色市`, `百色…`), so the whole text is tried under the region where nothing stands behind the city.
  const counties = longest(found.length > 0 ? found : under(region, text), found.length > 0 ? behind : text);
  if (counties.length > 1)
    return { reason: wrong("place-ambiguous", "县名有重名,请写明市", "several counties are called so: write the city") };
  return counties[0] && inChina(counties[0].code.slice(0, 6));
}

/** Of several that a text begins with, those of the longest name: `江州区` before `江`. */
function longest(found: readonly Division[], text: string): Division[] {
  const length = ({ name }: Division) =>
    Math.max(...spellings(name).map((spelling) => (text.startsWith(spelling) ? spelling.length : 0)));
  const most = Math.max(0, ...found.map(length));
  return found.filter((one) => length(one) === most);
}
