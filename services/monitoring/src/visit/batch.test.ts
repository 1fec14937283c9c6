import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { assignedHelper, clocksOf, includedCase } from "../case.testing.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, registerCouple, township, village } from "../people.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-09-02");
});
afterAll(() => office.stop());

const sent = (householdId: string, more: Record<string, unknown> = {}) => ({
  visitId: uuidv7(),
  householdId,
  visitedOn: "2022-09-01",
  ...more,
});
const sync = (visits: unknown[], key?: string) => office.as("township-officer", township).post("/visit-batches", { visits }, key);

test("each visit of a batch has its own answer, in the order sent; one that is refused holds up no other", async () => {
  const [one, two] = [await registerCouple(office), await registerCouple(office)];
  const known = sent(one);
  await sync([known]);
  const tap = sent(two);
  const late = sent(two, { visitedOn: "2022-08-31", mode: "phone", householdAway: true });
  const reply = await sync([
    tap,
    { ...known },
    { ...known, householdId: two },
    sent(two, { visitedOn: "2022-09-03" }),
    late,
    sent(two, { visitedOn: "2022-07-31" }),
    sent(uuidv7()),
    { ...tap },
    { ...tap, visitedOn: "2022-09-02" },
    sent(two, { mode: "phone" }),
  ]);
  expect(reply.status, JSON.stringify(reply.json)).toBe(200);
  expect(reply.json).toMatchObject({ accepted: 3, duplicates: 2, refused: 5 });
  const items = reply.json["items"] as { outcome: string; code?: string; round?: string; zh?: string }[];
  expect(items.map(({ outcome, code, round }) => [outcome, code ?? round])).toEqual([
    ["accepted", "at-home"],
    ["duplicate", "at-home"],
    ["refused", "already-exists"],
    ["refused", "visit-in-future"],
    ["accepted", "by-call"],
    ["refused", "visit-month-locked"],
    ["refused", "household-not-found"],
    ["duplicate", "at-home"],
    ["refused", "already-exists"],
    ["accepted", "not-counted"],
  ]);
  expect(items[5]?.zh).toContain("锁定");
  expect((await office.as("village-officer", village).get(`/households/${two}/visits`)).json["items"]).toHaveLength(3);
});

test("two phones that send the same visits at once: every visit is stored once, and each phone has an answer", async () => {
  const households = [await registerCouple(office), await registerCouple(office), await registerCouple(office)];
  const visits = households.flatMap((id) => [sent(id), sent(id, { needs: ["job"] })]);
  const replies = await Promise.all([sync(visits), sync([...visits].reverse()), sync(visits.slice(2))]);
  expect(replies.map((reply) => reply.status)).toEqual([200, 200, 200]);
  expect(replies.reduce((sum, reply) => sum + Number(reply.json["accepted"]), 0)).toBe(visits.length);
  expect(replies.reduce((sum, reply) => sum + Number(reply.json["refused"]), 0)).toBe(0);
  const told = (await office.outbox()).filter((event) => event.type === "monitoring.visit.recorded.v1");
  const wishes = new Set(visits.filter((visit) => "needs" in visit).map((visit) => `visit/${visit.visitId}`));
  expect(told.filter((event) => wishes.has(event.subject))).toHaveLength(3);
  expect(told.some((event) => event.subject === `visit/${visits[0]?.visitId}`)).toBe(false);
});

test("a batch ends the helper's clock as a single visit does", async () => {
  const { caseId, householdId } = await includedCase(office, "2022-08-10");
  await assignedHelper(office, caseId, "2022-08-12", "helper-batch");
  const asHelper = office.as("helper", county, "helper-batch");
  const reply = await asHelper.post("/visit-batches", {
    visits: [sent(householdId, { purposes: ["helper-visit", "monthly-round"] })],
  });
  expect(reply.json).toMatchObject({ accepted: 1 });
  expect(await clocksOf(office, caseId, "helper-visit")).toMatchObject([{ state: "met", dueOn: "2022-09-30" }]);
});

test("501 visits are too many, none is none, and an auditor sends nothing", async () => {
  const householdId = await registerCouple(office);
  const many = Array.from({ length: 501 }, () => sent(householdId));
  expect((await sync(many)).json).toMatchObject({ code: "invalid-input", errors: [{ pointer: "/visits" }] });
  expect((await sync([])).status).toBe(400);
  expect((await office.as("auditor", county).post("/visit-batches", { visits: [sent(householdId)] })).status).toBe(403);
});
