import { riskTitles } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import type { Tx, WorkbookSpec, WriteColumn, WriteRow } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import { criteria } from "../focus-household/decide.ts";
import { digitsBelow, nameOf } from "../focus-household/views.ts";
import { trends } from "../quarterly-analysis/decide.ts";
import { criterionLetters, type Mark, trends as trendNames, watermark } from "./sheet.ts";
import { type AnalysisFigures, analysisFigures } from "./store.ts";

/** Upper ends of the bands of income per member, in fen; a band takes its lower end and not its upper one, but for the last: 10,000 yuan is still within. */
const bandsFen = [300_000, 500_000, 700_000, 1_000_001, 1_500_000];
const bandNames = ["3000元以下", "3000–5000元", "5000–7000元", "7000–10000元(含)", "10000–15000元", "15000元及以上"];
const quarterNames = ["Q1", "Q2", "Q3", "Q4"];

/** The analysis of an area as a workbook: spread of incomes, conditions, causes, places, and each quarter beside the one before. */
export async function analysisSpecs(
  tx: Tx<DB>,
  given: { region: string; settings: { year: number; baseYear: number }; mark: Mark },
): Promise<WorkbookSpec[]> {
  const { region, settings, mark } = given;
  const { year, baseYear } = settings;
  const figures = await analysisFigures(tx, { year, area: rangeOf(region), digits: digitsBelow(region), bandsFen });
  const of = (what: string) => figures.filter((figure) => figure.what === what);
  const count = (rows: readonly AnalysisFigures[]) => rows.reduce((sum, row) => sum + row.households, 0);
  const listed = count(of("place"));
  const place = nameOf(region.padEnd(12, "0"));
  const sheet = (
    sheetName: string,
    about: string,
    columns: WriteColumn[],
    rows: WriteRow[],
    totals?: WriteRow,
  ): WorkbookSpec => ({
    sheetName,
    title: `${place}${year}年重点户收入分析:${about}`,
    note: `单位:${place}    金额单位:元    填报人:            审核人:            日期:${mark.today}`,
    watermark: watermark(mark),
    footer: watermark(mark),
    columns,
    rows,
    ...(totals ? { totals: () => totals } : {}),
  });
  const share = (households: number) => (listed === 0 ? null : Math.round((households * 10_000) / listed) / 100);
  const line = (name: string, figure: AnalysisFigures | undefined): WriteRow => ({
    name,
    households: figure?.households ?? 0,
    share: share(figure?.households ?? 0),
    mean: figure?.meanFen == null ? null : figure.meanFen / 100,
  });
  const columns = (title: string): WriteColumn[] => [
    { key: "name", title, width: 28 },
    { key: "households", title: "户数", width: 10 },
    { key: "share", title: "占比%", width: 10 },
    { key: "mean", title: `${baseYear}年人均(户均值)`, width: 18 },
  ];
  const total = { name: "合计", households: listed, share: share(listed) };
  const combined = (key: string) =>
    key
      .split(",")
      .flatMap((one) => criteria.filter((known) => known === one).map((known) => criterionLetters[known]))
      .join("+");
  const inQuarter = (what: string, quarter: string, key: string) =>
    of(what).find((figure) => figure.key === `${year}-${quarter},${key}`)?.households ?? 0;
  const byQuarter = (name: string, households: number[]): WriteRow => ({
    name,
    ...Object.fromEntries(households.map((n, q) => [`q${q}`, n])),
    ...Object.fromEntries(households.map((n, q) => [`change${q}`, q === 0 ? null : n - (households[q - 1] ?? 0)])),
  });
  const quarterColumns = (title: string): WriteColumn[] => [
    { key: "name", title, width: 18 },
    ...quarterNames.flatMap((name, q) => [
      { key: `q${q}`, title: `${name}户数`, width: 10 },
      ...(q === 0 ? [] : [{ key: `change${q}`, title: `${name}环比增减`, width: 12 }]),
    ]),
  ];
  const perQuarter = (what: string, key: string) => quarterNames.map((quarter) => inQuarter(what, quarter, key));
  return [
    sheet(
      "收入分布",
      "收入分布",
      columns("人均纯收入"),
      [
        ...bandNames.map((name, band) =>
          line(
            name,
            of("band").find((figure) => figure.key === String(band)),
          ),
        ),
        line(
          "收入待补",
          of("band").find((figure) => figure.key === ""),
        ),
      ],
      total,
    ),
    sheet(
      "纳入原因",
      "纳入原因(a收入下降 b收入偏低 c因疫骤降)",
      columns("纳入原因"),
      of("criteria").map((figure) => line(combined(figure.key), figure)),
      total,
    ),
    sheet(
      "分地区",
      "分地区",
      columns("地区"),
      of("place").map((figure) => line(nameOf(figure.key), figure)),
      total,
    ),
    sheet(
      "主要困难",
      "主要困难(按季)",
      quarterColumns("主要困难"),
      Object.entries(riskTitles).map(([cause, name]) => byQuarter(name, perQuarter("cause", cause))),
    ),
    sheet(
      "季度环比",
      "收入走势(按季)",
      quarterColumns("走势"),
      trends.map((trend) => byQuarter(trendNames[trend] ?? trend, perQuarter("trend", trend))),
      byQuarter(
        "已分析",
        quarterNames.map((quarter) => trends.reduce((sum, trend) => sum + inQuarter("trend", quarter, trend), 0)),
      ),
    ),
  ];
}
