import { until } from "@shouwang/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { measuredDivisions } from "./indicator-job.ts";
import { type ClinicDb, clinic } from "./testing/clinic.testing.ts";
import { noNats, startWard, type Ward, type WardDatabase, wardDatabase } from "./testing/ward.testing.ts";

const village = "451228100003";
const county = "451228000000";
let database: WardDatabase;
let ward: Ward<ClinicDb>;
const offsetTo = (day: string) => String(new Date(`${day}T09:00:00+08:00`).getTime() - Date.now());
const setClock = (day: string) => database.rows("update kit.clock set offset_ms = $1", [offsetTo(day)]);
/** Starts the service on a business date; its database's clock is moved there first. */
const start = async (day: string) => {
  const offset = offsetTo(day);
  await database.rows("update kit.clock set offset_ms = $1", [offset]);
  ward = await startWard(clinic, database, noNats, { CLOCK_OFFSET_MS: offset, COUNT_INDICATORS: "true" });
};

beforeAll(async () => {
  database = await wardDatabase(clinic, "kit_clinic");
  await start("2022-08-31");
});
afterAll(async () => {
  await ward.stop();
  await database.drop();
});

const officer = () => ward.as("county-officer", "451228");
const openFile = async () => String((await officer().post("/test-files", { region: village, weight: 60 })).json["fileId"]);
const visit = (fileId: string) => officer().post("/visits", { fileId, region: village, amountFen: 1 });
const jobs = (month: string, freeze: boolean) =>
  database.rows(
    "select from kit.job where kind = 'indicator-month' and state = 'done' and input->>'month' = $1 and (input->>'freeze')::boolean = $2",
    [month, freeze],
  );
const counted = (month: string, freeze: boolean, times = 1) =>
  until(async () => (await jobs(month, freeze)).length >= times, {
    what: `${month} to be ${freeze ? "frozen" : "counted"}`,
  });
type Items = Record<string, unknown>[];
const trend = async (code: string) => {
  const { json } = await officer().get(`/indicators/${code}/months?from=2022-08&to=2022-09`);
  return (json["items"] as Items).map(({ month, state, value }) => [month, state, value]);
};

test("a month is counted day by day, stands as it ended, and is frozen at its lock with what came in late", async () => {
  const file = await openFile();
  await visit(file);
  const live = (await officer().get("/indicators")).json["items"] as Items;
  expect(live.map(({ code, value, state, place }) => [code, value, state, place])).toEqual([
    ["S-01-files", 1, "live", "河池市都安瑶族自治县"],
    ["S-01-visits", 100, "live", "河池市都安瑶族自治县"],
  ]);
  await counted("2022-08", false);
  await setClock("2022-09-01");
  await counted("2022-08", false, 2);
  expect(await trend("S-01-files")).toContainEqual(["2022-08", "preliminary", 1]);

  await openFile();
  await visit(file);
  await visit(file);
  await setClock("2022-09-03");
  await counted("2022-09", false, 2);
  expect(await jobs("2022-08", true), "the lock day itself is still open").toHaveLength(0);
  await setClock("2022-09-04");
  await counted("2022-08", true);
  expect(await trend("S-01-files"), "a figure of a moment stands as the month ended").toEqual([
    ["2022-08", "frozen", 1],
    ["2022-09", "preliminary", 2],
  ]);
  expect((await trend("S-01-visits"))[0], "a figure of the month is counted with what came in late").toEqual([
    "2022-08",
    "frozen",
    150,
  ]);
  const events = await database.rows<{ n: number }>("select count(*)::int as n from kit.outbox where entity = 'indicator'");
  // A share of nothing has no figure to tell: only this county, its city and the region have visits.
  expect(events[0]?.n).toBe(measuredDivisions().length + 3);
});

test("a month is frozen once, whatever is restarted, and a month the service slept through when it is back", async () => {
  await ward.stop();
  await database.rows("update kit.schedule set last_slot = '2022-09-03' where name = 'indicators'");
  await start("2022-11-05");
  await counted("2022-09", true);
  await ward.stop();
  await database.rows("update kit.schedule set last_slot = '2022-11-04' where name = 'indicators'");
  const runs = (await database.rows("select from kit.job where kind = 'indicator-month'")).length;
  await start("2022-11-05");
  await until(async () => (await database.rows("select from kit.job where kind = 'indicator-month'")).length > runs, {
    what: "the day to be counted",
  });
  await counted("2022-11", false, 2);
  const rows = await database.rows(
    "select from kit.indicator_snapshot where code = 'S-01-files' and revision = 1 and region = $1",
    [county],
  );
  expect(rows, "August and September, once each").toHaveLength(2);
});

test("a frozen figure is corrected only with its reason, by the region, and keeps what it was", async () => {
  const correction = {
    region: county,
    month: "2022-08",
    numerator: 4,
    denominator: 2,
    reason: "走访记录重复",
    document: "桂乡振函〔2022〕7号",
  };
  const region = ward.as("region-officer", "45");
  expect((await officer().post("/indicators/S-01-visits/corrections", correction)).status).toBe(403);
  expect((await region.post("/indicators/S-01-visits/corrections", { ...correction, month: "2022-11" })).status).toBe(409);
  expect((await region.post("/indicators/S-01-visits/corrections", { ...correction, month: "2021-01" })).status).toBe(404);
  const { denominator: _, ...plain } = correction;
  const wrong = await region.post("/indicators/S-01-visits/corrections", plain);
  expect([wrong.status, wrong.json["errors"]]).toEqual([
    400,
    [expect.objectContaining({ pointer: "/denominator", clause: "S-01" })],
  ]);
  const done = await region.post("/indicators/S-01-visits/corrections", correction);
  expect([done.status, done.json]).toMatchObject([201, { state: "corrected", value: 200, reason: "走访记录重复" }]);
  const kept = await database.rows<{ revision: number; value: number }>(
    "select revision, value from kit.indicator_snapshot where code = 'S-01-visits' and region = $1 and month = '2022-08' order by revision",
    [county],
  );
  expect(kept).toEqual([
    { revision: 0, value: 100 },
    { revision: 1, value: 150 },
    { revision: 2, value: 200 },
  ]);
  await expect(
    ward.db.withTx({ issuer: "system", subject: "test", roles: [], region: "" }, async (tx) => {
      const { sql } = await import("kysely");
      const changed = await sql`update kit.indicator_snapshot set value = 0 where revision > 0`.execute(tx);
      return changed.numAffectedRows;
    }),
    "nobody writes over what is frozen",
  ).resolves.toBe(0n);
});

test("counties are ranked, those outside the caller's area are not shown", async () => {
  const all = (await ward.as("region-officer", "45").get("/indicators/S-01-visits/divisions?month=2022-08")).json[
    "items"
  ] as Items;
  expect(all).toHaveLength(111);
  // Without a target there is no rank.
  expect(all.find(({ region }) => region === county)).toMatchObject({ rank: null, value: 200, state: "corrected" });
  const own = (await officer().get("/indicators/S-01-visits/divisions?month=2022-08")).json["items"] as Items;
  expect(own.map(({ region }) => region)).toEqual([county]);
  for (const path of ["/indicators", "/indicators/S-01-visits/months", "/indicators/S-01-visits/divisions"])
    expect((await officer().get(`${path}?region=451229000000`)).json, path).toMatchObject({ status: 422, code: "outside-area" });
  for (const path of ["months", "divisions"]) expect((await officer().get(`/indicators/S-01-nothing/${path}`)).status).toBe(404);
  const beyond = { region: "459999000000", month: "2022-08", numerator: 1, reason: "没有这个地方", document: "无" };
  expect(
    (await ward.as("region-officer", "45").post("/indicators/S-01-files/corrections", { ...beyond, document: "某文" })).status,
  ).toBe(422);
});
