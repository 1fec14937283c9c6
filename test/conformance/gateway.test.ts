import { readFileSync } from "node:fs";
import { problems } from "@shouwang/contract";
import { type Gateway, startGateway } from "@shouwang/gateway";
import { noNats, startWard, type Ward, type WardDatabase, wardDatabase } from "@shouwang/service-kit/testing/ward";
import { signToken, testIssuer } from "@shouwang/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { stackTrace } from "./caller.ts";
import { departments } from "./subjects.ts";

const committed = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../services/${name}/openapi.json`, import.meta.url), "utf8"));
const Document = z.object({ paths: z.record(z.string(), z.record(z.string(), z.object({ operationId: z.string() }))) });
const operations = Object.entries(Document.parse(committed("gateway")).paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { operationId }]) => [operationId, method.toUpperCase(), path] as const),
);

/** The gateway before every department there is, as the platform runs. */
let gateway: Gateway;
const running: { ward: Ward<unknown>; database: WardDatabase }[] = [];
beforeAll(async () => {
  for (const { service, prefix } of departments) {
    const database = await wardDatabase(service, prefix);
    running.push({ database, ward: await startWard(service, database, noNats) });
  }
  const { issuer, jwksUrl } = testIssuer();
  gateway = await startGateway({
    PORT: "0",
    HOST: "127.0.0.1",
    LOG_LEVEL: "silent",
    OIDC_ISSUER: issuer,
    OIDC_JWKS_URL: jwksUrl,
    UPSTREAMS: running.map(({ ward }, index) => `${departments[index]?.name}=${ward.url}`).join(","),
  });
});
afterAll(async () => {
  await gateway.stop();
  for (const { ward, database } of running) {
    await ward.stop();
    await database.drop();
  }
});

/** Asks as a page of somebody else's site would, and checks what every answer of this door must carry. */
async function ask(path: string, init: RequestInit = {}): Promise<{ status: number; text: string; headers: Headers }> {
  const headers = { origin: "https://elsewhere.test", ...Object.fromEntries(new Headers(init.headers)) };
  const response = await fetch(gateway.url + path, { ...init, headers });
  const text = await response.text();
  const carried = Object.fromEntries(response.headers);
  expect(carried, path).toMatchObject({
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": expect.stringMatching(/default-src 'none'.*frame-ancestors 'none'/),
  });
  for (const name of ["access-control-allow-origin", "server", "x-powered-by"]) expect(carried, path).not.toHaveProperty(name);
  if (response.status >= 400) expect(text, path).not.toMatch(stackTrace);
  return { status: response.status, text, headers: response.headers };
}

const signedIn = async () => {
  const token = await signToken({ sub: "u-county", sw_roles: ["county-officer"], sw_region: "451228" });
  return { headers: { authorization: `Bearer ${token}` } };
};

describe("the gateway before all departments", () => {
  test("serves the documents that are committed", async () => {
    expect(JSON.parse((await ask("/openapi.json")).text)).toEqual(committed("gateway"));
    for (const { name } of departments)
      expect(JSON.parse((await ask(`/api/v1/${name}/openapi.json`)).text)).toEqual(committed(name));
  });

  test.each(operations)("%s is there, and closed to who is not signed in", async (_, method, path) => {
    const address = path.replace(/\{\w+\}/g, "0190b2c4-0000-7000-8000-000000000001");
    for (const headers of [{}, { authorization: `Bearer ${await signToken(expired())}` }]) {
      const { status, text } = await ask(address, { method, headers });
      expect([status, JSON.parse(text).code]).toEqual([401, "not-signed-in"]);
    }
    // Asked by somebody of an office that some routes do not allow, with nothing of what they need: anything but an address that is not there.
    const { status, text } = await ask(address, { method, ...(await signedIn()) });
    if (status >= 400) expect(JSON.parse(text)).not.toMatchObject({ code: expect.stringMatching(/route-not-found|method-not/) });
    expect(status).toBeLessThan(500);
  });

  test.each(Object.entries(problems))("has a page for %s, for people and for programs", async (code, { status, zh, en }) => {
    const page = await ask(`/problems/${code}`, { headers: { accept: "text/html" } });
    expect([page.status, page.text.includes(zh), page.headers.get("content-type")]).toEqual([
      200,
      true,
      expect.stringContaining("html"),
    ]);
    const entry = await ask(`/problems/${code}`, { headers: { accept: "application/json" } });
    expect(JSON.parse(entry.text)).toMatchObject({ type: `/problems/${code}`, code, status, title: { zh, en } });
  });

  test.each([
    "/",
    "/docs",
    "/events",
    "/problems",
    "/nowhere",
    "/asyncapi.json",
    "/api/v1/nowhere",
    "/api/v2/x",
    "/problems/nothing",
  ])("%s carries what protects its reader", async (path) => {
    await ask(path, { headers: { accept: "text/html" } });
    await ask(path, await signedIn());
  });
});

function expired() {
  return { sub: "u", sw_roles: ["county-officer"], sw_region: "451228", exp: Math.floor(Date.now() / 1_000) - 120 };
}
