import { until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Office, startOffice } from "../office.testing.ts";
import { county, registerCouple, township, village } from "../people.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());

const officer = () => office.as("county-officer", county);
const lead = async (more: object = {}) => {
  const householdId = await registerCouple(office);
  const entry = {
    householdId,
    source: "monthly-round",
    cause: "illness",
    severity: "severe",
    foundAt: office.now().toISOString(),
  };
  const reply = await office.as("village-officer", village).post("/risk-leads", { ...entry, ...more });
  expect(reply.status, JSON.stringify(reply.json)).toBe(201);
  return { householdId, leadId: String(reply.json["leadId"]) };
};
type Alarm = { alarmId: string; kind: string; status: string } & Record<string, unknown>;
const alarms = async (query = "", who = officer()): Promise<Alarm[]> =>
  Object((await who.get(`/early-alarms${query}`)).json["items"]);
const figure = async (code: string) => {
  const { clauses } = (await officer().get("/clauses")).json as { clauses: { indicators: { code: string; value: number }[] }[] };
  return clauses.flatMap(({ indicators }) => indicators).find((one) => one.code === code);
};

test("five leads of one cause in a township are a cluster: told of, due to be answered, answered once, and over when the leads are old", async () => {
  await Promise.all([0, 1, 2, 3].map((n) => lead({ epidemic: n === 0 })));
  await office.advance(1);
  expect(await figure("G-01-alarms")).toMatchObject({ value: 0 });
  await lead();
  await office.advance(1);
  await until(async () => (await alarms()).length > 0, { what: "the alarm" });
  const [alarm] = await alarms();
  expect(alarm).toMatchObject({
    region: "451228100000",
    place: "安阳镇",
    kind: "cluster",
    cause: "illness",
    leads: 5,
    status: "open",
    raisedOn: "2022-08-17",
    explanation: [{ clause: "G-01", parameter: "alarm.causeCluster" }],
  });
  expect(await alarms("?region=451228101")).toEqual([]);
  expect(await alarms("", office.as("county-officer", "451024"))).toEqual([]);
  const due = (await officer().get("/todo")).json["items"];
  expect(due).toContainEqual(expect.objectContaining({ kind: "answer-alarm", entityId: alarm?.alarmId, region: "451228100000" }));

  const path = `/early-alarms/${alarm?.alarmId}/answer`;
  expect((await office.as("county-officer", "451024").post(path, { note: "已逐户核实" })).json["code"]).toBe("alarm-not-found");
  expect((await officer().post(`/early-alarms/${uuidv7()}/answer`, { note: "已逐户核实" })).json["code"]).toBe("alarm-not-found");
  const answered = await officer().post(path, { note: "韦大明等五户系同一矿难,已安排走访" });
  expect(answered.json).toMatchObject({ status: "answered", answeredOn: "2022-08-17", version: 2 });
  expect((await officer().post(path, { note: "再次答复一遍" })).json).toMatchObject({
    status: 409,
    code: "alarm-state",
    clause: "G-01",
    detail: expect.stringContaining("2022-08-17"),
  });
  expect(JSON.stringify((await officer().get("/todo")).json)).not.toContain("answer-alarm");
  expect(await figure("G-01-alarms")).toMatchObject({ value: 1 });

  // Turned away or not, they were found then: what is over is the span they were found in.
  await office.advance(28);
  await until(async () => (await alarms()).length === 0, { what: "the alarm to be over" });
  expect(await alarms("?over=true")).toMatchObject([{ kind: "cluster", status: "ended", endedOn: "2022-09-14", version: 3 }]);
  const told = (await office.outbox()).filter(({ type }) => type.startsWith("monitoring.early-alarm."));
  expect(told.map(({ type, sequence }) => [type.split(".")[2], sequence])).toEqual([
    ["raised", "1"],
    ["answered", "2"],
    ["ended", "3"],
  ]);
  expect(JSON.stringify(told)).not.toContain("韦大明");
});

test("the board goes by code and can be cut by the epidemic; few leads have no share; a lifted household below the line is listed", async () => {
  await lead({ cause: "accident", epidemic: true });
  const board = async (query = "", who = officer()) =>
    (await who.get(`/early-signs${query}`)).json as { items: Record<string, unknown>[] };
  expect(await board()).toMatchObject({
    windowDays: 28,
    leastLeads: 5,
    line: null,
    items: [{ region: "451228100000", leads: 1, leadsBefore: 5, epidemicLeads: 1, epidemicShare: null, belowLine: 0 }],
  });
  expect((await board("?epidemic=false")).items).toMatchObject([{ leads: 0, leadsBefore: 4 }]);
  const above = office.as("city-officer", "4512");
  expect((await board("", above)).items).toMatchObject([{ region: "451228000000", place: "都安瑶族自治县", leads: 1 }]);
  expect((await office.as("county-officer", "451024").get(`/early-signs?region=${county}`)).json["code"]).toBe("outside-area");
  expect((await officer().get("/early-signs?region=459999")).json["code"]).toBe("unknown-division");

  // Found a month ago and never sent out to be verified, nor helped.
  expect((await board()).items).toMatchObject([{ unverifiedLate: 5, unhelpedLate: 1 }]);
  expect(await figure("G-01-unverified")).toMatchObject({ value: 5, target: 0 });
  expect((await officer().get("/risk-leads?unverifiedLate=true")).json["items"]).toHaveLength(5);
  expect((await officer().get("/risk-leads?overdue=true")).json["items"]).toHaveLength(1);
  expect(await figure("G-02-leads")).toMatchObject({
    numerator: 1,
    denominator: 1,
    list: "/api/v1/monitoring/risk-leads?epidemic=true",
  });
  expect((await officer().get("/risk-leads?epidemic=true")).json["items"]).toHaveLength(2);

  const poor = await registerCouple(office);
  const income = await office.as("village-officer", village).post(`/households/${poor}/incomes`, {
    ...{ kind: "annual", from: "2021-01-01", until: "2021-12-31", wageFen: 1_000_000 },
    ...{ businessFen: 0, propertyFen: 0, transferFen: 0, businessCostFen: 0 },
  });
  expect(income.status, JSON.stringify(income.json)).toBe(201);
  expect(await figure("G-01-below-line")).toMatchObject({ value: null });
  const line = { key: "monitoring-line", region: "450000000000", value: 700_000, validFrom: "2022-01-01" };
  const loaded = await office.as("region-officer", "45").post("/parameters", { ...line, document: "桂乡振发〔2022〕3号" });
  expect(loaded.status, JSON.stringify(loaded.json)).toBe(201);
  expect(await figure("G-01-below-line")).toMatchObject({ value: 1, target: 0 });
  const listed = await officer().get("/early-signs/below-line");
  expect(listed.json).toEqual({ items: [{ householdId: poor, region: village, perCapitaFen: 500_000 }], next: null });
});

test("three months without a lead raise the alarm too; the first one ends it", async () => {
  await office.advance(95);
  await until(async () => (await alarms()).some(({ kind }) => kind === "silence"), { what: "the silence" });
  expect((await alarms())[0]).toMatchObject({ kind: "silence", leads: 0, explanation: [{ parameter: "alarm.silenceMonths" }] });
  await lead();
  await office.advance(1);
  await until(async () => (await alarms()).length === 0, { what: "the silence to be over" });
});

test("a severe lead presses a day before its end, is shown to the city a day after it, and turned away it is watched for six months", async () => {
  const { leadId } = await lead({ cause: "epidemic", epidemic: true });
  const city = office.as("city-officer", "4512");
  const due = async (who = office.as("township-officer", township)) =>
    (Object((await who.get("/todo?limit=500")).json["items"]) as Record<string, unknown>[]).find(
      (item) => item["kind"] === "first-measure" && item["entityId"] === leadId,
    );
  expect(await due()).toMatchObject({ pressing: false, overdue: false, escalated: false });
  await office.advance(3);
  expect(await due()).toMatchObject({ pressing: true, overdue: false, escalated: false });
  expect(await due(city)).toBeUndefined();
  await office.advance(2);
  expect(await due(city)).toMatchObject({ pressing: true, overdue: true, escalated: true });

  await office.as("township-officer", township).post(`/risk-leads/${leadId}/dispatch`, { to: "village-officer-1" });
  const verification = { visitedOn: office.today(), team: ["village-officer-1", "township-officer-1"], outcome: "not-at-risk" };
  const turnedAway = await office.as("township-officer", township).post(`/risk-leads/${leadId}/verification`, verification);
  expect(turnedAway.json).toMatchObject({ status: "rejected" });
  const watched = async () => Object((await officer().get("/risk-leads?watched=true")).json["items"]);
  expect(await watched()).toMatchObject([{ leadId }]);
  await office.advance(190);
  expect(await watched()).toEqual([]);
});
