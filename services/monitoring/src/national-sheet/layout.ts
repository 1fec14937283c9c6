import type { Bilingual } from "@shouwang/contract";

/**
 * How a cell is read. `identity`: 18 characters, or a disability certificate's 20 or 22. `month` comes in three spellings (`202206`, `2022-06`, a spreadsheet's serial
 * number). `codes` are several words joined by commas. `ignored` is a column the national system brings that this registry does not hold.
 */
type NationalType = "identity" | "name" | "phone" | "text" | "count" | "code" | "codes" | "month" | "ignored";

export type NationalColumn = {
  key: string;
  /** The first is written in an export; the others are what releases and custom reports of the national system write instead. */
  titles: readonly string[];
  en: string;
  type: NationalType;
  about: "household" | "person";
  required: boolean;
  /** Of a code: by code, the words that mean it; an export writes the first. */
  words?: Readonly<Record<string, readonly string[]>>;
  /** Which code the registry cannot spell as the national system asks: the registry holds less than the word says. */
  unspelt?: readonly string[];
  /** Taken over by one command, where a person decides so; other fields are corrected where their papers are kept. */
  adoptable?: true;
};

/** A kind of sheet of the national system, as data: a new one is an entry in `layouts.ts`. */
export type NationalLayout = {
  kind: string;
  title: Bilingual;
  /** Whose rows an export has. */
  of: "monitored" | "all";
  columns: readonly NationalColumn[];
};

type More = Partial<Pick<NationalColumn, "words" | "unspelt" | "adoptable">>;
const column =
  (about: NationalColumn["about"], required: boolean) =>
  (key: string, type: NationalType, titles: readonly string[], en: string, more: More = {}): NationalColumn => ({
    ...{ key, type, titles, en, about, required },
    ...more,
  });

export const ofHousehold = column("household", false);
export const ofPerson = column("person", false);
export const required = column("person", true);
export const requiredOfHousehold = column("household", true);

/** By code, the one word of a list. */
export const wordsOf = (list: Readonly<Record<string, string>>): Record<string, readonly string[]> =>
  Object.fromEntries(Object.entries(list).map(([code, word]) => [code, [word]]));
export const yesNo = { yes: ["是"], no: ["否"] } as const;
