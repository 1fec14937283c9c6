import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { admin } from "../focus-household/focus.testing.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, newNumber, registerCouple, township, village } from "../people.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());
const asVillage = () => office.as("village-officer", village);
const single = (name: string, identityNumber: string, more: Record<string, unknown> = {}) =>
  registerCouple(office, { members: [{ name, identityNumber, relation: "head", labourSkill: "ordinary" }], ...more });

describe("M-01: where each value comes from", () => {
  test("department, document, day of the data and who recorded it, for the household and each member; sealed fields by name only", async () => {
    const householdId = await single("韦来源", newNumber("1975-03-05", "male"));
    const water = { source: "水利部门排查", department: "water", dataDate: "2022-08-01", document: "都水函〔2022〕3号" };
    await asVillage().patch(`/households/${householdId}`, { guarantees: { drinkingWater: false }, ...water }, 1);
    const [head] = (await asVillage().get(`/households/${householdId}`)).json["members"] as { personId: string }[];
    await asVillage().patch(`/persons/${head?.personId}`, { phone: "13800138000", source: "入户核实" }, 1);
    const { json } = await asVillage().get(`/households/${householdId}/provenance`);
    const fields = (list: unknown) => Object.fromEntries((list as { field: string }[]).map((one) => [one.field, one]));
    expect(fields(json["household"])).toMatchObject({
      "guarantees.drinkingWater": { ...water, by: expect.stringContaining(`village-officer-${village}`) },
      "guarantees.housing": { source: "registration", by: expect.stringContaining(`village-officer-${village}`) },
    });
    const [member] = json["members"] as { fields: unknown }[];
    expect(fields(member?.fields)).toMatchObject({ phone: { source: "入户核实" }, name: { source: "registration" } });
    expect(JSON.stringify(json)).not.toMatch(/13800138000|韦来源/);
    expect((await office.as("county-officer", "451229").get(`/households/${householdId}/provenance`)).status).toBe(404);
  });
});

describe("M-01: records that may be one", () => {
  type Item = { duplicateId: string; kind: string; sides: { person: { name: string; identityNumber: string } }[] };
  const open = async (who = asVillage(), status = "open") =>
    (await who.get(`/duplicates?status=${status}`)).json["items"] as Item[];

  test("one name and birth date under two numbers are shown side by side, masked, and asked about once", async () => {
    const numbers = [newNumber("1969-09-09", "male"), newNumber("1969-09-09", "male")];
    await single("蒙重复", String(numbers[0]));
    await single("蒙重复", String(numbers[1]));
    await single("蒙复重", newNumber("1969-09-09", "male"));
    const found = await open();
    expect(found.map(({ kind, sides }) => [kind, sides.length]).sort()).toEqual([
      ["household", 2],
      ["person", 2],
    ]);
    expect(JSON.stringify(found)).not.toMatch(new RegExp(`蒙重复|${numbers.join("|")}`));
    for (const { duplicateId, kind } of found) {
      const decided = await office
        .as("township-officer", township)
        .post(`/duplicates/${duplicateId}/decision`, { decision: kind === "person" ? "different" : "same" });
      expect(decided.json).toMatchObject({ next: kind === "person" ? null : "merge-households" });
      const again = await asVillage().post(`/duplicates/${duplicateId}/decision`, { decision: "same" });
      expect(again.json).toMatchObject({ code: "duplicate-decided" });
    }
    await office.as("township-officer", township).post("/suspect-sweeps", { region: village });
    expect(await open()).toEqual([]);
    expect(await open(asVillage(), "different")).toHaveLength(1);
    expect(await open(office.as("county-officer", "451229"), "same")).toEqual([]);
  });

  test("sixty of one name in a village come to a bounded number of pairs, and the answer says how to find the others", async () => {
    const elsewhere = "451228100006";
    const asThere = office.as("village-officer", elsewhere);
    const numbers = Array.from({ length: 60 }, () => newNumber("1970-01-01", "male"));
    for (const identityNumber of numbers) {
      const members = [{ name: "韦建国", identityNumber, relation: "head", labourSkill: "ordinary" }];
      const reply = await asThere.post("/households", { region: elsewhere, householdKind: "ordinary-household", members });
      expect(reply.status, JSON.stringify(reply.json)).toBe(201);
    }
    const kept = await admin(
      office,
      "select kind, count(*)::int as pairs from monitoring.possible_duplicate where region = $1 group by 1 order by 1",
      [elsewhere],
    );
    expect(kept).toEqual([
      { kind: "household", pairs: 190 },
      { kind: "person", pairs: 190 },
    ]);
    const [first] = (await asThere.get("/duplicates?limit=1")).json["items"] as { crowd: Record<string, unknown> }[];
    expect(first?.crowd).toEqual({
      records: 60,
      zh: expect.stringContaining("请按证件号码查找"),
      en: expect.stringContaining("more than 20"),
    });
    const last = await asThere.post("/household-searches", { identityNumber: numbers.at(-1) });
    expect(last.json["items"]).toHaveLength(1);
  });
});

describe("M-01: guarantee problems, to zero", () => {
  type Problem = Record<string, unknown> & { problemId: string };
  const problems = async (query = "") =>
    (await asVillage().get(`/guarantee-problems?region=${village}${query}`)).json["items"] as Problem[];
  const figure = async () => {
    const clauses = (await office.as("county-officer", county).get("/clauses")).json["clauses"] as {
      indicators: { code: string; value: number }[];
    }[];
    return clauses.flatMap((clause) => clause.indicators).find((indicator) => indicator.code === "M-01-guarantees")?.value;
  };

  test("a problem opens with its source and department, is counted, and closes by a recorded change that proves it", async () => {
    const before = Number(await figure());
    const householdId = await registerCouple(office, {
      guarantees: { schooling: true, medicalCare: true, housing: false, drinkingWater: null },
    });
    const mine = async (query = "") => (await problems(query)).filter((problem) => problem["householdId"] === householdId);
    const [housing] = await mine();
    expect(housing).toMatchObject({
      guarantee: "housing",
      since: "2022-08-15",
      toAct: "housing",
      dueOn: "2022-09-14",
      overdue: false,
      source: "registration",
    });
    expect(await figure()).toBe(before + 1);
    const close = (body: Record<string, unknown>) =>
      asVillage().post(`/guarantee-problems/${housing?.problemId}/closure`, { source: "住建验收", ...body });
    expect((await close({})).json).toMatchObject({ errors: [{ pointer: "/document" }] });
    const closed = await close({ document: "危房改造验收表" });
    expect(closed.json).toMatchObject({
      status: "met",
      closingDocument: "危房改造验收表",
      closedOn: "2022-08-15",
      householdVersion: 2,
    });
    expect((await close({ document: "危房改造验收表" })).json).toMatchObject({ code: "guarantee-problem-closed" });
    expect((await asVillage().get(`/households/${householdId}`)).json).toMatchObject({
      guarantees: { housing: true },
      version: 2,
    });
    expect((await office.outbox()).at(-1)).toMatchObject({ type: "monitoring.household.changed.v1" });
    expect(await figure()).toBe(before);

    const water = { source: "水利部门排查", dataDate: "2022-07-01", guarantees: { drinkingWater: false } };
    await asVillage().patch(`/households/${householdId}`, water, 2);
    expect(await mine()).toEqual([expect.objectContaining({ guarantee: "drinkingWater", since: "2022-07-01", overdue: true })]);
    const counts = (await office.as("county-officer", county).get(`/guarantee-problem-counts?region=${village}`)).json["items"];
    expect(counts).toContainEqual({ region: village, guarantee: "housing", open: 0, overdue: 0, met: 1 });
    for (const drinkingWater of [true, null]) {
      const unproved = await asVillage().patch(
        `/households/${householdId}`,
        { guarantees: { drinkingWater }, source: "入户核实" },
        3,
      );
      expect(unproved.json).toMatchObject({
        status: 400,
        code: "invalid-input",
        errors: [{ pointer: "/document", rule: "required", clause: "M-01", zh: expect.stringContaining("饮水安全") }],
      });
    }
    expect(await mine()).toHaveLength(1);
    const other = await asVillage().patch(
      `/households/${householdId}`,
      { guarantees: { schooling: null }, source: "入户核实" },
      3,
    );
    expect(other.json, "no problem of schooling is open").toMatchObject({ version: 4 });
    const proved = { guarantees: { drinkingWater: true }, source: "入户核实", document: "水质检测报告" };
    expect((await asVillage().patch(`/households/${householdId}`, proved, 4)).json).toMatchObject({ version: 5 });
    expect(await mine()).toEqual([]);
    expect(await mine("&open=false")).toMatchObject([{}, { status: "met", closingDocument: "水质检测报告" }]);
  });

  test("a merge does not do away with a problem either: what it says of the guarantees needs the same document", async () => {
    const broken = { schooling: true, medicalCare: true, housing: false, drinkingWater: true };
    const [kept, ceasing] = [await registerCouple(office), await registerCouple(office, { guarantees: broken })];
    const members = (await asVillage().get(`/households/${ceasing}`)).json["members"] as { personId: string }[];
    const merge = (more: Record<string, unknown>) =>
      asVillage().post(
        `/households/${kept}/merge`,
        {
          mergedId: ceasing,
          mergedVersion: 1,
          members: members.map(({ personId }) => ({ personId, relation: "other" })),
          on: "2022-08-15",
          source: "户口簿",
          guarantees: { ...broken, housing: true },
          ...more,
        },
        undefined,
        1,
      );
    expect((await merge({})).json).toMatchObject({ status: 400, errors: [{ pointer: "/document", rule: "required" }] });
    expect((await merge({ document: "危房改造验收表" })).json).toMatchObject({ guarantees: { housing: true }, headcount: 4 });
  });
});
