import { addDays, type BusinessDate, parseBusinessDate } from "@shouwang/service-kit/calendar";

/** The three guarantees and safe water, each with the department that is to act. */
export const guarantees = {
  schooling: { zh: "义务教育", en: "Compulsory schooling", department: "education" },
  medicalCare: { zh: "基本医疗", en: "Basic medical care", department: "medical-insurance" },
  housing: { zh: "住房安全", en: "Safe housing", department: "housing" },
  drinkingWater: { zh: "饮水安全", en: "Safe drinking water", department: "water" },
} as const;
export type Guarantee = keyof typeof guarantees;

/** Until when a problem should be solved, counted from the day after it was found, and whether that day has passed. */
export function dueOf(since: string, given: { days: number; today: BusinessDate }): { dueOn: BusinessDate; overdue: boolean } {
  const dueOn = addDays(parseBusinessDate(since), given.days);
  return { dueOn, overdue: given.today > dueOn };
}
