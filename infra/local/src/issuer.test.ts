import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoUsers, freePort, type Issuer, requestToken, startIssuer } from "./index.ts";

const dataDir = mkdtempSync(join(tmpdir(), "shouwang-issuer-"));
let issuer: Issuer;
let port: number;

beforeAll(async () => {
  port = await freePort();
  issuer = await startIssuer({ port, dataDir });
});
afterAll(async () => {
  await issuer.stop();
  rmSync(dataDir, { recursive: true });
});

const verify = (token: string) =>
  jwtVerify(token, createRemoteJWKSet(new URL(issuer.jwksUrl)), {
    issuer: issuer.issuer,
    audience: "shouwang",
    algorithms: ["ES256"],
    typ: "at+jwt",
  });

describe("the development issuer", () => {
  it("gives every demo user a token with that user's role and region, and no name", async () => {
    for (const user of demoUsers) {
      const { payload } = await verify(await requestToken(issuer.issuer, user.id));
      expect(payload).toMatchObject({ sub: user.sub, sw_roles: user.roles, sw_region: user.region });
      expect(payload["sw_department"]).toBe(user.department);
      expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3_600);
      expect(payload.jti).toBeTruthy();
      expect(payload).not.toHaveProperty("name");
    }
  });

  it("refuses a user it does not know, in one sentence that names those it knows", async () => {
    await expect(requestToken(issuer.issuer, "nobody")).rejects.toThrow(/no demo user nobody.*county-451228/);
  });

  it("keeps its key over a restart, so that a token stays good", async () => {
    const token = await requestToken(issuer.issuer, "auditor");
    await issuer.stop();
    await expect(requestToken(issuer.issuer, "auditor")).rejects.toThrow(/npm start/);
    issuer = await startIssuer({ port, dataDir });
    expect((await verify(token)).payload.sub).toBe("u-auditor");
  });

  it("signs the console in through the page where one chooses whom to be", async () => {
    const verifier = "a".repeat(43);
    const challenge = Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))).toString(
      "base64url",
    );
    const jar = new Map<string, string>();
    const visit = async (path: string, init: RequestInit = {}) => {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
      const response = await fetch(new URL(path, issuer.issuer), { redirect: "manual", ...init, headers: { cookie } });
      for (const set of response.headers.getSetCookie())
        jar.set(set.split("=")[0] ?? "", set.split(";")[0]?.split("=").slice(1).join("=") ?? "");
      return response;
    };
    const redirect = `http://localhost:${port - 1}/sign-in`;
    const asked = new URLSearchParams({
      client_id: "shouwang-console",
      response_type: "code",
      scope: "openid shouwang",
      redirect_uri: redirect,
    });
    asked.set("code_challenge", challenge);
    asked.set("code_challenge_method", "S256");
    const page = (await visit(`/auth?${asked}`)).headers.get("location") ?? "";
    expect(await (await visit(page)).text()).toContain("高岭镇干部");
    const chosen = await visit(page, { method: "POST", body: new URLSearchParams({ user: "township-451228101" }) });
    const back = await visit(chosen.headers.get("location") ?? "");
    const code = new URL(back.headers.get("location") ?? "").searchParams.get("code") ?? "";
    const exchange = new URLSearchParams({
      grant_type: "authorization_code",
      client_id: "shouwang-console",
      code,
      redirect_uri: redirect,
      code_verifier: verifier,
    });
    // Safe: RFC 6749 says what a token endpoint answers, and a missing token fails the check below.
    const tokens = (await (await fetch(`${issuer.issuer}/token`, { method: "POST", body: exchange })).json()) as {
      access_token: string;
    };
    expect((await verify(tokens.access_token)).payload).toMatchObject({
      sub: "u-township-451228101",
      sw_region: "451228101",
      aud: "shouwang",
    });
  });
});
