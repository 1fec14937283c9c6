import { makeIdentityNumber } from "@shouwang/service-kit";
import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { expect } from "vitest";
import type { Office } from "./office.testing.ts";

export const village = "451228100003";
export const township = "451228100";
export const county = "451228";

let serial = 0;
/** A synthetic identity number of Du'an, new at each call: the serial's parity says the sex. */
export function newNumber(birth: string, sex: "male" | "female"): string {
  serial += 2;
  return makeIdentityNumber(county, parseBusinessDate(birth), (serial % 998) + (sex === "male" ? 1 : 0));
}

/** Registers a couple in the test village and answers the household's id. */
export async function registerCouple(office: Office, more: Record<string, unknown> = {}): Promise<string> {
  const reply = await office.as("village-officer", village).post("/households", {
    region: village,
    householdKind: "lifted-household",
    guarantees: { schooling: true, medicalCare: true, housing: true, drinkingWater: true },
    members: [
      { name: "韦大明", identityNumber: newNumber("1975-03-05", "male"), relation: "head", labourSkill: "ordinary" },
      { name: "覃小花", identityNumber: newNumber("1978-06-01", "female"), relation: "spouse", labourSkill: "ordinary" },
    ],
    ...more,
  });
  expect(reply.status, JSON.stringify(reply.json)).toBe(201);
  return String(reply.json["householdId"]);
}

/** A lead of the household that the township has dispatched and found real; answers its id. */
export async function verifiedLead(office: Office, householdId: string, more: Record<string, unknown> = {}): Promise<string> {
  const foundAt = office.now().toISOString();
  const lead = await office.as("village-officer", village).post("/risk-leads", {
    householdId,
    source: "monthly-round",
    cause: "illness",
    severity: "severe",
    epidemic: true,
    foundAt,
    ...more,
  });
  expect(lead.status, JSON.stringify(lead.json)).toBe(201);
  const leadId = String(lead.json["leadId"]);
  expect(
    (await office.as("township-officer", township).post(`/risk-leads/${leadId}/dispatch`, { to: "village-officer-1" })).status,
  ).toBe(200);
  const verified = await office.as("village-officer", village).post(`/risk-leads/${leadId}/verification`, {
    visitedOn: office.today(),
    team: ["village-officer-1", "township-officer-1"],
    outcome: "at-risk",
  });
  expect(verified.status, JSON.stringify(verified.json)).toBe(200);
  return leadId;
}
