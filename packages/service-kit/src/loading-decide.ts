import type { FieldError } from "@shouwang/contract";
import { findParameter, findSetting, type Ratio, type Setting } from "@shouwang/plan";
import { findDivision, isWithin, levelOf, regionLevels } from "@shouwang/regions";
import { fitsUnit } from "./parameter-value.ts";

/** One value that a document sets: for a division and all below it, or, where it is an issued target, for that division alone. */
export type LoadingRow = { key: string; region: string; value: unknown; validFrom: string; validTo: string | null };

/** What a document's values are held against. */
export type LoadingGiven = {
  /** Division prefix of whoever loads it. */
  area: string;
  counties: readonly string[] | undefined;
  /** The value in force of a limit for a division on a day; null while it is not loaded. */
  limit(key: string, region: string, date: string): number | Ratio | null;
};

/**
 * Whether a document may set its values: each is of a known key and its unit, for a division of the loader's own area and of a level that may have one, a
 * target is issued from above, an amount lies between the limits in force on its first day (the limit itself counts where the limit says so), and
 * nothing is set twice. Every wrong field of every row is named, with the row's clause.
 */
export function checkLoading(rows: readonly LoadingRow[], given: LoadingGiven): FieldError[] {
  const seen = new Map<string, number>();
  return rows.flatMap((row, at) => {
    const setting = findSetting(row.key);
    if (!setting) return [wrong(at, "key", undefined, "unknown-setting", "没有这个参数或指标", "Nothing is set under this key")];
    const place = [row.key, row.region, row.validFrom].join(" ");
    const before = seen.get(place);
    seen.set(place, before ?? at);
    return [
      ...(before === undefined
        ? []
        : [wrong(at, "key", setting, "set-twice", `与第${before + 1}行重复`, `Row ${before + 1} sets the same`)]),
      ...checkPlace(row, at, setting, given),
      ...checkValue(row, at, setting, given),
      ...(row.validTo !== null && row.validTo < row.validFrom
        ? [wrong(at, "validTo", setting, "span", "截止日期早于起始日期", "It ends before it begins")]
        : []),
    ];
  });
}

function checkPlace(row: LoadingRow, at: number, setting: Setting, { area, counties }: LoadingGiven): FieldError[] {
  const division = findDivision(row.region);
  if (!division) return [wrong(at, "region", setting, "unknown-division", "没有这个区划代码", "There is no such division")];
  if (!isWithin(division.code, area) || (counties !== undefined && !counties.includes(row.region.slice(0, 6))))
    return [wrong(at, "region", setting, "outside-area", "该区划不在您的管辖范围内", "That division is outside your area")];
  const level = levelOf(division.code);
  if (regionLevels.indexOf(level) > regionLevels.indexOf(setting.lowest))
    return [
      wrong(
        at,
        "region",
        setting,
        "setting-level",
        `该参数最低由${levelNames[setting.lowest]}设定`,
        `This is set by the ${setting.lowest} at the lowest`,
      ),
    ];
  const own = division.code.replace(/0+$/, "").length <= area.length;
  if (setting.kind === "issued-target" && own && level !== "region")
    return [
      wrong(
        at,
        "region",
        setting,
        "issued-from-above",
        "任务由上一级下达,不能自行设定",
        "A target is issued by the level above; nobody sets one's own",
      ),
    ];
  return [];
}

const levelNames = { region: "自治区", city: "设区市", county: "县", township: "乡镇", village: "村" } as const;

function checkValue(row: LoadingRow, at: number, setting: Setting, given: LoadingGiven): FieldError[] {
  if (!fitsUnit(setting.unit, row.value, setting.options)) {
    const among = setting.options ? `(${setting.options.join("、")})` : "";
    return [
      wrong(
        at,
        "value",
        setting,
        "parameter-unit",
        `该参数的单位是 ${setting.unit}${among}`,
        `This is a ${setting.unit}${setting.options ? ` of ${setting.options.join(", ")}` : ""}`,
      ),
    ];
  }
  const { floor, ceiling } = setting.within;
  return [
    ...(floor ? beyond(row, at, setting, "below-floor", floor, given) : []),
    ...(ceiling ? beyond(row, at, setting, "above-ceiling", ceiling, given) : []),
  ];
}

function beyond(
  row: LoadingRow,
  at: number,
  setting: Setting,
  rule: "below-floor" | "above-ceiling",
  key: string,
  given: LoadingGiven,
): FieldError[] {
  const limit = given.limit(key, row.region, row.validFrom);
  // A limit that is not loaded refuses nothing: the rule that uses the value says that it waits.
  if (limit === null) return [];
  const difference = compare(row.value, limit);
  const inclusive = findParameter(key)?.bound?.inclusive ?? true;
  const allowed = difference === 0 ? inclusive : rule === "below-floor" ? difference > 0 : difference < 0;
  if (allowed) return [];
  const [zh, en] = rule === "below-floor" ? ["低于下限", "below the floor"] : ["超过上限", "above the ceiling"];
  return [wrong(at, "value", setting, rule, `${zh} ${key} = ${written(limit)}`, `It is ${en} ${key} = ${written(limit)}`)];
}

const asRatio = (value: unknown): Ratio =>
  typeof value === "object" && value !== null && "numerator" in value && "denominator" in value
    ? { numerator: Number(value.numerator), denominator: Number(value.denominator) }
    : { numerator: Number(value), denominator: 1 };

/** The sign of a − b, multiplied across and never divided. */
function compare(a: unknown, b: unknown): number {
  const [left, right] = [asRatio(a), asRatio(b)];
  const difference = BigInt(left.numerator) * BigInt(right.denominator) - BigInt(right.numerator) * BigInt(left.denominator);
  return difference === 0n ? 0 : difference > 0n ? 1 : -1;
}

const written = (limit: number | Ratio): string =>
  typeof limit === "number" ? String(limit) : `${limit.numerator}/${limit.denominator}`;

const wrong = (at: number, field: string, setting: Setting | undefined, rule: string, zh: string, en: string): FieldError => ({
  pointer: `/rows/${at}/${field}`,
  rule,
  zh,
  en,
  ...(setting ? { clause: setting.clause } : {}),
});
