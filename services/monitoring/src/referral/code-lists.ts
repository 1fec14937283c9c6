import type { Bilingual, MeasureCategory, ReferralNeed, ReferredDepartment } from "@shouwang/contract";
import type { z } from "zod";

export type Department = ReferredDepartment;
export type Need = ReferralNeed;

/** The departments that needs are referred to, as people call them. */
export const departments: Readonly<Record<Department, Bilingual>> = {
  "civil-affairs": { zh: "民政", en: "Civil affairs" },
  "medical-insurance": { zh: "医疗保障", en: "Medical insurance" },
  health: { zh: "卫生健康", en: "Health" },
  education: { zh: "教育", en: "Education" },
  housing: { zh: "住房城乡建设", en: "Housing" },
  water: { zh: "水利", en: "Water" },
  disability: { zh: "残联", en: "Disabled persons' federation" },
  emergency: { zh: "应急管理", en: "Emergency management" },
};

type NeedAbout = { department: Department; category: z.infer<typeof MeasureCategory>; zh: string; en: string };
const need = (department: Department, category: NeedAbout["category"], zh: string, en: string): NeedAbout => ({
  ...{ department, category, zh, en },
});

/** Each kind of need: the one department whose business it is, and the kind of measure it is once it has reached the household. */
export const needs: Readonly<Record<Need, NeedAbout>> = {
  "low-allowance": need("civil-affairs", "safety-net", "农村低保", "Low allowance"),
  "destitute-support": need("civil-affairs", "safety-net", "特困供养", "Support as destitute"),
  "temporary-relief": need("civil-affairs", "safety-net", "临时救助", "Temporary relief"),
  "insurance-enrolment": need("medical-insurance", "health", "参加基本医疗保险", "Enrolment in medical insurance"),
  "medical-assistance": need("medical-insurance", "health", "医疗救助", "Medical assistance"),
  treatment: need("health", "health", "大病救治", "Treatment of a serious illness"),
  "family-doctor": need("health", "health", "家庭医生签约服务", "Family doctor"),
  "return-to-school": need("education", "compulsory-schooling", "控辍保学", "Return to school"),
  "student-aid": need("education", "other-schooling", "学生资助", "Student aid"),
  "house-grading": need("housing", "housing", "住房安全鉴定", "Grading of a house"),
  "house-repair": need("housing", "housing", "危房改造", "Repair of an unsafe house"),
  "water-supply": need("water", "drinking-water", "供水保障", "Water supply"),
  "water-quality": need("water", "drinking-water", "水质改善", "Water quality"),
  "disability-certificate": need("disability", "safety-net", "残疾评定办证", "Disability certificate"),
  "disability-allowance": need("disability", "safety-net", "残疾人补贴", "Disability allowance"),
  "assistive-device": need("disability", "health", "辅具适配与康复", "Assistive devices and rehabilitation"),
  "disaster-relief": need("emergency", "safety-net", "自然灾害生活救助", "Disaster relief"),
  "house-rebuilding": need("emergency", "housing", "因灾倒损房重建", "Rebuilding after a disaster"),
};
