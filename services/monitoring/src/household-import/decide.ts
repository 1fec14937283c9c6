import { type FieldError, HouseholdKind } from "@shouwang/contract";
import type { BusinessDate } from "@shouwang/service-kit/calendar";
import {
  educations,
  healthStates,
  labourSkills,
  medicalInsurances,
  type Relation,
  relations,
  schoolings,
} from "../household/code-lists.ts";
import { type CheckedMember, checkMembers, type MemberEntry } from "../household/decide.ts";
import type { RosterRow } from "./roster-row.ts";

/** Why a row cannot be taken, without anything that stood in it. */
export type RowReason = { rule: string; zh: string; en: string };
export type RefusedRow = { line: number; reasons: RowReason[] };

/** A household as its rows tell of it, every member found good. */
export type RosterHousehold = {
  lines: number[];
  householdNo: string;
  region: string;
  householdKind: "lifted-household" | "ordinary-household";
  guarantees: { schooling: boolean | null; medicalCare: boolean | null; housing: boolean | null; drinkingWater: boolean | null };
  lowIncome: boolean;
  relocated: boolean;
  members: CheckedMember[];
};

const reason = (rule: string, zh: string, en: string): RowReason => ({ rule, zh, en });
/** A household is taken whole or not at all: its other rows come back with the wrong one, to be sent again together. */
const householdRefused = reason("household-refused", "本户其他成员的数据有误", "Another row of this household has an error");
/** Somebody of the household is in the registry already, in this county or another: no more is said than that. */
export const registeredAlready = reason(
  "person-registered-elsewhere",
  "该户有人员已在其他户登记",
  "Somebody of this household is registered in another household",
);

const kinds = { "lifted-household": "脱贫户", "ordinary-household": "一般农户" } as const;

/** Code of each term of a list, under the term and under the code itself. */
const codesOf = <Code extends string>(list: Record<Code, string>): ReadonlyMap<string, Code> =>
  // Safe: the keys of a list are its codes.
  new Map((Object.entries(list) as [Code, string][]).flatMap(([code, term]) => [[term, code] as const, [code, code] as const]));
const codes = {
  relation: codesOf<Relation>(relations),
  labourSkill: codesOf(labourSkills),
  schooling: codesOf(schoolings),
  education: codesOf(educations),
  health: codesOf(healthStates),
  medicalInsurance: codesOf(medicalInsurances),
  householdKind: codesOf(kinds),
};
const yesNo = new Map<string, boolean | null>([
  ["是", true],
  ["否", false],
  ["", null],
]);

const wrong = (title: string, titleEn: string): RowReason =>
  reason("code-unknown", `${title}:不在代码表内`, `${titleEn}: not of the code list`);

/**
 * Checks the rows of one household (M-01): terms of the code lists, then every member and the household as a whole as on registration by hand (Q01–Q04, Q13).
 * What a household is (village, kind, guarantees) is taken from the head's row.
 * @returns the household, or each of its rows with the reasons against it
 */
export function checkRoster(
  rows: readonly RosterRow[],
  today: BusinessDate,
): { household: RosterHousehold } | { refused: RefusedRow[] } {
  const read = rows.map((row) => readMember(row));
  const lines = rows.map(({ line }) => line);
  if (read.some(({ reasons }) => reasons.length > 0)) return { refused: refusedRows(lines, (at) => read[at]?.reasons ?? []) };
  const members = read.flatMap(({ member }) => member ?? []);
  const checked = checkMembers(members, today);
  if ("errors" in checked) return { refused: refusedRows(lines, (at) => reasonsAt(checked.errors, at)) };
  const head = rows[members.findIndex(({ relation }) => relation === "head")];
  if (!head) throw new Error("a household without a head passed the check");
  const { cells } = head;
  const flags = [
    cells.schoolingOk,
    cells.medicalCareOk,
    cells.housingOk,
    cells.drinkingWaterOk,
    cells.lowIncome,
    cells.relocated,
  ];
  const kind = HouseholdKind.safeParse(codes.householdKind.get(cells.householdKind));
  const reasons = [
    ...(kind.success ? [] : [wrong("户类型", "Kind of household")]),
    ...(cells.householdNo.length <= 40
      ? []
      : [reason("household-no-length", "户编号超过40个字符", "The household's number is too long")]),
    ...(flags.every((flag) => yesNo.has(flag))
      ? []
      : [reason("yes-or-no", "保障与标识只填“是”或“否”", "Guarantees and marks are 是 or 否")]),
  ];
  if (!kind.success || reasons.length > 0) return { refused: refusedRows(lines, (at) => (rows[at] === head ? reasons : [])) };
  const [schooling = null, medicalCare = null, housing = null, drinkingWater = null, lowIncome, relocated] = flags.map((flag) =>
    yesNo.get(flag),
  );
  return {
    household: {
      lines,
      householdNo: cells.householdNo,
      region: cells.region,
      householdKind: kind.data,
      guarantees: { schooling, medicalCare, housing, drinkingWater },
      lowIncome: lowIncome ?? false,
      relocated: relocated ?? false,
      members: checked.members,
    },
  };
}

function readMember({ cells }: RosterRow): { member?: MemberEntry; reasons: RowReason[] } {
  const reasons: RowReason[] = [];
  const code = <Code extends string>(list: ReadonlyMap<string, Code>, text: string, title: string, titleEn: string) => {
    const found = list.get(text);
    if (found === undefined && text !== "") reasons.push(wrong(title, titleEn));
    return found;
  };
  const length = [...cells.name].length;
  if (length < 2 || length > 40) reasons.push(reason("name-length", "姓名应为2至40个字", "A name has 2 to 40 characters"));
  const relation = code(codes.relation, cells.relation, "与户主关系", "Relation to the head");
  const labourSkill = code(codes.labourSkill, cells.labourSkill, "劳动技能", "Labour skill");
  const schooling = code(codes.schooling, cells.schooling, "在校生状况", "At school as");
  const education = code(codes.education, cells.education, "文化程度", "Education");
  const medicalInsurance = code(codes.medicalInsurance, cells.medicalInsurance, "医疗保险", "Medical insurance");
  const health =
    cells.health === ""
      ? ["healthy" as const]
      : cells.health.split(/[、,;]/).map((text) => code(codes.health, text.trim(), "健康状况", "Health"));
  if (cells.relation === "") reasons.push(reason("relation-empty", "与户主关系为空", "The relation to the head is empty"));
  if (cells.labourSkill === "") reasons.push(reason("labour-skill-empty", "劳动技能为空", "The labour skill is empty"));
  if (!relation || !labourSkill || reasons.length > 0) return { reasons };
  const { name, identityNumber, phone } = cells;
  return {
    member: {
      ...{
        name,
        identityNumber,
        relation,
        labourSkill,
        health: health.flatMap((one) => one ?? []),
        schooling,
        education,
        medicalInsurance,
      },
      phone: phone === "" ? undefined : phone,
    },
    reasons,
  };
}

/** The errors of one member's fields, and on the first row those of the household as a whole. */
function reasonsAt(errors: readonly FieldError[], at: number): RowReason[] {
  return errors
    .filter(({ pointer }) => pointer.startsWith(`/members/${at}/`) || (at === 0 && !/^\/members\/\d/.test(pointer)))
    .map(({ rule, zh, en }) => ({ rule, zh, en }));
}

const refusedRows = (lines: readonly number[], reasonsOf: (at: number) => RowReason[]): RefusedRow[] =>
  lines.map((line, at) => {
    const reasons = reasonsOf(at);
    return { line, reasons: reasons.length > 0 ? reasons : [householdRefused] };
  });

/** A whole household against which something speaks that is no row's: each of its rows says so. */
export const refuseHousehold = ({ lines }: Pick<RosterHousehold, "lines">, against: RowReason): RefusedRow[] =>
  lines.map((line) => ({ line, reasons: [against] }));
