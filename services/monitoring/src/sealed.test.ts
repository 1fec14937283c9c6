import { loadKeys, misdeclaredBytes, openRecord } from "@shouwang/service-kit";
import pg from "pg";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { assignedHelper, includedCase } from "./case.testing.ts";
import { csv, takeIn } from "./feed/upload.testing.ts";
import { monitoring } from "./index.ts";
import { type Office, startOffice } from "./office.testing.ts";
import { county, newNumber, registerCouple, township, village } from "./people.testing.ts";
import { asDepartment, nameOffices, sent } from "./referral/referral.testing.ts";
import { sealed } from "./sealed.ts";

const words = "韦大明家里的事";
let office: Office;
let admin: pg.Client;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
  admin = new pg.Client({ connectionString: office.adminUrl });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await office.stop();
});

/** Puts something sealed into every column there is. */
async function fillAll(): Promise<void> {
  const officer = office.as("village-officer", village);
  const householdId = await registerCouple(office);
  const [{ personId }] = Object((await officer.get(`/households/${householdId}`)).json)["members"];
  const payee = JSON.stringify({ account: "6228480402564890018", holder: "韦大明" });
  const headers = { "content-type": "application/json" };
  await officer.send(`/persons/${personId}/payee-account`, { method: "PUT", headers, body: payee });
  const found = { source: "monthly-round", cause: "illness", severity: "severe", foundAt: office.now().toISOString() };
  const lead = await officer.post("/risk-leads", { ...found, householdId, epidemic: false, note: words });
  const leadPath = `/risk-leads/${lead.json["leadId"]}`;
  await office.as("township-officer", township).post(`${leadPath}/dispatch`, { to: "village-officer-1" });
  const team = ["village-officer-1", "township-officer-1"];
  const verification = { visitedOn: office.today(), team, outcome: "at-risk", note: words };
  expect((await officer.post(`${leadPath}/verification`, verification)).status).toBe(200);
  const successor = { name: "覃建国", unit: "都安瑶族自治县教育局", phone: "13800138001", relationship: "none" };
  const handOver = { region: village, from: "nobody", to: "somebody", because: "retired", successor };
  expect((await office.as("township-officer", township).post("/hand-overs", handOver)).status).toBe(202);
  const away = await officer.post("/risk-leads", { ...found, cause: "schooling", householdId, epidemic: false });
  const atTownship = office.as("township-officer", township);
  await atTownship.post(`/risk-leads/${away.json["leadId"]}/dispatch`, { to: "village-officer-1" });
  await atTownship.post(`/risk-leads/${away.json["leadId"]}/verification`, { ...verification, outcome: "not-at-risk" });
  const appeal = { leadId: away.json["leadId"], madeBy: personId, filedOn: office.today(), grounds: words };
  const filed = await officer.post("/appeals", appeal);
  const decision = { outcome: "upheld", reason: words };
  const decided = await office.as("county-officer", county).post(`/appeals/${filed.json["appealId"]}/decision`, decision);
  expect(decided.status, JSON.stringify(decided.json)).toBe(200);
  const { caseId, path } = await includedCase(office, "2022-08-10");
  await assignedHelper(office, caseId, "2022-08-12", "helper-1");
  const item = { risk: "illness", category: "health", dueOn: "2022-12-31", detail: words };
  await office.as("township-officer", township).post(`${path}/household-plan`, { items: [item] });
  const visit = { visitId: uuidv7(), householdId, purposes: ["monthly-round"], mode: "home", visitedOn: "2022-08-15" };
  await officer.post("/visits", { ...visit, changed: false, note: words });
  const corrected = await officer.patch(`/persons/${personId}`, { phone: "13800138000", source: "入户核实" }, 1);
  expect(corrected.status, JSON.stringify(corrected.json)).toBe(200);
  const identityNumber = newNumber("1975-03-05", "male");
  await registerCouple(office, { members: [{ name: "韦大明", identityNumber, relation: "head", labourSkill: "ordinary" }] });
  const accident = csv([["韦大明", identityNumber, "2022-08-01", words]], ["姓名", "身份证号", "事故日期", "备注"]);
  expect(await takeIn(office.running.url, accident, { kind: "accidents", role: "county-officer" })).toMatchObject({
    totals: { taken: 1 },
  });
  await fillReferral(householdId);
  const mistaken = await registerCouple(office);
  const closure = {
    code: "registered-by-mistake",
    on: office.today(),
    note: words,
    source: "入户核实",
    document: "都防返贫〔2022〕9号",
  };
  const closed = await office.as("township-officer", township).post(`/households/${mistaken}/closure`, closure, undefined, 1);
  expect(closed.status, JSON.stringify(closed.json)).toBe(200);
}

/** A need referred and given back, with words of both sides. */
async function fillReferral(householdId: string): Promise<void> {
  await nameOffices(office);
  const { path } = await sent(office, { reason: words }, householdId);
  const returned = await asDepartment(office, "civil-affairs").post(`${path}/return`, { because: "unclear", note: words });
  expect(returned.status, JSON.stringify(returned.json)).toBe(200);
}

/** Filled at the end of ways of their own, which the tests of those capabilities go. */
const elsewhere = [
  "monitoring.early_alarm.answer",
  "monitoring.feed_row.secret",
  "monitoring.feed_match.secret",
  "monitoring.national_row.secret",
  "monitoring.suspect.note",
  "monitoring.household_income_line.note",
  "monitoring.household_income_correction.reason",
  "monitoring.epidemic_drop.note",
  "monitoring.monthly_help.note",
  "monitoring.quarterly_analysis.note",
  "monitoring.quarterly_report.findings",
  "monitoring.quarterly_report_revision.findings",
  "monitoring.quarterly_report_revision.reason",
  "monitoring.income_campaign.secret",
  "monitoring.income_campaign.findings",
  "monitoring.income_campaign_action.detail",
  "monitoring.grid_worker.secret",
  "monitoring.sweep_finding.note",
  "monitoring.task_force_change.people",
  "monitoring.visit_amendment.reason",
];

test("every sealed column opens under the place it is declared with, so that a rotation can go through all of it", async () => {
  await fillAll();
  const keys = await loadKeys(office.keysFile);
  for (const { table, id, column, place } of sealed) {
    const { rows } = await admin.query<{ id: string; secret: Buffer }>(
      `select ${typeof id === "string" ? id : id.sql} as id, ${column} as secret from ${table} where ${column} is not null`,
    );
    if (!elsewhere.includes(`${table}.${column}`)) expect(rows.length, `${table}.${column}`).toBeGreaterThan(0);
    for (const row of rows)
      expect(openRecord(keys, { table: place ?? table, id: row.id }, row.secret, z.looseObject({}))).toBeTruthy();
  }
});

test("every column of bytes is declared as sealed or as what else it is; a new one that is not is named", async () => {
  const walk = () =>
    office.running.db.withReadTx({ issuer: "test", subject: "test", roles: [], region: "45" }, (tx) =>
      misdeclaredBytes(tx, monitoring),
    );
  expect(await walk()).toEqual([]);
  await admin.query("alter table monitoring.measure add column remark bytea; alter table monitoring.visit drop column note");
  expect(await walk()).toEqual(["monitoring.measure.remark", "monitoring.visit.note"]);
});
