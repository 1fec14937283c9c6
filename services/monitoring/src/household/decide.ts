import { type FieldError, refuse } from "@shouwang/contract";
import { findDivision, levelOf } from "@shouwang/regions";
import type { BusinessDate } from "@shouwang/service-kit/calendar";
import { checkIdentityNumber, type IdentityNumber } from "@shouwang/service-kit/identity";
import { checkMobile } from "@shouwang/service-kit/identity-account";
import type { LabourSkill, Relation, Schooling } from "./code-lists.ts";
import { rosterErrors } from "./roster-decide.ts";

/** A member as entered. */
export type MemberEntry = {
  name: string;
  identityNumber: string;
  relation: Relation;
  phone?: string | undefined;
  schooling?: Schooling | undefined;
  health: readonly string[];
  labourSkill: LabourSkill;
  medicalInsurance?: string | undefined;
  education?: string | undefined;
  dropoutReason?: string | undefined;
  seriousIllnessInsurance?: boolean | undefined;
  destitute?: boolean | undefined;
};

/** A member whose number was found good, with what follows from it. */
export type CheckedMember = MemberEntry & { identity: IdentityNumber; ableWorker: boolean; student: boolean };

/** Age in whole years on a day. */
export function ageOn(birthDate: string, day: BusinessDate): number {
  const years = Number(day.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return day.slice(5) < birthDate.slice(5) ? years - 1 : years;
}

/** Counted as an able worker: 16 to 59, ordinary, skilled or weak labour, not at school. */
export const isAbleWorker = (age: number, skill: string, student: boolean): boolean =>
  age >= 16 && age <= 59 && !student && (skill === "ordinary" || skill === "skilled" || skill === "weak");

const atSchool = (schooling: string | null | undefined): boolean =>
  schooling !== undefined && schooling !== null && schooling !== "preschool" && schooling !== "kindergarten";

/** Checks one member as entered (Q01, Q04, Q13): number and phone, education or schooling; answers what the number says, or every wrong field. @param at pointer of the member */
export function checkMember(
  member: MemberEntry,
  today: BusinessDate,
  at: string,
): { member: CheckedMember } | { errors: FieldError[] } {
  const errors: FieldError[] = [];
  const identity = checkIdentityNumber(member.identityNumber, today);
  if (!identity.ok)
    errors.push({ pointer: `${at}/identityNumber`, rule: identity.rule, zh: identity.zh, en: identity.en, clause: "M-01" });
  const phone = member.phone === undefined ? undefined : checkMobile(member.phone);
  if (phone?.ok === false) errors.push({ pointer: `${at}/phone`, rule: phone.rule, zh: phone.zh, en: phone.en });
  if (member.education !== undefined && atSchool(member.schooling))
    errors.push({
      pointer: `${at}/education`,
      rule: "education-or-schooling",
      zh: "文化程度与在校生状况只填一项",
      en: "Give either the education completed or the present schooling",
      clause: "M-01",
    });
  if (!identity.ok || errors.length > 0) return { errors };
  return { member: { ...member, identity, ...abilityOf(member, identity.birthDate, today) } };
}

/** What follows from age, schooling and labour skill: at school or not, able to work or not. */
export function abilityOf(
  member: { schooling?: string | null | undefined; labourSkill: string },
  birthDate: string,
  today: BusinessDate,
): { student: boolean; ableWorker: boolean } {
  const student = atSchool(member.schooling);
  return { student, ableWorker: isAbleWorker(ageOn(birthDate, today), member.labourSkill, student) };
}

/**
 * Checks a household's members as entered (rules Q01–Q03, Q13): every number and phone, exactly one head, at most one spouse, relations that agree
 * with the sex the number says, nobody twice. Answers the members with what their numbers say, or every wrong field at once.
 */
export function checkMembers(
  members: readonly MemberEntry[],
  today: BusinessDate,
): { members: CheckedMember[] } | { errors: FieldError[] } {
  const each = members.map((member, index) => checkMember(member, today, `/members/${index}`));
  const errors = each.flatMap((one) => ("errors" in one ? one.errors : []));
  if (errors.length > 0) return { errors };
  const checked = each.flatMap((one) => ("member" in one ? [one.member] : []));
  const whole = wholeHousehold(checked);
  return whole.length > 0 ? { errors: whole } : { members: checked };
}

function wholeHousehold(members: readonly CheckedMember[]): FieldError[] {
  const errors = rosterErrors(
    members.map(({ relation, identity }) => ({ relation, sex: identity.sex })),
    "/members",
    (index) => `/members/${index}/relation`,
  );
  const seen = new Set<string>();
  for (const [index, member] of members.entries()) {
    if (seen.has(member.identity.personKey)) {
      errors.push({
        pointer: `/members/${index}/identityNumber`,
        rule: "person-twice",
        zh: "同一人在本户出现两次",
        en: "The same person stands twice in this household",
        clause: "M-01",
      });
    }
    seen.add(member.identity.personKey);
  }
  return errors;
}

/** A household is registered in a village of the caller's area. */
export function checkVillage(region: string, reachable: boolean) {
  const division = findDivision(region);
  if (!division) {
    return refuse("unknown-division", {
      errors: [
        {
          pointer: "/region",
          rule: "unknown-division",
          zh: "没有这个行政区划代码",
          en: "There is no such division",
          clause: "M-01",
        },
      ],
    });
  }
  if (levelOf(division.code) !== "village") {
    return refuse("invalid-input", {
      errors: [
        {
          pointer: "/region",
          rule: "village-level",
          zh: "请填到行政村(社区)",
          en: "Name the village, not a larger division",
          clause: "M-01",
        },
      ],
    });
  }
  if (!reachable) {
    return refuse("outside-area", {
      errors: [
        {
          pointer: "/region",
          rule: "outside-area",
          zh: "该村不在您的管辖范围内",
          en: "That village is outside your area",
          clause: "M-01",
        },
      ],
    });
  }
  return undefined;
}

export type IncomeEntry = {
  wageFen: number;
  businessFen: number;
  propertyFen: number;
  transferFen: number;
  businessCostFen: number;
};

/** Net income = wages + business + property + transfers − cost of business; per head rounded down to whole fen (M-05). */
export function netIncome(entry: IncomeEntry, headcount: number): { netFen: number; perCapitaFen: number } {
  const netFen = entry.wageFen + entry.businessFen + entry.propertyFen + entry.transferFen - entry.businessCostFen;
  return { netFen, perCapitaFen: Math.floor(netFen / headcount) };
}
