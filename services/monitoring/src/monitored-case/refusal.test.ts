import { randomUUID } from "node:crypto";
import type { Role } from "@shouwang/contract";
import { loadParameter, system } from "@shouwang/service-kit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { caseAt, includedCase } from "../case.testing.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, registerCouple, township, verifiedLead, village } from "../people.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());

const today = "2022-08-15";
const asTownship = (subject: string) => office.as("township-officer", township, subject);
const replied = { replies: [{ department: "civil-affairs", outcome: "nothing-found" }] };
const clearance = { clearedBy: "help", stableMonths: 6, rigidExpenseSolved: true, risksGone: ["illness"] };

/** Every step of a case: who takes it, where, with what, and a stage at which it cannot be taken. */
const steps: [step: string, role: Role, area: string, body: object, notAt: "opened" | "township-checked"][] = [
  ["authorisation", "village-officer", village, { signedOn: today }, "township-checked"],
  ["comparison", "township-officer", township, replied, "township-checked"],
  ["village-review", "village-officer", village, { heldOn: today, attendees: 9, votesFor: 9, votesAgainst: 0 }, "opened"],
  ["posting", "village-officer", village, { supervisionPhone: "12317" }, "opened"],
  ["objections", "village-officer", village, { content: "该户有一辆小汽车" }, "township-checked"],
  ["objections/answer", "township-officer", township, { upheld: false }, "township-checked"],
  ["township-check", "township-officer", township, { passed: true, reason: "facts-agree" }, "township-checked"],
  ["national-entry", "county-officer", county, { enteredOn: today }, "opened"],
  ["county-approval", "county-officer", county, { approved: true, document: "都乡振〔2022〕15号" }, "opened"],
  ["clearance", "village-officer", village, clearance, "opened"],
];

describe("a step of a case that does not stand there is refused and changes nothing:", () => {
  const cases: Partial<Record<"opened" | "township-checked", Awaited<ReturnType<typeof caseAt>>>> = {};
  beforeAll(async () => {
    cases.opened = await caseAt(office, "opened");
    cases["township-checked"] = await caseAt(office, "township-checked");
  });

  test.each(steps)("%s by a %s", async (step, role, area, body, notAt) => {
    const path = cases[notAt]?.path;
    const before = (await office.as("county-officer", county).get(`${path}`)).json;
    expect((await office.as(role, area, "passer-by").post(`${path}/${step}`, body)).json).toMatchObject({
      status: 409,
      code: "case-state",
      clause: "M-03",
    });
    expect((await office.as("county-officer", county).get(`${path}`)).json).toEqual(before);
  });
});

describe("nobody judges their own step", () => {
  test("whoever took the authorisation does not compare, and a comparison with a reply missing does not count", async () => {
    const { path } = await caseAt(office, "opened");
    expect((await asTownship("one").post(`${path}/authorisation`, { signedOn: office.today() })).status).toBe(200);
    const open = { replies: [...replied.replies, { department: "housing", outcome: "no-reply" }] };
    expect((await asTownship("other").post(`${path}/comparison`, open)).json).toMatchObject({
      status: 422,
      code: "comparison-incomplete",
      detail: expect.stringContaining("housing"),
    });
    expect((await asTownship("one").post(`${path}/comparison`, replied)).json).toMatchObject({ code: "same-person-twice" });
    expect((await asTownship("other").post(`${path}/comparison`, replied)).status).toBe(200);
  });

  test("whoever answered the objections does not check", async () => {
    const { path } = await caseAt(office, "posted");
    const check = { passed: true, reason: "facts-agree" };
    expect((await asTownship("one").post(`${path}/objections`, { content: "该户有一辆小汽车" })).status).toBe(201);
    expect((await asTownship("one").post(`${path}/objections/answer`, { upheld: false })).status).toBe(200);
    await office.advance(6);
    expect((await asTownship("one").post(`${path}/township-check`, check)).json).toMatchObject({ code: "same-person-twice" });
    expect((await asTownship("other").post(`${path}/township-check`, check)).status).toBe(200);
  });
});

test("a household has one case at a time", async () => {
  const { householdId } = await caseAt(office, "opened");
  const leadId = await verifiedLead(office, householdId, { cause: "schooling" });
  expect(
    (await office.as("village-officer", village).post("/monitored-cases", { leadId, risks: ["schooling"] })).json,
  ).toMatchObject({ status: 409, code: "case-open-already" });
});

test("clearance names every condition that is not met", async () => {
  const householdId = await registerCouple(office, {
    guarantees: { schooling: true, medicalCare: true, housing: false, drinkingWater: true },
  });
  const { path } = await includedCase(office, office.today(), { householdId, status: "helping" });
  const reply = await office.as("village-officer", village).post(`${path}/clearance`, { ...clearance, stableMonths: 1 });
  expect(reply.json).toMatchObject({ status: 422, code: "clearance-refused-by-rule", clause: "M-04c" });
  expect((reply.json["reasons"] as { code: string }[]).map(({ code }) => code)).toEqual(
    expect.arrayContaining(["not-stable-yet", "guarantee-open", "too-soon", "no-measure"]),
  );
});

test("an authorisation is recorded by its day alone, unless the county asks for its scan; then with one of the household", async () => {
  const { householdId, path } = await caseAt(office, "opened");
  const day = { signedOn: office.today() };
  const asVillage = office.as("village-officer", village);
  const scan = { key: "authorisation.dateAlone", region: `${county}000000`, value: false, document: "都乡振〔2022〕21号" };
  const given = { ...scan, validFrom: office.today() };
  await office.running.db.withTx(system("test"), (tx) => loadParameter(tx, system("test"), given));
  expect((await asVillage.post(`${path}/authorisation`, day)).json).toMatchObject({
    code: "invalid-input",
    errors: [{ pointer: "/fileId", rule: "scan-required", clause: "M-04b" }],
  });
  const form = new FormData();
  form.set("file", new Blob([Buffer.from("%PDF-1.7 授权书")], { type: "application/pdf" }), "授权书.pdf");
  const sent = await asVillage.send(`/households/${householdId}/evidence`, {
    method: "POST",
    body: form,
    headers: { "idempotency-key": randomUUID() },
  });
  const fileId = Object(await sent.json()).fileId;
  expect((await asVillage.post(`${path}/authorisation`, { ...day, fileId })).json).toMatchObject({ status: "authorised" });
  expect((await asVillage.get(path)).json["papers"]).toMatchObject([{ kind: "authorisation", fileId }]);

  await office.running.db.withTx(system("test"), (tx) => loadParameter(tx, system("test"), { ...given, value: true }));
  const trusting = await caseAt(office, "opened");
  expect((await asVillage.post(`${trusting.path}/authorisation`, day)).json).toMatchObject({ status: "authorised" });
  expect((await asVillage.get(trusting.path)).json["papers"]).toMatchObject([{ kind: "authorisation", fileId: null }]);
});
