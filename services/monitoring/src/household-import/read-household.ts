import type { HouseholdKind } from "@shouwang/contract";
import { findDivision, levelOf, matchDivision, type RegionCode, rangeOf } from "@shouwang/regions";
import type { RowReason } from "@shouwang/service-kit";
import type { BusinessDate } from "@shouwang/service-kit/calendar";
import type { z } from "zod";
import { type CheckedMember, checkMembers } from "../household/decide.ts";
import { MemberEntry } from "../household/entry.ts";
import type { Household } from "../household/store.ts";
import { type ImportColumn, importColumns } from "./layout.ts";

export type ImportRow = { line: number; cells: Readonly<Record<string, string>> };

/** A household as the list gives it, every rule of an entry by hand passed. */
export type ReadHousehold = {
  region: RegionCode;
  householdNo: string;
  hamlet: string | null;
  householdKind: z.output<typeof HouseholdKind>;
  guarantees: Household["guarantees"];
  lowIncome: boolean;
  relocated: boolean;
  members: CheckedMember[];
};

/** By line, the reasons against a household's rows: none of it is taken while one row is wrong. */
export type RowReasons = Map<number, RowReason[]>;

const columns = new Map(importColumns.map((column) => [column.key, column]));
const codeOf = new Map(
  importColumns.flatMap(({ key, codes = {} }) =>
    Object.entries(codes).flatMap(([code, spellings]) => [code, ...spellings].map((spelling) => [`${key} ${spelling}`, code])),
  ),
);

/**
 * Reads the rows of one household (M-01): codes by their words, the village by name or code within the sender's area, then the rules of an entry by hand. What is
 * said of the household is taken from the first row that says it; two rows that say different things are refused.
 * @param area the sender's own division, code or prefix
 */
export function readHousehold(
  rows: readonly ImportRow[],
  given: { today: BusinessDate; area: string },
): { household: ReadHousehold } | { reasons: RowReasons } {
  const reasons: RowReasons = new Map();
  const against = (line: number, reason: RowReason) => reasons.set(line, [...(reasons.get(line) ?? []), reason]);
  const entries = rows.map(({ line, cells }) => {
    const unknown = new Set<string>();
    const member = memberOf(cells, (reason, key) => {
      unknown.add(key);
      against(line, reason);
    });
    const entry = MemberEntry.safeParse(member);
    const empty = new Set(entry.error?.issues.map((issue) => String(issue.path[0])));
    for (const key of empty) if (!unknown.has(key)) against(line, missing(key));
    return entry.data;
  });
  const said = saidOfHousehold(rows, against);
  const first = rows[0]?.line ?? 0;
  const village = villageOf(said("village"), said("township"), given.area);
  if (!village) against(first, at("village", "village-unknown", "在您的辖区内没有这个行政村", "no such village in your area"));
  const members = entries.filter((entry) => entry !== undefined);
  if (reasons.size === 0) {
    const checked = checkMembers(members, given.today);
    if ("members" in checked && village) {
      const yes = (key: string) => (said(key) === "" ? null : said(key) === "yes");
      return {
        household: {
          region: village,
          householdNo: said("householdNo"),
          hamlet: said("hamlet") || null,
          householdKind: said("householdKind") === "lifted-household" ? "lifted-household" : "ordinary-household",
          guarantees: {
            schooling: yes("schoolingOk"),
            medicalCare: yes("medicalCareOk"),
            housing: yes("housingOk"),
            drinkingWater: yes("drinkingWaterOk"),
          },
          lowIncome: yes("lowIncome") ?? false,
          relocated: yes("relocated") ?? false,
          members: checked.members,
        },
      };
    }
    if ("errors" in checked)
      for (const { pointer, rule, zh, en } of checked.errors) {
        const [, , index, field] = pointer.split("/");
        const title = columns.get(field ?? "")?.titles[0];
        const reason = { rule, zh: title ? `${title}:${zh}` : zh, en };
        against(rows[Number(index ?? 0)]?.line ?? first, reason);
      }
  }
  return { reasons: forAll(rows, reasons) };
}

/** None of a household is taken while one of its rows is wrong: the others say so. */
export function forAll(rows: readonly ImportRow[], reasons: RowReasons): RowReasons {
  const wrong = [...reasons.keys()].sort((a, b) => a - b).join("、");
  for (const { line } of rows)
    if (!reasons.has(line))
      reasons.set(line, [
        {
          rule: "household-incomplete",
          zh: `同户第${wrong}行有误,整户未导入`,
          en: `Row ${wrong} of the same household is wrong; none of it was taken`,
        },
      ]);
  return reasons;
}

const at = (key: string, rule: string, zh: string, en: string): RowReason => {
  const column = columns.get(key);
  return { rule, zh: `${column?.titles[0] ?? key}:${zh}`, en: `${column?.en ?? key}: ${en}` };
};
const missing = (key: string): RowReason => at(key, "value-missing", "为空或过长", "empty or too long");

/** The code a cell's words mean; undefined where it is empty. */
function coded(
  { key, codes = {} }: ImportColumn,
  text: string,
  wrong: (reason: RowReason, key: string) => void,
): string | undefined {
  if (text === "") return undefined;
  const code = codeOf.get(`${key} ${text}`);
  const known = Object.values(codes).map(([first]) => first);
  if (code === undefined) wrong(at(key, "code-unknown", `应为:${known.join("、")}`, `one of ${known.join(", ")}`), key);
  return code;
}

function memberOf(cells: ImportRow["cells"], wrong: (reason: RowReason, key: string) => void): Record<string, unknown> {
  const member: Record<string, unknown> = {};
  for (const column of importColumns) {
    const text = cells[column.key] ?? "";
    if (column.household || text === "") continue;
    if (column.key === "health")
      member["health"] = text.split(/[、,;\s]+/).flatMap((part) => (part === "" ? [] : (coded(column, part, wrong) ?? [])));
    else member[column.key] = column.codes ? coded(column, text, wrong) : text;
  }
  return member;
}

/** What is said of the household, by key: "" where no row says it. */
function saidOfHousehold(
  rows: readonly ImportRow[],
  against: (line: number, reason: RowReason) => void,
): (key: string) => string {
  const values = new Map<string, string>();
  for (const column of importColumns.filter((one) => one.household)) {
    for (const { line, cells } of rows) {
      const text = cells[column.key] ?? "";
      const value = column.codes ? (coded(column, text, (reason) => against(line, reason)) ?? "") : text.slice(0, 40);
      const before = values.get(column.key) ?? "";
      if (before === "") values.set(column.key, value);
      else if (value !== "" && value !== before)
        against(line, at(column.key, "household-differs", "与同户其他行不一致", "differs from the other rows of the household"));
    }
  }
  return (key) => values.get(key) ?? "";
}

/** The village a code or a name means within the sender's area; the township's name tells two of one name apart. */
function villageOf(village: string, township: string, area: string): RegionCode | undefined {
  const { lo, hi } = rangeOf(area);
  const under = township === "" ? undefined : matchDivision(township, area.slice(0, 6), "township");
  const match = matchDivision(village, under?.kind === "unique" ? under.division.code : area.slice(0, 9), "village");
  const named = match.kind === "unique" ? match.division : undefined;
  const division = /^\d{12}$/.test(village) ? findDivision(village) : named;
  return division && division.code >= lo && division.code < hi && levelOf(division.code) === "village"
    ? division.code
    : undefined;
}
