import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Office, startOffice } from "../office.testing.ts";
import { newNumber, registerCouple, township, village } from "../people.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());
const asVillage = () => office.as("village-officer", village);
const member = (birth: string, sex: "male" | "female", more: Record<string, unknown>) => ({
  name: "韦大明",
  identityNumber: newNumber(birth, sex),
  labourSkill: "ordinary",
  ...more,
});

describe("a village registers a household", () => {
  test("names and numbers come back masked, and one event per household and person is in the outbox", async () => {
    const identityNumber = newNumber("1975-03-05", "male");
    const members = [
      member("1975-03-05", "male", { identityNumber, relation: "head", phone: "13800138000" }),
      member("1978-06-01", "female", { name: "覃小花", relation: "spouse" }),
    ];
    const reply = await asVillage().post("/households", { region: village, householdKind: "lifted-household", members });
    expect(reply.status).toBe(201);
    expect(reply.json).toMatchObject({
      headcount: 2,
      ableWorkers: 2,
      version: 1,
      members: [
        { name: "韦*明", identityNumber: expect.stringMatching(/^451228\*{8}\d{3}[\dX]$/), phone: "138****8000" },
        { name: "覃*花" },
      ],
    });
    expect(JSON.stringify(reply.json)).not.toContain("韦大明");
    const events = await office.outbox();
    expect(events.map((event) => event.type)).toEqual([
      "monitoring.household.registered.v1",
      "monitoring.person.joined-household.v1",
      "monitoring.person.joined-household.v1",
    ]);
    expect(JSON.stringify(events)).not.toMatch(new RegExp(`${identityNumber}|韦大明|13800138000`));
  });

  test.each([
    [
      "a wrong check digit",
      { members: [{ name: "蒙一", identityNumber: "451228197503050017", relation: "head", labourSkill: "ordinary" }] },
      400,
      "/members/0/identityNumber",
      "identity-check-digit",
    ],
    ["an unknown division", { region: "451228999999" }, 422, "/region", "unknown-division"],
    ["a village of another county", { region: "451229100001" }, 422, "/region", "outside-area"],
    ["a township instead of a village", { region: "451228100000" }, 400, "/region", "village-level"],
    ["a field that does not exist", { riskCleared: true }, 400, "/riskCleared", "unknown-field"],
    ["no kind of household", { householdKind: undefined }, 400, "/householdKind", "required"],
  ])(
    "%s is refused, naming field and rule in both languages, and nothing is stored",
    async (_, change, status, pointer, rule) => {
      const before = (await office.outbox()).length;
      const body = {
        region: village,
        householdKind: "lifted-household",
        members: [member("1975-03-05", "male", { relation: "head" })],
        ...change,
      };
      const reply = await office.as("village-officer", village).post("/households", body);
      expect(reply.status).toBe(status);
      expect(reply.json["errors"]).toEqual([
        expect.objectContaining({
          pointer,
          rule,
          zh: expect.stringMatching(/[\u4e00-\u9fff]/),
          en: expect.stringMatching(/[a-z]/),
        }),
      ]);
      expect(await office.outbox()).toHaveLength(before);
    },
  );

  test("one person is registered once in the whole region, and the answer does not say where", async () => {
    const identityNumber = newNumber("1960-01-01", "male");
    const body = (region: string) => ({
      region,
      householdKind: "ordinary-household",
      members: [member("1960-01-01", "male", { identityNumber, relation: "head" })],
    });
    expect((await asVillage().post("/households", body(village))).status).toBe(201);
    const elsewhere = await office.as("village-officer", "451229100001").post("/households", body("451229100001"));
    expect(elsewhere.json).toMatchObject({ status: 409, code: "person-registered-elsewhere" });
    // A division's code stands by itself; its digits may be part of the trace's id.
    expect(JSON.stringify(elsewhere.json)).not.toMatch(/\b451228(\d{6})?\b/);
  });
});

describe("finding and opening", () => {
  test("by full number and by part of a name, within the own area only", async () => {
    const identityNumber = newNumber("1971-01-01", "male");
    const members = [member("1971-01-01", "male", { name: "蒙山水", identityNumber, relation: "head" })];
    const registered = await asVillage().post("/households", { region: village, householdKind: "ordinary-household", members });
    const find = async (who: ReturnType<Office["as"]>, body: unknown) =>
      ((await who.post("/household-searches", body)).json["items"] as { householdId: string }[]).map((item) => item.householdId);
    expect(await find(asVillage(), { identityNumber })).toEqual([registered.json["householdId"]]);
    expect(await find(office.as("township-officer", township), { name: "山水" })).toEqual([registered.json["householdId"]]);
    expect(await find(office.as("county-officer", "451229"), { identityNumber })).toEqual([]);
    expect(await find(office.as("county-officer", "451229"), { name: "蒙山水" })).toEqual([]);
  });

  test("a reveal answers in clear, asks for a purpose, is an audit entry each time and keeps nothing", async () => {
    const householdId = await registerCouple(office);
    const members = (await asVillage().get(`/households/${householdId}`)).json["members"] as { personId: string }[];
    const path = `/persons/${members[0]?.personId}/reveal`;
    expect((await asVillage().post(path, { purpose: "查", fields: ["name"] })).status).toBe(400);
    expect((await asVillage().post(path, { purpose: "核对身份信息", fields: ["name"] })).json).toMatchObject({ name: "韦大明" });
    expect((await office.as("grid-worker", village).post(path, { purpose: "核对身份信息", fields: ["name"] })).status).toBe(403);
    expect((await office.as("county-officer", "451229").post(path, { purpose: "核对身份信息", fields: ["name"] })).status).toBe(
      404,
    );
  });
});

describe("changing", () => {
  test("names the version it changes and the source; the history keeps both values", async () => {
    const householdId = await registerCouple(office);
    const change = { guarantees: { housing: false }, source: "住建局危房鉴定" };
    expect((await asVillage().patch(`/households/${householdId}`, change, 7)).status).toBe(412);
    const changed = await asVillage().patch(`/households/${householdId}`, change, 1);
    expect(changed.json).toMatchObject({ version: 2, guarantees: { housing: false, schooling: true } });
    expect(changed.headers.get("etag")).toBe('"2"');
    const history = (await asVillage().get(`/households/${householdId}/history`)).json["items"] as unknown[];
    expect(history).toEqual([
      expect.objectContaining({ version: 1, source: "registration", changed: {} }),
      expect.objectContaining({
        version: 2,
        source: "住建局危房鉴定",
        changed: { guarantees: { from: expect.anything(), to: expect.objectContaining({ housing: false }) } },
      }),
    ]);
  });
});
