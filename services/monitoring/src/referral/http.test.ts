import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { includedCase } from "../case.testing.ts";
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
const water = () => asDepartment(office, "water");
const eventsOf = async (subject: string) =>
  (await office.outbox())
    .filter((event) => event.subject === subject)
    .map((event) => [event.type.split(".")[2], event.sequence, event.data["status"]]);
/** What the audit keeps of a referral: what was done, and for which purpose. */
async function auditOf(referralId: string) {
  const client = new pg.Client({ connectionString: office.adminUrl });
  await client.connect();
  const { rows } = await client.query("select action, purpose from kit.audit where entity_id = $1 order by id", [referralId]);
  await client.end();
  return rows.map(({ action, purpose }) => [action, purpose]);
}
type Todo = { items: { kind: string; entityId: string; role: string; dueAt: string; overdue: boolean }[] };
/** What stands before somebody about a referral. */
const todoOf = async (who: { get(path: string): Promise<{ json: unknown }> }, referralId: string) => {
  const { items } = (await who.get("/todo?limit=500")).json as Todo; // Safe: the kit answers nothing but the reply's schema.
  return items.filter(({ entityId }) => entityId === referralId).map(({ kind, dueAt }) => [kind, dueAt.slice(0, 10)]);
};
/** A severe epidemic-caused lead found a day ago; it is owed a first measure by the 17th. */
async function severeLead(householdId: string): Promise<string> {
  const foundAt = new Date(office.now().getTime() - 86_400_000).toISOString();
  const lead = { householdId, source: "monthly-round", cause: "epidemic", severity: "severe", foundAt };
  return String(ok(await asVillage().post("/risk-leads", lead), 201).json["leadId"]);
}

describe("a need handed to a department", () => {
  test("goes to the office named for it, with the day its reply is due and why, and nothing of a person in its event", async () => {
    const { referralId, json } = await sent(office);
    expect(json).toMatchObject({
      ...{ department: "civil-affairs", office: "都安县民政局社会救助股", status: "sent", dueOn: "2022-08-25", overdue: false },
      needTitle: { zh: "临时救助" },
      due: { clause: "M-03", parameter: "referral.replyDays", code: "reply-due" },
    });
    expect(await eventsOf(`referral/${referralId}`)).toEqual([["sent", "1", "sent"]]);
    expect(JSON.stringify(await office.outbox())).not.toContain("韦大明");
    expect(JSON.stringify(json)).not.toContain("停工");
  });

  test("stands before that department's officers alone: no list, page, count, file or to-do of another shows it", async () => {
    const { householdId, referralId, path } = await sent(office);
    expect(await todoOf(civil(), referralId)).toEqual([["answer-referral", "2022-08-25"]]);
    expect(await todoOf(water(), referralId)).toEqual([]);
    expect((await civil().get(path)).status).toBe(200);
    expect((await water().get(path)).json).toMatchObject({ status: 404, type: expect.stringContaining("referral-not-found") });
    const listed = async (who: ReturnType<typeof civil>) =>
      ((await who.get(`/referrals?householdId=${householdId}`)).json["items"] as { referralId: string }[]).map(
        (one) => one.referralId,
      );
    expect(await listed(civil())).toEqual([referralId]);
    expect(await listed(water())).toEqual([]);
    expect(await listed(asVillage())).toEqual([referralId]);
    expect(await listed(asDepartment(office, "civil-affairs", "451229"))).toEqual([]);
    const counted = async (who: ReturnType<typeof civil>) =>
      ((await who.get("/referral-counts")).json["items"] as { department: string }[]).map((one) => one.department);
    expect(new Set(await counted(civil()))).toEqual(new Set(["civil-affairs"]));
    expect(await counted(water())).not.toContain("civil-affairs");
    const filed = async (who: ReturnType<typeof civil>) => (await who.get(`/households/${householdId}/file`)).json["referrals"];
    expect(await filed(asTownship())).toMatchObject([{ referralId, status: "sent" }]);
    expect(await filed(water())).toEqual([]);
    expect((await water().post(`${path}/receipt`, {})).status).toBe(404);
    const nobodys = office.as("department-officer", county, "no-department");
    expect((await nobodys.get(path)).status).toBe(404);
  });

  test("shows people masked; in clear to those at work on it, for a purpose that is recorded", async () => {
    const householdId = await registerCouple(office);
    const members = (await asVillage().get(`/households/${householdId}`)).json["members"] as {
      personId: string;
      relation: string;
    }[];
    const spouse = members.find(({ relation }) => relation === "spouse")?.personId;
    const { path } = await sent(office, { personId: spouse }, householdId);
    const shown = (await civil().get(path)).json;
    expect(shown).toMatchObject({ headcount: 2, people: [{ personId: spouse, name: "覃*花" }], steps: [{ step: "sent" }] });
    expect(JSON.stringify(shown)).not.toMatch(/停工|\b\d{17}[\dX]\b/);
    const opened = ok(await civil().post(`${path}/reveal`, { purpose: "办理临时救助" })).json;
    expect(opened).toMatchObject({ reason: expect.stringContaining("停工"), people: [{ personId: spouse, name: "覃小花" }] });
    expect((await civil().post(`${path}/reveal`, { purpose: "看" })).status).toBe(400);
    expect((await water().post(`${path}/reveal`, { purpose: "办理供水保障" })).status).toBe(404);
    expect(await auditOf(path.slice("/referrals/".length))).toContainEqual(["reveal-referral", "办理临时救助"]);
    ok(await civil().post(`${path}/return`, { because: "papers-missing", note: "缺覃小花的申请书" }));
    expect((await civil().post(`${path}/reveal`, { purpose: "办理临时救助" })).json).toMatchObject({ status: 409 });
    expect(ok(await asTownship().post(`${path}/reveal`, { purpose: "补齐申请材料" })).json).toMatchObject({
      notes: [{ step: "returned", note: "缺覃小花的申请书" }],
    });
  });

  test("is refused where it cannot go", async () => {
    const { householdId } = await sent(office);
    const path = `/households/${householdId}/referrals`;
    const other = await registerCouple(office);
    const lead = await severeLead(other);
    const { caseId } = await includedCase(office, "2022-08-10", { householdId: other });
    const head = ((await asVillage().get(`/households/${other}`)).json["members"] as { personId: string }[])[0]?.personId;
    const reason = "急需帮扶";
    const nowhere = "01825a10-7c00-7000-8000-000000000099";
    for (const [status, code, entry, at] of [
      [409, "referral-open-already", { need: "temporary-relief" }, path],
      [422, "referral-contact-missing", { need: "house-repair" }, path],
      [404, "lead-not-found", { need: "low-allowance", leadId: lead }, path],
      [404, "case-not-found", { need: "low-allowance", caseId }, path],
      [404, "plan-not-found", { need: "low-allowance", planItemId: nowhere }, path],
      [409, "person-not-member", { need: "low-allowance", personId: head }, path],
      [404, "household-not-found", { need: "low-allowance" }, `/households/${nowhere}/referrals`],
      [400, "invalid-input", { need: "money" }, path],
    ] as const) {
      const { json } = await asVillage().post(at, { ...entry, reason });
      expect(json, code).toMatchObject({ status, type: expect.stringContaining(code) });
    }
    expect((await civil().post(path, { need: "low-allowance", reason })).status).toBe(403);
  });
});

describe("the department's part", () => {
  test("received, accepted with a day, delivered by document, confirmed by the sender: each step an event, the turn changes hands", async () => {
    const { householdId, referralId, path } = await sent(office);
    ok(await civil().post(`${path}/receipt`, {}));
    expect((await civil().post(`${path}/receipt`, {})).json).toMatchObject({ status: 409 });
    expect(await todoOf(civil(), referralId)).toEqual([["answer-referral", "2022-08-25"]]);
    const late = await civil().post(`${path}/acceptance`, { deliverBy: "2022-09-05" });
    expect(late.json).toMatchObject({ status: 400, errors: [{ pointer: "/deliverBy", rule: "within-days", clause: "M-03" }] });
    expect((await civil().post(`${path}/acceptance`, { deliverBy: "2022-08-14" })).status).toBe(400);
    expect(ok(await civil().post(`${path}/acceptance`, { deliverBy: "2022-08-20" })).json).toMatchObject({ status: "accepted" });
    expect(await todoOf(civil(), referralId)).toEqual([["deliver-referral", "2022-08-20"]]);
    const delivery = { ...paper(office), implementedAt: office.now().toISOString(), amountFen: 200_000 };
    const done = ok(await civil().post(`${path}/delivery`, delivery)).json;
    expect(done).toMatchObject({ status: "delivered", outcome: "helped", document: "都民函〔2022〕3号", emergency: null });
    expect((await asVillage().get(`/households/${householdId}/measures`)).json["items"]).toMatchObject([
      { measureId: done["measureId"], category: "safety-net", amountFen: 200_000, sourceId: referralId },
    ]);
    expect(await todoOf(civil(), referralId)).toEqual([]);
    expect(await todoOf(asTownship(), referralId)).toEqual([["settle-referral", "2022-08-20"]]);
    expect((await asTownship().post(`${path}/closure`, { because: "withdrawn" })).json).toMatchObject({ status: 409 });
    expect(ok(await asTownship().post(`${path}/closure`, { because: "arrived" })).json).toMatchObject({ status: "closed" });
    expect(await todoOf(asTownship(), referralId)).toEqual([]);
    expect(await eventsOf(`referral/${referralId}`)).toEqual([
      ["sent", "1", "sent"],
      ["received", "2", "received"],
      ["answered", "3", "accepted"],
      ["delivered", "4", "delivered"],
      ["closed", "5", "closed"],
    ]);
    // The same need can be referred again once the first is closed.
    await sent(office, {}, householdId);
  });

  test("given back as another department's, it goes there with a new day; the first one sees it no more", async () => {
    const { referralId, path } = await sent(office);
    ok(await civil().post(`${path}/return`, { because: "other-department" }));
    expect(await todoOf(asTownship(), referralId)).toEqual([["settle-referral", "2022-08-20"]]);
    expect((await asVillage().post(`${path}/sending`, { need: "house-repair" })).json).toMatchObject({ status: 422 });
    const again = ok(await asVillage().post(`${path}/sending`, { need: "water-supply", reason: "旱季断水,需送水" })).json;
    expect(again).toMatchObject({ status: "sent", department: "water", office: "都安县水利局供水股", version: 3 });
    expect((await civil().get(path)).status).toBe(404);
    expect((await water().get(path)).json).toMatchObject({ steps: [{ step: "sent", department: "water" }] });
    expect(await todoOf(water(), referralId)).toEqual([["answer-referral", "2022-08-25"]]);
    expect((await asVillage().post(`${path}/sending`, {})).json).toMatchObject({ status: 409 });
    expect((await water().post(`${path}/closure`, { because: "withdrawn" })).status).toBe(403);
  });

  test("one that came back cannot be sent where the same need already is", async () => {
    const { householdId, path } = await sent(office);
    ok(await civil().post(`${path}/return`, { because: "other-department" }));
    await sent(office, { need: "water-supply" }, householdId);
    expect((await asVillage().post(`${path}/sending`, { need: "water-supply" })).json).toMatchObject({
      ...{ status: 409, type: expect.stringContaining("referral-open-already") },
    });
  });

  test("declined by a document of the day, which the sender takes note of", async () => {
    const { referralId, path } = await sent(office);
    const refusal = { outcome: "not-entitled", ...paper(office) };
    const ahead = await civil().post(`${path}/refusal`, { ...refusal, documentDate: "2022-08-16" });
    expect(ahead.json).toMatchObject({ status: 400, errors: [{ pointer: "/documentDate", rule: "not-in-future" }] });
    expect(ok(await civil().post(`${path}/refusal`, refusal)).json).toMatchObject({
      status: "declined",
      outcome: "not-entitled",
    });
    for (const [step, body] of [
      ["receipt", {}],
      ["return", { because: "unclear" }],
      ["acceptance", {}],
      ["refusal", refusal],
      ["delivery", { ...paper(office), implementedAt: office.now().toISOString() }],
    ] as const)
      expect((await civil().post(`${path}/${step}`, body)).json, step).toMatchObject({ status: 409 });
    ok(await asVillage().post(`${path}/closure`, { because: "declined", note: "改由村集体帮扶" }));
    expect(await eventsOf(`referral/${referralId}`)).toEqual([
      ["sent", "1", "sent"],
      ["answered", "2", "declined"],
      ["closed", "3", "closed"],
    ]);
  });

  test("answered on paper, it is recorded by the county, and not by whoever sent it", async () => {
    const householdId = await registerCouple(office);
    const entry = { need: "temporary-relief", reason: "韦大明一家停工两月" };
    const { json } = ok(await asCounty().post(`/households/${householdId}/referrals`, entry), 201);
    const path = `/referrals/${json["referralId"]}`;
    const refusal = { outcome: "already-helped", ...paper(office) };
    for (const [step, body] of [
      ["receipt", {}],
      ["return", { because: "unclear" }],
      ["acceptance", {}],
      ["refusal", refusal],
      ["delivery", { ...paper(office), implementedAt: office.now().toISOString() }],
    ] as const)
      expect((await asCounty().post(`${path}/${step}`, body)).json, step).toMatchObject({
        ...{ status: 422, type: expect.stringContaining("same-person-twice") },
      });
    const colleague = office.as("county-officer", county, "county-officer-2");
    expect(ok(await colleague.post(`${path}/refusal`, refusal)).json).toMatchObject({ outcome: "already-helped" });
  });

  test("what is not there, or not this department's, is answered 404 by every step", async () => {
    const path = "/referrals/01825a10-7c00-7000-8000-000000000099";
    for (const [who, step, body] of [
      [civil(), "receipt", {}],
      [civil(), "return", { because: "unclear" }],
      [civil(), "acceptance", {}],
      [civil(), "refusal", { outcome: "not-entitled", ...paper(office) }],
      [civil(), "delivery", { ...paper(office), implementedAt: office.now().toISOString() }],
      [civil(), "reveal", { purpose: "办理救助" }],
      [asVillage(), "sending", {}],
      [asVillage(), "closure", { because: "withdrawn" }],
    ] as const)
      expect((await who.post(`${path}/${step}`, body)).json, step).toMatchObject({
        ...{ status: 404, type: expect.stringContaining("referral-not-found") },
      });
  });
});

test("the office that takes referrals is the county's to name, and townships and villages see their county's", async () => {
  const named = ok(await asCounty().post("/referral-contacts", { department: "education", office: "都安县教育局资助中心" })).json;
  expect(named).toMatchObject({ region: "451228000000", title: { zh: "教育" }, from: "2022-08-15" });
  ok(await asCounty().post("/referral-contacts", { department: "education", office: "都安县教育局基教股" }));
  const offices = async (who: ReturnType<typeof civil>) =>
    ((await who.get("/referral-contacts")).json["items"] as { department: string; office: string }[])
      .filter(({ department }) => department === "education")
      .map((one) => one.office);
  expect(await offices(asVillage())).toEqual(["都安县教育局基教股"]);
  expect(await offices(office.as("village-officer", "451229100200"))).toEqual([]);
  expect(((await asVillage().get("/referral-needs")).json["items"] as unknown[]).length).toBe(18);
});
