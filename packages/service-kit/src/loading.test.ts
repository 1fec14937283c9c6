import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadDocument } from "./loading.ts";
import { issuedTargetFor, parameterFor } from "./parameter.ts";
import { system } from "./principal.ts";
import { type ClinicDb, clinic } from "./testing/clinic.testing.ts";
import { noNats, startWard, type Ward, type WardDatabase, wardDatabase } from "./testing/ward.testing.ts";

const county = "451228000000";
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
const region = () => ward.as("region-officer", "45");
const rate = (value: number, more: Record<string, unknown> = {}) => ({
  key: "labourSubsidy.rate",
  region: county,
  value,
  validFrom: "2022-01-01",
  ...more,
});
const rateNow = async (at = county, day = "2022-08-15") =>
  (await ward.db.withReadTx(system("test"), (tx) => parameterFor(tx, "labourSubsidy.rate", at, day))).value;
const events = async () =>
  (await database.rows<{ envelope: string }>("select envelope from kit.outbox where entity = 'parameter' order by id"))
    .map((row) => JSON.parse(row.envelope))
    .map(({ subject, sequence, data }) => ({ subject, sequence, ...data }));

describe("a document", () => {
  test("sets its values all at once, from its first day, and says so; until then they are not loaded", async () => {
    expect(await rateNow()).toBe(null);
    const checked = await region().post("/loading-checks", { rows: [rate(30_000)] });
    expect([checked.status, checked.json]).toEqual([200, { rows: 1, replaces: 0 }]);
    expect(await rateNow()).toBe(null);
    const loaded = await region().post("/loadings", {
      document: "桂人社发〔2022〕1号",
      issuedOn: "2022-01-05",
      rows: [rate(30_000)],
    });
    expect(loaded.status).toBe(201);
    expect(loaded.json).toMatchObject({ document: "桂人社发〔2022〕1号", rows: 1, withdrawnAt: null });
    expect([await rateNow(), await rateNow("451228100003"), await rateNow(county, "2021-12-31")]).toEqual([30_000, 30_000, null]);
    expect(await events()).toEqual([
      expect.objectContaining({ key: "labourSubsidy.rate", value: 30_000, choice: null, from: "2022-01-01", sequence: "1" }),
    ]);
  });

  test("with one wrong row sets nothing, and every wrong field is named", async () => {
    const rows = [rate(31_000), rate(99_000, { region: "451229000000" }), rate(30_000, { region: "999999999999" })];
    const refused = await region().post("/loadings", { document: "桂人社发〔2022〕2号", rows });
    expect(refused.status).toBe(400);
    expect(refused.json["errors"]).toMatchObject([
      { pointer: "/rows/1/value", rule: "above-ceiling", clause: "E-09" },
      { pointer: "/rows/2/region", rule: "unknown-division" },
    ]);
    expect(await rateNow()).toBe(30_000);
  });

  test("that is taken back leaves what held before it, with versions that go on", async () => {
    const { json } = await region().post("/loadings", { document: "桂人社发〔2022〕3号", rows: [rate(35_000)] });
    expect(await rateNow()).toBe(35_000);
    expect(
      (await ward.as("county-officer", "451228").post(`/loadings/${json["id"]}/withdrawal`, { because: "不是本级文件" })).status,
    ).toBe(404);
    const taken = await region().post(`/loadings/${json["id"]}/withdrawal`, { because: "文号录错" });
    expect([taken.status, taken.json]).toEqual([200, { settings: 1 }]);
    expect(await rateNow()).toBe(30_000);
    expect((await region().post(`/loadings/${json["id"]}/withdrawal`, { because: "再撤一次" })).status).toBe(409);
    const [first] = (await region().get("/loadings?limit=50")).json["items"] as { id: string }[];
    expect((await region().get(`/loadings/${first?.id}`)).json).toMatchObject({
      withdrawnBecause: "文号录错",
      settings: [{ value: 35_000, holds: false }],
    });
    const mine = (await events()).filter(({ key }) => key === "labourSubsidy.rate");
    expect(mine.map(({ value, sequence }) => [value, sequence])).toEqual([
      [30_000, "1"],
      [35_000, "2"],
      [30_000, "3"],
    ]);
    expect(new Set(mine.map(({ subject }) => subject)).size).toBe(1);
  });

  test("that was the only one leaves nothing, and can be loaded again", async () => {
    const other = rate(30_000, { region: "451229000000" });
    const { json } = await region().post("/loadings", { document: "桂人社发〔2022〕4号", rows: [other] });
    await region().post(`/loadings/${json["id"]}/withdrawal`, { because: "文号录错" });
    expect(await rateNow("451229000000")).toBe(null);
    expect((await region().post("/loadings", { document: "桂人社发〔2022〕4号", rows: [other] })).status).toBe(201);
    const mine = (await events()).filter((event) => event["region"] === "451229000000");
    expect(mine.map(({ value, sequence }) => [value, sequence])).toEqual([
      [30_000, "1"],
      [null, "2"],
      [30_000, "3"],
    ]);
  });

  test("sets a county's target for that county alone; one that has none is told so", async () => {
    const rows = [{ key: "target.S-02b", region: county, value: 12, validFrom: "2022-01-01", validTo: "2022-12-31" }];
    expect((await region().post("/loadings", { document: "桂组通〔2022〕5号", rows })).status).toBe(201);
    const target = (at: string, day = "2022-08-15") =>
      ward.db.withReadTx(system("test"), (tx) => issuedTargetFor(tx, "S-02b", at, day));
    expect(await target(county)).toEqual({ value: 12, document: "桂组通〔2022〕5号" });
    expect([await target("451228100000"), await target("451229000000"), await target(county, "2023-01-01")]).toEqual([
      null,
      null,
      null,
    ]);
    const states = async (at: string) =>
      (
        (await region().get(`/settings?region=${at}&date=2022-08-15&clause=S-02b`)).json["items"] as Record<string, unknown>[]
      ).map(({ key, state, value }) => [key, state, value]);
    expect(await states(county)).toContainEqual(["target.S-02b", "in-force", 12]);
    expect(await states("451229000000")).toContainEqual(["target.S-02b", "not-issued", null]);
  });

  test("loaded by many at once sets each thing once", async () => {
    const at = "451225000000";
    const load = (value: number) =>
      ward.db.withTx(system("test"), (tx) =>
        loadDocument(
          tx,
          system("test"),
          { document: `第${value}号` },
          [{ ...rate(value), region: at, validTo: null }],
          new Date(),
        ),
      );
    await Promise.all([21_000, 22_000, 23_000, 24_000, 25_000].map(load));
    const rows = await database.rows<{ version: number; holds: boolean }>(
      "select version, replaced_at is null as holds from kit.parameter where region = $1 order by version",
      [at],
    );
    expect(rows.map(({ version, holds }) => [version, holds])).toEqual(
      [1, 2, 3, 4, 5].map((version) => [version, version === 5]),
    );
  });
});

describe("a table of one value a division", () => {
  const send = async (text: string, fields: Record<string, string>) => {
    const form = new FormData();
    form.set("file", new File([text], "任务.csv", { type: "text/csv" }));
    const all = {
      key: "target.E-05",
      validFrom: "2022-01-01",
      validTo: "2022-12-31",
      document: "桂乡振发〔2022〕9号",
      ...fields,
    };
    for (const [name, value] of Object.entries(all)) form.set(name, value);
    return await region().upload("/loading-sheets", form, randomUUID());
  };

  test("is read by name or code, held against its own sum, and set", async () => {
    const loaded = await send('县(市、区),任务数\n都安县,"1,200"\n大化,800\n合计,2000\n', {});
    expect([loaded.status, loaded.json["rows"]], JSON.stringify(loaded.json)).toEqual([201, 2]);
    const target = await ward.db.withReadTx(system("test"), (tx) => issuedTargetFor(tx, "E-05", county, "2022-08-15"));
    expect(target?.value).toBe(1_200);
    expect((await send("区划代码,目标值\n451228,91.5%\n", { key: "target.I-07" })).status).toBe(201);
    const share = await ward.db.withReadTx(system("test"), (tx) => issuedTargetFor(tx, "I-07", county, "2022-08-15"));
    expect(share?.value).toEqual({ numerator: 915, denominator: 1_000 });
  });

  test.each([
    ["a name nobody has", "县,任务数\n都安,1\n某某县,2\n", {}, "/file/3/name", "unknown-division"],
    ["a value that is no number", "县,任务数\n都安,一千\n", {}, "/file/2/value", "value-form"],
    ["a sum that differs", "县,任务数\n都安,1200\n大化,800\n合计,2001\n", {}, "/file", "total-differs"],
    ["a key of nothing", "县,任务数\n都安,1\n", { key: "no.such" }, "/key", "unknown-setting"],
    ["no column of values", "县,备注\n都安,1\n", {}, "/file", "sheet-missing-columns"],
    [
      "a value the rules refuse",
      "县,标准\n都安,200\n大化,501\n",
      { key: "labourSubsidy.rate" },
      "/file/3/value",
      "above-ceiling",
    ],
  ])("with %s is refused as a whole, by its line", async (_, text, fields, pointer, rule) => {
    const before = (await database.rows("select from kit.loading")).length;
    const answer = await send(text, fields);
    expect(answer.status).toBe(400);
    expect(answer.json["errors"]).toContainEqual(expect.objectContaining({ pointer, rule }));
    expect((await database.rows("select from kit.loading")).length).toBe(before);
  });
});
