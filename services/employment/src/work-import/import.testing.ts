import { buffer } from "node:stream/consumers";
import { loadKeys, makeIdentityNumber, readSheet, writeWorkbook } from "@shouwang/service-kit";
import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { expect } from "vitest";
import { type Office, offices, village } from "../office.testing.ts";
import { identityIndex } from "../registry/identity-store.ts";

export type Cells = Record<string, string>;
export type Progress = {
  importId: string;
  state: string;
  dryRun: boolean;
  totals: Record<string, number>;
  fileRefused: { rule: string } | null;
  links: { errorsFile: string | null };
};

/** A roll as employers send it, or, with title rows, a sheet as the national system gives it out. */
export async function listFile(rows: readonly Cells[], more: { title?: string; note?: string } = {}): Promise<Buffer> {
  const titles = [...new Set(rows.flatMap(Object.keys))];
  const columns = titles.map((title) => ({ key: title, title, text: true }));
  return await buffer(writeWorkbook({ sheetName: "数据", ...more, columns, rows }));
}
export const csv = (rows: readonly Cells[]): Buffer => {
  const titles = [...new Set(rows.flatMap(Object.keys))];
  return Buffer.from(
    [titles, ...rows.map((row) => titles.map((title) => row[title] ?? ""))].map((line) => line.join(",")).join("\n"),
  );
};

export async function send(office: Office, content: Buffer, more: Record<string, string> = {}, as = offices.county) {
  const form = new FormData();
  const fields = { kind: "employer-roll", document: "都人社〔2022〕8号", dataDate: "2022-08-10", ...more };
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set("file", new File([new Uint8Array(content)], "韦大明.xlsx"));
  return await office.as(...as).post("/work-imports", form);
}

/** Waits until a list has been taken in. */
export async function taken(office: Office, importId: unknown): Promise<Progress> {
  const progress = await until(
    async () => {
      const { json } = await office.as(...offices.county).get(`/work-imports/${importId}`);
      return json["state"] === "done" || json["state"] === "failed" ? json : undefined;
    },
    { what: "the list to be taken in", timeoutMs: 60_000 },
  );
  expect(progress["state"], JSON.stringify(progress)).toBe("done");
  // Safe: the kit answers nothing but what the reply's schema lets through.
  return progress as unknown as Progress;
}

export async function take(office: Office, content: Buffer, more: Record<string, string> = {}): Promise<Progress> {
  const sent = await send(office, content, more);
  expect(sent.status, JSON.stringify(sent.json)).toBe(202);
  return await taken(office, sent.json["importId"]);
}

/** The refused rows as the workbook gives them back. */
export async function refusedRows(office: Office, { links }: Progress): Promise<Cells[]> {
  const response = await fetch(`${office.ward.url}${links.errorsFile}`, {
    headers: { authorization: await office.bearer(...offices.county) },
  });
  const sheet = await readSheet(Buffer.from(await response.arrayBuffer()), {
    columns: [{ key: "问题", titles: ["问题"], required: true }],
  });
  if (!sheet.ok) throw new Error(sheet.zh);
  const rows: Cells[] = [];
  for await (const { cells } of sheet.rows) rows.push(cells);
  return rows;
}

/** Lifted people of the test's village, written straight into the registry's tables, each a household. @returns their numbers */
export async function fillPeople(office: Office, people: number): Promise<string[]> {
  const keys = await loadKeys(office.environment["KEYS_FILE"] ?? "");
  const numbers = Array.from({ length: people }, (_, n) =>
    makeIdentityNumber("451229", parseBusinessDate(`19${70 + (n % 20)}-0${1 + (n % 9)}-1${n % 10}`), Math.floor(n / 20) % 1_000),
  );
  const rows = numbers.map((number) => ({
    id: uuidv7(),
    household: uuidv7(),
    index: identityIndex(keys, number).toString("hex"),
  }));
  await office.database.rows(
    `with given as (select * from jsonb_to_recordset($1::jsonb) as g (id uuid, household uuid, index text)),
      h as (insert into employment.household select household, $2, 'lifted-household', null, false, 1, 1, false, null, 'active', null, null, 1 from given),
      s as (insert into employment.household_status select household, '2022-01-01', $2, $2, 'lifted-household', null, false, 'active', 1 from given),
      p as (insert into employment.person select id, household, $2, 'member', '2015-01-01', true, false, false, true, 1 from given),
      m as (insert into employment.membership select id, '2015-01-01', $2, household, 'member', 1 from given)
    insert into employment.person_identity (person_id, household_id, region, identity_index, birth_date)
      select id, household, $2, decode(index, 'hex'), '1980-01-01' from given`,
    [JSON.stringify(rows), village],
  );
  return numbers;
}
