import { until } from "@shouwang/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { caseAt } from "../case.testing.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, township, village } from "../people.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());

const ended = async (jobId: unknown) =>
  await until(async () => {
    const { json } = await office.as("county-officer", county).get(`/jobs/${jobId}`);
    return json["state"] === "done" && json["totals"];
  });
const outcomes = async (jobId: unknown) => {
  const { json } = await office.as("county-officer", county).get(`/bulk-jobs/${jobId}/items`);
  const items: { id: string; state: string; problem: { code: string } | null }[] = Object(json["items"]);
  return new Map(items.map(({ id, state, problem }) => [id, problem?.code ?? state]));
};

test("many cases go through check and approval at once, each by the rule and by people who are not the same", async () => {
  const cases = [await caseAt(office, "posted"), await caseAt(office, "posted"), await caseAt(office, "posted")];
  const ids = cases.map(({ caseId }) => caseId);
  const asTownship = office.as("township-officer", township);
  const asCounty = office.as("county-officer", county);
  const check = { filter: { procedure: "inclusion" }, each: { passed: true, reason: "facts-agree" } };

  const early = await asTownship.post("/bulk/township-check", check);
  expect(await ended(early.json["jobId"])).toEqual({ items: 3, succeeded: 0, refused: 3, skipped: 0 });
  expect([...(await outcomes(early.json["jobId"])).values()]).toEqual(Array(3).fill("posting-still-running"));

  await office.advance(6);
  expect(
    (await office.as("village-officer", village).post(`/monitored-cases/${ids[2]}/objections`, { content: "收入不实" })).status,
  ).toBe(201);
  const versions = await Promise.all(
    ids.map(async (id) => ({ id, version: Number((await asCounty.get(`/monitored-cases/${id}`)).json["version"]) })),
  );
  const checked = await asTownship.post("/bulk/township-check", { items: versions, each: check.each });
  expect(await ended(checked.json["jobId"])).toEqual({ items: 3, succeeded: 2, refused: 1, skipped: 0 });
  expect(await outcomes(checked.json["jobId"])).toEqual(
    new Map([...ids.slice(0, 2).map((id) => [id, "succeeded"] as const), [ids[2], "posting-objection-open"]]),
  );
  const again = await asTownship.post("/bulk/township-check", { items: versions, each: check.each });
  expect(await ended(again.json["jobId"])).toEqual({ items: 3, succeeded: 0, refused: 1, skipped: 2 });

  const income = {
    kind: "at-inclusion",
    from: "2021-08-01",
    until: "2022-07-31",
    wageFen: 800_000,
    businessFen: 0,
    propertyFen: 0,
  };
  const rest = { transferFen: 100_000, businessCostFen: 0, confirmed: true };
  const household = cases[0]?.householdId;
  const recorded = await office.as("village-officer", village).post(`/households/${household}/incomes`, { ...income, ...rest });
  expect(recorded.status, JSON.stringify(recorded.json)).toBe(201);
  const approval = { filter: {}, each: { approved: true, document: "都乡振〔2022〕15号", monitoredKind: "unstable-lifted" } };
  const same = await office.as("county-officer", county, `township-officer-${township}`).post("/bulk/county-approval", approval);
  await ended(same.json["jobId"]);
  expect([...(await outcomes(same.json["jobId"])).values()]).toEqual(Array(2).fill("same-person-twice"));
  const approved = await asCounty.post("/bulk/county-approval", approval);
  expect(await ended(approved.json["jobId"])).toEqual({ items: 2, succeeded: 1, refused: 1, skipped: 0 });
  // The second has no income on record: the rule's own reason stands with it.
  expect(await outcomes(approved.json["jobId"])).toEqual(
    new Map([
      [ids[0], "succeeded"],
      [ids[1], "inclusion-refused-by-rule"],
    ]),
  );
  const file = await asCounty.get(`/monitored-cases/${ids[0]}`);
  expect(file.json).toMatchObject({ status: "included", countyDocument: "都乡振〔2022〕15号" });
  const included = (await office.outbox()).filter(({ type }) => type === "monitoring.monitored-case.included.v1");
  expect(included.map(({ data }) => data["caseId"])).toEqual([ids[0]]);
});
