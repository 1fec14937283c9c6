import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { includedCase } from "../case.testing.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, registerCouple, township, village } from "../people.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());

const asVillage = () => office.as("village-officer", village);
/** A severe epidemic-caused lead found so many hours before the present; due three days after. */
async function severeLead(hoursAgo: number, more: Record<string, unknown> = {}) {
  const householdId = await registerCouple(office);
  const foundAt = new Date(office.now().getTime() - hoursAgo * 3_600_000);
  const entry = { householdId, source: "monthly-round", cause: "epidemic", severity: "severe", foundAt: foundAt.toISOString() };
  const lead = await asVillage().post("/risk-leads", { ...entry, ...more });
  expect(lead.status, JSON.stringify(lead.json)).toBe(201);
  return { householdId, leadId: String(lead.json["leadId"]), foundAt };
}
const hoursLater = (from: Date, hours: number) => new Date(from.getTime() + hours * 3_600_000).toISOString();
const eventsOf = async (subject: string) =>
  (await office.outbox()).filter((event) => event.subject === subject).map((event) => [event.type.split(".")[2], event.sequence]);
const figure = async (code: string) => {
  const { clauses } = (await office.as("county-officer", county).get("/clauses")).json as {
    clauses: { indicators: { code: string; value: number; numerator: number; denominator: number }[] }[];
  };
  return clauses.flatMap((one) => one.indicators).find((one) => one.code === code);
};

describe("the first measure of a severe lead", () => {
  test("stops the clock in time, and the lead says so with the next version", async () => {
    const { householdId, leadId, foundAt } = await severeLead(40);
    const before = await figure("M-03");
    const entry = { category: "safety-net", implementedAt: hoursLater(foundAt, 30), amountFen: 150_000, leadId };
    const reply = await asVillage().post(`/households/${householdId}/measures`, entry);
    expect(reply.status, JSON.stringify(reply.json)).toBe(201);
    expect(reply.json).toMatchObject({
      category: "safety-net",
      development: false,
      epidemic: true,
      amountFen: 150_000,
      emergency: { counts: true, onTime: true, minutes: 1_800, reason: { code: "first-measure-on-time", clause: "M-03" } },
    });
    expect((await asVillage().get(`/risk-leads/${leadId}`)).json).toMatchObject({
      emergency: "helped",
      firstMeasureAt: hoursLater(foundAt, 30),
      version: 2,
    });
    expect(await eventsOf(`risk-lead/${leadId}`)).toEqual([
      ["registered", "1"],
      ["helped", "2"],
    ]);
    expect(await eventsOf(`measure/${reply.json["measureId"]}`)).toEqual([["delivered", "1"]]);
    const due = (await office.as("township-officer", township).get("/todo?limit=500")).json["items"] as {
      kind: string;
      entityId: string;
    }[];
    expect(due.filter((one) => one.entityId === leadId).map((one) => one.kind)).not.toContain("first-measure");
    expect(await figure("M-03")).toMatchObject({
      numerator: (before?.numerator ?? 0) + 1,
      denominator: (before?.denominator ?? 0) + 1,
    });
  });

  test("late help is help, kept as late", async () => {
    const { householdId, leadId, foundAt } = await severeLead(24 * 6);
    const before = await figure("M-03");
    // Its limit has passed, so it was counted as missed before anybody helped.
    const late = { category: "health", implementedAt: hoursLater(foundAt, 24 * 5), leadId };
    const reply = await asVillage().post(`/households/${householdId}/measures`, late);
    expect(reply.json).toMatchObject({ emergency: { counts: true, onTime: false, reason: { code: "first-measure-late" } } });
    expect(await figure("M-03")).toMatchObject({ numerator: before?.numerator, denominator: before?.denominator });
  });

  test("a second measure changes nothing of the lead; one for no lead leaves its clock running", async () => {
    const { householdId, leadId, foundAt } = await severeLead(20);
    const path = `/households/${householdId}/measures`;
    const aside = await asVillage().post(path, { category: "industry", implementedAt: hoursLater(foundAt, 1) });
    expect(aside.json).toMatchObject({ emergency: null, development: true });
    expect((await asVillage().get(`/risk-leads/${leadId}`)).json).toMatchObject({ emergency: "required" });
    await asVillage().post(path, { category: "health", implementedAt: hoursLater(foundAt, 2), leadId });
    const second = await asVillage().post(path, { category: "health", implementedAt: hoursLater(foundAt, 3), leadId });
    expect(second.json).toMatchObject({ emergency: { counts: false, reason: { code: "not-the-first" } } });
    expect(await eventsOf(`risk-lead/${leadId}`)).toHaveLength(2);
    const list = (await asVillage().get(path)).json["items"] as { category: string; leadId: string | null }[];
    expect(list.map((one) => one.leadId)).toEqual([leadId, leadId, null]);
  });

  test("other causes owe a first measure only where the settings say so, and stand apart from the plan's own figure", async () => {
    const { leadId } = await severeLead(24 * 5, { cause: "illness" });
    expect((await asVillage().get(`/risk-leads/${leadId}`)).json).toMatchObject({ emergency: "none" });
    expect(await figure("M-03-other-causes")).toMatchObject({ denominator: 0, value: null });
  });
});

describe("what is no measure", () => {
  test("help still to come is refused", async () => {
    const householdId = await registerCouple(office);
    const tomorrow = hoursLater(office.now(), 24);
    const reply = await asVillage().post(`/households/${householdId}/measures`, { category: "job", implementedAt: tomorrow });
    expect(reply.json).toMatchObject({ status: 422, code: "measure-in-future", clause: "M-03" });
  });

  test("a lead or a case of another household is not found", async () => {
    const householdId = await registerCouple(office);
    const { leadId } = await severeLead(5);
    const { caseId } = await includedCase(office, "2022-08-10");
    const entry = { category: "health", implementedAt: office.now().toISOString() };
    const path = `/households/${householdId}/measures`;
    expect((await asVillage().post(path, { ...entry, leadId })).json).toMatchObject({ status: 404, code: "lead-not-found" });
    expect((await asVillage().post(path, { ...entry, caseId })).json).toMatchObject({ status: 404, code: "case-not-found" });
    const planItemId = leadId;
    expect((await asVillage().post(path, { ...entry, planItemId })).json).toMatchObject({ status: 404, code: "plan-not-found" });
    expect((await asVillage().get(path)).json).toEqual({ items: [] });
  });

  test("another county and an auditor deliver nothing here", async () => {
    const householdId = await registerCouple(office);
    const entry = { category: "health", implementedAt: office.now().toISOString() };
    const path = `/households/${householdId}/measures`;
    expect((await office.as("county-officer", "451229").post(path, entry)).json).toMatchObject({ code: "household-not-found" });
    expect((await office.as("auditor", county).post(path, entry)).status).toBe(403);
    expect((await office.as("department-officer", county).post(path, entry)).status).toBe(201);
  });
});

describe("evidence", () => {
  const upload = async (householdId: string, file: File) => {
    const form = new FormData();
    form.set("file", file);
    const key = { "idempotency-key": crypto.randomUUID() };
    const response = await asVillage().send(`/households/${householdId}/evidence`, { method: "POST", body: form, headers: key });
    return { status: response.status, json: Object(await response.json()) };
  };

  test("a picture is kept for its household and named by a measure of that household alone", async () => {
    const householdId = await registerCouple(office);
    const picture = new File([new Uint8Array([255, 216, 255])], "韦大明家.jpg", { type: "image/jpeg" });
    const stored = await upload(householdId, picture);
    expect(stored).toMatchObject({ status: 201, json: { bytes: 3 } });
    const entry = { category: "housing", implementedAt: office.now().toISOString(), fileId: stored.json.fileId };
    expect((await asVillage().post(`/households/${householdId}/measures`, entry)).json).toMatchObject({
      fileId: stored.json.fileId,
    });
    const other = await registerCouple(office);
    expect((await asVillage().post(`/households/${other}/measures`, entry)).json).toMatchObject({
      code: "invalid-input",
      errors: [{ pointer: "/fileId", rule: "file-of-the-household" }],
    });
    const download = await office.as("county-officer", county).send(`/files/${stored.json.fileId}`, {});
    expect(download.headers.get("content-disposition")).toBe("attachment; filename*=UTF-8''evidence.jpg");
  });

  test("only pictures and scans are evidence, and none above ten megabytes", async () => {
    const householdId = await registerCouple(office);
    expect(await upload(householdId, new File(["x"], "a.exe", { type: "application/x-msdownload" }))).toMatchObject({
      status: 415,
    });
    const huge = new File([new Uint8Array(10_485_761)], "a.pdf", { type: "application/pdf" });
    expect(await upload(householdId, huge)).toMatchObject({ status: 413 });
  });
});
