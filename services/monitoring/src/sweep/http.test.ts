import { until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Office, startOffice } from "../office.testing.ts";
import { county, newNumber, township } from "../people.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-20");
});
afterAll(() => office.stop());

const here = "451228100001";
const there = "451228100002";
const asCounty = () => office.as("county-officer", county);
const asTownship = () => office.as("township-officer", township);
const household = async (region: string) => {
  const head = { name: "蓝天", identityNumber: newNumber("1980-01-01", "male"), relation: "head", labourSkill: "ordinary" };
  const reply = await asTownship().post("/households", { region, householdKind: "ordinary-household", members: [head] });
  return String(reply.json["householdId"]);
};
const order = (more: Record<string, unknown> = {}) => ({
  division: "451228000000",
  title: "秋季防返贫集中排查",
  document: "都乡振〔2022〕20号",
  scope: ["451228100000"],
  from: "2022-08-15",
  until: "2022-09-15",
  ...more,
});
const see = async (householdId: string, more: Record<string, unknown> = {}) =>
  await asTownship().post("/visits", { visitId: uuidv7(), householdId, purposes: ["sweep"], visitedOn: "2022-08-19", ...more });
const figure = async (who: { get(path: string): Promise<{ json: Record<string, unknown> }> }) => {
  const { clauses } = (await who.get("/clauses")).json as {
    clauses: { indicators: { code: string; numerator: number; denominator: number; value: number | null }[] }[];
  };
  return clauses.flatMap((one) => one.indicators).find((one) => one.code === "M-01");
};

describe("a sweep from its order to its frozen figures", () => {
  let path: string;
  let households: string[];

  test("it is ordered for divisions of one's own, with a document, and told", async () => {
    households = [await household(here), await household(here), await household(here), await household(there)];
    const reply = await asCounty().post("/sweeps", order());
    expect(reply.status, JSON.stringify(reply.json)).toBe(201);
    expect(reply.json).toMatchObject({ status: "open", scope: ["451228100000"], figures: null, version: 1 });
    path = `/sweeps/${reply.json["sweepId"]}`;
    expect((await office.outbox()).find((event) => event.type === "monitoring.sweep.opened.v1")?.data).toMatchObject({
      status: "open",
      households: null,
    });
    expect((await asCounty().post("/sweeps", order({ division: "451229000000", scope: ["451229000000"] }))).json).toMatchObject({
      status: 422,
      code: "outside-area",
    });
    expect((await asCounty().post("/sweeps", order({ scope: ["451229000000"] }))).json).toMatchObject({
      status: 400,
      code: "invalid-input",
    });
    expect((await asCounty().post("/sweeps", order({ scope: ["451228999000"] }))).json).toMatchObject({
      status: 422,
      code: "unknown-division",
    });
    expect((await asTownship().post("/sweeps", order())).status).toBe(403);
  });

  test("those it concerns find it, others are told there is none", async () => {
    expect((await office.as("village-officer", here).get("/sweeps")).json["items"]).toHaveLength(1);
    expect((await office.as("village-officer", "451229100201").get("/sweeps")).json["items"]).toEqual([]);
    expect((await office.as("county-officer", "451229").get(path)).json).toMatchObject({ status: 404, code: "sweep-not-found" });
  });

  test("coverage is a matter of sets: each household once, calls to the absent flagged, other duties and other days not counted", async () => {
    const [first = "", second = "", third = "", fourth = ""] = households;
    await see(first);
    await see(first, { visitedOn: "2022-08-20" });
    await see(second, { mode: "phone", householdAway: true });
    await see(third, { purposes: ["monthly-round"] });
    await see(fourth, { visitedOn: "2022-08-14" });
    const coverage = async (more = "") => (await asCounty().get(`${path}/coverage?${more}`)).json;
    expect(await coverage()).toMatchObject({
      source: "live",
      phoneCounts: true,
      items: [
        { region: here, households: 3, swept: 2, atHome: 1, byCall: 1, notSeen: 1 },
        { region: there, households: 1, swept: 0, notSeen: 1 },
      ],
    });
    expect((await coverage("level=township"))["items"]).toMatchObject([{ region: "451228100000", households: 4, swept: 2 }]);
    const notSeen = (await asTownship().get(`${path}/not-seen`)).json["items"] as { householdId: string }[];
    expect(notSeen.map((row) => row.householdId)).toEqual([third, fourth]);
    await until(async () => (await figure(asCounty()))?.numerator === 2, { what: "the villages are counted" });
    expect(await figure(asCounty())).toMatchObject({ numerator: 2, denominator: 4, value: 50 });
    const above = (await office.as("region-officer", "45").get(`${path}/coverage?level=county`)).json;
    expect(above).toMatchObject({ source: "last-counted", items: [{ region: "451228000000", households: 4, swept: 2 }] });
  });

  test("what it finds becomes a lead, or a suspect; only at households it has seen", async () => {
    const [first = "", , third = ""] = households;
    const find = (householdId: string, finding: Record<string, unknown>) =>
      asTownship().post(`${path}/findings`, { householdId, finding, note: "蓝天住院" });
    const risk = { kind: "risk-lead", cause: "illness", severity: "severe", epidemic: true };
    const found = await find(first, risk);
    expect(found.status, JSON.stringify(found.json)).toBe(201);
    expect((await asTownship().get(`/risk-leads/${found.json["leadId"]}`)).json).toMatchObject({
      source: "sweep",
      cause: "illness",
      severity: "severe",
    });
    expect((await find(first, risk)).json).toMatchObject({ leadId: found.json["leadId"], outcome: "merged" });
    expect((await find(first, { kind: "suspect", doubt: "members" })).json).toMatchObject({ kind: "suspect", leadId: null });
    expect((await find(third, risk)).json).toMatchObject({ status: 422, code: "sweep-household-not-seen" });
    expect((await find(uuidv7(), risk)).json).toMatchObject({ status: 404, code: "household-not-found" });
    expect((await asCounty().get(`${path}/findings`)).json["items"]).toHaveLength(3);
    expect(JSON.stringify(await office.outbox())).not.toContain("住院");
    const other = await asCounty().post("/sweeps", order({ scope: ["451228101000"] }));
    expect(
      (await asTownship().post(`/sweeps/${other.json["sweepId"]}/findings`, { householdId: first, finding: risk })).json,
    ).toMatchObject({
      status: 422,
      code: "sweep-household-not-in-scope",
    });
  });

  test("it gets more time with a document, and closed its figures stand, whatever comes after", async () => {
    expect(
      (await asCounty().post(`${path}/extension`, { until: "2022-09-01", document: "都乡振〔2022〕25号" })).json,
    ).toMatchObject({ code: "invalid-input" });
    expect(
      (await asCounty().post(`${path}/extension`, { until: "2022-09-30", document: "都乡振〔2022〕25号" })).json,
    ).toMatchObject({ until: "2022-09-30" });
    const longer = { until: "2022-10-31", document: "河乡振〔2022〕9号" };
    const ofTheCity = await office.as("city-officer", "4512").post("/sweeps", order({ division: "451200000000" }));
    for (const [step, body] of [
      ["extension", longer],
      ["closure", {}],
    ] as const)
      expect((await asCounty().post(`/sweeps/${ofTheCity.json["sweepId"]}/${step}`, body)).json).toMatchObject({
        status: 422,
        code: "outside-area",
      });
    expect((await asCounty().post(`${path}/closure`, {})).json).toMatchObject({ status: "closing", until: "2022-08-20" });
    expect((await asCounty().post(`${path}/extension`, longer)).json).toMatchObject({
      status: 409,
      code: "sweep-state",
      detail: expect.stringContaining("2022-08-20"),
    });
    const closed = await until(async () => {
      const { json } = await asCounty().get(path);
      return json["status"] === "closed" && json;
    });
    expect(closed).toMatchObject({ figures: { households: 4, atHome: 1, byCall: 1, findings: 3 } });
    const told = (await office.outbox()).filter(
      (event) => event.type.startsWith("monitoring.sweep.") && event.subject.endsWith(path.slice(8)),
    );
    expect(told.map((event) => [event.type, event.sequence])).toEqual([
      ["monitoring.sweep.opened.v1", "1"],
      ["monitoring.sweep.extended.v1", "2"],
      ["monitoring.sweep.closed.v1", "3"],
    ]);
    await household(here);
    await see(String(households[2]));
    expect((await asCounty().get(`${path}/coverage`)).json).toMatchObject({
      source: "frozen",
      items: [{ region: here, households: 3, swept: 2 }, {}],
    });
    expect((await asCounty().post(`${path}/closure`, {})).json).toMatchObject({ status: 409, code: "sweep-state" });
    expect(
      (await asTownship().post(`${path}/findings`, { householdId: households[0], finding: { kind: "suspect", doubt: "income" } }))
        .json,
    ).toMatchObject({ code: "sweep-state" });
  });
});
