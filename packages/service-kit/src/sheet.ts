import type { Readable } from "node:stream";
import { toHalfWidth } from "./identity-text.ts";
import { type RawRow, readCsvRows } from "./sheet-csv.ts";
import { missingColumns, type SheetFailure, SheetRefusal, tooLarge, unreadable } from "./sheet-refusal.ts";
import { readXlsxRows } from "./sheet-xlsx.ts";

/** A column looked for: found under any of its titles, whatever its place. */
export type SheetColumn<Key extends string = string> = { key: Key; titles: readonly string[]; required?: boolean };

export type SheetOptions<Key extends string> = {
  columns: readonly SheetColumn<Key>[];
  /** Rows below the header, empty ones not counted. */
  maxRows?: number;
  maxBytes?: number;
  /** What an xlsx may unpack to. */
  maxInflatedBytes?: number;
};

/** A row that is not empty. `line` is its number in the file as a spreadsheet shows it. */
export type SheetRow<Key extends string = string> = {
  line: number;
  /** By key for the columns looked for (empty if the file has none), by title for the others. */
  cells: Record<Key, string> & Record<string, string>;
};

export type Sheet<Key extends string = string> = {
  ok: true;
  headerLine: number;
  /** The file's own columns in their order: the keys of `cells` with the titles they had. */
  columns: { key: string; title: string }[];
  /** To be read once. Throws SheetRefusal when the file turns out too long or broken further down. */
  rows: AsyncIterable<SheetRow<Key>>;
};

const HEADER_LINES = 5;
const MAX_COLUMNS = 1_000;

/**
 * Reads a table out of an xlsx or CSV file, told apart by content. The header is the first of the first five rows that holds
 * every required title; spaces, asterisks and full-width characters in titles do not matter. Values come trimmed, with
 * full-width letters and digits made half-width. The file is held in memory within `maxBytes`, its rows are not.
 *
 * Refusals: `sheet-missing-columns`, `sheet-too-large`, `sheet-unreadable`.
 */
export async function readSheet<const Key extends string>(
  source: Buffer | Readable,
  options: SheetOptions<Key>,
): Promise<Sheet<Key> | SheetFailure> {
  const { columns, maxRows = 100_000, maxBytes = 20 * 2 ** 20, maxInflatedBytes = 128 * 2 ** 20 } = options;
  const file = await collectBytes(source, maxBytes);
  if (!file) return tooLarge(`超过${maxBytes}字节`, `more than ${maxBytes} bytes`);
  const rows = readRows(file, maxInflatedBytes);
  try {
    const header = await findHeader(rows, columns);
    if (!header.ok) await rows.return(undefined);
    return header.ok ? { ...header, rows: readBody(rows, header.columns, columns, maxRows) } : header;
  } catch (error) {
    if (error instanceof SheetRefusal) return error.failure;
    throw error;
  }
}

async function collectBytes(source: Buffer | Readable, maxBytes: number): Promise<Buffer | undefined> {
  if (Buffer.isBuffer(source)) return source.length > maxBytes ? undefined : source;
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of source) {
    bytes += piece.length;
    if (bytes > maxBytes) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

async function* readRows(file: Buffer, maxInflatedBytes: number): AsyncGenerator<RawRow> {
  try {
    yield* file.toString("latin1", 0, 4) === "PK\x03\x04" ? readXlsxRows(file, maxInflatedBytes) : readCsvRows(file);
  } catch (error) {
    // What the libraries say of a broken file may quote it, so only the rule goes on.
    throw error instanceof SheetRefusal ? error : new SheetRefusal(unreadable());
  }
}

type Header = { ok: true; headerLine: number; columns: { key: string; title: string }[] };

async function findHeader(rows: AsyncGenerator<RawRow>, columns: readonly SheetColumn[]): Promise<Header | SheetFailure> {
  const required = columns.filter((column) => column.required);
  let fewestMissing = required;
  for (let next = await rows.next(); !next.done; next = await rows.next()) {
    const found = nameColumns(next.value.cells, columns);
    const missing = required.filter((column) => !found.some(({ key }) => key === column.key));
    if (missing.length === 0 && found.some(({ key }) => columns.some((column) => column.key === key))) {
      return { ok: true, headerLine: next.value.line, columns: found };
    }
    if (missing.length < fewestMissing.length) fewestMissing = missing;
    if (next.value.line >= HEADER_LINES) break;
  }
  return missingColumns((fewestMissing.length > 0 ? fewestMissing : columns).map((column) => column.titles[0] ?? column.key));
}

/** Gives each column of the file its key: the one looked for, else its title; a second of the same name gets a number. */
function nameColumns(titles: string[], columns: readonly SheetColumn[]): { key: string; title: string }[] {
  const taken = new Set<string>();
  const reserved = new Set(columns.map((column) => column.key));
  return titles.slice(0, MAX_COLUMNS).map((cell) => {
    const title = normaliseValue(cell);
    const wanted = columns.find((column) => !taken.has(column.key) && column.titles.some((name) => bare(name) === bare(title)));
    let key = wanted?.key ?? title;
    for (let count = 2; !wanted && title !== "" && (taken.has(key) || reserved.has(key)); count++) key = `${title}(${count})`;
    taken.add(key);
    return { key, title };
  });
}

async function* readBody<Key extends string>(
  rows: AsyncIterable<RawRow>,
  found: { key: string }[],
  columns: readonly SheetColumn<Key>[],
  maxRows: number,
): AsyncGenerator<SheetRow<Key>> {
  const empty = Object.fromEntries(columns.map((column) => [column.key, ""]));
  let count = 0;
  for await (const { line, cells } of rows) {
    const values = cells.slice(0, found.length).map(normaliseValue);
    if (values.every((value) => value === "")) continue;
    if (++count > maxRows) throw new SheetRefusal(tooLarge(`超过${maxRows}行`, `more than ${maxRows} rows`));
    const named: Record<string, string> = { ...empty };
    for (const [at, { key }] of found.entries()) {
      const value = values[at] ?? "";
      // A title may be anything, the name of the prototype's own accessor too: then it is a cell like any other.
      if (key === "__proto__") Object.defineProperty(named, key, { value, enumerable: true });
      else if (key !== "") named[key] = value;
    }
    // Safe: `empty` brings every key looked for, and every value is a string.
    yield { line, cells: named as SheetRow<Key>["cells"] };
  }
}

function bare(title: string): string {
  return toHalfWidth(title).replaceAll(/[\s*]/g, "");
}

/** Undoes what exports do to keep text from being a formula (`'=…`, `="…"`), cuts space, makes letters and digits half-width. */
function normaliseValue(text: string): string {
  return plain.test(text) ? text : normalised(text);
}

/** Text that is as it should be, as nearly every cell is: letters, digits and Chinese characters, beginning with none of what keeps text from being a formula. */
const plain = /^(?![='])[\x21-\x7e\u3001\u4e00-\u9fff]*$/;

function normalised(text: string): string {
  return text
    .replace(/^="(.*)"$/s, "$1")
    .replace(/^'(?=[=+\-@\t\r＝＋－＠])/, "")
    .replaceAll(/[０-９Ａ-Ｚａ-ｚ]/g, toHalfWidth)
    .replaceAll(/[\u200b\ufeff]/g, "")
    .trim();
}
