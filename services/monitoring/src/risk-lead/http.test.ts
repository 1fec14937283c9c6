import { businessDate, loadKeys, loadParameter, sealRecord, system } from "@shouwang/service-kit";
import { until } from "@shouwang/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { admin } from "../focus-household/focus.testing.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, newNumber, registerCouple, township, verifiedLead, village } from "../people.testing.ts";
import { rejectedLeads } from "./note-store.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());

const asVillage = () => office.as("village-officer", village);
const asTownship = () => office.as("township-officer", township);
const report = (more: object) => ({ source: "self-report", cause: "illness", foundAt: office.now().toISOString(), ...more });
const verification = (more: object = {}) => ({
  visitedOn: office.today(),
  team: ["village-officer-1", "township-officer-1"],
  outcome: "at-risk",
  ...more,
});
/** A lead as far as it was handed to somebody, or only registered. */
async function leadOf(status: "registered" | "dispatched") {
  const reply = await asVillage().post("/risk-leads", report({ householdId: await registerCouple(office) }));
  expect(reply.status, JSON.stringify(reply.json)).toBe(201);
  const path = `/risk-leads/${reply.json["leadId"]}`;
  if (status === "dispatched")
    expect((await asTownship().post(`${path}/dispatch`, { to: "village-officer-1" })).status).toBe(200);
  return path;
}

describe("a lead that is reported", () => {
  test.each([
    [
      "for a household that is not there",
      { householdId: "0190b2c4-0000-7000-8000-000000000001" },
      404,
      "household-not-found",
      [],
    ],
    [
      "for a person who is in no household",
      { identityNumber: newNumber("1990-01-01", "female") },
      404,
      "household-not-found",
      [],
    ],
    ["for nobody at all", {}, 400, "invalid-input", ["/householdId"]],
    ["under a number that is none", { identityNumber: "451228199001010000" }, 400, "invalid-input", ["/identityNumber"]],
  ])("%s is refused", async (_, about, status, code, pointers) => {
    const { json } = await asVillage().post("/risk-leads", report(about));
    expect(json).toMatchObject({ status, code });
    expect(((json["errors"] ?? []) as { pointer: string }[]).map(({ pointer }) => pointer)).toEqual(pointers);
    expect(JSON.stringify(json)).not.toMatch(/\b\d{17}[\dX]\b/);
  });

  test("with a moment still to come is refused", async () => {
    const foundAt = new Date(office.now().getTime() + 3_600_000).toISOString();
    const { json } = await asVillage().post("/risk-leads", report({ householdId: await registerCouple(office), foundAt }));
    expect(json).toMatchObject({ status: 422, code: "lead-found-in-future", clause: "M-03", errors: [{ pointer: "/foundAt" }] });
  });

  test("again for the same household and cause joins the open one, and a graver grade raises it", async () => {
    const householdId = await registerCouple(office);
    const first = await asVillage().post("/risk-leads", report({ householdId, severity: "general" }));
    const second = await asVillage().post("/risk-leads", report({ householdId, source: "petition", severity: "severe" }));
    expect([first.json["outcome"], second.json["outcome"]]).toEqual(["registered", "merged"]);
    expect(second.json).toMatchObject({ leadId: first.json["leadId"], severity: "severe", version: 2 });
  });
});

describe("a lead that does not stand there", () => {
  test("is not verified before somebody was sent, nor by one alone, nor on a day to come", async () => {
    expect((await asVillage().post(`${await leadOf("registered")}/verification`, verification())).json).toMatchObject({
      status: 409,
      code: "lead-state",
      clause: "M-03",
    });
    const path = `${await leadOf("dispatched")}/verification`;
    for (const [more, code] of [
      [{ team: ["village-officer-1"] }, "verification-needs-two"],
      [{ team: ["village-officer-1", "village-officer-1"] }, "verification-needs-two"],
      [{ visitedOn: "2022-08-16" }, "visit-in-future"],
    ] as const)
      expect((await asVillage().post(path, verification(more))).json).toMatchObject({ status: 422, code });
    expect((await asVillage().post(path, verification())).json).toMatchObject({ status: "verified", version: 3 });
  });

  test("is turned away by the township alone, and then neither graded nor handed on", async () => {
    const path = await leadOf("dispatched");
    const unfounded = verification({ outcome: "not-at-risk" });
    expect((await asVillage().post(`${path}/verification`, unfounded)).json).toMatchObject({
      status: 403,
      code: "role-not-allowed",
    });
    expect((await asTownship().post(`${path}/verification`, unfounded)).json).toMatchObject({ status: "rejected" });
    for (const [step, body] of [
      ["grade", { severity: "severe" }],
      ["dispatch", { to: "village-officer-2" }],
      ["verification", verification()],
    ] as const)
      expect((await asTownship().post(`${path}/${step}`, body)).json).toMatchObject({ status: 409, code: "lead-state" });
  });

  test("in another county is not there", async () => {
    const leadId = await verifiedLead(office, await registerCouple(office));
    const stranger = office.as("county-officer", "451229");
    expect((await stranger.get(`/risk-leads/${leadId}`)).json).toMatchObject({ status: 404, code: "lead-not-found" });
    expect((await stranger.post(`/risk-leads/${leadId}/grade`, { severity: "severe" })).json).toMatchObject({
      code: "lead-not-found",
    });
    expect((await office.as("county-officer", county).get(`/risk-leads/${leadId}`)).status).toBe(200);
  });
});

describe("the words that stand with a lead", () => {
  test("go with the facts behind it when its term after it was turned away is over; an open lead's stay", async () => {
    const leads = [];
    for (const outcome of ["not-at-risk", "not-at-risk", "at-risk"]) {
      const householdId = await registerCouple(office);
      const { json } = await asVillage().post("/risk-leads", report({ householdId, note: "韦大明摔伤" }));
      const path = `/risk-leads/${json["leadId"]}`;
      await asTownship().post(`${path}/dispatch`, { to: "village-officer-1" });
      const went = await asTownship().post(`${path}/verification`, verification({ outcome, note: "已核实" }));
      expect(went.status, JSON.stringify(went.json)).toBe(200);
      leads.push({ id: json["leadId"], path });
    }
    const [over, within, standing] = leads;
    const aged = "update monitoring.risk_lead set verified_at = verified_at - interval '3 years' where id = any($1::uuid[])";
    await admin(office, aged, [[over?.id, standing?.id]]);
    const before = new Date(office.now().getTime() - 86_400_000);
    const forget = async () =>
      await office.running.db.withTx(system("test"), (tx) =>
        rejectedLeads.forget({ tx, before, most: 10, today: businessDate(office.now()) }),
      );
    expect([await forget(), await forget()]).toEqual([1, 0]);
    const words = async (path = "") => (await asTownship().post(`${path}/reveal`, { purpose: "核对线索情况" })).json;
    expect(await words(over?.path)).toMatchObject({ note: null, verifications: [{ outcome: "not-at-risk", note: null }] });
    expect((await asVillage().get(over?.path ?? "")).json).toMatchObject({
      status: "rejected",
      explanation: [{ code: "kept-no-longer", parameter: "lead.rejectedKeepMonths" }],
    });
    for (const kept of [within, standing])
      expect(await words(kept?.path)).toMatchObject({ note: "韦大明摔伤", verifications: [{ note: "已核实" }] });
  });

  test("are masked away, and read with a purpose by those who handle it; a lead whose words were sealed under its household's id opens too", async () => {
    const householdId = await registerCouple(office);
    const reported = await asVillage().post("/risk-leads", report({ householdId, note: "韦大明摔伤住院" }));
    expect(JSON.stringify(reported.json)).not.toContain("韦大明");
    const path = `/risk-leads/${reported.json["leadId"]}`;
    await asTownship().post(`${path}/dispatch`, { to: "village-officer-1" });
    await asVillage().post(`${path}/verification`, verification({ note: "家中只有覃小花" }));
    const read = async () => await asTownship().post(`${path}/reveal`, { purpose: "核对线索情况" });
    const words = {
      note: "韦大明摔伤住院",
      verifications: [{ visitedOn: office.today(), outcome: "at-risk", note: "家中只有覃小花" }],
    };
    expect((await read()).json).toMatchObject(words);
    const keys = await loadKeys(office.keysFile);
    const before = sealRecord(keys, { table: "monitoring.risk_lead", id: householdId }, { note: words.note });
    await admin(office, "update monitoring.risk_lead set note = $2 where id = $1", [reported.json["leadId"], before]);
    expect((await read()).json).toMatchObject(words);
    const torn = sealRecord(keys, { table: "monitoring.risk_lead", id: "another's" }, { note: words.note });
    await admin(office, "update monitoring.risk_lead set note = $2 where id = $1", [reported.json["leadId"], torn]);
    expect((await read()).status, "another row's words are nobody's").toBe(500);
    const trail =
      "select actor like '%township-officer%' as by, purpose from kit.audit where action = 'reveal-risk-lead-notes' and entity_id = $1";
    expect(await admin(office, trail, [reported.json["leadId"]])).toEqual([
      { by: true, purpose: "核对线索情况" },
      { by: true, purpose: "核对线索情况" },
    ]);
  });

  test("are nobody else's: not another county's, not a department's, and a lead without any says so", async () => {
    const path = await leadOf("registered");
    const purpose = { purpose: "核对线索情况" };
    expect((await office.as("county-officer", "451229").post(`${path}/reveal`, purpose)).json).toMatchObject({
      code: "lead-not-found",
    });
    expect((await office.as("auditor", county).post(`${path}/reveal`, purpose)).status).toBe(403);
    expect((await asVillage().post(`${path}/reveal`, purpose)).json).toMatchObject({ note: null, verifications: [] });
  });
});

test("an epidemic lead nobody graded runs as severe after its own county's hours, whatever the region's are", async () => {
  const here = { key: "emergency.ungradedSevereAfterHours", region: `${county}000000`, value: 72, document: "都乡振〔2022〕3号" };
  await office.running.db.withTx(system("test"), (tx) => loadParameter(tx, system("test"), { ...here, validFrom: "2022-01-01" }));
  const register = async () =>
    String(
      (await asVillage().post("/risk-leads", report({ householdId: await registerCouple(office), epidemic: true }))).json[
        "leadId"
      ],
    );
  const [early, elsewhere, late] = [await register(), await register(), await register()];
  const standing = "update monitoring.risk_lead set registered_at = registered_at - $2 * interval '1 hour' where id = $1";
  await admin(office, standing, [early, 73]);
  await admin(office, standing, [late, 71]);
  await admin(office, standing, [elsewhere, 25]);
  const moved =
    "update monitoring.household set region = '451229100001' where id = (select household_id from monitoring.risk_lead where id = $1)";
  await admin(office, moved, [elsewhere]);
  const rows = "select id, severity, emergency from monitoring.risk_lead where id = any($1::uuid[])";
  const read = async () =>
    new Map((await admin(office, rows, [[early, elsewhere, late]])).map((row) => [row["id"], row["severity"]]));
  const severities = await until(
    async () => {
      const now = await read();
      return [early, elsewhere].every((id) => now.get(id) === "severe") && now;
    },
    { what: "both leads to run as severe", timeoutMs: 30_000 },
  );
  expect(severities.get(late), "its county allows three days").toBe("ungraded");
  const clocks =
    "select entity_id from kit.deadline where kind = 'first-measure' and state = 'open' and entity_id = any($1::text[])";
  expect(new Set((await admin(office, clocks, [[early, elsewhere, late]])).map((row) => row["entity_id"]))).toEqual(
    new Set([early, elsewhere]),
  );
  const told = (await office.outbox()).filter(
    ({ type, data }) => type.includes("risk-lead.regraded") && data["leadId"] === early,
  );
  expect(told).toMatchObject([{ data: { severity: "severe", emergency: "required" } }]);
});
