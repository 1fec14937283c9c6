import { findDivision, matchDivision } from "@shouwang/regions";
import type { Parsed, Refused, RowReason } from "@shouwang/service-kit";
import {
  type BusinessDate,
  checkIdentityNumber,
  firstDayOf,
  type IdentityNumber,
  parseDate,
  parseMonth,
  parseYuan,
} from "@shouwang/service-kit";
import type { FeedColumn, FeedLayout } from "./layout.ts";

/** Why a row cannot be taken, without anything that stood in it. */
const reason = (rule: string, zh: string, en: string): RowReason => ({ rule, zh, en });
const because = ({ titles, en }: FeedColumn, refused: Refused): RowReason =>
  reason(refused.rule, `${titles[0]}:${refused.zh}`, `${en}: ${refused.en}`);

/** A row as the list tells of it, its person still in clear. */
export type FeedRow = {
  name: string;
  /** The first 18 characters of the number; undefined where the row gives name, birth date and village instead. */
  personKey: string | undefined;
  birthDate: BusinessDate | undefined;
  /** 12-digit code, where the row names a village of the county. */
  village: string | undefined;
  day: BusinessDate;
  code: string | null;
  amountFen: number | null;
  totalFen: number | null;
  /** What makes two rows the same, without the person. */
  same: readonly string[];
  /** Free text by column, to be sealed. */
  texts: Readonly<Record<string, string>>;
};

/** A record that came before with another content: which of the two is right is for the sender to say. */
export const contentsDiffer = reason(
  "record-differs",
  "该记录已登记,内容与本次不同,请核对",
  "This record came before with another content; please check",
);

type Cell = string | number | undefined;

/**
 * Checks one row of a list against its layout (M-01). Nothing is of after the day the data are of, a part is no more than its whole. Answers the row, or every
 * reason against it.
 * @param given.dataDate the day the data are of
 * @param given.county where a village's name is looked up, 12 digits
 */
export function checkRow(
  layout: FeedLayout,
  cells: Readonly<Record<string, string>>,
  given: { dataDate: string; today: BusinessDate; county: string },
): { row: FeedRow } | { reasons: RowReason[] } {
  const reasons: RowReason[] = [];
  const values = new Map<string, Cell>();
  let identity: IdentityNumber | undefined;
  const isNamed = ["birthDate", "village"].every((key) => (cells[key] ?? "") !== "");
  for (const column of layout.columns) {
    const text = cells[column.key] ?? "";
    if (text === "" && !column.required) continue;
    if (column.type === "identity" || column.type === "certificate") {
      // Name, birth date and village may stand for a number that is not known; one that is given has to be right.
      if (text === "" && isNamed) continue;
      const checked = checkIdentityNumber(text, given.today);
      if (!checked.ok) reasons.push({ rule: checked.rule, zh: checked.zh, en: checked.en });
      else if (column.type === "certificate" && !checked.disability)
        reasons.push(reason("certificate-length", "残疾人证号应为20位或22位", "A certificate's number has 20 or 22 characters"));
      else identity = checked;
      continue;
    }
    const read = readCell(column, text, given);
    if ("reason" in read) reasons.push(read.reason);
    else values.set(column.key, read.value);
  }
  const row = rowOf(layout, values, identity);
  if (row.amountFen !== null && row.totalFen !== null && row.amountFen > row.totalFen) {
    const [part, whole] = [layout.amount, layout.total].map((key) => layout.columns.find((column) => column.key === key));
    reasons.push(
      reason("part-above-total", `${part?.titles[0]}大于${whole?.titles[0]}`, `${part?.en} is more than: ${whole?.en}`),
    );
  }
  if (!identity && isNamed && row.village === undefined)
    reasons.push(reason("village-unknown", "本县没有这个行政村,请核对村名", "There is no such village in the county"));
  return reasons.length > 0 ? { reasons } : { row };
}

function rowOf(layout: FeedLayout, values: ReadonlyMap<string, Cell>, identity: IdentityNumber | undefined): FeedRow {
  const text = (key: string | undefined) => (key === undefined ? undefined : values.get(key)?.toString());
  const amount = (key: string | undefined) => {
    const value = key === undefined ? undefined : values.get(key);
    return typeof value === "number" ? value : null;
  };
  const { code } = layout;
  const texts = layout.columns.flatMap(({ key, type }) => (type === "text" && text(key) ? [[key, text(key) ?? ""]] : []));
  return {
    name: text("name") ?? "",
    personKey: identity?.personKey,
    // Safe, here and below: `readCell` let nothing but a date in; a row without its day is refused.
    birthDate: identity?.birthDate ?? (text("birthDate") as BusinessDate | undefined),
    village: text("village"),
    day: text(layout.day) as BusinessDate,
    code: code === undefined ? (identity?.disability ? `grade-${identity.disability.grade}` : null) : codeOf(code, text),
    amountFen: amount(layout.amount),
    totalFen: amount(layout.total),
    same: layout.sameRow.map((key) => text(key) ?? ""),
    texts: Object.fromEntries(texts),
  };
}

const codeOf = (code: NonNullable<FeedLayout["code"]>, text: (key: string) => string | undefined): string | null =>
  "always" in code ? code.always : (text(code.column) ?? null);

function readCell(
  column: FeedColumn,
  text: string,
  given: { dataDate: string; county: string },
): { value: Cell } | { reason: RowReason } {
  const [title = ""] = column.titles;
  const parsed = <T extends string | number>(result: Parsed<T>) =>
    result.ok ? { value: result.value } : { reason: because(column, result) };
  switch (column.type) {
    case "name":
      if (text === "") return { reason: reason("name-empty", `${title}为空`, `${column.en}: empty`) };
      return { value: text };
    case "date":
    case "birth":
    case "month": {
      const read = column.type === "month" ? readMonth(text) : parseDate(text);
      if (read.ok && read.value > given.dataDate)
        return {
          reason: reason("day-after-data-date", `${title}晚于数据日期`, `${column.en}: after the day the data are of`),
        };
      return parsed(read);
    }
    case "yuan":
      return parsed(parseYuan(text));
    case "number":
      return readNumber(column, text);
    case "code": {
      const code = Object.entries(column.codes ?? {}).find(([each, spellings]) => each === text || spellings.includes(text));
      if (code) return { value: code[0] };
      const words = Object.values(column.codes ?? {}).map(([first]) => first);
      return {
        reason: reason("code-unknown", `${title}应为:${words.join("、")}`, `${column.en}: one of ${words.join(", ")}`),
      };
    }
    case "village":
      return { value: villageOf(text, given.county) };
    case "text":
      return { value: text.slice(0, 200) };
    case "identity":
    case "certificate":
      throw new Error("numbers of persons are read apart");
  }
}

/** A whole day stays that day; a month is its first day. */
function readMonth(text: string): Parsed<BusinessDate> {
  const date = parseDate(text);
  if (date.ok) return date;
  const month = parseMonth(text);
  return month.ok ? { ok: true, value: firstDayOf(month.value) } : month;
}

/** The village a name or code means in the county; what is none, or more than one, is nobody's village. */
function villageOf(text: string, county: string): string | undefined {
  if (/^\d{12}$/.test(text)) return findDivision(text)?.code;
  const match = matchDivision(text, county, "village");
  return match.kind === "unique" ? match.division.code : undefined;
}

function readNumber({ titles: [title = ""], en }: FeedColumn, text: string): { value: Cell } | { reason: RowReason } {
  if (text === "") return { reason: reason("number-empty", `${title}为空`, `${en}: empty`) };
  if (text.length > 80) return { reason: reason("number-length", `${title}超过80个字符`, `${en}: too long`) };
  // A spreadsheet has cut the number to 15 digits: things that differ in the rest would be taken for one.
  if (/^\d(\.\d+)?E\+?\d+$/i.test(text))
    return {
      reason: reason(
        "number-scientific-notation",
        `${title}单元格为数值格式,请改为文本`,
        `${en}: the cell is numeric, format it as text`,
      ),
    };
  return { value: text };
}
