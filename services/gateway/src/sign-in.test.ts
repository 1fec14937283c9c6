import { Refusal } from "@shouwang/contract";
import type { TokenVerifier } from "@shouwang/service-kit";
import { until } from "@shouwang/testkit";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { signInWith } from "./sign-in.ts";
import { deadAddress, gatewayBefore, officer, serveDepartment, signedIn } from "./testing.ts";

const seconds = () => Math.floor(Date.now() / 1_000);
const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

test.each([
  ["no token", async () => ({})],
  ["another scheme", async () => ({ authorization: "Basic dTpw" })],
  ["an expired one", async () => await signedIn({ ...officer, exp: seconds() - 120 })],
  ["one not good yet", async () => await signedIn({ ...officer, nbf: seconds() + 600 })],
  ["one for another audience", async () => await signedIn({ ...officer, aud: "elsewhere" })],
  ["one of another issuer", async () => await signedIn({ ...officer, iss: "https://elsewhere.example" })],
  [
    "an unsigned one",
    async () => ({
      authorization: `Bearer ${base64({ alg: "none" })}.${base64({ ...officer, aud: "shouwang", exp: seconds() + 600 })}.`,
    }),
  ],
  [
    "a tampered one",
    async () => ({ authorization: (await signedIn()).authorization.replace(/\.[^.]+\./, `.${base64(officer)}.`) }),
  ],
] as const)("%s is refused at the door and reaches no department", async (_, headers) => {
  let reached = false;
  const department = await serveDepartment(
    new Hono().all("*", (c) => {
      reached = true;
      return c.text("");
    }),
  );
  const gateway = await gatewayBefore({ monitoring: department.url });
  const response = await fetch(`${gateway}/api/v1/monitoring/households`, { headers: await headers() });
  expect(response.status).toBe(401);
  expect(response.headers.get("www-authenticate")).toBe("Bearer");
  expect(await response.json()).toMatchObject({ code: "not-signed-in" });
  expect(reached).toBe(false);
});

test("while the issuer is away nobody is called a stranger: 503", async () => {
  const issuer = await deadAddress();
  const { OIDC_JWKS_URL, ...rest } = { OIDC_ISSUER: issuer, OIDC_JWKS_URL: `${issuer}/jwks` };
  const gateway = await gatewayBefore({}, { ...rest, OIDC_JWKS_URL });
  const response = await fetch(`${gateway}/api/v1/plan`, { headers: await signedIn() });
  expect(response.status).toBe(503);
});

/** A verifier that counts how often it was needed. */
function counting(expiresAt: () => number) {
  const calls: string[] = [];
  const verify: TokenVerifier = async (token) => {
    calls.push(token);
    return { principal: { issuer: "i", subject: "s", roles: [], region: "45" }, expiresAt: expiresAt() };
  };
  return { calls, verify };
}

test.each([
  ["a minute after it was verified", 3_600_000, 60_000],
  ["when it expires, if that is sooner", 10_000, 10_000],
])("a known token is verified anew %s", async (_, lifeMs, knownMs) => {
  let now = 1_000_000;
  const { calls, verify } = counting(() => 1_000_000 + lifeMs);
  const signIn = signInWith(verify, () => now);
  for (const later of [0, 1, knownMs - 1]) {
    now = 1_000_000 + later;
    await signIn("Bearer abc");
  }
  expect(calls).toHaveLength(1);
  now = 1_000_000 + knownMs;
  await signIn("Bearer abc");
  expect(calls).toHaveLength(2);
});

test("a token let in within the minute of skew is not remembered past it", async () => {
  const department = await serveDepartment(new Hono().get("*", (c) => c.text("in")));
  const gateway = await gatewayBefore({ monitoring: department.url });
  const headers = await signedIn({ ...officer, exp: seconds() - 57 });
  const status = async () => (await fetch(`${gateway}/api/v1/monitoring/x`, { headers })).status;
  expect(await status()).toBe(200);
  await until(async () => (await status()) === 401, { what: "the end of the skew" });
});

test("only so many tokens are remembered", async () => {
  const { calls, verify } = counting(() => Number.MAX_SAFE_INTEGER);
  const signIn = signInWith(verify, () => 0);
  for (let n = 0; n <= 10_000; n += 1) await signIn(`Bearer t${n}`);
  await signIn("Bearer t10000");
  expect(calls).toHaveLength(10_001);
  await signIn("Bearer t0");
  expect(calls).toHaveLength(10_002);
});

test("one bearer's place is not another's", async () => {
  const verify: TokenVerifier = async (token) => ({
    principal: { issuer: "i", subject: token, roles: [], region: "45" },
    expiresAt: Number.MAX_SAFE_INTEGER,
  });
  const signIn = signInWith(verify, () => 0);
  for (const token of ["a", "b", "a", "b"]) {
    const found = await signIn(`Bearer ${token}`);
    expect(found instanceof Refusal ? "refused" : found.subject).toBe(token);
  }
});
