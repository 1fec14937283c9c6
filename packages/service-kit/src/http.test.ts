import { randomUUID } from "node:crypto";
import { type Line, openProxy, signToken, testIssuer, through, until } from "@shouwang/testkit";
import { exportSPKI, importJWK, SignJWT } from "jose";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { type ClinicDb, clinic } from "./testing/clinic.testing.ts";
import { type Callers, noNats, startWard, type Ward, type WardDatabase, wardDatabase } from "./testing/ward.testing.ts";

const county = "451228";
const village = "451228100003";
let database: WardDatabase;
let proxy: Line;
let ward: Ward<ClinicDb>;
let officer: ReturnType<Callers>;

beforeAll(async () => {
  database = await wardDatabase(clinic, "kit_clinic");
  proxy = await openProxy(Number(new URL(database.url).port));
  ward = await startWard(clinic, { ...database, url: through(database.url, proxy) }, noNats);
  officer = ward.as("county-officer", county);
});
afterAll(async () => {
  await ward.stop();
  await proxy.close();
  await database.drop();
});

const api = (path: string) => `${ward.url}/api/v1/social${path}`;
const file = (more: object = {}) => ({ region: village, weight: 60, ...more });
const visit = (more: object = {}) => ({ fileId: uuidv7(), region: village, amountFen: 100, ...more });
/** What a command leaves behind, all of it in one transaction. */
const traces = async () =>
  (
    await database.rows<
      Record<string, number>
    >(`select (select count(*)::int from clinic.file) as files, (select count(*)::int from clinic.visit) as visits,
      (select count(*)::int from kit.outbox where entity <> 'audit') as events, (select count(*)::int from kit.audit) as audit, (select count(*)::int from kit.idempotency) as keys`)
  )[0];

describe("a request key", () => {
  test("is required of every POST command, between 8 and 200 characters", async () => {
    const before = await traces();
    for (const headers of [{}, { "idempotency-key": "short" }, { "idempotency-key": "k".repeat(201) }]) {
      const authorization = `Bearer ${await signToken({ sub: "u", sw_roles: ["county-officer"], sw_region: county })}`;
      const reply = await fetch(api("/test-files"), {
        method: "POST",
        headers: { authorization, ...headers },
        body: JSON.stringify(file()),
      });
      expect(reply.status).toBe(400);
      expect(await reply.json()).toMatchObject({ code: "idempotency-key-required", type: "/problems/idempotency-key-required" });
    }
    expect(await traces()).toEqual(before);
  });

  test("sent twenty times at once has one effect and one answer", async () => {
    const before = await traces();
    const key = randomUUID();
    const replies = await Promise.all(Array.from({ length: 20 }, () => officer.post("/test-files", file(), key)));
    expect(new Set(replies.map((reply) => reply.status))).toEqual(new Set([201]));
    expect(new Set(replies.map((reply) => reply.json["fileId"])).size).toBe(1);
    const after = await traces();
    expect(after).toEqual({
      ...before,
      files: (before?.["files"] ?? 0) + 1,
      events: (before?.["events"] ?? 0) + 1,
      audit: (before?.["audit"] ?? 0) + 1,
      keys: (before?.["keys"] ?? 0) + 1,
    });
  });

  test("with another body, or another query, is refused", async () => {
    const key = randomUUID();
    expect((await officer.post("/test-files", file(), key)).status).toBe(201);
    expect(await officer.post("/test-files", file({ weight: 61 }), key)).toMatchObject({
      status: 422,
      json: { code: "idempotency-key-reused" },
    });
    const other = randomUUID();
    const body = visit();
    expect((await officer.post("/visits?dryRun=true", body, other)).status).toBe(201);
    expect((await officer.post("/visits?dryRun=false", body, other)).status).toBe(422);
  });

  test("of one person says nothing about another's", async () => {
    const key = randomUUID();
    const one = await ward.as("county-officer", county, "one").post("/test-files", file(), key);
    const other = await ward.as("county-officer", county, "other").post("/test-files", file(), key);
    expect([one.status, other.status]).toEqual([201, 201]);
    expect(one.json["fileId"]).not.toBe(other.json["fileId"]);
  });

  test.each(["refuse", "throw", "constraint"])(
    "is free again after a command that ends in %s, which leaves nothing at all",
    async (trouble) => {
      const before = await traces();
      const key = randomUUID();
      const failed = await officer.post("/visits", visit({ trouble, name: "韦大明" }), key);
      expect(failed.status).toBe(trouble === "refuse" ? 409 : 500);
      expect(await traces()).toEqual(before);
      expect((await officer.post("/visits", visit(), key)).status).toBe(201);
    },
  );
});

describe("input", () => {
  test("with a field that does not exist, or without one that must, is refused with its pointer", async () => {
    const reply = await officer.post("/test-files", { region: village, wieght: 60 });
    expect(reply).toMatchObject({ status: 400, json: { code: "invalid-input" } });
    expect(reply.json["errors"]).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ pointer: "/weight", rule: "required" }),
        expect.objectContaining({ pointer: "/wieght", rule: "unknown-field" }),
      ]),
    );
  });

  test("that is not JSON, or too large, is refused before anything is read of it", async () => {
    const authorization = `Bearer ${await signToken({ sub: "u", sw_roles: ["county-officer"], sw_region: county })}`;
    const send = (body: string) =>
      fetch(api("/test-files"), { method: "POST", headers: { authorization, "idempotency-key": randomUUID() }, body });
    expect((await send("{")).status).toBe(400);
    const large = await send(JSON.stringify(file({ name: "x".repeat(1_100_000) })));
    expect(large.status).toBe(413);
    expect(await large.json()).toMatchObject({ code: "body-too-large" });
  });

  test("of an unknown address is a problem document too", async () => {
    expect(await officer.get("/nowhere")).toMatchObject({ status: 404, json: { code: "route-not-found" } });
  });
});

describe("a caller", () => {
  const claims = { sub: "u", sw_roles: ["county-officer"], sw_region: county };
  const reads = async (authorization?: string) =>
    fetch(api(`/test-files/${uuidv7()}`), authorization === undefined ? {} : { headers: { authorization } });

  test("whose office may not do it gets 403 and which offices may", async () => {
    const reply = await ward.as("helper", village).post("/test-files", file());
    expect(reply).toMatchObject({ status: 403, json: { code: "role-not-allowed" } });
    expect(reply.json["detail"]).toContain("village-officer");
  });

  test("without a good token gets 401", async () => {
    const { jwksUrl, issuer } = testIssuer();
    const { keys } = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) }).parse(await (await fetch(jwksUrl)).json());
    const publicKey = await importJWK(keys[0] ?? { kty: "none" }, "ES256", { extractable: true });
    if (publicKey instanceof Uint8Array) throw new Error("a public key is a KeyObject");
    const now = Math.floor(Date.now() / 1000);
    const standard = { ...claims, iss: issuer, aud: "shouwang", iat: now, exp: now + 600 };
    const asSecret = await new SignJWT(standard)
      .setProtectedHeader({ alg: "HS256", kid: "test" })
      .sign(new TextEncoder().encode(await exportSPKI(publicKey)));
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const bad = {
      none: undefined,
      empty: "Bearer ",
      garbage: "Bearer abc",
      expired: `Bearer ${await signToken({ ...claims, exp: now - 120 })}`,
      "another audience": `Bearer ${await signToken({ ...claims, aud: "elsewhere" })}`,
      "another issuer": `Bearer ${await signToken({ ...claims, iss: "https://elsewhere.test" })}`,
      unsigned: `Bearer ${part({ alg: "none" })}.${part(standard)}.`,
      "signed with the public key as a secret": `Bearer ${asSecret}`,
      "an area that is none": `Bearer ${await signToken({ ...claims, sw_region: "051228" })}`,
    };
    for (const [what, authorization] of Object.entries(bad)) {
      const reply = await reads(authorization);
      expect([what, reply.status]).toEqual([what, 401]);
      expect(reply.headers.get("www-authenticate")).toBe("Bearer");
    }
    expect((await reads(`Bearer ${await signToken(claims)}`)).status).toBe(404);
  });

  test("does not learn of a row outside the area", async () => {
    const { json } = await officer.post("/test-files", file());
    expect((await officer.get(`/test-files/${json["fileId"]}`)).status).toBe(200);
    expect((await ward.as("county-officer", "451229").get(`/test-files/${json["fileId"]}`)).status).toBe(404);
  });
});

describe("a parameter", () => {
  const entry = (more: object = {}) => ({
    key: "screening.medicalSelfPaid",
    region: "451228000000",
    value: 2,
    validFrom: "2022-01-01",
    document: "都乡振〔2022〕1号",
    ...more,
  });
  test.each([
    ["that the plan does not have", { key: "no.such" }, 404, "not-found"],
    ["for another county", { region: "451229000000" }, 400, "invalid-input"],
    ["of a higher level", { key: "dispatch.days" }, 400, "invalid-input"],
    ["of another unit", { value: "two" }, 400, "invalid-input"],
  ])("%s is not loaded", async (_, more, status, code) => {
    expect((await officer.post("/parameters", entry(more))).json).toMatchObject({ status, code });
  });
  test("is in force once it is loaded with its document, and one that there is not is not found", async () => {
    expect((await officer.post("/parameters", entry())).status).toBe(201);
    const read = await officer.get("/parameters/screening.medicalSelfPaid?region=451228000000&date=2022-02-01");
    expect(read.json).toMatchObject({ value: 2, document: "都乡振〔2022〕1号", loaded: true });
    expect((await officer.get("/parameters/no.such")).json).toMatchObject({ status: 404, code: "not-found" });
  });
});

describe("a version", () => {
  test("is the ETag, must be named to change the row, and must be the newest", async () => {
    const opened = await officer.post("/test-files", file());
    expect(opened.headers.get("etag")).toBe('"1"');
    const path = `/test-files/${opened.json["fileId"]}`;
    const authorization = `Bearer ${await signToken({ sub: "u", sw_roles: ["county-officer"], sw_region: county })}`;
    const unnamed = await fetch(api(path), { method: "PATCH", headers: { authorization }, body: '{"weight":61}' });
    expect(unnamed.status).toBe(428);
    const changed = await officer.patch(path, { weight: 61 }, 1);
    expect([changed.status, changed.headers.get("etag")]).toEqual([200, '"2"']);
    expect(await officer.patch(path, { weight: 62 }, 1)).toMatchObject({ status: 412, json: { code: "version-mismatch" } });
    expect((await officer.get(path)).json).toMatchObject({ weight: 61, version: 2 });
  });

  test("named by two at once lets exactly one through", async () => {
    const { json } = await officer.post("/test-files", file());
    const replies = await Promise.all(
      [61, 62, 63, 64].map((weight) => officer.patch(`/test-files/${json["fileId"]}`, { weight }, 1)),
    );
    expect(replies.map((reply) => reply.status).sort()).toEqual([200, 412, 412, 412]);
  });
});

describe("an answer", () => {
  test("holds declared fields only", async () => {
    const { json } = await officer.post("/test-files", file());
    expect(Object.keys(json).sort()).toEqual(["fileId", "version", "weight"]);
  });

  test("to an unexpected exception is a 500 without a word of it", async () => {
    const reply = await officer.post("/visits", visit({ trouble: "throw" }));
    expect(reply).toMatchObject({ status: 500, json: { code: "internal-error" } });
    expect(JSON.stringify(reply.json)).not.toContain("ceiling");
  });
});

describe("while PostgreSQL is away", () => {
  test("a command answers 503 with Retry-After, and goes through once it is back", async () => {
    const key = randomUUID();
    const before = await traces();
    await proxy.cut();
    const away = await officer.post("/test-files", file(), key);
    expect(away).toMatchObject({ status: 503, json: { code: "dependency-unavailable" } });
    expect(away.headers.get("retry-after")).toBe("2");
    expect((await fetch(`${ward.url}/health/ready`)).status).toBe(503);
    await proxy.heal();
    await until(async () => (await officer.post("/test-files", file(), key)).status === 201, {
      what: "the command to go through",
    });
    expect((await traces())?.["files"]).toBe((before?.["files"] ?? 0) + 1);
    await until(async () => (await fetch(`${ward.url}/health/ready`)).status === 200, { what: "the service to be ready" });
  });

  test("a connection ended in the middle of a transaction answers 503, writes nothing and does not end the process", async () => {
    const opened = await officer.post("/test-files", file());
    const path = `/test-files/${opened.json["fileId"]}`;
    const holder = await database.admin.connect();
    await holder.query("begin");
    await holder.query("select from clinic.file where id = $1 for update", [opened.json["fileId"]]);
    const waiting = officer.patch(path, { weight: 99 }, 1);
    const [blocked] = await until(async () => {
      const found = await database.rows<{ pid: number }>(
        "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      return found.length > 0 && found;
    });
    await database.rows("select pg_terminate_backend($1)", [blocked?.pid]);
    expect((await waiting).status).toBe(503);
    await holder.query("rollback");
    holder.release();
    expect((await officer.get(path)).json).toMatchObject({ weight: 60, version: 1 });
  });
});
