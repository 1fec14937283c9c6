import { system } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { earningCouple, runListing } from "../focus-household/focus.testing.ts";
import { deliverMeasure } from "../measure/deliver.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, township, village } from "../people.testing.ts";

let office: Office;
let households: string[];
beforeAll(async () => {
  office = await startOffice("2022-08-15");
  households = [await earningCouple(office, 1_500_000, 900_000), await earningCouple(office, 1_100_000, 1_000_000)];
  await runListing(office);
});
afterAll(() => office.stop());
const asTownship = () => office.as("township-officer", township);
const plan = {
  region: `${township}000`,
  title: "秋冬增收行动",
  ownerUnit: "乡村振兴工作站",
  startsOn: "2022-08-01",
  endsOn: "2022-12-31",
  actions: [
    { category: "job", detail: "送岗入户", budgetFen: 2_000_000, expectedAddedFen: 5_000_000 },
    { category: "industry", detail: "冬种补助", budgetFen: 1_000_000, expectedAddedFen: 1_500_000 },
  ],
};
/** Another department's record, told of by it: credited when delivered. */
const credited = (householdId: string, sourceId: string, category: "job" | "health", amountFen: number) =>
  office.running.db.withTx(system("test"), async (tx) => {
    const source = { department: "employment", id: sourceId } as const;
    const entry = { householdId, region: village, category, implementedAt: office.now(), amountFen, epidemic: false, source };
    await deliverMeasure(tx, entry, { now: office.now(), actor: "employment" });
  });

test("a campaign is planned, given its households, started, credited once per source, and closed with frozen figures", async () => {
  const [first = "", second = ""] = households;
  const planned = await asTownship().post("/income-campaigns", plan);
  expect(planned.json).toMatchObject({ status: "planned", budgetFen: 3_000_000, expectedAddedFen: 6_500_000, year: 2022 });
  const path = `/income-campaigns/${planned.json["campaignId"]}`;
  expect((await asTownship().post(`${path}/start`, {})).json).toMatchObject({ code: "campaign-without-households" });
  expect((await asTownship().post(`${path}/households`, { householdIds: [first] })).json).toMatchObject({
    added: 1,
    households: 1,
  });
  expect((await asTownship().post(`${path}/households`, {})).json).toMatchObject({ added: 1, households: 2 });
  const rival = await asTownship().post("/income-campaigns", { ...plan, title: "另一个行动" });
  const other = `/income-campaigns/${rival.json["campaignId"]}/households`;
  expect((await asTownship().post(other, {})).json).toMatchObject({ added: 0, households: 0 });
  expect((await asTownship().post(`${path}/start`, {})).json).toMatchObject({ status: "running" });

  expect((await asTownship().post(`${path}/start`, {})).json).toMatchObject({
    status: 409,
    code: "campaign-state",
    detail: expect.stringContaining("已启动"),
  });

  const sourceId = uuidv7();
  await credited(first, sourceId, "job", 80_000);
  await credited(first, sourceId, "job", 80_000);
  await credited(second, uuidv7(), "health", 50_000);
  const figures = { households: 2, helped: 1, measures: 1, amountFen: 80_000 };
  expect((await asTownship().get(path)).json).toMatchObject({ figures });
  const closed = await asTownship().post(`${path}/closing`, { findings: "一户实现稳定务工,一户继续帮扶。" });
  expect(closed.json).toMatchObject({ status: "closed", figures });
  await credited(second, uuidv7(), "job", 90_000);
  expect((await asTownship().get(path)).json).toMatchObject({ figures, findings: "一户实现稳定务工,一户继续帮扶。" });
  expect((await asTownship().post(`${path}/closing`, { findings: "不能再总结一次,已经结束。" })).json).toMatchObject({
    code: "campaign-state",
  });
  expect((await asTownship().post(`${path}/households`, {})).json).toMatchObject({
    code: "campaign-state",
    detail: expect.stringContaining("已总结"),
  });
  expect((await office.as("county-officer", "451229").get(path)).json).toMatchObject({ code: "not-found" });
});

test("M-06: a focus household without a fitting measure stands in the list behind the figure", async () => {
  const third = await earningCouple(office, 900_000, 800_000);
  await runListing(office);
  const clauses = JSON.stringify((await asTownship().get("/clauses")).json);
  expect(clauses).toContain('"code":"M-06-measure"');
  expect((await asTownship().get("/focus-households-without-measure")).json["items"]).toEqual([
    { householdId: third, region: village, measures: 0 },
  ]);
});

test("a campaign is a county's or a township's, in one's own area, with days in order", async () => {
  const wrong = { ...plan, region: village };
  expect((await asTownship().post("/income-campaigns", wrong)).json).toMatchObject({ errors: [{ rule: "county-or-township" }] });
  expect((await asTownship().post("/income-campaigns", { ...plan, endsOn: "2022-07-01" })).json).toMatchObject({
    errors: [{ rule: "period" }],
  });
  expect((await asTownship().post("/income-campaigns", { ...plan, region: `${county}000000` })).json).toMatchObject({
    code: "outside-area",
  });
  expect((await asTownship().post("/income-campaigns", { ...plan, region: "999999999999" })).json).toMatchObject({
    code: "unknown-division",
  });
});
