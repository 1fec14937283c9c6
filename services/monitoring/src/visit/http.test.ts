import { until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { assignedHelper, clocksOf, includedCase } from "../case.testing.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, newNumber, registerCouple, township, village } from "../people.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-27");
});
afterAll(() => office.stop());

const visit = (householdId: string, more: Record<string, unknown> = {}) => ({
  visitId: uuidv7(),
  householdId,
  purposes: ["monthly-round"],
  mode: "home",
  visitedOn: "2022-08-26",
  changed: false,
  ...more,
});
const helperVisit = (householdId: string, more: Record<string, unknown> = {}) =>
  visit(householdId, { purposes: ["helper-visit"], ...more });
const asHelper = (subject: string) => office.as("helper", county, subject);
const asVillage = () => office.as("village-officer", village);
const monthOf = async (where: Office, caseId: string, month = "2022-08") => {
  const reply = await where.as("county-officer", county).get(`/helper-visits/${month}?limit=200`);
  return (reply.json["items"] as { caseId: string; state: string }[]).find((row) => row.caseId === caseId);
};

describe("recording a visit", () => {
  test("a repeated upload is the same visit, whatever key the phone sends it under", async () => {
    const householdId = await registerCouple(office);
    const sent = visit(householdId, { needs: ["job", "loan"], changed: true, note: "韦大明想外出务工" });
    const first = await asVillage().post("/visits", sent);
    expect(first.status, JSON.stringify(first.json)).toBe(201);
    expect(first.json).toMatchObject({ visitorRole: "village-officer", round: "at-home", helperVisit: "other-purpose" });
    const again = await asVillage().post("/visits", sent);
    expect(again).toMatchObject({ status: 201, json: first.json });
    const both = await Promise.all([
      asVillage().post("/visits", visit(householdId, { visitId: uuidv7() })),
      asVillage().post("/visits", sent),
    ]);
    expect(both.map((reply) => reply.status)).toEqual([201, 201]);
    const events = (await office.outbox()).filter((event) => event.subject === `visit/${sent.visitId}`);
    expect(events).toMatchObject([{ data: { needs: ["job", "loan"], syncedOn: "2022-08-27", visitedOn: "2022-08-26" } }]);
    expect(JSON.stringify(events)).not.toContain("韦大明");
    expect((await asVillage().get(`/households/${householdId}/visits`)).json["items"]).toHaveLength(2);
  });

  test("sent four times at once, it is recorded once and answered four times", async () => {
    const sent = visit(await registerCouple(office), { needs: ["job"] });
    const replies = await Promise.all([1, 2, 3, 4].map(() => asVillage().post("/visits", sent)));
    expect(replies.map((reply) => reply.status)).toEqual([201, 201, 201, 201]);
    expect(new Set(replies.map((reply) => JSON.stringify(reply.json))).size).toBe(1);
    expect((await office.outbox()).filter((event) => event.subject === `visit/${sent.visitId}`)).toHaveLength(1);
  });

  test("another visit under a known id is refused, also where the known one lies out of sight", async () => {
    const [mine, other] = [await registerCouple(office), await registerCouple(office)];
    const sent = visit(mine);
    await asVillage().post("/visits", sent);
    expect((await asVillage().post("/visits", { ...sent, householdId: other })).json).toMatchObject({
      status: 409,
      code: "already-exists",
    });
    await office.as("township-officer", township).post("/grid-assignments", { subject: "grid-x", householdIds: [other] });
    const worker = office.as("grid-worker", village, "grid-x");
    expect((await worker.post("/visits", { ...sent, householdId: other })).json).toMatchObject({ code: "already-exists" });
  });

  test("tomorrow, a locked month, an unassigned household and an auditor are turned away", async () => {
    const householdId = await registerCouple(office);
    expect((await asVillage().post("/visits", visit(householdId, { visitedOn: "2022-08-28" }))).json).toMatchObject({
      status: 422,
      code: "visit-in-future",
    });
    expect((await asVillage().post("/visits", visit(householdId, { visitedOn: "2022-07-31" }))).json).toMatchObject({
      status: 422,
      code: "visit-month-locked",
      reasons: [{ parameter: "month.lockDay" }],
    });
    const worker = office.as("grid-worker", village, "grid-of-nothing");
    expect((await worker.post("/visits", visit(householdId))).json).toMatchObject({ status: 404, code: "household-not-found" });
    expect((await office.as("auditor", county).post("/visits", visit(householdId))).status).toBe(403);
  });
});

describe("the helper's monthly home visit", () => {
  test("a call to the absent household is shown apart and does not stop the clock; a home visit does", async () => {
    const { caseId, householdId } = await includedCase(office, "2022-08-10");
    await assignedHelper(office, caseId, "2022-08-12", "helper-1");
    expect(await clocksOf(office, caseId, "helper-visit")).toEqual([{ state: "open", dueOn: "2022-08-31", overdue: false }]);
    const call = await asHelper("helper-1").post("/visits", helperVisit(householdId, { mode: "video", householdAway: true }));
    expect(call.json).toMatchObject({ helperVisit: "household-away", visitorRole: "helper" });
    expect(await monthOf(office, caseId)).toMatchObject({ state: "away", awayOn: "2022-08-26", visitedOn: null });
    expect(await clocksOf(office, caseId, "helper-visit")).toMatchObject([{ state: "open" }]);
    const home = await asHelper("helper-1").post("/visits", helperVisit(householdId, { visitedOn: "2022-08-20" }));
    expect(home.json).toMatchObject({ helperVisit: "counts", caseId });
    expect(await monthOf(office, caseId)).toMatchObject({ state: "visited", visitedOn: "2022-08-20" });
    expect(await clocksOf(office, caseId, "helper-visit")).toMatchObject([{ state: "met", overdue: false }]);
  });

  test("a visit by somebody who is not its helper does not count", async () => {
    const { caseId, householdId } = await includedCase(office, "2022-08-10");
    await assignedHelper(office, caseId, "2022-08-12", "helper-2");
    const reply = await asVillage().post("/visits", helperVisit(householdId));
    expect(reply.json).toMatchObject({ helperVisit: "not-its-helper", caseId });
    expect(await monthOf(office, caseId)).toMatchObject({ state: "not-visited" });
  });

  test.each([
    ["2022-08-25", "not-visited", [{ state: "open", dueOn: "2022-08-31", overdue: false }]],
    ["2022-08-26", "exempt", []],
  ])("first helper from %s: the month is %s", async (from, state, clocks) => {
    const { caseId } = await includedCase(office, "2022-08-24");
    await assignedHelper(office, caseId, from, `helper-from-${from}`);
    expect(await monthOf(office, caseId)).toMatchObject({ state });
    expect(await clocksOf(office, caseId, "helper-visit")).toEqual(clocks);
  });
});

test("the round counts each household once: home visits, calls to the absent apart, and who was not seen", async () => {
  const region = "451228100005";
  const asTownship = office.as("township-officer", township);
  const households: string[] = [];
  for (const _ of Array.from({ length: 4 })) {
    const head = { name: "蓝天", identityNumber: newNumber("1980-01-01", "male"), relation: "head", labourSkill: "ordinary" };
    const reply = await asTownship.post("/households", { region, householdKind: "ordinary-household", members: [head] });
    households.push(String(reply.json["householdId"]));
  }
  const [twice = "", called = "", busy = ""] = households;
  await asTownship.post("/visits", visit(twice, { visitedOn: "2022-08-02" }));
  await asTownship.post("/visits", visit(twice, { visitedOn: "2022-08-20" }));
  await asTownship.post("/visits", visit(twice, { mode: "phone", householdAway: true }));
  await asTownship.post("/visits", visit(called, { mode: "phone", householdAway: true }));
  await asTownship.post("/visits", visit(busy, { mode: "phone" }));
  const { json } = await asTownship.get(`/visit-rounds/2022-08?region=${region}`);
  expect(json).toEqual({
    month: "2022-08",
    scope: "all",
    phoneCounts: true,
    level: "village",
    items: [{ region, households: 4, visited: 2, atHome: 1, byCall: 1, notSeen: 2 }],
  });
  expect((await asTownship.get(`/visit-rounds/2022-07?region=${region}`)).json["items"]).toMatchObject([
    { visited: 0, notSeen: 4 },
  ]);
  expect((await asTownship.get(`/visit-rounds/2022-08?region=${region}&scope=focus`)).json["items"]).toEqual([]);
  const above = () => office.as("region-officer", "45").get("/visit-rounds/2022-08");
  await until(async () => ((await above()).json["items"] as unknown[]).length > 0, { what: "the villages are counted" });
  expect((await above()).json).toMatchObject({ level: "county", items: [{ region: "451228000000" }] });
});

test("months turn: a missed one is told of, the next opens, and a visit synced late still counts until the lock day", async () => {
  const later = await startOffice("2022-08-20");
  try {
    const { caseId, householdId } = await includedCase(later, "2022-08-10");
    const cleared = await includedCase(later, "2022-08-10");
    const helperIs = (subject: string) => later.as("helper", county, subject);
    await assignedHelper(later, caseId, "2022-08-12", "helper-1");
    await assignedHelper(later, cleared.caseId, "2022-08-12", "helper-2");
    await helperIs("helper-2").post("/visits", helperVisit(cleared.householdId, { visitedOn: "2022-08-20" }));
    await later.advance(14);
    expect(later.today()).toBe("2022-09-03");
    await vi.waitFor(
      async () =>
        expect(await clocksOf(later, caseId, "helper-visit")).toEqual([
          { state: "cancelled", dueOn: "2022-08-31", overdue: true },
          { state: "open", dueOn: "2022-09-30", overdue: false },
        ]),
      { timeout: 60_000, interval: 200 },
    );
    const told = (await later.outbox()).filter((event) => event.type === "monitoring.deadline.overdue.v1");
    expect(told.map((event) => event.data["aboutId"])).toContain(caseId);
    expect(told.filter((event) => event.data["kind"] === "helper-visit").map((event) => event.data["aboutId"])).toEqual([caseId]);

    const late = helperVisit(householdId, { visitedOn: "2022-08-25" });
    expect(await monthOf(later, caseId)).toMatchObject({ state: "not-visited" });
    const first = await helperIs("helper-1").post("/visits", late);
    expect(first.json).toMatchObject({ helperVisit: "counts" });
    expect(await monthOf(later, caseId)).toMatchObject({ state: "visited", visitedOn: "2022-08-25" });
    expect(await monthOf(later, caseId, "2022-09")).toMatchObject({ state: "not-visited" });
    expect(await clocksOf(later, caseId, "helper-visit")).toMatchObject([{ state: "cancelled" }, { state: "open" }]);
    const { clauses } = (await later.as("county-officer", county).get("/clauses")).json as {
      clauses: { indicators: { code: string; numerator: number; denominator: number }[] }[];
    };
    expect(clauses.flatMap((one) => one.indicators).find((one) => one.code === "M-04c")).toMatchObject({
      numerator: 0,
      denominator: 2,
    });

    await later.advance(1);
    expect(
      (await helperIs("helper-1").post("/visits", helperVisit(householdId, { visitedOn: "2022-08-30" }))).json,
    ).toMatchObject({
      code: "visit-month-locked",
    });
    expect(await helperIs("helper-1").post("/visits", late)).toMatchObject({ status: 201, json: first.json });
    await assignedHelper(later, caseId, "2022-08-20", "helper-3");
    expect(await monthOf(later, caseId)).toMatchObject({ state: "visited", visitedOn: "2022-08-25" });
  } finally {
    await later.stop();
  }
});
