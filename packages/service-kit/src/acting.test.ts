import { randomUUID } from "node:crypto";
import { signToken, until } from "@shouwang/testkit";
import pg from "pg";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sealOnce } from "./audit.ts";
import { verifyAudit } from "./audit-verify.ts";
import { system } from "./principal.ts";
import { type ClinicDb, clinic } from "./testing/clinic.testing.ts";
import { noNats, startWard, type Ward, type WardDatabase, wardDatabase } from "./testing/ward.testing.ts";

const village = "451228100003";
let database: WardDatabase;
let ward: Ward<ClinicDb>;
beforeAll(async () => {
  database = await wardDatabase(clinic, "kit_clinic");
  ward = await startWard(clinic, database, noNats);
});
afterAll(async () => {
  await ward.stop();
  await database.drop();
});

const day = (after: number) => new Date(Date.now() + (after * 24 + 8) * 3_600_000).toISOString().slice(0, 10);
const appointer = () => ward.as("township-officer", "451228100", "boss");
const appoint = async (more: object = {}, by = appointer()) =>
  await by.post("/acting-appointments", {
    role: "village-officer",
    region: village,
    acting: "stand-in",
    actingFor: "clerk",
    from: day(0),
    until: day(30),
    document: "乡政发〔2022〕3号",
    ...more,
  });
/** A call made by a grid worker of another village, who may do nothing of the kind in his own office. */
const call = async (path: string, more: { acting?: unknown; sub?: string; body?: object; key?: string } = {}) => {
  const token = await signToken({ sub: more.sub ?? "stand-in", sw_roles: ["grid-worker"], sw_region: "451228100004" });
  const reply = await fetch(`${ward.url}/api/v1/social${path}`, {
    headers: {
      authorization: `Bearer ${token}`,
      "idempotency-key": more.key ?? randomUUID(),
      "content-type": "application/json",
      ...(more.acting === undefined ? {} : { "sw-acting": String(more.acting) }),
    },
    ...(more.body ? { method: "POST", body: JSON.stringify(more.body) } : {}),
  });
  return { status: reply.status, json: Object(await reply.json()) };
};
const file = { region: village, weight: 60 };

describe("an acting officer", () => {
  test("does what the office may, where the office may, and both people stand in the audit", async () => {
    const { status, json } = await appoint();
    expect([status, json["acting"], json["actingFor"]]).toEqual([
      201,
      expect.stringMatching(/\|stand-in$/),
      expect.stringMatching(/\|clerk$/),
    ]);
    const acting = json["appointmentId"];
    expect((await call("/test-files", { body: file })).json.code).toBe("role-not-allowed");
    const opened = await call("/test-files", { body: file, acting });
    expect(opened.status).toBe(201);
    // In the office, not in his own: his village is out of reach, the office's is not.
    expect((await call(`/test-files/${opened.json.fileId}`)).status).toBe(404);
    expect((await call(`/test-files/${opened.json.fileId}`, { acting })).status).toBe(200);
    const [entry] = await database.rows("select actor, acting_for, roles from kit.audit where entity_id = $1", [
      opened.json.fileId,
    ]);
    expect(entry).toEqual({ actor: json["acting"], acting_for: json["actingFor"], roles: ["village-officer"] });
    while ((await sealOnce(ward.db.pool)) > 0);
    expect(await ward.db.withReadTx(system("test"), (tx) => verifyAudit(tx))).toMatchObject({ ok: true });
    await database.rows("update kit.audit set acting_for = 'i|somebody-else' where entity_id = $1", [opened.json.fileId]);
    expect(await ward.db.withReadTx(system("test"), (tx) => verifyAudit(tx))).toMatchObject({
      ok: false,
      firstBad: { because: "changed" },
    });
    await database.rows("update kit.audit set acting_for = $2 where entity_id = $1", [opened.json.fileId, json["actingFor"]]);
  });

  test("finds the appointments he acts under, though they lie outside his own area", async () => {
    await appoint({ document: "乡政发〔2022〕4号", acting: "finder" });
    const mine = await call("/acting-appointments?mine=true", { sub: "finder" });
    expect(mine.json.items.map(({ document }: { document: string }) => document)).toEqual(["乡政发〔2022〕4号"]);
    expect((await call("/acting-appointments", { sub: "nobody" })).json.items).toEqual([]);
  });

  test("is nobody without an appointment of his own that is in force", async () => {
    const { json } = await appoint({ acting: "later", from: day(2) });
    for (const [acting, sub] of [
      [json["appointmentId"], "later"],
      [(await appoint({ acting: "other" })).json["appointmentId"], "stand-in"],
      [randomUUID(), "stand-in"],
      ["not-an-id", "stand-in"],
    ])
      expect((await call("/test-files", { body: file, acting, sub: String(sub) })).json).toMatchObject({
        status: 403,
        code: "acting-not-in-force",
      });
  });

  test("acts no longer once the appointment is ended, by the level that appoints", async () => {
    const { json } = await appoint({ acting: "short", document: "乡政发〔2022〕5号" });
    const path = `/acting-appointments/${json["appointmentId"]}/end`;
    expect((await ward.as("township-officer", "451229100", "boss").post(path, {})).json["code"]).toBe("not-found");
    expect((await ward.as("county-officer", "451228", "head").post(path, {})).json["code"]).toBe("acting-not-allowed");
    expect((await appointer().post(path, {})).json).toMatchObject({ endedOn: day(0) });
    expect((await appointer().post(path, {})).json["code"]).toBe("state-conflict");
    expect((await call("/test-files", { body: file, acting: json["appointmentId"], sub: "short" })).json.code).toBe(
      "acting-not-in-force",
    );
  });

  test("makes another request than in his own office, even under one key", async () => {
    const one = (await appoint({ acting: "keyed" })).json["appointmentId"];
    const two = (await appoint({ acting: "keyed", actingFor: "another" })).json["appointmentId"];
    const key = randomUUID();
    expect((await call("/test-files", { body: file, acting: one, sub: "keyed", key })).status).toBe(201);
    expect((await call("/test-files", { body: file, acting: two, sub: "keyed", key })).json.code).toBe("idempotency-key-reused");
  });

  test.each([
    ["twice", async () => [await appoint({ acting: "twice" }), await appoint({ acting: "twice" })][1], "already-exists"],
    ["by the wrong level", () => appoint({}, ward.as("county-officer", "451228", "head")), "acting-not-allowed"],
    ["elsewhere", () => appoint({ region: "451229100001" }), "outside-area"],
    ["nowhere", () => appoint({ region: "451228999999" }), "unknown-division"],
    ["for days past", () => appoint({ from: day(-9), until: day(-8) }), "invalid-input"],
  ])("is not appointed %s", async (_, ask, code) => {
    expect((await ask())?.json["code"]).toBe(code);
  });
});

test("a bulk command goes on only while the appointment does: what is left is refused, with the reason and exact counts", async () => {
  const city = ward.as("city-officer", "4512", "boss-of-the-city");
  const office = { role: "county-officer", region: "451228000000", document: "河人社〔2022〕5号" };
  const acting = (await appoint(office, city)).json["appointmentId"];
  const ids = Array.from({ length: 230 }, () => uuidv7());
  await database.rows(
    "insert into clinic.file (id, region, weight, version) select id, $2, 60, 1 from unnest($1::uuid[]) as f (id)",
    [ids, village],
  );
  // The first file is held, so that the appointment ends while the first chunk is under way.
  const holder = new pg.Client({ connectionString: database.adminUrl });
  await holder.connect();
  await holder.query("begin");
  await holder.query("select from clinic.file where id = $1 for update", [ids[0]]);
  const asked = await call("/bulk/weigh-test-file", {
    acting,
    body: { items: ids.map((id) => ({ id, version: 1 })), each: { weight: 75 } },
  });
  expect(asked.status, JSON.stringify(asked.json)).toBe(202);
  const waits =
    "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%clinic%file%' and datname = current_database()";
  await until(async () => (await database.rows(waits)).length > 0);
  expect((await city.post(`/acting-appointments/${acting}/end`, {})).status).toBe(200);
  await holder.query("rollback");
  await holder.end();
  const job = await until(async () => {
    const { json } = await ward.as("county-officer", "451228").get(`/jobs/${asked.json.jobId}`);
    return json["state"] === "failed" && json;
  });
  const weighed = await database.rows("select id from clinic.file where weight = 75 and id = any($1::uuid[])", [ids]);
  expect(weighed.length).toBeGreaterThan(0);
  const [done, left] = [weighed.length, 230 - weighed.length];
  expect(job["totals"]).toEqual({ items: 230, succeeded: done, refused: left, skipped: 0 });
  expect(job).toMatchObject({
    error: "acting-not-in-force",
    result: { ended: { done, left, en: expect.stringContaining(`${done} done, ${left} not`) } },
  });
  const refused = await database.rows("select distinct problem from kit.bulk_item where job_id = $1 and state = 'refused'", [
    asked.json.jobId,
  ]);
  expect(refused).toEqual([{ problem: "acting-not-in-force" }]);
}, 30_000);

test("any job asks again before each chunk, and ends where the appointment has: what is done is kept and told", async () => {
  const city = ward.as("city-officer", "4512", "boss-of-the-city");
  const office = { role: "county-officer", region: "451228000000", document: "河人社〔2022〕6号" };
  const acting = (await appoint({ ...office, actingFor: "importer" }, city)).json["appointmentId"];
  // The first chunk waits while the appointment ends.
  const holder = await database.admin.connect();
  await holder.query("begin; lock table clinic.dose in share mode");
  const asked = await call("/imports", { acting, body: { doses: 35, region: village } });
  await until(async () => (await database.rows("select from pg_locks where not granted")).length > 0);
  expect((await city.post(`/acting-appointments/${acting}/end`, {})).status).toBe(200);
  await holder.query("rollback");
  holder.release();
  const job = await until(async () => {
    const { json } = await ward.as("county-officer", "451228").get(`/jobs/${asked.json.jobId}`);
    return json["state"] === "failed" && json;
  });
  expect(job).toMatchObject({
    totals: { doses: 10 },
    error: "acting-not-in-force",
    result: { ended: { code: "acting-not-in-force" } },
  });
  expect(await database.rows("select from clinic.dose where job_id = $1", [asked.json.jobId])).toHaveLength(10);
  const ends = "select acting_for from kit.audit where action = 'end-job' and entity_id = $1";
  expect(await database.rows(ends, [asked.json.jobId])).toEqual([{ acting_for: expect.stringMatching(/\|importer$/) }]);
});
