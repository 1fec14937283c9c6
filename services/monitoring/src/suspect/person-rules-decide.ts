import { aboutPerson, pair, type SuspectRule, unableSkills } from "./facts-decide.ts";

const M01 = "M-01" as const;

/** Rules about one member: schooling, health, labour, insurance (Q04–Q07, Q10b, Q14). */
export const personRules: readonly SuspectRule[] = [
  {
    code: "Q04",
    clause: M01,
    level: "error",
    fields: ["education", "schooling"],
    zh: "文化程度与在校生状况只填一项",
    en: "Education completed and present schooling exclude each other",
    check: aboutPerson((person) =>
      person.education !== null && person.student
        ? pair("education", person.education, "schooling", person.schooling)
        : undefined,
    ),
  },
  {
    code: "Q04b",
    clause: M01,
    level: "suspect",
    fields: ["education", "schooling"],
    zh: "学龄以上人员文化程度与在校生状况均未填",
    en: "Of somebody above school age neither education nor schooling is given",
    check: aboutPerson((person) =>
      person.age > 15 && person.education === null && person.schooling === null
        ? pair("education", null, "age", person.age)
        : undefined,
    ),
  },
  {
    code: "Q05",
    clause: M01,
    level: "suspect",
    fields: ["schooling", "birthDate"],
    zh: "在校生状况与年龄不符(小学6–14岁,硕士20岁以上)",
    en: "Schooling does not go with the age: primary school 6 to 14, postgraduate from 20",
    check: aboutPerson((person) =>
      (person.schooling === "primary" && (person.age < 6 || person.age > 14)) ||
      (person.schooling === "postgraduate" && person.age < 20)
        ? pair("schooling", person.schooling, "age", person.age)
        : undefined,
    ),
  },
  {
    code: "Q05b",
    clause: M01,
    level: "suspect",
    fields: ["schooling", "dropoutReason", "birthDate"],
    zh: "义务教育阶段(6–15岁)未在校且未填原因",
    en: "A child of 6 to 15 is not at school, and no reason is given",
    check: aboutPerson((person) =>
      person.age >= 6 && person.age <= 15 && !person.student && person.dropoutReason === null
        ? pair("schooling", person.schooling, "age", person.age)
        : undefined,
    ),
  },
  {
    code: "Q06",
    clause: M01,
    level: "error",
    fields: ["health", "labourSkill"],
    zh: "健康状况、劳动技能不能为空",
    en: "State of health and labour skill are not left out",
    check: aboutPerson((person) =>
      person.health.length === 0 || person.labourSkill === ""
        ? pair("health", person.health.join(",") || null, "labourSkill", person.labourSkill || null)
        : undefined,
    ),
  },
  {
    code: "Q07",
    clause: M01,
    level: "suspect",
    fields: ["labourSkill", "health", "birthDate"],
    zh: "16–59岁健康非在校生填为无劳动力、丧失或弱劳动力",
    en: "A healthy person of 16 to 59 who is not at school stands as weak, lost or no labour",
    check: aboutPerson((person) =>
      person.age >= 16 &&
      person.age <= 59 &&
      !person.student &&
      person.health.length === 1 &&
      person.health[0] === "healthy" &&
      unableSkills.includes(person.labourSkill)
        ? pair("labourSkill", person.labourSkill, "health", "healthy")
        : undefined,
    ),
  },
  {
    code: "Q10b",
    clause: M01,
    level: "suspect",
    fields: ["destitute", "health", "birthDate"],
    zh: "18–59岁健康人员填为特困供养",
    en: "A healthy person of 18 to 59 stands as supported for destitution",
    check: aboutPerson((person) =>
      person.destitute && person.age >= 18 && person.age <= 59 && person.health.length === 1 && person.health[0] === "healthy"
        ? pair("destitute", true, "health", "healthy")
        : undefined,
    ),
  },
  {
    code: "Q14",
    clause: M01,
    level: "suspect",
    fields: ["medicalInsurance"],
    zh: "未填或未参加基本医疗保险(居民、职工须填一项)",
    en: "No basic medical insurance: it is either the residents' or the employees'",
    check: aboutPerson((person, facts) =>
      person.medicalInsurance === null || person.medicalInsurance === "none"
        ? pair("medicalInsurance", person.medicalInsurance, "guarantees.medicalCare", facts.guarantees.medicalCare)
        : undefined,
    ),
  },
  {
    code: "Q14b",
    clause: M01,
    level: "suspect",
    fields: ["seriousIllnessInsurance", "medicalInsurance"],
    zh: "已参保但未参加大病保险",
    en: "Insured, yet without the insurance against serious illness",
    check: aboutPerson((person) =>
      person.medicalInsurance !== null && person.medicalInsurance !== "none" && person.seriousIllnessInsurance === false
        ? pair("seriousIllnessInsurance", false, "medicalInsurance", person.medicalInsurance)
        : undefined,
    ),
  },
];
