import { type Refusal, refuse } from "@shouwang/contract";
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

/**
 * What was found missing is not taken back without its proof (M-01): whoever says of a guarantee with an open problem anything else than "not met" names the
 * document, by whichever command.
 */
export function checkProof(
  open: readonly Guarantee[],
  given: { values: { readonly [G in Guarantee]?: boolean | null | undefined }; document: string | undefined },
): Refusal<"invalid-input"> | undefined {
  const solved = open.filter((guarantee) => given.values[guarantee] !== undefined && given.values[guarantee] !== false);
  if (solved.length === 0 || (given.document?.trim().length ?? 0) >= 2) return undefined;
  const names = (language: "zh" | "en") => solved.map((guarantee) => guarantees[guarantee][language]);
  return refuse("invalid-input", {
    errors: [
      {
        pointer: "/document",
        rule: "required",
        zh: `该户有未销号的保障问题(${names("zh").join("、")}),须注明佐证文件`,
        en: `The household has an open problem (${names("en").join(", ")}): name the document that proves it is solved`,
        clause: "M-01",
      },
    ],
  });
}
