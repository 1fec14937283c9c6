import type { Risk } from "@shouwang/contract";
import { businessDate, deadlinesOf, endOfDay, openDeadline, parseBusinessDate, system } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { expect } from "vitest";
import { findHousehold } from "./household/store.ts";
import { dueAfterInclusion, type MonitoredCase } from "./monitored-case/decide.ts";
import { insertCase } from "./monitored-case/store.ts";
import type { Office } from "./office.testing.ts";
import { registerCouple, township, verifiedLead, village } from "./people.testing.ts";

/** A household included on a day, with the two clocks that inclusion starts; the way there is not walked. */
export async function includedCase(
  office: Office,
  includedOn: string,
  more: { householdId?: string; risks?: Risk[]; status?: MonitoredCase["status"] } = {},
): Promise<{ caseId: string; householdId: string; path: string }> {
  const householdId = more.householdId ?? (await registerCouple(office));
  const caseId = uuidv7();
  await office.running.db.withTx(system("test"), async (tx) => {
    const household = await findHousehold(tx, householdId);
    if (!household) throw new Error("the household is not there");
    const at = new Date(`${includedOn}T09:00:00+08:00`);
    const { region } = household;
    await insertCase(tx, {
      id: caseId,
      householdId,
      region,
      leadId: null,
      previousCaseId: null,
      status: more.status ?? "included",
      procedure: "inclusion",
      clearanceStep: null,
      round: 1,
      monitoredKind: "unstable-lifted",
      risks: more.risks ?? ["illness"],
      disasterKind: null,
      epidemic: true,
      foundAt: at,
      openedAt: at,
      countyApprovedOn: includedOn,
      countyDocument: "都乡振〔2022〕15号",
      nationalEntryOn: null,
      includedOn,
      incomeAtInclusionId: null,
      postingId: null,
      clearanceProposedOn: null,
      clearedOn: null,
      clearedBy: null,
      closedBecause: null,
      version: 1,
    });
    const dueAt = endOfDay(dueAfterInclusion(parseBusinessDate(includedOn), 5));
    const clock = { entity: "monitored-case", entityId: caseId, householdId, region, startedAt: at, dueAt };
    await openDeadline(tx, { ...clock, kind: "assign-helper", clause: "M-04a", role: "county-officer" });
    await openDeadline(tx, { ...clock, kind: "complete-file", clause: "M-04b", role: "township-officer" });
  });
  return { caseId, householdId, path: `/monitored-cases/${caseId}` };
}

/** Assigns a helper from a day on and answers the helper's id. */
export async function assignedHelper(office: Office, caseId: string, from: string, subject: string): Promise<string> {
  const reply = await office.as("county-officer", "451228").post(`/monitored-cases/${caseId}/helpers`, {
    subject,
    name: "黄建国",
    unit: "都安瑶族自治县教育局",
    phone: "13800138000",
    from,
    relationship: "none",
  });
  expect(reply.status, JSON.stringify(reply.json)).toBe(201);
  return String(reply.json["helperId"]);
}

/** The clocks of a case of one kind, oldest first: their state, last day and whether they were told of as overdue. */
export async function clocksOf(office: Office, caseId: string, kind: string) {
  const all = await office.running.db.withReadTx(system("test"), (tx) => deadlinesOf(tx, "monitored-case", caseId));
  return all
    .filter((clock) => clock.kind === kind)
    .map((clock) => ({ state: clock.state, dueOn: businessDate(clock.dueAt), overdue: clock.overdueAt !== null }));
}

/** Brings a new household's case to the given step, each taken by the office that takes it, and answers its ids. */
export async function caseAt(office: Office, step: "opened" | "posted" | "township-checked") {
  const asVillage = () => office.as("village-officer", village);
  const asTownship = () => office.as("township-officer", township);
  const householdId = await registerCouple(office);
  const leadId = await verifiedLead(office, householdId);
  const opened = await asVillage().post("/monitored-cases", { leadId, risks: ["illness"] });
  expect(opened.status, JSON.stringify(opened.json)).toBe(201);
  const caseId = String(opened.json["caseId"]);
  const path = `/monitored-cases/${caseId}`;
  if (step === "opened") return { householdId, leadId, caseId, path };
  const must = async (reply: Promise<{ status: number; json: unknown }>) =>
    expect((await reply).status, JSON.stringify((await reply).json)).toBe(200);
  await must(asVillage().post(`${path}/authorisation`, { signedOn: office.today() }));
  await must(asTownship().post(`${path}/comparison`, { replies: [{ department: "civil-affairs", outcome: "nothing-found" }] }));
  await must(
    asVillage().post(`${path}/village-review`, { heldOn: office.today(), attendees: 30, votesFor: 28, votesAgainst: 1 }),
  );
  await must(asVillage().post(`${path}/posting`, { supervisionPhone: "12317" }));
  if (step === "posted") return { householdId, leadId, caseId, path };
  await office.advance(6);
  await must(asTownship().post(`${path}/township-check`, { passed: true, reason: "facts-agree" }));
  return { householdId, leadId, caseId, path };
}
