import { z } from "zod";

/** Relation to the head of household, as the national export lists them; the value is the Chinese term. */
export const relations = {
  head: "户主",
  spouse: "配偶",
  son: "之子",
  daughter: "之女",
  "daughter-in-law": "之儿媳",
  "son-in-law": "之女婿",
  grandson: "之孙子",
  granddaughter: "之孙女",
  "daughters-son": "之外孙子",
  "daughters-daughter": "之外孙女",
  father: "之父",
  mother: "之母",
  "wifes-father": "之岳父",
  "wifes-mother": "之岳母",
  "husbands-father": "之公公",
  "husbands-mother": "之婆婆",
  grandfather: "之祖父",
  grandmother: "之祖母",
  "maternal-grandfather": "之外祖父",
  "maternal-grandmother": "之外祖母",
  sibling: "之兄弟姐妹",
  "great-grandson": "之曾孙子",
  "great-granddaughter": "之曾孙女",
  nephew: "之侄儿",
  niece: "之侄女",
  "siblings-wife": "之兄弟媳妇",
  uncle: "之叔伯",
  other: "其他",
} as const;
export type Relation = keyof typeof relations;

const male: readonly Relation[] = [
  "son",
  "son-in-law",
  "grandson",
  "daughters-son",
  "father",
  "wifes-father",
  "husbands-father",
  "grandfather",
  "maternal-grandfather",
  "great-grandson",
  "nephew",
  "uncle",
];
const female: readonly Relation[] = [
  "daughter",
  "daughter-in-law",
  "granddaughter",
  "daughters-daughter",
  "mother",
  "wifes-mother",
  "husbands-mother",
  "grandmother",
  "maternal-grandmother",
  "great-granddaughter",
  "niece",
  "siblings-wife",
];

/** The sex a relation implies, or undefined where it implies none. */
export const sexOfRelation = (relation: Relation): "male" | "female" | undefined =>
  male.includes(relation) ? "male" : female.includes(relation) ? "female" : undefined;

export const labourSkills = {
  ordinary: "普通劳动力",
  skilled: "技能劳动力",
  weak: "弱劳动力或半劳动力",
  lost: "丧失劳动力",
  none: "无劳动力",
} as const;

export const schoolings = {
  preschool: "学龄前儿童",
  kindergarten: "学前教育",
  primary: "小学",
  junior: "七–九年级",
  senior: "普通高中",
  "secondary-vocational": "中职",
  "higher-vocational": "高职高专",
  technician: "技师学院",
  undergraduate: "本科",
  postgraduate: "硕士研究生及以上",
} as const;

export const educations = {
  illiterate: "文盲或半文盲",
  primary: "小学",
  junior: "初中",
  senior: "高中",
  college: "大专",
  undergraduate: "本科及以上",
} as const;

/** Why a child of school age is not at school. */
const dropoutReasons = {
  illness: "因病",
  disability: "因残休学",
  "tired-of-school": "厌学",
  "not-yet-enrolled": "未到入学日",
  other: "其他",
} as const;

export const healthStates = {
  healthy: "健康",
  "chronic-illness": "长期慢性病",
  "serious-illness": "患有大病",
  disabled: "残疾",
} as const;
export const medicalInsurances = { resident: "城乡居民医保", employee: "职工医保", none: "未参保" } as const;

const keys = <T extends Record<string, string>>(list: T) =>
  z.enum(Object.keys(list) as [keyof T & string, ...(keyof T & string)[]]); // Safe: every list has entries.

export const Relation = keys(relations).describe("Relation to the head of household");
export const LabourSkill = keys(labourSkills).describe("Labour skill");
export const Schooling = keys(schoolings).describe("At school as");
export const HealthState = keys(healthStates).describe("State of health");
export const Education = keys(educations).describe("Education completed; of those not at school");
export const DropoutReason = keys(dropoutReasons).describe("Why a child of school age is not at school");
export const MedicalInsurance = keys(medicalInsurances).describe("Basic medical insurance");
export type LabourSkill = z.infer<typeof LabourSkill>;
export type Schooling = z.infer<typeof Schooling>;
