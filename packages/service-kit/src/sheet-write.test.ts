import type { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import ExcelJS from "exceljs";
import { describe, expect, test } from "vitest";
import { readSheet } from "./sheet.ts";
import { writeCsv, writeErrorWorkbook, writeWorkbook } from "./sheet-write.ts";

const columns = [
  { key: "name", title: "姓名" },
  { key: "identityNumber", title: "证件号码", width: 22, text: true },
  { key: "yuan", title: "金额(元)" },
];
const rows = [{ name: "覃明", identityNumber: "451024197503050016", yuan: 800.5 }];

async function open(stream: Readable) {
  const workbook = new ExcelJS.Workbook();
  // Safe: exceljs declares its own Buffer type, which a Node Buffer satisfies at run time.
  await workbook.xlsx.load((await buffer(stream)) as unknown as ExcelJS.Buffer);
  const sheet = workbook.worksheets[0];
  if (!sheet) throw new Error("no sheet");
  return sheet;
}

describe("a workbook", () => {
  test("has title, note and header above the rows, repeats the header in print and signs each page", async () => {
    const sheet = await open(
      writeWorkbook({ sheetName: "补助", title: "交通补助花名册", note: "单位：那坡县", footer: "张三&李四", columns, rows }),
    );
    expect(sheet.name).toBe("补助");
    expect([1, 2, 3, 4].map((line) => sheet.getRow(line).getCell(1).text)).toEqual([
      "交通补助花名册",
      "单位：那坡县",
      "姓名",
      "覃明",
    ]);
    expect([sheet.getCell("C1").isMerged, sheet.getCell("C2").isMerged, sheet.getCell("C3").isMerged]).toEqual([
      true,
      true,
      false,
    ]);
    expect(sheet.pageSetup).toMatchObject({ orientation: "landscape", paperSize: 9, printTitlesRow: "3:3" });
    expect(sheet.headerFooter.oddFooter).toContain("张三&&李四");
    expect(sheet.getCell("A3").font.bold).toBe(true);
  });

  test("keeps identity numbers as text and amounts as numbers", async () => {
    const sheet = await open(
      writeWorkbook({ sheetName: "表", columns, rows: [...rows, { name: "韦明", identityNumber: null }] }),
    );
    expect(sheet.getCell("B2")).toMatchObject({ value: "451024197503050016", numFmt: "@" });
    expect(sheet.getCell("C2").value).toBe(800.5);
    expect(sheet.getCell("B2").font.name).toBe("宋体");
    expect(sheet.getCell("B3").text).toBe("");
  });

  test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", `=HYPERLINK("http://x","y")`, "＝1+1"])(
    "writes %j as text that stays text",
    async (attack) => {
      const sheet = await open(
        writeWorkbook({
          sheetName: "表",
          title: attack,
          columns: [...columns, { key: "x", title: attack }],
          rows: [{ name: attack, x: attack }],
        }),
      );
      for (const cell of [sheet.getCell("A1"), sheet.getCell("D2"), sheet.getCell("A3"), sheet.getCell("D3")]) {
        expect(cell.formula).toBeUndefined();
        expect(cell.type).toBe(ExcelJS.ValueType.String);
      }
      expect([
        sheet.getCell("A1").numFmt,
        sheet.getCell("D2").numFmt,
        sheet.getCell("A3").numFmt,
        sheet.getCell("D3").numFmt,
      ]).toEqual(["@", "@", "@", "@"]);
    },
  );

  test("cuts a cell at what a spreadsheet can hold", async () => {
    const sheet = await open(writeWorkbook({ sheetName: "表", columns, rows: [{ name: "长".repeat(40_000) }] }));
    expect(sheet.getCell("A2").text).toHaveLength(32_767);
  });

  test("whose rows fail ends in that error", async () => {
    const failing = (async function* () {
      yield { name: "覃明" };
      throw new Error("database gone");
    })();
    await expect(buffer(writeWorkbook({ sheetName: "表", columns, rows: failing }))).rejects.toThrow("database gone");
    await expect(buffer(writeCsv({ columns, rows: failingAgain() }))).rejects.toThrow("database gone");
  });

  test("nobody reads any more stops asking for rows", async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const endless = (async function* () {
      try {
        for (;;) {
          yield { name: "覃明".repeat(50) };
          await new Promise(setImmediate);
        }
      } finally {
        resolve();
      }
    })();
    const stream = writeWorkbook({ sheetName: "表", columns, rows: endless });
    for await (const _piece of stream) break;
    await closed;
  });
});

async function* failingAgain() {
  yield { name: "覃明" };
  throw new Error("database gone");
}

describe("an error workbook", () => {
  test("gives the columns back with reasons and line, and can be read again without doubling them", async () => {
    const original = await readSheet(Buffer.from("名单\n姓名,证件号码,备注,\n覃明,123,=x,5\n"), {
      columns: [
        { key: "name", titles: ["姓名"], required: true },
        { key: "identityNumber", titles: ["证件号码"] },
      ],
    });
    if (!original.ok) throw new Error(original.rule);
    const failing = (async function* () {
      for await (const { line, cells } of original.rows)
        yield { line, cells, reasons: [{ zh: "证件号码应为18位" }, { zh: "金额为空" }] };
    })();
    const file = await buffer(writeErrorWorkbook(original.columns, failing));
    const again = await readSheet(file, { columns: [{ key: "name", titles: ["姓名"], required: true }] });
    if (!again.ok) throw new Error(again.rule);
    const read = [];
    for await (const row of again.rows) read.push(row.cells);
    expect(read).toEqual([{ name: "覃明", 证件号码: "123", 备注: "=x", 问题: "证件号码应为18位；金额为空", 原行号: "3" }]);
    const third = await open(
      writeErrorWorkbook(again.columns, [{ line: 2, cells: read[0] ?? {}, reasons: [{ zh: "仍有问题" }] }]),
    );
    expect(third.getRow(1).values).toEqual([undefined, "姓名", "证件号码", "备注", "问题", "原行号"]);
    expect(third.getCell("B2")).toMatchObject({ value: "123", numFmt: "@" });
    expect(third.getCell("D2").value).toBe("仍有问题");
  });
});

describe("a CSV export", () => {
  test("starts with a BOM, quotes text, keeps long numbers text and defuses formulas", async () => {
    const file = await buffer(
      writeCsv({ columns, rows: [...rows, { name: "=cmd|' /C calc'!A0", identityNumber: "无", yuan: -5 }, { name: "-1" }] }),
    );
    expect(file.subarray(0, 3).toString("hex")).toBe("efbbbf");
    expect(file.toString().slice(1).split("\r\n")).toEqual([
      `"姓名","证件号码","金额(元)"`,
      `"覃明","451024197503050016\t",800.5`,
      `"'=cmd|' /C calc'!A0","无",-5`,
      `"'-1","",""`,
      "",
    ]);
  });

  test("of no rows is the header", async () => {
    expect(await text(writeCsv({ columns, rows: [] }))).toContain("姓名");
  });
});

test("50,000 rows, 60 MB of XML, go out and come back without being held in memory", async () => {
  const COUNT = 50_000;
  const note = "收入大幅下降，需要帮扶。".repeat(30);
  const peak = { heapUsed: 0, external: 0 };
  const watch = () => {
    const { heapUsed, external } = process.memoryUsage();
    peak.heapUsed = Math.max(peak.heapUsed, heapUsed);
    peak.external = Math.max(peak.external, external);
  };
  const identityNumberOf = (at: number) => String(451024197503050016n + BigInt(at));
  const many = (async function* () {
    for (let at = 0; at < COUNT; at++) {
      if (at % 100 === 0) watch();
      yield { name: `覃明${at}`, identityNumber: identityNumberOf(at), note };
    }
  })();
  const start = process.memoryUsage();
  const file = await buffer(
    writeWorkbook({ sheetName: "表", columns: [...columns.slice(0, 2), { key: "note", title: "备注" }], rows: many }),
  );
  const sheet = await readSheet(file, {
    columns: [
      { key: "name", titles: ["姓名"], required: true },
      { key: "identityNumber", titles: ["证件号码"] },
      { key: "note", titles: ["备注"] },
    ],
  });
  if (!sheet.ok) throw new Error(sheet.rule);
  let count = 0;
  let wrong = 0;
  for await (const { line, cells } of sheet.rows) {
    if (
      line !== count + 2 ||
      cells.name !== `覃明${count}` ||
      cells.identityNumber !== identityNumberOf(count) ||
      cells.note !== note
    )
      wrong++;
    if (++count % 100 === 0) watch();
  }
  expect([count, wrong]).toEqual([COUNT, 0]);
  expect((peak.external - start.external) / 2 ** 20).toBeLessThan(30);
  expect((peak.heapUsed - start.heapUsed) / 2 ** 20).toBeLessThan(200);
});
