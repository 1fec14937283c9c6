import { businessDate, findJob, requestJob, system } from "@shouwang/service-kit";
import { until } from "@shouwang/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Office, startOffice } from "../office.testing.ts";
import { county, registerCouple, township, village } from "../people.testing.ts";
import { factsOf, focusSettings, listFound } from "./condition-store.ts";
import { judge } from "./decide.ts";
import { admin, earned, earningCouple, runListing } from "./focus.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());
const officer = () => office.as("county-officer", county);

const couple = (before: number | null, base: number | null) => earningCouple(office, before, base);
const runList = () => runListing(office);
const eventsOf = async (householdId: string) =>
  (await office.outbox()).filter((event) => event.type.includes("focus-household") && event.data["householdId"] === householdId);

test("a list is counted without being written, listed with events and audit, explained, and ended with its reason", async () => {
  const fell = await couple(1_500_000, 1_400_000);
  const low = await couple(900_000, 1_000_000);
  const well = await couple(1_300_000, 1_400_000);
  const lacking = await couple(null, null);

  const counted = await officer().get("/focus-candidates/counts?pending=true");
  expect(counted.json).toMatchObject({
    baseYear: 2021,
    year: 2022,
    population: 4,
    incomplete: 1,
    households: 2,
    incomeFell: 1,
    incomeLow: 1,
  });
  expect(counted.json).toMatchObject({
    pending: { toList: 2, toRemove: 0 },
    places: [{ region: "451228100000", households: 2 }],
  });
  expect(await eventsOf(fell)).toEqual([]);
  expect((await officer().get("/incomplete-incomes")).json["items"]).toEqual([
    { householdId: lacking, region: village, missing: [2021, 2020] },
  ]);

  expect(await runList()).toMatchObject({ listed: 2, removed: 0 });
  expect(await runList()).toMatchObject({ listed: 0, removed: 0 });
  const first = await officer().get("/focus-households?limit=1");
  const second = await officer().get(`/focus-households?limit=1&cursor=${first.json["next"]}`);
  expect([first, second].flatMap((page) => page.json["items"])).toMatchObject([
    { householdId: fell, criteria: ["income-fell"], perCapitaFen: 1_400_000, beforePerCapitaFen: 1_500_000 },
    { householdId: low, criteria: ["income-low"] },
  ]);
  expect(second.json["next"]).toBeNull();
  expect(await eventsOf(low)).toMatchObject([
    { type: "monitoring.focus-household.listed.v1", sequence: "1", data: { year: 2022, criteria: ["income-low"] } },
  ]);
  expect(await admin(office, "select action, clause from kit.audit where entity = 'focus-household'")).toEqual([
    { action: "list-focus-household", clause: "M-05" },
    { action: "list-focus-household", clause: "M-05" },
  ]);
  const why = await officer().get(`/households/${well}/focus-explanation`);
  expect(why.json).toMatchObject({
    criteria: [],
    missing: [],
    reasons: [{ code: "income-not-fallen" }, { code: "income-above" }, { code: "no-epidemic-income-drop" }],
  });

  await earned(office, low, 2021, 1_100_000);
  await earned(office, fell, 2021, 900_000);
  expect(await runList()).toMatchObject({ listed: 1, removed: 1 });
  expect((await eventsOf(fell)).map((event) => [event.sequence, event.data["criteria"]])).toEqual([
    ["1", ["income-fell"]],
    ["2", ["income-fell", "income-low"]],
  ]);
  expect((await officer().get("/focus-households?removed=true")).json["items"]).toMatchObject([
    { householdId: low, criteria: [], removedBecause: "conditions-ended", version: 2 },
  ]);
  await earned(office, low, 2021, 1_000_000);
  expect(await runList()).toMatchObject({ listed: 1 });
  expect((await eventsOf(low)).map((event) => event.type.split(".")[2])).toEqual(["listed", "removed", "listed"]);

  await admin(office, "update monitoring.household set status = 'closed' where id = $1", [low]);
  expect(await runList()).toMatchObject({ removed: 1 });
  expect((await officer().get("/focus-households?removed=true")).json["items"]).toMatchObject([
    { removedBecause: "not-watched" },
  ]);
  const clause = await office.as("auditor", county).get("/clauses");
  expect(JSON.stringify(clause.json)).toContain('"M-05-listed"');
});

test("a sharp loss is proposed by a stopped wage, confirmed by a person, and lists the household at once", async () => {
  const householdId = await couple(1_300_000, 1_400_000);
  const file = await officer().get(`/households/${householdId}`);
  const [worker] = Object(file.json)["members"];
  const path = `/households/${householdId}`;
  const stop = { personId: worker.personId, from: "2022-06-01", epidemic: true };
  expect((await officer().post(`${path}/wage-stops`, { ...stop, from: "2022-09-01" })).json).toMatchObject({
    code: "invalid-input",
  });
  expect((await officer().post(`${path}/wage-stops`, stop)).status).toBe(201);
  expect((await officer().post(`${path}/wage-stops`, stop)).json).toMatchObject({ code: "already-exists" });
  expect((await officer().get("/epidemic-drop-proposals")).json["items"]).toMatchObject([
    { householdId, reasons: [{ code: "wage-stopped" }] },
  ]);

  const township1 = office.as("township-officer", township);
  const refused = await township1.post(`${path}/epidemic-drop`, { confirmed: false, note: "其他家人收入补足" });
  expect(refused.json).toMatchObject({ proposed: true, confirmed: false, criteria: null });
  expect((await officer().get("/epidemic-drop-proposals")).json["items"]).toEqual([]);
  const confirmed = await township1.post(`${path}/epidemic-drop`, { confirmed: true, note: "入户核实属实" });
  expect(confirmed.json).toMatchObject({ confirmed: true, criteria: ["epidemic-income-drop"] });
  const withdrawn = await township1.post(`${path}/epidemic-drop`, { confirmed: false, note: "已补发工资" });
  expect(withdrawn.json).toMatchObject({ criteria: [] });
  expect((await eventsOf(householdId)).map((event) => event.sequence)).toEqual(["1", "2"]);

  const ordinary = await registerCouple(office, { householdKind: "ordinary-household" });
  expect((await township1.post(`/households/${ordinary}/epidemic-drop`, { confirmed: true, note: "属实" })).json).toMatchObject({
    code: "not-watched",
  });
  expect((await officer().post(`${path}/wage-stops`, { personId: worker.personId, until: "2022-08-01" })).status).toBe(201);
});

test("monthly incomes so far propose a sharp loss; a quarter counts where none of its months is there", async () => {
  const householdId = await couple(1_100_000, 1_200_000);
  const record = async (kind: string, from: string, to: string, perCapitaFen: number) =>
    await admin(
      office,
      `insert into monitoring.household_income (id, household_id, region, kind, from_date, until_date, headcount, wage_fen, business_fen, property_fen, transfer_fen,
        business_cost_fen, net_fen, per_capita_fen, confirmed) values (uuidv7(), $1, $2, $3, $4, $5, 2, $6::bigint * 2, 0, 0, 0, 0, $6::bigint * 2, $6::bigint, false)`,
      [householdId, village, kind, from, to, perCapitaFen],
    );
  await record("quarterly", "2022-01-01", "2022-03-31", 210_000);
  await record("monthly", "2022-04-01", "2022-04-30", 70_001);
  expect((await officer().get("/epidemic-drop-proposals")).json["items"]).toEqual([]);
  await record("monthly", "2022-05-01", "2022-05-31", 69_999);
  expect((await officer().get("/epidemic-drop-proposals")).json["items"]).toMatchObject([
    { householdId, reasons: [{ code: "income-to-date-low", facts: [{ value: 350_000 }, { value: 5 }] }] },
  ]);
});

test("another county sees and lists nothing here, and asks in vain for a list outside its area", async () => {
  const other = office.as("county-officer", "451229");
  expect((await other.get("/focus-candidates/counts")).json).toMatchObject({ population: 0, households: 0 });
  expect((await other.get(`/focus-candidates?region=${county}`)).json["items"]).toEqual([]);
  expect((await other.post("/focus-lists", { region: county })).json).toMatchObject({ code: "outside-area" });
  expect((await other.post("/focus-lists", { region: "99" })).json).toMatchObject({ code: "unknown-division" });
});

test("a job that is asked for twice at once lists each household once", async () => {
  const householdId = await couple(800_000, 700_000);
  const job = { kind: "list-focus-households", region: `${county}000000`, input: { region: county } };
  const ids = await office.running.db.withTx(system("test"), async (tx) => [
    await requestJob(tx, system("a"), job),
    await requestJob(tx, system("b"), job),
  ]);
  for (const id of ids)
    await until(async () => (await office.running.db.withReadTx(system("test"), (tx) => findJob(tx, id)))?.state === "done");
  expect((await eventsOf(householdId)).map((event) => event.sequence)).toEqual(["1"]);
});

test("the conditions found in SQL are those the rule explains, for any incomes", async () => {
  const householdId = await registerCouple(office);
  const today = businessDate(office.now());
  const amount = fc.option(
    fc.oneof(fc.integer({ min: 990_000, max: 1_010_000 }), fc.integer({ min: -1_000_000, max: 3_000_000 })),
  );
  const heads = fc.integer({ min: 1, max: 6 });
  await fc.assert(
    fc.asyncProperty(amount, amount, heads, heads, fc.boolean(), async (base, before, baseHeads, beforeHeads, dropped) => {
      const per = (net: number | null, by: number) => (net === null ? null : Math.floor(net / by));
      await admin(
        office,
        `insert into monitoring.income_year (household_id, region, year, watched, per_capita_fen, headcount, net_fen, before_per_capita_fen, before_headcount, before_net_fen, dropped)
         values ($1, $2, 2021, true, $3, $4, $5, $6, $7, $8, $9) on conflict (household_id, year) do update set per_capita_fen = $3, headcount = $4, net_fen = $5,
           before_per_capita_fen = $6, before_headcount = $7, before_net_fen = $8, dropped = $9`,
        [
          householdId,
          village,
          per(base, baseHeads),
          base && baseHeads,
          base,
          per(before, beforeHeads),
          before && beforeHeads,
          before,
          dropped,
        ],
      );
      await office.running.db.withReadTx(system("test"), async (tx) => {
        const settings = await focusSettings(tx, village, today);
        const known = await factsOf(tx, householdId, 2021);
        if (!known) throw new Error("the household is not there");
        const rule = judge(known.facts, settings);
        const found = await listFound(tx, settings, {
          area: { lo: "45", hi: "46" },
          criterion: undefined,
          after: undefined,
          limit: 1_000,
        });
        const row = found.find((one) => one.householdId === householdId);
        expect(row?.criteria ?? []).toEqual(rule.criteria);
        if (row && known.facts.base && known.facts.before) expect(row.byHeadcount).toBe(rule.byHeadcount);
      });
    }),
    { numRuns: 40 },
  );
});
