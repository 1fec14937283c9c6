import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { csv, takeIn } from "../feed/upload.testing.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, newNumber, registerCouple } from "../people.testing.ts";

let office: Office;
const officer = () => office.as("county-officer", county);
const document = "都乡振〔2022〕3号";
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());

async function householdWithCost(yuan: string): Promise<string> {
  const identityNumber = newNumber("1975-03-05", "male");
  const members = [{ name: "韦大明", identityNumber, relation: "head", labourSkill: "ordinary" }];
  const householdId = await registerCouple(office, { members });
  const line = ["韦大明", identityNumber, "2022-08-01", `B${identityNumber.slice(-6)}`, "90000", yuan];
  const feed = await takeIn(office.running.url, csv([line]));
  expect(feed.totals).toMatchObject({ taken: 1, leads: 0 });
  expect(feed.rulesWaiting).toEqual(["medical-self-paid", "medical-severe"]);
  return householdId;
}
const load = (key: string, value: unknown) =>
  officer().post("/parameters", { key, region: `${county}000000`, value, validFrom: "2022-01-01", document });

test("before its line is loaded a rule proposes nothing; a dry run says who would become a lead, the run registers them, once", async () => {
  const householdId = await householdWithCost("10000");
  await householdWithCost("9999.99");
  const waiting = await officer().post("/screening-runs/dry", { rules: ["medical-self-paid", "medical-income-share"] });
  expect(waiting.json).toMatchObject({
    households: 2,
    leads: 0,
    rules: [
      { code: "medical-self-paid", waitingFor: ["screening.medicalSelfPaid"], counties: ["451228000000"] },
      { code: "medical-income-share", waitingFor: [] },
    ],
  });

  // Before it is signed: what would the line mean? Nothing is written.
  const tried = { parameters: [{ key: "screening.medicalSelfPaid", value: 1_000_000 }], list: "added" };
  const simulated = await officer().post("/screening-simulations", tried);
  expect(simulated.json).toMatchObject({
    conditions: [{ code: "medical-self-paid" }],
    ...{ before: 0, after: 1, added: 1, removed: 0 },
    byCounty: [{ region: "451228000000", place: "河池市都安瑶族自治县", added: 1 }],
    items: [{ householdId, head: "韦*明", before: false, after: true, reasons: [{ document: "试算 simulation" }] }],
    next: null,
  });

  expect((await load("screening.medicalSelfPaid", 1_000_000)).status).toBe(201);
  const events = (await office.outbox()).length;
  const dry = await officer().post("/screening-runs/dry", { rules: ["medical-self-paid"], region: county });
  expect(dry.json).toMatchObject({
    ...{ leads: 1, joins: 0, known: 0, factsDue: 0 },
    byRule: [{ code: "medical-self-paid", leads: 1 }],
    byCounty: [{ region: "451228000000", place: "河池市都安瑶族自治县", leads: 1 }],
    byTownship: [{ region: "451228100000", leads: 1 }],
  });
  const list = await officer().post("/screening-runs/dry/findings", { rules: ["medical-self-paid"], limit: 1 });
  expect(list.json["items"]).toMatchObject([
    {
      householdId,
      head: "韦*明",
      cause: "illness",
      severity: "general",
      ruleCode: "medical-self-paid",
      explanation: [{}, { document }],
    },
  ]);
  const rest = await officer().post("/screening-runs/dry/findings", { rules: ["medical-self-paid"], cursor: list.json["next"] });
  expect(rest.json).toEqual({ items: [], next: null });
  expect(JSON.stringify([dry.json, list.json, simulated.json])).not.toContain("韦大明");
  expect((await officer().get("/risk-leads")).json["items"]).toEqual([]);
  expect(await office.outbox()).toHaveLength(events);

  expect(await run({})).toMatchObject({ state: "done", totals: { households: 1, leads: 1, merged: 0 } });
  expect((await officer().get("/risk-leads")).json["items"]).toMatchObject([{ householdId, source: "department-warning" }]);
  expect((await office.outbox()).slice(events).map(({ type }) => type)).toEqual(["monitoring.risk-lead.registered.v1"]);
  expect((await officer().post("/screening-runs/dry", {})).json).toMatchObject({ leads: 0, joins: 1 });
  const again = await run({ rules: ["medical-self-paid", "medical-severe"] });
  expect(again).toMatchObject({ totals: { leads: 0, merged: 1 }, waiting: [{ code: "medical-severe" }] });
  expect((await officer().get("/screening-runs?limit=1")).json).toMatchObject({ items: [{ region: "451228000000" }] });
});

async function run(body: object): Promise<Record<string, unknown>> {
  const started = await officer().post("/screening-runs", body);
  expect(started.status, JSON.stringify(started.json)).toBe(202);
  return await vi.waitFor(
    async () => {
      const progress = (await officer().get(`/screening-runs/${started.json["runId"]}`)).json;
      expect(progress["state"]).toBe("done");
      return progress;
    },
    { timeout: 60_000, interval: 50 },
  );
}

test("a county adds a rule of its own, which nobody else may change, and ends it", async () => {
  const when = {
    all: [
      { fact: "headcount", is: "at-least", limit: { constant: 1 } },
      { fact: "monitored", is: "below", limit: { constant: 1 } },
    ],
  };
  const rule = {
    code: "county-look",
    cause: "other",
    severity: "general",
    title: { zh: "本县逐户走访", en: "The county looks at every household" },
    when,
    validFrom: "2022-08-15",
    document,
  };
  const before = (await officer().post("/screening-runs/dry", {})).json;
  const tried = await officer().post("/screening-simulations", { rules: [{ code: "county-look", when }] });
  expect(tried.json).toMatchObject({ before: 0, after: before["households"], added: before["households"] });
  expect((await officer().post("/screening-rules", rule)).status).toBe(201);
  const after = await officer().post("/screening-runs/dry", { rules: ["county-look"] });
  expect(after.json["leads"]).toBe(before["households"]);
  const other = office.as("county-officer", "451024");
  expect(JSON.stringify((await other.get("/screening-rules")).json)).not.toContain("county-look");
  for (const [who, code] of [
    [other, "county-look"],
    [officer(), "medical-severe"],
  ] as const) {
    expect((await who.post("/screening-rules", { ...rule, code })).json["code"]).toBe("screening-rule-of-another");
    const ended = await who.post(`/screening-rules/${code}/end`, { lastDay: "2022-08-15", document });
    expect(ended.json["code"]).toBe("screening-rule-of-another");
  }
  // A revision holds from its day on; an end from the day after.
  expect((await officer().post("/screening-rules", { ...rule, severity: "severe" })).status).toBe(201);
  const rules = await officer().get("/screening-rules?region=451228000000");
  expect(Object(rules.json["items"])).toContainEqual(expect.objectContaining({ code: "county-look", severity: "severe", when }));
  expect((await officer().post("/screening-rules/county-look/end", { lastDay: "2022-08-15", document })).status).toBe(200);
  await office.advance(1);
  expect((await officer().post("/screening-runs/dry", { rules: ["county-look"] })).status).toBe(400);
});

const ownRule = {
  code: "own-rule",
  cause: "other",
  severity: "general",
  title: { zh: "规则", en: "A rule" },
  when: { fact: "headcount", is: "above", limit: { constant: 1 } },
  validFrom: "2022-09-01",
  document,
};
test.each<[string, object, string]>([
  ["a fact there is none of", { when: { fact: "shoeSize", is: "above", limit: { constant: 1 } } }, "/when"],
  ["a rule that began yesterday", { validFrom: "2022-08-14" }, "/validFrom"],
  ["a rule of a village", { region: "451228100003" }, "/region"],
])("refused: %s", async (_, more, pointer) => {
  const reply = await officer().post("/screening-rules", { ...ownRule, ...more });
  expect([reply.status, reply.json["errors"]]).toMatchObject([400, [{ pointer }]]);
});

test("a rule holds for a division there is, within one's own area; only a rule there is ends, and not in the past", async () => {
  const set = async (more: object) => (await officer().post("/screening-rules", { ...ownRule, ...more })).json["code"];
  expect(await set({ region: "450012000000" })).toBe("unknown-division");
  expect(await set({ region: "451024000000" })).toBe("outside-area");
  expect(await set({ code: "short-lived" })).toBe("short-lived");
  const end = (code: string, lastDay: string) => officer().post(`/screening-rules/${code}/end`, { lastDay, document });
  expect((await end("no-such-rule", "2022-09-30")).json).toMatchObject({ status: 404, code: "not-found" });
  expect((await end("short-lived", "2022-08-01")).json["errors"]).toMatchObject([{ pointer: "/lastDay", rule: "not-in-past" }]);
});

test("another county's officer finds nobody here, and may not ask of it", async () => {
  const other = office.as("county-officer", "451024");
  expect((await other.post("/screening-runs/dry", {})).json).toMatchObject({ households: 0, leads: 0 });
  for (const path of ["/screening-runs/dry", "/screening-runs/dry/findings", "/screening-runs", "/screening-simulations"])
    expect((await other.post(path, { region: county })).json["code"], path).toBe("outside-area");
});

test("a rule, a parameter and a division that do not exist are refused", async () => {
  const noRule = await officer().post("/screening-runs/dry", { rules: ["medical-self-paid", "no-rule"] });
  expect([noRule.status, noRule.json["errors"]]).toMatchObject([400, [{ pointer: "/rules/1", rule: "unknown-rule" }]]);
  const noParameter = await officer().post("/screening-simulations", { parameters: [{ key: "no.such", value: 1 }] });
  for (const path of ["/screening-runs/dry/findings", "/screening-runs"])
    expect((await officer().post(path, { rules: ["no-rule"] })).json["errors"], path).toMatchObject([{ pointer: "/rules/0" }]);
  expect(noParameter.json["errors"]).toMatchObject([{ pointer: "/parameters/0/key" }]);
  const half = await officer().post("/screening-simulations", { parameters: [{ key: "monitoring-line", value: 0.5 }] });
  expect(half.json["errors"]).toMatchObject([{ pointer: "/parameters/0/value" }]);
  for (const path of ["/screening-runs/dry", "/screening-runs/dry/findings", "/screening-runs", "/screening-simulations"]) {
    const nowhere = await officer().post(path, { region: "999999" });
    expect([nowhere.status, nowhere.json["code"]], path).toEqual([422, "unknown-division"]);
  }
  expect((await officer().get("/screening-rules?region=450012000000")).json["code"]).toBe("unknown-division");
  expect((await officer().get("/screening-runs/018f0000-0000-7000-8000-000000000001")).json["code"]).toBe(
    "screening-run-not-found",
  );
});
