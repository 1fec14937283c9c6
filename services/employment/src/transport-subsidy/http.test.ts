import {
  CountyListLoaded,
  HouseholdChanged,
  HouseholdRegistered,
  PersonChanged,
  PersonErased,
  PersonJoinedHousehold,
} from "@shouwang/contract";
import { businessDate, loadKeys, system } from "@shouwang/service-kit";
import { until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { claimsAt, type Funds, load, officesOf, openFunds, provokeRefusals } from "../claim.testing.ts";
import { type Office, startOffice, village } from "../office.testing.ts";
import { householdState, tellHousehold } from "../people.testing.ts";
import { transportSubsidySlice } from "./http.ts";

/** A village of an ordinary county, and one of a third. */
const ordinary = "451202001001";
const third = "451203100201";
const path = "/transport-subsidies";
let office: Office;
let funds: Funds;
let claims: ReturnType<typeof claimsAt>;
beforeAll(async () => {
  office = await startOffice();
  funds = await openFunds(office);
  claims = claimsAt(office, path);
  await load(
    office,
    "桂乡村振兴发〔2022〕8号",
    { key: "transport.rate", value: 90_000, region: "451228000000" },
    { key: "transport.rate", value: 60_000, region: "451202000000" },
    { key: "transport.rate", value: 70_000, region: "451203000000" },
  );
});
afterAll(async () => {
  await funds.close();
  await office.stop();
});

const workAway = { place: "4403", channel: "own-search", source: "home-visit", from: "2022-03-05", monthlyWageFen: 420_000 };
/** Somebody of a lifted household at work outside the region. */
async function away(where = village, told: Parameters<typeof tellHousehold>[1] = {}, work: Record<string, unknown> = {}) {
  const one = await tellHousehold(office, {
    ...told,
    household: { region: where, ...told.household },
    person: { region: where, ...told.person },
  });
  const reply = await office
    .as("village-officer", where)
    .post("/work-records", { personId: one.member.personId, ...workAway, ...work });
  expect(reply.status, JSON.stringify(reply.json)).toBe(201);
  return { ...one, personId: one.member.personId, workRecordId: reply.json["workRecordId"] };
}
/** The county finds that a village's new work record was a mistake. */
async function makeWorkVoid(workRecordId: unknown) {
  const response = await fetch(`${office.ward.url}/api/v1/employment/work-records/${workRecordId}/voiding`, {
    method: "POST",
    headers: {
      authorization: await office.bearer("county-officer", village.slice(0, 6)),
      ...{ "content-type": "application/json", "if-match": '"1"', "idempotency-key": uuidv7() },
    },
    body: JSON.stringify({ reason: "登记错人" }),
  });
  expect(response.status).toBe(200);
}
/** Somebody of the test's village at work away who has moved, household and all. */
async function movedHere(to: string) {
  const one = await away();
  await office.publish([
    HouseholdChanged.of(one.householdId, 2, to, householdState(one.householdId, { region: to })),
    PersonChanged.of(one.personId, 2, to, { ...one.member.state, region: to }),
  ]);
  await office.settled();
  return one;
}
const make = (personId: string, where = village, more: Record<string, unknown> = {}) =>
  office.as("village-officer", where).post(path, { personId, year: 2022, ...more });
async function made(personId: string, where = village, more: Record<string, unknown> = {}) {
  const reply = await make(personId, where, more);
  expect(reply.status, JSON.stringify(reply.json)).toBe(201);
  return { claimId: reply.json["claimId"], village: where, json: reply.json };
}
const codes = (json: Record<string, unknown>) =>
  ((json["explanation"] ?? json["reasons"]) as { code: string }[]).map(({ code }) => code);
const told = async (claimId: unknown) =>
  (await office.outbox())
    .filter(({ subject }) => subject === `transport-subsidy/${claimId}`)
    .map(({ type, sequence, data }) => [type.split(".").slice(1, 3).join("."), sequence, data["status"]]);

describe("a transport subsidy", () => {
  test("goes from the village to the money, comes back from the bank, is sent again and paid, and is got back", async () => {
    const { personId, householdId } = await away();
    const at = officesOf(office, village);
    const { claimId, json } = await made(personId);
    expect(json).toMatchObject({
      status: "draft",
      amountFen: 90_000,
      outcome: "eligible",
      countsOn: "2022-03-05",
      period: "2022",
      householdId,
    });
    expect(codes(json)).toEqual([
      "entitled-household",
      "of-working-age",
      "work-outside-region",
      "county-rate",
      "ceiling-key-county",
      "covers-the-year",
    ]);
    expect(json["explanation"]).toContainEqual(
      expect.objectContaining({
        parameter: "transport.rate",
        document: "桂乡村振兴发〔2022〕8号",
        en: "The county's rate is 900.00 yuan a person and year",
      }),
    );
    const mine = async (who: typeof at.village) => (await who.get(`${path}?waiting=me&personId=${personId}`)).json["items"];
    expect(await mine(at.village)).toEqual([expect.objectContaining({ claimId, name: "韦*明", late: false })]);
    await claims.did(at.village, claimId, "village-check");
    const posted = await claims.did(at.village, claimId, "posting", { supervisionPhone: "0778-1234567" });
    expect(posted["status"]).toBe("posted");
    expect((await claims.act(at.village, claimId, "clearing")).json["code"]).toBe("claim-posting-running");
    await claims.did(at.village, claimId, "objections", { content: "此人已回乡" });
    await office.advance(6);
    expect((await claims.act(at.village, claimId, "clearing")).json["code"]).toBe("claim-objection-open");
    await claims.did(at.township, claimId, "objections/answer", { upheld: false, answer: "经核实仍在外务工" });
    const cleared = await claims.act(at.village, claimId, "clearing");
    if (cleared.status !== 200) expect(cleared.json["code"]).toBe("claim-state");
    expect(await mine(at.township)).toEqual([expect.objectContaining({ claimId, status: "cleared" })]);
    await claims.did(at.township, claimId, "township-check");

    expect((await claims.approve(claimId, village, { sourceKinds: [] })).json["code"]).toBe("claim-source-missing");
    expect((await claims.approve(claimId, village, { sourceKinds: ["donation"] })).json["code"]).toBe("claim-source-not-allowed");
    const approved = await claims.approve(claimId, village);
    expect(approved.json).toMatchObject({ status: "awaiting-funds", amountFen: 90_000 });
    const [request] = await funds.asked(claimId);
    expect(request).toMatchObject({
      ...{
        claim: "transport-subsidy",
        purposeCode: "transport-subsidy",
        periodKey: "2022",
        personId,
        householdId,
        region: village,
      },
      ...{ amountFen: 90_000, attempt: 1, status: "requested", sourceKinds: ["bridging-fund-county"] },
      submitter: expect.stringMatching(/\|village-officer-451228101201$/),
      approver: expect.stringMatching(/\|county-officer-451228$/),
    });

    await funds.say(claimId, "accepted");
    expect(await claims.status(claimId, village)).toBe("accepted");
    await funds.say(claimId, "returned", { returnedBecause: "account-closed" });
    const back = await at.county.get(`${path}/${claimId}`);
    expect(back.json).toMatchObject({
      status: "payment-returned",
      statusReason: "account-closed",
      payment: { outcome: "returned", attempt: 1 },
    });
    await claims.did(at.county, claimId, "resending", { mended: "account", note: "已更正账号" });
    expect((await funds.asked(claimId)).at(-1)).toMatchObject({ paymentId: request?.paymentId, attempt: 2, status: "requested" });
    await funds.say(claimId, "accepted");
    await funds.say(claimId, "paid", { paidOn: "2022-09-01" });
    const before = await told(claimId);
    expect(before).toEqual([
      ["transport-subsidy.approved", "1", "awaiting-funds"],
      ["transport-subsidy.approved", "2", "approved"],
      ["transport-subsidy.approved", "3", "awaiting-funds"],
      ["transport-subsidy.approved", "4", "approved"],
      ["transport-subsidy.paid", "5", "paid"],
    ]);
    await funds.sayAllAgain();
    expect(await told(claimId)).toEqual(before);
    const paid = await at.county.get(`${path}/${claimId}`);
    expect(paid.json).toMatchObject({
      status: "paid",
      paidOn: "2022-09-01",
      payment: { outcome: "paid", attempt: 2 },
      facts: { scope: "outside-region" },
    });
    expect((paid.json["steps"] as { step: string }[]).map(({ step }) => step)).toEqual([
      ...[
        "draft",
        "village-check",
        "posting",
        "objection-answered",
        "clearing",
        "township-check",
        "county-approval",
        "resending",
      ],
    ]);
    expect(paid.json["objections"]).toEqual([expect.objectContaining({ content: "此人已回乡", upheld: false })]);
    expect(paid.json["posting"]).toMatchObject({ state: "cleared", body: { 姓名: "韦**", 期间: "2022", 金额: "900.00元" } });
    expect(JSON.stringify(paid.json["posting"])).not.toContain("韦大明");

    const months = await at.county.get("/transport-subsidy-months?year=2022");
    expect(months.json).toMatchObject({ year: { paid: 1, paidFen: 90_000 } });
    expect(months.json["items"]).toContainEqual(expect.objectContaining({ month: "2022-09", paid: 1, paidFen: 90_000 }));
    expect((await at.county.get(`${path}?paidIn=2022-09`)).json["items"]).toEqual([expect.objectContaining({ claimId })]);
    const clauses = (await at.county.get("/clauses")).json["clauses"] as {
      clause: string;
      indicators: { code: string; value: number }[];
    }[];
    const e02 = clauses.find(({ clause }) => clause === "E-02")?.indicators.map(({ code, value }) => [code, value]);
    expect(e02).toContainEqual(["E-02-paid-fen", 90_000]);

    await claims.did(at.county, claimId, "clawback", { finding: "not-eligible", note: "查实当年未外出" });
    expect((await funds.asked(claimId)).at(-1)).toMatchObject({ status: "clawback-requested", attempt: 2 });
    await funds.say(claimId, "clawed-back", { paidOn: "2022-09-01" });
    expect(await claims.status(claimId, village)).toBe("clawed-back");
    // What was got back is no payment: what is right can be claimed.
    expect((await make(personId)).status).toBe(201);

    // A person whose identity is destroyed leaves codes and amounts, and no word that names them.
    await office.tell(PersonErased.of(personId, 2, village, { personId }));
    const read = async () => (await at.county.get(`${path}/${claimId}`)).json;
    await until(async () => (await read())["name"] === null, { what: "the name to be gone", timeoutMs: 30_000 });
    expect(await read()).toMatchObject({ amountFen: 90_000, notes: [], objections: [{ content: "已销毁" }] });
    expect((await read())["posting"]).not.toHaveProperty("body.姓名");
  });

  test("that is objected to with cause goes back to its beginning, and its posting comes down", async () => {
    const { claimId } = await made((await away()).personId);
    const at = officesOf(office, village);
    await claims.did(at.village, claimId, "village-check");
    await claims.did(at.village, claimId, "posting", { supervisionPhone: "0778-1234567" });
    await claims.did(at.village, claimId, "objections", { content: "外出的是其弟" });
    expect(await claims.did(at.township, claimId, "objections/answer", { upheld: true, answer: "属实" })).toMatchObject({
      status: "draft",
    });
    const closed = (await office.outbox()).filter(
      ({ type, data }) => type === "employment.posting.closed.v1" && data["aboutId"] === claimId,
    );
    expect(closed).toEqual([expect.objectContaining({ sequence: "2", data: expect.objectContaining({ status: "withdrawn" }) })]);
  });

  test("is cleared by itself once its posting has run, unless an objection is open", async () => {
    const posted = await Promise.all([0, 1].map(async () => await made((await away()).personId)));
    const at = officesOf(office, village);
    for (const { claimId } of posted) {
      await claims.did(at.village, claimId, "village-check");
      await claims.did(at.village, claimId, "posting", { supervisionPhone: "0778-1234567" });
    }
    const [quiet, disputed] = posted;
    await claims.did(at.village, disputed?.claimId, "objections", { content: "外出的是其弟" });
    const [clearing] = transportSubsidySlice.schedules ?? [];
    const keys = await loadKeys(office.environment["KEYS_FILE"] ?? "");
    const actor = system("schedule:clear-transport-subsidy");
    const runOn = (days: number) =>
      office.ward.db.withTx(actor, async (tx) => {
        const now = new Date(new Date(`${office.today()}T09:00:00+08:00`).getTime() + days * 86_400_000);
        return await clearing?.run({ tx, now, today: businessDate(now), keys, actor });
      });
    expect((await runOn(5))?.events).toEqual([]);
    expect((await runOn(6))?.events).toEqual([expect.objectContaining({ type: "employment.posting.closed.v1" })]);
    expect([await claims.status(quiet?.claimId, village), await claims.status(disputed?.claimId, village)]).toEqual([
      "cleared",
      "posted",
    ]);
  });

  test("that is made void while funds has it is withdrawn there first", async () => {
    const { claimId } = await made((await away()).personId);
    await claims.checked([{ claimId, village }]);
    expect((await claims.approve(claimId, village)).status).toBe(200);
    const at = officesOf(office, village);
    expect((await claims.act(at.village, claimId, "voiding", { because: "made-in-error" })).json["code"]).toBe(
      "role-not-allowed",
    );
    expect(await claims.did(at.county, claimId, "voiding", { because: "no-longer-due" })).toMatchObject({
      status: "withdrawing",
    });
    expect((await funds.asked(claimId)).at(-1)).toMatchObject({ status: "withdrawn" });
    await funds.say(claimId, "withdrawn");
    expect(await claims.status(claimId, village)).toBe("void");
    expect((await told(claimId)).at(-1)).toEqual(["transport-subsidy.rejected", "2", "rejected"]);
  });

  test("that funds finds paid elsewhere gives its keys back, is asked for no more, and can be claimed anew", async () => {
    const { personId } = await away();
    const { claimId } = await made(personId);
    await claims.checked([{ claimId, village }]);
    expect((await claims.approve(claimId, village)).status).toBe(200);
    const keys = async () =>
      (await office.database.rows("select kind from kit.claim_key where holder = $1 order by kind", [claimId])).length;
    expect(await keys()).toBe(2);
    await funds.say(claimId, "refused", { refusedBecause: "elsewhere", source: null });
    expect([await claims.status(claimId, village), await keys()]).toEqual(["payment-refused", 0]);
    const at = officesOf(office, village);
    expect((await claims.act(at.county, claimId, "resending", { mended: "other" })).json["code"]).toBe("claim-state");
    expect(await claims.did(at.county, claimId, "voiding", { because: "claimed-twice" })).toMatchObject({ status: "void" });
    expect((await make(personId)).status).toBe(201);
  });

  test("is approved once a person and year in the whole region, however many counties approve how often at once, after a move and a split", async () => {
    const { personId, householdId, member } = await away();
    const first = await made(personId);
    await office.publish([
      HouseholdChanged.of(householdId, 2, ordinary, householdState(householdId, { region: ordinary })),
      PersonChanged.of(personId, 2, ordinary, { ...member.state, region: ordinary }),
    ]);
    await office.settled();
    const second = await made(personId, ordinary);
    // Safe: an id made here.
    const split = uuidv7() as typeof householdId;
    await office.publish([
      HouseholdRegistered.of(split, 1, third, householdState(split, { region: third, splitFrom: householdId })),
      PersonJoinedHousehold.of(personId, 3, third, { ...member.state, region: third, householdId: split, since: office.today() }),
    ]);
    await office.settled();
    const last = await made(personId, third);
    const all = [first, second, last];
    await claims.checked(all);
    const counties = all.map(({ village: where }) => officesOf(office, where).county);
    const replies = await Promise.all(
      Array.from({ length: 100 }, (_, n) => {
        const which = n % all.length;
        return claims.act(counties[which] ?? officesOf(office, village).county, all[which]?.claimId, "approval", {
          sourceKinds: ["bridging-fund-county"],
        });
      }),
    );
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    // Told to come again, where a hundred at once are more than the database takes: that decides nothing.
    const refused = new Set(replies.filter(({ status }) => status !== 200 && status !== 503).map(({ json }) => json["code"]));
    expect([...refused].sort()).toEqual(["claim-paid-elsewhere", "claim-state"]);
    const elsewhere = replies.find(({ json }) => json["code"] === "claim-paid-elsewhere");
    expect(JSON.stringify(elsewhere?.json)).not.toMatch(/4512\d\d/);
    const requests = await Promise.all(all.map(({ claimId }) => funds.asked(claimId)));
    expect(requests.flat()).toHaveLength(1);
  });
});

describe("who is claimed for", () => {
  test("everybody at work away for whom nobody has claimed is listed, drafted by one command, and checked by another", async () => {
    const clerk = office.as("village-officer", "451202001002");
    const people = [
      await away("451202001002"),
      await away("451202001002"),
      await away("451202001002", { person: { numberVerified: false } }),
    ];
    await away("451202001002", {}, { place: "450103" });
    const unclaimed = async () =>
      (await clerk.get("/transport-subsidy-unclaimed?year=2022")).json["items"] as { personId: string }[];
    expect((await unclaimed()).map((one) => one.personId).sort()).toEqual(people.map((one) => one.personId).sort());
    const asked = await clerk.post("/transport-subsidy-drafts", { year: 2022 });
    expect(asked.status).toBe(202);
    const job = async (id: unknown) => (await clerk.get(`/jobs/${id}`)).json;
    await until(async () => (await job(asked.json["jobId"]))["state"] === "done", { what: "the drafts", timeoutMs: 30_000 });
    expect(await job(asked.json["jobId"])).toMatchObject({ totals: { people: 3, drafted: 3, refused: 0 } });
    expect(await unclaimed()).toEqual([]);
    const drafts = (await clerk.get(`${path}?status=draft`)).json["items"] as { personId: string; outcome: string }[];
    expect(drafts.find((one) => one.personId === people[2]?.personId)?.outcome).toBe("waiting");
    const bulk = await clerk.post("/bulk/check-transport-subsidy-in-village", { filter: { period: "2022" }, each: {} });
    expect(bulk.json).toMatchObject({ items: 3 });
    await until(async () => (await job(bulk.json["jobId"]))["state"] === "done", { what: "the checks", timeoutMs: 30_000 });
    const steps = await clerk.get("/transport-subsidy-steps?period=2022");
    expect(steps.json["items"]).toEqual([
      expect.objectContaining({ status: "village-checked", claims: 3, persons: 3, amountFen: 180_000, late: 0 }),
    ]);

    // The whole way to funds in bulk: each step chooses what waits for it, and what the rule refuses for one spoils nothing for the others.
    const inBulk = async (who: typeof clerk, operation: string, each: unknown) => {
      const started = await who.post(`/bulk/${operation}`, { filter: { region: "451202001002" }, each });
      expect(started.status, JSON.stringify(started.json)).toBe(202);
      const ended = async () => (await who.get(`/jobs/${started.json["jobId"]}`)).json;
      await until(async () => (await ended())["state"] === "done", { what: operation, timeoutMs: 30_000 });
      return (await ended())["totals"];
    };
    const { township, county } = officesOf(office, "451202001002");
    const three = { items: 3, succeeded: 3, refused: 0, skipped: 0 };
    expect(await inBulk(clerk, "post-transport-subsidy", { supervisionPhone: "0778-1234567" })).toEqual(three);
    await office.advance(6);
    await inBulk(clerk, "clear-transport-subsidy", {});
    expect(await inBulk(township, "check-transport-subsidy-in-township", {})).toEqual(three);
    const sources = { sourceKinds: ["bridging-fund-region", "bridging-fund-county"] };
    expect(await inBulk(county, "approve-transport-subsidy", sources)).toEqual({ ...three, succeeded: 2, refused: 1 });
    const left = (await county.get(`${path}?region=451202001002&waiting=me`)).json["items"];
    expect(left).toEqual([expect.objectContaining({ personId: people[2]?.personId, outcome: "waiting" })]);
  });

  test("nobody who was not at work away, is registered elsewhere, or is not entitled; abroad the county decides", async () => {
    expect((await make(uuidv7())).json["code"]).toBe("person-not-found");
    const { member } = await tellHousehold(office);
    expect((await make(member.personId)).json["code"]).toBe("claim-without-work");
    const mistaken = await away();
    await makeWorkVoid(mistaken.workRecordId);
    expect((await make(mistaken.personId)).json["code"]).toBe("claim-without-work");
    const stranger = await away(village, { household: { householdKind: "ordinary-household" } });
    const refused = await make(stranger.personId);
    expect([refused.status, refused.json["code"]]).toEqual([422, "claim-not-eligible"]);
    expect(codes(refused.json)[0]).toBe("not-entitled-household");
    const moved = await movedHere(ordinary);
    expect((await make(moved.personId, ordinary, { on: "2022-04-01" })).json["code"]).toBe("claim-registered-elsewhere");
    const abroad = await made((await away(village, {}, { country: "VN", place: undefined })).personId);
    expect(abroad.json["outcome"]).toBe("by-decision");
    await claims.checked([abroad]);
    expect((await claims.approve(abroad.claimId, village)).json["code"]).toBe("claim-needs-decision");
    expect((await claims.approve(abroad.claimId, village, { decision: "经县务工专班核实" })).status).toBe(200);
  });

  test("above the ordinary ceiling only while the list of key counties is awaited", async () => {
    const there = "450126100201";
    await load(office, "宾乡振〔2022〕3号", { key: "transport.rate", value: 90_000, region: "450126000000" });
    const awaited = await made((await away(there)).personId, there);
    expect(awaited.json).toMatchObject({ listAwaited: true, amountFen: 90_000, outcome: "eligible" });
    expect(codes(awaited.json)).toContain("list-awaited");
    expect((await officesOf(office, there).county.get(`${path}?listAwaited=true`)).json["items"]).toHaveLength(1);
    const list = {
      ...{ countyListId: uuidv7(), list: "region-key-county" as const, counties: ["450125000000"] },
      ...{ from: "2022-01-01", until: null },
    };
    await office.publish([CountyListLoaded.of(list.countyListId, 1, "450000000000", list)]);
    await until(async () => (await office.database.rows("select from employment.county_list")).length === 1, {
      what: "the list",
      timeoutMs: 30_000,
    });
    const late = await make((await away(there)).personId, there);
    expect([late.json["code"], codes(late.json)[0]]).toEqual(["claim-not-eligible", "rate-above-ceiling"]);
    const checked = await claims.act(officesOf(office, there).village, awaited.claimId, "village-check");
    expect(checked.json["code"]).toBe("claim-not-eligible");

    // A county that comes to be one in July has the higher ceiling from then on, and not before.
    const later = "450181100201";
    await load(office, "横乡振〔2022〕5号", { key: "transport.rate", value: 90_000, region: "450181000000" });
    const { personId } = await away(later);
    expect(codes((await make(personId, later)).json)[0]).toBe("rate-above-ceiling");
    const july = { ...list, countyListId: uuidv7(), counties: ["450125000000", "450181000000"], from: "2022-07-01" };
    await office.publish([CountyListLoaded.of(july.countyListId, 1, "450000000000", july)]);
    await until(async () => (await office.database.rows("select from employment.county_list")).length === 2, {
      ...{ what: "the second list", timeoutMs: 30_000 },
    });
    expect((await make(personId, later, { on: "2022-06-30" })).json["code"]).toBe("claim-not-eligible");
    expect((await make(personId, later, { on: "2022-07-01" })).json).toMatchObject({
      amountFen: 90_000,
      outcome: "eligible",
      listAwaited: false,
    });
  });

  test("and everything that stands in a claim's way is said by its code", async () => {
    const there = "451202101201";
    await load(office, "金乡振〔2022〕4号", { key: "transport.rate", value: 70_000, region: "451202000000" });
    const people = new Map<unknown, Awaited<ReturnType<typeof away>>>();
    const of = {
      make: async (by = office.as("village-officer", there)) => {
        const person = await away(there);
        const reply = await by.post(path, { personId: person.personId, year: 2022 });
        expect(reply.status, JSON.stringify(reply.json)).toBe(201);
        people.set(reply.json["claimId"], person);
        return { claimId: reply.json["claimId"], village: there };
      },
      again: ({ claimId }: { claimId: unknown }) => make(people.get(claimId)?.personId ?? "", there),
      // The work turns out to have been in the region.
      spoil: async ({ claimId }: { claimId: unknown }) => {
        await office.database.rows(
          "update employment.work_record set scope = 'in-region', place = '450103' where person_id = $1",
          [people.get(claimId)?.personId],
        );
      },
    };
    const one = await of.make();
    const amend = async (body: unknown, version = 1) => (await claims.amend(one.claimId, there, version, body)).json;
    const personId = people.get(one.claimId)?.personId;
    expect((await amend({ personId, year: 2022 }, 7))["code"]).toBe("version-mismatch");
    expect((await amend({ personId: uuidv7(), year: 2022 }))["code"]).toBe("person-not-found");
    expect((await amend({ personId, year: 2021 }))["code"]).toBe("claim-without-work");
    expect((await amend({ personId: (await away(there)).personId, year: 2022 }))["code"]).toBe("claim-of-other");
    const { personId: moved } = await movedHere(there);
    expect((await amend({ personId: moved, year: 2022, on: "2022-04-01" }))["code"]).toBe("claim-registered-elsewhere");
    expect(await amend({ personId, year: 2022, fareFen: 30_000, proofs: ["ticket"] })).toMatchObject({
      status: "draft",
      version: 2,
    });
    await of.spoil(one);
    expect((await amend({ personId, year: 2022, on: "2022-04-01" }, 2))["code"]).toBe("claim-not-eligible");
    await claims.did(office.as("village-officer", there), one.claimId, "voiding", { because: "made-in-error" });
    expect((await amend({ personId, year: 2022 }, 3))["code"]).toBe("claim-state");
    await provokeRefusals(office, claims, of);
  });
});
