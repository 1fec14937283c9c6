import type { FieldError } from "@shouwang/contract";
import type { ParameterUnit, Setting } from "@shouwang/plan";
import { findDivision, matchDivision } from "@shouwang/regions";
import type { LoadingRow } from "./loading-decide.ts";
import { readSheet } from "./sheet.ts";
import { parseYuan } from "./sheet-value.ts";

const columns = [
  { key: "code", titles: ["区划代码", "行政区划代码", "代码"] },
  { key: "name", titles: ["区划名称", "行政区划", "县(市、区)", "县(市区)", "县市区", "市县", "地区", "单位", "市", "县"] },
  { key: "value", titles: ["数值", "任务数", "目标任务", "目标值", "下达任务", "标准", "数值(元)", "金额(元)"] },
  { key: "tenThousand", titles: ["数值(万元)", "金额(万元)", "任务数(万)"] },
] as const;

const unitNames: Record<ParameterUnit, string> = {
  fen: "金额",
  persons: "人数",
  count: "数量",
  years: "年数",
  months: "月数",
  days: "天数",
  hours: "小时数",
  metres: "米数",
  "day-of-month": "日",
  "month-day": "月日(MM-DD)",
  year: "年份",
  date: "日期(YYYY-MM-DD)",
  ratio: "百分比(如55%)",
  flag: "是或否",
  choice: "选项",
  list: "列表",
};

const totals = new Set(["合计", "总计", "小计", "全区", "全区合计", "广西"]);

/** What a table sets: one value a division, all under one key and for one time. `total` is the sum the table itself states. */
export type LoadingSheet = { rows: LoadingRow[]; lines: number[]; total: number | null };

/**
 * Reads a table of one value a division, as documents have them attached: a code or a name (within the loader's area) and a value, amounts in yuan or in
 * ten thousands, shares as `55%`. A row that sums up is not a division's: it is held against the sum. Every row that cannot be read is named by its line.
 * @param area division prefix below which names are looked for
 */
export async function readLoadingSheet(
  file: Buffer,
  about: { setting: Setting; validFrom: string; validTo: string | null; area: string },
): Promise<LoadingSheet | { errors: FieldError[] }> {
  const sheet = await readSheet(file, { columns, maxRows: 20_000 });
  if (!sheet.ok) return { errors: [{ pointer: "/file", rule: sheet.rule, zh: sheet.zh, en: sheet.en }] };
  if (!sheet.columns.some(({ key }) => key === "value" || key === "tenThousand"))
    return {
      errors: [
        {
          pointer: "/file",
          rule: "sheet-missing-columns",
          zh: `缺少数值列,可用的列名:${columns[2].titles.join("、")}、${columns[3].titles.join("、")}`,
          en: "There is no column of values",
        },
      ],
    };
  const read: LoadingSheet = { rows: [], lines: [], total: null };
  const errors: FieldError[] = [];
  for await (const { line, cells } of sheet.rows) {
    const value = readValue(about.setting, cells);
    if (totals.has(cells.name.replace(/\s/g, "")) && cells.code === "") {
      if (typeof value === "number") read.total = value;
      continue;
    }
    const region = divisionOf(cells, about.area);
    if (typeof region !== "string") errors.push({ pointer: `/file/${line}/name`, clause: about.setting.clause, ...region });
    else if (value === undefined)
      errors.push({
        pointer: `/file/${line}/value`,
        rule: "value-form",
        zh: `第${line}行:数值不是有效的${unitNames[about.setting.unit]}`,
        en: `Line ${line}: the value is no ${about.setting.unit}`,
        clause: about.setting.clause,
      });
    else {
      read.rows.push({ key: about.setting.key, region, value, validFrom: about.validFrom, validTo: about.validTo });
      read.lines.push(line);
    }
  }
  if (errors.length === 0) errors.push(...checkTotal(read, about.setting));
  return errors.length > 0 ? { errors } : read;
}

function checkTotal({ rows, total }: LoadingSheet, setting: Setting): FieldError[] {
  if (total === null) return [];
  const sum = rows.reduce((all, { value }) => all + (typeof value === "number" ? value : 0), 0);
  if (sum === total) return [];
  return [
    {
      pointer: "/file",
      rule: "total-differs",
      zh: `各行之和${sum}与表中合计${total}不一致`,
      en: `The rows add up to ${sum}, the table says ${total}`,
      clause: setting.clause,
    },
  ];
}

function divisionOf(
  { code, name }: { code: string; name: string },
  area: string,
): string | { rule: string; zh: string; en: string } {
  if (code !== "") {
    const division = /^\d{2,12}$/.test(code) ? findDivision(code.padEnd(12, "0")) : undefined;
    return division?.code ?? { rule: "unknown-division", zh: `没有区划代码${code}`, en: `There is no division ${code}` };
  }
  const found = matchDivision(name, area);
  // Below the region, a table of counties names them without their cities.
  const match = found.kind === "none" && area.length === 2 ? matchDivision(name, area, "county") : found;
  if (match.kind === "unique") return match.division.code;
  return match.kind === "none"
    ? { rule: "unknown-division", zh: `没有找到区划“${name}”`, en: `No division is called ${name}` }
    : { rule: "ambiguous-division", zh: `“${name}”不止一处,请填区划代码`, en: `More than one is called ${name}: give its code` };
}

function readValue({ unit }: Setting, cells: { value: string; tenThousand: string }): LoadingRow["value"] | undefined {
  const [text, times] = cells.tenThousand !== "" ? [cells.tenThousand, 10_000] : [cells.value, 1];
  if (unit === "fen") {
    const yuan = parseYuan(text);
    return yuan.ok ? yuan.value * times : undefined;
  }
  if (unit === "ratio") {
    const percent = /^(\d{1,3})(?:\.(\d{1,4}))?%$/.exec(text);
    if (!percent) return undefined;
    const decimals = percent[2] ?? "";
    return { numerator: Number(`${percent[1]}${decimals}`), denominator: 100 * 10 ** decimals.length };
  }
  if (unit === "flag") return text === "是" ? true : text === "否" ? false : undefined;
  if (unit === "choice" || unit === "date" || unit === "month-day") return text === "" ? undefined : text;
  const digits = /^(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d{1,4}))?$/.exec(text);
  if (!digits) return undefined;
  const number = Number(text.replaceAll(",", "")) * times;
  const whole = Math.round(number);
  return Math.abs(number - whole) < 1e-6 ? whole : undefined;
}
