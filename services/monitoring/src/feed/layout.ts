import type { Bilingual } from "@shouwang/contract";

/** What a row becomes: the kind of its record, which is also what the facts of screening rest on. */
export type RecordKind =
  | "medical-bill"
  | "schooling"
  | "disability"
  | "housing"
  | "water"
  | "disaster-loss"
  | "accident"
  | "employment"
  | "low-income"
  | "death"
  | "asset-check";

/**
 * How a cell is read. `identity`: 18 characters, or a disability certificate's 20 or 22, which `certificate` asks for. `month`: `202206`, `2022-06`, or a date, taken as
 * the first of its month; `date` and `birth` any way sheets write a day. `yuan` becomes fen. `code` is one of a list, by its Chinese word or itself.
 * `number` is what a document or thing is called, of which only a keyed index is kept. `text` is kept sealed. `village` is a village's name or code.
 */
type ColumnType =
  | "name"
  | "identity"
  | "certificate"
  | "birth"
  | "village"
  | "date"
  | "month"
  | "yuan"
  | "code"
  | "number"
  | "text";

export type FeedColumn = {
  key: string;
  type: ColumnType;
  /** The first is the column's own; the others are what departments write instead. */
  titles: readonly string[];
  en: string;
  required: boolean;
  /** Of a `code`: by code, the words that mean it. */
  codes?: Readonly<Record<string, readonly string[]>>;
};

/** A kind of list that departments send, as data: a new one is an entry in `layouts.ts`. */
export type FeedLayout = {
  /** As the sender names it: `kind` of `POST /feeds`. */
  kind: string;
  title: Bilingual;
  /** Departments that may send it; a county's own office may send any. */
  senders: readonly string[];
  record: RecordKind;
  /** Whom a row is about; of a household, any member's number finds it. */
  about: "person" | "household";
  columns: readonly FeedColumn[];
  /** Key of the column whose day counts. */
  day: string;
  /** Key of the column with the code, or the one code all rows have. */
  code?: { column: string } | { always: string };
  /** Key of the amount that counts, and of the whole it is a part of. */
  amount?: string;
  total?: string;
  /** Columns that, with the person, make two rows the same. */
  sameRow: readonly string[];
  /** Kind of the keyed index of `sameRow`: it never changes, since the index of what is there would not be found again. */
  index: string;
  /** A flag for verification at the home: never a reason to refuse anybody anything. */
  checkOnly?: true;
};

type Given = readonly [key: string, type: ColumnType, titles: readonly string[], en: string];
const required = ([key, type, titles, en]: Given): FeedColumn => ({ key, type, titles, en, required: true });
const optional = ([key, type, titles, en]: Given): FeedColumn => ({ key, type, titles, en, required: false });

/** A column whose cell must be filled, and one that a file may lack. */
export const must = (...given: Given): FeedColumn => required(given);
export const may = (...given: Given): FeedColumn => optional(given);
export const coded = (
  key: string,
  titles: readonly string[],
  en: string,
  codes: NonNullable<FeedColumn["codes"]>,
): FeedColumn => ({
  ...required([key, "code", titles, en]),
  codes,
});

/** The columns by which a list says whom a row is about: the number, or, where it is not known, name, birth date and village together. */
export const who = [
  must("name", "name", ["姓名", "患者姓名", "学生姓名", "户主姓名", "人员姓名"], "Name"),
  must(
    "identityNumber",
    "identity",
    ["身份证号", "证件号码", "公民身份号码", "身份证号码", "户主身份证号", "户主证件号码"],
    "Identity number",
  ),
  may("birthDate", "birth", ["出生日期"], "Birth date"),
  may("village", "village", ["行政村", "村(社区)", "村", "所在村"], "Village"),
] as const;
