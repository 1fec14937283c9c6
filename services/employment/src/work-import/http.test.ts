import { PersonDied, SuspectClosed } from "@shouwang/contract";
import { loadKeys, openRecord, requestJob, system } from "@shouwang/service-kit";
import { until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Office, offices, startOffice, village } from "../office.testing.ts";
import { tellHousehold } from "../people.testing.ts";
import { type Cells, csv, fillPeople, listFile, refusedRows, send, take, taken } from "./import.testing.ts";
import { ListRow } from "./read-row.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice();
});
afterAll(() => office.stop());

const inCounty = () => office.as(...offices.county);
const recordsOf = async (personId: string) =>
  // Safe: the reply's own schema.
  (await inCounty().get(`/work-records?personId=${personId}`)).json["items"] as Record<string, unknown>[];
const rowOf = (identityNumber: string, more: Cells = {}): Cells => ({
  ...{
    姓名: "韦大明",
    身份证号码: identityNumber,
    单位名称: "示例电子厂",
    统一社会信用代码: "91110000802100433B",
    工作地点: "广东省深圳市",
  },
  ...{ 工种: "操作工", 月工资: "4200", 入职日期: "2022-03-05", 离职日期: "", 离职原因: "", ...more },
});
const told = async (personId: string) =>
  (await office.outbox())
    .filter(({ data }) => data["personId"] === personId)
    .map(({ type }) => type.split(".").slice(1, 3).join("."));

test("a roll is taken once however often it is sent: then it says what changed, and who has left", async () => {
  const { member } = await tellHousehold(office);
  const { personId, identityNumber } = member;
  const roll = await listFile([rowOf(identityNumber)]);
  expect(await take(office, roll, { dryRun: "true" })).toMatchObject({
    dryRun: true,
    totals: { rows: 1, started: 1, refused: 0 },
  });
  expect(await recordsOf(personId)).toEqual([]);
  expect(await take(office, roll)).toMatchObject({ totals: { rows: 1, started: 1 }, links: { errorsFile: null } });
  expect(await take(office, csv([rowOf(identityNumber)]))).toMatchObject({ totals: { started: 0, unchanged: 1 } });
  const [record] = await recordsOf(personId);
  expect(record).toMatchObject({
    ...{ place: "4403", scope: "outside-region", channel: "own-search", source: "employer-roll", monthlyWageFen: 420_000 },
    ...{ from: "2022-03-05", until: null, checkedOn: "2022-08-10", creditCode: "91110000802100433B", version: 1 },
  });
  const detail = (await inCounty().get(`/work-records/${record?.["workRecordId"]}`)).json;
  expect(detail).toMatchObject({ employer: "示例电子厂", note: "操作工" });
  await take(office, csv([rowOf(identityNumber, { 月工资: "4500" })]), { dataDate: "2022-08-12" });
  const left = rowOf(identityNumber, { 月工资: "4500", 离职日期: "2022-08-13", 离职原因: "疫情" });
  expect(await take(office, csv([left]), { dataDate: "2022-08-14" })).toMatchObject({ totals: { ended: 1 } });
  expect(await recordsOf(personId)).toEqual([
    expect.objectContaining({ until: "2022-08-13", endedBecause: "epidemic", monthlyWageFen: 450_000, version: 3 }),
  ]);
  expect(await told(personId)).toEqual(["work-record.started", "work-record.changed", "work-record.ended"]);
  const finished = (await office.outbox()).filter(({ type }) => type === "employment.import.finished.v1");
  expect(finished[0]).toMatchObject({ data: { layout: "employer-roll", rows: 1, taken: 1, refused: 0, unchanged: 0 } });
  expect(finished).toHaveLength(4);
});

test("the national system's sheet: two title rows, names of its own, months as it spells them, and who is not at work", async () => {
  const [one, two] = [await tellHousehold(office), await tellHousehold(office)];
  const row = (number: string, more: Cells): Cells => ({
    ...{ 户编号: "H1", "姓 名": "韦大明", 证件号码: number, 是否外出务工: "是", "务工所在地(省)": "广西壮族自治区" },
    ...{ "务工所在地(市)": "河池市", "务工所在地(县)": "都安县", 就业渠道: "公益性岗位", 外出务工时间: "202203", ...more },
  });
  const rows = [row(one.member.identityNumber, {}), row(two.member.identityNumber, { 是否外出务工: "否" })];
  const file = await listFile(rows, { title: "已外出务工信息", note: "数据日期:202208" });
  const document = "(务工月监测)已外出务工信息";
  expect(await take(office, file, { kind: "national-work", document })).toMatchObject({
    totals: { rows: 2, started: 1, nothing: 1, refused: 0 },
  });
  expect(await recordsOf(one.member.personId)).toEqual([
    expect.objectContaining({
      from: "2022-03-01",
      scope: "in-county",
      channel: "public-welfare-post",
      source: "national-system",
    }),
  ]);
  expect(await recordsOf(two.member.personId)).toEqual([]);
});

test("every row that is not taken comes back with its reasons, and can be sent again mended; nobody is found by name", async () => {
  const [child, known] = [await tellHousehold(office, { birth: "2010-01-01" }), await tellHousehold(office)];
  const { identityNumber } = known.member;
  const elsewhere = await tellHousehold(office, { household: { region: "451229100201" } });
  const progress = await take(
    office,
    await listFile([
      rowOf(child.member.identityNumber),
      rowOf(identityNumber, { 姓名: "覃小花" }),
      rowOf(elsewhere.member.identityNumber),
      rowOf("451228198503050000"),
      rowOf(identityNumber, { 工作地点: "南宁", 月工资: "面议" }),
    ]),
  );
  expect(progress.totals).toMatchObject({ rows: 5, refused: 5, started: 0 });
  const reasons = (await refusedRows(office, progress)).map((row) => row["问题"]);
  expect(reasons).toEqual([
    "劳动年龄：满16周岁，不设上限",
    "姓名:与该证件号码登记的姓名不符,请核对证件号码",
    "本辖区登记库中没有此证件号码的人员",
    expect.stringContaining("证件号码:"),
    expect.stringMatching(/务工地点:.*；月工资:/),
  ]);
  expect(await recordsOf(known.member.personId)).toEqual([]);
  const mended = (await refusedRows(office, progress)).slice(1, 2).map((row) => ({ ...row, 姓名: "韦大明" }));
  expect(await take(office, await listFile(mended))).toMatchObject({ totals: { started: 1 } });
});

test("what cannot be a list is refused at once, and one nobody knows is not there", async () => {
  const roll = csv([rowOf("451228198503050000")]);
  expect((await send(office, Buffer.from("姓名,电话\n韦,1"))).json["code"]).toBe("list-columns-missing");
  expect((await send(office, Buffer.from("PK\x03\x04broken"))).json["code"]).toBe("list-unreadable");
  expect((await send(office, roll, { dataDate: "2022-08-16" })).json["code"]).toBe("invalid-input");
  expect((await inCounty().get(`/work-imports/${uuidv7()}`)).json["code"]).toBe("work-import-not-found");
  const sent = await take(office, roll);
  const away = office.as("county-officer", "451229");
  expect((await away.get(`/work-imports/${sent.importId}`)).json["code"]).toBe("work-import-not-found");
  expect((await inCounty().get("/work-imports?limit=200")).json["items"]).toContainEqual(
    expect.objectContaining({ importId: sent.importId, kind: "employer-roll", document: "都人社〔2022〕8号" }),
  );
  const template = await fetch(`${office.ward.url}/api/v1/employment/work-import-templates/national-work`, {
    headers: { authorization: await office.bearer(...offices.county) },
  });
  expect(template.headers.get("content-type")).toContain("spreadsheetml");
});

test("work that shares days with other work is taken and asked about, once; so is work of the dead", async () => {
  const { member } = await tellHousehold(office);
  const { personId, identityNumber } = member;
  await take(office, csv([rowOf(identityNumber)]));
  const other = rowOf(identityNumber, { 单位名称: "另一家厂", 统一社会信用代码: "", 入职日期: "2022-07-01" });
  expect(await take(office, csv([other]))).toMatchObject({ totals: { started: 1, suspects: 1 } });
  expect(await take(office, csv([other]))).toMatchObject({ totals: { unchanged: 1 } });
  const raised = () =>
    office
      .outbox()
      .then((all) => all.filter(({ type, data }) => type.includes("suspect.raised") && data["personId"] === personId));
  const records = (await recordsOf(personId)).map((record) => String(record["workRecordId"])).sort();
  expect(await raised()).toEqual([
    expect.objectContaining({
      data: expect.objectContaining({ ruleCode: "work-overlaps", about: "work-record", aboutId: records[1], region: village }),
    }),
  ]);
  const { state } = member;
  const died = { ...state, householdId: null, status: "died", since: "2022-08-01", ableWorker: false } as const;
  await office.publish([PersonDied.of(personId, 2, village, died)]);
  await office.settled();
  // Nobody touches the records: the daily look finds what has become wrong since.
  await office.ward.db.withTx(system("test"), (tx) =>
    requestJob(tx, system("test"), { kind: "find-work-suspects", region: "450000000000", input: {} }),
  );
  const codes = async () => (await raised()).map(({ data }) => data["ruleCode"]);
  await until(async () => (await codes()).length > 1, { what: "the look", timeoutMs: 30_000 });
  expect(await codes()).toEqual(["work-overlaps", "work-after-death", "work-after-death"]);
  expect(await take(office, csv([rowOf(identityNumber, { 月工资: "5000" })]))).toMatchObject({
    totals: { changed: 1, suspects: 0 },
  });

  const township = office.as(...offices.township);
  const list = async (more: string) =>
    // Safe: the reply's own schema.
    (await township.get(`/work-suspects?personId=${personId}&limit=200&${more}`)).json["items"] as Record<string, unknown>[];
  const [first] = await list("rule=work-overlaps");
  expect(first).toMatchObject({ aboutId: records[1], otherId: records[0], rule: { zh: expect.any(String) }, closedOn: null });
  const closed = { raisedBy: "employment", region: village, outcome: "true-as-recorded", closedOn: "2022-08-20" } as const;
  const suspectId = String(first?.["suspectId"]);
  await office.publish([SuspectClosed.of(suspectId, 1, village, { suspectId, ...closed })]);
  await until(async () => (await list("open=false")).length === 1, { what: "the answer", timeoutMs: 30_000 });
  expect(await list("open=false")).toMatchObject([{ suspectId, outcome: "true-as-recorded", closedOn: "2022-08-20" }]);
  expect(await list("open=true")).toHaveLength(2);
  expect((await office.as("township-officer", "451229100").get("/work-suspects?limit=200")).json["items"]).toEqual([]);
});

test("insurances change nothing: they agree, or the village is asked", async () => {
  const [agrees, differs, nobody] = [await tellHousehold(office), await tellHousehold(office), await tellHousehold(office)];
  await take(office, csv([agrees, differs].map(({ member }) => rowOf(member.identityNumber, { 统一社会信用代码: "" }))));
  const insured = (number: string, employer: string): Cells => ({ 身份证号: number, 单位名称: employer, 缴费月份: "2022-07" });
  const list = csv([
    insured(agrees.member.identityNumber, " 示例电子厂 "),
    insured(differs.member.identityNumber, "另一家厂"),
    insured(nobody.member.identityNumber, "另一家厂"),
  ]);
  const more = { kind: "social-insurance", document: "都人社函〔2022〕9号" };
  expect(await take(office, list, more)).toMatchObject({ totals: { agrees: 1, differs: 2, suspects: 2, started: 0 } });
  expect(await take(office, list, more)).toMatchObject({ totals: { agrees: 1, differs: 2, suspects: 0 } });
  const codes = (await office.outbox())
    .filter(({ type }) => type.includes("suspect.raised"))
    .filter(({ data }) => [differs, nobody].some(({ member }) => member.personId === data["personId"]))
    .map(({ data }) => [data["ruleCode"], data["about"]]);
  expect(codes).toEqual([
    ["insured-elsewhere", "work-record"],
    ["insured-not-recorded", "person"],
  ]);
});

test("a service that is cut off half-way goes on at its place: exact counts, nobody twice, and nothing of the list left behind", async () => {
  const numbers = await fillPeople(office, 1_100);
  const sent = await send(office, csv(numbers.map((number) => rowOf(number, { 姓名: "" }))));
  const chunks = () => office.database.rows("select n from kit.job_chunk where job_id = $1", [sent.json["jobId"]]);
  await until(async () => (await chunks()).length >= 2, { what: "the second chunk", timeoutMs: 60_000 });
  const keys = await loadKeys(office.environment["KEYS_FILE"] ?? "");
  const staged = await office.database.rows<{ line: number; secret: Buffer }>(
    "select line, secret from employment.work_import_row where list_id = $1 limit 1",
    [sent.json["importId"]],
  );
  for (const { line, secret } of staged) {
    const place = { table: "employment.work_import_row", id: `${sent.json["importId"]}/${line}` };
    expect(openRecord(keys, place, secret, ListRow)).toMatchObject({ employer: "示例电子厂" });
  }
  await office.database.rows(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and usename like '%_app'",
  );
  const progress = await taken(office, sent.json["importId"]);
  expect(progress.totals).toMatchObject({ rows: 1_100, started: 1_100, refused: 0 });
  const [kept] = await office.database.rows(
    `select count(*)::int as records, count(distinct w.person_id)::int as people, (select count(*)::int from employment.work_import_row) as staged
    from employment.work_record w join employment.person_identity i on i.person_id = w.person_id where i.name_mask is null`,
  );
  expect(kept).toEqual({ records: 1_100, people: 1_100, staged: 0 });
  const [events] = await office.database.rows(
    "select count(*)::int as n from kit.outbox where entity = 'work-record' and envelope::jsonb->'data'->>'personId' in (select person_id::text from employment.person_identity where name_mask is null)",
  );
  expect(events).toEqual({ n: 1_100 });
});
