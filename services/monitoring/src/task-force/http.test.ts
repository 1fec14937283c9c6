import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Office, startOffice } from "../office.testing.ts";
import { county } from "../people.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());

const asRegion = () => office.as("region-officer", "45");
const asCounty = () => office.as("county-officer", county);
const leader = { name: "韦建国", office: "县委副书记", phone: "13800138000" };
const entry = (region: string, more: Record<string, unknown> = {}) => ({
  region,
  document: "都办发〔2022〕8号",
  from: "2022-07-25",
  leader,
  members: [{ name: "覃小花", office: "乡村振兴局局长" }],
  ...more,
});
const figure = async (who: { get(path: string): Promise<{ json: Record<string, unknown> }> }) => {
  const { clauses } = (await who.get("/clauses")).json as {
    clauses: { indicators: { code: string; numerator: number; denominator: number }[] }[];
  };
  return clauses.flatMap((one) => one.indicators).find((one) => one.code === "M-01-task-forces");
};

test("of 126 divisions those without a task force stand in red until theirs is registered", async () => {
  expect(await figure(asRegion())).toMatchObject({ numerator: 0, denominator: 126 });
  const reply = await asCounty().post("/task-forces", entry("451228000000"));
  expect(reply.status, JSON.stringify(reply.json)).toBe(201);
  expect((await asRegion().post("/task-forces", entry("450000000000"))).status).toBe(201);
  expect(await figure(asRegion())).toMatchObject({ numerator: 2, denominator: 126 });
  expect(await figure(asCounty())).toMatchObject({ numerator: 1, denominator: 1 });
  const list = (await asRegion().get("/task-forces")).json as { owed: number; missing: { region: string; name: string }[] };
  expect(list.owed).toBe(126);
  expect(list.missing).toHaveLength(124);
  expect(list.missing).toContainEqual({ region: "451200000000", level: "city", name: "河池市" });
  expect((await asCounty().get("/task-forces")).json).toMatchObject({
    owed: 1,
    missing: [],
    items: [{ region: "451228000000" }],
  });

  expect((await asCounty().post("/task-forces", entry("451228000000"))).json).toMatchObject({
    status: 409,
    code: "task-force-exists",
  });
  expect((await asCounty().post("/task-forces", entry("451229000000"))).json).toMatchObject({
    status: 422,
    code: "outside-area",
  });
  expect((await asCounty().post("/task-forces", entry("459999000000"))).json).toMatchObject({
    status: 422,
    code: "unknown-division",
  });
  expect((await asCounty().post("/task-forces", entry("451228100000"))).json).toMatchObject({
    errors: [{ pointer: "/region", rule: "county-or-above" }],
  });
  expect((await office.as("township-officer", "451228100").post("/task-forces", entry("451228000000"))).status).toBe(403);
});

test("names are masked, revealed for a purpose alone, and in no event; every change stays with its document", async () => {
  const region = "451229000000";
  const asOther = office.as("county-officer", "451229");
  const formed = await asOther.post("/task-forces", entry(region));
  const path = `/task-forces/${formed.json["taskForceId"]}`;
  const changed = await asOther.post(`${path}/changes`, {
    document: "办发〔2022〕12号",
    leader: { name: "黄莉", office: "县长" },
  });
  expect(changed.json).toMatchObject({ members: 1, version: 2 });
  expect((await asOther.get(path)).json["changes"]).toEqual([
    { version: 2, document: "办发〔2022〕12号", changedOn: "2022-08-15", people: [{ name: "黄*", office: "县长", phone: null }] },
    {
      version: 1,
      document: "都办发〔2022〕8号",
      changedOn: "2022-07-25",
      people: [
        { name: "韦*国", office: "县委副书记", phone: "138****8000" },
        { name: "覃*花", office: "乡村振兴局局长", phone: null },
      ],
    },
  ]);
  expect((await asOther.post(`${path}/reveal`, {})).status).toBe(400);
  expect((await asOther.post(`${path}/reveal`, { purpose: "召集专班会议" })).json["people"]).toEqual([
    { name: "黄莉", office: "县长", phone: null },
  ]);
  expect((await asOther.post(`${path}/end`, { on: "2022-08-16", document: "撤销文件" })).json).toMatchObject({
    code: "invalid-input",
  });
  expect((await asOther.post(`${path}/end`, { on: "2022-08-15", document: "撤销文件" })).json).toMatchObject({
    until: "2022-08-15",
    version: 3,
  });
  for (const [step, body] of [
    ["changes", { document: "办发〔2022〕13号", leader }],
    ["end", { on: "2022-08-15", document: "撤销文件" }],
  ] as const)
    expect((await asOther.post(`${path}/${step}`, body)).json).toMatchObject({
      status: 409,
      code: "state-conflict",
      detail: expect.stringContaining("2022-08-15"),
    });
  expect(await figure(asOther)).toMatchObject({ numerator: 0, denominator: 1 });
  expect((await asOther.post("/task-forces", entry(region))).status).toBe(201);
  for (const at of [path, `/task-forces/${uuidv7()}`])
    expect((await asCounty().get(at)).json).toMatchObject({ status: 404, code: "task-force-not-found" });
  const events = (await office.outbox()).filter((event) => event.subject === path.slice(1).replace("task-forces", "task-force"));
  expect(events.map((event) => [event.type, event.sequence])).toEqual([
    ["monitoring.task-force.formed.v1", "1"],
    ["monitoring.task-force.changed.v1", "2"],
    ["monitoring.task-force.ended.v1", "3"],
  ]);
  expect(JSON.stringify(events)).not.toMatch(/韦|覃|黄|13800138000/);
});
