import { until } from "@shouwang/testkit";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assignedHelper, includedCase } from "../case.testing.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, registerCouple, village } from "../people.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());
const newVillage = "451229100001";
const old = () => office.as("village-officer", village);
const next = () => office.as("village-officer", newVillage);
const offer = async (householdId: string, more: Record<string, unknown> = {}) => {
  const { json } = await old().get(`/households/${householdId}`);
  return await old().post(
    `/households/${householdId}/moves`,
    { toRegion: newVillage, reason: "work", ...more },
    undefined,
    Number(json["version"]),
  );
};
const offered = async () => {
  const householdId = await registerCouple(office);
  const reply = await offer(householdId);
  expect(reply.status, JSON.stringify(reply.json)).toBe(201);
  return { householdId, path: `/household-moves/${reply.json["moveId"]}` };
};
const arrived = async (path: string) =>
  await until(async () => ((await next().get(path)).json["status"] === "done" ? true : undefined));

describe("M-01: a household moves to another county", () => {
  test("offered and accepted by two offices: then the old county finds nothing, the new one everything", async () => {
    const householdId = await registerCouple(office);
    await old().post("/grid-assignments", { subject: "grid-1", householdIds: [householdId] });
    const { caseId } = await includedCase(office, "2022-08-14", { householdId });
    await assignedHelper(office, caseId, "2022-08-15", "helper-of-old-county");
    const lead = await old().post("/risk-leads", {
      householdId,
      source: "monthly-round",
      cause: "illness",
      foundAt: office.now().toISOString(),
      note: "户主住院",
    });
    const move = await offer(householdId);
    const path = `/household-moves/${move.json["moveId"]}`;

    const seen = (await next().get("/household-moves?direction=in&status=offered")).json["items"];
    expect(seen).toEqual([
      expect.objectContaining({
        householdId,
        summary: expect.objectContaining({ head: "韦*明", headcount: 2, monitored: false }),
      }),
    ]);
    const waiting = async (who = next()) =>
      Object(Object(await who.get("/todo")).json.items).filter(({ kind }: { kind: string }) => kind === "answer-household-move");
    expect(await waiting()).toEqual([
      expect.objectContaining({ entityId: move.json["moveId"], householdId: null, region: newVillage, overdue: false }),
    ]);
    expect(await waiting(old())).toEqual([]);
    expect((await next().get(`/households/${householdId}`)).status).toBe(404);
    expect((await office.as("village-officer", "451229100002").get(path)).status).toBe(404);
    expect((await old().post(`${path}/acceptance`, {})).json).toMatchObject({ code: "move-not-found" });
    expect((await office.as("grid-worker", newVillage).get("/household-moves")).status).toBe(403);

    const accepted = await next().post(`${path}/acceptance`, {});
    expect([accepted.status, accepted.json["status"]]).toEqual([202, "accepted"]);
    expect((await next().post(`${path}/acceptance`, {})).json).toMatchObject({ code: "move-state" });
    await arrived(path);

    for (const gone of [`/households/${householdId}`, `/monitored-cases/${caseId}`, `/risk-leads/${lead.json["leadId"]}`])
      expect((await office.as("county-officer", county).get(gone)).status, gone).toBe(404);
    expect((await next().get(`/households/${householdId}`)).json).toMatchObject({
      region: newVillage,
      status: "active",
      members: [{ name: "韦*明" }, { name: "覃*花" }],
    });
    const file = (await office.as("county-officer", "451229").get(`/households/${householdId}/file`)).json;
    expect(file).toMatchObject({
      leads: [{ status: "registered" }],
      cases: [{ caseId, helpers: [{ releasedBecause: "transferred" }] }],
    });
    expect((await next().post("/household-searches", { name: "覃小花" })).json["items"]).toHaveLength(1);

    const client = new pg.Client({ connectionString: office.adminUrl });
    await client.connect();
    const { rows: deadlines } = await client.query("select region, state from kit.deadline where household_id = $1", [
      householdId,
    ]);
    const { rows: assignments } = await client.query(
      "select region, valid_to is null as running from kit.assignment where household_id = $1",
      [householdId],
    );
    const { rows: facts } = await client.query("select region, region_at from monitoring.risk_lead where household_id = $1", [
      householdId,
    ]);
    const { rows: told } = await client.query(
      "select entity_id as id, version, subject, envelope::jsonb -> 'data' as data from kit.outbox where entity_id = any($1) order by id",
      [[householdId, caseId, String(lead.json["leadId"])]],
    );
    await client.end();
    const out = told.find((event) => event.subject.includes("moved-out"));
    expect(out?.subject).toMatch(/\.451228$/);
    expect(Object.values(Object(out?.data)).map(String)).not.toContainEqual(expect.stringMatching(/^451229(\d{6})?$/));
    expect(out?.data).toMatchObject({ status: "moving", region: village });
    for (const id of new Set(told.map((event) => event.id))) {
      const own = told.filter((event) => event.id === id);
      expect(own.at(-1)?.subject, id).toMatch(/\.451229$/);
      expect(own.map((event) => event.version)).toEqual(own.map((_, index) => Number(own[0]?.version) + index));
    }
    expect(deadlines.length).toBeGreaterThan(2);
    expect(new Set(deadlines.map((row) => row.region))).toEqual(new Set([newVillage]));
    expect(assignments.every((row) => row.region === village && !row.running)).toBe(true);
    expect(facts).toEqual([{ region: newVillage, region_at: village }]);
    const todo = (await office.as("county-officer", "451229").get("/todo")).json["items"] as Record<string, unknown>[];
    expect(todo).toContainEqual(expect.objectContaining({ kind: "assign-helper", entityId: caseId }));
  });

  test("declined and withdrawn it stays; while offered it can be corrected but neither split, merged nor offered again", async () => {
    const { householdId, path } = await offered();
    expect((await offer(householdId)).json).toMatchObject({ code: "household-moving" });
    const members = (await old().get(`/households/${householdId}`)).json["members"] as { personId: string }[];
    const split = { members: [{ personId: members[1]?.personId, relation: "head" }], on: "2022-08-15", source: "户口簿" };
    expect((await old().post(`/households/${householdId}/split`, split, undefined, 1)).json).toMatchObject({
      code: "household-moving",
    });
    const other = await registerCouple(office);
    const merge = {
      mergedId: householdId,
      mergedVersion: 1,
      members: members.map(({ personId }) => ({ personId, relation: "other" })),
      on: "2022-08-15",
      source: "户口簿",
    };
    expect((await old().post(`/households/${other}/merge`, merge, undefined, 1)).json).toMatchObject({
      code: "household-moving",
    });
    expect((await old().patch(`/households/${householdId}`, { lowIncome: true, source: "民政" }, 1)).json).toMatchObject({
      version: 2,
    });
    expect((await next().post(`${path}/refusal`, { because: "not-living-here" })).json).toMatchObject({ status: "declined" });
    const again = await offer(householdId);
    expect((await old().post(`/household-moves/${again.json["moveId"]}/withdrawal`, {})).json).toMatchObject({
      status: "withdrawn",
    });
    expect((await old().get(`/households/${householdId}`)).json).toMatchObject({ region: village, status: "active" });
  });

  test("two who accept at once: it moves once; an edit at that moment is either before the move or refused", async () => {
    for (let round = 0; round < 3; round += 1) {
      const { householdId, path } = await offered();
      const [one, two, edit] = await Promise.all([
        next().post(`${path}/acceptance`, {}),
        office.as("township-officer", "451229100").post(`${path}/acceptance`, {}),
        old().patch(`/households/${householdId}`, { lowIncome: true, source: "民政" }, 1),
      ]);
      expect([one?.status, two?.status].sort()).toEqual([202, 409]);
      expect([200, 404, 409, 412]).toContain(edit?.status);
      await arrived(path);
      const own = (await office.outbox()).filter(
        (event) => event.data["householdId"] === householdId && event.type.includes(".household."),
      );
      expect(own.filter((event) => event.type === "monitoring.household.arrived.v1")).toHaveLength(1);
      expect(own.map((event) => event.sequence)).toEqual(own.map((_, index) => String(index + 1)));
    }
  });

  test("an offer holds up nothing that happens in the household, and the new place sees it as it is now", async () => {
    const { householdId, path } = await offered();
    const seen = async () => (await old().get(`/households/${householdId}`)).json;
    const about = { on: "2022-08-15", source: "死亡证明", document: "都死证〔2022〕3号" };
    const [head, wife] = (await seen())["members"] as { personId: string }[];
    const renamed = { name: "覃小华", source: "户口簿", document: "都派户字〔2022〕9号" };
    const corrected = await old().patch(`/persons/${wife?.personId}`, renamed, 1);
    expect(corrected.status, JSON.stringify(corrected.json)).toBe(200);
    const died = await old().post(
      `/persons/${head?.personId}/death`,
      { ...about, relations: [{ personId: wife?.personId, relation: "head" }] },
      undefined,
      1,
    );
    expect(died.status, JSON.stringify(died.json)).toBe(200);
    expect((await next().get(path)).json).toMatchObject({
      status: "offered",
      summary: { head: "覃*华", headcount: 1, ableWorkers: 1 },
    });
    expect((await next().post(`${path}/acceptance`, {})).status).toBe(202);
    await arrived(path);
    expect((await next().get(`/households/${householdId}`)).json).toMatchObject({ headcount: 1, members: [{ name: "覃*华" }] });
  });

  test("the offer of a household that ends is taken back, and says why", async () => {
    const { householdId, path } = await offered();
    const version = Number((await old().get(`/households/${householdId}`)).json["version"]);
    const closure = { code: "death", on: "2022-08-15", document: "都死证〔2022〕4号", source: "死亡证明" };
    const closed = await office
      .as("township-officer", village.slice(0, 9))
      .post(`/households/${householdId}/closure`, closure, undefined, version);
    expect(closed.status, JSON.stringify(closed.json)).toBe(200);
    expect((await next().get(path)).json).toMatchObject({ status: "withdrawn", declinedBecause: "household-closed" });
    expect((await next().post(`${path}/acceptance`, {})).json).toMatchObject({ code: "move-state" });
  });

  test("an offer nobody answers lapses after the days the settings allow", async () => {
    const { householdId, path } = await offered();
    await office.advance(31);
    await until(async () => ((await old().get(path)).json["status"] === "expired" ? true : undefined));
    expect((await next().post(`${path}/acceptance`, {})).json).toMatchObject({ code: "move-state" });
    expect((await old().get(`/households/${householdId}`)).json).toMatchObject({ status: "active" });
  });
});

test("every table that belongs to a household follows it by a foreign key on household and region", async () => {
  // What stays where it was made, on purpose: assignments end at the move; a move names both of its places.
  const stays = ["kit.assignment", "monitoring.household_move"];
  // No key to the household: the columns name whose person's change it was; the person's own key carries the place.
  const byPerson = ["monitoring.person_change"];
  // Visits are too many for a key each: a trigger on the household moves them, as the move itself proves above.
  const byTrigger = ["monitoring.visit"];
  // A claim of money stays where the person was registered on the date that counts.
  const ofClaims = ["kit.claim", "kit.claim_note", "kit.payment_request"];
  const client = new pg.Client({ connectionString: office.adminUrl });
  await client.connect();
  const { rows } = await client.query<{ table: string; follows: boolean }>(`select c.oid::regclass::text as table,
      exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'f' and k.confupdtype = 'c'
        and (select array_agg(a.attname order by a.attname) from pg_attribute a where a.attrelid = c.oid and a.attnum = any(k.conkey)) = '{household_id,region}') as follows
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('kit', 'monitoring') and c.relkind in ('r', 'p') and not c.relispartition
      and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'household_id' and not a.attisdropped)
    order by 1`);
  await client.end();
  expect(rows.filter((row) => !row.follows).map((row) => row.table)).toEqual(
    [...stays, ...byPerson, ...byTrigger, ...ofClaims].sort(),
  );
});
