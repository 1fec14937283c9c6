import { readSheet } from "@shouwang/service-kit";
import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { makeIdentityNumber } from "@shouwang/service-kit/identity";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Office, startOffice } from "../office.testing.ts";
import { county, newNumber, registerCouple, township, village } from "../people.testing.ts";
import { type Cells, compared, differencesOf, exported, nationalFile, upload } from "./sheet.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());

const asVillage = () => office.as("village-officer", village);
const asTownship = () => office.as("township-officer", township);
const asCounty = () => office.as("county-officer", county);
let serial = 0;
/** A couple of a household number of its own, registered, with the rows the national system has of it. */
async function couple(more: Record<string, unknown> = {}) {
  const householdNo = `45122800${String(++serial).padStart(4, "0")}`;
  const numbers = [newNumber("1975-03-05", "male"), newNumber("1978-06-01", "female")] as const;
  const household = {
    householdNo,
    guarantees: { schooling: true, medicalCare: true, housing: true, drinkingWater: true },
    ...more,
  };
  const householdId = await registerCouple(office, {
    ...household,
    members: [
      {
        name: "韦大明",
        identityNumber: numbers[0],
        relation: "head",
        labourSkill: "ordinary",
        education: "junior",
        phone: "13800138000",
      },
      { name: "覃小花", identityNumber: numbers[1], relation: "spouse", labourSkill: "ordinary", education: "primary" },
    ],
  });
  const common = {
    householdNo,
    labourSkill: "普通劳动力",
    health: "健康",
    householdKind: "脱贫户",
    drinkingWater: "是",
    people: "壮族",
  };
  const rows: [Cells, Cells] = [
    { ...common, name: "韦大明", identityNumber: numbers[0], relation: "户主", education: "初中" },
    { ...common, name: "覃小花", identityNumber: numbers[1], relation: "配偶", education: "小学" },
  ];
  const members = (await asVillage().get(`/households/${householdId}`)).json["members"] as {
    personId: string;
    relation: string;
  }[];
  const idOf = (relation: string) => members.find((one) => one.relation === relation)?.personId ?? "";
  return { householdId, householdNo, rows, head: idOf("head"), spouse: idOf("spouse") };
}
const suspectsOf = async (householdId: string) =>
  (await asVillage().get(`/suspects?householdId=${householdId}&limit=200`)).json["items"] as Record<string, unknown>[];
const asked = (suspects: Record<string, unknown>[]) =>
  suspects.filter(({ raisedBy }) => raisedBy === "national-system").map(({ ruleCode }) => ruleCode);

describe("a sheet of the national system", () => {
  test("is compared field by field: what differs is asked of the village, and the registry stays as it is", async () => {
    const { householdId, rows, head, spouse } = await couple();
    const child = newNumber("2003-02-03", "female");
    const [first] = rows;
    const listed: Cells[] = [
      { ...first, education: "小学", name: "韦大铭" },
      { ...first, name: "韦小妹", identityNumber: child, relation: "之女", education: "" },
    ];
    const before = (await asVillage().get(`/households/${householdId}`)).json;
    const { sheetId, totals, links } = await compared(office, await nationalFile(listed));
    expect(totals).toMatchObject({
      rows: 2,
      refused: 0,
      unmatched: 0,
      households: 1,
      same: 0,
      differences: 4,
      asked: 4,
      known: 0,
    });
    expect(links.errorsFile).toBeNull();
    const differences = await differencesOf(office, sheetId);
    expect(
      differences.map(({ personId, field, ours, theirs, state }) => [personId, field.slice(0, 9), ours, theirs, state]),
    ).toEqual(
      expect.arrayContaining([
        [head, "education", "junior", "primary", "asked"],
        [head, "name", "韦*明", "韦*铭", "asked"],
        [spouse, "member", expect.stringMatching(/^451228\*{8}/), null, "asked"],
        [
          null,
          `member-${differences.find(({ ours }) => ours === null)?.field.slice(7, 9)}`,
          null,
          expect.stringMatching(/^451228\*{8}/),
          "asked",
        ],
      ]),
    );
    expect(asked(await suspectsOf(householdId)).sort()).toEqual([
      "national-education",
      "national-member-not-listed",
      "national-member-not-registered",
      "national-name",
    ]);
    const suspect = (await suspectsOf(householdId)).find(({ ruleCode }) => ruleCode === "national-education");
    expect(suspect).toMatchObject({
      raisedBy: "national-system",
      found: [
        { value: "junior", source: "registry", date: "2022-08-15" },
        { value: "primary", source: "全国系统导出〔2022〕8月", department: "national-system", date: "2022-08-10" },
      ],
    });
    expect((await asVillage().get(`/households/${householdId}`)).json).toEqual(before);
    // The village sees what the county's sheet says of its own household, and not the sheet.
    const own = (await asVillage().get(`/national-differences?sheetId=${sheetId}`)).json["items"] as unknown[];
    expect(own).toHaveLength(4);
    expect((await asVillage().get(`/national-sheets/${sheetId}`)).json).toMatchObject({ code: "national-sheet-not-found" });
    expect((await office.as("county-officer", "451229").get(`/national-differences?sheetId=${sheetId}`)).json["items"]).toEqual(
      [],
    );
    const told = (await office.outbox()).filter(
      ({ type, data }) => type.includes("import.finished") && data["importId"] === sheetId,
    );
    expect(told.map(({ data }) => data)).toMatchObject([
      { layout: "national-household-members", rows: 2, unchanged: 2, refused: 0 },
    ]);
  });

  test("tried first, it lists what differs and asks nobody", async () => {
    const { householdId, rows } = await couple();
    const changed = rows.map((row) => ({ ...row, drinkingWater: "否" }));
    const { sheetId, totals } = await compared(office, await nationalFile(changed), { dryRun: "true" });
    expect(totals).toMatchObject({ differences: 1, asked: 0, known: 0 });
    expect(await differencesOf(office, sheetId)).toMatchObject([
      { field: "drinkingWater", state: "trial", suspect: null, adoptable: false },
    ]);
    expect(asked(await suspectsOf(householdId))).toEqual([]);
  });

  test("asks once: not while the question is open, and not after it was decided on the same values", async () => {
    const { householdId, rows } = await couple();
    const changed = rows.map((row) => ({ ...row, householdKind: "一般农户" }));
    const file = await nationalFile(changed);
    expect((await compared(office, file)).totals).toMatchObject({ asked: 1, known: 0 });
    expect((await compared(office, file)).totals).toMatchObject({ asked: 0, known: 1 });
    const id = (await suspectsOf(householdId)).find(({ ruleCode }) => ruleCode === "national-household-kind")?.["suspectId"];
    const ok = async (reply: Promise<{ status: number; json: unknown }>) => {
      const { status, json } = await reply;
      expect(status, JSON.stringify(json)).toBe(200);
    };
    await ok(asCounty().post(`/suspects/${id}/assignment`, {}));
    await ok(asVillage().post(`/suspects/${id}/check`, { outcome: "not-true", because: "other-source-wrong" }));
    await ok(asTownship().post(`/suspects/${id}/review`, { accepted: true }));
    await ok(asCounty().post(`/suspects/${id}/closure`, { accepted: true }));
    const again = await compared(office, file);
    expect(again.totals).toMatchObject({ asked: 0, known: 1 });
    expect(await differencesOf(office, again.sheetId)).toMatchObject([
      { state: "asked", suspect: { suspectId: id, status: "closed", outcome: "not-true" } },
    ]);
    expect(await differencesOf(office, again.sheetId, "&open=true")).toEqual([]);
    // Another value than the one that was decided is a question of its own.
    const other = rows.map((row) => ({
      ...row,
      householdKind: "脱贫户",
      relation: row["relation"] === "配偶" ? "其他" : "户主",
    }));
    expect((await compared(office, await nationalFile(other))).totals).toMatchObject({ asked: 1, known: 0 });
    expect(asked(await suspectsOf(householdId)).sort()).toEqual(["national-household-kind", "national-relation"]);
  });

  test("sends back rows that are wrong or about nobody here, with the reason, and compares the others", async () => {
    const { rows } = await couple();
    const [first, second] = rows;
    const stranger = makeIdentityNumber("452729", parseBusinessDate("1990-01-01"), 7);
    const listed: Cells[] = [
      first,
      { ...second, relation: "之侄孙" },
      { ...first, householdNo: "99", identityNumber: stranger, name: "生人" },
      { ...first, identityNumber: "4.51228E+17" },
    ];
    const { totals, links } = await compared(office, await nationalFile(listed));
    expect(totals).toMatchObject({ rows: 4, refused: 2, unmatched: 1, households: 1 });
    const response = await asCounty().send(String(links.errorsFile).replace("/api/v1/monitoring", ""), { method: "GET" });
    const sheet = await readSheet(Buffer.from(await response.arrayBuffer()), {
      columns: [{ key: "why", titles: ["问题"], required: true }],
    });
    if (!sheet.ok) throw new Error(sheet.zh);
    const why = [];
    for await (const { cells } of sheet.rows) why.push([cells["原行号"], cells.why]);
    expect(why).toEqual([
      ["5", expect.stringContaining("与户主关系:应为")],
      ["6", expect.stringContaining("登记库中没有此人")],
      ["7", expect.stringContaining("数值格式")],
    ]);
  });

  test("finds its header under two title rows and its columns by any of their names; what it is not is said at once", async () => {
    const { rows } = await couple();
    const titles = { identityNumber: "公民身份号码", householdNo: "户编码", relation: "家庭关系", householdKind: "户类型" };
    expect((await compared(office, await nationalFile([...rows], titles))).totals).toMatchObject({ households: 1, same: 1 });
    const lacking = await upload(office, await nationalFile([...rows], { relation: "称谓" }));
    expect(lacking.json).toMatchObject({ code: "list-columns-missing", errors: [{ zh: "缺少列:与户主关系" }] });
    expect((await upload(office, Buffer.from("PK not a workbook"))).json).toMatchObject({ status: 422 });
    expect((await upload(office, await nationalFile([]))).json).toMatchObject({
      code: "list-unreadable",
      errors: [{ rule: "sheet-empty" }],
    });
    const ahead = await upload(office, await nationalFile([...rows]), { dataDate: "2022-08-16" });
    expect(ahead.json).toMatchObject({ code: "invalid-input", errors: [{ pointer: "/dataDate" }] });
    expect((await upload(office, await nationalFile([...rows]), {}, asVillage())).status).toBe(403);
    const layouts = (await asVillage().get("/national-layouts")).json["items"] as { kind: string }[];
    expect(layouts.map(({ kind }) => kind)).toEqual(["monitored-households", "household-members"]);
    const listed = (await asCounty().get("/national-sheets?limit=2")).json;
    expect(listed).toMatchObject({ items: [{}, {}], next: expect.any(String) });
  });

  test("leaves nothing of a person in clear, in the tables, the events or the log of the job", async () => {
    const client = new pg.Client({ connectionString: office.adminUrl });
    await client.connect();
    for (const table of ["kit.received_list", "kit.refused_row", "monitoring.national_difference", "monitoring.suspect"]) {
      const { rows } = await client.query<{ text: string }>(
        `select coalesce(string_agg(t::text, ' '), '') as text from ${table} t`,
      );
      expect(rows[0]?.text, table).not.toMatch(/韦大明|覃小花|韦小妹|451228(19|20)\d{9}[\dX]/);
    }
    const { rows } = await client.query("select from monitoring.national_row");
    expect(rows).toEqual([]);
    await client.end();
  });
});

describe("taking theirs over", () => {
  test("is a change like any other, with its source and day; what the registry has changed since is not written over", async () => {
    const { householdId, rows, spouse } = await couple({
      guarantees: { schooling: null, medicalCare: null, housing: null, drinkingWater: null },
    });
    const [first, second] = rows;
    const { sheetId, totals } = await compared(
      office,
      await nationalFile([first, { ...second, education: "初中", health: "长期慢性病,残疾", labourSkill: "丧失劳动力" }]),
    );
    expect(totals).toMatchObject({ differences: 4, gaps: 1, asked: 3 });
    const differences = await differencesOf(office, sheetId);
    const adopt = async (field: string) =>
      await asVillage().post(
        `/national-differences/${differences.find((one) => one.field === field)?.differenceId}/adoption`,
        {},
      );
    for (const field of ["drinkingWater", "education", "health", "labourSkill"]) {
      const { status, json } = await adopt(field);
      expect(status, JSON.stringify(json)).toBe(200);
      expect(json).toMatchObject({ field, adoptable: false, adoptedAt: expect.any(String) });
    }
    expect((await adopt("education")).json).toMatchObject({ code: "national-difference-stale" });
    const after = (await asVillage().get(`/households/${householdId}`)).json;
    expect(after).toMatchObject({ ableWorkers: 1, guarantees: { drinkingWater: true } });
    expect((after["members"] as { personId: string }[]).find(({ personId }) => personId === spouse)).toMatchObject({
      ...{ education: "junior", health: ["chronic-illness", "disabled"], labourSkill: "lost", ableWorker: false },
    });
    const history = (await asVillage().get(`/households/${householdId}/history`)).json["items"] as Record<string, unknown>[];
    expect(history).toContainEqual(expect.objectContaining({ source: "national-system", document: "全国系统导出〔2022〕8月" }));
    expect(
      (
        await compared(
          office,
          await nationalFile([first, { ...second, education: "初中", health: "残疾,长期慢性病", labourSkill: "丧失劳动力" }]),
        )
      ).totals,
    ).toMatchObject({ same: 1, differences: 0 });
  });

  test("takes household number and hamlet, housing and insurance; not a name, a relation or a member", async () => {
    const { householdId, rows } = await couple({
      householdNo: undefined,
      guarantees: { schooling: null, medicalCare: null, housing: null, drinkingWater: null },
    });
    const [first, second] = rows;
    const titles = {
      hamlet: "自然村",
      unsafeHousing: "危房户",
      seriousIllnessInsurance: "是否参加大病保险",
      schooling: "在校生状况",
    };
    const more = { hamlet: "弄屯", unsafeHousing: "否", seriousIllnessInsurance: "是" };
    const { sheetId } = await compared(
      office,
      await nationalFile(
        [
          { ...first, ...more, name: "韦大铭" },
          { ...second, ...more, schooling: "中职二年级" },
        ],
        titles,
      ),
    );
    const differences = await differencesOf(office, sheetId);
    const adopt = async (field: string) =>
      (
        await asVillage().post(
          `/national-differences/${differences.find((one) => one.field === field)?.differenceId}/adoption`,
          {},
        )
      ).json;
    for (const field of ["householdNo", "hamlet", "unsafeHousing", "seriousIllnessInsurance", "schooling"])
      expect(await adopt(field), field).toMatchObject({ adoptedAt: expect.any(String) });
    expect(await adopt("name")).toMatchObject({ code: "national-field-not-adoptable" });
    expect((await asVillage().get(`/households/${householdId}`)).json).toMatchObject({
      ...{ householdNo: first["householdNo"], hamlet: "弄屯", guarantees: { housing: true } },
    });
    const [one] = (await differencesOf(office, (await compared(office, await nationalFile([first]))).sheetId)).filter(
      ({ field }) => field === "member",
    );
    expect((await asVillage().post(`/national-differences/${one?.differenceId}/adoption`, {})).json).toMatchObject({
      code: "national-field-not-adoptable",
    });
    const kind = await compared(office, await nationalFile([{ ...first, householdKind: "普通农户" }, second]));
    const [other] = await differencesOf(office, kind.sheetId, "&field=householdKind");
    expect((await asVillage().post(`/national-differences/${other?.differenceId}/adoption`, {})).json).toMatchObject({
      code: "national-field-not-adoptable",
    });
  });

  test("is refused where the household is moving, has ended, or is not the caller's", async () => {
    const { householdId, rows } = await couple();
    const changed = rows.map((row) => ({ ...row, drinkingWater: "否" }));
    const [one] = await differencesOf(office, (await compared(office, await nationalFile(changed))).sheetId);
    const path = `/national-differences/${one?.differenceId}/adoption`;
    expect((await office.as("village-officer", "451229100001").post(path, {})).json).toMatchObject({
      code: "national-difference-not-found",
    });
    const versionOf = async () => Number((await asVillage().get(`/households/${householdId}`)).json["version"]);
    const move = { toRegion: "451229100001", reason: "work" };
    const offer = await asVillage().post(`/households/${householdId}/moves`, move, undefined, await versionOf());
    expect((await asVillage().post(path, {})).json).toMatchObject({ code: "household-moving" });
    await asVillage().post(`/household-moves/${offer.json["moveId"]}/withdrawal`, {});
    const closure = { code: "moved-away", on: office.today(), document: "都户迁〔2022〕2号", source: "公安户籍" };
    expect((await asTownship().post(`/households/${householdId}/closure`, closure, undefined, await versionOf())).status).toBe(
      200,
    );
    expect((await asVillage().post(path, {})).json).toMatchObject({ code: "household-not-active" });
  });
});

describe("an export in the national system's layout", () => {
  test("has its title rows and columns, is masked, and inert whatever a cell begins with", async () => {
    const { householdNo } = await couple({ hamlet: '=HYPERLINK("x")' });
    const { files, totals } = await exported(office, { region: village });
    expect(files).toHaveLength(1);
    const [file] = files;
    expect(file?.headerLine).toBe(3);
    expect(totals["people"]).toBe(file?.rows.length);
    const row = file?.rows.find((one) => one["householdNo"] === householdNo);
    expect(row).toMatchObject({
      name: "韦*明",
      relation: "户主",
      householdKind: "脱贫户",
      hamlet: '=HYPERLINK("x")',
      phone: "138****8000",
    });
    expect(JSON.stringify(file?.rows)).not.toMatch(/韦大明|\b\d{17}[\dX]\b/);
  });

  test("in full, for a purpose that is recorded, it is taken in again without a difference", async () => {
    const { files } = await exported(office, { region: county, full: true, purpose: "报送国家系统" });
    const [file] = files;
    if (!file) throw new Error("no file");
    const again = await compared(office, file.content, { document: "本地导出" });
    expect(again.totals).toMatchObject({ refused: 0, unmatched: 0, rows: file.rows.length, differences: 0 });
    expect(again.totals["same"]).toBe(again.totals["households"]);
    const client = new pg.Client({ connectionString: office.adminUrl });
    await client.connect();
    const { rows } = await client.query("select purpose from kit.audit where action = 'export-national-sheet-full'");
    await client.end();
    expect(rows).toEqual([{ purpose: "报送国家系统" }]);
  });

  test("is for the area of whoever asks, and in full for township and county", async () => {
    const body = { kind: "household-members", purpose: "村级核对", region: village };
    expect((await asVillage().post("/national-exports", { ...body, full: true })).json).toMatchObject({
      code: "role-not-allowed",
    });
    expect((await asVillage().post("/national-exports", body)).status).toBe(202);
    expect((await asVillage().post("/national-exports", { ...body, region: township })).json).toMatchObject({
      code: "outside-area",
    });
    expect((await asCounty().post("/national-exports", { ...body, region: "459999" })).json).toMatchObject({
      code: "unknown-division",
    });
    const { files } = await exported(office, { region: "451228101", kind: "monitored-households" });
    expect(files).toEqual([]);
  });
});
