import type { Bilingual } from "@shouwang/contract";
import type { SheetColumn, SheetOptions } from "@shouwang/service-kit";

export const listKinds = ["national-work", "employer-roll", "social-insurance"] as const;
export type ListKind = (typeof listKinds)[number];

/** A column of a list about people at work. `required` columns are looked for in the header; whether a cell may be empty is the reader's business. */
type ListColumn = { key: string; titles: readonly string[]; required?: boolean };
export type ListLayout = { kind: ListKind; title: Bilingual; columns: readonly ListColumn[] };

const identity: ListColumn = {
  key: "identityNumber",
  titles: ["证件号码", "身份证号", "身份证号码", "公民身份号码", "公民身份证号码"],
  required: true,
};
const name: ListColumn = { key: "name", titles: ["姓名", "人员姓名", "员工姓名"] };
const employer: ListColumn = {
  key: "employer",
  titles: ["务工企业名称", "单位名称", "企业名称", "务工单位", "用工单位", "工作单位", "用人单位", "参保单位", "务工单位名称"],
};
const creditCode: ListColumn = {
  key: "creditCode",
  titles: ["统一社会信用代码", "企业统一社会信用代码", "信用代码", "单位统一社会信用代码"],
};
const places: readonly ListColumn[] = [
  { key: "province", titles: ["务工所在地(省)", "务工省", "务工地点(省)", "务工地省"] },
  { key: "city", titles: ["务工所在地(市)", "务工市", "务工地点(市)", "务工地市"] },
  { key: "county", titles: ["务工所在地(县)", "务工县", "务工地点(县)", "务工地县", "务工所在地(区县)"] },
  { key: "place", titles: ["务工地点", "务工所在地", "务工地", "工作地点", "用工地点", "务工地址"] },
];
const work: readonly ListColumn[] = [
  { key: "channel", titles: ["就业渠道", "务工渠道", "就业途径", "务工方式"] },
  { key: "industry", titles: ["行业", "从事行业", "所属行业", "务工行业"] },
  { key: "trade", titles: ["工种", "岗位", "从事工种", "岗位名称"] },
  { key: "wage", titles: ["月收入(元)", "月收入", "月工资", "月工资(元)", "务工月收入(元)", "工资(元/月)", "月平均工资"] },
  { key: "pointToPoint", titles: ["是否点对点", "点对点", "是否点对点输送", "点对点输送"] },
  {
    key: "from",
    titles: [
      "外出务工时间",
      "务工开始时间",
      "外出时间",
      "务工起始时间",
      "开始时间",
      "入职时间",
      "入职日期",
      "起始日期",
      "到岗日期",
      "上岗时间",
    ],
    required: true,
  },
  {
    key: "until",
    titles: ["务工结束时间", "返乡时间", "结束时间", "离职时间", "离职日期", "截止日期", "离岗日期", "离岗时间"],
  },
  { key: "because", titles: ["返乡原因", "离职原因", "结束原因", "离岗原因"] },
];

/** E-01: lists about people at work, one row a person. A new kind is an entry here. */
export const listLayouts: Readonly<Record<ListKind, ListLayout>> = {
  "national-work": {
    kind: "national-work",
    title: { zh: "外出务工信息", en: "The national system's sheet of people at work" },
    columns: [name, identity, { key: "hasWork", titles: ["是否务工", "是否外出务工"] }, ...places, employer, creditCode, ...work],
  },
  "employer-roll": {
    kind: "employer-roll",
    title: { zh: "企业花名册", en: "An employer's roll" },
    columns: [name, identity, { ...employer, required: true }, creditCode, ...places, ...work],
  },
  "social-insurance": {
    kind: "social-insurance",
    title: { zh: "社会保险参保名单", en: "People insured by their employers" },
    columns: [
      ...[name, identity, { ...employer, required: true }, creditCode],
      { key: "month", titles: ["参保月份", "缴费月份", "费款所属期", "参保年月"], required: true },
    ],
  },
};

/** How large a list may be: an upload is at most 10 MB. */
export const limitsOf = ({ columns }: ListLayout): SheetOptions<string> => ({
  columns: columns.map(({ key, titles, required }): SheetColumn => ({ key, titles, required: required ?? false })),
  maxRows: 100_000,
  maxBytes: 10_485_760,
});
