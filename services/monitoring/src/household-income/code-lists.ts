/** The five sums of a household's income: four sources and the cost of production and business. */
export type IncomeGroup = "wage" | "business" | "property" | "transfer" | "cost";

const line = <const C extends string>(code: C, group: IncomeGroup, zh: string, en: string) => ({ code, group, zh, en });

/** The detail lines of the county's form, each in one of the five sums. Whether a line counts as income is a setting; a cost always counts as one. */
export const incomeLines = [
  line("work-wage", "wage", "务工", "Wages"),
  line("department-post", "wage", "行业部门公益岗", "Post of a department"),
  line("township-post", "wage", "乡镇公益岗", "Post of the township"),
  line("village-post", "wage", "村级公益岗", "Post of the village"),
  line("picking", "wage", "采摘", "Picking"),
  line("planting", "business", "种植", "Crops"),
  line("livestock", "business", "养殖", "Livestock"),
  line("forestry-fruit", "business", "林果", "Forestry and fruit"),
  line("other-business", "business", "其他经营", "Other business"),
  line("asset-dividend", "property", "资产收益分红", "Dividend of assets"),
  line("land-transfer", "property", "土地流转", "Land let to others"),
  line("loan-project", "property", "金融贷款项目", "Loan project"),
  line("entrusted-farming", "property", "代种代养", "Entrusted farming"),
  line("other-property", "property", "其他财产性收入", "Other property income"),
  line("family-planning", "transfer", "计划生育金", "Family planning grant"),
  line("minimum-living", "transfer", "低保金", "Minimum living allowance"),
  line("extreme-poverty", "transfer", "特困供养金", "Support of the destitute"),
  line("pension", "transfer", "养老保险金", "Pension"),
  line("eco-farmland", "transfer", "退耕还林补偿", "Farmland returned to forest"),
  line("eco-forest", "transfer", "公益林补偿", "Public forest"),
  line("eco-grassland", "transfer", "草原补偿", "Grassland"),
  line("eco-migration", "transfer", "生态移民补偿", "Ecological migration"),
  line("eco-other", "transfer", "其他生态补偿", "Other ecological compensation"),
  line("land-fertility", "transfer", "地力补贴", "Land fertility subsidy"),
  line("old-age", "transfer", "高龄补贴", "Old-age allowance"),
  line("veteran", "transfer", "优抚金", "Veterans' grant"),
  line("disability", "transfer", "残疾补贴", "Disability allowance"),
  line("education", "transfer", "教育补助", "Schooling grant"),
  line("disaster-relief", "transfer", "救灾款", "Disaster relief"),
  line("support-payment", "transfer", "赡养费", "Support by relatives"),
  line("social-relief", "transfer", "社会救济", "Social relief"),
  line("insurance", "transfer", "防贫保险", "Insurance against falling back"),
  line("donation", "transfer", "捐赠", "Donation"),
  line("transport-subsidy", "transfer", "交通补助", "Transport subsidy"),
  line("labour-subsidy", "transfer", "劳务补助", "Labour subsidy"),
  line("one-off-relief", "transfer", "一次性救助", "One-off relief"),
  line("housing-grant", "transfer", "住房补助", "Housing grant"),
  line("relocation-grant", "transfer", "搬迁补助", "Relocation grant"),
  line("other-transfer", "transfer", "其他转移性收入", "Other transfers"),
  line("planting-cost", "cost", "种植支出", "Cost of crops"),
  line("livestock-cost", "cost", "养殖支出", "Cost of livestock"),
  line("forestry-fruit-cost", "cost", "林果支出", "Cost of forestry and fruit"),
  line("other-cost", "cost", "其他经营支出", "Other cost of business"),
] as const;
export type IncomeLineCode = (typeof incomeLines)[number]["code"];

export const incomeLineCodes = incomeLines.map((one) => one.code) as [IncomeLineCode, ...IncomeLineCode[]]; // Safe: the list above is not empty.
