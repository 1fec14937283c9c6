import { HouseholdChanged, PersonChanged } from "@shouwang/contract";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { claimsAt, type Funds, load, officesOf, openFunds, provokeRefusals } from "../claim.testing.ts";
import { type Office, startOffice, village } from "../office.testing.ts";
import { householdState, tellHousehold } from "../people.testing.ts";

const path = "/labour-subsidies";
let office: Office;
let funds: Funds;
let claims: ReturnType<typeof claimsAt>;
beforeAll(async () => {
  office = await startOffice();
  funds = await openFunds(office);
  claims = claimsAt(office, path);
  await load(office, "都人社发〔2022〕12号", { key: "labourSubsidy.rate", value: 30_000, region: "451228000000" });
});
afterAll(async () => {
  await funds.close();
  await office.stop();
});

const county = () => office.as("county-officer", "451228");
let certificates = 0;
/** An employer of the test's township, known by the township's certificate. */
async function employer(more: Record<string, unknown> = {}) {
  certificates += 1;
  const entry = {
    name: "示例合作社",
    kind: "cooperative",
    certificate: `镇证〔2022〕${certificates}号`,
    region: "451228101000",
    ...more,
  };
  const reply = await county().post("/employers", entry);
  expect(reply.status, JSON.stringify(reply.json)).toBe(201);
  return String(reply.json["employerId"]);
}
/** Somebody of a lifted household at work in the own county since January. */
async function atWork(told: Parameters<typeof tellHousehold>[1] = {}, work: Record<string, unknown> = {}) {
  const one = await tellHousehold(office, told);
  const entry = {
    personId: one.member.personId,
    place: "451228",
    channel: "enterprise",
    source: "employer-roll",
    from: "2022-01-01",
    ...work,
  };
  const reply = await office.as("village-officer", village).post("/work-records", entry);
  expect(reply.status, JSON.stringify(reply.json)).toBe(201);
  return { ...one, personId: one.member.personId };
}
/** Somebody who was registered in another county until today. */
async function movedHere() {
  const [from, to] = ["451202001001", village];
  const { householdId, member } = await tellHousehold(office, { household: { region: from }, person: { region: from } });
  await office.publish([
    HouseholdChanged.of(householdId, 2, to, householdState(householdId, { region: to })),
    PersonChanged.of(member.personId, 2, to, { ...member.state, region: to }),
  ]);
  await office.settled();
  return member.personId;
}
const paidWage = { wageFen: 250_000, wageProof: "bank-statement" };
const batch = async (employerId: string, month: string, ...people: string[]) =>
  (
    await office.as("village-officer", village).post("/labour-subsidy-batches", {
      ...{ employerId, month, workers: people.map((personId) => ({ personId, ...paidWage })) },
    })
  ).json as {
    made: { claimId: string; amountFen: number; outcome: string }[];
    refused: { code: string; reasons: { code: string }[] }[];
  };
const make = (personId: string, employerId: string, month = "2022-05", by = office.as("village-officer", village)) =>
  by.post(path, { personId, employerId, month, ...paidWage });

describe("a labour subsidy", () => {
  test("is claimed by employer and month, and who cannot have it is told why", async () => {
    const workshop = await employer();
    const [steady, other] = [await atWork(), await atWork({}, { from: "2022-05-20" })];
    const abroad = await atWork({}, { place: "4403" });
    const { made, refused } = await batch(workshop, "2022-05", steady.personId, other.personId, abroad.personId, uuidv7());
    expect(made).toEqual([expect.objectContaining({ personId: steady.personId, amountFen: 30_000, outcome: "eligible" })]);
    expect(refused.map(({ code, reasons }) => [code, reasons[0]?.code])).toEqual([
      ["claim-not-eligible", "month-too-short"],
      ["claim-not-eligible", "month-too-short"],
      ["person-not-found", undefined],
    ]);
    // A month is paid once, whoever the person worked for in it.
    expect((await batch(await employer(), "2022-05", steady.personId)).refused).toEqual([
      expect.objectContaining({ code: "claim-exists" }),
    ]);
    const own = await employer({ ownerHouseholdId: steady.householdId });
    expect((await batch(own, "2022-06", steady.personId)).refused[0]?.reasons[0]?.code).toBe("own-household");
  });

  test("gets through for six months of a year and no more, however many are approved at once; one got back makes room", async () => {
    const where = await employer();
    const { personId } = await atWork();
    const months = ["01", "02", "03", "04", "05", "06", "07"].map((month) => `2022-${month}`);
    const all: { claimId: string; village: string }[] = [];
    for (const month of months)
      for (const { claimId } of (await batch(where, month, personId)).made) all.push({ claimId, village });
    expect(all).toHaveLength(7);
    await claims.checked(all);
    const approve = (claimId: string) => claims.act(county(), claimId, "approval", { sourceKinds: ["guangdong-cooperation"] });
    const replies = await Promise.all(Array.from({ length: 35 }, (_, n) => approve(all[n % all.length]?.claimId ?? "")));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(6);
    expect(new Set(replies.filter(({ status }) => status !== 200).map(({ json }) => json["code"]))).toEqual(
      new Set(["claim-state", "claim-cap-reached"]),
    );
    const places = async () =>
      Number(
        (
          await office.database.rows<{ n: number }>("select count(*)::int as n from kit.claim_key where key like $1", [
            `["${personId}/2022/%`,
          ])
        )[0]?.n,
      );
    expect(await places()).toBe(6);
    const status = async ({ claimId }: { claimId: string }) => await claims.status(claimId, village);
    const standing = await Promise.all(all.map(async (one) => ({ ...one, status: await status(one) })));
    const [left] = standing.filter((one) => one.status === "township-checked");
    const [first] = standing.filter((one) => one.status === "awaiting-funds");
    if (!left || !first) throw new Error("six of seven were approved");
    await funds.say(first.claimId, "accepted");
    await funds.say(first.claimId, "paid", { paidOn: "2022-09-01" });
    await claims.did(county(), first.claimId, "clawback", { finding: "paid-twice", note: "与人社部门重复" });
    expect((await approve(left.claimId)).json["code"]).toBe("claim-cap-reached");
    await funds.say(first.claimId, "clawed-back", { paidOn: "2022-09-01" });
    expect((await approve(left.claimId)).status).toBe(200);
    expect(await places()).toBe(6);
    const [paid] = (await office.outbox()).filter(
      ({ type, data }) => type === "employment.labour-subsidy.paid.v1" && data["claimId"] === first.claimId,
    );
    expect(paid?.data).toMatchObject({ personId, amountFen: 30_000, status: "paid", paidOn: "2022-09-01" });
    const clauses = (await county().get("/clauses")).json["clauses"] as {
      clause: string;
      indicators: { code: string; value: number }[];
    }[];
    const figures = clauses.find(({ clause }) => clause === "E-09")?.indicators.map(({ code, value }) => [code, value]);
    expect(figures).toContainEqual(["E-09-approved", 1]);
  });

  test("is refused a month that the pay of a post holds, and what else stands in its way is said by its code", async () => {
    const where = await employer();
    const { personId } = await atWork();
    const reply = await make(personId, where);
    const held = { claimId: reply.json["claimId"], village };
    await claims.checked([held]);
    await office.database.rows(
      "insert into kit.claim_key (kind, key, holder) values ('payment:labour-subsidy|public-welfare-post', $1, 'a pay list')",
      [`["${personId}/2022-05"]`],
    );
    expect((await claims.approve(held.claimId, village)).json["code"]).toBe("claim-paid-elsewhere");
    expect((await make(uuidv7(), where)).json["code"]).toBe("person-not-found");
    expect((await make(personId, uuidv7())).json["code"]).toBe("employer-not-found");
    expect((await make(personId, where, "2022-12")).json["code"]).toBe("claim-without-work");
    const moved = await movedHere();
    expect((await make(moved, where)).json["code"]).toBe("claim-registered-elsewhere");
    const third = await atWork({ household: { householdKind: "ordinary-household" } });
    expect((await make(third.personId, where)).json["code"]).toBe("claim-not-eligible");

    const made = new Map<unknown, { personId: string; employerId: string }>();
    const of = {
      make: async (by = office.as("village-officer", village)) => {
        const one = { personId: (await atWork()).personId, employerId: await employer() };
        const answer = await make(one.personId, one.employerId, "2022-05", by);
        expect(answer.status, JSON.stringify(answer.json)).toBe(201);
        made.set(answer.json["claimId"], one);
        return { claimId: answer.json["claimId"], village };
      },
      again: async ({ claimId }: { claimId: unknown }) => {
        const one = made.get(claimId);
        return await make(one?.personId ?? "", one?.employerId ?? "");
      },
      // The employer turns out to have closed before the month was over.
      spoil: async ({ claimId }: { claimId: unknown }) => {
        const closed = await county().post(`/employers/${made.get(claimId)?.employerId}/closing`, { closedOn: "2022-05-30" });
        expect(closed.json).toMatchObject({ status: "closed", closedOn: "2022-05-30" });
      },
    };
    const one = await of.make();
    const amend = async (body: Record<string, unknown>, version = 1) =>
      (await claims.amend(one.claimId, village, version, { ...made.get(one.claimId), month: "2022-05", ...paidWage, ...body }))
        .json;
    expect((await amend({}, 7))["code"]).toBe("version-mismatch");
    expect((await amend({ personId: uuidv7() }))["code"]).toBe("person-not-found");
    expect((await amend({ employerId: uuidv7() }))["code"]).toBe("employer-not-found");
    expect((await amend({ month: "2022-12" }))["code"]).toBe("claim-without-work");
    expect((await amend({ personId: moved }))["code"]).toBe("claim-registered-elsewhere");
    expect((await amend({ month: "2022-06" }))["code"]).toBe("claim-of-other");
    expect(await amend({ wageFen: 260_000 })).toMatchObject({ status: "draft", version: 2 });
    await of.spoil(one);
    expect((await amend({}, 2))["code"]).toBe("claim-not-eligible");
    await claims.did(office.as("village-officer", village), one.claimId, "voiding", { because: "made-in-error" });
    expect((await amend({}, 3))["code"]).toBe("claim-state");
    await provokeRefusals(office, claims, of);
  });
});

test("an employer is registered once, by a code or a certificate, where the officer may, and closes once", async () => {
  const entry = { name: "示例车间", kind: "assistance-workshop", region: "451228101201" };
  const register = (more: Record<string, unknown>, by = county()) => by.post("/employers", { ...entry, ...more });
  expect((await register({})).json).toMatchObject({ errors: [{ pointer: "/creditCode", rule: "code-or-certificate" }] });
  expect((await register({ creditCode: "123" })).json).toMatchObject({ errors: [{ pointer: "/creditCode" }] });
  expect((await register({ certificate: "镇证甲号", region: "451228000000" })).json).toMatchObject({
    errors: [{ pointer: "/region" }],
  });
  expect((await register({ certificate: "镇证甲号", region: "451202001001" })).json["code"]).toBe("outside-area");
  const made = await register({ creditCode: "91451228MA5K00001J" });
  expect(made.json).toMatchObject({ status: "operating", name: "示例车间", creditCode: "91451228MA5K00001J" });
  expect((await register({ creditCode: "91451228MA5K00001J" })).json["code"]).toBe("employer-exists");
  const found = await county().get("/employers?creditCode=91451228MA5K00001J");
  expect(found.json["items"]).toEqual([expect.objectContaining({ employerId: made.json["employerId"] })]);
  const close = () => county().post(`/employers/${made.json["employerId"]}/closing`, { closedOn: "2022-08-01" });
  expect((await close()).status).toBe(200);
  expect((await close()).json["code"]).toBe("employer-not-found");
  expect((await officesOf(office, village).village.get("/employers?status=operating")).status).toBe(200);
});
