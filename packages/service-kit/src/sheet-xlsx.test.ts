import { crc32, deflateRawSync } from "node:zlib";
import ExcelJS from "exceljs";
import { describe, expect, test } from "vitest";
import { readXlsxRows } from "./sheet-xlsx.ts";

const LIMIT = 64 * 2 ** 20;

async function rowsOf(file: Buffer, limit = LIMIT) {
  const rows = [];
  for await (const row of readXlsxRows(file, limit)) rows.push(row);
  return rows;
}

/** A zip of these parts; `declared` overrides the inflated sizes that the directory states. */
function zip(parts: Record<string, string>, declared: Record<string, number> = {}): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(parts)) {
    const content = Buffer.from(text);
    const packed = deflateRawSync(content);
    const header = Buffer.alloc(26);
    header.writeUInt16LE(20, 0);
    header.writeUInt16LE(8, 4);
    header.writeUInt32LE(crc32(content), 10);
    header.writeUInt32LE(packed.length, 14);
    header.writeUInt32LE(declared[name] ?? content.length, 18);
    header.writeUInt16LE(Buffer.byteLength(name), 22);
    bodies.push(Buffer.from("PK\x03\x04"), header, Buffer.from(name), packed);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x00"), header, place, Buffer.from(name));
    offset += 30 + Buffer.byteLength(name) + packed.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(Object.keys(parts).length, 4);
  end.writeUInt16LE(Object.keys(parts).length, 6);
  end.writeUInt32LE(Buffer.concat(directory).length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...bodies, ...directory, Buffer.from("PK\x05\x06"), end]);
}

const relation = (id: string, type: string, target: string) =>
  `<Relationship Id="${id}" Type="http://x/${type}" Target="${target}"/>`;
const partsOf = (sheetData: string, { strings = "", styles = "", workbookPr = "", doctype = "" } = {}) => ({
  "xl/workbook.xml": `<workbook xmlns:r="r">${workbookPr}<sheets><sheet name="隐藏" state="hidden" r:id="r9"/><sheet name="表" r:id="r1"/></sheets></workbook>`,
  "xl/_rels/workbook.xml.rels": `<Relationships>${relation("r1", "worksheet", "/xl/worksheets/a.xml")}${relation("r2", "sharedStrings", "sharedStrings.xml")}${relation("r3", "styles", "styles.xml")}</Relationships>`,
  "xl/sharedStrings.xml": `<sst>${strings}</sst>`,
  "xl/styles.xml": `<styleSheet>${styles}</styleSheet>`,
  "xl/worksheets/a.xml": `${doctype}<worksheet><sheetData>${sheetData}</sheetData></worksheet>`,
});

const DATE_STYLES = `<numFmts><numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/><numFmt numFmtId="177" formatCode="#,##0.00&quot;days&quot;;[Red]-#,##0.00"/></numFmts>
  <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="176"/><xf numFmtId="177"/></cellXfs>`;

describe("an xlsx worksheet", () => {
  test("brings a spreadsheet program's texts, numbers, dates, formulas and rich text as text, by row number", async () => {
    const workbook = new ExcelJS.Workbook();
    const sheet = workbook.addWorksheet("表");
    sheet.addRow(["姓名", "证件号码", "日期", "金额"]);
    sheet.addRow([]);
    sheet.addRow(["覃明", "451024197503050016", new Date("2022-06-03T00:00:00Z"), 1234.56]);
    sheet.addRow([
      { richText: [{ text: "韦" }, { font: { bold: true }, text: "小明" }] },
      4.5102419750305e17,
      new Date("2022-06-03T08:30:00Z"),
      { formula: "1+1", result: 2 },
    ]);
    sheet.addRow([null, null, null, { error: "#N/A" }]);
    expect(await rowsOf(Buffer.from(await workbook.xlsx.writeBuffer()))).toEqual([
      { line: 1, cells: ["姓名", "证件号码", "日期", "金额"] },
      { line: 3, cells: ["覃明", "451024197503050016", "2022-06-03", "1234.56"] },
      { line: 4, cells: ["韦小明", "4.51024197503050E+17", "2022-06-03 08:30:00", "2"] },
      { line: 5, cells: ["", "", "", "#N/A"] },
    ]);
  });

  test.each([
    ["as double with noise", `<c r="A1"><v>4.5102419750305002E+17</v></c>`, "4.51024197503050E+17"],
    ["with all its digits", `<c r="A1"><v>451024197503050016</v></c>`, "4.51024197503050E+17"],
    ["a phone in Java's notation", `<c r="A1"><v>1.3800138E10</v></c>`, "13800138000"],
    ["a phone", `<c r="A1"><v>13800138000</v></c>`, "13800138000"],
    ["a sum with noise", `<c r="A1"><v>1234.5599999999999</v></c>`, "1234.56"],
    ["a negative sum", `<c r="A1"><v>-0.5</v></c>`, "-0.5"],
    ["a date", `<c r="A1" s="1"><v>44715</v></c>`, "2022-06-03"],
    ["a month by its own format", `<c r="A1" s="2"><v>44713</v></c>`, "2022-06-01"],
    ["a number whose format only looks like a date's", `<c r="A1" s="3"><v>44715</v></c>`, "44715"],
    ["a time of day", `<c r="A1" s="1"><v>0.5</v></c>`, "12:00:00"],
    ["the first day of the count", `<c r="A1" s="1"><v>1</v></c>`, "1900-01-01"],
    ["the first of March 1900", `<c r="A1" s="1"><v>61</v></c>`, "1900-03-01"],
    ["a date beyond the calendar", `<c r="A1" s="1"><v>1e300</v></c>`, "1.00000000000000E+300"],
    ["true", `<c r="A1" t="b"><v>1</v></c>`, "TRUE"],
    ["an ISO date", `<c r="A1" t="d"><v>2022-06-03</v></c>`, "2022-06-03"],
    [
      "an inline rich text with reading aid",
      `<c r="A1" t="inlineStr"><is><r><t>韦</t></r><r><t>明</t></r><rPh sb="0" eb="1"><t>wei</t></rPh></is></c>`,
      "韦明",
    ],
    ["CDATA", `<c r="A1" t="str"><v><![CDATA[<韦>]]></v></c>`, "<韦>"],
    ["an escaped control character", `<c r="A1" t="str"><v>a_x000D_b_x005F_x000D_</v></c>`, "a\rb_x000D_"],
    ["a shared string", `<c r="A1" t="s"><v>1</v></c>`, "第二"],
    ["a shared string with reading aid", `<c r="A1" t="s"><v>2</v></c>`, "覃明"],
  ])("holds %s", async (_name, cell, text) => {
    const strings = "<si><t>第一</t></si><si><t>第二</t></si><si><r><t>覃</t></r><r><t>明</t></r><rPh><t>qin</t></rPh></si>";
    expect(await rowsOf(zip(partsOf(`<row r="1">${cell}</row>`, { strings, styles: DATE_STYLES })))).toEqual([
      { line: 1, cells: [text] },
    ]);
  });

  test("counted from 1904 has the same dates", async () => {
    const parts = partsOf(`<row><c s="1"><v>43253</v></c></row>`, {
      styles: DATE_STYLES,
      workbookPr: `<workbookPr date1904="1"/>`,
    });
    expect(await rowsOf(zip(parts))).toEqual([{ line: 1, cells: ["2022-06-03"] }]);
  });

  test("may leave out references, leave gaps and use a namespace prefix", async () => {
    const rows = `<x:row xmlns:x="x"><x:c t="str"><x:v>a</x:v></x:c><x:c r="C1" t="str"><x:v>c</x:v></x:c><x:c t="str"><x:v>d</x:v></x:c></x:row><row r="none"/><row r="7"><c r="AA7"><v>1</v></c></row><row/>`;
    expect(await rowsOf(zip(partsOf(rows)))).toEqual([
      { line: 1, cells: ["a", "", "c", "d"] },
      { line: 2, cells: [] },
      { line: 7, cells: [...Array(26).fill(""), "1"] },
      { line: 8, cells: [] },
    ]);
  });

  test("keeps every Chinese character, wherever the parts are cut", async () => {
    const names = Array.from({ length: 20_000 }, (_, at) => `覃${"明".repeat(at % 5)}${at}`);
    const rows = names.map((name) => `<row><c t="str"><v>${name}</v></c></row>`).join("");
    expect((await rowsOf(zip(partsOf(rows)))).map((row) => row.cells[0])).toEqual(names);
  });
});

describe("a hostile xlsx", () => {
  const row = `<row><c><v>1</v></c></row>`;

  test("that declares more than the limit is too large, before anything is inflated", async () => {
    await expect(rowsOf(zip(partsOf(row), { "xl/styles.xml": 2 ** 31 }))).rejects.toMatchObject({
      failure: { rule: "sheet-too-large" },
    });
    await expect(rowsOf(zip(partsOf(row.repeat(10_000))), 100_000)).rejects.toMatchObject({
      failure: { rule: "sheet-too-large" },
    });
  });

  test("that inflates to more than it declares is stopped there", async () => {
    await expect(rowsOf(zip(partsOf(row.repeat(10_000)), { "xl/worksheets/a.xml": 2_000 }))).rejects.toThrow("too many bytes");
  });

  test("that defines entities to multiply is refused", async () => {
    const doctype = `<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>`;
    await expect(rowsOf(zip(partsOf(`<row><c t="str"><v>&b;</v></c></row>`, { doctype })))).rejects.toThrow("undefined entity");
  });

  test("whose worksheet breaks off is refused", async () => {
    const parts = partsOf(row);
    await expect(rowsOf(zip({ ...parts, "xl/worksheets/a.xml": `<worksheet><sheetData>${row}` }))).rejects.toThrow(
      "unclosed tag",
    );
    await expect(rowsOf(zip({ "xl/workbook.xml": "<workbook/>" }))).rejects.toThrow("missing");
  });
});
