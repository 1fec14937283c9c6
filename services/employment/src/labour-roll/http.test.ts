import { PersonErased, ProjectStarted, type ProjectState } from "@shouwang/contract";
import { fakeSource, type Source } from "@shouwang/service-kit/testing/source";
import { until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { z } from "zod";
import { type Office, offices, startOffice, village } from "../office.testing.ts";
import { tellHousehold } from "../people.testing.ts";
import { type Cells, csv, listFile, refusedRows } from "../work-import/import.testing.ts";

let office: Office;
let funds: Source;
beforeAll(async () => {
  office = await startOffice();
  funds = await fakeSource(office.broker.url, "funds");
});
afterAll(async () => {
  await funds.close();
  await office.stop();
});

const inVillage = () => office.as(...offices.village);
const inCounty = (subject?: string) => office.as("county-officer", "451228", subject);
const july = { from: "2022-07-01", until: "2022-07-31" };
const open = async (projectId: string, more: Record<string, unknown> = {}) =>
  await inVillage().post("/labour-periods", { projectId, region: village, ...july, ...more });
const account = "6228480402564890018";
const tellProject = async (projectId: string, more: Partial<z.input<typeof ProjectState>> = {}) => {
  // Safe: the declaration parses its own example.
  const state = { ...(ProjectStarted.about.example as z.input<typeof ProjectState>), projectId, region: village, ...more };
  await funds.publish(funds.envelope(ProjectStarted.of(projectId, 1, state.region, state)));
  await until(
    async () => (await office.database.rows("select from employment.project where id = $1", [projectId])).length === 1,
    {
      what: "the project",
      timeoutMs: 30_000,
    },
  );
};
const told = async (labourRollId: unknown) =>
  (await office.outbox()).filter(({ subject }) => subject === `labour-roll/${labourRollId}`);

test("a roll runs from days to signature, posting, pay and verification; what did not arrive stands apart, and every change is told", async () => {
  const projectId = uuidv7();
  await tellProject(projectId);
  const [lifted, ordinary] = [
    await tellHousehold(office),
    await tellHousehold(office, { household: { householdKind: "ordinary-household" } }),
  ];
  const { json: period } = await open(projectId);
  const path = `/labour-periods/${period["periodId"]}`;
  expect(period).toMatchObject({ status: "open", worked: false, ...july });
  const enter = (personId: string, more: Record<string, unknown> = {}) =>
    inVillage().post(`${path}/lines`, { personId, days: 20, rateFen: 16_000, ...more });
  expect((await inVillage().post(`${path}/posting`, {})).json["code"]).toBe("labour-roll-unsigned");
  expect((await enter(lifted.member.personId, { account })).json).toMatchObject({
    totals: { persons: 1, earnedFen: 0, unsigned: 1 },
  });
  expect((await inVillage().post(`${path}/posting`, {})).json["code"]).toBe("labour-roll-unsigned");
  const signed = { signedOn: "2022-08-01" };
  await enter(lifted.member.personId, signed);
  expect((await enter(ordinary.member.personId, { ...signed, days: 10, rateFen: 15_000 })).json).toMatchObject({
    worked: true,
    totals: { persons: 2, targetPersons: 1, targetShare: { numerator: 1, denominator: 2 }, days: 30, earnedFen: 470_000 },
  });
  expect((await enter(lifted.member.personId, { days: 32 })).json).toMatchObject({ errors: [{ pointer: "/days" }] });
  expect((await enter(lifted.member.personId, { account: "12" })).json).toMatchObject({ errors: [{ pointer: "/account" }] });
  expect((await enter(uuidv7())).json["code"]).toBe("person-not-found");

  const lines = async (more = "") =>
    // Safe: the reply's own schema.
    (await inVillage().get(`/labour-lines?periodId=${period["periodId"]}${more}`)).json["items"] as Record<string, unknown>[];
  expect(await lines()).toMatchObject([{ name: "韦*明", account: expect.stringContaining("0018"), amountFen: 320_000 }, {}]);
  expect(JSON.stringify(await lines())).not.toContain(account);
  expect((await inVillage().post(`${path}/posting`, {})).json).toMatchObject({ status: "posted", postedUntil: "2022-08-20" });
  expect((await enter(lifted.member.personId)).json["code"]).toBe("labour-period-state");
  expect((await inVillage().post(`${path}/posting`, {})).json["code"]).toBe("labour-period-state");
  const [first, second] = (await lines()).map(({ lineId }) => lineId);
  const pay = (more: Record<string, unknown>[], on = "2022-08-15", who = inCounty("payer")) =>
    who.post(`${path}/payments`, { paidOn: on, lines: more });
  const all = { lineId: first, paidFen: 320_000 };
  expect((await pay([all])).json["code"]).toBe("labour-roll-still-posted");
  await office.advance(6);
  expect((await pay([all], "2022-08-22")).json).toMatchObject({ errors: [{ pointer: "/paidOn" }] });
  const wrong = await pay([all, { lineId: second, paidFen: 1 }, { lineId: uuidv7(), paidFen: 1 }]);
  expect(wrong.json["errors"]).toMatchObject([{ pointer: "/lines/1/paidFen" }, { pointer: "/lines/2/lineId" }]);
  const none = { lineId: second, paidFen: 0, because: "account-wrong" };
  expect((await pay([all, none])).json).toMatchObject({ status: "posted", totals: { paidFen: 320_000, unpaidFen: 150_000 } });
  expect(await lines("&unpaid=true")).toMatchObject([{ lineId: second, unpaidBecause: "account-wrong", paidOn: null }]);
  expect((await inCounty().post(`${path}/verification`, {})).json["code"]).toBe("labour-period-state");

  const roll = (await inCounty().get(`/labour-rolls/${period["labourRollId"]}`)).json;
  expect(roll).toMatchObject({
    projectId,
    project: {
      payBaseFen: 150_000_000,
      payShare: { numerator: 320_000, denominator: 150_000_000 },
      leastShare: { numerator: 15 },
    },
    periods: [{ status: "posted" }],
  });
  const rolls = (await inCounty().get(`/labour-rolls?projectId=${projectId}`)).json["items"];
  expect(rolls).toMatchObject([{ totals: { unpaidFen: 150_000 } }]);
  // The account is put right by whoever pays: the line's own account is entered while the roll is open, so a new period pays the rest.
  expect((await told(period["labourRollId"])).map(({ sequence }) => Number(sequence))).toEqual([1, 2, 3, 4, 5, 6]);
  expect((await told(period["labourRollId"])).at(-1)).toMatchObject({
    type: "employment.labour-roll.totalled.v1",
    data: { projectId, persons: 2, targetPersons: 1, days: 30, earnedFen: 470_000, paidFen: 320_000, status: "posted" },
  });

  const { json: august } = await open(projectId, { from: "2022-08-01", until: "2022-08-21" });
  const next = `/labour-periods/${august["periodId"]}`;
  expect((await open(projectId, { from: "2022-08-21", until: "2022-09-30" })).json["code"]).toBe("labour-period-overlaps");
  await inVillage().post(`${next}/lines`, {
    ...{ personId: lifted.member.personId, days: 5, rateFen: 16_000, account, signedOn: "2022-08-21" },
  });
  const remove = (personId: string, at = next) =>
    fetch(`${office.ward.url}/api/v1/employment${at}/lines/${personId}`, { method: "DELETE", headers: headers.value });
  const headers = { value: { authorization: await office.bearer(...offices.village), "idempotency-key": uuidv7() } };
  const codeOf = async (response: Response) => Object(await response.json())["code"];
  expect(await codeOf(await remove(ordinary.member.personId))).toBe("person-not-found");
  expect(await codeOf(await remove(ordinary.member.personId, path))).toBe("labour-period-state");
  expect(await codeOf(await remove(ordinary.member.personId, `/labour-periods/${uuidv7()}`))).toBe("labour-period-not-found");
  await inVillage().post(`${next}/posting`, {});
  await office.advance(6);
  const [line] = (await inVillage().get(`/labour-lines?periodId=${august["periodId"]}`)).json["items"] as { lineId: string }[];
  const paid = await inCounty("payer").post(`${next}/payments`, {
    paidOn: "2022-08-27",
    lines: [{ lineId: line?.lineId, paidFen: 80_000 }],
  });
  expect(paid.json).toMatchObject({ status: "paid", totals: { unpaidFen: 0 } });
  expect((await inCounty("payer").post(`${next}/verification`, {})).json["code"]).toBe("same-person-twice");
  expect((await inCounty("another").post(`${next}/verification`, {})).json).toMatchObject({ status: "verified" });

  await office.tell(PersonErased.of(lifted.member.personId, 1, village, { personId: lifted.member.personId }));
  await until(
    async () => {
      const kept = "select from employment.labour_line where person_id = $1 and secret is not null";
      return (await office.database.rows(kept, [lifted.member.personId])).length === 0;
    },
    { what: "the account to be gone", timeoutMs: 30_000 },
  );
});

test("a roll whose every period is verified is verified itself", async () => {
  const { member } = await tellHousehold(office);
  const { json: period } = await open(uuidv7());
  const path = `/labour-periods/${period["periodId"]}`;
  await inVillage().post(`${path}/lines`, { personId: member.personId, days: 1, rateFen: 100, account, signedOn: "2022-08-01" });
  await inVillage().post(`${path}/posting`, {});
  await office.advance(6);
  const [line] = (await inVillage().get(`/labour-lines?periodId=${period["periodId"]}`)).json["items"] as { lineId: string }[];
  await inCounty("payer").post(`${path}/payments`, { paidOn: "2022-08-02", lines: [{ lineId: line?.lineId, paidFen: 100 }] });
  expect((await inCounty("other").post(`${path}/verification`, {})).status).toBe(200);
  expect((await told(period["labourRollId"])).at(-1)).toMatchObject({
    type: "employment.labour-roll.verified.v1",
    data: { paidFen: 100, status: "verified" },
  });
});

test("a project that is no work-for-relief, elsewhere or of nobody's area has no roll here", async () => {
  const [tender, elsewhere, kept] = [uuidv7(), uuidv7(), uuidv7()];
  await tellProject(tender, { mode: "tender" });
  await tellProject(elsewhere, { region: "451228101202" });
  expect((await open(tender)).json["code"]).toBe("project-not-work-for-relief");
  expect((await open(elsewhere)).json).toMatchObject({ errors: [{ pointer: "/region", rule: "project-elsewhere" }] });
  expect((await open(kept, { region: "451229100001" })).json["code"]).toBe("outside-area");
  expect((await open(kept, { region: "450000000000" })).json["code"]).toBe("unknown-division");
  expect((await open(kept, { until: "2022-06-30" })).json).toMatchObject({ errors: [{ pointer: "/until" }] });
  const { json } = await open(kept);
  const away = office.as("county-officer", "451229");
  expect((await away.get(`/labour-rolls/${json["labourRollId"]}`)).json["code"]).toBe("labour-roll-not-found");
  expect((await away.get(`/labour-periods/${json["periodId"]}`)).json["code"]).toBe("labour-period-not-found");
  const there = await office
    .as("village-officer", "451229100001")
    .post("/labour-periods", { projectId: kept, region: "451229100001", ...july });
  expect(there.json).toMatchObject({ errors: [{ rule: "project-elsewhere" }] });
  const gone = `/labour-periods/${uuidv7()}`;
  for (const [at, body] of [
    ["lines", { personId: uuidv7(), days: 1, rateFen: 1 }],
    ["posting", {}],
  ] as const)
    expect((await inVillage().post(`${gone}/${at}`, body)).json["code"]).toBe("labour-period-not-found");
  expect(
    (await inCounty().post(`${gone}/payments`, { paidOn: "2022-08-01", lines: [{ lineId: uuidv7(), paidFen: 1 }] })).json["code"],
  ).toBe("labour-period-not-found");
  expect((await inCounty().post(`${gone}/verification`, {})).json["code"]).toBe("labour-period-not-found");
  const path = `/labour-periods/${json["periodId"]}`;
  const pay = { paidOn: "2022-08-01", lines: [{ lineId: uuidv7(), paidFen: 1 }] };
  expect((await inCounty().post(`${path}/payments`, pay)).json["code"]).toBe("labour-period-state");
  const newborn = await tellHousehold(office, { person: { householdId: null, status: "died", since: "2015-01-01" } });
  const line = { personId: newborn.member.personId, days: 1, rateFen: 1 };
  expect((await inVillage().post(`${path}/lines`, line)).json["code"]).toBe("no-member-on-the-day");
});

test("a list of days is taken in whole: who is wrong comes back with the reason, and a roll that hangs takes no more", async () => {
  const [one, two] = [await tellHousehold(office), await tellHousehold(office)];
  const { json: period } = await open(uuidv7());
  const path = `/labour-periods/${period["periodId"]}`;
  const row = (number: string, more: Cells = {}): Cells => ({
    ...{
      姓名: "韦大明",
      身份证号: number,
      出工天数: "20",
      "日工资(元)": "160",
      应发金额: "3200",
      银行卡号: account,
      签字日期: "20220801",
      ...more,
    },
  });
  const send = async (content: Buffer, more: Record<string, string> = {}, at = path) => {
    const form = new FormData();
    for (const [key, value] of Object.entries({ document: "定福村名册第1期", dataDate: "2022-08-10", ...more }))
      form.set(key, value);
    form.set("file", new File([new Uint8Array(content)], "韦大明.xlsx"));
    return await office.as(...offices.county).post(`${at}/imports`, form);
  };
  const take = async (content: Buffer, more: Record<string, string> = {}) => {
    const sent = await send(content, more);
    expect(sent.status, JSON.stringify(sent.json)).toBe(202);
    const read = async () => (await office.as(...offices.county).get(`/labour-imports/${sent.json["importId"]}`)).json;
    return await until(async () => ((await read())["state"] === "done" ? await read() : undefined), { timeoutMs: 30_000 });
  };
  const good = await listFile([row(one.member.identityNumber)]);
  expect(await take(good, { dryRun: "true" })).toMatchObject({ totals: { rows: 1, taken: 1, refused: 0 } });
  expect((await inVillage().get(path)).json).toMatchObject({ totals: { persons: 0 } });
  const mixed = await take(
    await listFile([
      row(one.member.identityNumber),
      row(one.member.identityNumber),
      row(two.member.identityNumber, { 应发金额: "3201" }),
      row(two.member.identityNumber, { 姓名: "覃小花" }),
      row("11010519491231002X"),
      row(two.member.identityNumber, { 出工天数: "40", 银行卡号: "1", 应发金额: "" }),
    ]),
  );
  expect(mixed).toMatchObject({ totals: { rows: 6, taken: 1, refused: 5 } });
  // Safe: the progress is what the reply's schema lets through.
  const reasons = (await refusedRows(office, mixed as unknown as Parameters<typeof refusedRows>[1])).map(
    (cells) => cells["问题"],
  );
  expect(reasons).toEqual([
    "名册中有同一人的两行",
    "应发金额:不等于天数×日工资",
    expect.stringContaining("姓名"),
    expect.stringContaining("没有此证件号码"),
    expect.stringMatching(/银行账号:.*；出工天数/),
  ]);
  expect((await inVillage().get(path)).json).toMatchObject({ worked: true, totals: { persons: 1, earnedFen: 320_000 } });
  await take(await listFile([row(one.member.identityNumber, { 出工天数: "21", 应发金额: "3360", 银行卡号: "" })]));
  expect((await inVillage().get(path)).json).toMatchObject({ totals: { persons: 1, days: 21, earnedFen: 336_000 } });
  await inVillage().post(`${path}/posting`, {});
  expect((await send(good)).json["code"]).toBe("labour-period-state");
  expect((await send(good, {}, `/labour-periods/${uuidv7()}`)).json["code"]).toBe("labour-period-not-found");
  const { json: other } = await open(uuidv7());
  const at = `/labour-periods/${other["periodId"]}`;
  expect((await send(csv([{ 姓名: "韦" }]), {}, at)).json["code"]).toBe("list-columns-missing");
  expect((await send(Buffer.from("PK\x03\x04broken"), {}, at)).json["code"]).toBe("list-unreadable");
  expect((await send(good, { dataDate: "2023-08-10" }, at)).json["code"]).toBe("invalid-input");
  expect((await office.as(...offices.county).get(`/labour-imports/${uuidv7()}`)).json["code"]).toBe("labour-import-not-found");
});
