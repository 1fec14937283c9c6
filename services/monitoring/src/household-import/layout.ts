import type { SheetColumn } from "@shouwang/service-kit";
import { educations, healthStates, labourSkills, medicalInsurances, relations, schoolings } from "../household/code-lists.ts";

/** A column of the list: one row is one person, and what is said of the household stands in the row of its head. */
export type ImportColumn = {
  key: string;
  titles: readonly string[];
  en: string;
  required: boolean;
  /** Of the household, else of the person. */
  household?: true;
  /** By code, the words that mean it. */
  codes?: Readonly<Record<string, readonly string[]>>;
};

const words = (list: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(list).map(([code, word]) => [code, [word]]));
const yesNo = { yes: ["是", "有", "安全", "1"], no: ["否", "无", "不安全", "0"] };
const person = (key: string, titles: readonly string[], en: string, more: Partial<ImportColumn> = {}): ImportColumn => ({
  ...{ key, titles, en, required: false },
  ...more,
});
const household = (key: string, titles: readonly string[], en: string, more: Partial<ImportColumn> = {}): ImportColumn =>
  person(key, titles, en, { household: true, ...more });

/** The registry's own list, in the words the national export uses; columns are found by any of their titles, whatever their order. */
export const importColumns: readonly ImportColumn[] = [
  household("township", ["乡镇", "乡(镇)", "乡镇(街道)"], "Township"),
  household("village", ["行政村", "村", "行政村(社区)"], "Village", { required: true }),
  household("hamlet", ["屯", "自然村", "村民小组"], "Hamlet"),
  household("householdNo", ["户编号", "户号"], "Household number", { required: true }),
  household("householdKind", ["户类型", "户类别"], "Kind of household", {
    codes: { "lifted-household": ["脱贫户"], "ordinary-household": ["一般农户", "普通农户", "非脱贫户"] },
  }),
  person("name", ["姓名"], "Name", { required: true }),
  person("identityNumber", ["证件号码", "身份证号", "身份证号码", "公民身份号码"], "Identity number", { required: true }),
  person("relation", ["与户主关系"], "Relation to the head", {
    required: true,
    codes: { ...words(relations), head: ["户主", "本人", "本人或户主"], other: ["其他", "之其他"] },
  }),
  person("phone", ["联系电话", "手机号码", "电话"], "Phone"),
  person("education", ["文化程度"], "Education completed", { codes: words(educations) }),
  person("schooling", ["在校生状况", "在校状况"], "At school as", {
    codes: { ...words(schoolings), junior: ["七–九年级", "七-九年级", "初中", "七年级", "八年级", "九年级"] },
  }),
  person("health", ["健康状况"], "State of health", { codes: words(healthStates) }),
  person("labourSkill", ["劳动技能", "劳动能力"], "Labour skill", { required: true, codes: words(labourSkills) }),
  person("medicalInsurance", ["是否参加城乡居民基本医疗保险", "医疗保险", "参保情况"], "Medical insurance", {
    codes: { ...words(medicalInsurances), resident: ["城乡居民医保", "是"], none: ["未参保", "否"] },
  }),
  household("schoolingOk", ["义务教育有保障"], "Schooling guaranteed", { codes: yesNo }),
  household("medicalCareOk", ["基本医疗有保障"], "Medical care guaranteed", { codes: yesNo }),
  household("housingOk", ["住房安全有保障", "住房安全"], "Housing guaranteed", { codes: yesNo }),
  household("drinkingWaterOk", ["饮水安全有保障", "饮水安全"], "Drinking water guaranteed", { codes: yesNo }),
  household("lowIncome", ["是否低保户", "低保"], "Low-income relief", { codes: yesNo }),
  household("relocated", ["是否易地搬迁户", "易地搬迁"], "Relocated", { codes: yesNo }),
];

/** One file: a county's list comes in parts, and an upload is at most 10 MB. */
export const importLimits = {
  columns: importColumns.map(({ key, titles, required }): SheetColumn => ({ key, titles, required })),
  maxRows: 200_000,
  maxBytes: 10_485_760,
};
