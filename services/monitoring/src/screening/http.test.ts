import { afterAll, beforeAll, expect, test } from "vitest";
import { csv, takeIn } from "../feed/upload.testing.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, newNumber, registerCouple } from "../people.testing.ts";

let office: Office;
const officer = () => office.as("county-officer", county);
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());

async function householdWithCost(yuan: string): Promise<string> {
  const identityNumber = newNumber("1975-03-05", "male");
  const members = [{ name: "韦大明", identityNumber, relation: "head", labourSkill: "ordinary" }];
  const householdId = await registerCouple(office, { members });
  const line = ["韦大明", identityNumber, "2022-08-01", `B${identityNumber.slice(-6)}`, "90000", yuan];
  const feed = await takeIn(office.running.url, csv([line]));
  expect(feed.totals).toMatchObject({ taken: 1, leads: 0 });
  expect(feed.rulesWaiting).toEqual(["medical-self-paid", "medical-severe"]);
  return householdId;
}

test("before its line is loaded a rule proposes nothing; loaded, a dry run says who would become a lead and writes nothing", async () => {
  const householdId = await householdWithCost("10000");
  await householdWithCost("9999.99");
  const waiting = await officer().post("/screening-runs/dry", {});
  expect(waiting.json).toMatchObject({
    households: 2,
    complete: true,
    leads: 0,
    rules: [
      { code: "medical-self-paid", waitingFor: ["screening.medicalSelfPaid"] },
      { code: "medical-income-share", waitingFor: [] },
      { code: "medical-severe", waitingFor: ["screening.medicalSevere"] },
    ],
  });
  const document = "都乡振〔2022〕3号";
  await officer().post("/parameters", {
    key: "screening.medicalSelfPaid",
    region: `${county}000000`,
    value: 1_000_000,
    validFrom: "2022-01-01",
    document,
  });
  const events = (await office.outbox()).length;
  const dry = await officer().post("/screening-runs/dry", { rules: ["medical-self-paid"], region: county });
  expect(dry.json).toMatchObject({
    leads: 1,
    byCounty: [{ region: "451228000000", place: "河池市都安瑶族自治县", leads: 1 }],
    byTownship: [{ region: "451228100000", leads: 1 }],
    examples: [{ householdId, head: "韦*明", cause: "illness", severity: "general", ruleCode: "medical-self-paid" }],
  });
  expect(JSON.stringify(dry.json)).not.toContain("韦大明");
  expect((await officer().get("/risk-leads")).json["items"]).toEqual([]);
  expect(await office.outbox()).toHaveLength(events);

  const rules = await officer().get("/screening-rules");
  expect(rules.json["items"]).toMatchObject([
    {
      code: "medical-self-paid",
      clause: "M-01",
      parameters: [{ value: 1_000_000, unit: "fen", document, region: "451228000000" }],
      waitingFor: [],
    },
    { code: "medical-income-share", parameters: [{ value: { numerator: 50, denominator: 100 }, origin: "design" }] },
    { code: "medical-severe", severity: "severe", waitingFor: ["screening.medicalSevere"] },
  ]);
});

test("another county's officer finds nobody here", async () => {
  const dry = await office.as("county-officer", "451024").post("/screening-runs/dry", { region: county });
  expect(dry.json).toMatchObject({ households: 0, leads: 0, examples: [] });
});

test("a rule and a division that do not exist are refused", async () => {
  const noRule = await officer().post("/screening-runs/dry", { rules: ["medical-self-paid", "no-rule"] });
  expect([noRule.status, noRule.json["errors"]]).toMatchObject([400, [{ pointer: "/rules/1", rule: "unknown-rule" }]]);
  const nowhere = await officer().post("/screening-runs/dry", { region: "999999" });
  expect([nowhere.status, nowhere.json["code"]]).toEqual([422, "unknown-division"]);
  expect((await officer().get("/screening-rules?region=450012000000")).json["code"]).toBe("unknown-division");
});
