import type { Readable } from "node:stream";
import { SaxesParser, type SaxesTagPlain } from "saxes";
import { type Entry, fromBufferPromise, type ZipFile } from "yauzl";
import type { RawRow } from "./sheet-csv.ts";
import { isDateFormat, numberText } from "./sheet-number.ts";
import { SheetRefusal, tooLarge } from "./sheet-refusal.ts";

/*
 * Read part by part straight from memory: the usual streaming reader decodes each piece of a part by itself, which garbles the
 * Chinese character that lies across two pieces, writes worksheets in clear to temporary files, and rounds numbers.
 */

type Part = (name: string) => Promise<Readable | undefined>;
type Workbook = { sheetPath: string; stringsPath: string; stylesPath: string; since1904: boolean };

/** Cells further right are not read: no list is as wide, and a hostile row costs no more than this. */
const MAX_COLUMNS = 1_000;

/**
 * The rows of the first visible worksheet. Dates come as `YYYY-MM-DD` (with a time behind if there is one), numbers as a
 * spreadsheet shows them, and numbers of more than 15 digits in scientific notation, since the file no longer holds them.
 * Throws SheetRefusal `sheet-too-large` when the parts inflate to more than `maxInflatedBytes`, and errors of the libraries when
 * the file is broken, encrypted or lies about its sizes.
 */
export async function* readXlsxRows(file: Buffer, maxInflatedBytes: number): AsyncGenerator<RawRow> {
  const part = await openZip(file, maxInflatedBytes);
  const workbook = await readWorkbook(part);
  const strings = await collect(parseStrings(await part(workbook.stringsPath)));
  const dateStyles = await collect(parseStyles(await part(workbook.stylesPath)));
  yield* parseRows(await part(workbook.sheetPath), strings, (value, style) =>
    numberText(value, { isDate: dateStyles[style] ?? false, since1904: workbook.since1904 }),
  );
}

/** The library refuses a part that inflates to more than it declares, so the sum of what is declared is the limit to check. */
async function openZip(file: Buffer, maxInflatedBytes: number): Promise<Part> {
  const zip: ZipFile = await fromBufferPromise(file);
  const entries = new Map<string, Entry>();
  let inflatedBytes = 0;
  for await (const entry of zip.eachEntry()) {
    inflatedBytes += entry.uncompressedSize;
    if (inflatedBytes > maxInflatedBytes) throw new SheetRefusal(tooLarge("解压后超过限制", "it inflates beyond the limit"));
    entries.set(entry.fileName, entry);
  }
  return async (name) => {
    const entry = entries.get(name);
    return entry && (await zip.openReadStreamPromise(entry));
  };
}

async function readWorkbook(part: Part): Promise<Workbook> {
  const relations = (await collect(parseTags(await part("xl/_rels/workbook.xml.rels")))).filter(
    (tag) => tag.name === "Relationship",
  );
  const tags = await collect(parseTags(await part("xl/workbook.xml")));
  const sheet = tags.find((tag) => tag.name === "sheet" && (tag.attributes["state"] ?? "visible") === "visible");
  const target = (matches: (attributes: Record<string, string>) => boolean) => {
    const path = relations.find((tag) => matches(tag.attributes))?.attributes["Target"] ?? "";
    return path.startsWith("/") ? path.slice(1) : `xl/${path}`;
  };
  const properties = tags.find((tag) => tag.name === "workbookPr")?.attributes ?? {};
  return {
    sheetPath: target((attributes) => attributes["Id"] === (sheet?.attributes["id"] ?? "")),
    stringsPath: target((attributes) => attributes["Type"]?.endsWith("/sharedStrings") ?? false),
    stylesPath: target((attributes) => attributes["Type"]?.endsWith("/styles") ?? false),
    since1904: ["1", "true"].includes(properties["date1904"] ?? ""),
  };
}

type Tag = { name: string; attributes: Record<string, string> };

function parseTags(xml: Readable | undefined): AsyncGenerator<Tag> {
  if (!xml) throw new Error("a part of the workbook is missing");
  return parseXml<Tag>(xml, (emit) => ({ open: (name, attributes) => emit({ name, attributes }) }));
}

/** The shared strings in their order, of rich texts all runs, without the reading aids. */
async function* parseStrings(xml: Readable | undefined): AsyncGenerator<string> {
  if (!xml) return;
  let text = "";
  let aids = 0;
  let inText = false;
  yield* parseXml<string>(xml, (emit) => ({
    open: (name) => {
      if (name === "si") text = "";
      if (name === "rPh") aids++;
      inText = name === "t" && aids === 0;
    },
    text: (piece) => {
      if (inText) text += piece;
    },
    close: (name) => {
      if (name === "t") inText = false;
      if (name === "rPh") aids--;
      if (name === "si") emit(unescapeText(text));
    },
  }));
}

/** For each cell style, in their order, whether its numbers are dates. */
async function* parseStyles(xml: Readable | undefined): AsyncGenerator<boolean> {
  if (!xml) return;
  const codes = new Map<number, string>();
  let inCellFormats = false;
  yield* parseXml<boolean>(xml, (emit) => ({
    open: (name, attributes) => {
      const id = Number(attributes["numFmtId"] ?? 0);
      if (name === "numFmt") codes.set(id, attributes["formatCode"] ?? "");
      if (name === "cellXfs") inCellFormats = true;
      if (name === "xf" && inCellFormats) emit(isDateFormat(id, codes.get(id)));
    },
    close: (name) => {
      if (name === "cellXfs") inCellFormats = false;
    },
  }));
}

function parseRows(
  xml: Readable | undefined,
  strings: string[],
  toText: (value: string, style: number) => string,
): AsyncGenerator<RawRow> {
  if (!xml) throw new Error("the worksheet is missing");
  let row: RawRow = { line: 0, cells: [] };
  let cell = { column: 0, type: "n", style: 0, value: "" };
  let inValue = false;
  let aids = 0;
  return parseXml<RawRow>(xml, (emit) => ({
    open: (name, attributes) => {
      if (name === "row") {
        row = { line: /^\d{1,7}$/.test(attributes["r"] ?? "") ? Number(attributes["r"]) : row.line + 1, cells: [] };
        cell = { ...cell, column: 0 };
      }
      if (name === "c") {
        const column = columnOf(attributes["r"]) ?? cell.column + 1;
        cell = { column, type: attributes["t"] ?? "n", style: Number(attributes["s"] ?? 0), value: "" };
      }
      if (name === "rPh") aids++;
      inValue = (name === "v" || name === "t") && aids === 0;
    },
    text: (piece) => {
      if (inValue) cell.value += piece;
    },
    close: (name) => {
      if (name === "v" || name === "t") inValue = false;
      if (name === "rPh") aids--;
      if (name === "c" && cell.value !== "" && cell.column <= MAX_COLUMNS) {
        while (row.cells.length < cell.column) row.cells.push("");
        row.cells[cell.column - 1] = cellText(cell, strings, toText);
      }
      if (name === "row") emit(row);
    },
  }));
}

function cellText(
  cell: { type: string; style: number; value: string },
  strings: string[],
  toText: (value: string, style: number) => string,
): string {
  switch (cell.type) {
    case "s":
      return strings[Number(cell.value)] ?? "";
    case "n":
      return toText(cell.value, cell.style);
    case "b":
      return cell.value === "0" ? "FALSE" : "TRUE";
    case "inlineStr":
    case "str":
      return unescapeText(cell.value);
    default:
      return cell.value;
  }
}

type Handlers = {
  open?: (name: string, attributes: Record<string, string>) => void;
  text?: (piece: string) => void;
  close?: (name: string) => void;
};

/** Reads XML piece by piece and yields what the handlers emit. Names come without their prefix; entities of a DTD are not known. */
async function* parseXml<T>(xml: Readable, handlersFor: (emit: (item: T) => void) => Handlers): AsyncGenerator<T> {
  let items: T[] = [];
  const { open, text, close } = handlersFor((item) => items.push(item));
  const parser = new SaxesParser();
  if (open) parser.on("opentag", (tag) => open(localName(tag.name), localAttributes(tag)));
  if (text) parser.on("text", text);
  if (text) parser.on("cdata", text);
  if (close) parser.on("closetag", (tag) => close(localName(tag.name)));
  for await (const piece of xml.setEncoding("utf8")) {
    parser.write(piece);
    yield* items;
    items = [];
  }
  parser.close();
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

function localAttributes(tag: SaxesTagPlain): Record<string, string> {
  const own = Object.entries(tag.attributes).filter(([name]) => !name.startsWith("xmlns"));
  return Object.fromEntries(own.map(([name, value]) => [localName(name), value]));
}

/** `BC12` is column 55. */
function columnOf(reference: string | undefined): number | undefined {
  const letters = /^([A-Z]{1,3})\d+$/.exec(reference ?? "")?.[1];
  return letters === undefined ? undefined : [...letters].reduce((column, letter) => column * 26 + letter.charCodeAt(0) - 64, 0);
}

/** Control characters stand in worksheets as `_x000D_`. */
function unescapeText(text: string): string {
  return text.replaceAll(/_x([\dA-Fa-f]{4})_/g, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
