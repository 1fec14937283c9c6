import {
  aboutPerson,
  type Finding,
  type PersonFacts,
  pair,
  type SuspectRule,
  unableSkills,
  type WorkFacts,
} from "./facts-decide.ts";

const M01 = "M-01" as const;
const posts: readonly string[] = ["public-welfare-post"];
const inCountyOnly: readonly string[] = ["public-welfare-post", "workshop"];

/** The first work record that a rule finds fault with. */
const aboutWork = (found: (work: WorkFacts, person: PersonFacts) => Omit<Finding, "personId"> | undefined) =>
  aboutPerson((person) => (person.work ?? []).map((work) => found(work, person)).find((finding) => finding !== undefined));

/** Rules about work (Q08–Q12, Q22): they say nothing of people of whose work no department has told. */
export const workRules: readonly SuspectRule[] = [
  {
    code: "Q08",
    clause: M01,
    level: "error",
    fields: ["work.place", "work.months"],
    zh: "务工所在地与务工时间须同填同缺,时间0–12个月",
    en: "Place and months of work are both given or both left out; months are 0 to 12",
    check: aboutWork((work) =>
      (work.place === null) !== (work.months === null) || (work.months !== null && (work.months < 0 || work.months > 12))
        ? pair("work.months", work.months, "work.place", work.place)
        : undefined,
    ),
  },
  {
    code: "Q09",
    clause: M01,
    level: "suspect",
    fields: ["labourSkill", "work.months"],
    zh: "无劳动力、丧失或弱劳动力有务工记录",
    en: "Somebody with weak, lost or no labour has a work record",
    check: aboutWork((work, person) =>
      unableSkills.includes(person.labourSkill) && (work.months ?? 0) > 0
        ? pair("labourSkill", person.labourSkill, "work.months", work.months)
        : undefined,
    ),
  },
  {
    code: "Q10",
    clause: M01,
    level: "suspect",
    fields: ["destitute", "work.place"],
    zh: "特困供养人员外出务工",
    en: "Somebody supported for destitution works away",
    check: aboutWork((work, person) =>
      person.destitute && work.away ? pair("destitute", true, "work.place", work.place) : undefined,
    ),
  },
  {
    code: "Q11",
    clause: M01,
    level: "error",
    fields: ["work.channel", "birthDate"],
    zh: "公益性岗位人员须年满16岁、不满70岁",
    en: "Holders of public-welfare posts are from 16 to under 70",
    check: aboutWork((work, person) =>
      posts.includes(work.channel ?? "") && (person.age < 16 || person.age >= 70)
        ? pair("work.channel", work.channel, "age", person.age)
        : undefined,
    ),
  },
  {
    code: "Q11b",
    clause: M01,
    level: "suspect",
    fields: ["work.channel", "labourSkill"],
    zh: "无劳动能力人员在公益性岗位",
    en: "Somebody without labour holds a public-welfare post",
    check: aboutWork((work, person) =>
      posts.includes(work.channel ?? "") && (person.labourSkill === "none" || person.labourSkill === "lost")
        ? pair("work.channel", work.channel, "labourSkill", person.labourSkill)
        : undefined,
    ),
  },
  {
    code: "Q11c",
    clause: M01,
    level: "error",
    fields: ["work.channel", "work.months"],
    zh: "公益性岗位在岗月数须为1–12",
    en: "Months at a public-welfare post are 1 to 12",
    check: aboutWork((work) =>
      posts.includes(work.channel ?? "") && ((work.months ?? 0) < 1 || (work.months ?? 0) > 12)
        ? pair("work.months", work.months, "work.channel", work.channel)
        : undefined,
    ),
  },
  {
    code: "Q11d",
    clause: M01,
    level: "error",
    fields: ["work.channel", "work.place"],
    zh: "就业渠道为公益性岗位、帮扶车间的,务工地须在本县",
    en: "Work at a public-welfare post or a workshop lies in the county",
    check: aboutWork((work) =>
      inCountyOnly.includes(work.channel ?? "") && work.inCounty === false
        ? pair("work.channel", work.channel, "work.place", work.place)
        : undefined,
    ),
  },
  {
    code: "Q12",
    clause: M01,
    level: "suspect",
    fields: ["work.monthlyIncomeFen", "work.employer", "work.industry", "work.channel", "work.pointToPoint"],
    zh: "务工记录缺月收入、企业、行业、就业渠道或点对点",
    en: "The work record lacks income, employer, industry, channel or point-to-point",
    check: aboutWork((work) => {
      const missing = (["monthlyIncomeFen", "employer", "industry", "channel", "pointToPoint"] as const).filter(
        (field) => work[field] === null,
      );
      return missing.length > 0 ? pair(`work.${missing[0]}`, null, "work.missing", missing.join(",")) : undefined;
    }),
  },
  {
    code: "Q22",
    clause: M01,
    level: "suspect",
    fields: ["trainingGrant", "schooling"],
    zh: "享受雨露计划但非中职、高职、技师在校生",
    en: "Has a Yulu grant without being at a vocational or technician's school",
    check: aboutPerson((person) =>
      person.trainingGrant === true &&
      !["secondary-vocational", "higher-vocational", "technician"].includes(person.schooling ?? "")
        ? pair("trainingGrant", true, "schooling", person.schooling)
        : undefined,
    ),
  },
];
