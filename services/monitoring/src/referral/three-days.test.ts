import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assignedHelper, includedCase } from "../case.testing.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, registerCouple, township, village } from "../people.testing.ts";
import { asDepartment, nameOffices, ok, paper, sent } from "./referral.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
  await nameOffices(office);
});
afterAll(() => office.stop());

const asVillage = () => office.as("village-officer", village);
const asTownship = () => office.as("township-officer", township);
const asCounty = () => office.as("county-officer", county);
const civil = () => asDepartment(office, "civil-affairs");
const eventsOf = async (subject: string) =>
  (await office.outbox())
    .filter((event) => event.subject === subject)
    .map((event) => [event.type.split(".")[2], event.sequence, event.data["status"]]);
type Todo = { items: { kind: string; entityId: string; role: string; dueAt: string; overdue: boolean }[] };
/** What stands before somebody about a referral. */
const todoOf = async (who: { get(path: string): Promise<{ json: unknown }> }, referralId: string) => {
  const { items } = (await who.get("/todo?limit=500")).json as Todo; // Safe: the kit answers nothing but the reply's schema.
  return items.filter(({ entityId }) => entityId === referralId).map(({ kind, dueAt }) => [kind, dueAt.slice(0, 10)]);
};
const figure = async (code: string) => {
  const { clauses } = (await asCounty().get("/clauses")).json as {
    clauses: { indicators: { code: string; numerator: number; denominator: number }[] }[];
  };
  return clauses.flatMap((one) => one.indicators).find((one) => one.code === code);
};
/** A severe epidemic-caused lead found a day ago; it is owed a first measure by the 17th. */
async function severeLead(householdId: string): Promise<string> {
  const foundAt = new Date(office.now().getTime() - 86_400_000).toISOString();
  const lead = { householdId, source: "monthly-round", cause: "epidemic", severity: "severe", foundAt };
  return String(ok(await asVillage().post("/risk-leads", lead), 201).json["leadId"]);
}

describe("referred help and the three days", () => {
  test("delivered in time, it is the lead's first measure: the clock stops, the figure counts it", async () => {
    const householdId = await registerCouple(office);
    const leadId = await severeLead(householdId);
    const before = await figure("M-03");
    const { path, json } = await sent(office, { leadId }, householdId);
    expect(json).toMatchObject({ dueOn: "2022-08-17", due: { parameter: "emergency.days", code: "reply-due-by-emergency" } });
    ok(await civil().post(`${path}/acceptance`, {}));
    // What is promised helps nobody yet.
    expect((await asVillage().get(`/risk-leads/${leadId}`)).json).toMatchObject({ emergency: "required" });
    const implementedAt = office.now().toISOString();
    const done = ok(await civil().post(`${path}/delivery`, { ...paper(office), implementedAt })).json;
    expect(done).toMatchObject({ emergency: { counts: true, onTime: true, reason: { clause: "M-03" } } });
    expect((await asVillage().get(`/risk-leads/${leadId}`)).json).toMatchObject({
      ...{ emergency: "helped", firstMeasureAt: implementedAt },
    });
    expect(await todoOf(asTownship(), leadId)).not.toContainEqual(["first-measure", "2022-08-17"]);
    expect(await figure("M-03")).toMatchObject({
      numerator: (before?.numerator ?? 0) + 1,
      denominator: (before?.denominator ?? 0) + 1,
    });
  });

  test("does the item of the household plan it was asked for, and only one of its own kind", async () => {
    const { householdId, caseId, path: casePath } = await includedCase(office, "2022-08-12");
    await assignedHelper(office, caseId, "2022-08-12", "helper-of-referral");
    const item = (category: string) => ({ risk: "illness", category, dueOn: "2022-09-30", detail: "申请救助" });
    const asHelper = office.as("helper", county, "helper-of-referral");
    const plan = ok(await asHelper.post(`${casePath}/household-plan`, { items: [item("safety-net"), item("health")] }), 201).json;
    ok(await asTownship().post(`/household-plans/${plan["householdPlanId"]}/approval`, {}));
    type Item = { itemId: string; category: string; status: string };
    const itemsNow = async () => (await asTownship().get(`${casePath}/household-plan`)).json["items"] as Item[];
    const idOf = async (category: string) => (await itemsNow()).find((one) => one.category === category)?.itemId;
    const planItemId = await idOf("safety-net");
    const wrong = { need: "low-allowance", planItemId: await idOf("health"), reason: "急需救助" };
    expect((await asVillage().post(`/households/${householdId}/referrals`, wrong)).json).toMatchObject({
      ...{ status: 400, errors: [{ pointer: "/planItemId", rule: "category-of-the-item", clause: "M-04b" }] },
    });
    const delivery = { ...paper(office), implementedAt: office.now().toISOString() };
    const one = await sent(office, { caseId, planItemId }, householdId);
    const two = await sent(office, { need: "low-allowance", planItemId }, householdId);
    ok(await civil().post(`${one.path}/acceptance`, {}));
    ok(await civil().post(`${one.path}/delivery`, delivery));
    expect(await itemsNow()).toContainEqual(expect.objectContaining({ itemId: planItemId, status: "done" }));
    // The plan is changed meanwhile and no longer asks for it; the help that came is kept all the same.
    ok(await asHelper.post(`${casePath}/household-plan`, { items: [item("health")] }), 201);
    ok(await civil().post(`${two.path}/acceptance`, {}));
    expect(ok(await civil().post(`${two.path}/delivery`, delivery)).json).toMatchObject({ status: "delivered" });
  });

  test("help that cannot have come by this referral is refused, and nothing of it is kept", async () => {
    const { householdId, path } = await sent(office);
    ok(await civil().post(`${path}/acceptance`, {}));
    const ahead = new Date(office.now().getTime() + 3_600_000).toISOString();
    expect((await civil().post(`${path}/delivery`, { ...paper(office), implementedAt: ahead })).json).toMatchObject({
      status: 422,
    });
    const bad = { document: "都民函〔2022〕9号", documentDate: "2022-08-20", implementedAt: "2022-08-14T23:59:00+08:00" };
    const fileId = "01825a10-7c00-7000-8000-000000000098";
    expect((await civil().post(`${path}/delivery`, { ...bad, fileId })).json).toMatchObject({
      status: 400,
      errors: [{ pointer: "/documentDate" }, { pointer: "/implementedAt", rule: "not-before-referral" }, { pointer: "/fileId" }],
    });
    expect((await asVillage().get(`/households/${householdId}/measures`)).json["items"]).toEqual([]);
  });
});

describe("a household that changes", () => {
  test("moves to another county: its referral goes on with that county's department, told under the new place", async () => {
    const { householdId, referralId, path } = await sent(office);
    const version = Number((await asVillage().get(`/households/${householdId}`)).json["version"]);
    const toRegion = "451229100001";
    const offer = await asVillage().post(`/households/${householdId}/moves`, { toRegion, reason: "work" }, undefined, version);
    const next = office.as("village-officer", toRegion);
    ok(await next.post(`/household-moves/${ok(offer, 201).json["moveId"]}/acceptance`, {}), 202);
    const there = asDepartment(office, "civil-affairs", "451229");
    await expect.poll(async () => (await there.get(path)).status, { timeout: 60_000 }).toBe(200);
    expect((await civil().get(path)).status).toBe(404);
    expect(await todoOf(there, referralId)).toEqual([["answer-referral", "2022-08-25"]]);
    expect(await eventsOf(`referral/${referralId}`)).toEqual([
      ["sent", "1", "sent"],
      ["sent", "2", "sent"],
    ]);
    ok(await there.post(`${path}/receipt`, {}));
  });

  test("ends: its referral is closed with it, and no other can be sent", async () => {
    const { householdId, referralId, path } = await sent(office);
    const version = Number((await asVillage().get(`/households/${householdId}`)).json["version"]);
    const closure = { code: "moved-away", on: office.today(), document: "都户迁〔2022〕1号", source: "公安户籍" };
    ok(await asTownship().post(`/households/${householdId}/closure`, closure, undefined, version));
    expect((await asTownship().get(path)).json).toMatchObject({ status: "closed", closedBecause: "household-closed" });
    expect(await eventsOf(`referral/${referralId}`)).toContainEqual(["closed", "2", "closed"]);
    expect(await todoOf(civil(), referralId)).toEqual([]);
    const entry = { need: "low-allowance", reason: "急需救助" };
    expect((await asVillage().post(`/households/${householdId}/referrals`, entry)).json).toMatchObject({
      ...{ status: 409, type: expect.stringContaining("household-not-active") },
    });
  });
});

// Days pass here, so that this stands last.
test("no reply by the day it was due is late: on the list, in the counts, before the department and as an event", async () => {
  const { referralId, path } = await sent(office);
  const before = await figure("M-03-referrals");
  await office.advance(11);
  const late = (await asVillage().get("/referrals?overdue=true&limit=200")).json["items"] as {
    referralId: string;
    overdue: boolean;
  }[];
  expect(late).toContainEqual(expect.objectContaining({ referralId, overdue: true, status: "sent" }));
  const counts = (await asCounty().get(`/referral-counts?region=${village}`)).json["items"] as Record<string, number>[];
  const overdue = counts.find((one) => String(one["department"]) === "civil-affairs")?.["overdue"];
  expect(overdue).toBe(late.filter((one) => (one as Record<string, unknown>)["department"] === "civil-affairs").length);
  expect((await figure("M-03-referrals"))?.denominator).toBeGreaterThan(before?.denominator ?? 0);
  expect(((await civil().get("/todo?limit=500")).json as Todo).items).toContainEqual(
    expect.objectContaining({ entityId: referralId, kind: "answer-referral", overdue: true }),
  );
  await expect
    .poll(
      async () =>
        (await office.outbox()).filter(({ type, data }) => type.includes("deadline.overdue") && data["aboutId"] === referralId),
      {
        timeout: 60_000,
      },
    )
    .toHaveLength(1);
  ok(await civil().post(`${path}/acceptance`, {}));
  const pages: string[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page: { items: { referralId: string }[]; next: string | null } = (
      await asVillage().get(`/referrals?limit=3&open=true${cursor ? `&cursor=${cursor}` : ""}`)
    ).json as never; // Safe: the list's own reply.
    pages.push(...page.items.map((one) => one.referralId));
    cursor = page.next;
  }
  expect(new Set(pages).size).toBe(pages.length);
  expect(pages).toContain(referralId);
});
