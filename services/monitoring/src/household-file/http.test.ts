import ExcelJS from "exceljs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assignedHelper, includedCase } from "../case.testing.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, newNumber, registerCouple, township, village } from "../people.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());

const identityNumber = newNumber("1975-03-05", "male");
const registered = () =>
  registerCouple(office, {
    householdNo: "=1+1",
    members: [{ name: "韦大明", identityNumber, relation: "head", labourSkill: "ordinary", phone: "13800138000" }],
  });
const copy = (role: "village-officer" | "township-officer", householdId: string, body: Record<string, unknown>) =>
  office.as(role, role === "village-officer" ? village : township).send(`/households/${householdId}/file-copies`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
const open = async (response: Response) => {
  const workbook = new ExcelJS.Workbook();
  await workbook.xlsx.load(await response.arrayBuffer());
  return workbook;
};
const purposes = async () => {
  const { rows } = await office.running.db.pool.query(
    "select action, purpose from kit.audit where action like 'export-household-file%' order by id",
  );
  return rows;
};

describe("M-04b: one household, one file", () => {
  test("the answer says of every part whether it is there, missing or to come, and since when", async () => {
    const { householdId, caseId } = await includedCase(office, "2022-08-08");
    await assignedHelper(office, caseId, "2022-08-15", "helper-of-file");
    const file = (await office.as("county-officer", county).get(`/households/${householdId}/file`)).json;
    const state = Object.fromEntries(
      (file["parts"] as { part: string; state: string; since: string | null }[]).map((part) => [
        part.part,
        [part.state, part.since],
      ]),
    );
    expect(state).toMatchObject({
      members: ["have", "2022-08-15"],
      helper: ["have", "2022-08-15"],
      "household-plan": ["missing", "2022-08-14"],
      "county-approval": ["have", "2022-08-08"],
      clearance: ["not-due", null],
    });
    expect(file["completeness"]).toEqual({ due: 9, have: 4, percent: 44, complete: false });
  });

  test("a copy is masked, its numbers are text, nothing in it is a formula, and the purpose is on record", async () => {
    const householdId = await registered();
    expect((await copy("village-officer", householdId, { purpose: "查" })).status).toBe(400);
    const reply = await copy("village-officer", householdId, { purpose: "入户核对档案" });
    expect(reply.status).toBe(200);
    const workbook = await open(reply);
    expect(workbook.worksheets.map((sheet) => sheet.name)).toEqual([
      "封面",
      "材料目录",
      "家庭成员",
      "务工情况",
      "线索及核实",
      "认定过程",
      "收入",
      "部门发放",
      "帮扶责任人",
      "一户一策",
      "帮扶措施",
      "转介",
      "走访",
      "签字表",
      "申诉",
      "变更记录",
    ]);
    const cell = workbook.getWorksheet("家庭成员")?.getRow(4).getCell(3);
    expect([cell?.text, cell?.numFmt, cell?.type]).toEqual([
      expect.stringMatching(/^451228\*{8}/),
      "@",
      ExcelJS.ValueType.String,
    ]);
    const values = workbook.worksheets.flatMap((sheet) => sheet.getSheetValues().flat());
    expect(JSON.stringify(values)).not.toMatch(new RegExp(`${identityNumber}|韦大明|13800138000`));
    const number = workbook.getWorksheet("封面")?.getRow(4).getCell(2);
    expect([number?.value, number?.type]).toEqual(["=1+1", ExcelJS.ValueType.String]);
    expect(await purposes()).toContainEqual({ action: "export-household-file", purpose: "入户核对档案" });
  });

  test("in full only for the township and the county, and never without its purpose on record", async () => {
    const householdId = await registerCouple(office, {
      members: [
        {
          name: "覃全文",
          identityNumber: newNumber("1976-01-01", "male"),
          relation: "head",
          labourSkill: "ordinary",
          phone: "13800138001",
        },
      ],
    });
    expect((await copy("village-officer", householdId, { purpose: "入户核对档案", full: true })).status).toBe(403);
    const reply = await copy("township-officer", householdId, { purpose: "报送审计核查", full: true });
    const row = (await open(reply)).getWorksheet("家庭成员")?.getRow(4);
    expect([row?.getCell(1).text, row?.getCell(4).text]).toEqual(["覃全文", "13800138001"]);
    expect(row?.getCell(3).text).toMatch(/^\d{17}[\dX]$/);
    expect(await purposes()).toContainEqual({ action: "export-household-file-full", purpose: "报送审计核查" });
    const elsewhere = await office.as("township-officer", "451229100").send(`/households/${householdId}/file-copies`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ purpose: "报送审计核查" }),
    });
    expect(elsewhere.status).toBe(404);
  });
});
