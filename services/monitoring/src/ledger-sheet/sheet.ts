import { type MeasureCategory, riskTitles } from "@shouwang/contract";
import type { WorkbookSpec, WriteColumn, WriteRow } from "@shouwang/service-kit";
import { nameOf } from "../focus-household/views.ts";
import type { LedgerRow } from "./store.ts";

const householdKinds: Record<string, string> = { "lifted-household": "脱贫户", "ordinary-household": "普通农户" };
export const monitoredKinds: Record<string, string> = {
  "unstable-lifted": "脱贫不稳定户",
  borderline: "边缘易致贫户",
  "sudden-hardship": "突发严重困难户",
};
/** The plan's readings as the sheet's column names them. */
export const criterionLetters = { "income-fell": "a", "income-low": "b", "epidemic-income-drop": "c" } as const;
const categories: Record<MeasureCategory, string> = {
  industry: "产业",
  job: "就业",
  finance: "金融",
  "public-welfare-post": "公益岗位",
  health: "健康",
  "compulsory-schooling": "义务教育",
  "other-schooling": "其他教育",
  "safety-net": "综合保障",
  housing: "住房",
  "drinking-water": "饮水",
  "social-help": "社会帮扶",
  relocation: "搬迁",
  "living-conditions": "生产生活条件",
  infrastructure: "基础设施",
};
export const trends: Record<string, string> = { better: "向好", steady: "平稳", worse: "变差" };
const inChinese = (names: Record<string, string>, code: string | null | undefined): string => (code ? (names[code] ?? code) : "");

const months = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const quarters = [1, 2, 3, 4];
const quarterNames = ["一", "二", "三", "四"];

/** The columns of the ledger sheet of focus households, for a list of `year`. */
const ledgerColumns = (year: number): WriteColumn[] => [
  { key: "n", title: "序号", width: 6 },
  { key: "householdNo", title: "户编号", width: 16, text: true },
  { key: "head", title: "户主", width: 9 },
  { key: "identity", title: "身份证", width: 21, text: true },
  { key: "headcount", title: "家庭人口", width: 6 },
  { key: "householdKind", title: "户类型", width: 9 },
  { key: "monitoredKind", title: "监测类别", width: 12 },
  { key: "before", title: `${year - 2}人均`, width: 10 },
  { key: "base", title: `${year - 1}人均`, width: 10 },
  { key: "difference", title: "增减", width: 10 },
  ...quarters.map((q) => ({ key: `income${q}`, title: `${year}${quarterNames[q - 1]}季人均`, width: 9 })),
  { key: "criteria", title: "纳入重点原因", width: 8 },
  { key: "cause", title: "主要困难", width: 12 },
  { key: "ableWorkers", title: "劳动力数", width: 6 },
  { key: "work", title: "务工(人/月)", width: 8 },
  { key: "industry", title: "产业项目", width: 8 },
  { key: "had", title: "已享政策", width: 18 },
  { key: "helper", title: "帮扶责任人", width: 9 },
  { key: "phone", title: "联系电话", width: 13, text: true },
  ...months.map((month) => ({ key: `help${month}`, title: `${month}月帮扶`, width: 5 })),
  ...quarters.map((q) => ({ key: `analysis${q}`, title: `季度分析Q${q}`, width: 7 })),
  { key: "expected", title: "预计年人均", width: 10 },
  { key: "unit", title: "责任单位", width: 16 },
  { key: "note", title: "备注", width: 14 },
];

const yuan = (fen: number | null | undefined): number | null => (fen === null || fen === undefined ? null : fen / 100);

/** One line of the sheet. Work is employment's to tell and stays empty until that department runs. */
function ledgerLine(row: LedgerRow, n: number): WriteRow {
  const difference =
    row.perCapitaFen !== null && row.beforePerCapitaFen !== null ? row.perCapitaFen - row.beforePerCapitaFen : null;
  const latest = [...row.quarters.values()].at(-1);
  return {
    n,
    householdNo: row.householdNo,
    head: row.head,
    identity: row.identity,
    headcount: row.headcount,
    householdKind: inChinese(householdKinds, row.householdKind),
    monitoredKind: inChinese(monitoredKinds, row.monitoredKind),
    before: yuan(row.beforePerCapitaFen),
    base: yuan(row.perCapitaFen),
    difference: yuan(difference),
    criteria: row.criteria.map((criterion) => criterionLetters[criterion]).join(""),
    cause: inChinese(riskTitles, latest?.cause),
    ableWorkers: row.ableWorkers,
    work: null,
    industry: row.industry,
    had: row.had.map((category) => inChinese(categories, category)).join("、"),
    helper: row.helper?.name ?? null,
    phone: row.helper?.phone ?? null,
    expected: yuan(latest?.expectedPerCapitaFen),
    unit: row.helper?.unit ?? null,
    note: row.perCapitaFen === null || row.beforePerCapitaFen === null ? "收入待补" : null,
    ...Object.fromEntries(quarters.map((q) => [`income${q}`, yuan(row.quarters.get(q)?.perCapitaFen)])),
    ...Object.fromEntries(months.map((month) => [`help${month}`, row.helpedIn.has(month) ? "√" : null])),
    ...Object.fromEntries(
      quarters.map((q) => [`analysis${q}`, row.quarters.has(q) ? inChinese(trends, row.quarters.get(q)?.trend) : null]),
    ),
  };
}

/** How many people, workers, helps and analyses the sheet's households come to. */
function totalsOf(rows: readonly LedgerRow[]): WriteRow {
  const count = (of: (row: LedgerRow) => number) => rows.reduce((sum, row) => sum + of(row), 0);
  return {
    n: "合计",
    householdNo: `${rows.length}户`,
    headcount: count((row) => row.headcount),
    ableWorkers: count((row) => row.ableWorkers),
    industry: count((row) => row.industry),
    ...Object.fromEntries(months.map((month) => [`help${month}`, count((row) => (row.helpedIn.has(month) ? 1 : 0))])),
    ...Object.fromEntries(quarters.map((q) => [`analysis${q}`, count((row) => (row.quarters.has(q) ? 1 : 0))])),
  };
}

/** Who made a copy and when; it stands on every printed page. */
export type Mark = { subject: string; at: Date; today: string };
const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "short" });
export const watermark = (mark: Mark): string => `${mark.subject} ${clock.format(mark.at)} 导出,内含个人信息,注意保管`;

/** A sheet's name: at most 31 characters, none that a workbook refuses. */
const sheetNameOf = (region: string): string =>
  `${(nameOf(region) || region).replaceAll(/[[\]*?:/\\]/g, "").slice(-12)} ${region.slice(-6)}`;

/** One village's ledger sheet, laid out as offices print it. */
export const ledgerSpec = (village: string, year: number, rows: readonly LedgerRow[], mark: Mark): WorkbookSpec => ({
  sheetName: sheetNameOf(village),
  title: `${nameOf(village)}${year}年收入监测重点户台账`,
  note: `单位:${nameOf(village)}    金额单位:元    填报人:            审核人:            日期:${mark.today}`,
  watermark: watermark(mark),
  footer: watermark(mark),
  paper: "A3",
  columns: ledgerColumns(year),
  rows: rows.map((row, n) => ledgerLine(row, n + 1)),
  totals: () => totalsOf(rows),
});
