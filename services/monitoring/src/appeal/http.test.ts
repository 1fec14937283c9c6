import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { caseAt, clocksOf, includedCase } from "../case.testing.ts";
import { admin } from "../focus-household/focus.testing.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, registerCouple, township, village } from "../people.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());
const city = "4512";
const asVillage = () => office.as("village-officer", village);
const asTownship = (subject = "township-one") => office.as("township-officer", township, subject);
const asCounty = (subject = "county-one") => office.as("county-officer", county, subject);
const asCity = () => office.as("city-officer", city);
const grounds = "韦大明家去年住院花了八万元,没有算进去";

async function appealOf(about: Record<string, string>, householdId: string, more: Record<string, unknown> = {}) {
  const { json } = await asVillage().get(`/households/${householdId}`);
  const madeBy = (json["members"] as { personId: string }[])[0]?.personId;
  return await asVillage().post("/appeals", { ...about, madeBy, filedOn: office.today(), grounds, ...more });
}
const decision = (outcome: "upheld" | "overturned") => ({ outcome, reason: "经复核,原决定依据不足" });
const pathOf = (reply: { json: Record<string, unknown> }) => `/appeals/${reply.json["appealId"]}`;

async function rejectedLead() {
  const householdId = await registerCouple(office);
  const entry = {
    householdId,
    source: "self-report",
    cause: "illness",
    severity: "severe",
    epidemic: true,
    foundAt: office.now().toISOString(),
  };
  const leadId = String((await asVillage().post("/risk-leads", entry)).json["leadId"]);
  await asTownship().post(`/risk-leads/${leadId}/dispatch`, { to: "village-officer-1" });
  const visit = { visitedOn: office.today(), team: ["a", "b"], outcome: "not-at-risk" };
  expect((await asTownship().post(`/risk-leads/${leadId}/verification`, visit)).json).toMatchObject({ status: "rejected" });
  return { householdId, leadId, entry };
}
const at = { document: "都乡振〔2022〕15号" };
async function refusedByCounty() {
  const found = await caseAt(office, "township-checked");
  expect((await asCounty().post(`${found.path}/county-approval`, { approved: false, ...at })).json).toMatchObject({
    status: "refused",
  });
  return found;
}

test("a lead turned away: the county has it verified again, by other people, and the first measure is owed from then", async () => {
  const { householdId, leadId } = await rejectedLead();
  const filed = await appealOf({ leadId }, householdId);
  expect(filed.json).toMatchObject({
    status: "filed",
    against: "verification",
    decidedAt: "county",
    dueOn: "2022-08-30",
    reason: { parameter: "appeal.days", clause: "M-03" },
  });
  expect((await appealOf({ leadId }, householdId)).json).toMatchObject({ status: 409, code: "appeal-made-already" });
  const path = pathOf(filed);
  const todo = (await asCounty().get("/todo")).json["items"] as { kind: string; entityId: string; dueAt: string }[];
  expect(todo.find(({ entityId }) => path.endsWith(entityId))).toMatchObject({
    kind: "decide-appeal",
    dueAt: "2022-08-30T15:59:59.999Z",
  });
  expect((await asTownship("another").post(`${path}/decision`, decision("overturned"))).json).toMatchObject({
    code: "role-not-allowed",
  });
  expect((await asCounty("township-one").post(`${path}/decision`, decision("overturned"))).json).toMatchObject({
    code: "same-person-twice",
  });
  expect((await office.as("county-officer", "451229").post(`${path}/decision`, decision("upheld"))).json).toMatchObject({
    code: "appeal-not-found",
  });
  expect((await asCounty().post(`${path}/decision`, decision("overturned"))).json).toMatchObject({
    status: "overturned",
    decidedOn: "2022-08-15",
  });
  expect((await asCounty().post(`${path}/decision`, decision("upheld"))).json).toMatchObject({ code: "appeal-state" });
  expect((await asVillage().post(`${path}/withdrawal`, {})).json).toMatchObject({ code: "appeal-state" });

  expect((await asVillage().get(`/risk-leads/${leadId}`)).json).toMatchObject({
    status: "dispatched",
    emergency: "required",
    rejectedBecause: null,
  });
  const visit = { visitedOn: office.today(), team: ["c", "d"], outcome: "at-risk" };
  expect((await asTownship().post(`/risk-leads/${leadId}/verification`, visit)).json).toMatchObject({
    code: "same-person-twice",
  });
  expect((await asTownship("another").post(`/risk-leads/${leadId}/verification`, visit)).json).toMatchObject({
    status: "verified",
  });

  expect((await asVillage().get(path)).json).toMatchObject({ grounds, reason: "经复核,原决定依据不足" });
  expect(
    (await admin(office, "select action from kit.audit where entity_id = $1 and action = 'open-appeal'", [path.split("/")[2]]))
      .length,
  ).toBe(1);
  const events = (await office.outbox()).filter(
    ({ data }) => data["appealId"] === filed.json["appealId"] || data["leadId"] === leadId,
  );
  expect(events.map(({ type }) => type.split(".").slice(1, 3).join("."))).toEqual([
    "risk-lead.registered",
    "risk-lead.dispatched",
    "risk-lead.rejected",
    "appeal.filed",
    "appeal.decided",
    "risk-lead.dispatched",
    "risk-lead.verified",
  ]);
  expect(JSON.stringify(await office.outbox())).not.toContain("住院");
  expect(
    await admin(office, "select from monitoring.appeal where position(convert_to('韦大明', 'UTF8') in grounds) > 0"),
  ).toEqual([]);
});

test("a review that did not carry: the township, but not whoever took the appeal in, has it held again, recorded by another person of the village", async () => {
  const { householdId, caseId, path } = await caseAt(office, "opened");
  await asVillage().post(`${path}/authorisation`, { signedOn: office.today() });
  await asTownship().post(`${path}/comparison`, { replies: [{ department: "civil-affairs", outcome: "nothing-found" }] });
  const review = { heldOn: office.today(), attendees: 30, votesFor: 5, votesAgainst: 20 };
  expect((await asVillage().post(`${path}/village-review`, review)).json).toMatchObject({ status: "refused" });
  const { json } = await asVillage().get(`/households/${householdId}`);
  const madeBy = (json["members"] as { personId: string }[])[0]?.personId;
  const filed = await asTownship("desk").post("/appeals", { caseId, madeBy, filedOn: office.today(), grounds });
  expect(filed.json).toMatchObject({ against: "village-review", decidedAt: "township" });
  expect((await asTownship("desk").post(`${pathOf(filed)}/decision`, decision("overturned"))).json).toMatchObject({
    code: "same-person-twice",
  });
  expect((await asTownship().post(`${pathOf(filed)}/decision`, decision("overturned"))).json).toMatchObject({
    status: "overturned",
  });
  expect((await asVillage().get(path)).json).toMatchObject({ status: "compared" });
  expect(await clocksOf(office, caseId, "take-step-again")).toMatchObject([{ state: "open" }]);
  const again = { ...review, votesFor: 25, votesAgainst: 2 };
  expect((await asVillage().post(`${path}/village-review`, again)).json).toMatchObject({
    status: 422,
    code: "same-person-twice",
  });
  expect((await asVillage().get(path)).json, "nothing was recorded").toMatchObject({ status: "compared" });
  expect(await clocksOf(office, caseId, "take-step-again")).toMatchObject([{ state: "open" }]);
  const another = office.as("village-officer", village, "another-of-the-village");
  expect((await another.post(`${path}/village-review`, again)).json).toMatchObject({ status: "village-reviewed" });
  expect(await clocksOf(office, caseId, "take-step-again")).toMatchObject([{ state: "met" }]);
  const file = (await asVillage().get(`/households/${householdId}/file`)).json;
  expect(file["appeals"]).toMatchObject([{ against: "village-review", status: "overturned" }]);

  // The posting is an act of office, no judgement, and stays his.
  expect((await asVillage().post(`${path}/posting`, { supervisionPhone: "12317" })).status).toBe(200);
  await office.advance(6);
  const check = { passed: true, reason: "facts-agree" };
  expect((await asTownship().post(`${path}/township-check`, check)).json).toMatchObject({ status: "township-checked" });

  // At its clearance, another question, the officer reviews it as before.
  await admin(
    office,
    "update monitoring.monitored_case set status = 'clearance-proposed', procedure = 'clearance', clearance_step = 'proposed', cleared_by = 'help', clearance_proposed_on = '2022-08-15', round = round + 1 where id = $1",
    [caseId],
  );
  expect((await asVillage().post(`${path}/village-review`, { ...again, heldOn: office.today() })).status).toBe(200);
});

test("the township's no: another person of the township checks again, and the posting's versions have no gap", async () => {
  const { householdId, caseId, path } = await caseAt(office, "posted");
  await office.advance(6);
  const check = { passed: false, reason: "facts-differ" };
  expect((await asTownship().post(`${path}/township-check`, check)).json).toMatchObject({ status: "refused" });
  const filed = await appealOf({ caseId }, householdId);
  expect((await asCounty().post(`${pathOf(filed)}/decision`, decision("overturned"))).json).toMatchObject({
    status: "overturned",
  });
  expect((await asVillage().get(path)).json).toMatchObject({ status: "posted" });
  const passed = { passed: true, reason: "facts-agree" };
  expect((await asTownship().post(`${path}/township-check`, passed)).json).toMatchObject({ code: "same-person-twice" });
  expect((await asTownship("another").post(`${path}/township-check`, passed)).json).toMatchObject({ status: "township-checked" });
  const told = (await office.outbox()).filter(({ data }) => data["caseId"] === caseId || data["aboutId"] === caseId);
  for (const subject of new Set(told.map((event) => event.subject)))
    expect(told.filter((event) => event.subject === subject).map(({ sequence }) => Number(sequence))).toEqual(
      told.filter((event) => event.subject === subject).map((_, n) => n + 1),
    );
});

test("the county's no: the city decides; what it upholds stands and is not appealed again, what it overturns another approves", async () => {
  const upheld = await refusedByCounty();
  const filed = await appealOf({ caseId: upheld.caseId }, upheld.householdId);
  expect(filed.json).toMatchObject({ against: "county-approval", decidedAt: "city" });
  expect((await asCity().get("/appeals?status=filed&region=451228")).json["items"]).toMatchObject([
    { appealId: filed.json["appealId"] },
  ]);
  expect((await asCity().post(`${pathOf(filed)}/decision`, decision("upheld"))).json).toMatchObject({ status: "upheld" });
  expect((await asVillage().get(upheld.path)).json).toMatchObject({ status: "refused" });
  expect((await appealOf({ caseId: upheld.caseId }, upheld.householdId)).json).toMatchObject({ code: "appeal-made-already" });

  const other = await refusedByCounty();
  const first = await appealOf({ caseId: other.caseId }, other.householdId);
  expect((await asVillage().post(`${pathOf(first)}/withdrawal`, {})).json).toMatchObject({ status: "withdrawn" });
  const second = await appealOf({ caseId: other.caseId }, other.householdId);
  expect((await asCity().post(`${pathOf(second)}/decision`, decision("overturned"))).json).toMatchObject({
    status: "overturned",
  });
  const approval = { approved: false, ...at };
  expect((await asCounty().post(`${other.path}/county-approval`, approval)).json).toMatchObject({ code: "same-person-twice" });
  expect((await asCounty("another").post(`${other.path}/county-approval`, approval)).json).toMatchObject({ status: "refused" });
});

test("a clearance the household disputes: it is monitored again, its plan holds, and a helper is owed anew", async () => {
  const { householdId, caseId, path } = await includedCase(office, "2022-01-10", { status: "helping" });
  await admin(
    office,
    "update monitoring.monitored_case set status = 'cleared', procedure = 'clearance', cleared_on = '2022-08-15', cleared_by = 'help' where id = $1",
    [caseId],
  );
  await admin(office, "update monitoring.household set monitored_kind = 'unstable-lifted', risk_cleared = true where id = $1", [
    householdId,
  ]);
  await admin(
    office,
    "insert into monitoring.household_plan (id, case_id, household_id, region, status, revision, submitted_by, approved_by, approved_on) values (uuidv7(), $1, $2, $3, 'closed', 1, 'x|a', 'x|b', '2022-01-12')",
    [caseId, householdId, village],
  );
  await admin(
    office,
    "insert into kit.review_step (id, chain, entity, entity_id, household_id, region, round, step, outcome, actor, at) values (uuidv7(), 'monitored-case', 'monitored-case', $1, $2, $3, 2, 'county-approval', 'approved', 'x|other', kit.now())",
    [caseId, householdId, village],
  );
  await admin(office, "update kit.deadline set state = 'cancelled' where entity_id = $1", [caseId]);
  const filed = await appealOf({ caseId }, householdId);
  expect(filed.json).toMatchObject({ against: "clearance", decidedAt: "city" });
  expect((await asCity().post(`${pathOf(filed)}/decision`, decision("overturned"))).json).toMatchObject({ status: "overturned" });
  expect((await asVillage().get(path)).json).toMatchObject({ status: "included", clearedOn: null, includedOn: "2022-01-10" });
  expect((await asVillage().get(`/households/${householdId}`)).json).toMatchObject({ riskCleared: false });
  expect((await clocksOf(office, caseId, "assign-helper")).at(-1)).toMatchObject({ state: "open" });
  expect(await admin(office, "select status from monitoring.household_plan where case_id = $1", [caseId])).toEqual([
    { status: "approved" },
  ]);
});

test("what cannot be appealed says why, and what stands in the way of a reopening is said to whoever decides", async () => {
  const { householdId, leadId, entry } = await rejectedLead();
  const madeBy = (await asVillage().get(`/households/${await registerCouple(office)}`)).json["members"] as { personId: string }[];
  for (const [about, more, code, pointer] of [
    [{}, {}, "invalid-input", "/caseId"],
    [{ leadId, caseId: uuidv7() }, {}, "invalid-input", "/caseId"],
    [{ leadId: uuidv7() }, {}, "lead-not-found", undefined],
    [{ caseId: uuidv7() }, {}, "case-not-found", undefined],
    [{ leadId }, { madeBy: madeBy[0]?.personId }, "invalid-input", "/madeBy"],
    [{ leadId }, { filedOn: "2022-01-01" }, "invalid-input", "/filedOn"],
    [{ caseId: (await caseAt(office, "opened")).caseId }, {}, "appeal-nothing-refused", undefined],
  ] as const)
    expect((await appealOf(about, householdId, more)).json, code).toMatchObject({
      code,
      ...(pointer ? { errors: [{ pointer }] } : {}),
    });
  expect((await asVillage().get(`/appeals/${uuidv7()}`)).json).toMatchObject({ code: "appeal-not-found" });
  expect((await asVillage().post(`/appeals/${uuidv7()}/withdrawal`, {})).json).toMatchObject({ code: "appeal-not-found" });

  const filed = await appealOf({ leadId }, householdId);
  const overturn = async (reply: typeof filed, by = asCounty()) =>
    (await by.post(`${pathOf(reply)}/decision`, decision("overturned"))).json;
  await admin(office, "update monitoring.household set status = 'moving' where id = $1", [householdId]);
  expect(await overturn(filed)).toMatchObject({ code: "household-not-active" });
  await admin(office, "update monitoring.household set status = 'active' where id = $1", [householdId]);
  expect((await asVillage().post("/risk-leads", { ...entry, foundAt: office.now().toISOString() })).json).toMatchObject({
    outcome: "registered",
  });
  expect(await overturn(filed)).toMatchObject({ code: "lead-open-already" });
  expect((await asVillage().get(pathOf(filed))).json).toMatchObject({ status: "filed", reason: null });

  const refused = await refusedByCounty();
  const disputed = await appealOf({ caseId: refused.caseId }, refused.householdId);
  const again = await asVillage().post("/monitored-cases", { leadId: refused.leadId, risks: ["illness"] });
  expect(again.status, JSON.stringify(again.json)).toBe(201);
  expect(await overturn(disputed, asCity())).toMatchObject({ code: "case-open-already" });

  const late = await refusedByCounty();
  await office.advance(31);
  expect((await appealOf({ caseId: late.caseId }, late.householdId)).json).toMatchObject({
    code: "appeal-too-late",
    reasons: [{ parameter: "appeal.days", facts: [{}, {}] }],
  });
});
