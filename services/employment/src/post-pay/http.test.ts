import { PersonChanged } from "@shouwang/contract";
import { until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Funds, openFunds } from "../claim.testing.ts";
import { type Office, startOffice, village } from "../office.testing.ts";
import { anApplicant, anOpenPost, atPost, officesOf, posted } from "../post.testing.ts";
import { payOf } from "./decide.ts";

let office: Office;
let funds: Funds;
beforeAll(async () => {
  office = await startOffice("2022-07-20");
  funds = await openFunds(office);
});
afterAll(async () => {
  await funds.close();
  await office.stop();
});

type At = ReturnType<typeof officesOf>;
const at = (place = village): At => officesOf(office, place);
const idOf = (path: string) => path.split("/").at(-1) ?? "";
const townshipOf = (place: string) => place.slice(0, 9).padEnd(12, "0");
const countyOf = (place: string) => place.slice(0, 6).padEnd(12, "0");
const second = (place = village) => office.as("county-officer", place.slice(0, 6), "second");

/** People at a post of a place from a day on, each of a household of its own. */
async function peopleAtPost(many: number, from: string, post: Record<string, unknown> = {}, place = village) {
  const postId = await anOpenPost(office, { headcount: many, ...post }, place);
  const people = [];
  for (let n = 0; n < many; n += 1) people.push(await anApplicant(office, postId, { household: { region: place } }));
  for (const { path } of people) await posted(office, path, place);
  await office.advance(6);
  for (const { path } of people) await atPost(office, path, { from }, place);
  return people.map(({ path, personId, member }) => ({ holderId: idOf(path), path, personId, state: member.state }));
}
const record = (month: string, rows: { postHolderId: string; units: number }[], place = village) =>
  at(place).village().post(`/post-attendance/${month}`, { rows });
const check = (month: string, place = village, body: Record<string, unknown> = {}) =>
  at(place).township().post(`/post-attendance/${month}/check`, body);
const make = (month: string, region: string, who = at().county()) => who.post("/post-pay-lists", { region, month });
/** The list once its job has left a state. */
async function settled(listId: unknown, from: string, place = village) {
  let list: Record<string, unknown> = {};
  await until(
    async () => {
      list = (await at(place).county().get(`/post-pay-lists/${listId}`)).json;
      return list["status"] !== from;
    },
    { what: `the list to be no more ${from}`, timeoutMs: 60_000 },
  );
  return list;
}
const seenOf = (list: Record<string, unknown>) => ({ lines: list["lines"], amountFen: list["amountFen"] });
const linesOf = async (query: string, place = village) => {
  const { json } = await at(place).county().get(`/post-pays?limit=200&${query}`);
  return json["items"] as {
    claimId: string;
    personId: string;
    days: number;
    amountFen: number;
    status: string;
    because: string | null;
  }[];
};
const told = async (claimId: string) =>
  (await office.outbox())
    .filter(({ subject }) => subject === `post-pay/${claimId}`)
    .map(({ type, sequence, data }) => `${type.split(".")[2]} ${sequence} ${data["status"]}`);

test("a month at the posts: attendance recorded and checked by two, one list, approved by a third, each line paid by funds", async () => {
  const people = await peopleAtPost(3, "2022-07-01", { from: "2022-01-01" });
  const [full, half, unchecked] = people.map(({ holderId }) => holderId) as [string, string, string];
  const wrong = await record("2022-07", [
    { postHolderId: full, units: 32 },
    { postHolderId: uuidv7(), units: 1 },
  ]);
  expect(wrong.json).toMatchObject({ errors: [{ pointer: "/rows/0/units" }, { pointer: "/rows/1/postHolderId" }] });
  expect((await record("2023-07", [{ postHolderId: full, units: 1 }])).json["code"]).toBe("invalid-input");
  const twice = [
    { postHolderId: full, units: 1 },
    { postHolderId: full, units: 2 },
  ];
  expect((await record("2022-07", twice)).json).toMatchObject({ errors: [{ rule: "once-each" }] });
  expect(
    (
      await record("2022-07", [
        { postHolderId: full, units: 24 },
        { postHolderId: half, units: 9 },
      ])
    ).json["recorded"],
  ).toBe(2);
  expect((await record("2022-07", [{ postHolderId: half, units: 10 }])).json["recorded"]).toBe(1);
  const open = async () => ((await at().village().get("/post-attendance/2022-07?open=true")).json["items"] as unknown[]).length;
  expect(await open()).toBe(3);
  expect((await check("2022-07")).json).toEqual({ month: "2022-07", checked: 2, own: 0 });
  expect((await record("2022-07", [{ postHolderId: half, units: 11 }])).json["code"]).toBe("attendance-settled");
  const self = office.as("township-officer", village.slice(0, 9), "self");
  await self.post("/post-attendance/2022-07", { rows: [{ postHolderId: unchecked, units: 22 }] });
  expect((await self.post("/post-attendance/2022-07/check", {})).json["code"]).toBe("same-person-twice");
  const reopen = (id: string) =>
    at()
      .township()
      .post("/post-attendance/2022-07/reopening", { postHolderIds: [id] });
  expect((await reopen(half)).json).toMatchObject({ reopened: 1 });
  await record("2022-07", [{ postHolderId: half, units: 11 }]);
  await check("2022-07", village, { postHolderIds: [half] });

  expect((await make("2022-07", countyOf(village))).json).toMatchObject({ errors: [{ pointer: "/month" }] });
  await office.advance(10);
  expect((await make("2022-07", village)).json).toMatchObject({ errors: [{ pointer: "/region" }] });
  expect((await make("2022-07", "451229000000")).json["code"]).toBe("outside-area");
  expect((await make("2022-07", "451299000000")).json["code"]).toBe("unknown-division");
  const made = await make("2022-07", townshipOf(village), at().township());
  expect(made.status, JSON.stringify(made.json)).toBe(202);
  const path = `/post-pay-lists/${made.json["listId"]}`;
  expect((await make("2022-07", townshipOf(village), at().township())).json["code"]).toBe("post-pay-list-exists");
  const list = await settled(made.json["listId"], "generating");
  const halfPay = payOf({ mode: "monthly", rateFen: 80_000, unitsPerMonth: 22 }, 11);
  expect(list).toMatchObject({ status: "generated", lines: 2, amountFen: 80_000 + halfPay, held: 0, missing: 1, withoutPay: 0 });
  expect((await reopen(half)).json["code"]).toBe("attendance-settled");
  const seen = seenOf(list);
  expect((await at().village().post(`${path}/check`, seen)).json["code"]).toBe("role-not-allowed");
  expect((await second().post(`${path}/check`, { ...seen, lines: 3 })).json["code"]).toBe("post-pay-list-changed");
  const approval = { ...seen, document: "都人社发〔2022〕40号" };
  expect((await second().post(`${path}/approval`, approval)).json["code"]).toBe("post-pay-list-state");
  expect((await second().post(`${path}/check`, seen)).json).toMatchObject({ status: "checked" });
  expect((await second().post(`${path}/check`, seen)).json["code"]).toBe("post-pay-list-state");
  expect((await second().post(`${path}/approval`, approval)).json["code"]).toBe("same-person-twice");
  expect((await second().post(`${path}/renewal`, {})).json["code"]).toBe("post-pay-list-state");
  expect((await second().post(`${path}/cancellation`, {})).json["code"]).toBe("post-pay-list-state");
  expect((await at().village().post(`${path}/return`, { because: "other" })).json["code"]).toBe("role-not-allowed");
  expect((await second().post(`${path}/return`, { because: "attendance" })).json).toMatchObject({ status: "generated" });
  expect((await second().post(`${path}/return`, { because: "attendance" })).json["code"]).toBe("post-pay-list-state");
  // Where the work on a list ends before it is through, somebody asks for it anew.
  const stall = (set: string) =>
    office.database.rows(`with stalled as (update employment.post_pay_list set ${set} where id = '${made.json["listId"]}' returning job_id)
      update kit.job set state = 'failed' where id = (select job_id from stalled)`);
  await stall("status = 'generating'");
  expect((await second().post(`${path}/renewal`, {})).status).toBe(202);
  expect(seenOf(await settled(made.json["listId"], "generating"))).toEqual(seen);
  expect((await second().post(`${path}/check`, seen)).status).toBe(200);
  expect((await at().village().post(`${path}/approval`, approval)).json["code"]).toBe("role-not-allowed");
  const third = office.as("county-officer", "451228", "third");
  expect((await third.post(`${path}/approval`, { ...approval, amountFen: 1 })).json["code"]).toBe("post-pay-list-changed");
  await stall("status = 'approving', approved_by = 'shouwang|somebody-else', document = 'x'");
  expect((await third.post(`${path}/approval`, { ...approval, lines: 1 })).json["code"]).toBe("post-pay-list-changed");
  expect((await third.post(`${path}/approval`, approval)).status).toBe(202);
  expect(await settled(made.json["listId"], "approving")).toMatchObject({ status: "approved", ...seen, rejected: 0 });

  const [one, two] = await linesOf(`listId=${made.json["listId"]}`);
  if (!one || !two) throw new Error("the list has two lines");
  expect([one.status, two.status]).toEqual(["awaiting-funds", "awaiting-funds"]);
  const [request] = await funds.asked(one.claimId);
  expect(request).toMatchObject({
    claim: "post-pay",
    purposeCode: "public-welfare-post",
    periodKey: "2022-07",
    amountFen: one.amountFen,
  });
  expect(request?.sourceKinds).toEqual(["bridging-fund-county"]);
  expect(request?.submitter).not.toBe(request?.approver);
  const act = (claimId: string, what: string, body: unknown) => at().county().post(`/post-pays/${claimId}/${what}`, body);
  const clawback = { finding: "false-attendance" };
  expect((await act(one.claimId, "clawback", clawback)).json["code"]).toBe("claim-state");
  expect((await act(one.claimId, "resending", { mended: "account" })).json["code"]).toBe("claim-state");
  await funds.say(one.claimId, "accepted");
  await funds.say(one.claimId, "returned", { returnedBecause: "account-closed" });
  expect((await linesOf("status=payment-returned"))[0]).toMatchObject({ claimId: one.claimId, because: "account-closed" });
  expect((await act(one.claimId, "resending", { mended: "account" })).json).toMatchObject({ status: "awaiting-funds" });
  await funds.say(one.claimId, "paid", { paidOn: "2022-08-20" });
  expect((await act(one.claimId, "rejection", { because: "other" })).json["code"]).toBe("claim-state");
  expect((await act(one.claimId, "clawback", clawback)).json).toMatchObject({ status: "clawback-due" });
  await funds.say(one.claimId, "clawed-back");
  expect(await told(one.claimId)).toEqual(["approved 1 awaiting-funds", "paid 2 paid", "clawed-back 3 clawed-back"]);
  expect((await act(two.claimId, "rejection", { because: "made-in-error" })).json).toMatchObject({ status: "withdrawing" });
  await funds.say(two.claimId, "withdrawn");
  expect(await told(two.claimId)).toEqual(["approved 1 awaiting-funds", "rejected 2 rejected"]);
  await funds.sayAllAgain();
  expect(await told(one.claimId)).toHaveLength(3);
  for (const [what, body] of [
    ["rejection", { because: "other" }],
    ["clawback", clawback],
    ["resending", { mended: "money" }],
  ] as const)
    expect((await act(uuidv7(), what, body)).json["code"]).toBe("claim-not-found");

  // The month's later list: who was missing, and who may be paid again since theirs came to nothing.
  await check("2022-07");
  const again = await make("2022-07", countyOf(village));
  expect(await settled(again.json["listId"], "generating")).toMatchObject({ lines: 3, missing: 0 });
  expect((await at().county().post(`/post-pay-lists/${again.json["listId"]}/renewal`, {})).status).toBe(202);
  expect(await settled(again.json["listId"], "generating")).toMatchObject({ lines: 3, version: 4 });
  expect((await at().county().post(`/post-pay-lists/${again.json["listId"]}/cancellation`, {})).json).toMatchObject({
    status: "cancelled",
  });
  expect(await linesOf(`listId=${again.json["listId"]}`)).toEqual([]);
});

test("a list of another area is nobody's to see or decide", async () => {
  const path = `/post-pay-lists/${uuidv7()}`;
  const seen = { lines: 0, amountFen: 0 };
  const steps = [
    ...([
      ["renewal", {}],
      ["check", seen],
      ["return", { because: "other" }],
    ] as const),
    ...([
      ["approval", { ...seen, document: "1号" }],
      ["cancellation", {}],
    ] as const),
  ];
  const replies = await Promise.all(steps.map(([step, body]) => at().county().post(`${path}/${step}`, body)));
  replies.push(await at().county().get(path));
  expect(new Set(replies.map(({ json }) => json["code"]))).toEqual(new Set(["post-pay-list-not-found"]));
});

test("days of rest and days found to be spent away are not paid, a doubt holds the line, and a rate above the month's ceiling too", async () => {
  // A county of its own, whose class of minimum wage changes.
  const there = "451202001001";
  const month = office.today().slice(0, 7);
  const from = `${month}-01`;
  const people = await peopleAtPost(4, from, { mode: "monthly", unitsPerMonth: 31 }, there);
  const [rests, doubted, away, costly] = people;
  if (!rests || !doubted || !away || !costly) throw new Error("four people are at the post");
  const day = (n: number) => `${month}-${String(n).padStart(2, "0")}`;
  await office.advance(31);
  const rest = at(there).village();
  await rest.post(`${rests.path}/suspension`, { from: day(5), because: "sick" });
  await rest.post(`${rests.path}/resumption`, { from: day(15) });
  const work = { place: "4403", channel: "own-search", source: "home-visit", endedBecause: "family" };
  for (const { personId } of [doubted, away])
    await rest.post("/work-records", { personId, ...work, from: day(11), until: day(20) });
  const { json } = await at(there).township().get("/post-overlaps?open=true");
  const doubt = (json["items"] as { personId: string; overlapId: string }[]).find((one) => one.personId === away.personId);
  await at(there).township().post(`/post-overlaps/${doubt?.overlapId}/settlement`, { outcome: "true-as-recorded" });
  const monthDays = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).getUTCDate();
  await record(
    month,
    people.map(({ holderId }) => ({ postHolderId: holderId, units: monthDays })),
    there,
  );
  await check(month, there);
  const made = await make(month, townshipOf(there), at(there).township());
  const list = await settled(made.json["listId"], "generating", there);
  expect(list).toMatchObject({ lines: 3, held: 1, missing: 0 });
  const lines = await linesOf(`listId=${list["listId"]}`, there);
  const lineOf = ({ personId }: { personId: string }) => lines.find((line) => line.personId === personId);
  const terms = { mode: "monthly", rateFen: 80_000, unitsPerMonth: 31 } as const;
  expect(lineOf(rests)).toMatchObject({ days: monthDays - 10, amountFen: payOf(terms, monthDays - 10), status: "listed" });
  expect(lineOf(away)).toMatchObject({ days: monthDays - 10, amountFen: payOf(terms, monthDays - 10) });
  expect(lineOf(doubted)).toMatchObject({
    status: "held",
    because: "post-overlaps-work-away",
    amountFen: payOf(terms, monthDays),
  });
  // A doubt that comes up after the list was checked holds its line at the approval, and a month granted elsewhere is refused there.
  const path = `/post-pay-lists/${list["listId"]}`;
  await second(there).post(`${path}/check`, seenOf(list));
  await rest.post("/work-records", { personId: costly.personId, ...work, from: day(11), until: day(20) });
  await office.database.rows("insert into kit.claim_key (kind, key, holder) values ($1, $2, 'a subsidy')", [
    ...["payment:labour-subsidy|public-welfare-post", JSON.stringify([`${rests.personId}/${month}`])],
  ]);
  await at(there)
    .county()
    .post(`${path}/approval`, { ...seenOf(list), document: "金人社发〔2022〕1号" });
  const approved = await settled(list["listId"], "approving", there);
  expect(approved).toMatchObject({ status: "approved", lines: 1, amountFen: payOf(terms, monthDays - 10), held: 2, rejected: 1 });
  expect((await linesOf("status=rejected", there))[0]).toMatchObject({ personId: rests.personId, because: "paid-elsewhere" });
  // The next list looks at what waited anew; the county's wage has fallen below the rate meanwhile.
  for (const { overlapId } of (await at(there).township().get("/post-overlaps?open=true")).json["items"] as {
    overlapId: string;
  }[])
    await at(there).township().post(`/post-overlaps/${overlapId}/settlement`, { outcome: "not-true" });
  const wage = { region: countyOf(there), key: "minimumWage.class", value: "class-3", validFrom: "2022-01-01", validTo: null };
  const low = { region: "450000000000", key: "minimumWage.class3", value: 50_000, validFrom: from, validTo: null };
  await office.as("region-officer", "45").post("/loadings", { document: "桂政发〔2022〕1号", rows: [wage, low] });
  const later = await make(month, countyOf(there), at(there).county());
  expect(await settled(later.json["listId"], "generating", there)).toMatchObject({ lines: 0, held: 3 });
  expect(new Set((await linesOf(`listId=${later.json["listId"]}`, there)).map(({ because }) => because))).toEqual(
    new Set(["above-ceiling"]),
  );
});

test("a voided record holds nothing, and one that went with its person to another county holds the month", async () => {
  const there = "451022100001";
  const month = office.today().slice(0, 7);
  const people = await peopleAtPost(2, `${month}-01`, {}, there);
  const [stays, moves] = people;
  if (!stays || !moves) throw new Error("two people are at the post");
  await office.advance(31);
  const work = { place: "4403", channel: "own-search", source: "home-visit", from: `${month}-11`, until: `${month}-20` };
  const recorded = [];
  for (const { personId } of people)
    recorded.push(
      (
        await at(there)
          .village()
          .post("/work-records", { personId, ...work, endedBecause: "family" })
      ).json,
    );
  const voided = await fetch(`${office.ward.url}/api/v1/employment/work-records/${recorded[0]?.["workRecordId"]}/voiding`, {
    method: "POST",
    headers: {
      authorization: await office.bearer("township-officer", there.slice(0, 9)),
      ...{ "content-type": "application/json", "if-match": '"1"', "idempotency-key": uuidv7() },
    },
    body: JSON.stringify({ reason: "登记错误" }),
  });
  expect(voided.status).toBe(200);
  const away = "451229100201";
  const state = { ...moves.state, region: away };
  await office.publish([PersonChanged.of(moves.personId, 2, away, state)]);
  await office.settled();
  const rows = people.map(({ holderId }) => ({ postHolderId: holderId, units: 22 }));
  await record(month, rows, there);
  await check(month, there);
  const made = await make(month, townshipOf(there), at(there).township());
  const list = await settled(made.json["listId"], "generating", there);
  expect(list).toMatchObject({ lines: 1, amountFen: 80_000, held: 1 });
  expect(await linesOf(`listId=${list["listId"]}&status=listed`, there)).toMatchObject([{ personId: stays.personId }]);
});

test("thousands of holders are one list: each once, the sum exact, by whatever posts and days", async () => {
  const many = 2_500;
  const there = "451203001001";
  await office.database.rows(
    `with post as (insert into employment.public_welfare_post (id, region, kind, mode, source, headcount, rate_fen, units_per_month, standard_fen, from_date, status, secret, planned_by)
       select ('018f0000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, $2, 'cleaning', case n % 2 when 0 then 'monthly' else 'daily' end, 'bridging-fund-county', 9999,
         1000 * n + 7, 20 + n % 5, (1000 * n + 7) * case n % 2 when 0 then 1 else 20 + n % 5 end, '2022-01-01', 'open', '\\x00', 'test'
       from generate_series(1, 6) n returning *),
     term as (insert into employment.post_term (post_id, n, region, from_date, headcount, rate_fen, units_per_month, standard_fen, state, document)
       select id, 1, region, from_date, headcount, rate_fen, units_per_month, standard_fen, 'confirmed', 'test' from post),
     holder as (insert into employment.post_holder (id, post_id, person_id, household_id, region, ground, priority, applied_on, status, agreement_no, insurance, from_date, agreement_until)
       select ('018f0000-0000-7000-a000-' || lpad(to_hex(n), 12, '0'))::uuid, ('018f0000-0000-7000-9000-' || lpad(to_hex(1 + n % 6), 12, '0'))::uuid,
         ('018f0000-0000-7000-b000-' || lpad(to_hex(n), 12, '0'))::uuid, ('018f0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, $2, 'other', 4,
         '2022-01-01', 'active', '1', 'both', '2022-01-01', '2023-12-31' from generate_series(1, $1::int) n returning *)
     insert into employment.post_attendance (holder_id, month, person_id, household_id, region, units, recorded_by, recorded_on, checked_by, checked_on)
       select id, '2022-06', person_id, household_id, region, ('x' || right(id::text, 4))::bit(16)::int % 25, 'a', '2022-07-01', 'b', '2022-07-02' from holder`,
    [many, there],
  );
  const rows = await office.database.rows<{ mode: "monthly" | "daily"; rate: number; units_per_month: number; units: number }>(
    `select p.mode, p.rate_fen::int as rate, p.units_per_month, a.units from employment.post_attendance a join employment.post_holder h on h.id = a.holder_id
     join employment.public_welfare_post p on p.id = h.post_id where a.region = $1`,
    [there],
  );
  const pays = rows.map(({ mode, rate, units_per_month, units }) =>
    payOf({ mode, rateFen: rate, unitsPerMonth: units_per_month }, units),
  );
  const paid = pays.filter((fen) => fen > 0);
  const made = await make("2022-06", countyOf(there), at(there).county());
  const list = await settled(made.json["listId"], "generating", there);
  const sum = paid.reduce((total, fen) => total + fen, 0);
  expect(list).toMatchObject({ lines: paid.length, amountFen: sum, withoutPay: many - paid.length, held: 0, missing: 0 });
  await second(there).post(`/post-pay-lists/${list["listId"]}/check`, seenOf(list));
  await at(there)
    .county()
    .post(`/post-pay-lists/${list["listId"]}/approval`, { ...seenOf(list), document: "宜人社发〔2022〕1号" });
  expect(await settled(list["listId"], "approving", there)).toMatchObject({
    status: "approved",
    lines: paid.length,
    amountFen: sum,
  });
  const [asked] = await office.database.rows<{ n: number; sum: number; people: number }>(
    `select count(*)::int as n, sum(amount_fen)::int as sum, count(distinct person_id)::int as people from kit.payment_request where region = $1`,
    [there],
  );
  expect(asked).toEqual({ n: paid.length, sum, people: paid.length });
});
