import { randomUUID } from "node:crypto";
import { makeIdentityNumber, parseBusinessDate } from "@shouwang/service-kit";
import { signToken } from "@shouwang/testkit";
import ExcelJS from "exceljs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Office, type Reply, startOffice } from "../office.testing.ts";

const county = "451228";
const village = "451228100003";
const titles = [
  "户编号",
  "行政村编码",
  "户类型",
  "姓名",
  "证件号码",
  "与户主关系",
  "劳动技能",
  "联系电话",
  "文化程度",
  "饮水安全有保障",
];

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());

let person = 0;
/** An identity number nobody has had yet; odd serials are men's. */
const numberOf = (sex: "male" | "female") => {
  person += 1;
  const day = parseBusinessDate(`19${60 + (person % 30)}-03-${String(1 + (person % 28)).padStart(2, "0")}`);
  return makeIdentityNumber("459901", day, (person % 499) * 2 + (sex === "male" ? 1 : 0));
};
type Row = Record<string, string>;
const head = (more: Row = {}): Row => ({
  户编号: "H-1",
  行政村编码: village,
  户类型: "脱贫户",
  姓名: "韦大明",
  证件号码: numberOf("male"),
  与户主关系: "户主",
  劳动技能: "普通劳动力",
  联系电话: "13800138000",
  文化程度: "初中",
  饮水安全有保障: "是",
  ...more,
});
const spouse = (more: Row = {}): Row => ({
  ...head(),
  姓名: "覃秀英",
  证件号码: numberOf("female"),
  与户主关系: "配偶",
  联系电话: "",
  ...more,
});
const csv = (rows: readonly Row[], header: readonly string[] = titles): string =>
  [header, ...rows.map((row) => header.map((title) => row[title] ?? ""))].map((cells) => cells.join(",")).join("\r\n");

/** Households of one person each, none of whom is like another. */
const many = (no: string, households: number): Row[] =>
  Array.from({ length: households }, (_, n) => head({ 户编号: `${no}-${n}`, 姓名: `${String.fromCodePoint(0x4e00 + n)}明` }));

type Sending = { role?: string; region?: string; dataDate?: string };
async function send(
  file: string,
  { role = "county-officer", region = county, dataDate = "2022-08-10" }: Sending = {},
): Promise<Reply> {
  const form = new FormData();
  form.set("document", "都农发〔2022〕8号");
  form.set("dataDate", dataDate);
  form.set("file", new File([file], "农户.csv"));
  const token = await signToken({ sub: `${role}-${region}`, sw_roles: [role], sw_region: region });
  const response = await fetch(`${office.running.url}/api/v1/monitoring/feeds/households`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "idempotency-key": randomUUID() },
    body: form,
  });
  return { status: response.status, json: Object(await response.json()), headers: response.headers };
}
type Progress = {
  state: string;
  totals: Record<string, number>;
  fileRefused: { rule: string } | null;
  links: { errorsFile: string | null };
};
async function takeIn(file: string): Promise<Progress> {
  const sent = await send(file);
  expect(sent.status, JSON.stringify(sent.json)).toBe(202);
  return await vi.waitFor(
    async () => {
      const { json } = await office.as("county-officer", county).get(`/feeds/${sent.json["feedId"]}`);
      expect(["done", "failed"]).toContain(json["state"]);
      // Safe: the kit answers nothing but what the reply's schema lets through.
      return json as Progress;
    },
    { timeout: 20_000, interval: 50 },
  );
}
/** The refused rows as they come back: number of the household, and the last column, which gives the reasons. */
async function refusedOf(progress: Progress): Promise<string[]> {
  const response = await office
    .as("county-officer", county)
    .send(String(progress.links.errorsFile).replace("/api/v1/monitoring", ""), {});
  expect(response.status).toBe(200);
  const book = new ExcelJS.Workbook();
  await book.xlsx.load(await response.arrayBuffer());
  const lines: string[] = [];
  book.worksheets[0]?.eachRow((row, n) => {
    if (n > 1) lines.push(JSON.stringify(row.values));
  });
  return lines;
}

describe("a county's households as a file", () => {
  test("are registered as if each were entered by hand: found by name, with their events, source and checks; the wrong ones come back", async () => {
    const known = head({ 户编号: "H-4", 姓名: "莫已登记" });
    const by = await office.as("county-officer", county).post("/households", {
      region: village,
      householdKind: "ordinary-household",
      members: [{ name: "莫已登记", identityNumber: known["证件号码"], relation: "head", labourSkill: "ordinary" }],
    });
    expect(by.status).toBe(201);
    const progress = await takeIn(
      csv([
        head({ 姓名: "蒙导入", 饮水安全有保障: "否" }),
        spouse(),
        head({ 户编号: "H-2" }),
        spouse({ 户编号: "H-2", 证件号码: "45990119600101000X" }),
        spouse({ 户编号: "H-3" }),
        known,
        head({ 户编号: "H-5", 行政村编码: "450102001001" }),
        head({ 户编号: "H-6", 劳动技能: "很强" }),
      ]),
    );
    expect(progress).toMatchObject({ state: "done", fileRefused: null });
    expect(progress.totals).toMatchObject({ rows: 8, taken: 2, households: 1, refused: 6 });
    const refused = await refusedOf(progress);
    expect(refused).toHaveLength(6);
    for (const [n, reason] of [
      [0, "本户其他成员的数据有误"],
      [1, "校验码不正确"],
      [2, "户主"],
      [3, "该户有人员已在其他户登记"],
      [5, "不在代码表内"],
    ] as const)
      expect(refused[n]).toContain(reason);

    const found = (await office.as("county-officer", county).post("/household-searches", { name: "蒙导入" })).json["items"];
    expect(found).toMatchObject([
      { region: village, householdKind: "lifted-household", headcount: 2, guarantees: { drinkingWater: false } },
    ]);
    const id = (found as { householdId: string }[])[0]?.householdId;
    const history = (await office.as("county-officer", county).get(`/households/${id}/history`)).json;
    expect(history["items"]).toMatchObject([{ version: 1, source: "import", document: "都农发〔2022〕8号" }]);
    const events = (await office.outbox()).filter(({ data }) => data["householdId"] === id);
    expect(events.map(({ type }) => type)).toEqual([
      "monitoring.household.registered.v1",
      "monitoring.person.joined-household.v1",
      "monitoring.person.joined-household.v1",
    ]);
    const problems = (await office.as("county-officer", county).get("/guarantee-problems")).json["items"];
    expect(problems).toMatchObject([{ householdId: id, guarantee: "drinkingWater" }]);
  });

  test("sent again, nothing is registered twice", async () => {
    const file = csv([head({ 户编号: "T-1" }), spouse({ 户编号: "T-1" })]);
    expect((await takeIn(file)).totals).toMatchObject({ households: 1, taken: 2, refused: 0 });
    expect((await takeIn(file)).totals).toMatchObject({ households: 0, taken: 0, refused: 2 });
  });

  test("of more households than one chunk holds are all there, once", async () => {
    const rows = many("M", 1_100);
    expect((await takeIn(csv(rows))).totals).toMatchObject({ rows: 1_100, households: 1_100, taken: 1_100, refused: 0 });
  });

  test("broken further down are not taken at all", async () => {
    const progress = await takeIn(`${csv(many("B", 900))}\r\n"B-900,${"x".repeat(20)}`);
    expect(progress.fileRefused).not.toBeNull();
    expect(progress.totals["households"] ?? 0).toBe(0);
  });
});

describe("a file that cannot be what it should be is refused at once", () => {
  test.each<[string, () => Promise<Reply>, number, string]>([
    ["without a column", () => send(csv([head()], titles.slice(1))), 422, "feed-columns-missing"],
    ["without rows", () => send(csv([])), 422, "feed-unreadable"],
    ["of tomorrow", () => send(csv([head()]), { dataDate: "2022-08-16" }), 400, "invalid-input"],
    [
      "from a township's officer",
      () => send(csv([head()]), { role: "township-officer", region: "451228100" }),
      403,
      "role-not-allowed",
    ],
    ["from a county officer of a whole city", () => send(csv([head()]), { region: "4512" }), 403, "role-not-allowed"],
  ])("%s", async (_, sending, status, code) => {
    const { status: answered, json } = await sending();
    expect([answered, json["code"]], JSON.stringify(json)).toEqual([status, code]);
  });
});
