import { until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { admin, earningCouple, runListing } from "../focus-household/focus.testing.ts";
import { meanwhile } from "../meanwhile.testing.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, registerCouple, township, village } from "../people.testing.ts";

let office: Office;
let households: string[];
beforeAll(async () => {
  office = await startOffice("2022-07-15");
  households = [];
  for (let n = 0; n < 4; n += 1) households.push(await earningCouple(office, 1_500_000, 900_000));
  expect(await runListing(office)).toMatchObject({ listed: 4 });
});
afterAll(() => office.stop());
const asVillage = () => office.as("village-officer", village);
const todoOf = async (role: "village-officer" | "township-officer" | "county-officer", region: string, kind: string) => {
  const todo = await office.as(role, region).get("/todo");
  const items: Record<string, unknown>[] = Object(todo.json)["items"];
  return items.filter((item) => item["kind"] === kind);
};
const overdue = async (kind: string) =>
  (await office.outbox()).filter((event) => event.type === "monitoring.deadline.overdue.v1" && event.data["kind"] === kind);
const told = async (kind: string, period: string) =>
  await until(async () => {
    const rows = await admin(
      office,
      "select region from kit.round_told where kind = $1 and period = $2 and region = '000000000000'",
      [kind, period],
    );
    return rows.length === 1;
  });

test("a measure, a home visit and a record each are a month's help; a call is none unless the settings say so, and what is missing is listed", async () => {
  const [measured = "", visited = "", recorded = "", called = ""] = households;
  const item = { clause: "M-05", period: "2022-07", region: village, role: "village-officer", open: 4, overdue: false };
  expect(await todoOf("village-officer", village, "monthly-help")).toMatchObject([item]);
  expect(await todoOf("county-officer", county, "monthly-help")).toMatchObject([{ region: `${township}000`, open: 4 }]);

  const today = office.today();
  expect(
    (await asVillage().post(`/households/${measured}/measures`, { category: "job", implementedAt: office.now().toISOString() }))
      .status,
  ).toBe(201);
  const visit = { purposes: ["monthly-help"], visitedOn: today, changed: false };
  expect((await asVillage().post("/visits", { ...visit, visitId: uuidv7(), householdId: visited, mode: "home" })).status).toBe(
    201,
  );
  expect((await asVillage().post("/visits", { ...visit, visitId: uuidv7(), householdId: called, mode: "phone" })).status).toBe(
    201,
  );
  const help = { kind: "job-found", helpedOn: today, note: "介绍到镇上车间" };
  expect((await asVillage().post(`/households/${recorded}/monthly-helps`, help)).json).toMatchObject({ month: "2022-07" });

  const progress = await office.as("county-officer", county).get("/monthly-helps/2022-07");
  expect(progress.json["items"]).toMatchObject([{ region: `${township}000`, households: 4, helped: 3, missing: 1 }]);
  expect((await asVillage().get("/monthly-helps/2022-07/missing")).json["items"]).toEqual([
    { householdId: called, region: village, helps: 0 },
  ]);
  expect((await asVillage().get(`/households/${visited}/monthly-helps/2022-07`)).json["items"]).toEqual([
    { day: today, way: "home-visit" },
  ]);
  expect(await todoOf("village-officer", village, "monthly-help")).toMatchObject([{ open: 1 }]);
  const clauses = JSON.stringify((await asVillage().get("/clauses")).json);
  expect(clauses).toContain('"code":"M-05-help"');
  expect(clauses).toContain('"value":75');
});

test("a help is refused in the future, in a locked month and for a household that is not on the list", async () => {
  const [first = ""] = households;
  const path = `/households/${first}/monthly-helps`;
  expect((await asVillage().post(path, { kind: "other", helpedOn: "2022-07-16" })).json).toMatchObject({
    code: "help-in-future",
  });
  expect((await asVillage().post(path, { kind: "other", helpedOn: "2022-06-30" })).json).toMatchObject({
    code: "help-month-locked",
  });
  const other = await registerCouple(office);
  const entry = { kind: "other", helpedOn: office.today() };
  expect((await asVillage().post(`/households/${other}/monthly-helps`, entry)).json).toMatchObject({
    code: "not-a-focus-household",
  });
  expect((await office.as("village-officer", "451229100201").post(path, entry)).json).toMatchObject({
    code: "household-not-found",
  });
});

test("the quarter's lines and reports: due after its end, a line corrected, a report approved by another person and frozen", async () => {
  const [first = "", second = ""] = households;
  await office.advance(80);
  expect(office.today()).toBe("2022-10-03");
  expect(await todoOf("village-officer", village, "quarterly-analysis")).toMatchObject([
    { period: "2022-Q3", open: 4, overdue: false },
  ]);
  expect(await todoOf("township-officer", township, "quarterly-report")).toMatchObject([{ region: `${township}000`, open: 1 }]);
  const line = { quarter: "2022-Q3", trend: "worse", cause: "unstable-work", perCapitaFen: 180_000, note: "韦大明停工" };
  const path = `/households/${first}/quarterly-analyses`;
  expect((await asVillage().post(path, line)).json).toMatchObject({ version: 1 });
  expect((await asVillage().post(path, { ...line, trend: "steady" })).json).toMatchObject({ version: 2, trend: "steady" });
  expect((await asVillage().post(`/households/${second}/quarterly-analyses`, { ...line, cause: "illness" })).status).toBe(201);
  expect((await asVillage().post(path, { ...line, quarter: "2023-Q1" })).json).toMatchObject({ code: "invalid-input" });
  const unlisted = `/households/${await registerCouple(office)}/quarterly-analyses`;
  expect((await asVillage().post(unlisted, line)).json).toMatchObject({ code: "not-a-focus-household", clause: "M-05" });
  expect((await asVillage().get("/quarterly-analyses/2022-Q3/missing")).json["items"]).toHaveLength(2);

  const report = `/quarterly-reports/2022-Q3/${township}000`;
  const asAuthor = office.as("township-officer", township, "author");
  const written = await asAuthor.post(report, { findings: "本季度务工收入下降,建议增设公益性岗位。" });
  expect(written.json).toMatchObject({
    status: "draft",
    figures: { households: 4, analysed: 2, byTrend: { steady: 1, worse: 1 } },
  });
  const reopen = () => office.as("county-officer", county).post(`${report}/reopening`, { reason: "补充一户" });
  expect((await reopen()).json).toMatchObject({ code: "report-state", detail: expect.stringContaining("尚未审定") });
  expect((await asAuthor.post(`${report}/approval`, {})).json).toMatchObject({ code: "same-person-twice" });
  // Two who write the first draft of a report at once: the second sees that there is one, and overwrites nothing.
  const other = `/quarterly-reports/2022-Q3/${county}000000`;
  const firstDraft = {
    text: `insert into monitoring.quarterly_report (id, region, quarter, status, findings, author, revision, version)
      select uuidv7(), $1, quarter, status, findings, 'somebody', 1, 1 from monitoring.quarterly_report limit 1`,
    values: [`${county}000000`],
    waiting: 'insert into "monitoring"."quarterly_report"',
  };
  const secondDraft = () => office.as("county-officer", county).post(other, { findings: "全县收入总体平稳,个别乡镇下降。" });
  expect((await meanwhile(office, firstDraft, secondDraft)).json).toMatchObject({ status: 409, code: "state-conflict" });
  const asOther = office.as("township-officer", township, "leader");
  expect((await asOther.post(`${report}/approval`, {})).json).toMatchObject({ status: "approved", figures: { analysed: 2 } });
  expect((await asAuthor.post(report, { findings: "再改一次,看看是否还能改。" })).json).toMatchObject({ code: "report-state" });
  expect((await asAuthor.post(`${report}/approval`, {})).json).toMatchObject({
    code: "report-state",
    detail: expect.stringContaining("重开"),
  });
  await asVillage().post(`/households/${households[2]}/quarterly-analyses`, line);
  expect((await asOther.get(report)).json).toMatchObject({ figures: { analysed: 2 } });
  expect(await todoOf("township-officer", township, "quarterly-report")).toEqual([]);
  expect(await todoOf("county-officer", county, "quarterly-report")).toMatchObject([{ region: `${county}000000` }]);
  const opened = await reopen();
  expect(opened.json).toMatchObject({ status: "draft", revision: 2, figures: { analysed: 3 } });
  expect(
    (await office.as("township-officer", "451228101").post(report, { findings: "别的乡镇不能写这份报告。" })).json,
  ).toMatchObject({
    code: "not-found",
  });
});

test("when its time has passed, what was left open is told once a village or township, with how many", async () => {
  await told("monthly-help", "2022-07");
  expect(await overdue("monthly-help")).toMatchObject([
    { data: { clause: "M-05", about: "focus-household", region: village, open: 1 } },
    { data: { region: village, open: 4 } },
  ]);
  expect(await todoOf("village-officer", village, "monthly-help")).toMatchObject([{ period: "2022-09" }, { period: "2022-10" }]);
  await office.advance(8);
  await told("quarterly-analysis", "2022-Q3");
  await told("quarterly-report", "2022-Q3");
  expect((await overdue("quarterly-analysis")).at(-1)).toMatchObject({ data: { region: village, open: 1 } });
  expect((await overdue("quarterly-report")).map((event) => event.data["region"])).toEqual([`${county}000000`, `${township}000`]);
  expect(await todoOf("village-officer", village, "quarterly-analysis")).toMatchObject([
    { period: "2022-Q3", open: 1, overdue: true },
  ]);
  expect(await overdue("monthly-help")).toHaveLength(3);
});
