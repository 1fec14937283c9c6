import { makeIdentityNumber } from "@shouwang/service-kit";
import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Office, startOffice } from "../office.testing.ts";

const village = "451228100003";
const number = (birth: string, serial: number) => makeIdentityNumber("451228", parseBusinessDate(birth), serial);
const members = (serial: number) => [
  {
    name: "韦大明",
    identityNumber: number("1975-03-05", serial),
    relation: "head",
    labourSkill: "ordinary",
    phone: "13800138000",
  },
  { name: "覃小花", identityNumber: number("1978-06-01", serial + 1), relation: "spouse", labourSkill: "ordinary" },
];

let office: Office;
beforeAll(async () => {
  office = await startOffice();
});
afterAll(() => office.stop());

describe("a village registers a household", () => {
  test("names and numbers come back masked, and one event per household and person is in the outbox", async () => {
    const reply = await office
      .as("village-officer", village)
      .post("/households", { region: village, householdKind: "lifted-household", members: members(1) });
    expect(reply.status).toBe(201);
    expect(reply.json).toMatchObject({
      headcount: 2,
      ableWorkers: 2,
      version: 1,
      members: [{ name: "韦*明", identityNumber: expect.stringMatching(/^451228\*{8}\d{3}[\dX]$/) }, { name: "覃*花" }],
    });
    expect(JSON.stringify(reply.json)).not.toContain("韦大明");
    const events = await office.outbox();
    expect(events.map((event) => event.type)).toEqual([
      "monitoring.household.registered.v1",
      "monitoring.person.joined-household.v1",
      "monitoring.person.joined-household.v1",
    ]);
  });
});
