import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { earned } from "../focus-household/focus.testing.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, registerCouple, township, village } from "../people.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());
const asVillage = () => office.as("village-officer", village);
const asCounty = () => office.as("county-officer", county);

test("a year's update: opened by the county, signed for at the home, missing households listed, closed and frozen", async () => {
  const ready = await registerCouple(office);
  await earned(office, ready, 2021, 900_000);
  const lacking = await registerCouple(office);
  const ordinary = await registerCouple(office, { householdKind: "ordinary-household" });
  const confirm = async (householdId: string, more: Record<string, unknown> = {}) => {
    const { json } = await asVillage().get(`/households/${householdId}`);
    const signerId = (json["members"] as { personId: string }[])[0]?.personId;
    const signature = { signerId, signedOn: "2022-08-15", how: "signature" };
    return await asVillage().post(`/households/${householdId}/annual-updates/2021`, { headcount: 2, signature, ...more });
  };

  expect((await confirm(ready)).json).toMatchObject({ code: "annual-update-closed" });
  const round = { county, year: 2021, closesOn: "2022-09-30" };
  expect((await office.as("county-officer", "451229").post("/annual-updates", round)).json).toMatchObject({
    code: "outside-area",
  });
  expect((await asCounty().post("/annual-updates", { ...round, county: "451299" })).json).toMatchObject({
    status: 422,
    code: "unknown-division",
  });
  expect((await asCounty().post("/annual-updates", { ...round, year: 2023 })).json).toMatchObject({ code: "invalid-input" });
  expect((await asCounty().post("/annual-updates", round)).json).toMatchObject({ status: "open", county });
  expect((await asCounty().post("/annual-updates", round)).json).toMatchObject({ code: "already-exists" });

  expect((await asVillage().get("/todo")).json["items"]).toMatchObject([{ kind: "annual-update", region: village, open: 2 }]);
  expect((await confirm(ready, { headcount: 3 })).json).toMatchObject({ code: "headcount-differs" });
  expect((await confirm(lacking)).json).toMatchObject({ code: "income-missing" });
  expect((await confirm(ordinary)).json).toMatchObject({ code: "not-watched" });
  expect((await confirm(ready, { signature: {} })).json).toMatchObject({ code: "invalid-input" });
  const unknown = { signature: { formId: uuidv7() } };
  expect((await confirm(ready, unknown)).json).toMatchObject({ errors: [{ pointer: "/signature/formId", clause: "M-05" }] });
  expect((await confirm(ready)).json).toMatchObject({ headcount: 2, confirmedOn: "2022-08-15" });

  const progress = await office.as("township-officer", township).get("/annual-updates/2021");
  expect(progress.json).toMatchObject({
    update: { status: "open" },
    items: [{ region: village, households: 2, confirmed: 1, missing: 1 }],
  });
  expect((await asVillage().get("/annual-updates/2021/missing")).json["items"]).toEqual([
    { householdId: lacking, region: village },
  ]);

  const closed = await asCounty().post(`/annual-updates/2021/${county}/closing`, {});
  expect(closed.json).toMatchObject({ status: "closed", figures: { households: 2, confirmed: 1 } });
  expect((await confirm(ready)).json).toMatchObject({ code: "annual-update-closed" });
  const income = { kind: "annual", from: "2021-01-01", until: "2021-12-31", lines: [{ line: "planting", amountFen: 100 }] };
  const path = `/households/${lacking}/incomes`;
  expect((await asVillage().post(path, income)).json).toMatchObject({ code: "annual-update-closed" });
  expect((await asVillage().post(path, { ...income, reason: "闭户外出,补录" })).status).toBe(201);
  expect((await asCounty().post(`/annual-updates/2021/${county}/closing`, {})).json).toMatchObject({
    code: "annual-update-closed",
  });
});
