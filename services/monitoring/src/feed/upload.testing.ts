import { randomUUID } from "node:crypto";
import type { Role } from "@shouwang/contract";
import { signToken } from "@shouwang/testkit";
import { expect, vi } from "vitest";
import type { Reply } from "../office.testing.ts";
import { county } from "../people.testing.ts";

export const titles = ["姓名", "身份证号", "结算日期", "结算单号", "总费用", "个人自付"];
export type Line = readonly string[];
export const csv = (lines: readonly Line[], header: readonly string[] = titles): string =>
  [header, ...lines].map((line) => line.join(",")).join("\r\n");

let bill = 0;
/** A number that no bill of this test file has had. */
export const numberOfBill = () => `YB2022${String(++bill).padStart(6, "0")}`;
/** A row as the departments write it, good unless `more` or the number makes it bad. */
export const row = (
  identityNumber: string,
  selfPaid: string,
  more: { on?: string; bill?: string; total?: string } = {},
): Line => ["韦大明", identityNumber, more.on ?? "2022-08-01", more.bill ?? numberOfBill(), more.total ?? "50000", selfPaid];

/** A text in GB18030, which Node reads but does not write: each character's two bytes are looked up by reading them all. */
export function gb18030(text: string): Buffer {
  const decoder = new TextDecoder("gb18030");
  const bytesOf = new Map<string, number[]>();
  for (let lead = 0x81; lead <= 0xfe; lead++)
    for (let trail = 0x40; trail <= 0xfe; trail++)
      if (trail !== 0x7f) bytesOf.set(decoder.decode(Uint8Array.of(lead, trail)), [lead, trail]);
  return Buffer.from([...text].flatMap((character) => bytesOf.get(character) ?? [character.charCodeAt(0)]));
}

export type Sending = {
  role?: Role;
  region?: string;
  department?: string;
  document?: string;
  dataDate?: string;
  key?: string;
  kind?: string;
};

/** Sends a list of medical bills as an officer of the test county's health department, unless said otherwise. */
export async function sendBills(url: string, file: string | Buffer, sending: Sending = {}): Promise<Reply> {
  const form = new FormData();
  form.set("kind", sending.kind ?? "medical-bills");
  form.set("document", sending.document ?? "都卫函〔2022〕8号");
  form.set("dataDate", sending.dataDate ?? "2022-08-10");
  form.set("file", new File([new Uint8Array(Buffer.from(file))], "韦大明住院.csv"));
  const response = await fetch(`${url}/api/v1/monitoring/feeds`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${await officer(sending)}`,
      "idempotency-key": sending.key ?? randomUUID(),
    },
    body: form,
  });
  return { status: response.status, json: Object(await response.json()), headers: response.headers };
}

const officer = ({ role = "department-officer", region = county, department = "health" }: Sending) =>
  signToken({ sub: `${role}-${department}`, sw_roles: [role], sw_region: region, sw_department: department });

export type Progress = {
  state: string;
  totals: Record<string, number>;
  fileRefused: { rule: string; zh: string } | null;
  rulesWaiting: string[];
  links: { errorsFile: string | null };
};

/** Sends a file and waits until its job has ended. */
export async function takeIn(url: string, file: string | Buffer, sending: Sending = {}): Promise<Progress & { feedId: string }> {
  const sent = await sendBills(url, file, sending);
  expect(sent.status, JSON.stringify(sent.json)).toBe(202);
  const feedId = String(sent.json["feedId"]);
  return { feedId, ...(await ended(url, feedId)) };
}

/** How a feed stands, as its sender reads it. */
export async function progressOf(url: string, feedId: string): Promise<Progress> {
  const response = await fetch(`${url}/api/v1/monitoring/feeds/${feedId}`, {
    headers: { authorization: `Bearer ${await officer({})}` },
  });
  // Safe: the kit answers nothing but what the reply's schema lets through.
  return (await response.json()) as Progress;
}

export const ended = (url: string, feedId: string): Promise<Progress> =>
  vi.waitFor(
    async () => {
      const progress = await progressOf(url, feedId);
      expect(["done", "failed"]).toContain(progress.state);
      return progress;
    },
    { timeout: 120_000, interval: 100 },
  );

export async function download(url: string, path: string): Promise<Buffer> {
  const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${await officer({})}` } });
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}
