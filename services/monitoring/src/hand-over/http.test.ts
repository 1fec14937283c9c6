import { createHash } from "node:crypto";
import { system } from "@shouwang/service-kit";
import { until } from "@shouwang/testkit";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assignedHelper, includedCase } from "../case.testing.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, registerCouple, township, village } from "../people.testing.ts";
import { insertSuspects } from "../suspect/store.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());
const asTownship = (subject?: string) => office.as("township-officer", township, subject);
const successor = { name: "覃建国", unit: "都安瑶族自治县水利局", phone: "13800138001", relationship: "none" };
const ask = (more: object = {}) =>
  asTownship().post("/hand-overs", { region: township, from: "leaver", to: "taker", because: "transferred", successor, ...more });
const ended = async (id: unknown) =>
  await until(async () => {
    const { json } = await asTownship().get(`/hand-overs/${id}`);
    return json["state"] === "done" && json["moved"];
  });

/** A suspect of a household that is given to somebody. */
async function assignedSuspect(householdId: string, to: string, ruleCode = "Q01"): Promise<string> {
  const id = uuidv7();
  const about = {
    householdId,
    region: village,
    personId: null,
    ruleCode,
    field: "headcount",
    found: [],
    raisedBy: "monitoring",
  };
  const open = {
    status: "new" as const,
    outcome: null,
    because: null,
    fileId: null,
    assignedTo: null,
    round: 1,
    vanishedAt: null,
  };
  await office.running.db.withTx(system("test"), (tx) =>
    insertSuspects(tx, [
      {
        id,
        ...about,
        ...open,
        openedAt: office.now(),
        closedOn: null,
        expiresOn: null,
        version: 1,
        fingerprint: createHash("sha256").update(id).digest(),
      },
    ]),
  );
  const reply = await asTownship().post(`/suspects/${id}/assignment`, { to });
  expect(reply.status, JSON.stringify(reply.json)).toBe(200);
  return id;
}

describe("the work of whoever leaves", () => {
  test("goes to the successor, each thing once, with exact counts and an event for each that has one", async () => {
    const first = await includedCase(office, "2022-08-14");
    const second = await includedCase(office, "2022-08-14");
    await assignedHelper(office, first.caseId, "2022-08-15", "leaver");
    await assignedHelper(office, second.caseId, "2022-08-15", "leaver");
    await assignedHelper(office, second.caseId, "2022-08-15", "taker");
    const other = await assignedHelper(office, first.caseId, "2022-08-15", "stays");
    const households = [first.householdId, second.householdId, await registerCouple(office)];
    await office.as("village-officer", village).post("/grid-assignments", { subject: "leaver", householdIds: households });
    const found = {
      source: "monthly-round",
      cause: "illness",
      severity: "general",
      epidemic: false,
      foundAt: office.now().toISOString(),
    };
    const lead = await office.as("village-officer", village).post("/risk-leads", { householdId: households[2], ...found });
    const leadId = lead.json["leadId"];
    await asTownship().post(`/risk-leads/${leadId}/dispatch`, { to: "leaver" });
    const suspectId = await assignedSuspect(String(households[2]), "leaver");
    const kept = await assignedSuspect(String(households[2]), "stays", "Q02");

    const open = { helpers: 2, households: 3, leads: 1, suspects: 1, tasks: 1 };
    expect((await asTownship().post("/open-work", { subject: "leaver", region: township })).json).toEqual(open);
    const before = await office.outbox();
    const asked = await ask();
    expect([asked.status, asked.json["open"]]).toEqual([202, open]);
    expect(await ended(asked.json["handOverId"])).toEqual({ ...open, helpers: 1, helpersThereAlready: 1 });

    const left = { helpers: 0, households: 0, leads: 0, suspects: 0, tasks: 0 };
    expect((await asTownship().post("/open-work", { subject: "leaver", region: township })).json).toEqual(left);
    const events = (await office.outbox()).slice(before.length).filter(({ type }) => !type.includes(".audit."));
    expect(events.map(({ type }) => type).sort()).toEqual([
      "monitoring.helper.assigned.v1",
      "monitoring.helper.released.v1",
      "monitoring.helper.released.v1",
      "monitoring.risk-lead.dispatched.v1",
    ]);
    const helpers = Object((await asTownship().get(`/monitored-cases/${first.caseId}/helpers`)).json)["items"];
    const active = helpers.filter(({ until: last }: { until: string | null }) => last === null);
    expect(active.map(({ helperId, name }: Record<string, string>) => [helperId === other, name])).toEqual(
      expect.arrayContaining([
        [true, expect.any(String)],
        [false, "覃*国"],
      ]),
    );
    expect((await asTownship().get(`/risk-leads/${leadId}`)).json).toMatchObject({ dispatchedTo: "taker", version: 3 });
    expect((await asTownship().get(`/suspects/${suspectId}`)).json).toMatchObject({ assignedTo: "taker", status: "assigned" });
    expect((await asTownship().get(`/suspects/${kept}`)).json).toMatchObject({ assignedTo: "stays" });
    // The successor now sees the households as a grid worker, and the leaver does not.
    expect((await office.as("grid-worker", village, "taker").get(`/households/${households[2]}`)).status).toBe(200);
    expect((await office.as("grid-worker", village, "leaver").get(`/households/${households[2]}`)).status).toBe(404);

    const again = await ask();
    expect(await ended(again.json["handOverId"])).toEqual({ ...left, helpersThereAlready: 0 });
    const list = Object((await asTownship().get("/hand-overs?limit=1")).json);
    expect([list.items.map(({ handOverId }: { handOverId: string }) => handOverId), typeof list.next]).toEqual([
      [again.json["handOverId"]],
      "string",
    ]);
  });

  test("outside the area asked for stays where it is", async () => {
    const { caseId } = await includedCase(office, "2022-08-14");
    await assignedHelper(office, caseId, "2022-08-15", "wide");
    const asCounty = office.as("county-officer", county);
    const asked = await asCounty.post("/hand-overs", { region: "451228101", from: "wide", to: "taker", because: "leave" });
    expect(asked.status).toBe(202);
    await until(async () => (await asCounty.get(`/jobs/${asked.json["jobId"]}`)).json["state"] === "done");
    expect((await asTownship().post("/open-work", { subject: "wide", region: township })).json).toMatchObject({ helpers: 1 });
  });

  test.each([
    ["to oneself", { to: "leaver" }, "invalid-input"],
    ["to somebody who cannot be called", { successor: { ...successor, phone: "123" } }, "invalid-input"],
    ["somewhere else", { region: "451229100" }, "outside-area"],
    ["nowhere", { region: "451228999" }, "unknown-division"],
  ])("does not go %s", async (_, more, code) => {
    expect((await ask(more)).json["code"]).toBe(code);
  });

  test("is not counted elsewhere, nor handed over without a name and number for a household's helper", async () => {
    const { caseId } = await includedCase(office, "2022-08-14");
    await assignedHelper(office, caseId, "2022-08-15", "nameless");
    const reply = await ask({ from: "nameless", successor: undefined });
    expect(reply.json).toMatchObject({ code: "invalid-input", errors: [{ pointer: "/successor", rule: "required" }] });
    for (const [region, code] of [
      ["451229100", "outside-area"],
      ["451228999", "unknown-division"],
    ])
      expect((await asTownship().post("/open-work", { subject: "x", region })).json["code"]).toBe(code);
    expect((await office.as("township-officer", "451229100").get(`/hand-overs/${uuidv7()}`)).json["code"]).toBe("not-found");
  });
});

describe("long work whose asker's appointment has ended", () => {
  /** Asked for in an office that no appointment puts anybody in any more, with what its chunks have counted so far. */
  async function endOf(kind: string, input: object, totals: Record<string, number>, checkpoint: object | null = null) {
    const id = uuidv7();
    const stand = { issuer: "i", subject: "stand-in", roles: ["township-officer"], region: township, actingFor: "i|ill" };
    await office.running.db.withTx(system("test"), async (tx) => {
      await sql`insert into kit.job (id, kind, region, principal, input, checkpoint, state)
        values (${id}, ${kind}, ${township.padEnd(12, "0")}, ${JSON.stringify(stand)}, ${JSON.stringify(input)}, ${JSON.stringify(checkpoint)}::jsonb, 'running')`.execute(
        tx,
      );
      await sql`insert into kit.job_chunk (job_id, n, totals) values (${id}, 1, ${JSON.stringify(totals)})`.execute(tx);
    });
    return await until(async () => {
      const { json } = await office.as("county-officer", county).get(`/jobs/${id}`);
      return json["state"] === "failed" && Object(json["result"]).ended;
    });
  }
  const counted = { rows: 20, refused: 3, unchanged: 2 };

  test("says how much is done and how much is not, and hands nothing over", async () => {
    const { caseId, householdId } = await includedCase(office, "2022-08-14");
    await assignedHelper(office, caseId, "2022-08-15", "stays-on");
    await office.as("village-officer", village).post("/grid-assignments", { subject: "stays-on", householdIds: [householdId] });
    const input = { handOverId: uuidv7(), area: township, from: "stays-on", to: "taker" };
    expect(await endOf("hand-over", input, { helpers: 4, households: 3 })).toMatchObject({ done: 7, left: 2 });
    expect(
      await endOf("grid-hand-over", { region: village, from: "stays-on", to: null }, { moved: 0, released: 9 }),
    ).toMatchObject({
      done: 9,
      left: 1,
    });
    expect((await asTownship().post("/open-work", { subject: "stays-on", region: township })).json).toMatchObject({ helpers: 1 });
  });

  test("counts the rows of a list, once it is known how many there are", async () => {
    const ends: [string, Record<string, number>, object | null, unknown[]][] = [
      ["household-import", { ...counted, persons: 5 }, { step: "register", after: 9 }, [5, 10]],
      ["household-import", counted, { step: "check", after: 9 }, [undefined, undefined]],
      ["department-feed", { ...counted, taken: 6, unmatched: 1, toConfirm: 1 }, { step: "match" }, [10, 7]],
      ["department-feed", {}, null, [undefined, undefined]],
    ];
    const told = await Promise.all(ends.map(([kind, totals, place]) => endOf(kind, { listId: uuidv7() }, totals, place)));
    expect(told.map(({ done, left }) => [done, left])).toEqual(ends.map(([, , , expected]) => expected));
  });
});
