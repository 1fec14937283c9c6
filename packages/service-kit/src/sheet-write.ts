import { once } from "node:events";
import { PassThrough, pipeline, Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { stringify } from "csv-stringify";
import ExcelJS from "exceljs";

export const xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/** `width` in characters. `text` marks identity numbers, accounts and the like, which must never be read as numbers. */
export type WriteColumn = { key: string; title: string; width?: number; text?: boolean };
export type WriteRow = Readonly<Record<string, string | number | null | undefined>>;
export type WriteRows = AsyncIterable<WriteRow> | Iterable<WriteRow>;

export type WorkbookSpec = {
  /** At most 31 characters, none of `[]*?:/\`. */
  sheetName: string;
  /** Stands merged over all columns. */
  title?: string;
  /** The line of unit, reporter, checker and time under the title. */
  note?: string;
  /** At the foot of each printed page: who made the export and when. */
  footer?: string;
  /** At the head of each printed page, across it: the mark that says whose copy it is. */
  watermark?: string;
  /** A4 where absent; always landscape, as wide as the page. */
  paper?: "A3" | "A4";
  columns: readonly WriteColumn[];
  rows: WriteRows;
  /** The row of totals under the others, asked for when they have all been written. */
  totals?: () => WriteRow;
};

const FONT = { name: "宋体", size: 11 };
const EDGE = { style: "thin" } as const;
const BORDER = { top: EDGE, left: EDGE, bottom: EDGE, right: EDGE };
const LONGEST_CELL = 32_767;

/**
 * An xlsx of one sheet or several as a stream (`buffer(stream)` of `node:stream/consumers` for the whole). Rows are taken as fast as the reader reads,
 * and a failing source destroys the stream with its error. Formula injection: strings are written as string cells, which no
 * spreadsheet evaluates; those that begin like a formula, and all of a `text` column, have the text format too, so that they
 * stay inert when somebody edits the cell.
 */
export function writeWorkbook(spec: WorkbookSpec): Readable {
  return writeSheets([spec]);
}

/** An xlsx of several sheets as a stream, each as `writeWorkbook` writes one; their names differ. */
export function writeSheets(sheets: readonly WorkbookSpec[]): Readable {
  const output = new PassThrough();
  fillWorkbook(sheets, output).catch((error: unknown) =>
    output.destroy(error instanceof Error ? error : new Error("writing failed")),
  );
  return output;
}

/**
 * The rows that could not be taken, with the columns they came in, their reasons in 「问题」 and their place in 「原行号」.
 * Everything is text, so the file can be mended and uploaded again.
 */
export function writeErrorWorkbook(
  columns: readonly { key: string; title: string }[],
  rows: AsyncIterable<FailingRow> | Iterable<FailingRow>,
): Readable {
  const own = columns
    .filter(({ key, title }) => key !== "" && !["问题", "原行号"].includes(title))
    .map((column) => ({ ...column, text: true }));
  // The keys of our two columns hold a space in front, which no key read from a file does.
  const added = [
    { key: " reasons", title: "问题", width: 40, text: true },
    { key: " line", title: "原行号", width: 10 },
  ];
  return writeWorkbook({ sheetName: "问题数据", columns: [...own, ...added], rows: withReasons(rows) });
}

export type FailingRow = { line: number; cells: Readonly<Record<string, string>>; reasons: readonly { zh: string }[] };

/**
 * A CSV as a stream, UTF-8 with BOM so that WPS and Excel read the Chinese. Strings are quoted; those that begin like a formula
 * get an apostrophe in front, and long numbers in a `text` column a tab behind, which keeps a spreadsheet from rounding them.
 * `readSheet` takes both off again.
 */
export function writeCsv(spec: { columns: readonly WriteColumn[]; rows: WriteRows }): Readable {
  const lines = stringify({ bom: true, quoted_string: true, escape_formulas: true, record_delimiter: "windows" });
  // The callback is where pipeline wants it; an error reaches the reader through the destroyed stream.
  return pipeline(Readable.from(csvRecords(spec)), lines, () => undefined);
}

async function* csvRecords({
  columns,
  rows,
}: {
  columns: readonly WriteColumn[];
  rows: WriteRows;
}): AsyncGenerator<(string | number)[]> {
  yield columns.map((column) => column.title);
  for await (const row of rows) {
    yield columns.map((column) => {
      const value = row[column.key] ?? "";
      return column.text && /^\d{12,}$/.test(String(value)) ? `${value}\t` : value;
    });
  }
}

async function* withReasons(rows: AsyncIterable<FailingRow> | Iterable<FailingRow>): AsyncGenerator<WriteRow> {
  for await (const { line, cells, reasons } of rows)
    yield { ...cells, " reasons": reasons.map(({ zh }) => zh).join("；"), " line": line };
}

async function fillWorkbook(sheets: readonly WorkbookSpec[], output: PassThrough): Promise<void> {
  const workbook = new ExcelJS.stream.xlsx.WorkbookWriter({ stream: output, useStyles: true, useSharedStrings: false });
  for (const sheet of sheets) {
    await fillSheet(workbook, sheet, output);
    if (output.destroyed) return;
  }
  await workbook.commit();
}

async function fillSheet(
  workbook: ExcelJS.stream.xlsx.WorkbookWriter,
  { columns, rows, ...spec }: WorkbookSpec,
  output: PassThrough,
): Promise<void> {
  const headerLine = 1 + (spec.title ? 1 : 0) + (spec.note ? 1 : 0);
  const sheet = workbook.addWorksheet(spec.sheetName, {
    pageSetup: {
      orientation: "landscape",
      // Safe: A3 is 8 in the format; the library's list merely leaves it out.
      paperSize: (spec.paper === "A3" ? 8 : 9) as ExcelJS.PaperSize,
      fitToPage: true,
      fitToWidth: 1,
      fitToHeight: 0,
      printTitlesRow: `${headerLine}:${headerLine}`,
    },
    headerFooter: {
      oddFooter: `${(spec.footer ?? "").replaceAll("&", "&&")}&R&P/&N`,
      ...(spec.watermark === undefined ? {} : { oddHeader: `&R&"宋体"&9 ${spec.watermark.replaceAll("&", "&&")}` }),
    },
    views: [{ state: "frozen", ySplit: headerLine }],
  });
  sheet.columns = columns.map(({ width = 16, text }) => ({ width, style: text ? { numFmt: "@" } : {} }));
  if (spec.title)
    addMerged(sheet, spec.title, columns.length, {
      font: { ...FONT, size: 16, bold: true },
      alignment: { horizontal: "center" },
    });
  if (spec.note) addMerged(sheet, spec.note, columns.length, { font: FONT });
  const header = sheet.addRow(columns.map((column) => escapeText(column.title)));
  header.eachCell((cell) => {
    Object.assign(cell, {
      font: { ...FONT, bold: true },
      border: BORDER,
      numFmt: "@",
      alignment: { horizontal: "center", vertical: "middle", wrapText: true },
    });
    cell.fill = { type: "pattern", pattern: "solid", fgColor: { argb: "FFE7EEF7" } };
  });
  header.commit();
  let count = 0;
  for await (const row of rows) {
    if (output.destroyed) return;
    addRow(sheet, columns, row);
    // The library takes rows without end; a turn of the event loop every few rows lets compression keep up with them.
    if (++count % 20 === 0) await nextTurn();
    if (output.writableNeedDrain) await Promise.race([once(output, "drain"), once(output, "close")]);
  }
  if (spec.totals) addRow(sheet, columns, spec.totals(), { bold: true });
  sheet.commit();
}

function addRow(
  sheet: ExcelJS.Worksheet,
  columns: readonly WriteColumn[],
  row: WriteRow,
  font: Partial<ExcelJS.Font> = {},
): void {
  const values = columns.map((column) => row[column.key] ?? null);
  const line = sheet.addRow(
    values.map((value, at) => (typeof value === "string" || columns[at]?.text ? escapeText(String(value ?? "")) : value)),
  );
  line.eachCell({ includeEmpty: true }, (cell, column) => {
    cell.font = { ...FONT, ...font };
    cell.border = BORDER;
    if (/^[=+\-@\t\r＝＋－＠]/.test(String(values[column - 1] ?? "")) && typeof cell.value === "string") cell.numFmt = "@";
  });
  line.commit();
}

function addMerged(sheet: ExcelJS.Worksheet, text: string, width: number, style: Partial<ExcelJS.Style>): void {
  const row = sheet.addRow([escapeText(text)]);
  Object.assign(row.getCell(1), { ...style, numFmt: "@" });
  sheet.mergeCells(row.number, 1, row.number, width);
  row.commit();
}

/** Escapes carriage returns, which XML would lose, as worksheets do, and text that happens to look like such an escape. */
function escapeText(text: string): string {
  return text
    .slice(0, LONGEST_CELL)
    .replaceAll(/_(?=x[\dA-Fa-f]{4}_)/g, "_x005F_")
    .replaceAll("\r", "_x000D_");
}
