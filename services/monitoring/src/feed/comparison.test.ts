import { pathOf } from "@shouwang/regions";
import { businessDate, loadKeys, openRecord, system } from "@shouwang/service-kit";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { type Office, startOffice } from "../office.testing.ts";
import { county, newNumber, registerCouple, village } from "../people.testing.ts";
import { findLayout } from "./layouts.ts";
import { decidedMatches } from "./match-store.ts";
import { csv, takeIn } from "./upload.testing.ts";

let office: Office;
let admin: pg.Client;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
  admin = new pg.Client({ connectionString: office.adminUrl });
  await admin.connect();
  for (const [key, value] of [
    ["screening.disasterLoss", 500_000],
    ["monitoring-line", 700_000],
  ])
    await officer().post("/parameters", {
      ...{ key, value, region: `${county}000000`, validFrom: "2022-01-01", document: "都乡振〔2022〕3号" },
    });
});
afterAll(async () => {
  await admin.end();
  await office.stop();
});
const officer = () => office.as("county-officer", county);

type Family = { householdId: string; head: string; child: string };
/** A man and his daughter of twelve, at school, in a good house with safe water. */
async function family(headName = "韦大明"): Promise<Family> {
  const [head, child] = [newNumber("1975-03-05", "male"), newNumber("2010-03-05", "female")];
  const members = [
    { name: headName, identityNumber: head, relation: "head", labourSkill: "ordinary" },
    { name: "韦小花", identityNumber: child, relation: "daughter", labourSkill: "none", schooling: "primary" },
  ];
  return { householdId: await registerCouple(office, { members }), head, child };
}

/** Sends rows of a kind of list under the titles of its own template, by the county's office. */
async function send(kind: string, rows: readonly Record<string, string>[]) {
  const columns = findLayout(kind)?.columns ?? [];
  const used = columns.filter(({ key, required }) => required || rows.some((row) => key in row));
  const lines = rows.map((row) => used.map(({ key }) => row[key] ?? ""));
  const header = used.map(({ titles }) => titles[0] ?? "");
  return await takeIn(office.running.url, csv(lines, header), { kind, role: "county-officer" });
}
const recordsOf = async (feedId: string, query = ""): Promise<Record<string, unknown>[]> =>
  Object((await officer().get(`/feeds/${feedId}/records${query}`)).json["items"]);
const leadOf = async (householdId: string): Promise<Record<string, unknown> | undefined> =>
  Object((await officer().get(`/risk-leads?householdId=${householdId}`)).json["items"])[0];
async function factsOf(householdId: string): Promise<Record<string, unknown>> {
  const { rows } = await admin.query("select * from monitoring.household_fact where household_id = $1", [householdId]);
  return rows[0];
}

describe("each kind of list becomes records, facts and leads, and says where it disagrees with the registry", () => {
  const person = (who: "head" | "child") => (of: Family) => ({
    name: who === "head" ? "韦大明" : "韦小花",
    identityNumber: of[who],
  });
  test.each<[string, (of: Family) => Record<string, string>, string, Record<string, unknown>, string | null]>([
    [
      "schooling",
      (of) => ({ ...person("child")(of), status: "辍学", day: "2022-08" }),
      "school-dropout",
      { dropouts: 1 },
      "schooling-differs",
    ],
    [
      "disability-certificates",
      (of) => ({ name: "韦大明", identityNumber: `${of.head}42`, day: "2022-07-01" }),
      "new-disability",
      { disabled_members: 1 },
      "disability-not-registered",
    ],
    [
      "housing-grades",
      (of) => ({ ...person("head")(of), grade: "D级", day: "2022-08-01" }),
      "unsafe-housing",
      { housing_grade: 4 },
      "housing-differs",
    ],
    [
      "drinking-water",
      (of) => ({ ...person("head")(of), status: "不安全", day: "2022-08-01" }),
      "unsafe-water",
      { unsafe_water: 1 },
      "water-differs",
    ],
    [
      "disaster-losses",
      (of) => ({ ...person("head")(of), kind: "洪涝", day: "2022-08-01", loss: "5000" }),
      "disaster-loss",
      { disaster_loss_fen: 500_000 },
      null,
    ],
    [
      "employment",
      (of) => ({ ...person("head")(of), status: "工资停发", day: "2022-07" }),
      "wage-stopped",
      { wage_stopped_on: "2022-07-01" },
      null,
    ],
    [
      "low-income",
      (of) => ({ ...person("head")(of), relief: "低保", day: "2022-08-01" }),
      "low-income-added",
      { low_income_added_on: "2022-08-01" },
      "low-income-differs",
    ],
    ["accidents", (of) => ({ ...person("head")(of), day: "2022-08-01" }), "accident", { accident_on: "2022-08-01" }, null],
    [
      "deaths",
      (of) => ({ ...person("head")(of), day: "2022-08-01" }),
      "worker-died",
      { worker_died_on: "2022-08-01" },
      "death-not-registered",
    ],
  ])("%s", async (kind, row, ruleCode, facts, mismatch) => {
    const of = await family();
    const feed = await send(kind, [row(of)]);
    expect(feed.totals).toMatchObject({ rows: 1, taken: 1, leads: 1, mismatched: mismatch === null ? 0 : 1 });
    expect(await leadOf(of.householdId)).toMatchObject({ ruleCode, source: "department-warning" });
    expect(await factsOf(of.householdId)).toMatchObject(facts);
    expect(await recordsOf(feed.feedId)).toMatchObject([{ householdId: of.householdId, mismatch, outcome: "new-lead" }]);
    expect(await recordsOf(feed.feedId, "?mismatch=true")).toHaveLength(mismatch === null ? 0 : 1);
    const suspects = Object((await officer().get(`/suspects?householdId=${of.householdId}`)).json["items"]);
    expect(suspects.some((suspect: { ruleCode: string }) => suspect.ruleCode === mismatch)).toBe(mismatch !== null);
    // The same list again is nothing new.
    const again = await send(kind, [row(of)]);
    expect(again.totals).toMatchObject({ taken: 0, unchanged: 1, leads: 0 });
  });

  test("a car is a flag for whoever visits, and no lead", async () => {
    const of = await family();
    const feed = await send("vehicles", [{ ...person("head")(of), number: "桂M12345", day: "2020-01-01", remark: "小型轿车" }]);
    expect(feed.totals).toMatchObject({ taken: 1, leads: 0, mismatched: 0 });
    expect(await factsOf(of.householdId)).toMatchObject({ asset_checks: 1 });
    const { rows } = await admin.query("select r::text as text from monitoring.department_record r where household_id = $1", [
      of.householdId,
    ]);
    expect(rows[0]?.text).not.toMatch(/桂M12345|小型轿车/);
  });

  test("the newest state counts, and one bad row does not stop the others", async () => {
    const of = await family();
    const rows = [
      { ...person("child")(of), status: "辍学", day: "2022-03" },
      { ...person("child")(of), status: "在读", day: "2022-08" },
      { ...person("child")(of), status: "休学", day: "2022-08" },
    ];
    const feed = await send("schooling", rows);
    expect(feed.totals).toMatchObject({ rows: 3, taken: 2, refused: 1, leads: 0 });
    expect(await factsOf(of.householdId)).toMatchObject({ dropouts: 0 });
    expect(feed.links.errorsFile).not.toBeNull();
  });
});

describe("a row whose number fits nobody", () => {
  const placed = (more: Record<string, string>) => ({
    ...{ name: "韦大明", birthDate: "1975-03-05", village: pathOf(village).at(-1) ?? "", status: "失业", day: "2022-08-01" },
    ...more,
  });
  test("waits for a person when name, birth date and village fit; confirmed, it is taken in and screened", async () => {
    const of = await family("韦大全");
    // Another number of the same birth date, and none at all.
    const feed = await send("employment", [
      placed({ name: "韦大全", identityNumber: newNumber("1975-03-05", "male"), employer: "鞋厂" }),
    ]);
    expect(feed.totals).toMatchObject({ rows: 1, taken: 0, unmatched: 0, leads: 0 });
    expect(feed.totals["toConfirm"]).toBe(1);
    const worker = office.as("village-officer", village);
    const { items } = (await worker.get("/feed-matches?limit=200")).json;
    const match = Object(items).find((one: { feedId: string }) => one.feedId === feed.feedId);
    const candidate = match.candidates.find((one: { householdId: string }) => one.householdId === of.householdId);
    expect(candidate).toMatchObject({ name: "韦*全" });
    expect(JSON.stringify(match)).not.toContain(of.head);
    const stranger = await worker.post(`/feed-matches/${match.matchId}/confirmation`, { personId: match.matchId });
    expect(stranger.json["errors"]).toMatchObject([{ pointer: "/personId", rule: "candidate" }]);
    const confirmed = await worker.post(`/feed-matches/${match.matchId}/confirmation`, { personId: candidate.personId });
    expect(confirmed.json, JSON.stringify(confirmed.json)).toMatchObject({ householdId: of.householdId, outcome: "new-lead" });
    expect(await leadOf(of.householdId)).toMatchObject({ ruleCode: "all-unemployed" });
    // The text of the row was sealed under the id it has now as a record.
    const { rows } = await admin.query<{ secret: Buffer }>("select secret from monitoring.department_record where id = $1", [
      match.matchId,
    ]);
    const place = { table: "monitoring.department_record", id: match.matchId };
    const text = openRecord(await loadKeys(office.keysFile), place, rows[0]?.secret ?? Buffer.alloc(0), z.unknown());
    expect(text).toEqual({ employer: "鞋厂" });
    const elsewhere = office.as("village-officer", "451228101201");
    for (const [path, body] of [
      ["confirmation", { personId: candidate.personId }],
      ["dismissal", {}],
    ] as const) {
      const at = `/feed-matches/${match.matchId}/${path}`;
      expect((await worker.post(at, body)).json["code"]).toBe("feed-match-decided");
      expect((await elsewhere.post(at, body)).json["code"]).toBe("feed-match-not-found");
    }
  });
  test("dismissed, the same row is not asked again; fitting nobody, it is not matched", async () => {
    await family();
    const row = placed({ identityNumber: "" });
    const feed = await send("employment", [row, placed({ name: "无此人" })]);
    expect(feed.totals).toMatchObject({ rows: 2, unmatched: 1, toConfirm: 1 });
    const { items } = (await officer().get("/feed-matches?limit=200")).json;
    const match = Object(items).find((one: { feedId: string }) => one.feedId === feed.feedId);
    expect((await officer().post(`/feed-matches/${match.matchId}/dismissal`, {})).status).toBe(200);
    expect((await send("employment", [row])).totals).toMatchObject({ toConfirm: 0, unchanged: 1 });

    // Its term after the decision over, what the row said of somebody goes; that it was dismissed stays, and it is still not asked again.
    const moments =
      "update monitoring.feed_match set secret = coalesce(secret, '\\x00'), decided_at = decided_at - $2::interval where id = $1";
    const kept = async () =>
      (await admin.query("select status, secret is null as gone from monitoring.feed_match where id = $1", [match.matchId])).rows;
    const forget = async () =>
      await office.running.db.withTx(system("test"), (tx) =>
        decidedMatches.forget({
          tx,
          before: new Date(office.now().getTime() - 86_400_000),
          most: 10,
          today: businessDate(office.now()),
        }),
      );
    await admin.query(moments, [match.matchId, "0 days"]);
    await forget();
    expect(await kept()).toEqual([{ status: "dismissed", gone: false }]);
    await admin.query(moments, [match.matchId, "2 days"]);
    expect(await forget()).toBe(1);
    expect(await kept()).toEqual([{ status: "dismissed", gone: true }]);
    expect((await send("employment", [row])).totals).toMatchObject({ toConfirm: 0, unchanged: 1 });
  });
});

test("time alone changes facts: a bill leaves its twelve months, and the household's facts are worked out that day", async () => {
  const of = await family();
  const bill = {
    name: "韦大明",
    identityNumber: of.head,
    settledOn: "2021-08-17",
    billNumber: "B1",
    total: "900",
    selfPaid: "700",
  };
  await send("medical-bills", [bill]);
  expect(await factsOf(of.householdId)).toMatchObject({ medical_self_paid_fen: 70_000, next_change_on: "2022-08-17" });
  await office.advance(2);
  await expect.poll(() => factsOf(of.householdId)).toMatchObject({ medical_self_paid_fen: null, next_change_on: null });
  await office.advance(-2);
});

test("a worker's death that the village records is a fact too", async () => {
  const of = await family();
  const [head, child] = Object((await officer().get(`/households/${of.householdId}`)).json["members"]);
  const relations = [{ personId: child.personId, relation: "head" }];
  const body = { on: "2022-08-15", source: "村委会", relations };
  const died = await officer().post(`/persons/${head.personId}/death`, body, undefined, head.version);
  expect(died.status, JSON.stringify(died.json)).toBe(200);
  expect(await factsOf(of.householdId)).toMatchObject({ worker_died_on: "2022-08-15", headcount: 1, able_workers: 0 });
});

test("what departments said of a person goes with the person into another household", async () => {
  const [one, other] = [await family(), await family()];
  await send("accidents", [{ name: "韦小花", identityNumber: one.child, day: "2022-08-02" }]);
  await admin.query(`update monitoring.person set household_id = $2 where household_id = $1 and relation = 'daughter'`, [
    one.householdId,
    other.householdId,
  ]);
  expect(await factsOf(one.householdId)).toMatchObject({ accident_on: null });
  expect(await factsOf(other.householdId)).toMatchObject({ accident_on: "2022-08-02" });
  await admin.query("update monitoring.household set status = 'closed', closed_because = 'moved-away' where id = $1", [
    other.householdId,
  ]);
  expect(await factsOf(other.householdId)).toBeUndefined();
});

test("the layouts are shown, and an empty sheet of each can be had", async () => {
  const layouts = Object((await officer().get("/feed-layouts")).json["items"]);
  expect(layouts).toContainEqual(expect.objectContaining({ kind: "housing-grades", senders: ["housing"], about: "household" }));
  const sheet = await officer().send("/feed-layouts/housing-grades/template", {});
  expect([sheet.status, (await sheet.arrayBuffer()).byteLength > 1_000]).toEqual([200, true]);
});
