import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { caseAt } from "../case.testing.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, township, village } from "../people.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());

const asVillage = () => office.as("village-officer", village);
const asTownship = () => office.as("township-officer", township);
const asCounty = () => office.as("county-officer", county);

describe("identification, step by step", () => {
  test("the posting shows a masked name and nothing of health, number or money, and stands five full days", async () => {
    const { path } = await caseAt(office, "posted");
    const posting = (await asVillage().get("/postings")).json["items"] as {
      body: Record<string, string>;
      startsOn: string;
      lastDay: string;
    }[];
    const mine = posting.at(-1);
    expect(mine?.body).toEqual({
      户主: expect.stringMatching(/^韦\*+$/),
      村: expect.stringContaining("迎晖社区"),
      事项: "拟纳入防返贫监测对象",
      监督电话: "12317",
    });
    const early = await asTownship().post(`${path}/township-check`, { passed: true, reason: "facts-agree" });
    expect(early.json).toMatchObject({
      status: 422,
      code: "posting-still-running",
      clause: "M-03",
      reasons: [{ parameter: "posting.monitor.days" }],
    });
    await office.advance(5);
    expect((await asTownship().post(`${path}/township-check`, { passed: true, reason: "facts-agree" })).json).toMatchObject({
      code: "posting-still-running",
    });
    await office.advance(1);
    expect((await asTownship().post(`${path}/township-check`, { passed: true, reason: "facts-agree" })).status).toBe(200);
  });

  test("an open objection stops the township check until it is answered", async () => {
    const { path } = await caseAt(office, "posted");
    await asVillage().post(`${path}/objections`, { content: "该户有一辆小汽车" });
    await office.advance(6);
    expect((await asTownship().post(`${path}/township-check`, { passed: true, reason: "facts-agree" })).json).toMatchObject({
      code: "posting-objection-open",
    });
    expect((await asTownship().post(`${path}/objections/answer`, { upheld: false })).json).toMatchObject({ status: "posted" });
    expect(
      (
        await office
          .as("township-officer", township, "another")
          .post(`${path}/township-check`, { passed: true, reason: "facts-agree" })
      ).json,
    ).toMatchObject({ status: "township-checked" });
  });

  test("county approval refuses with every reason, then includes: the household is monitored and two clocks of five days run", async () => {
    const { path, householdId, caseId } = await caseAt(office, "township-checked");
    const refused = await asCounty().post(`${path}/county-approval`, {
      approved: true,
      document: "都乡振〔2022〕15号",
      monitoredKind: "borderline",
    });
    expect(refused.json).toMatchObject({
      status: 422,
      code: "inclusion-refused-by-rule",
      reasons: [{ code: "kind-of-household" }, { code: "income-not-recorded" }],
    });
    expect((await asVillage().get(`/households/${householdId}`)).json).toMatchObject({ monitoredKind: null, version: 1 });

    const income = {
      kind: "at-inclusion",
      from: "2021-08-01",
      until: "2022-07-31",
      wageFen: 800_000,
      businessFen: 0,
      propertyFen: 0,
      transferFen: 100_000,
      businessCostFen: 0,
    };
    expect((await asVillage().post(`/households/${householdId}/incomes`, income)).status).toBe(201);
    const approved = await asCounty().post(`${path}/county-approval`, {
      approved: true,
      document: "都乡振〔2022〕15号",
      monitoredKind: "unstable-lifted",
    });
    expect(approved.json).toMatchObject({
      status: "included",
      includedOn: office.today(),
      monitoredKind: "unstable-lifted",
      reasons: [{ code: "line-not-loaded" }],
    });
    expect((await asVillage().get(`/households/${householdId}`)).json).toMatchObject({
      monitoredKind: "unstable-lifted",
      riskCleared: false,
      version: 2,
    });

    const due = (await asCounty().get("/todo")).json["items"] as { kind: string; entityId: string; dueAt: string }[];
    const helper = due.find((item) => item.entityId === caseId && item.kind === "assign-helper");
    const fifthDay = new Date(Date.parse(`${office.today()}T23:59:59.999+08:00`) + 5 * 86_400_000);
    expect(helper?.dueAt).toBe(fifthDay.toISOString());
    const mine = (await office.outbox()).filter((event) => event.subject === `monitored-case/${caseId}`);
    expect(mine.map((event) => event.type.split(".")[2])).toEqual([
      "opened",
      "authorised",
      "compared",
      "village-reviewed",
      "posted",
      "township-checked",
      "included",
    ]);
    expect(mine.map((event) => Number(event.sequence))).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test("nobody takes two judging steps in a row, whatever offices they hold", async () => {
    const { path } = await caseAt(office, "posted");
    await office.advance(6);
    const both = office.as("township-officer", township, "two-hats");
    expect((await both.post(`${path}/township-check`, { passed: true, reason: "facts-agree" })).status).toBe(200);
    expect(
      (
        await office
          .as("county-officer", county, "two-hats")
          .post(`${path}/county-approval`, { approved: true, document: "都乡振〔2022〕16号", monitoredKind: "unstable-lifted" })
      ).json,
    ).toMatchObject({
      status: 422,
      code: "same-person-twice",
    });
  });

  test("a village review that does not carry ends the case, and a lead that was not verified opens none", async () => {
    const { path, householdId } = await caseAt(office, "opened");
    await asVillage().post(`${path}/authorisation`, { signedOn: office.today() });
    await asTownship().post(`${path}/comparison`, { replies: [{ department: "housing", outcome: "mismatch", flags: ["car"] }] });
    const lost = await asVillage().post(`${path}/village-review`, {
      heldOn: office.today(),
      attendees: 30,
      votesFor: 10,
      votesAgainst: 20,
    });
    expect(lost.json).toMatchObject({ status: "refused" });
    const fresh = await asVillage().post("/risk-leads", {
      householdId,
      source: "self-report",
      cause: "schooling",
      foundAt: office.now().toISOString(),
    });
    expect(
      (await asVillage().post("/monitored-cases", { leadId: fresh.json["leadId"], risks: ["schooling"] })).json,
    ).toMatchObject({ code: "case-lead-not-verified" });
  });

  test("another county sees neither case nor household, and is told no more than that they are not there", async () => {
    const { path, householdId } = await caseAt(office, "opened");
    const stranger = office.as("county-officer", "451229");
    expect((await stranger.get(path)).status).toBe(404);
    expect((await stranger.get(`/households/${householdId}`)).status).toBe(404);
    expect((await stranger.post(`${path}/county-approval`, { approved: true, document: "x1" })).status).toBe(404);
    expect((await stranger.get("/monitored-cases")).json["items"]).toEqual([]);
  });
});
