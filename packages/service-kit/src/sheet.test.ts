import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseBusinessDate } from "./calendar.ts";
import { checkIdentityNumber } from "./identity.ts";
import { readSheet, type SheetOptions } from "./sheet.ts";
import { writeCsv, writeWorkbook } from "./sheet-write.ts";

const columns = [
  { key: "name", titles: ["姓名"], required: true },
  { key: "identityNumber", titles: ["证件号码", "身份证号"], required: true },
  { key: "phone", titles: ["户联系电话", "联系电话"] },
] as const;

async function read(
  source: Buffer | string | Readable,
  options: Partial<SheetOptions<"name" | "identityNumber" | "phone">> = {},
) {
  const sheet = await readSheet(typeof source === "string" ? Buffer.from(source) : source, { columns, ...options });
  if (!sheet.ok) return sheet;
  const rows = [];
  for await (const row of sheet.rows) rows.push(row);
  return { ...sheet, rows };
}

const expected = { ok: true, rows: [{ line: 2, cells: { name: "覃明", identityNumber: "451024197503050016", phone: "" } }] };

describe("a CSV file", () => {
  const text = "姓名,证件号码\r\n覃明,451024197503050016\r\n";
  // "姓名,证件号码\r\n覃明,451024197503050016\r\n" in GB18030
  const gb18030 = Buffer.concat([
    Buffer.from("d0d5c3fb2cd6a4bcfebac5c2eb0d0af1fbc3f72c", "hex"),
    Buffer.from("451024197503050016\r\n"),
  ]);
  test.each([
    ["UTF-8", Buffer.from(text)],
    ["UTF-8 with BOM", Buffer.from(`\ufeff${text}`)],
    ["UTF-16 with BOM", Buffer.from(`\ufeff${text}`, "utf16le")],
    ["GB18030", gb18030],
    ["semicolons", Buffer.from(text.replaceAll(",", ";"))],
    ["tabs", Buffer.from(text.replaceAll(",", "\t"))],
    ["line feeds only", Buffer.from(text.replaceAll("\r", ""))],
    ["everything quoted", Buffer.from(`"姓名","证件号码"\n"覃明","451024197503050016"`)],
    ["the number kept as text by a formula", Buffer.from(`姓名,证件号码\n覃明,="451024197503050016"\n`)],
    ["the number kept as text by a tab", Buffer.from(`姓名,证件号码\n覃明,\t451024197503050016\n`)],
    [
      "a synonym, an asterisk, spaces and full-width characters",
      Buffer.from(`姓 名*, ＊身份证号\n　覃明　,４５１０２４１９７５０３０５００１６\n`),
    ],
  ])("in %s is read", async (_name, file) => {
    expect(await read(file)).toMatchObject(expected);
  });

  test("of a stream is read piece by piece", async () => {
    expect(await read(Readable.from([Buffer.from(text).subarray(0, 5), Buffer.from(text).subarray(5)]))).toMatchObject(expected);
  });

  test("keeps line numbers over empty lines and line breaks in a value, and drops empty rows", async () => {
    const sheet = await read(`姓名,证件号码\n\n"覃\n明",1\n,\n韦明,2\n`);
    expect(sheet.ok && sheet.rows.map((row) => [row.line, row.cells.name])).toEqual([
      [3, "覃\n明"],
      [5, "韦明"],
    ]);
  });
});

describe("the header", () => {
  test("may stand behind title rows; other columns keep their titles, twins get a number", async () => {
    const sheet = await read("监测对象信息,,,\n单位：那坡县,,,\n姓名,证件号码,工资,工资,姓名,,phone\n覃明,1,2,3,4,5,6\n");
    expect(sheet).toMatchObject({
      ok: true,
      headerLine: 3,
      columns: [
        { key: "name", title: "姓名" },
        { key: "identityNumber", title: "证件号码" },
        { key: "工资", title: "工资" },
        { key: "工资(2)", title: "工资" },
        { key: "姓名", title: "姓名" },
        { key: "", title: "" },
        { key: "phone(2)", title: "phone" },
      ],
      rows: [
        {
          line: 4,
          cells: { name: "覃明", identityNumber: "1", phone: "", 工资: "2", "工资(2)": "3", 姓名: "4", "phone(2)": "6" },
        },
      ],
    });
  });

  test("of hostile names reaches no prototype", async () => {
    const sheet = await read("姓名,证件号码,__proto__,constructor\n覃明,1,x,y\n");
    expect(sheet.ok && Object.getPrototypeOf(sheet.rows[0]?.cells)).toBe(Object.prototype);
    expect(sheet.ok && Object.entries(sheet.rows[0]?.cells ?? {})).toContainEqual(["__proto__", "x"]);
  });

  test.each([
    ["lacks a column", "姓名,性别\n覃明,男\n", ["证件号码"]],
    ["is on the sixth row", "a\nb\nc\nd\ne\n姓名,证件号码\n", ["姓名", "证件号码"]],
    ["is not there", "", ["姓名", "证件号码"]],
  ])("that %s is refused by the names of what is missing", async (_name, text, missing) => {
    const refusal = await read(text);
    expect(refusal).toMatchObject({ ok: false, rule: "sheet-missing-columns", columns: missing });
    for (const title of missing) expect(!refusal.ok && refusal.zh).toContain(title);
  });

  test("is read for its first thousand columns, and rows for as many as it has", async () => {
    const sheet = await read(`姓名,证件号码${",x".repeat(2_000)}\n覃明,1\n`);
    expect(sheet.ok && sheet.columns.length).toBe(1_000);
    const wide = await read(`姓名,证件号码\n覃明,1${",x".repeat(2_000)}\n,,x\n`);
    expect(wide.ok && wide.rows.map((row) => row.cells)).toEqual([{ name: "覃明", identityNumber: "1", phone: "" }]);
  });

  test("without required columns is the first row with a known one", async () => {
    const sheet = await readSheet(Buffer.from("名单\n联系电话\n1\n"), { columns: [{ key: "phone", titles: ["联系电话"] }] });
    expect(sheet).toMatchObject({ ok: true, headerLine: 2 });
  });
});

describe("a file that cannot be taken", () => {
  test.each([
    ["an old xls or an encrypted file", Buffer.from("d0cf11e0a1b11ae10000", "hex")],
    ["a broken zip", Buffer.from("PK\x03\x04 no more")],
    ["a picture", Buffer.from("89504e470d0a1a0a0000000d49484452", "hex")],
    ["an open quote", Buffer.from(`"姓名,证件号码\n覃明`)],
  ])("%s is unreadable", async (_name, file) => {
    expect(await read(file)).toMatchObject({ ok: false, rule: "sheet-unreadable" });
  });

  test("broken further down is refused while rows are read, without quoting it", async () => {
    const text = `姓名,证件号码\n${"覃明,451024197503050016\n".repeat(20_000)}"韦`;
    await expect(read(text)).rejects.toMatchObject({ message: "sheet-unreadable", failure: { rule: "sheet-unreadable" } });
  });

  test("too many bytes, rows or inflated bytes are too large", async () => {
    const text = "姓名,证件号码\n覃明,1\n韦明,2\n";
    expect(await read(text, { maxBytes: 20 })).toMatchObject({ ok: false, rule: "sheet-too-large" });
    expect(await read(Readable.from([Buffer.from(text)]), { maxBytes: 20 })).toMatchObject({
      ok: false,
      rule: "sheet-too-large",
    });
    await expect(read(text, { maxRows: 1 })).rejects.toMatchObject({ failure: { rule: "sheet-too-large" } });
    expect(await read(text, { maxRows: 2 })).toMatchObject({ ok: true });
    const workbook = await buffer(writeWorkbook({ sheetName: "表", columns: [{ key: "name", title: "姓名" }], rows: [] }));
    expect(await read(workbook, { maxInflatedBytes: 1_000 })).toMatchObject({ ok: false, rule: "sheet-too-large" });
  });

  test("an outage of the source is not the file's fault", async () => {
    const source = new Readable({
      read() {
        this.destroy(new Error("disk"));
      },
    });
    await expect(read(source)).rejects.toThrow("disk");
  });

  test("any bytes are answered by rows or a failure", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        expect((await read(Buffer.from([...Buffer.from("PK\x03\x04"), ...bytes]))).ok).toBe(false);
        expect((await read(Buffer.from(bytes))).ok).toBe(false);
      }),
    );
  });
});

test("an identity number stored as a number is told from a mistyped one", async () => {
  const file = await buffer(
    writeWorkbook({
      sheetName: "表",
      columns: [
        { key: "name", title: "姓名" },
        { key: "id", title: "证件号码" },
      ],
      rows: [{ name: "覃明", id: 4.5102419750305e17 }],
    }),
  );
  const sheet = await read(file);
  const text = (sheet.ok && sheet.rows[0]?.cells.identityNumber) || "";
  expect(checkIdentityNumber(text, parseBusinessDate("2022-08-01"))).toMatchObject({
    ok: false,
    rule: "identity-scientific-notation",
  });
});

test("any text written to CSV or xlsx reads back, but for the space around and full-width characters", async () => {
  const cell = fc
    .string({ unit: fc.constantFrom(..."覃明=+-@'\",;\t\r\n&<>_x000D é😀1"), maxLength: 12 })
    // What other programs write to keep text from being a number is read as its content, and so is not read back as it stands.
    .filter((text) => !/^\s*="[\s\S]*"\s*$/.test(text));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ name: cell, phone: cell }), { minLength: 1, maxLength: 5 }), async (people) => {
      const spec = {
        sheetName: "表",
        columns: [
          { key: "name", title: "姓名" },
          { key: "id", title: "证件号码", text: true },
          { key: "phone", title: "联系电话" },
        ],
        rows: people.map((person) => ({ ...person, id: "451024197503050016" })),
      };
      const wanted = people.map(({ name, phone }) => [normal(name), "451024197503050016", normal(phone)]);
      for (const file of [writeCsv(spec), writeWorkbook(spec)]) {
        const sheet = await read(await buffer(file));
        expect(sheet.ok && sheet.rows.map(({ cells }) => [cells.name, cells.identityNumber, cells.phone].map(newlines))).toEqual(
          wanted.map((row) => row.map(newlines)),
        );
      }
    }),
    { numRuns: 60 },
  );
});

/** What `readSheet` documents: an apostrophe that guards a formula, or a `="…"` around, does not survive; space around neither. */
const normal = (text: string) =>
  text
    .replace(/^="(.*)"$/s, "$1")
    .replace(/^'(?=[=+\-@\t\r])/, "")
    .trim();
/** Line ends inside a cell are the format's to choose. */
const newlines = (text: string) => text.replaceAll(/\r\n?/g, "\n");
