import type { Risk } from "@shouwang/contract";
import { system } from "@shouwang/service-kit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assignedHelper, clocksOf, includedCase } from "../case.testing.ts";
import { lockCase, saveCase } from "../monitored-case/store.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, township, village } from "../people.testing.ts";
import { closePlan } from "./close.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());

const asVillage = () => office.as("village-officer", village);
const asTownship = (subject = "township-1") => office.as("township-officer", township, subject);
const item = (risk: Risk, category: string, more: Record<string, unknown> = {}) => ({
  risk,
  category,
  dueOn: "2022-09-30",
  detail: "由县医院安排韦大明复查",
  ...more,
});
const submitted = async (path: string, items: unknown[]) => {
  const reply = await asVillage().post(`${path}/household-plan`, { items });
  expect(reply.status, JSON.stringify(reply.json)).toBe(201);
  return { planId: String(reply.json["householdPlanId"]), json: reply.json };
};
const eventsOf = async (subject: string) =>
  (await office.outbox()).filter((event) => event.subject === subject).map((event) => [event.type.split(".")[2], event.sequence]);

describe("a household plan", () => {
  test("approved with a helper there, it completes the file and the case is being helped", async () => {
    const { caseId, path } = await includedCase(office, "2022-08-10", { risks: ["illness", "unstable-work"] });
    await assignedHelper(office, caseId, "2022-08-12", "helper-1");
    const items = [item("illness", "health"), item("unstable-work", "job")];
    const { status, json } = await office.as("helper", county, "helper-1").post(`${path}/household-plan`, { items });
    expect(status, JSON.stringify(json)).toBe(201);
    const planId = String(json["householdPlanId"]);
    expect(json).toMatchObject({ status: "submitted", revision: 1, unanswered: [], version: 1 });
    expect(JSON.stringify(json)).not.toContain("韦大明");
    const approved = await asTownship().post(`/household-plans/${planId}/approval`, {});
    expect(approved.json).toMatchObject({ status: "approved", approvedOn: "2022-08-15", version: 2 });
    expect(await clocksOf(office, caseId, "complete-file")).toEqual([{ state: "met", dueOn: "2022-08-15", overdue: false }]);
    expect((await asVillage().get(path)).json).toMatchObject({ status: "helping", version: 2 });
    expect(await eventsOf(`household-plan/${planId}`)).toEqual([
      ["submitted", "1"],
      ["approved", "2"],
    ]);
    expect(JSON.stringify(await office.outbox())).not.toContain("韦大明");
  });

  test("approved before there is a helper, the file waits for the helper", async () => {
    const { caseId, path } = await includedCase(office, "2022-08-10");
    const { planId } = await submitted(path, [item("illness", "health")]);
    await asTownship().post(`/household-plans/${planId}/approval`, {});
    expect(await clocksOf(office, caseId, "complete-file")).toMatchObject([{ state: "open" }]);
    expect((await asVillage().get(path)).json).toMatchObject({ status: "included" });
    await assignedHelper(office, caseId, "2022-08-12", "helper-2");
    expect(await clocksOf(office, caseId, "complete-file")).toMatchObject([{ state: "met" }]);
    expect((await asVillage().get(path)).json).toMatchObject({ status: "helping" });
  });

  test("that leaves a risk unanswered is refused, each such risk named", async () => {
    const { path } = await includedCase(office, "2022-08-10", { risks: ["illness", "unsafe-water"] });
    const { planId, json } = await submitted(path, [item("illness", "job")]);
    expect(json["unanswered"]).toHaveLength(2);
    expect((await asTownship().post(`/household-plans/${planId}/approval`, {})).json).toMatchObject({
      status: 422,
      code: "plan-incomplete",
      clause: "M-04b",
      reasons: [{ facts: [{ value: "illness" }, { value: 1 }] }, { facts: [{ value: "unsafe-water" }, { value: 0 }] }],
    });
  });

  test("is not approved by whoever submitted it", async () => {
    const { path } = await includedCase(office, "2022-08-10");
    const reply = await asTownship("two-hats").post(`${path}/household-plan`, { items: [item("illness", "health")] });
    const approval = `/household-plans/${reply.json["householdPlanId"]}/approval`;
    expect((await asTownship("two-hats").post(approval, {})).json).toMatchObject({ status: 422, code: "same-person-twice" });
    expect((await asTownship("another").post(approval, {})).status).toBe(200);
    expect((await asTownship("another").post(approval, {})).json).toMatchObject({ status: 409, code: "plan-state" });
    expect((await asVillage().post(approval, {})).status).toBe(403);
  });

  test("changed, it is a revision to be approved again; what was delivered stays, and each text is opened for a purpose alone", async () => {
    const { path, householdId } = await includedCase(office, "2022-08-10", { risks: ["illness", "unstable-work"] });
    const { planId, json } = await submitted(path, [item("illness", "health"), item("unstable-work", "job")]);
    await asTownship().post(`/household-plans/${planId}/approval`, {});
    const [first] = json["items"] as { itemId: string }[];
    const measure = { category: "health", implementedAt: "2022-08-14T10:00:00+08:00", planItemId: first?.itemId };
    const wrong = await asVillage().post(`/households/${householdId}/measures`, { ...measure, category: "job" });
    expect(wrong.json).toMatchObject({ code: "invalid-input", errors: [{ rule: "category-of-the-item" }] });
    expect((await asVillage().post(`/households/${householdId}/measures`, measure)).status).toBe(201);
    const changed = await submitted(path, [item("unstable-work", "public-welfare-post", { detail: "村级保洁岗位" })]);
    expect(changed).toMatchObject({ planId, json: { status: "submitted", revision: 2, version: 4, unanswered: [] } });
    expect(changed.json["items"]).toMatchObject([{ status: "done" }, { category: "public-welfare-post", status: "planned" }]);
    expect(await eventsOf(`household-plan/${planId}`)).toEqual([
      ["submitted", "1"],
      ["approved", "2"],
      ["changed", "3"],
      ["changed", "4"],
    ]);
    const opened = await asVillage().post(`/household-plans/${planId}/reveal`, { purpose: "入户落实措施" });
    expect((opened.json["items"] as { detail: string }[]).map((one) => one.detail)).toEqual([
      "由县医院安排韦大明复查",
      "村级保洁岗位",
    ]);
    expect((await asTownship().post(`/household-plans/${planId}/approval`, {})).json).toMatchObject({
      status: "approved",
      version: 5,
    });
  });

  test("for another county, a case not included, or a risk the case does not have, there is none", async () => {
    const { path } = await includedCase(office, "2022-08-10");
    const stranger = office.as("township-officer", "451229100");
    const body = { items: [item("illness", "health")] };
    expect((await stranger.post(`${path}/household-plan`, body)).json).toMatchObject({ status: 404, code: "case-not-found" });
    expect((await asVillage().get(`${path}/household-plan`)).json).toMatchObject({ status: 404, code: "plan-not-found" });
    const early = await includedCase(office, "2022-08-10", { status: "township-checked" });
    expect((await asVillage().post(`${early.path}/household-plan`, body)).json).toMatchObject({
      status: 409,
      code: "case-state",
    });
    expect((await asVillage().post(`${path}/household-plan`, { items: [item("schooling", "social-help")] })).json).toMatchObject({
      errors: [{ pointer: "/items/0/risk" }],
    });
    const { planId } = await submitted(path, [item("illness", "health")]);
    expect((await stranger.post(`/household-plans/${planId}/approval`, {})).json).toMatchObject({ code: "plan-not-found" });
    expect((await stranger.post(`/household-plans/${planId}/reveal`, { purpose: "查看一户一策" })).json).toMatchObject({
      status: 404,
    });
  });
});

test("a closed plan takes no change and no measure, and a household that is monitored no longer has none approved", async () => {
  const { caseId, path, householdId } = await includedCase(office, "2022-08-10");
  const { planId, json } = await submitted(path, [item("illness", "health")]);
  const [only] = json["items"] as { itemId: string }[];
  const asSystem = <T>(fn: Parameters<typeof office.running.db.withTx<T>>[1]) => office.running.db.withTx(system("test"), fn);
  await asSystem((tx) => closePlan(tx, caseId));
  const refused = { status: 409, code: "plan-state", clause: "M-04b" };
  expect((await asVillage().post(`${path}/household-plan`, { items: [item("illness", "health")] })).json).toMatchObject(refused);
  const measure = { category: "health", implementedAt: "2022-08-14T10:00:00+08:00", planItemId: only?.itemId };
  expect((await asVillage().post(`/households/${householdId}/measures`, measure)).json).toMatchObject(refused);
  await asSystem(async (tx) => {
    const monitored = await lockCase(tx, caseId);
    if (monitored) await saveCase(tx, { ...monitored, status: "cleared", version: monitored.version + 1 });
  });
  expect((await asTownship().post(`/household-plans/${planId}/approval`, {})).json).toMatchObject({
    status: 409,
    code: "case-state",
  });
});

test("M-04b counts a file once it is complete or past its day, and lists what is missing", async () => {
  const late = await includedCase(office, "2022-08-01");
  const inTime = await includedCase(office, "2022-08-12");
  const onlyPlan = await includedCase(office, "2022-08-12");
  const figure = async () => {
    const { clauses } = (await office.as("county-officer", county).get("/clauses")).json as {
      clauses: { indicators: { code: string; numerator: number; denominator: number }[] }[];
    };
    const found = clauses.flatMap((one) => one.indicators).find((one) => one.code === "M-04b");
    return [found?.numerator ?? 0, found?.denominator ?? 0] as const;
  };
  const before = await figure();
  await assignedHelper(office, inTime.caseId, "2022-08-13", "helper-3");
  for (const { path } of [inTime, onlyPlan]) {
    const { planId } = await submitted(path, [item("illness", "health")]);
    await asTownship().post(`/household-plans/${planId}/approval`, {});
  }
  // The late one was counted from its sixth day on; the one without a helper is not due yet.
  expect(await figure()).toEqual([before[0] + 1, before[1] + 1]);
  const gaps = (await asVillage().get("/household-file-gaps?limit=200")).json["items"] as { caseId: string }[];
  const of = (caseId: string) => gaps.find((gap) => gap.caseId === caseId);
  expect(of(late.caseId)).toMatchObject({ helper: false, plan: false, overdue: true, dueOn: "2022-08-06" });
  expect(of(onlyPlan.caseId)).toMatchObject({ helper: false, plan: true, overdue: false, dueOn: "2022-08-17" });
  expect(of(inTime.caseId)).toBeUndefined();
});
