import { type FieldError, refuse } from "@shouwang/contract";
import { findDivision, levelOf } from "@shouwang/regions";
import type { BusinessDate } from "@shouwang/service-kit/calendar";
import { checkIdentityNumber, type IdentityNumber } from "@shouwang/service-kit/identity";
import { checkMobile } from "@shouwang/service-kit/identity-account";
import { type LabourSkill, type Relation, type Schooling, sexOfRelation } from "./code-lists.ts";

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
};

/** A member whose number was found good, with what follows from it. */
export type CheckedMember = MemberEntry & { identity: IdentityNumber; ableWorker: boolean; student: boolean };

/** Age in whole years on a day. */
export function ageOn(birthDate: string, day: BusinessDate): number {
  const years = Number(day.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return day.slice(5) < birthDate.slice(5) ? years - 1 : years;
}

/** Counted as an able worker: 16 to 59, ordinary, skilled or weak labour, not at school. */
export const isAbleWorker = (age: number, skill: LabourSkill, student: boolean): boolean =>
  age >= 16 && age <= 59 && !student && (skill === "ordinary" || skill === "skilled" || skill === "weak");

const atSchool = (schooling: Schooling | undefined): boolean =>
  schooling !== undefined && schooling !== "preschool" && schooling !== "kindergarten";

/**
 * Checks a household's members as entered (rules Q01–Q03, Q13): every number and phone, exactly one head, at most one spouse, relations that agree
 * with the sex the number says, nobody twice. Answers the members with what their numbers say, or every wrong field at once.
 */
export function checkMembers(
  members: readonly MemberEntry[],
  today: BusinessDate,
): { members: CheckedMember[] } | { errors: FieldError[] } {
  const errors: FieldError[] = [];
  const checked: CheckedMember[] = [];
  for (const [index, member] of members.entries()) {
    const at = `/members/${index}`;
    const identity = checkIdentityNumber(member.identityNumber, today);
    if (!identity.ok) {
      errors.push({ pointer: `${at}/identityNumber`, rule: identity.rule, zh: identity.zh, en: identity.en, clause: "M-01" });
      continue;
    }
    if (member.phone !== undefined) {
      const phone = checkMobile(member.phone);
      if (!phone.ok) errors.push({ pointer: `${at}/phone`, rule: phone.rule, zh: phone.zh, en: phone.en });
    }
    const implied = sexOfRelation(member.relation);
    if (implied !== undefined && implied !== identity.sex) {
      errors.push({
        pointer: `${at}/relation`,
        rule: "relation-agrees-with-sex",
        zh: "与户主关系同证件号码的性别不符",
        en: "The relation does not agree with the sex in the identity number",
        clause: "M-01",
      });
    }
    const student = atSchool(member.schooling);
    checked.push({
      ...member,
      identity,
      student,
      ableWorker: isAbleWorker(ageOn(identity.birthDate, today), member.labourSkill, student),
    });
  }
  if (errors.length > 0) return { errors };
  const whole = wholeHousehold(checked);
  return whole.length > 0 ? { errors: whole } : { members: checked };
}

function wholeHousehold(members: readonly CheckedMember[]): FieldError[] {
  const errors: FieldError[] = [];
  const withRelation = (relation: Relation) => members.flatMap((member, index) => (member.relation === relation ? [index] : []));
  const heads = withRelation("head");
  if (heads.length === 0)
    errors.push({
      pointer: "/members",
      rule: "one-head",
      zh: "一户须有且只有一名户主",
      en: "A household has exactly one head",
      clause: "M-01",
    });
  for (const extra of heads.slice(1)) {
    errors.push({
      pointer: `/members/${extra}/relation`,
      rule: "one-head",
      zh: "一户只能有一名户主",
      en: "There is a second head of household",
      clause: "M-01",
    });
  }
  const spouses = withRelation("spouse");
  for (const extra of spouses.slice(1)) {
    errors.push({
      pointer: `/members/${extra}/relation`,
      rule: "one-spouse",
      zh: "一户只能有一名户主配偶",
      en: "There is a second spouse",
      clause: "M-01",
    });
  }
  const [head, spouse] = [heads[0], spouses[0]].map((index) => (index === undefined ? undefined : members[index]));
  if (head && spouse && head.identity.sex === spouse.identity.sex) {
    errors.push({
      pointer: `/members/${spouses[0]}/relation`,
      rule: "spouses-differ-in-sex",
      zh: "户主与配偶性别相同,请核对",
      en: "Head and spouse have the same sex; please check",
      clause: "M-01",
    });
  }
  const seen = new Map<string, number>();
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
    seen.set(member.identity.personKey, index);
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
