import { rosterErrors } from "../household/roster-decide.ts";
import { aboutHousehold, type HouseholdFacts, isIll, pair, type SuspectRule } from "./facts-decide.ts";

const M01 = "M-01" as const;
const development: readonly string[] = ["industry", "job", "finance", "public-welfare-post"];
const able = (facts: HouseholdFacts): number => facts.members.filter((member) => member.ableWorker).length;
/** Under way or in force: neither refused nor ended. */
const runs = (facts: HouseholdFacts): boolean =>
  facts.monitoredCase !== null && !["refused", "cleared", "closed"].includes(facts.monitoredCase.status);
const hasRisk = (facts: HouseholdFacts, risk: string): boolean =>
  runs(facts) && facts.monitoredCase?.risks.some((one) => one === risk) === true;
const monthsMonitored = (facts: HouseholdFacts): number =>
  facts.monitored && runs(facts) ? (facts.monitoredCase?.monthsIncluded ?? 0) : 0;

/** The risk that answers to each guarantee that is not met. */
const riskOf = {
  schooling: "schooling",
  medicalCare: "illness",
  housing: "unsafe-housing",
  drinkingWater: "unsafe-water",
} as const;

/** Rules about the household as a whole, its income and its guarantees (Q03, Q15, Q21, Q23, Q25). */
export const householdRules: readonly SuspectRule[] = [
  {
    code: "Q03",
    clause: M01,
    level: "error",
    fields: ["relation", "sex"],
    zh: "一户须有且只有一名户主,至多一名配偶且与户主性别不同,关系与性别相符",
    en: "One head, at most one spouse of the other sex, relations that agree with the sex",
    check: aboutHousehold((facts) => {
      const [first] = rosterErrors(facts.members, "", () => "");
      return first && pair("relation", first.rule, "headcount", facts.members.length);
    }),
  },
  {
    code: "Q15",
    clause: M01,
    level: "suspect",
    fields: ["guarantees.housing", "monitoredKind"],
    zh: "脱贫户住危房但未纳入监测",
    en: "A lifted household lives in an unsafe dwelling and is not monitored",
    check: aboutHousehold((facts) =>
      facts.householdKind === "lifted-household" && facts.guarantees.housing === false && !facts.monitored
        ? pair("guarantees.housing", false, "monitored", false)
        : undefined,
    ),
  },
  {
    code: "Q21",
    clause: M01,
    level: "suspect",
    fields: ["guarantees", "risks"],
    zh: "监测户有“三保障”或饮水问题,但无相应风险类型",
    en: "A monitored household has a guarantee problem and no risk that answers to it",
    check: (facts) =>
      runs(facts)
        ? (["schooling", "medicalCare", "housing", "drinkingWater"] as const).flatMap((key) =>
            facts.guarantees[key] === false && !hasRisk(facts, riskOf[key])
              ? [{ personId: null, ...pair(`guarantees.${key}`, false, "risks", facts.monitoredCase?.risks.join(",") ?? null) }]
              : [],
          )
        : [],
  },
  {
    code: "Q23",
    clause: M01,
    level: "suspect",
    fields: ["income.wageFen"],
    zh: "全年工资性收入大于0且不足100元",
    en: "Wages of a year above nothing and below 100 yuan",
    check: aboutHousehold((facts, settings) =>
      facts.income && facts.income.wageFen > 0 && facts.income.wageFen < settings.wageLeastFen
        ? pair("income.wageFen", facts.income.wageFen, "income.until", facts.income.until)
        : undefined,
    ),
  },
  {
    code: "Q25",
    clause: M01,
    level: "suspect",
    fields: ["safetyNetOnly", "ableWorkers"],
    zh: "脱贫户、监测户整户无劳动力,未标注兜底保障",
    en: "A lifted or monitored household without labour is not marked as kept by the safety net",
    check: aboutHousehold((facts) =>
      facts.members.length > 0 &&
      able(facts) === 0 &&
      !facts.safetyNetOnly &&
      (facts.householdKind === "lifted-household" || facts.monitored)
        ? pair("safetyNetOnly", false, "ableWorkers", 0)
        : undefined,
    ),
  },
];

/** Rules about monitoring: help given, risks against facts, clearance (Q16–Q20, Q24). */
export const caseRules: readonly SuspectRule[] = [
  {
    code: "Q16",
    clause: M01,
    level: "suspect",
    fields: ["measures", "includedOn"],
    zh: "纳入监测满1个月未落实任何帮扶措施",
    en: "Monitored for a month or more without any measure",
    check: aboutHousehold((facts) =>
      monthsMonitored(facts) >= 1 && facts.measures.length === 0
        ? pair("measures", 0, "monthsIncluded", monthsMonitored(facts))
        : undefined,
    ),
  },
  {
    code: "Q16b",
    clause: M01,
    level: "suspect",
    fields: ["measures", "ableWorkers"],
    zh: "有劳动力,纳入满6个月未落实开发式帮扶措施",
    en: "Able workers, monitored for six months or more, and no development measure",
    check: aboutHousehold((facts) =>
      monthsMonitored(facts) >= 6 &&
      able(facts) > 0 &&
      facts.measures.length > 0 &&
      !facts.measures.some((kind) => development.includes(kind))
        ? pair("measures", [...new Set(facts.measures)].sort().join(","), "ableWorkers", able(facts))
        : undefined,
    ),
  },
  {
    code: "Q16c",
    clause: M01,
    level: "suspect",
    fields: ["measures", "ableWorkers"],
    zh: "有劳动力,仅落实综合保障",
    en: "Able workers, and the safety net the only help",
    check: aboutHousehold((facts) =>
      monthsMonitored(facts) >= 1 &&
      able(facts) > 0 &&
      facts.measures.length > 0 &&
      facts.measures.every((kind) => kind === "safety-net")
        ? pair("measures", "safety-net", "ableWorkers", able(facts))
        : undefined,
    ),
  },
  {
    code: "Q17",
    clause: M01,
    level: "suspect",
    fields: ["risks", "health"],
    zh: "风险为因病,但全户无患病人员",
    en: "The risk is illness, and nobody is ill",
    check: aboutHousehold((facts) =>
      hasRisk(facts, "illness") && !facts.members.some(isIll) ? pair("risks", "illness", "health", "none-ill") : undefined,
    ),
  },
  {
    code: "Q17b",
    clause: M01,
    level: "suspect",
    fields: ["risks", "selfPaidFen"],
    zh: "风险为因病,但合规自付支出为空或为0",
    en: "The risk is illness, and no self-paid medical cost is recorded",
    check: aboutHousehold((facts) =>
      hasRisk(facts, "illness") && facts.selfPaidFen === 0 ? pair("risks", "illness", "selfPaidFen", 0) : undefined,
    ),
  },
  {
    code: "Q18",
    clause: M01,
    level: "suspect",
    fields: ["risks", "ableWorkers"],
    zh: "风险为因务工就业不稳,但全户无劳动力或无务工记录",
    en: "The risk is unstable work, and nobody can work or has a work record",
    check: aboutHousehold((facts) => {
      if (!hasRisk(facts, "unstable-work")) return undefined;
      if (able(facts) === 0) return pair("risks", "unstable-work", "ableWorkers", 0);
      const told = facts.members.filter((member) => member.work !== undefined);
      return told.length > 0 && told.every((member) => member.work?.length === 0)
        ? pair("risks", "unstable-work", "work", 0)
        : undefined;
    }),
  },
  {
    code: "Q19",
    clause: M01,
    level: "suspect",
    fields: ["risks", "ableWorkers"],
    zh: "风险为缺劳动力,但有劳动能力成员达到设定比例",
    en: "The risk is lack of labour, and the share of able members reaches the setting",
    check: aboutHousehold((facts, { labourShare }) =>
      hasRisk(facts, "lack-of-labour") &&
      able(facts) > 0 &&
      able(facts) * labourShare.denominator >= facts.members.length * labourShare.numerator
        ? pair("risks", "lack-of-labour", "ableWorkers", able(facts))
        : undefined,
    ),
  },
  {
    code: "Q20",
    clause: M01,
    level: "error",
    fields: ["risks", "disasterKind"],
    zh: "风险为因自然灾害,未填灾害子项",
    en: "The risk is a natural disaster, and its kind is not given",
    check: aboutHousehold((facts) =>
      hasRisk(facts, "natural-disaster") && facts.monitoredCase?.disasterKind === null
        ? pair("risks", "natural-disaster", "disasterKind", null)
        : undefined,
    ),
  },
  {
    code: "Q24",
    clause: M01,
    level: "suspect",
    fields: ["measures", "income.wageFen"],
    zh: "风险已消除且有就业帮扶,但工资性收入为0",
    en: "Cleared with help to work, and no wages",
    check: aboutHousehold((facts) =>
      facts.monitoredCase?.status === "cleared" &&
      facts.income?.wageFen === 0 &&
      facts.measures.some((kind) => kind === "job" || kind === "public-welfare-post")
        ? pair("income.wageFen", 0, "measures", "job")
        : undefined,
    ),
  },
  {
    code: "Q24b",
    clause: M01,
    level: "suspect",
    fields: ["measures", "income.transferFen"],
    zh: "风险已消除且有综合保障,但转移性收入为0",
    en: "Cleared with the safety net, and no transfers",
    check: aboutHousehold((facts) =>
      facts.monitoredCase?.status === "cleared" && facts.income?.transferFen === 0 && facts.measures.includes("safety-net")
        ? pair("income.transferFen", 0, "measures", "safety-net")
        : undefined,
    ),
  },
];
