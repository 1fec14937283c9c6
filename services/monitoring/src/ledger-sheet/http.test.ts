import { until } from "@shouwang/testkit";
import ExcelJS from "exceljs";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { admin, earningCouple, runListing } from "../focus-household/focus.testing.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, village } from "../people.testing.ts";

let office: Office;
let households: string[];
beforeAll(async () => {
  office = await startOffice("2022-08-15");
  households = [await earningCouple(office, 1_500_000, 900_000), await earningCouple(office, 1_100_000, 1_000_000)];
  await runListing(office);
});
afterAll(() => office.stop());
const asVillage = () => office.as("village-officer", village);

const open = async (response: Response): Promise<ExcelJS.Workbook> => {
  expect(response.status).toBe(200);
  const workbook = new ExcelJS.Workbook();
  await workbook.xlsx.load(await response.arrayBuffer());
  return workbook;
};
const ask = (
  path: string,
  body: unknown,
  role: "village-officer" | "county-officer" = "village-officer",
  more: Record<string, string> = {},
) =>
  office.as(role, role === "county-officer" ? county : village).send(path, {
    method: "POST",
    headers: { "content-type": "application/json", ...more },
    body: JSON.stringify(body),
  });

test("a village's ledger sheet has the official columns, masked people, a totals row and a mark on every page; its purpose is in the audit", async () => {
  const [first = ""] = households;
  const today = office.today();
  await asVillage().post(`/households/${first}/monthly-helps`, { kind: "job-found", helpedOn: today });
  const line = {
    quarter: "2022-Q3",
    trend: "worse",
    cause: "unstable-work",
    expectedPerCapitaFen: 950_000,
    perCapitaFen: 210_050,
  };
  await asVillage().post(`/households/${first}/quarterly-analyses`, line);
  await admin(office, "update monitoring.household set household_no = '=1+1' where id = $1", [first]);

  const workbook = await open(await ask("/ledger-sheets", { region: village, purpose: "村级月调度会" }));
  const sheet = workbook.worksheets[0];
  if (!sheet) throw new Error("no sheet");
  const texts = (row: number) => (sheet.getRow(row).values as unknown[]).slice(1); // Safe: exceljs answers a sparse array from 1.
  expect(String(texts(1)[0])).toContain("2022年收入监测重点户台账");
  expect(String(texts(2)[0])).toMatch(/填报人.*审核人.*日期:2022-08-15/);
  expect(texts(3)).toEqual([
    ...["序号", "户编号", "户主", "身份证", "家庭人口", "户类型", "监测类别", "2020人均", "2021人均", "增减"],
    ...["2022一季人均", "2022二季人均", "2022三季人均", "2022四季人均", "纳入重点原因", "主要困难", "劳动力数", "务工(人/月)"],
    ...["产业项目", "已享政策", "帮扶责任人", "联系电话", ...Array.from({ length: 12 }, (_, month) => `${month + 1}月帮扶`)],
    ...["季度分析Q1", "季度分析Q2", "季度分析Q3", "季度分析Q4", "预计年人均", "责任单位", "备注"],
  ]);
  const row = sheet.getRow(4);
  const cell = (title: string) => row.getCell(texts(3).indexOf(title) + 1);
  expect(cell("户主").value).toBe("韦*明");
  expect(cell("身份证").value).toMatch(/^451228\*{8}/);
  expect(cell("身份证").numFmt).toBe("@");
  expect(cell("户编号")).toMatchObject({ value: "=1+1", numFmt: "@", type: ExcelJS.ValueType.String });
  expect([cell("2020人均"), cell("2021人均"), cell("增减"), cell("2022三季人均")].map((one) => one.value)).toEqual([
    15_000, 9_000, -6_000, 2_100.5,
  ]);
  expect([cell("纳入重点原因"), cell("主要困难"), cell("8月帮扶"), cell("季度分析Q3")].map((one) => one.value)).toEqual([
    "ab",
    "因务工就业不稳",
    "√",
    "变差",
  ]);
  expect(texts(6).slice(0, 2)).toEqual(["合计", "2户"]);
  expect(sheet.pageSetup).toMatchObject({ orientation: "landscape", paperSize: 8 });
  expect(sheet.headerFooter.oddHeader).toContain(`village-officer-${village}`);
  const audit = await admin(office, "select action, purpose, clause from kit.audit where entity = 'ledger-sheet'");
  expect(audit).toEqual([{ action: "download-ledger-sheet", purpose: "村级月调度会", clause: "M-06" }]);
});

test("without a purpose, and outside one's area, there is no sheet", async () => {
  expect((await ask("/ledger-sheets", { region: village })).status).toBe(400);
  const idempotent = () => ({ "idempotency-key": uuidv7() });
  for (const path of ["/ledger-sheets", "/focus-analysis-sheets", "/ledger-sheet-files"]) {
    const send = async (region: string) =>
      await (await ask(path, { region, purpose: "别县台账" }, "county-officer", idempotent())).json();
    expect(await send("451229"), path).toMatchObject({ status: 422, code: "outside-area" });
    expect(await send("451299"), path).toMatchObject({ status: 422, code: "unknown-division" });
  }
});

test("a county's ledger sheets are written as files by a job, one a township, for whoever asked", async () => {
  const officer = office.as("county-officer", county);
  const asked = await officer.post("/ledger-sheet-files", { region: county, purpose: "县级台账归档" });
  const job = await until(async () => {
    const read = await officer.get(`/jobs/${asked.json["jobId"]}`);
    return read.json["state"] === "done" ? read.json : undefined;
  });
  expect(job).toMatchObject({ totals: { files: 1, households: 2 } });
  const [fileId] = Object(job["result"]).files;
  const workbook = await open(await officer.send(`/files/${fileId}`, {}));
  expect(workbook.worksheets).toHaveLength(1);
  expect((await office.as("county-officer", county, "other").get(`/files/${fileId}`)).json).toMatchObject({ code: "not-found" });
});

test("the county's analysis says how incomes spread, by condition, cause, place and quarter", async () => {
  const workbook = await open(await ask("/focus-analysis-sheets", { region: county, purpose: "县级季度会商" }, "county-officer"));
  expect(workbook.worksheets.map((sheet) => sheet.name)).toEqual(["收入分布", "纳入原因", "分地区", "主要困难", "季度环比"]);
  const rows = (name: string) => {
    const all: unknown[][] = [];
    workbook.getWorksheet(name)?.eachRow((row) => all.push((row.values as unknown[]).slice(1))); // Safe: as above.
    return all;
  };
  expect(rows("收入分布")).toContainEqual(["7000–10000元(含)", 2, 100, 9_500]);
  expect(rows("纳入原因")).toContainEqual(["a+b", 2, 100, 9_500]);
  expect(rows("分地区").at(-1)?.slice(0, 2)).toEqual(["合计", 2]);
  expect(
    rows("季度环比")
      .find((row) => row[0] === "变差")
      ?.slice(0, 5),
  ).toEqual(["变差", 0, 0, 0, 1]);
});

test("M-06: a village's sheet is whole when no household lacks an income or a line of an ended quarter", async () => {
  const figure = async () => {
    const clauses: { clause: string; indicators: { code: string }[] }[] = Object((await asVillage().get("/clauses")).json)[
      "clauses"
    ];
    return clauses.flatMap((one) => one.indicators).find((one) => one.code === "M-06");
  };
  expect(await figure()).toMatchObject({ value: 100, numerator: 1, denominator: 1 });
  await office.advance(50);
  expect(await figure()).toMatchObject({ value: 0 });
  expect((await asVillage().get("/ledger-gaps")).json["items"]).toMatchObject([{ region: village, households: 2, gaps: 1 }]);
});

test("a sheet of more than two thousand households is refused, and files are offered instead", async () => {
  await admin(
    office,
    `with copies as (insert into monitoring.household (id, region, household_kind, headcount, able_workers, low_income, safety_net_only, relocated, synthetic, created_at, updated_at)
         select uuidv7(), region, household_kind, headcount, able_workers, low_income, safety_net_only, relocated, synthetic, created_at, updated_at
         from monitoring.household cross join generate_series(1, 2000) where id = $1 returning id, region)
       insert into monitoring.focus_household (id, household_id, region, year, criteria, listed_on, version)
         select uuidv7(), copies.id, copies.region, year, criteria, listed_on, 1 from monitoring.focus_household f cross join copies where f.household_id = $1`,
    [households[0]],
  );
  const large = await ask("/ledger-sheets", { region: county, purpose: "县级台账归档" }, "county-officer");
  expect(await large.json()).toMatchObject({ status: 422, code: "sheet-too-large" });
});
