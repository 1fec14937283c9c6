import {
  HouseholdArrived,
  HouseholdMovedOut,
  MonitoredCaseCleared,
  MonitoredCaseIncluded,
  PersonChanged,
  PersonDied,
  PersonErased,
} from "@shouwang/contract";
import { loadKeys, misdeclaredBytes, openRecord, operate, system } from "@shouwang/service-kit";

import { readStream } from "@shouwang/service-kit/testing/source";
import { until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { employment } from "../index.ts";
import { type Office, offices, startOffice, village } from "../office.testing.ts";
import { householdState, includedCase, tellHousehold } from "../people.testing.ts";
import { sealed } from "../sealed.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice();
});
afterAll(() => office.stop());

const read = (householdId: string, on?: string) =>
  office.as(...offices.village).get(`/households/${householdId}${on === undefined ? "" : `?on=${on}`}`);

describe("what monitoring tells", () => {
  test("a household and its people are listed and read, masked, in their own area alone", async () => {
    const { householdId, member } = await tellHousehold(office, { name: "覃守望" });
    const { status, json } = await read(householdId);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      householdId,
      place: expect.stringContaining("定福村"),
      members: [{ personId: member.personId, name: "覃*望", phone: "138****0000", birthYear: 1985, sex: "female" }],
      statusOn: { on: "2022-08-15", lifted: true, monitored: false },
    });
    expect(JSON.stringify(json)).not.toMatch(new RegExp(`覃守望|${member.identityNumber}`));
    const list = await office.as(...offices.village).get("/households?householdKind=lifted-household&limit=200");
    expect(list.json["items"]).toContainEqual(expect.objectContaining({ householdId }));
    expect((await office.as(...offices.village).get("/households?householdKind=ordinary-household")).json["items"]).toEqual([]);
    expect((await office.as(...offices.village).get(`/persons/${member.personId}`)).json).toMatchObject({ status: "member" });
    const elsewhere = office.as("county-officer", "451229");
    expect((await elsewhere.get(`/households/${householdId}`)).json["code"]).toBe("household-not-found");
    expect((await elsewhere.get(`/persons/${member.personId}`)).json["code"]).toBe("person-not-found");
  });

  test("a person is found by the identity number, in the own area alone; a wrong digit is named", async () => {
    const { member } = await tellHousehold(office);
    const search = (identityNumber: string, region = village) =>
      office.as("county-officer", region).post("/persons/search", { identityNumber });
    expect((await search(member.identityNumber, "451228")).json).toMatchObject({ person: { personId: member.personId } });
    expect((await search(member.identityNumber, "451229")).json).toEqual({ person: null });
    const wrong = member.identityNumber.replace(/.$/, (last) => (last === "1" ? "2" : "1"));
    expect((await search(wrong)).json).toMatchObject({ code: "invalid-input", errors: [{ pointer: "/identityNumber" }] });
  });

  test("the status on a day is the one in force then: before, during and after the time in which it was monitored", async () => {
    const { householdId } = await tellHousehold(office, { household: { householdKind: "ordinary-household" } });
    const state = includedCase(householdId, "2022-03-10");
    await office.publish([MonitoredCaseIncluded.of(state.caseId, 8, village, state)]);
    const cleared = { ...state, status: "cleared", procedure: "clearance", clearedOn: "2022-07-01", clearedBy: "help" } as const;
    await office.publish([MonitoredCaseCleared.of(state.caseId, 12, village, cleared)]);
    await office.settled();
    const on = async (day: string) => (await read(householdId, day)).json["statusOn"];
    expect(await on("2022-03-09")).toMatchObject({ lifted: false, monitored: false, cleared: false });
    expect(await on("2022-03-10")).toMatchObject({ monitored: true, monitoredKind: "sudden-hardship" });
    expect(await on("2022-06-30")).toMatchObject({ monitored: true });
    expect(await on("2022-07-01")).toMatchObject({ monitored: false, cleared: true });
    expect(await on("2021-12-31")).toMatchObject({ assumed: true, registeredIn: village });
  });

  test("a household that moves goes with its people and its history; where it was registered on a day stays known", async () => {
    const { householdId, member } = await tellHousehold(office);
    const away = "451229100201";
    await office.publish(
      [HouseholdMovedOut.of(householdId, 2, village, householdState(householdId, { status: "moving" }))],
      "2022-06-01",
    );
    await office.publish(
      [
        HouseholdArrived.of(householdId, 3, away, householdState(householdId, { region: away })),
        PersonChanged.of(member.personId, 2, away, { ...member.state, region: away, since: "2022-06-02" }),
      ],
      "2022-06-02",
    );
    await office.settled();
    expect((await read(householdId)).json["code"]).toBe("household-not-found");
    const there = office.as("village-officer", away);
    expect((await there.get(`/households/${householdId}?on=2022-05-31`)).json).toMatchObject({
      region: away,
      members: [{ personId: member.personId, name: "韦*明" }],
      statusOn: { registeredIn: village },
    });
    expect((await there.get(`/households/${householdId}?on=2022-06-02`)).json["statusOn"]).toMatchObject({ registeredIn: away });
  });

  test("who was erased is forgotten, and the rest stays; a dead person is no member", async () => {
    const { householdId, member } = await tellHousehold(office);
    const { personId } = member;
    await office.publish([
      PersonDied.of(personId, 2, village, {
        ...{ ...member.state, householdId: null, status: "died", since: "2022-08-01", ableWorker: false },
      }),
    ]);
    await office.tell(PersonErased.of(personId, 1, village, { personId }));
    await office.settled();
    await until(async () => (await office.as(...offices.village).get(`/persons/${personId}`)).json["name"] === null, {
      what: "the name to be gone",
      timeoutMs: 30_000,
    });
    expect((await office.as(...offices.village).get(`/persons/${personId}`)).json).toMatchObject({
      status: "died",
      identityNumber: null,
      birthYear: null,
    });
    expect((await read(householdId)).json["members"]).toEqual([]);
  });
});

describe("who somebody is", () => {
  test("is revealed with the right and a purpose, in the own area, and every look is in the audit of the person", async () => {
    const { householdId, member } = await tellHousehold(office, { name: "覃守望" });
    const { personId, identityNumber } = member;
    const asked = { purpose: "核对务工补助申领人", fields: ["name", "identityNumber"] };
    const officer = office.as(...offices.village);
    expect((await officer.post(`/persons/${personId}/reveal`, asked)).json).toEqual({ personId, name: "覃守望", identityNumber });
    const whole = { purpose: "联系返乡人员", fields: ["phone"] };
    expect((await officer.post(`/households/${householdId}/reveal`, whole)).json).toEqual({
      householdId,
      members: [{ personId, phone: "13800000000" }],
    });
    expect((await officer.post(`/persons/${personId}/reveal`, { fields: ["name"] })).status).toBe(400);
    const grid = office.as("grid-worker", village);
    expect((await grid.post(`/persons/${personId}/reveal`, asked)).json["code"]).toBe("role-not-allowed");
    const away = office.as("county-officer", "451229");
    expect((await away.post(`/persons/${personId}/reveal`, asked)).json["code"]).toBe("person-not-found");
    expect((await away.post(`/households/${householdId}/reveal`, asked)).json["code"]).toBe("household-not-found");
    const looks = await office.database.rows("select action, purpose from kit.audit where entity_id = $1 order by id", [
      personId,
    ]);
    expect(looks).toEqual([
      { action: "reveal-person", purpose: asked.purpose },
      { action: "reveal-person", purpose: whole.purpose },
    ]);
  });
});

describe("what is kept", () => {
  test("is what a fold from the stream's beginning makes, event by event or many at once", async () => {
    await office.settled();
    const said = await operate(employment, ["rebuild", "registry"], office.environment);
    expect(said, said.lines.join("\n")).toMatchObject({ ok: true });
    expect(said.lines.join("\n")).toMatch(/equal/);
  });

  test("is sealed under the place it is declared with, and every column of bytes is declared", async () => {
    const { member } = await tellHousehold(office);
    const work = { place: "44", channel: "own-search", source: "phone", from: "2022-03-05", employer: "示例电子厂" };
    const employer = { name: "示例车间", kind: "enterprise", certificate: "镇证〔2022〕1号", region: "451228101000" };
    expect((await office.as(...offices.county).post("/employers", employer)).status).toBe(201);
    const post = { kind: "cleaning", mode: "monthly", source: "bridging-fund-county", headcount: 1, rateFen: 80_000 };
    const about = { region: village, unitsPerMonth: 22, from: "2022-02-01", title: "村道保洁员", place: "韦家屯" };
    expect(
      (await office.as("township-officer", village.slice(0, 9)).post("/public-welfare-posts", { ...post, ...about })).status,
    ).toBe(201);
    const made = await office.as(...offices.village).post("/work-records", { personId: member.personId, ...work });
    expect(made.status).toBe(201);
    const voided = await fetch(`${office.ward.url}/api/v1/employment/work-records/${made.json["workRecordId"]}/voiding`, {
      method: "POST",
      headers: {
        authorization: await office.bearer(...offices.county),
        ...{ "content-type": "application/json", "if-match": '"1"', "idempotency-key": uuidv7() },
      },
      body: JSON.stringify({ reason: "登记错人" }),
    });
    expect(voided.status).toBe(200);
    const days = { region: village, from: "2022-07-01", until: "2022-07-31" };
    const roll = await office.as(...offices.village).post("/labour-periods", { projectId: uuidv7(), ...days });
    const line = { personId: member.personId, days: 1, rateFen: 100, account: "6228480402564890018" };
    await office.as(...offices.village).post(`/labour-periods/${roll.json["periodId"]}/lines`, line);
    const keys = await loadKeys(office.environment["KEYS_FILE"] ?? "");
    // Rows of a list are there while it is taken in alone; they are opened in that test.
    for (const { table, id, column, place } of sealed.filter((one) => one.table !== "employment.work_import_row")) {
      const rows = await office.database.rows<{ id: string; secret: Buffer }>(
        `select ${typeof id === "string" ? id : id.sql} as id, ${column} as secret from ${table} where ${column} is not null`,
      );
      expect(rows.length, `${table}.${column}`).toBeGreaterThan(0);
      for (const row of rows)
        expect(openRecord(keys, { table: place ?? table, id: row.id }, row.secret, z.looseObject({}))).toBeTruthy();
    }
    expect(await office.ward.db.withReadTx(system("test"), (tx) => misdeclaredBytes(tx, employment))).toEqual([]);
  });

  test("answers and takes work records while monitoring and the bus are away; afterwards what was recorded is told and what was told is read", async () => {
    const { householdId, member } = await tellHousehold(office);
    await office.broker.stop();
    expect((await read(householdId)).status).toBe(200);
    const work = { place: "44", channel: "own-search", source: "phone", from: "2022-03-05" };
    const taken = await office.as(...offices.village).post("/work-records", { personId: member.personId, ...work });
    expect(taken.status, JSON.stringify(taken.json)).toBe(201);
    const [event] = await office.database.rows<{ id: string }>("select event_id as id from kit.outbox where entity_id = $1", [
      taken.json["workRecordId"],
    ]);
    await office.broker.start();
    await until(async () => (await readStream(office.broker.url, "employment")).some(({ id }) => id === event?.id), {
      what: "the record to be told",
      timeoutMs: 60_000,
    });
    // Whoever publishes finds the bus again a moment later.
    const next = await until(() => tellHousehold(office), { what: "monitoring to be heard again", timeoutMs: 60_000 });
    expect((await read(next.householdId)).status).toBe(200);
  });
});
