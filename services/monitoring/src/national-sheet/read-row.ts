import { checkIdentityNumber, checkMobile, parseMonth, type Refused, type RowReason } from "@shouwang/service-kit";
import type { BusinessDate } from "@shouwang/service-kit/calendar";
import { z } from "zod";
import type { NationalColumn, NationalLayout } from "./layout.ts";

/** What a row says, by the layout's keys, as codes; a field it leaves empty is absent. */
export const NationalRow = z.object({
  personKey: z.string(),
  name: z.string(),
  identityNumber: z.string(),
  values: z.record(z.string(), z.string()),
});
export type NationalRow = z.infer<typeof NationalRow>;

/** The suffix of a disability certificate as a code; null on an identity card, which says nothing of it. */
export const certificateOf = (disability: { kind: number; grade: number } | undefined): string | null =>
  disability ? `kind-${disability.kind}-grade-${disability.grade}` : null;

/** Reads one row of the national system by its layout: the row, or every reason against it. A row about nobody in particular is none. */
export function readRow(
  layout: NationalLayout,
  cells: Readonly<Record<string, string>>,
  today: BusinessDate,
): { row: NationalRow } | { reasons: RowReason[] } {
  const reasons: RowReason[] = [];
  const values: Record<string, string> = {};
  const text = (key: string) => cells[key] ?? "";
  const identity = checkIdentityNumber(text("identityNumber"), today);
  if (!identity.ok) reasons.push({ rule: identity.rule, zh: identity.zh, en: identity.en });
  for (const column of layout.columns) {
    const cell = text(column.key);
    if (column.type === "ignored" || column.type === "identity") continue;
    if (cell === "") {
      if (column.required) reasons.push({ rule: "cell-empty", zh: `${column.titles[0]}为空`, en: `${column.en}: empty` });
      continue;
    }
    const read = readCell(column, cell);
    if (typeof read === "string") values[column.key] = read;
    else reasons.push({ rule: read.rule, zh: `${column.titles[0]}:${read.zh}`, en: `${column.en}: ${read.en}` });
  }
  if (!identity.ok || reasons.length > 0) return { reasons };
  const certificate = certificateOf(identity.disability);
  return {
    row: {
      personKey: identity.personKey,
      name: values["name"] ?? "",
      identityNumber: identity.value,
      values: { ...values, ...(certificate === null ? {} : { certificate }) },
    },
  };
}

function readCell(column: NationalColumn, cell: string): string | Omit<Refused, "ok"> {
  switch (column.type) {
    case "code":
      return codeOf(column, cell) ?? unknownWord(column);
    case "codes": {
      const codes = cell.split(/[,，、;；]/).map((word) => codeOf(column, word.trim()));
      const known = codes.filter((code) => code !== undefined);
      return known.length < codes.length ? unknownWord(column) : joinCodes(known);
    }
    case "count":
      return /^\d{1,3}$/.test(cell) ? String(Number(cell)) : { rule: "count-form", zh: "应为整数", en: "a whole number" };
    case "month": {
      const month = parseMonth(cell);
      return month.ok ? month.value : month;
    }
    case "phone": {
      const phone = checkMobile(cell);
      return phone.ok ? cell.replaceAll(/\s/g, "") : phone;
    }
    default:
      return cell.slice(0, 80);
  }
}

/** Several codes as one value: each once, in an order that says nothing. */
export const joinCodes = (codes: readonly string[]): string => [...new Set(codes)].sort().join(",");

const codeOf = ({ words = {} }: NationalColumn, cell: string): string | undefined =>
  Object.entries(words).find(([, spellings]) => spellings.includes(cell.replaceAll(/\s/g, "")))?.[0];

const unknownWord = ({ words = {} }: NationalColumn): Omit<Refused, "ok"> => {
  const first = Object.values(words).map(([word]) => word);
  return { rule: "code-unknown", zh: `应为:${first.join("、")}`, en: `one of ${first.join(", ")}` };
};
