import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assignedHelper, clocksOf, includedCase } from "../case.testing.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, newNumber, registerCouple, township, village } from "../people.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());

const asCounty = () => office.as("county-officer", county);
const entry = (more: Record<string, unknown> = {}) => ({
  subject: "helper-1",
  name: "黄建国",
  unit: "都安瑶族自治县教育局",
  phone: "13800138000",
  from: "2022-08-12",
  relationship: "none",
  ...more,
});

describe("assigning a helper", () => {
  test("ends the clock, lets the helper see the household, and tells of it without name or sign-in", async () => {
    const { caseId, householdId, path } = await includedCase(office, "2022-08-10");
    const asHelper = office.as("helper", county, "helper-a");
    expect((await asHelper.get(`/households/${householdId}`)).status).toBe(404);
    const reply = await asCounty().post(`${path}/helpers`, entry({ subject: "helper-a" }));
    expect(reply.status, JSON.stringify(reply.json)).toBe(201);
    expect(reply.json).toMatchObject({ name: "黄*国", phone: "138****8000", from: "2022-08-12", until: null, version: 1 });
    expect(await clocksOf(office, caseId, "assign-helper")).toEqual([{ state: "met", dueOn: "2022-08-15", overdue: false }]);
    expect(await clocksOf(office, caseId, "complete-file")).toMatchObject([{ state: "open" }]);
    expect((await asHelper.get(`/households/${householdId}`)).status).toBe(200);
    const event = (await office.outbox()).find((one) => one.subject === `helper/${reply.json["helperId"]}`);
    expect(event?.type).toBe("monitoring.helper.assigned.v1");
    expect(JSON.stringify(event?.data)).not.toMatch(/黄|helper-a|13800138000/);
  });

  test.each([
    ["relative", "helper-is-relative"],
    ["member", "helper-is-member"],
  ])("a %s is refused with the reason", async (relationship, code) => {
    const { path } = await includedCase(office, "2022-08-10");
    expect((await asCounty().post(`${path}/helpers`, entry({ relationship }))).json).toMatchObject({
      status: 422,
      code: "helper-not-allowed",
      reasons: [{ code, clause: "M-04a", parameter: "helper.relativeAllowed" }],
    });
  });

  test("not before inclusion, not from tomorrow, not with a wrong phone, not twice, not for a case that is not included", async () => {
    const { path } = await includedCase(office, "2022-08-10");
    const refused = async (more: Record<string, unknown>) =>
      (await asCounty().post(`${path}/helpers`, entry(more))).json as { code: string; errors?: { pointer: string }[] };
    expect(await refused({ from: "2022-08-09" })).toMatchObject({ errors: [{ pointer: "/from", rule: "after-inclusion" }] });
    expect(await refused({ from: "2022-08-16" })).toMatchObject({ errors: [{ pointer: "/from", rule: "not-in-future" }] });
    expect(await refused({ phone: "12345" })).toMatchObject({ errors: [{ pointer: "/phone" }] });
    expect((await asCounty().post(`${path}/helpers`, entry())).status).toBe(201);
    expect(await refused({})).toMatchObject({ status: 409, code: "already-exists" });
    const early = await includedCase(office, "2022-08-10", { status: "township-checked" });
    expect((await asCounty().post(`${early.path}/helpers`, entry())).json).toMatchObject({ status: 409, code: "case-state" });
    expect((await office.as("village-officer", village).post(`${path}/helpers`, entry())).status).toBe(403);
    expect((await office.as("county-officer", "451229").post(`${path}/helpers`, entry())).json).toMatchObject({
      code: "case-not-found",
    });
  });

  test("name, unit and phone are opened for a stated purpose alone", async () => {
    const { path } = await includedCase(office, "2022-08-10");
    const helperId = (await asCounty().post(`${path}/helpers`, entry())).json["helperId"];
    expect((await asCounty().post(`/helpers/${helperId}/reveal`, { purpose: "联系走访安排" })).json).toEqual({
      helperId,
      name: "黄建国",
      unit: "都安瑶族自治县教育局",
      phone: "13800138000",
    });
    expect((await asCounty().post(`/helpers/${helperId}/reveal`, {})).status).toBe(400);
  });
});

test("M-04a counts by the first day answerable: the fifth day after inclusion is in time, the sixth is not, nobody at all is missed", async () => {
  const figure = async (code: string) => {
    const { clauses } = (await asCounty().get("/clauses")).json as {
      clauses: { indicators: { code: string; value: number; numerator: number; denominator: number }[] }[];
    };
    return clauses.flatMap((one) => one.indicators).find((one) => one.code === code);
  };
  const before = { share: await figure("M-04a"), without: await figure("M-04a-without-helper") };
  const [inTime, late] = [await includedCase(office, "2022-08-05"), await includedCase(office, "2022-08-05")];
  await includedCase(office, "2022-08-05");
  await includedCase(office, "2022-08-12");
  await assignedHelper(office, inTime.caseId, "2022-08-10", "helper-in-time");
  await assignedHelper(office, late.caseId, "2022-08-11", "helper-late");
  expect(await figure("M-04a")).toMatchObject({
    numerator: (before.share?.numerator ?? 0) + 1,
    denominator: (before.share?.denominator ?? 0) + 3,
  });
  expect(await figure("M-04a-without-helper")).toMatchObject({ value: (before.without?.value ?? 0) + 2 });
});

describe("releasing a helper", () => {
  test("the last one leaves a new clock; while another stays there is none", async () => {
    const { caseId, householdId, path } = await includedCase(office, "2022-08-10");
    const first = await assignedHelper(office, caseId, "2022-08-12", "helper-b");
    const second = await assignedHelper(office, caseId, "2022-08-13", "helper-c");
    const one = await asCounty().post(`/helpers/${first}/release`, { because: "transferred" });
    expect(one.json).toMatchObject({ until: "2022-08-15", releasedBecause: "transferred", replacementDueOn: null, version: 2 });
    const last = await asCounty().post(`/helpers/${second}/release`, { because: "retired" });
    expect(last.json).toMatchObject({ replacementDueOn: "2022-08-20" });
    expect(await clocksOf(office, caseId, "assign-helper")).toMatchObject([
      { state: "met" },
      { state: "open", dueOn: "2022-08-20" },
    ]);
    expect((await office.as("helper", county, "helper-c").get(`/households/${householdId}`)).status).toBe(404);
    expect((await asCounty().post(`/helpers/${second}/release`, { because: "other" })).json).toMatchObject({
      status: 409,
      code: "state-conflict",
    });
    expect((await asCounty().get(`${path}/helpers`)).json).toMatchObject({
      items: [{ releasedBecause: "transferred" }, { releasedBecause: "retired" }],
    });
    const events = (await office.outbox()).filter((event) => event.subject === `helper/${second}`);
    expect(events.map((event) => event.type)).toEqual(["monitoring.helper.assigned.v1", "monitoring.helper.released.v1"]);
  });
});

describe("grids", () => {
  const asVillage = () => office.as("village-officer", village);
  test("a household is in one grid at a time, and its grid worker sees it", async () => {
    const households = [await registerCouple(office), await registerCouple(office)];
    const assigned = await asVillage().post("/grid-assignments", { subject: "grid-1", householdIds: households });
    expect(assigned.json).toMatchObject({ region: village, assigned: 2, moved: 0, gridHouseholds: 2, tooLarge: false });
    const moved = await asVillage().post("/grid-assignments", { subject: "grid-2", householdIds: households.slice(0, 1) });
    expect(moved.json).toMatchObject({ assigned: 1, moved: 1, gridHouseholds: 1 });
    const sees = async (worker: string) =>
      await Promise.all(
        households.map(async (id) => (await office.as("grid-worker", village, worker).get(`/households/${id}`)).status),
      );
    expect(await sees("grid-1")).toEqual([404, 200]);
    expect(await sees("grid-2")).toEqual([200, 404]);
    const grids = (await office.as("township-officer", township).get(`/grids?region=${village}`)).json;
    expect(grids).toMatchObject({ warnAbove: 100, villagesWithoutGrid: [] });
    expect(grids["items"]).toEqual(
      expect.arrayContaining([
        { region: village, subject: "grid-1", households: 1, tooLarge: false },
        { region: village, subject: "grid-2", households: 1, tooLarge: false },
      ]),
    );
    const others = (await office.as("township-officer", township).get("/grids")).json["villagesWithoutGrid"] as string[];
    expect(others).not.toContain(village);
    expect(others).toContain("451228100001");
  });

  test("two officers who draw grids at once leave every household in one grid", async () => {
    const households = [await registerCouple(office), await registerCouple(office), await registerCouple(office)];
    const draw = (subject: string, householdIds: string[]) => asVillage().post("/grid-assignments", { subject, householdIds });
    const replies = await Promise.all([
      draw("grid-3", households),
      draw("grid-4", [...households].reverse()),
      draw("grid-3", households),
      draw("grid-4", households),
    ]);
    expect(replies.map((reply) => reply.status)).toEqual([201, 201, 201, 201]);
    const items = (await asVillage().get("/grids")).json["items"] as { subject: string; households: number }[];
    const held = items.filter((grid) => ["grid-3", "grid-4"].includes(grid.subject));
    expect(held.reduce((sum, grid) => sum + grid.households, 0)).toBe(3);
  });

  test("households of two villages, or one that is not there, are refused", async () => {
    const here = await registerCouple(office);
    const there = await registerCoupleIn("451228100004");
    const asTownship = office.as("township-officer", township);
    expect((await asTownship.post("/grid-assignments", { subject: "grid-5", householdIds: [here, there] })).json).toMatchObject({
      errors: [{ pointer: "/householdIds", rule: "one-village" }],
    });
    expect((await asVillage().post("/grid-assignments", { subject: "grid-5", householdIds: [there] })).json).toMatchObject({
      code: "household-not-found",
    });
    expect((await office.as("region-officer", "45").get("/grids")).json).toMatchObject({ code: "invalid-input" });
  });
});

const registerCoupleIn = async (region: string): Promise<string> => {
  const reply = await office.as("township-officer", township).post("/households", {
    region,
    householdKind: "ordinary-household",
    members: [{ name: "蓝天", identityNumber: newNumber("1980-01-01", "male"), relation: "head", labourSkill: "ordinary" }],
  });
  return String(reply.json["householdId"]);
};
