import { randomUUID } from "node:crypto";
import { businessDate, loadKeys, system } from "@shouwang/service-kit";
import ExcelJS from "exceljs";
import pg from "pg";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { insertHouseholds, prepareHousehold } from "../household/bulk-store.ts";
import { checkMembers } from "../household/decide.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, newNumber, registerCouple, village } from "../people.testing.ts";
import { nextPart } from "./reading.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());
const officer = (region = county) => office.as("county-officer", region);

const header = [
  "乡镇",
  "行政村",
  "户编号",
  "户类型",
  "姓名",
  "证件号码",
  "与户主关系",
  "联系电话",
  "劳动技能",
  "健康状况",
  "住房安全",
];
type Person = { no: string; name?: string; number?: string; relation?: string; skill?: string; village?: string };
const line = ({
  no,
  name = "韦大明",
  number = newNumber("1975-03-05", "male"),
  relation = "户主",
  skill = "普通劳动力",
  village: of = "定福村",
}: Person) =>
  [
    "高岭镇",
    of,
    no,
    relation === "户主" ? "脱贫户" : "",
    name,
    number,
    relation,
    "",
    skill,
    "健康",
    relation === "户主" ? "是" : "",
  ].join(",");
const file = (people: readonly Person[]): string => [header.join(","), ...people.map(line)].join("\n");
const couple = (no: string, numbers: [string?, string?] = []): Person[] => [
  { no, ...(numbers[0] ? { number: numbers[0] } : {}) },
  { no, name: "覃小花", number: numbers[1] ?? newNumber("1978-06-01", "female"), relation: "配偶" },
];

async function send(content: string | Buffer, more: { dryRun?: boolean; region?: string; dataDate?: string } = {}) {
  const form = new FormData();
  form.set("document", "都乡振〔2022〕3号");
  form.set("dataDate", more.dataDate ?? "2022-08-10");
  if (more.dryRun) form.set("dryRun", "true");
  form.set("file", new File([new Uint8Array(Buffer.from(content))], "韦大明.csv"));
  const response = await officer(more.region).send("/household-imports", {
    method: "POST",
    headers: { "idempotency-key": randomUUID() },
    body: form,
  });
  return { status: response.status, json: Object(await response.json()) as Record<string, unknown> };
}
type Progress = {
  totals: Record<string, number>;
  fileRefused: object | null;
  links: { errorsFile: string | null };
  importId: string;
};
async function take(content: string | Buffer, more: Parameters<typeof send>[1] = {}): Promise<Progress> {
  const sent = await send(content, more);
  expect(sent.status, JSON.stringify(sent.json)).toBe(202);
  return await vi.waitFor(
    async () => {
      const progress = (await officer(more.region).get(`/household-imports/${sent.json["importId"]}`)).json;
      expect(progress["state"], JSON.stringify(progress)).toBe("done");
      // Safe: the kit answers nothing but what the reply's schema lets through.
      return progress as Progress;
    },
    { timeout: 60_000, interval: 50 },
  );
}
/** The refused rows as the workbook gives them back: household number and reasons. */
async function refusedRows(progress: Progress): Promise<string[][]> {
  const path = (progress.links.errorsFile ?? "").replace("/api/v1/monitoring", "");
  const response = await officer().send(path, {});
  const workbook = new ExcelJS.Workbook();
  await workbook.xlsx.load(await response.arrayBuffer());
  const rows: string[][] = [];
  workbook.worksheets[0]?.eachRow((row) => rows.push([String(row.getCell(3).value ?? ""), String(row.values)]));
  return rows.slice(1);
}
const households = async () => Object((await officer().get("/households?limit=200")).json["items"]) as Record<string, unknown>[];

test("a trial checks every row and registers nothing; the list itself registers households with their events, source and audit", async () => {
  const content = file([...couple("H1"), ...couple("H2")]);
  const events = (await office.outbox()).length;
  expect(await take(content, { dryRun: true })).toMatchObject({
    dryRun: true,
    totals: { rows: 4, households: 2, refused: 0, registered: 0 },
  });
  expect(await office.outbox()).toHaveLength(events);
  expect(await households()).toEqual([]);

  const done = await take(content);
  expect(done).toMatchObject({
    region: "451228000000",
    totals: { rows: 4, households: 2, registered: 2, persons: 4, unchanged: 0, refused: 0 },
    links: { errorsFile: null },
  });
  const [first] = await households();
  expect(first).toMatchObject({
    region: "451228101201",
    householdNo: "H1",
    householdKind: "lifted-household",
    headcount: 2,
    synthetic: false,
  });
  const read = (await officer().get(`/households/${first?.["householdId"]}`)).json;
  expect(read["members"]).toMatchObject([
    { name: "韦*明", relation: "head" },
    { name: "覃*花", relation: "spouse" },
  ]);
  const history = (await officer().get(`/households/${first?.["householdId"]}/history`)).json;
  expect(history["items"]).toMatchObject([{ version: 1, source: "import", document: "都乡振〔2022〕3号" }]);
  const told = (await office.outbox()).slice(events);
  const count = (type: string) => told.filter((event) => event.type === `monitoring.${type}.v1`).length;
  expect([count("household.registered"), count("person.joined-household"), count("import.finished")]).toEqual([2, 4, 1]);
  expect(told.find(({ type }) => type.includes("import"))?.data).toMatchObject({ rows: 4, taken: 4, refused: 0, unchanged: 0 });
  expect(JSON.stringify(told)).not.toMatch(/韦大明|\b\d{17}[\dX]\b/);
  // Sent again, it finds everybody where he is.
  expect(await take(content)).toMatchObject({ totals: { registered: 0, unchanged: 4, refused: 0 } });
  expect((await officer().get("/household-imports?limit=1")).json).toMatchObject({
    items: [{ dryRun: false }],
    next: expect.any(String),
  });
  expect((await officer("451229").get(`/household-imports/${done.importId}`)).json["code"]).toBe("import-not-found");
});

test("what is wrong comes back in a workbook with its reason, whole households at a time; the good ones go in", async () => {
  const own = newNumber("1975-03-05", "male");
  await registerCouple(office, { members: [{ name: "韦某", identityNumber: own, relation: "head", labourSkill: "ordinary" }] });
  const elsewhere = newNumber("1975-03-05", "male");
  const other = office.as("village-officer", "451229100001");
  const members = [{ name: "韦某", identityNumber: elsewhere, relation: "head", labourSkill: "ordinary" }];
  expect((await other.post("/households", { region: "451229100001", householdKind: "ordinary-household", members })).status).toBe(
    201,
  );
  const again = newNumber("1960-01-01", "male");
  const content = file([
    ...couple("W1", ["451228197503050017"]),
    ...couple("W2", [own]),
    ...couple("W3", [elsewhere]),
    ...couple("W4", [again]),
    ...couple("W5", [again]),
    ...couple("G1"),
    { no: "W1", name: "韦小三", relation: "之子", number: newNumber("2000-01-01", "male") },
  ]);
  const expected = [
    ["W1", /校验码/],
    ["W1", /同户第2行有误/],
    ["W2", /本辖区其他户/],
    ["W2", /同户第4行有误/],
    ["W3", /区内其他地方登记/],
    ["W3", /同户第6行有误/],
    ["W5", /第8行已出现在另一户/],
    ["W5", /同户第10行有误/],
    ["W1", /第2行已出现,同户各行须连续/],
  ] as const;
  const trial = await take(content, { dryRun: true });
  expect(trial.totals).toMatchObject({ rows: 13, households: 7, registered: 0, refused: 7, refusedHouseholds: 4 });
  const done = await take(content);
  expect(done.totals).toMatchObject({ rows: 13, households: 7, registered: 2, persons: 4, refused: 9, refusedHouseholds: 5 });
  const rows = await refusedRows(done);
  expect(rows.map(([no]) => no)).toEqual(expected.map(([no]) => no));
  for (const [index, [, reason]] of expected.entries()) expect(rows[index]?.[1]).toMatch(reason);
});

test("a file that cannot be read, lacks columns or is of tomorrow is refused as such; the template can be filled in", async () => {
  expect((await send("行政村,姓名\n定福村,韦大明")).json).toMatchObject({
    status: 422,
    code: "list-columns-missing",
    errors: expect.arrayContaining([expect.objectContaining({ pointer: "/file", zh: "缺少列:户编号" })]),
  });
  expect((await send(Buffer.from("PK\x03\x04 no workbook", "latin1"))).json["code"]).toBe("list-unreadable");
  expect((await send(file(couple("X")), { dataDate: "2022-08-16" })).json).toMatchObject({
    code: "invalid-input",
    errors: [{ pointer: "/dataDate" }],
  });
  const template = await officer().send("/household-import-template", {});
  const workbook = new ExcelJS.Workbook();
  await workbook.xlsx.load(await template.arrayBuffer());
  const titles = workbook.worksheets[0]?.getRow(1).values;
  expect(titles).toEqual(expect.arrayContaining(["行政村", "户编号", "姓名", "证件号码", "与户主关系", "劳动技能"]));
});

test("two lists of the same people in opposite order, stored at once, wait for each other and never stand in each other's way", async () => {
  const keys = await loadKeys(office.keysFile);
  const today = businessDate(office.now());
  const numbers = Array.from({ length: 9 }, () => newNumber("1966-04-07", "female"));
  const prepared = (order: readonly string[]) => {
    const checked = order.map((identityNumber) =>
      checkMembers([{ name: "韦同名", identityNumber, relation: "head", labourSkill: "ordinary", health: ["healthy"] }], today),
    );
    return checked.map((members, n) => {
      if ("errors" in members) throw new Error("a made-up number is wrong");
      const entry = { region: village, householdNo: `D${n}`, hamlet: null, householdKind: "ordinary-household" as const };
      const guarantees = { schooling: true, medicalCare: true, housing: true, drinkingWater: true };
      return prepareHousehold(
        keys,
        { ...entry, guarantees, lowIncome: false, relocated: false, synthetic: false, ...members },
        "2022-08-15",
      );
    });
  };
  // Somebody else holds the number in the middle of both, so that each list has come half-way from its own end before either may go on.
  const [middle] = prepared(numbers.slice(4, 5));
  const holder = new pg.Client({ connectionString: office.adminUrl });
  await holder.connect();
  await holder.query("begin");
  await holder.query("set session_replication_role = replica");
  await holder.query(
    `insert into monitoring.person (id, household_id, region, secret, identity_index, identity_mask, name_mask, sex, birth_date, relation, labour_skill, since, able_worker, student)
      values (gen_random_uuid(), gen_random_uuid(), $1, '', $2, '', '', 'female', '1966-04-07', 'head', 'ordinary', '2022-08-15', false, false)`,
    [village, middle?.people[0]?.index],
  );
  const tries = [0, 0];
  const given = { at: office.now(), actor: "test", source: "import" as const };
  const lists = [numbers, [...numbers].reverse()].map((order, n) =>
    office.running.db.withTx(system("test"), async (tx) => {
      tries[n] = (tries[n] ?? 0) + 1;
      return (await insertHouseholds(tx, prepared(order), given)).size;
    }),
  );
  const waiting = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
  await vi.waitFor(async () => expect((await holder.query(waiting)).rowCount).toBeGreaterThan(1), {
    timeout: 30_000,
    interval: 20,
  });
  await holder.query("rollback");
  await holder.end();
  // One of them has them all; the other was left with none, since each of them is registered already.
  expect((await Promise.all(lists)).sort()).toEqual([0, 9]);
  expect(tries).toEqual([1, 1]);
});

test("a service that is killed half-way goes on at its place: exact counts, nobody twice", async () => {
  const people = Array.from(
    { length: 1_200 },
    (_, n): Person => ({
      no: `K${n}`,
      name: `韦${n}`,
      number: newNumber(`19${50 + (n % 40)}-0${1 + (n % 9)}-1${n % 9}`, n % 2 === 0 ? "male" : "female"),
    }),
  );
  const admin = new pg.Client({ connectionString: office.adminUrl });
  await admin.connect();
  const sent = await send(file(people));
  const chunks = async () =>
    (await admin.query("select from kit.job_chunk where job_id = $1", [sent.json["jobId"]])).rowCount ?? 0;
  await vi.waitFor(async () => expect(await chunks()).toBeGreaterThan(2), { timeout: 60_000, interval: 5 });
  // The connections break in the middle of a chunk: what it did is gone with it, and the place in the file with the process's memory of it.
  await admin.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );
  const progress = await vi.waitFor(
    async () => {
      const now = (await officer().get(`/household-imports/${sent.json["importId"]}`)).json;
      expect(now["state"], JSON.stringify(now)).toBe("done");
      return now;
    },
    { timeout: 60_000, interval: 100 },
  );
  expect(progress["totals"]).toMatchObject({ rows: 1_200, households: 1_200, registered: 1_200, persons: 1_200, refused: 0 });
  const { rows } = await admin.query("select count(*)::int as n from monitoring.household where household_no like 'K%'");
  expect(rows).toEqual([{ n: 1_200 }]);
  await admin.end();
});

test("reading goes on behind a line, from memory or from the file's beginning", async () => {
  const content = Buffer.from(file(["A", "B", "C", "D"].flatMap((no) => couple(no))));
  let opened = 0;
  const open = async () => {
    opened += 1;
    return content;
  };
  const key = randomUUID();
  const next = (after: number, most: number) => nextPart(key, after, most, open, ({ rows }) => rows[0]?.cells["householdNo"]);
  expect(await next(0, 2)).toEqual({ made: ["A", "B"], rows: 4, line: 5 });
  expect(await next(5, 2)).toEqual({ made: ["C", "D"], rows: 4, line: 9 });
  expect(opened).toBe(1);
  // A chunk that was done again asks for a line the reading has passed.
  expect(await next(3, 10)).toEqual({ made: ["B", "C", "D"], rows: 6, line: undefined });
  expect(await next(9, 10)).toEqual({ made: [], rows: 0, line: undefined });
  expect(opened).toBe(3);
});
