import { divisionsUnder } from "@shouwang/regions";
import ExcelJS from "exceljs";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Office, startOffice } from "../office.testing.ts";
import { county, newNumber, registerCouple, village } from "../people.testing.ts";
import { rememberFalseLead } from "../screening/run.ts";
import { csv, download, gb18030, type Line, numberOfBill, row, takeIn, titles } from "./upload.testing.ts";

let office: Office;
let url: string;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
  url = office.running.url;
  for (const [key, value] of [
    ["screening.medicalSelfPaid", 1_000_000],
    ["screening.medicalSevere", 3_000_000],
  ]) {
    const loaded = await office.as("county-officer", county).post("/parameters", {
      key,
      region: `${county}000000`,
      value,
      validFrom: "2022-01-01",
      document: "都乡振〔2022〕3号",
    });
    expect(loaded.status).toBe(201);
  }
});
afterAll(() => office.stop());

/** A household of one in the test village, and its member's number. */
async function household(region = village): Promise<{ householdId: string; number: string }> {
  const number = newNumber("1975-03-05", "male");
  const members = [{ name: "韦大明", identityNumber: number, relation: "head", labourSkill: "ordinary" }];
  if (region === village) return { householdId: await registerCouple(office, { members }), number };
  const reply = await office
    .as("village-officer", region)
    .post("/households", { region, householdKind: "ordinary-household", members });
  expect(reply.status).toBe(201);
  return { householdId: String(reply.json["householdId"]), number };
}

type Lead = Record<string, unknown> & { explanation: { code: string; facts?: { value: unknown }[] }[] };
async function leadsOf(householdId: string): Promise<Lead[]> {
  const reply = await office.as("county-officer", county).get(`/risk-leads?householdId=${householdId}`);
  return Object(reply.json["items"]);
}

async function workbook(header: readonly string[], lines: readonly Line[]): Promise<Buffer> {
  const book = new ExcelJS.Workbook();
  book.addWorksheet("医疗费用").addRows([["都安瑶族自治县医疗费用"], [...header], ...lines.map((line) => [...line])]);
  return Buffer.from(await book.xlsx.writeBuffer());
}

async function readBack(feed: { links: { errorsFile: string | null } }): Promise<ExcelJS.Row[]> {
  const book = new ExcelJS.Workbook();
  // Safe: the library's own Buffer type is older than Node's.
  await book.xlsx.load((await download(url, feed.links.errorsFile ?? "")) as unknown as ArrayBuffer);
  return book.worksheets[0]?.getRows(1, book.worksheets[0].rowCount) ?? [];
}
const texts = (line: ExcelJS.Row | undefined) => (Array.isArray(line?.values) ? line.values.slice(1).map(String) : []);

describe("a list of medical bills becomes leads with their explanation", () => {
  test("in GB18030 with other titles, two bills that reach the line together", async () => {
    const { householdId, number } = await household();
    const header = ["患者姓名", "公民身份号码", "出院日期", "票据号", "医疗总费用", "合规自付"];
    const file = csv([row(number, "6000"), row(number, "4000")], header);
    const feed = await takeIn(url, gb18030(file));
    expect(feed).toMatchObject({
      state: "done",
      totals: { rows: 2, taken: 2, refused: 0, unmatched: 0, unchanged: 0, leads: 1 },
    });
    const [lead, ...others] = await leadsOf(householdId);
    expect(others).toEqual([]);
    expect(lead).toMatchObject({
      source: "department-warning",
      cause: "illness",
      severity: "general",
      ruleCode: "medical-self-paid",
      status: "registered",
      epidemic: false,
    });
    expect(lead?.explanation.find(({ code }) => code === "medical-self-paid-at-least")).toMatchObject({
      clause: "M-01",
      parameter: "screening.medicalSelfPaid",
      document: "都乡振〔2022〕3号",
      facts: [{ value: 1_000_000, source: "health 都卫函〔2022〕8号", date: "2022-08-01" }],
    });
  });

  test("as xlsx under a title row, severe at the severe line; a second file joins the open lead", async () => {
    const { householdId, number } = await household();
    await takeIn(url, await workbook(titles, [row(number, "10000")]));
    const feed = await takeIn(url, await workbook(titles, [row(number, "20000")]), { role: "county-officer" });
    expect(feed.totals).toMatchObject({ taken: 1, leads: 0, merged: 1 });
    expect(await leadsOf(householdId)).toMatchObject([{ severity: "severe" }]);
  });

  test.each([
    ["the first day of the twelve months counts", "2021-08-16", 1],
    ["the day before does not", "2021-08-15", 0],
    ["the last day the data are of counts", "2022-08-10", 1],
  ])("%s", async (_, on, leads) => {
    const { number } = await household();
    expect((await takeIn(url, csv([row(number, "10000", { on })]))).totals).toMatchObject({ taken: 1, leads });
  });

  test("below the line, a cost of half the last annual net income, to the fen", async () => {
    const { householdId, number } = await household();
    const amounts = { wageFen: 1_000_002, businessFen: 0, propertyFen: 0, transferFen: 0, businessCostFen: 0 };
    const income = { kind: "annual", from: "2021-01-01", until: "2021-12-31", ...amounts };
    const recorded = await office.as("village-officer", village).post(`/households/${householdId}/incomes`, income);
    expect(recorded.status).toBe(201);
    expect((await takeIn(url, csv([row(number, "5000")]))).totals).toMatchObject({ taken: 1, leads: 0 });
    expect((await takeIn(url, csv([row(number, "0.01")]))).totals).toMatchObject({ taken: 1, leads: 1 });
    expect(await leadsOf(householdId)).toMatchObject([{ ruleCode: "medical-income-share", severity: "general" }]);
  });
});

describe("rows that cannot be taken", () => {
  test("come back as a workbook with the reason in Chinese, the line they stood in, and formulas inert", async () => {
    const { number } = await household();
    const bad = [
      row(`${number.slice(0, 17)}${number.endsWith("0") ? "1" : "0"}`, "100"),
      row(number, "600", { total: "500" }),
      row(number, "100", { on: "2022-08-11" }),
      ["=HYPERLINK(A1)", number, "2022-08-01", "+1-1", "-5", "@SUM(A1)"],
    ];
    const feed = await takeIn(url, csv([row(number, "1"), ...bad]));
    expect(feed.totals).toMatchObject({ rows: 5, taken: 1, refused: 4 });
    const [header, ...lines] = await readBack(feed);
    expect(texts(header)).toEqual([...titles, "问题", "原行号"]);
    expect(lines.map((line) => texts(line).slice(-2))).toEqual([
      ["证件号码校验码不正确，请核对是否录错", "3"],
      ["个人自付大于总费用", "4"],
      ["结算日期晚于数据日期", "5"],
      ["总费用:金额不能为负数；个人自付:金额格式不正确，请以元为单位填写数字", "6"],
    ]);
    expect(texts(lines[0]).slice(0, -2)).toEqual(bad[0]);
    const cells = [1, 4, 5, 6].map((column) => lines[3]?.getCell(column));
    expect(cells.map((cell) => [cell?.type, cell?.text, cell?.numFmt])).toEqual(
      ["=HYPERLINK(A1)", "+1-1", "-5", "@SUM(A1)"].map((text) => [ExcelJS.ValueType.String, text, "@"]),
    );
  });

  test("a mended workbook can be sent as it is", async () => {
    const { number } = await household();
    const feed = await takeIn(url, csv([row(number, "600", { total: "500" })]));
    const book = new ExcelJS.Workbook();
    // Safe: the library's own Buffer type is older than Node's.
    await book.xlsx.load((await download(url, feed.links.errorsFile ?? "")) as unknown as ArrayBuffer);
    for (const sheet of book.worksheets) sheet.getRow(2).getCell(6).value = "400";
    const again = await takeIn(url, Buffer.from(await book.xlsx.writeBuffer()));
    expect(again.totals).toMatchObject({ rows: 1, taken: 1, refused: 0 });
  });

  test("a bill that came before with other amounts is refused, in the same file and in a later one", async () => {
    const { number } = await household();
    const [one, two] = [numberOfBill(), numberOfBill()];
    const first = await takeIn(url, csv([row(number, "1", { bill: one }), row(number, "2", { bill: one })]));
    expect(first.totals).toMatchObject({ taken: 1, refused: 1 });
    const later = await takeIn(url, csv([row(number, "3", { bill: one }), row(number, "3", { bill: two })]));
    expect(later.totals).toMatchObject({ taken: 1, refused: 1, unchanged: 0 });
    expect(texts((await readBack(later))[1]).at(-2)).toBe("该记录已登记,内容与本次不同,请核对");
  });
});

test("a person of another county and one nobody registered look the same: not matched", async () => {
  const elsewhere = divisionsUnder("451024", "village")[0]?.code ?? "";
  const other = await household(elsewhere);
  const unknown = newNumber("1990-01-01", "female");
  const one = await takeIn(url, csv([row(other.number, "20000")]));
  const two = await takeIn(url, csv([row(unknown, "20000")]));
  const { feedId: _, ...said } = one;
  expect(said).toMatchObject({ totals: { rows: 1, unmatched: 1, taken: 0, refused: 0 }, links: { errorsFile: null } });
  expect({ ...two, feedId: "", finishedAt: "", uploadedAt: "", jobId: "" }).toEqual({
    ...one,
    feedId: "",
    finishedAt: "",
    uploadedAt: "",
    jobId: "",
  });
});

test("the same file twice changes nothing", async () => {
  const { householdId, number } = await household();
  const file = csv([row(number, "12000"), row(number, "1")]);
  await takeIn(url, file);
  const before = { leads: await leadsOf(householdId), outbox: (await office.outbox()).length };
  const again = await takeIn(url, file);
  expect(again.totals).toMatchObject({ rows: 2, taken: 0, unchanged: 2, leads: 0, merged: 0 });
  expect(await leadsOf(householdId)).toEqual(before.leads);
  const events = (await office.outbox()).slice(before.outbox);
  expect(events.map(({ type }) => type)).toEqual(["monitoring.import.finished.v1"]);
  expect(events[0]?.data).toEqual({
    importId: again.feedId,
    layout: "medical-bills",
    region: `${county}000000`,
    rows: 2,
    taken: 0,
    refused: 0,
    unchanged: 2,
  });
});

test("a lead found to be false is not raised on the same facts, and is on one bill more", async () => {
  const { householdId, number } = await household();
  const [one, two, three] = [row(number, "8000"), row(number, "3000"), row(number, "5")];
  await takeIn(url, csv([one, two]));
  const [lead] = await leadsOf(householdId);
  const client = new pg.Client({ connectionString: office.adminUrl });
  await client.connect();
  await client.query("update monitoring.risk_lead set status = 'rejected', rejected_because = 'not-at-risk' where id = $1", [
    lead?.["leadId"],
  ]);
  await client.end();
  const principal = { issuer: "test", subject: "township", roles: ["township-officer" as const], region: county };
  await office.running.db.withTx(principal, (tx) =>
    rememberFalseLead(tx, { leadId: String(lead?.["leadId"]), householdId, cause: "illness" }, office.now()),
  );
  const dry = await office.as("county-officer", county).post("/screening-runs/dry", { rules: ["medical-self-paid"] });
  expect(dry.json).toMatchObject({ knownFalse: 1 });
  const list = await office.as("county-officer", county).post("/screening-runs/dry/findings", { rules: ["medical-self-paid"] });
  expect(list.status).toBe(200);
  expect(JSON.stringify(list.json)).not.toContain(householdId);
  const more = await takeIn(url, csv([three]));
  expect(more.totals).toMatchObject({ taken: 1, leads: 1, knownFalse: 0 });
});

test("no number and no name stands in events, jobs, feeds, refusals or the names of files", async () => {
  const { number } = await household();
  await takeIn(url, csv([row(number, "20000"), row(number, "9", { total: "8" })]));
  const client = new pg.Client({ connectionString: office.adminUrl });
  await client.connect();
  for (const table of ["kit.outbox", "kit.job", "kit.job_chunk", "kit.audit", "kit.received_list", "kit.refused_row"]) {
    const { rows } = await client.query<{ text: string }>(`select t::text as text from ${table} t`);
    expect(rows.length, table).toBeGreaterThan(0);
    for (const { text } of rows) expect(text, table).not.toMatch(new RegExp(`${number}|\\b\\d{17}[\\dX]\\b|韦大明`));
  }
  const left = await client.query("select from monitoring.feed_row");
  expect(left.rowCount).toBe(0);
  const files = await client.query<{ name: string }>("select distinct name from kit.file");
  expect(JSON.stringify(files.rows)).not.toContain("韦大明");
  await client.end();
});
