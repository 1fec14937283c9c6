import type { Risk } from "@shouwang/contract";
import { businessDate, deadlinesOf, endOfDay, openDeadline, parseBusinessDate, system } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { expect } from "vitest";
import { findHousehold } from "./household/store.ts";
import { dueAfterInclusion, type MonitoredCase } from "./monitored-case/decide.ts";
import { insertCase } from "./monitored-case/store.ts";
import type { Office } from "./office.testing.ts";
import { registerCouple } from "./people.testing.ts";

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
