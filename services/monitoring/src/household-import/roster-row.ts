import type { SheetColumn, SheetRow } from "@shouwang/service-kit";

/** The columns of a county's household registry, one row a person, under the titles of the national export. */
export const rosterColumns = [
  { key: "householdNo", titles: ["户编号", "户编码"], required: true },
  { key: "region", titles: ["行政村编码", "村编码", "行政区划代码"], required: true },
  { key: "householdKind", titles: ["户类型", "农户类型"], required: true },
  { key: "name", titles: ["姓名"], required: true },
  { key: "identityNumber", titles: ["证件号码", "身份证号", "公民身份号码"], required: true },
  { key: "relation", titles: ["与户主关系"], required: true },
  { key: "labourSkill", titles: ["劳动技能"], required: true },
  { key: "phone", titles: ["联系电话", "手机号码"] },
  { key: "schooling", titles: ["在校生状况"] },
  { key: "education", titles: ["文化程度"] },
  { key: "health", titles: ["健康状况"] },
  { key: "medicalInsurance", titles: ["参加医疗保险", "医疗保险"] },
  { key: "schoolingOk", titles: ["义务教育有保障"] },
  { key: "medicalCareOk", titles: ["基本医疗有保障"] },
  { key: "housingOk", titles: ["住房安全有保障"] },
  { key: "drinkingWaterOk", titles: ["饮水安全有保障"] },
  { key: "lowIncome", titles: ["农村低收入人口"] },
  { key: "relocated", titles: ["易地搬迁户", "易地扶贫搬迁户"] },
] as const satisfies readonly SheetColumn[];

type Key = (typeof rosterColumns)[number]["key"];
/** A person's row, and where it stands in the file. */
export type RosterRow = SheetRow<Key>;

/** What a file may hold: a county's registry comes in as many files as it takes. */
export const rosterLimits = { columns: rosterColumns, maxRows: 100_000, maxBytes: 10_485_760 };
