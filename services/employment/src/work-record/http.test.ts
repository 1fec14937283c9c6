import { MonitoredCaseIncluded, PersonChanged, PersonDied } from "@shouwang/contract";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Office, offices, startOffice, village } from "../office.testing.ts";
import { includedCase, tellHousehold } from "../people.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice();
});
afterAll(() => office.stop());

const inVillage = () => office.as(...offices.village);
const work = { place: "4403", channel: "own-search", source: "home-visit", from: "2022-03-05", monthlyWageFen: 420_000 };
const register = (personId: string, more: Record<string, unknown> = {}) =>
  inVillage().post("/work-records", { personId, ...work, ...more });
const eventsOf = async (workRecordId: unknown) =>
  (await office.outbox())
    .filter(({ subject }) => subject === `work-record/${workRecordId}`)
    .map(({ type }) => type.split(".")[2]);
/** Corrects a record of the test's village. */
async function change(path: string, version: number, body: unknown) {
  const response = await fetch(`${office.ward.url}/api/v1/employment${path}`, {
    method: "PUT",
    headers: {
      authorization: await office.bearer("village-officer", village),
      ...{ "content-type": "application/json", "if-match": `"${version}"` },
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, json: Object(await response.json()) };
}
/** A lifted person who is at work away. */
async function atWork(more: Parameters<typeof tellHousehold>[1] = {}, record: Record<string, unknown> = {}) {
  const told = await tellHousehold(office, more);
  const { status, json } = await register(told.member.personId, record);
  expect(status, JSON.stringify(json)).toBe(201);
  return { ...told, personId: told.member.personId, record: json, path: `/work-records/${json["workRecordId"]}` };
}

describe("a work record", () => {
  test("is registered with its scope worked out, listed by what it is, opened with what is sealed, and told", async () => {
    const { personId, householdId, record, path } = await atWork({}, { employer: "示例电子厂", pointToPoint: true });
    expect(record).toMatchObject({ scope: "outside-region", householdId, region: village, until: null, checkedOn: "2022-08-15" });
    expect(record["explanation"]).toEqual([expect.objectContaining({ code: "of-working-age", clause: "E-01" })]);
    const [event] = (await office.outbox()).filter(({ subject }) => subject === `work-record/${record["workRecordId"]}`);
    expect(event).toMatchObject({ type: "employment.work-record.started.v1", data: { personId, scope: "outside-region" } });
    expect(JSON.stringify(event)).not.toContain("示例电子厂");
    const list = await office.as(...offices.county).get("/work-records?scope=outside-region&on=2022-08-15&limit=200");
    expect(list.json["items"]).toContainEqual(expect.objectContaining({ personId }));
    expect((await inVillage().get(`/work-records?personId=${personId}&on=2022-03-04`)).json["items"]).toEqual([]);
    expect((await inVillage().get(path)).json).toMatchObject({ employer: "示例电子厂" });
    expect((await office.as("county-officer", "451229").get(path)).json["code"]).toBe("work-record-not-found");
    const file = await inVillage().get(`/households/${householdId}/file`);
    expect(file.json["workRecords"]).toEqual([expect.objectContaining({ personId })]);
  });

  test.each<[string, Record<string, unknown>, string, string]>([
    ["that begins tomorrow", { from: "2022-08-16" }, "/from", "not-in-future"],
    ["that ends before it begins", { until: "2022-03-04", endedBecause: "family" }, "/until", "date-order"],
    ["that ends tomorrow", { until: "2022-08-16", endedBecause: "family" }, "/until", "not-in-future"],
    ["that ends for no reason", { until: "2022-08-01" }, "/endedBecause", "with-until"],
    ["somewhere in the region", { place: "4501" }, "/place", "county-needed"],
    ["in China, nobody knows where", { place: undefined }, "/place", "place-in-china"],
    ["of an employer with a wrong code", { creditCode: "91110000802100434B" }, "/creditCode", "credit-code-check"],
  ])("%s is refused with its field", async (_, more, pointer, rule) => {
    const { member } = await tellHousehold(office);
    const { status, json } = await register(member.personId, more);
    expect([status, json["code"]]).toEqual([400, "invalid-input"]);
    expect(json["errors"]).toEqual([
      expect.objectContaining({ pointer, rule: expect.stringContaining(rule.split("-")[0] ?? "") }),
    ]);
    expect((await inVillage().get(`/work-records?personId=${member.personId}`)).json["items"]).toEqual([]);
  });

  test("of somebody too young, of nobody here, or beside other work is refused with the reason", async () => {
    const child = await tellHousehold(office, { birth: "2006-03-06" });
    expect((await register(child.member.personId)).json).toMatchObject({
      code: "not-of-working-age",
      reasons: [{ code: "too-young", parameter: "labour.ageMin" }],
    });
    expect((await register(uuidv7())).json["code"]).toBe("person-not-found");
    const { personId } = await atWork();
    expect((await register(personId, { from: "2022-05-01" })).json["code"]).toBe("work-overlaps");
  });

  test("of one person begun by two at once is one", async () => {
    const { member } = await tellHousehold(office);
    const answers = await Promise.all([register(member.personId), register(member.personId, { place: "31" })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  test("is corrected by its version, and ended; what has ended does not end again", async () => {
    const { record, path } = await atWork();
    const entry = { ...work, place: "31", monthlyWageFen: 380_000 };
    const put = (version: number, body: Record<string, unknown> = entry) => change(path, version, body);
    expect((await put(2)).status).toBe(412);
    expect((await put(1)).json).toMatchObject({ place: "31", version: 2, monthlyWageFen: 380_000 });
    expect((await put(2, { ...entry, from: "2022-08-20" })).json).toMatchObject({ code: "invalid-input" });
    const refused = async (body: Record<string, unknown>) => (await put(2, { ...entry, ...body })).json["code"];
    expect(await refused({ from: "2000-01-01" })).toBe("not-of-working-age");
    const end = (until: string) => inVillage().post(`${path}/end`, { until, because: "epidemic" });
    expect((await end("2022-03-04")).json["code"]).toBe("invalid-input");
    expect((await end("2022-07-28")).json).toMatchObject({ until: "2022-07-28", endedBecause: "epidemic", version: 3 });
    expect((await end("2022-07-29")).json["code"]).toBe("work-record-ended");
    expect(await eventsOf(record["workRecordId"])).toEqual(["started", "changed", "ended"]);
    const nowhere = `/work-records/${uuidv7()}`;
    expect((await inVillage().post(`${nowhere}/end`, { until: "2022-07-28", because: "other" })).json["code"]).toBe(
      "work-record-not-found",
    );
  });

  test("is not corrected into days of other work, or after its person is gone, and nowhere else", async () => {
    const ended = { until: "2022-04-30", endedBecause: "contract-ended" };
    const { personId, path, member } = await atWork({}, ended);
    expect((await register(personId, { from: "2022-05-02" })).status).toBe(201);
    const put = async (at: string, body: Record<string, unknown>) =>
      (await change(at, 1, { ...work, ...ended, ...body })).json["code"];
    expect(await put(path, { until: "2022-05-02" })).toBe("work-overlaps");
    expect(await put(`/work-records/${uuidv7()}`, {})).toBe("work-record-not-found");
    await office.publish([
      PersonDied.of(personId, 2, village, {
        ...member.state,
        householdId: null,
        status: "died",
        since: "2022-04-20",
        ableWorker: false,
      }),
    ]);
    await office.settled();
    expect(await put(path, {})).toBe("no-member-on-the-day");
    expect((await inVillage().get(`/households/${uuidv7()}/file`)).json["code"]).toBe("household-not-found");
  });

  test("follows its person to another county, whose offices then have it", async () => {
    const { personId, path, member } = await atWork();
    const away = "451229100201";
    await office.publish([PersonChanged.of(personId, 2, away, { ...member.state, region: away })]);
    await office.settled();
    expect((await inVillage().get(path)).json["code"]).toBe("work-record-not-found");
    expect((await office.as("village-officer", away).get(path)).json).toMatchObject({ region: away, scope: "outside-region" });
  });
});

describe("a record made by mistake", () => {
  test("is voided by an office above the one that made it, counts no more, and stays to be read with its reason", async () => {
    const { member } = await tellHousehold(office);
    const { personId } = member;
    const plan = { personId, leavesOn: "2022-08-20", place: "44", needs: [] };
    expect((await inVillage().post("/planned-departures", plan)).status).toBe(201);
    const { json: record } = await register(personId);
    const path = `/work-records/${record["workRecordId"]}`;
    const count = async () =>
      Number((await office.as(...offices.county).get(`/work-figures?reading=today&region=${village}`)).json["workers"]);
    const voidAs = async (who: (typeof offices)["county"], version: number, at = path) => {
      const response = await fetch(`${office.ward.url}/api/v1/employment${at}/voiding`, {
        method: "POST",
        headers: {
          authorization: await office.bearer(...who),
          ...{ "content-type": "application/json", "if-match": `"${version}"`, "idempotency-key": uuidv7() },
        },
        body: JSON.stringify({ reason: "韦大明登记错人" }),
      });
      return { status: response.status, json: Object(await response.json()) };
    };
    expect((await voidAs(offices.village, 1)).json["code"]).toBe("role-not-allowed");
    const other = await tellHousehold(office);
    const ofCounty = (await office.as(...offices.county).post("/work-records", { personId: other.member.personId, ...work }))
      .json;
    const atCounty = await voidAs(offices.township, 1, `/work-records/${ofCounty["workRecordId"]}`);
    expect(atCounty.json["code"]).toBe("work-record-of-higher-office");
    const before = await count();
    expect((await voidAs(offices.township, 2)).status).toBe(412);
    expect((await voidAs(offices.township, 1)).json).toMatchObject({ voidedOn: "2022-08-15", version: 2 });
    expect((await voidAs(offices.township, 2)).json["code"]).toBe("work-record-voided");
    expect((await voidAs(offices.township, 1, `/work-records/${uuidv7()}`)).json["code"]).toBe("work-record-not-found");
    expect(await count()).toBe(before - 1);
    const list = async (more: string) => (await inVillage().get(`/work-records?personId=${personId}${more}`)).json["items"];
    expect(await list("")).toEqual([]);
    expect(await list("&voided=true")).toEqual([expect.objectContaining({ version: 2 })]);
    expect((await inVillage().get(path)).json).toMatchObject({ voidReason: "韦大明登记错人", voidedOn: "2022-08-15" });
    expect((await inVillage().post(`${path}/end`, { until: "2022-08-01", because: "other" })).json["code"]).toBe(
      "work-record-voided",
    );
    expect((await change(path, 2, work)).json["code"]).toBe("work-record-voided");
    const told = (await office.outbox()).filter(({ subject }) => subject === `work-record/${record["workRecordId"]}`);
    expect(told.at(-1)).toMatchObject({ type: "employment.work-record.voided.v1", data: { status: "void" } });
    expect(JSON.stringify(told)).not.toContain("韦大明");
    const plans = (await inVillage().get("/planned-departures?status=planned&limit=200")).json["items"];
    expect(plans).toContainEqual(expect.objectContaining({ personId, workRecordId: null }));
    // The plan that stands again becomes the work that was meant.
    expect((await register(personId)).status).toBe(201);
  });
});

describe("the monthly check", () => {
  test("names who was not found at work yet, takes many at once, and nobody half", async () => {
    const { record, personId } = await atWork();
    await office.advance(31);
    const due = async () => (await inVillage().get("/work-checks/2022-09/due?limit=200")).json["items"];
    expect(await due()).toContainEqual(expect.objectContaining({ personId }));
    const check = (...workRecordIds: unknown[]) => inVillage().post("/work-checks", { workRecordIds, by: "phone" });
    expect((await check(record["workRecordId"], uuidv7())).json).toMatchObject({ errors: [{ pointer: "/workRecordIds/1" }] });
    expect(await due()).toContainEqual(expect.objectContaining({ personId }));
    expect((await check(record["workRecordId"])).json).toEqual({ checked: 1, checkedOn: "2022-09-15" });
    expect(await due()).not.toContainEqual(expect.objectContaining({ personId }));
  });
});

describe("the figures of E-01", () => {
  // A county of its own, so that nobody else's work is counted.
  const there = "451202001001";
  const figures = async (reading: string) =>
    (await office.as("county-officer", "451202").get(`/work-figures?reading=${reading}`)).json;
  const add = async (household: Record<string, unknown>, record: Record<string, unknown> = {}) => {
    const told = await tellHousehold(office, { household: { region: there, ...household } });
    const village = office.as("village-officer", there);
    const entry = { personId: told.member.personId, ...work, ...record };
    const reply = await village.post("/work-records", entry);
    expect(reply.status, JSON.stringify(reply.json)).toBe(201);
    return { ...told, again: (more: Record<string, unknown>) => village.post("/work-records", { ...entry, ...more }) };
  };

  test("count each lifted or monitored person once, in the year and today, and name the people", async () => {
    const ended = { until: "2022-04-30", endedBecause: "contract-ended" };
    const twice = await add({}, ended);
    expect((await twice.again({ from: "2022-05-02", until: undefined, endedBecause: undefined })).status).toBe(201);
    const inSpring = await add({}, ended);
    await add({}, { from: "2021-03-01", until: "2021-12-31", endedBecause: "family" });
    await add({ householdKind: "ordinary-household" });
    const monitored = await add({ householdKind: "ordinary-household" });
    const state = includedCase(monitored.householdId, "2022-06-01", { region: there });
    await office.publish([MonitoredCaseIncluded.of(state.caseId, 8, there, state)]);
    const dead = await add({});
    const { personId, state: member } = dead.member;
    await office.publish([
      PersonDied.of(personId, 2, there, { ...member, householdId: null, status: "died", since: "2022-07-01", ableWorker: false }),
    ]);
    await office.settled();
    expect(await figures("in-year")).toMatchObject({ workers: 4, from: "2022-01-01", items: [{ region: there, workers: 4 }] });
    expect(await figures("today")).toMatchObject({ workers: 2 });
    const people = async (reading: string) => {
      const { json } = await office.as("county-officer", "451202").get(`/workers?reading=${reading}`);
      return (json["items"] as { personId: string }[]).map((one) => one.personId);
    };
    const [a, b, c] = [twice, inSpring, monitored].map((one) => one.member.personId);
    expect((await people("in-year")).sort()).toEqual([a, b, c, personId].sort());
    expect((await people("today")).sort()).toEqual([a, c].sort());
    const clauses = await office.as("county-officer", "451202").get("/clauses");
    const [e01] = (clauses.json["clauses"] as { clause: string; indicators: { code: string; value: number }[] }[]).filter(
      ({ clause }) => clause === "E-01",
    );
    expect(e01?.indicators.map(({ code, value }) => [code, value])).toEqual([
      ["E-01-in-year", 4],
      ["E-01-today", 2],
      ["E-01-guarantee", 4],
      ["E-01-stretch", 4],
    ]);
    const there45 = office.as("county-officer", "451202");
    expect((await there45.get("/work-places?month=2022-04")).json).toMatchObject({
      ...{ from: "2022-01-01", to: "2022-04-30", workers: 3 },
      divisions: [{ region: "451202001000", workers: 3, outsideRegion: 3, inCounty: 0 }],
      places: [{ scope: "outside-region", place: "4403", name: { zh: "广东深圳" }, workers: 3 }],
    });
    expect((await there45.get("/work-places?month=2022-03&reading=month-end")).json).toMatchObject({
      from: "2022-03-31",
      workers: 3,
    });
    const months = (await there45.get("/work-months?month=2022-06")).json;
    expect(months).toMatchObject({ region: "451202000000", guarantee: null, stretch: null });
    expect(months["items"]).toMatchObject([
      ...[{ month: "2022-01", atEnd: 0, inYear: 0, change: null }, { month: "2022-02" }],
      { month: "2022-03", atEnd: 3, change: 3 },
      { month: "2022-04", atEnd: 3, change: 0, inYear: 3 },
      { month: "2022-05", atEnd: 2, change: -1, inYear: 3 },
      { month: "2022-06", atEnd: 3, change: 1, inYear: 4 },
    ]);
    expect((await office.as(...offices.province).get("/work-months?month=2022-01")).json).toMatchObject({
      ...{ guarantee: 2_682_100, stretch: 2_760_000 },
    });
    const province = (await office.as(...offices.province).get("/work-figures?reading=in-year")).json;
    expect(province["items"]).toContainEqual({ region: "451202000000", workers: 4 });
  });

  test("count the kinds and the reading that a document sets", async () => {
    const region = { region: "450000000000", validFrom: "2022-01-01", validTo: null };
    const loaded = await office.as(...offices.province).post("/loadings", {
      document: "桂人社发〔2022〕1号",
      rows: [
        { ...region, key: "work.targetReading", value: "month-end" },
        { ...region, key: "work.kindsCounted", value: ["organised-export"] },
      ],
    });
    expect(loaded.status, JSON.stringify(loaded.json)).toBeLessThan(300);
    await add({}, { channel: "organised-export" });
    expect(await figures("in-year")).toMatchObject({ workers: 1, kinds: ["organised-export"] });
  });
});

describe("a planned departure", () => {
  test("is one a person, listed when its day has passed, and over when work begins or the person stays", async () => {
    const { member } = await tellHousehold(office);
    const { personId } = member;
    const plan = (more: Record<string, unknown> = {}) =>
      inVillage().post("/planned-departures", { personId, leavesOn: "2022-09-20", place: "44", needs: ["transport"], ...more });
    expect((await plan({ leavesOn: "2022-08-14" })).json).toMatchObject({ errors: [{ pointer: "/leavesOn" }] });
    expect((await plan({ personId: uuidv7() })).json["code"]).toBe("person-not-found");
    const made = await plan();
    expect(made.json).toMatchObject({ status: "planned", needs: ["transport"] });
    expect((await plan()).json["code"]).toBe("planned-departure-exists");
    await office.advance(31);
    const overdue = async () => (await inVillage().get("/planned-departures?overdue=true")).json["items"];
    expect(await overdue()).toEqual([expect.objectContaining({ personId })]);
    expect((await register(personId, { from: "2022-09-20" })).status).toBe(201);
    expect(await overdue()).toEqual([]);
    const cancel = (id: unknown) => inVillage().post(`/planned-departures/${id}/cancellation`, {});
    expect((await cancel(made.json["plannedDepartureId"])).json["code"]).toBe("planned-departure-closed");
    expect((await cancel(uuidv7())).json["code"]).toBe("planned-departure-not-found");
    const second = await tellHousehold(office);
    const later = await plan({ personId: second.member.personId, leavesOn: "2022-12-01" });
    expect((await cancel(later.json["plannedDepartureId"])).json).toMatchObject({ status: "cancelled" });
  });

  test("is nobody's who has left or died", async () => {
    const { member } = await tellHousehold(office);
    const { personId } = member;
    await office.publish([
      PersonDied.of(personId, 2, village, {
        ...member.state,
        householdId: null,
        status: "died",
        since: "2022-08-01",
        ableWorker: false,
      }),
    ]);
    await office.settled();
    const reply = await inVillage().post("/planned-departures", { personId, leavesOn: "2022-12-01", place: "44" });
    expect(reply.json["code"]).toBe("no-member-on-the-day");
    expect((await register(personId)).json["code"]).toBe("no-member-on-the-day");
  });
});
