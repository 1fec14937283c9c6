import { signToken, until } from "@shouwang/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { kitFor } from "./declare.ts";
import { exportableLists, rowOf } from "./list-export.ts";
import { loadParameter } from "./loading.ts";
import { PageQuery, pageOf } from "./page.ts";
import { system } from "./principal.ts";
import { readSheet } from "./sheet.ts";
import { type ClinicDb, clinic } from "./testing/clinic.testing.ts";
import { noNats, startWard, type Ward, type WardDatabase, wardDatabase } from "./testing/ward.testing.ts";

const county = "451228";
let database: WardDatabase;
let ward: Ward<ClinicDb>;
beforeAll(async () => {
  database = await wardDatabase(clinic, "kit_clinic");
  ward = await startWard(clinic, database, noNats);
});
afterAll(async () => {
  await ward.stop();
  await database.drop();
});

const officer = (subject?: string, region = county) => ward.as("county-officer", region, subject);
const ask = (more: Record<string, unknown> = {}, by = officer()) =>
  by.post("/exports", { list: "list-test-files", format: "csv", purpose: "月度核对", ...more });
const done = (jobId: unknown) =>
  until(
    async () => {
      const { json } = await officer().get(`/jobs/${jobId}`);
      return json["state"] === "done" ? json : undefined;
    },
    { what: "the file to be written", timeoutMs: 60_000 },
  );
const fetchFile = async (fileId: string, by: { subject?: string; region?: string; role?: string } = {}) => {
  const [file] = await database.rows<{ name: string }>("select name from kit.file where id = $1", [fileId]);
  const token = await signToken({
    sub: by.subject ?? `county-officer-${county}`,
    sw_roles: [by.role ?? "county-officer"],
    sw_region: by.region ?? county,
  });
  const response = await fetch(`${ward.url}/api/v1/social/files/${fileId}`, { headers: { authorization: `Bearer ${token}` } });
  return { name: file?.name, reply: { status: response.status, content: Buffer.from(await response.arrayBuffer()) } };
};
const linesOf = async (content: Buffer) => {
  const sheet = await readSheet(content, { columns: [{ key: "fileId", titles: ["附件编号 File id"] }], maxRows: 30_000 });
  if (!sheet.ok) throw new Error("no sheet");
  const rows: Record<string, string>[] = [];
  for await (const { cells } of sheet.rows) rows.push(cells);
  return rows;
};

test("a list is a file of what its reader may see, page after page, with titles in both languages; a job that was killed goes on where it was", async () => {
  await database.admin.query(
    `insert into clinic.file (id, region, weight, name, version) select gen_random_uuid(), case when n <= 2500 then '451228100003' else '450124100001' end, n, '=1+' || n, 1
      from generate_series(1, 2600) n`,
  );
  const held = await database.admin.connect();
  await held.query("begin; lock table kit.file in share row exclusive mode");
  const asked = await ask({ filter: { heavierThan: 10 } });
  expect(asked.status, JSON.stringify(asked.json)).toBe(202);
  const kill = `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'insert into kit.file%'`;
  await until(async () => (await database.rows(kill)).length > 0, {
    what: "the file to be under way, and be cut off",
    timeoutMs: 60_000,
  });
  expect(await database.rows("select sum(rows)::int as rows, count(*) > 2 as parts from kit.export_part")).toEqual([
    { rows: 2490, parts: true },
  ]);
  expect(JSON.stringify(await database.rows("select * from kit.export_part")), "sealed on its way").not.toContain("=1+");
  await held.query("rollback");
  held.release();
  const { result, totals } = await done(asked.json["jobId"]);
  expect([totals, result]).toEqual([
    { rows: 2490, files: 1 },
    { files: [expect.any(String)], rows: 2490, complete: true },
  ]);
  expect(await database.rows("select from kit.export_part")).toEqual([]);

  const [fileId = ""] = Object(result)["files"];
  const own = await fetchFile(fileId);
  expect([own.reply.status, own.name]).toEqual([200, expect.stringMatching(/^list-test-files-.*-1\.csv$/)]);
  const rows = await linesOf(own.reply.content);
  expect(new Set(rows.map((row) => row["fileId"])).size).toBe(2490);
  expect(own.reply.content.toString("utf8").split("\r\n")[1]).toMatch(/"'=1\+\d+"/);
  expect((await fetchFile(fileId, { subject: "somebody-else" })).reply.status, "nobody else's").toBe(404);
  const audit = await database.rows("select action, purpose from kit.audit where entity = 'list' order by id");
  expect(audit).toEqual([
    { action: "ask-list-export", purpose: "月度核对" },
    { action: "export-list", purpose: '月度核对 (2490 list-test-files {"heavierThan":"10"})' },
  ]);
  const [kept] = await database.rows("select expires_on - kit.today() as days from kit.file where id = $1", [fileId]);
  expect(kept).toEqual({ days: 7 });
});

test("an auditor takes the lists they may read, and opens no file but their own", async () => {
  const auditor = ward.as("auditor", county, "auditor-one");
  const asked = await ask({}, auditor);
  expect(asked.status, JSON.stringify(asked.json)).toBe(202);
  const [fileId = ""] = Object((await done(asked.json["jobId"]))["result"])["files"];
  const one = { role: "auditor", subject: "auditor-one" };
  expect((await fetchFile(fileId, one)).reply.status).toBe(200);
  expect((await fetchFile(fileId, { ...one, subject: "auditor-two" })).reply.status).toBe(404);
  await database.admin.query("update kit.file set household_id = uuidv7(), uploaded_by = 'x' where id = $1", [fileId]);
  expect((await fetchFile(fileId, one)).reply.status, "a household's own papers").toBe(404);
});

test("as a workbook, no longer than the setting allows, and saying so", async () => {
  const limit = {
    key: "export.maxRows",
    region: "450000000000",
    value: 300,
    validFrom: "2022-01-01",
    document: "桂乡振发〔2022〕9号",
  };
  await ward.db.withTx(system("test"), (tx) => loadParameter(tx, system("test"), limit));
  const { result } = await done((await ask({ format: "xlsx" })).json["jobId"]);
  expect(result).toMatchObject({ rows: 300, complete: false });
  const [fileId = ""] = Object(result)["files"];
  expect(await linesOf((await fetchFile(fileId)).reply.content)).toHaveLength(300);
});

test("what is asked for wrongly is named; who may not read a list takes no file of it; nobody takes them by the dozen", async () => {
  const pointers = async (more: Record<string, unknown>) =>
    Object((await ask(more)).json["errors"]).map(({ pointer }: { pointer: string }) => pointer);
  expect(await pointers({ list: "weigh-test-file" })).toEqual(["/list"]);
  expect(await pointers({ filter: { heavierThan: "much" } })).toEqual(["/filter/heavierThan"]);
  expect(await pointers({ filter: { lighter: 1 } })).toEqual(["/filter/lighter"]);
  expect(await pointers({ purpose: "看" })).toEqual(["/purpose"]);
  expect((await ask({}, ward.as("city-officer", "4512"))).json["code"]).toBe("role-not-allowed");
  expect((await ward.as("helper", county).post("/exports", {})).status).toBe(403);
  const { items } = (await officer().get("/exports")).json;
  expect(items).toMatchObject([{ list: "list-test-files", filter: ["heavierThan"] }]);
  expect((await ward.as("city-officer", "4512").get("/exports")).json["items"]).toEqual([]);
  await database.admin.query(
    `insert into kit.job (id, kind, region, principal, input, state) select gen_random_uuid(), 'list-export', '451228000000', j.principal, '{}', 'done'
      from generate_series(1, 20), (select principal from kit.job where kind = 'list-export' limit 1) j`,
  );
  const many = await ask();
  expect([many.status, many.headers.get("retry-after")]).toEqual([429, "3600"]);
});

test("columns come from what the list shows: money in yuan, yes and no, codes by their titles, one column for both languages, a list of things in one cell; a column or code without a title is a mistake of whoever declares it", () => {
  const item = z.object({
    householdId: z.string(),
    perCapitaFen: z.int().nullable(),
    overdue: z.boolean(),
    needTitle: z.object({ zh: z.string(), en: z.string() }),
    guarantees: z.object({ housing: z.boolean().nullable() }),
    risks: z.array(z.enum(["illness", "schooling"])),
    severity: z.string().nullable(),
    region: z.string(),
    reasons: z.array(z.object({ code: z.string(), zh: z.string(), en: z.string() })),
    found: z.array(z.object({ department: z.string(), overdue: z.boolean(), date: z.string().nullable() })),
  });
  const list = (reply: z.ZodObject, exports = {}) =>
    kitFor<ClinicDb>().query(
      {
        operation: "x",
        path: "/x",
        summary: { zh: "表", en: "X" },
        allow: [],
        query: PageQuery,
        reply: pageOf(reply),
        exports,
        problems: [],
      },
      async () => ({ reply: { items: [], next: null } }),
    );
  const columns = exportableLists([list(item)]).get("x")?.columns ?? [];
  expect(columns.map(({ title }) => title)).toEqual([
    "农户编号 Household id",
    "人均纯收入(元) Per capita (yuan)",
    "超期 Overdue",
    "需求名称 Need title",
    "住房安全 Housing",
    "风险类型 Risks",
    "风险等级 Severity",
    "行政区划代码 Region",
    "行政区划 Place",
    "理由 Reasons",
    "发现内容 Found",
  ]);
  const one = {
    householdId: "h",
    perCapitaFen: 123_450,
    overdue: true,
    needTitle: { zh: "水", en: "water" },
    guarantees: { housing: null },
    risks: ["illness", "schooling"],
    severity: "severe",
    region: "451228100003",
    reasons: [
      { code: "a", zh: "收入低", en: "low" },
      { code: "b", zh: "有病人", en: "ill" },
    ],
    found: [
      { department: "civil-affairs", overdue: false, date: null },
      { department: "a-new-one", overdue: true, date: "2022-08-01" },
    ],
  };
  expect(Object.values(rowOf(columns, one))).toEqual([
    ...["h", 1234.5, "是", "水", null, "因病、因学", "严重困难", "451228100003", expect.stringContaining("都安瑶族自治县")],
    ...["收入低;有病人", "民政 否;a-new-one 是 2022-08-01"],
  ]);
  const own = { codes: { severity: { severe: "最重" } }, things: { found: ["date"] } };
  expect(Object.values(rowOf(exportableLists([list(item, own)]).get("x")?.columns ?? [], one))).toEqual(
    expect.arrayContaining(["最重", ";2022-08-01"]),
  );
  const endless = { ...one, reasons: Array.from({ length: 5_000 }, () => ({ code: "a", zh: "收入很低很低很低", en: "low" })) };
  expect(String(rowOf(columns, endless)["reasons"]).length).toBeLessThan(32_767);
  expect(() => exportableLists([list(z.object({ severity: z.enum(["severe", "unheard-of"]) }))])).toThrow(
    /severity unheard-of has no Chinese title/,
  );
  const nameless = z.object({ nobodyCallsItSo: z.string() });
  expect(() => exportableLists([list(nameless)])).toThrow(/nobodyCallsItSo has no Chinese title/);
  expect(exportableLists([list(nameless, { titles: { nobodyCallsItSo: "某" } })]).size).toBe(1);
  expect(() =>
    exportableLists([
      list(z.object({})),
      kitFor<ClinicDb>().query(
        { operation: "y", path: "/y", summary: { zh: "表", en: "Y" }, allow: [], reply: item, exports: {}, problems: [] },
        async () => ({ reply: item.parse({}) }),
      ),
    ]),
  ).toThrow(/no list in pages/);
});
