import { parseKeys, system } from "@shouwang/service-kit";
import { until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Office, startOffice } from "../office.testing.ts";
import { county, newNumber, registerCouple, township, village } from "../people.testing.ts";
import { raiseSuspect } from "./run.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());
const asVillage = () => office.as("village-officer", village);
const asTownship = (subject?: string) => office.as("township-officer", township, subject);
const asCounty = () => office.as("county-officer", county);
type Item = Record<string, unknown> & { suspectId: string; ruleCode: string };
const person = (more: Record<string, unknown> = {}) => ({
  name: "韦大明",
  identityNumber: newNumber("1975-03-05", "male"),
  relation: "head",
  labourSkill: "ordinary",
  education: "junior",
  medicalInsurance: "resident",
  ...more,
});
const clean = (more: Record<string, unknown> = {}) => registerCouple(office, { members: [person(more)] });
const suspectsOf = async (householdId: string, open = true) =>
  (await asVillage().get(`/suspects?householdId=${householdId}${open ? "&open=true" : ""}`)).json["items"] as Item[];
const only = async (householdId: string) => {
  const [first, ...more] = await suspectsOf(householdId);
  if (!first || more.length > 0) throw new Error("not exactly one suspect");
  return first;
};
const correct = async (householdId: string, body: Record<string, unknown>) => {
  const members = (await asVillage().get(`/households/${householdId}`)).json["members"] as {
    personId: string;
    version: number;
  }[];
  const [head] = members;
  const reply = await asVillage().patch(`/persons/${head?.personId}`, { source: "入户核实", ...body }, Number(head?.version));
  expect(reply.status, JSON.stringify(reply.json)).toBe(200);
};
const walk = async (suspectId: string, outcome: Record<string, unknown>) => {
  const steps = [
    await asTownship().post(`/suspects/${suspectId}/assignment`, {}),
    await asVillage().post(`/suspects/${suspectId}/check`, outcome),
    await asTownship().post(`/suspects/${suspectId}/review`, { accepted: true }),
    await asCounty().post(`/suspects/${suspectId}/closure`, { accepted: true }),
  ];
  expect(
    steps.map((step) => step.status),
    JSON.stringify(steps.at(-1)?.json),
  ).toEqual([200, 200, 200, 200]);
  return steps[3]?.json ?? {};
};

describe("M-01: the workbench of suspects", () => {
  test("an entry that is wrong is refused with its field; one that looks wrong is taken and opens a suspect that says why", async () => {
    const both = await asVillage().post("/households", {
      region: village,
      householdKind: "lifted-household",
      members: [person({ schooling: "senior" })],
    });
    expect(both.json).toMatchObject({
      status: 400,
      errors: [{ pointer: "/members/0/education", rule: "education-or-schooling" }],
    });
    const householdId = await clean({ labourSkill: "none" });
    expect((await suspectsOf(householdId)).map((item) => item.ruleCode).sort()).toEqual(["Q07", "Q25"]);
    const q07 = (await suspectsOf(householdId)).find((item) => item.ruleCode === "Q07");
    expect(q07).toMatchObject({
      status: "new",
      field: "labourSkill",
      rule: { zh: expect.stringContaining("健康"), en: expect.any(String) },
      found: [
        { field: "labourSkill", value: "none", department: "monitoring", date: "2022-08-15" },
        { field: "health", value: "healthy" },
      ],
    });
    expect((await office.as("village-officer", "451228100004").get(`/suspects/${q07?.suspectId}`)).status).toBe(404);
  });

  test("mended is believed when the record has changed, and not before", async () => {
    const householdId = await clean({ medicalInsurance: "none" });
    const { suspectId } = await only(householdId);
    await asTownship().post(`/suspects/${suspectId}/assignment`, {});
    const todo = (await asVillage().get("/todo")).json["items"] as Record<string, unknown>[];
    expect(todo).toContainEqual(expect.objectContaining({ kind: "check-suspect", entityId: suspectId }));
    const say = () => asVillage().post(`/suspects/${suspectId}/check`, { outcome: "true-and-mended" });
    expect((await say()).json).toMatchObject({ code: "suspect-not-mended" });
    await correct(householdId, { medicalInsurance: "resident" });
    expect(await only(householdId)).toMatchObject({ vanishedAt: expect.any(String), status: "assigned" });
    expect((await say()).json).toMatchObject({ status: "checked", outcome: "true-and-mended" });
    expect((await asTownship().post(`/suspects/${suspectId}/review`, { accepted: true })).status).toBe(200);
    expect((await asCounty().post(`/suspects/${suspectId}/closure`, { accepted: true })).json).toMatchObject({
      status: "closed",
    });
    const read = (await asVillage().get(`/suspects/${suspectId}`)).json["steps"] as { step: string }[];
    expect(read.map(({ step }) => step)).toEqual(["assigned", "checked", "reviewed", "closed"]);
  });

  test("what was found right is not asked again for the same values; other values are", async () => {
    const householdId = await clean({ labourSkill: "weak" });
    const { suspectId, ruleCode } = await only(householdId);
    expect(ruleCode).toBe("Q07");
    expect(await walk(suspectId, { outcome: "true-as-recorded", because: "proved-at-home", note: "腿伤未愈" })).toMatchObject({
      closedOn: "2022-08-15",
      expiresOn: "2023-08-31",
    });
    await correct(householdId, { phone: "13800138000" });
    expect(await suspectsOf(householdId)).toEqual([]);
    await correct(householdId, { labourSkill: "lost" });
    expect((await suspectsOf(householdId)).map((item) => item.ruleCode).sort()).toEqual(["Q07", "Q25"]);
  });

  test("the township sends a check back; nobody takes two steps in a row", async () => {
    const householdId = await clean({ medicalInsurance: "none" });
    const { suspectId } = await only(householdId);
    await asTownship().post(`/suspects/${suspectId}/assignment`, {});
    expect((await asVillage().post(`/suspects/${suspectId}/check`, { outcome: "not-true" })).json).toMatchObject({
      errors: [{ pointer: "/because" }],
    });
    await asVillage().post(`/suspects/${suspectId}/check`, { outcome: "not-true", because: "other-source-wrong" });
    expect(
      (
        await office
          .as("township-officer", township, `village-officer-${village}`)
          .post(`/suspects/${suspectId}/review`, { accepted: true })
      ).json,
    ).toMatchObject({
      code: "same-person-twice",
    });
    expect((await asTownship().post(`/suspects/${suspectId}/review`, { accepted: false })).json).toMatchObject({
      status: "returned",
      round: 2,
      outcome: null,
    });
    expect((await asVillage().post(`/suspects/${suspectId}/closure`, { accepted: true })).status).toBe(403);
  });

  test("each step is taken once, in its turn, by somebody other than the one before", async () => {
    const { suspectId } = await only(await clean({ medicalInsurance: "none" }));
    const asIs = { outcome: "true-as-recorded", because: "proved-at-home" };
    const steps = {
      assignment: (who = asTownship()) => who.post(`/suspects/${suspectId}/assignment`, {}),
      check: (who = asVillage()) => who.post(`/suspects/${suspectId}/check`, asIs),
      review: (who = asTownship()) => who.post(`/suspects/${suspectId}/review`, { accepted: true }),
      closure: (who = asCounty()) => who.post(`/suspects/${suspectId}/closure`, { accepted: true }),
    };
    const outOfTurn = async (step: keyof typeof steps, state: string) =>
      expect((await steps[step]()).json).toMatchObject({
        status: 409,
        code: "suspect-state",
        detail: expect.stringContaining(state),
      });
    const twice = { status: 422, code: "same-person-twice" };
    await outOfTurn("check", "待派发");
    await outOfTurn("review", "待派发");
    await outOfTurn("closure", "待派发");
    expect((await steps.assignment(asTownship("one-person"))).status).toBe(200);
    expect((await steps.check(office.as("village-officer", village, "one-person"))).json).toMatchObject(twice);
    expect((await steps.check()).status).toBe(200);
    await outOfTurn("assignment", "待乡镇复核");
    expect((await steps.review(asTownship("another"))).status).toBe(200);
    expect((await steps.closure(office.as("county-officer", county, "another"))).json).toMatchObject(twice);
    expect((await steps.closure()).json).toMatchObject({ status: "closed" });
    await outOfTurn("closure", "已办结");
  });

  test("a whole village is assigned at once, counted by rule and step", async () => {
    const counts = async () =>
      (
        (await asCounty().get(`/suspect-counts?region=${county}`)).json["items"] as {
          region: string;
          ruleCode: string;
          status: string;
          suspects: number;
        }[]
      )
        .filter(({ region, ruleCode }) => region === village && ruleCode === "Q14b")
        .map(({ status, suspects }) => [status, suspects]);
    for (let n = 0; n < 3; n += 1) await clean({ seriousIllnessInsurance: false });
    expect(await counts()).toEqual([["new", 3]]);
    expect((await asTownship().post("/suspect-assignments", { region: village, rule: "Q14b" })).json).toEqual({
      assigned: 3,
      more: false,
    });
    expect(await counts()).toEqual([["assigned", 3]]);
  });

  test("a sweep finds what the days have made of the records, resumes from its checkpoint and asks nothing twice", async () => {
    const householdId = await clean({
      identityNumber: newNumber("2017-08-20", "male"),
      education: undefined,
      schooling: "kindergarten",
      labourSkill: "none",
    });
    const before = (await suspectsOf(householdId)).map((item) => item.ruleCode);
    expect(before).not.toContain("Q05b");
    await office.advance(400);
    const sweep = async () => {
      const asked = await asTownship().post("/suspect-sweeps", { region: township });
      expect(asked.status).toBe(202);
      return await until(async () => {
        const job = (await asTownship().get(`/jobs/${asked.json["jobId"]}`)).json;
        return job["state"] === "done" ? (job["totals"] as Record<string, number>) : undefined;
      });
    };
    const first = await sweep();
    expect(first["raised"]).toBeGreaterThan(0);
    expect((await suspectsOf(householdId)).map((item) => item.ruleCode)).toContain("Q05b");
    expect((await sweep())["raised"]).toBe(0);
    expect((await office.as("village-officer", village).post("/suspect-sweeps", { region: county })).status).toBe(403);
    expect((await asTownship().post("/suspect-sweeps", { region: "451229" })).json).toMatchObject({ code: "outside-area" });
  });
});

describe("a department's data differ from the registry", () => {
  const keys = parseKeys(
    JSON.stringify({
      current: "k",
      keys: { k: Buffer.alloc(32, 1).toString("base64") },
      indexKey: Buffer.alloc(32, 2).toString("base64"),
      auditKey: Buffer.alloc(32, 3).toString("base64"),
    }),
  );
  const raise = (householdId: string, theirs: string, more: Record<string, unknown> = {}) =>
    office.running.db.withTx(system("test"), (tx) =>
      raiseSuspect(
        tx,
        keys,
        {
          ruleCode: "police-name",
          householdId,
          region: village,
          personId: null,
          field: "name",
          values: [
            {
              field: "name",
              value: "韦大明",
              personal: "name",
              source: "registry",
              department: "monitoring",
              date: "2022-08-01",
            },
            {
              field: "name",
              value: theirs,
              personal: "name",
              source: "公安人口库",
              department: "public-security",
              date: "2022-07-31",
            },
          ],
          raisedBy: "employment",
          ...more,
        },
        office.now(),
      ),
    );

  test("both values are kept masked with their sources; the same ones are asked once, and the department is told how it ended", async () => {
    const householdId = await clean();
    const suspectId = uuidv7();
    expect(await raise(householdId, "韦小明", { suspectId })).toBe(true);
    expect(await raise(householdId, "韦小明")).toBe(false);
    const found = await only(householdId);
    expect(found).toMatchObject({
      suspectId,
      raisedBy: "employment",
      found: [
        { value: "韦*明", department: "monitoring" },
        { value: "韦*明", department: "public-security", date: "2022-07-31" },
      ],
    });
    await walk(suspectId, { outcome: "not-true", because: "other-source-wrong" });
    expect(await raise(householdId, "韦小明")).toBe(false);
    expect(await suspectsOf(householdId)).toEqual([]);
    // Another name is another question, though its mask is the same.
    expect(await raise(householdId, "韦阿明")).toBe(true);
    const told = (await office.outbox()).filter((event) => event.type === "monitoring.suspect.closed.v1");
    expect(told.map((event) => event.data)).toEqual([
      expect.objectContaining({ suspectId, raisedBy: "employment", outcome: "not-true" }),
    ]);
  });
});
