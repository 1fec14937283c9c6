import { randomUUID } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { readSheet, writeWorkbook } from "@shouwang/service-kit";
import { until } from "@shouwang/testkit";
import { expect } from "vitest";
import type { Office } from "../office.testing.ts";
import { county } from "../people.testing.ts";
import { sheetLimits } from "./job.ts";
import { findNationalLayout } from "./layouts.ts";

export type Cells = Record<string, string>;
type Progress = {
  state: string;
  totals: Record<string, number>;
  fileRefused: { rule: string } | null;
  links: { errorsFile: string | null };
};

/** A workbook as the national system gives it out: two title rows, the header on the third, columns in another order and under other names. */
export async function nationalFile(rows: readonly Cells[], titles: Cells = {}): Promise<Buffer> {
  const named: Cells = {
    householdNo: "户编号",
    identityNumber: "身份证号",
    name: "姓名",
    relation: "与户主关系",
    education: "文化程度",
    health: "健康状况",
    labourSkill: "劳动技能",
    drinkingWater: "是否解决安全饮用水",
    householdKind: "户类型",
    people: "民族",
    ...titles,
  };
  const columns = Object.entries(named).map(([key, title]) => ({ key, title, text: true }));
  return await buffer(writeWorkbook({ sheetName: "数据", title: "(自定义)农户信息", note: "数据日期:202208", columns, rows }));
}

export async function upload(
  office: Office,
  content: Buffer,
  more: Record<string, string> = {},
  as = office.as("county-officer", county),
) {
  const form = new FormData();
  const fields = { kind: "household-members", document: "全国系统导出〔2022〕8月", dataDate: "2022-08-10", ...more };
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set("file", new File([new Uint8Array(content)], "韦大明.xlsx"));
  const response = await as.send("/national-sheets", {
    method: "POST",
    headers: { "idempotency-key": randomUUID() },
    body: form,
  });
  return { status: response.status, json: Object(await response.json()) as Record<string, unknown> };
}

/** Sends a sheet and waits until it has been compared. */
export async function compared(
  office: Office,
  content: Buffer,
  more: Record<string, string> = {},
): Promise<Progress & { sheetId: string }> {
  const sent = await upload(office, content, more);
  expect(sent.status, JSON.stringify(sent.json)).toBe(202);
  const sheetId = String(sent.json["sheetId"]);
  const progress = await until(async () => {
    const { json } = await office.as("county-officer", county).get(`/national-sheets/${sheetId}`);
    return json["state"] === "done" || json["state"] === "failed" ? json : undefined;
  });
  // Safe: the kit answers nothing but what the reply's schema lets through.
  return { sheetId, ...(progress as unknown as Progress) };
}

export type Difference = {
  differenceId: string;
  householdId: string;
  personId: string | null;
  field: string;
  ours: string | null;
  theirs: string | null;
  state: string;
  suspect: { suspectId: string; status: string; outcome: string | null } | null;
};
export const differencesOf = async (office: Office, sheetId: string, query = ""): Promise<Difference[]> => {
  const { json } = await office.as("county-officer", county).get(`/national-differences?sheetId=${sheetId}&limit=200${query}`);
  return json["items"] as Difference[]; // Safe: the reply's own schema.
};

/** Asks for an export and answers its files' rows, read as the national system's own, with their bytes. */
export async function exported(office: Office, body: Record<string, unknown>) {
  const asCounty = office.as("county-officer", county);
  const asked = await asCounty.post("/national-exports", { kind: "household-members", purpose: "导入国家系统", ...body });
  expect(asked.status, JSON.stringify(asked.json)).toBe(202);
  const job = await until(async () => {
    const { json } = await asCounty.get(`/jobs/${asked.json["jobId"]}`);
    return json["state"] === "done" || json["state"] === "failed" ? json : undefined;
  });
  const { files } = job["result"] as { files: string[] };
  const read = [];
  for (const fileId of files) {
    const response = await asCounty.send(`/files/${fileId}`, { method: "GET" });
    expect(response.status).toBe(200);
    read.push(await opened(Buffer.from(await response.arrayBuffer()), String(body["kind"] ?? "household-members")));
  }
  return { totals: job["totals"] as Record<string, number>, files: read };
}

async function opened(content: Buffer, kind = "household-members") {
  const layout = findNationalLayout(kind);
  if (!layout) throw new Error("the layout is gone");
  const sheet = await readSheet(content, sheetLimits(layout));
  if (!sheet.ok) throw new Error(sheet.zh);
  const rows: Cells[] = [];
  for await (const { cells } of sheet.rows) rows.push(cells);
  return { content, headerLine: sheet.headerLine, rows };
}
