import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { admin } from "../focus-household/focus.testing.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, registerCouple, village } from "../people.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());
const asVillage = () => office.as("village-officer", village);
const sums = { wageFen: 3_000_001, businessFen: 0, propertyFen: 0, transferFen: 0, businessCostFen: 0 };
const signed = { signedOn: "2022-08-15", how: "signature" };
const headOf = async (householdId: string) => {
  const { json } = await asVillage().get(`/households/${householdId}`);
  return (json["members"] as { personId: string }[])[0]?.personId;
};
const annual = { kind: "annual", from: "2021-01-01", until: "2021-12-31" };

test("a record is corrected with a reason, under the same id, and says what it said before", async () => {
  const householdId = await registerCouple(office);
  const path = `/households/${householdId}/incomes`;
  const negative = await asVillage().post(path, { ...annual, ...sums, wageFen: -1 });
  expect(negative.json).toMatchObject({ status: 400, errors: [{ pointer: "/wageFen" }] });
  const ticked = await asVillage().post(path, { ...annual, ...sums, confirmed: true });
  expect(ticked.json).toMatchObject({
    errors: [{ pointer: "/signature", rule: "confirmation-needs-signature", clause: "M-05" }],
  });
  const signature = { signerId: await headOf(householdId), signedOn: "2022-08-14", how: "thumbprint" };
  const first = await asVillage().post(path, { ...annual, ...sums, confirmed: true, signature });
  expect(first.json).toMatchObject({ perCapitaFen: 1_500_000, confirmed: true, version: 1 });
  const again = await asVillage().post(path, { ...annual, ...sums, wageFen: 2_000_000 });
  expect(again.json).toMatchObject({ code: "invalid-input", errors: [{ pointer: "/reason", rule: "correction-needs-reason" }] });
  const corrected = await asVillage().post(path, { ...annual, ...sums, wageFen: 2_000_000, reason: "漏记停工两个月" });
  expect(corrected.json).toMatchObject({
    incomeId: first.json["incomeId"],
    perCapitaFen: 1_000_000,
    confirmed: false,
    version: 2,
  });
  const read = await office.as("auditor", county).get(`${path}/${first.json["incomeId"]}`);
  expect(read.json["corrected"]).toMatchObject([{ version: 1, netFen: 3_000_001, confirmed: true, reason: "漏记停工两个月" }]);
  expect((await asVillage().get(path)).json["items"]).toHaveLength(1);
  const events = (await office.outbox()).filter((event) => event.data["householdIncomeId"] === first.json["incomeId"]);
  expect(events.map((event) => [event.sequence, event.data["perCapitaFen"]])).toEqual([
    ["1", 1_500_000],
    ["2", 1_000_000],
  ]);
  const kept = await admin(office, "select reason from monitoring.household_income_correction");
  expect(JSON.stringify(kept)).not.toContain("停工");
});

test("sums are derived from detail lines with the headcount frozen; lines and sums do not mix", async () => {
  const householdId = await registerCouple(office);
  const path = `/households/${householdId}/incomes`;
  const lines = [
    { line: "work-wage", amountFen: 2_000_000, note: "韦大明在南宁" },
    { line: "one-off-relief", amountFen: 500_000 },
  ];
  expect((await asVillage().post(path, { ...annual, ...sums, lines })).json).toMatchObject({
    errors: [{ rule: "lines-or-sums" }],
  });
  const recorded = await asVillage().post(path, {
    ...annual,
    lines,
    headcount: 3,
    signature: { ...signed, signerId: await headOf(householdId) },
  });
  expect(recorded.json).toMatchObject({
    wageFen: 2_000_000,
    transferFen: 0,
    headcount: 3,
    perCapitaFen: 666_666,
    confirmed: true,
  });
  const read = await asVillage().get(`${path}/${recorded.json["incomeId"]}`);
  expect(read.json["lines"]).toMatchObject([
    { line: "work-wage", name: "务工", counts: true },
    { line: "one-off-relief", counts: false },
  ]);
  const signature = { ...signed, signerId: await headOf(householdId), fileId: uuidv7() };
  const foreign = await asVillage().post(path, { ...annual, lines, reason: "重新签字", signature });
  expect(foreign.json).toMatchObject({ errors: [{ pointer: "/signature/fileId", rule: "file-of-the-household" }] });
  expect((await asVillage().post(path, { ...annual, from: "2021-02-01", ...sums })).json).toMatchObject({
    errors: [{ rule: "income-year" }],
  });
});

test("this year so far is the sum of its months", async () => {
  const householdId = await registerCouple(office);
  const path = `/households/${householdId}/incomes`;
  for (const [from, until] of [
    ["2022-01-01", "2022-01-31"],
    ["2022-02-01", "2022-02-28"],
  ])
    expect((await asVillage().post(path, { kind: "monthly", from, until, ...sums, wageFen: 200_000 })).status).toBe(201);
  expect((await asVillage().get(path)).json["toDate"]).toEqual({ year: 2022, perCapitaFen: 200_000, months: 2 });
});
