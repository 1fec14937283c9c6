import { problems, Role } from "@shouwang/contract";
import { basePathOf, ProblemDocument, type Route } from "@shouwang/service-kit";
import { signToken, testIssuer } from "@shouwang/testkit";
import { exportSPKI, generateKeyPair, importJWK, SignJWT } from "jose";
import { expect } from "vitest";
import { z } from "zod";
import { jsonSchemaOf, sampleOf } from "./sample.ts";

export const roles: readonly Role[] = Role.options;
const region = "451228";
/** @param department whose officer it is, where the role is a department's */
export const tokenOf = (role: Role, department?: string): Promise<string> =>
  signToken({
    sub: `u-${role}`,
    sw_roles: [role],
    sw_region: region,
    ...(department === undefined ? {} : { sw_department: department }),
  });

export type Asked = {
  authorization?: string | undefined;
  params?: Record<string, string>;
  query?: Record<string, string>;
  body?: unknown;
  headers?: Record<string, string>;
};
/** An answer that is a problem, held against the platform's form of one. */
export type Answered = { status: number; code: string; errors: readonly { pointer: string; rule: string }[]; headers: Headers };

/** Calls a declared route at a running service and answers its problem, which must be one of the declared form and tell nothing of the code. */
export async function problemOf(url: string, service: string, route: Route<unknown>, asked: Asked): Promise<Answered> {
  const path = route.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent((asked.params ?? pathSample(route))[name] ?? ""));
  const address = new URL(`${basePathOf(service)}${path}`, url);
  for (const [name, value] of Object.entries(asked.query ?? {})) address.searchParams.set(name, value);
  const form = asked.body instanceof FormData || typeof asked.body === "string";
  const response = await fetch(address, {
    method: route.method.toUpperCase(),
    headers: {
      ...(asked.authorization === undefined ? {} : { authorization: asked.authorization }),
      ...(asked.body === undefined || form ? {} : { "content-type": "application/json" }),
      ...asked.headers,
    },
    // Safe: a form or a text is sent as it is, anything else as JSON.
    ...(asked.body === undefined ? {} : { body: form ? (asked.body as FormData | string) : JSON.stringify(asked.body) }),
  });
  const text = await response.text();
  const named = `${route.operation}: ${response.status} ${text.slice(0, 300)}`;
  expect(response.headers.get("content-type"), named).toContain("application/problem+json");
  expect(response.headers.get("cache-control"), named).toBe("no-store");
  expect(text, named).not.toMatch(stackTrace);
  const { code, status, errors = [] } = ProblemDocument.strict().parse(JSON.parse(text));
  expect(status, named).toBe(response.status);
  expect(problems, named).toHaveProperty(code);
  return { status, code, errors, headers: response.headers };
}

/** A line of a stack, a file of ours, or the words of the database. */
export const stackTrace = /\bat \S+ \(|\.ts:\d+|node_modules|syntax error at|violates|relation "/;

/** Values of the right form for a path's parameters; nothing has them. */
const pathSample = (route: Route<unknown>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(route.params?.shape ?? {}).map(([name, schema]) => [
      name,
      // Safe: the fields of an object schema are schemas.
      String(sampleOf(jsonSchemaOf(schema as z.ZodType))),
    ]),
  );

/** Tokens that are no good, each for a reason of its own (OWASP API 2). */
export async function badTokens(): Promise<Record<string, string | undefined>> {
  const claims = { sub: "u-bad", sw_roles: [...roles], sw_region: region };
  const { issuer, jwksUrl, audience } = testIssuer();
  const { keys } = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) }).parse(await (await fetch(jwksUrl)).json());
  const publicKey = await importJWK(keys[0] ?? { kty: "none" }, "ES256", { extractable: true });
  if (publicKey instanceof Uint8Array) throw new Error("a public key is a KeyObject");
  const now = Math.floor(Date.now() / 1_000);
  const whole = { ...claims, iss: issuer, aud: audience, iat: now, exp: now + 600 };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = async (header: { alg: string; kid: string }, key: Parameters<SignJWT["sign"]>[0]) =>
    `Bearer ${await new SignJWT(whole).setProtectedHeader(header).sign(key)}`;
  const other = await generateKeyPair("ES256");
  return {
    none: undefined,
    garbage: "Bearer abc",
    "another scheme": `Basic ${part(whole)}`,
    expired: `Bearer ${await signToken({ ...claims, exp: now - 120 })}`,
    "not good yet": `Bearer ${await signToken({ ...claims, nbf: now + 600 })}`,
    "another audience": `Bearer ${await signToken({ ...claims, aud: "elsewhere" })}`,
    "another issuer": `Bearer ${await signToken({ ...claims, iss: "https://elsewhere.test" })}`,
    "alg none": `Bearer ${part({ alg: "none" })}.${part(whole)}.`,
    "the public key as a secret": await signed(
      { alg: "HS256", kid: "test" },
      new TextEncoder().encode(await exportSPKI(publicKey)),
    ),
    "a key that was rotated away": await signed({ alg: "ES256", kid: "before" }, other.privateKey),
    "another key under the known name": await signed({ alg: "ES256", kid: "test" }, other.privateKey),
  };
}
