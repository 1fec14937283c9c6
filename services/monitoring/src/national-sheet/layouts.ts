import { riskTitles } from "@shouwang/contract";
import { educations, healthStates, labourSkills, relations, schoolings } from "../household/code-lists.ts";
import { monitoredKinds } from "../ledger-sheet/sheet.ts";
import {
  type NationalColumn,
  type NationalLayout,
  ofHousehold,
  ofPerson,
  required,
  requiredOfHousehold,
  wordsOf,
  yesNo,
} from "./layout.ts";

const grades = (of: string, names: readonly string[]): string[] => names.map((name) => `${of}${name}`);
const years = ["一年级", "二年级", "三年级", "四年级", "五年级"];

/** Schooling as the national system spells it, by grade; the registry keeps the kind of school. */
const schoolingWords: Record<string, readonly string[]> = {
  ...wordsOf(schoolings),
  junior: [schoolings.junior, "七年级", "八年级", "九年级"],
  senior: [schoolings.senior, ...grades("普通高中", years.slice(0, 3))],
  "secondary-vocational": [schoolings["secondary-vocational"], ...grades("中职", years.slice(0, 3))],
  "higher-vocational": [schoolings["higher-vocational"], ...grades("高职高专", years.slice(0, 3))],
  technician: [schoolings.technician, ...grades("技师学院", years.slice(0, 4))],
  undergraduate: [schoolings.undergraduate, ...grades("本科", years)],
};
const byGrade = ["junior", "senior", "secondary-vocational", "higher-vocational", "technician", "undergraduate"];

/** What every row says of its person and household, in the order of the national system's own list. */
const members: readonly NationalColumn[] = [
  ofPerson("number", "ignored", ["序号"], "Number"),
  ofPerson("dataDate", "ignored", ["数据日期"], "Data of"),
  ofHousehold("county", "ignored", ["县", "县(市、区)", "县级"], "County"),
  ofHousehold("township", "ignored", ["乡", "乡镇", "乡(镇)"], "Township"),
  ofHousehold("village", "ignored", ["行政村", "村", "行政村(社区)"], "Village"),
  ofHousehold("hamlet", "text", ["自然村", "自然村(组)", "村民小组"], "Hamlet", { adoptable: true }),
  requiredOfHousehold("householdNo", "text", ["户编号", "户编码"], "Household number", { adoptable: true }),
  ofPerson("personNo", "ignored", ["人编号", "人编码"], "Person number"),
  required("name", "name", ["姓名", "人员姓名"], "Name"),
  required("identityNumber", "identity", ["证件号码", "身份证号", "公民身份号码", "身份证号码"], "Identity number"),
  ofHousehold("headcount", "count", ["人数", "家庭人口", "家庭人口数"], "Headcount"),
  required("relation", "code", ["与户主关系", "家庭关系"], "Relation to the head", { words: wordsOf(relations) }),
  ofPerson("people", "ignored", ["民族"], "People"),
  ofPerson("education", "code", ["文化程度"], "Education", { words: wordsOf(educations), adoptable: true }),
  ofPerson("schooling", "code", ["在校生状况", "在校生情况"], "Schooling", {
    ...{ words: schoolingWords, unspelt: byGrade },
    adoptable: true,
  }),
  ofPerson("health", "codes", ["健康状况"], "Health", { words: wordsOf(healthStates), adoptable: true }),
  ofPerson("labourSkill", "code", ["劳动技能", "劳动能力"], "Labour skill", { words: wordsOf(labourSkills), adoptable: true }),
  ofPerson("workMonths", "ignored", ["务工时间(月)", "务工时间"], "Months of work"),
  ofPerson("seriousIllnessInsurance", "code", ["是否参加大病保险", "大病保险"], "Insured for serious illness", {
    words: yesNo,
    adoptable: true,
  }),
];
const household: readonly NationalColumn[] = [
  ofHousehold("unsafeHousing", "code", ["危房户", "是否危房户"], "Unsafe house", { words: yesNo, adoptable: true }),
  ofHousehold("drinkingWater", "code", ["是否解决安全饮用水", "安全饮水"], "Safe drinking water", {
    words: yesNo,
    adoptable: true,
  }),
  ofHousehold("perCapita", "ignored", ["人均纯收入", "人均纯收入(元)"], "Income per head"),
  ofHousehold("householdPhone", "ignored", ["户联系电话", "联系电话"], "Household's phone"),
  ofPerson("phone", "phone", ["人联系电话", "本人联系电话"], "Person's phone"),
  ofHousehold("firstSince", "ignored", ["首次识别时间"], "First listed"),
  ofPerson("personSince", "ignored", ["人员识别时间"], "Person listed"),
  ofHousehold("householdKind", "code", ["户类型"], "Kind of household", {
    words: { "lifted-household": ["脱贫户"], "ordinary-household": ["普通农户", "一般农户"] },
  }),
];
const monitored: readonly NationalColumn[] = [
  ofHousehold("risk", "code", ["致贫原因1", "返贫风险1", "风险类型1", "主要风险"], "First risk", { words: wordsOf(riskTitles) }),
  ofHousehold("monitoredKind", "code", ["易返贫致贫户(监测对象)类型", "监测对象类别", "监测对象类型"], "Monitored as", {
    words: wordsOf(monitoredKinds),
  }),
  ofHousehold("riskCleared", "code", ["风险是否消除", "风险是否已消除"], "Risk cleared", { words: yesNo }),
  ofHousehold("includedIn", "month", ["风险识别时间", "识别监测时间"], "Included in"),
  ofHousehold("clearedIn", "month", ["风险消除时间"], "Cleared in"),
];

/** The sheets of the national system that concern the registry. Work, industry and projects have sheets of their own, which their departments compare. */
export const nationalLayouts: readonly NationalLayout[] = [
  {
    kind: "monitored-households",
    title: { zh: "监测对象信息", en: "Monitored households" },
    of: "monitored",
    columns: [...members, ...household, ...monitored],
  },
  {
    kind: "household-members",
    title: { zh: "农户及家庭成员信息", en: "Households and their members" },
    of: "all",
    columns: [...members, ...household],
  },
];

export const findNationalLayout = (kind: string): NationalLayout | undefined =>
  nationalLayouts.find((layout) => layout.kind === kind);
