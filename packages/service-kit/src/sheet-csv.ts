import { isUtf8 } from "node:buffer";
import { Readable } from "node:stream";
import { parse } from "csv-parse";

/** A row as it stands in a file: its number as a spreadsheet shows it, counted from 1, and its cells from the first column on. */
export type RawRow = { line: number; cells: string[] };

const PIECE = 65_536;

/**
 * The rows of a CSV file, in UTF-8 (with or without BOM), UTF-16 with BOM, or GB18030, separated by comma, semicolon or tab.
 * Throws when the bytes are text in none of these or the quoting cannot be followed.
 */
export async function* readCsvRows(file: Buffer): AsyncGenerator<RawRow> {
  const text = decode(file);
  if (text.includes("\0")) throw new Error("not a text file");
  const parser = parse({ delimiter: detectDelimiter(text), relax_column_count: true, relax_quotes: true });
  Readable.from(pieces(text)).pipe(parser);
  let line = 0;
  for await (const cells of parser) yield { line: ++line, cells };
}

function decode(file: Buffer): string {
  if (file[0] === 0xff && file[1] === 0xfe) return new TextDecoder("utf-16le").decode(file);
  return new TextDecoder(isUtf8(file) ? "utf-8" : "gb18030", { fatal: true }).decode(file);
}

/** The separator that occurs most often outside quotes near the beginning. */
function detectDelimiter(text: string): string {
  const sample = text
    .slice(0, PIECE)
    .replaceAll(/"[^"]*"/g, "")
    .split("\n", 5)
    .join("\n");
  const count = (separator: string) => sample.split(separator).length;
  return [",", "\t", ";"].reduce((best, separator) => (count(separator) > count(best) ? separator : best));
}

function* pieces(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += PIECE) yield text.slice(at, at + PIECE);
}
