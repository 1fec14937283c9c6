import { randomUUID } from "node:crypto";
import { problems } from "@shouwang/contract";
import { problemsOf, type Route, routesOf } from "@shouwang/service-kit";
import { noNats, startWard, type Ward, type WardDatabase, wardDatabase } from "@shouwang/service-kit/testing/ward";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import { type Asked, badTokens, problemOf, roles, tokenOf } from "./caller.ts";
import { jsonSchemaOf, limitsIn, sampleOf, strangersIn } from "./sample.ts";
import { departments, testServices } from "./subjects.ts";

const tooLarge = "x".repeat(1_048_577);
const tooLargeFile = new Blob([new Uint8Array(10_485_760 + 70_000)]);

/** What every route of every department answers, told by its declaration alone. */
describe.each([...departments, ...testServices])("$name", ({ service, prefix }) => {
  const routes = routesOf(service).flatMap((slice) => slice.routes);
  const named = (which: (route: Route<unknown>) => unknown) =>
    routes.filter((route) => which(route)).map((route) => [route.operation, route] as const);
  let database: WardDatabase;
  let ward: Ward<unknown>;
  let bad: Record<string, string | undefined>;
  beforeAll(async () => {
    database = await wardDatabase(service, prefix);
    ward = await startWard(service, database, noNats);
    bad = await badTokens();
  });
  afterAll(async () => {
    await ward.stop();
    await database.drop();
  });

  const ask = (route: Route<unknown>, asked: Asked) => problemOf(ward.url, service.name, route, asked);
  const allowed = async (route: Route<unknown>, asked: Asked = {}) => {
    const [role] = route.allow;
    if (!role) throw new Error(`${route.operation} allows nobody`);
    return await ask(route, { authorization: `Bearer ${await tokenOf(role, route.officersOf?.[0])}`, ...asked });
  };
  const key = () => ({ "idempotency-key": randomUUID() });
  const wellFormed = (route: Route<unknown>): Asked => ({
    ...(route.body && !route.upload ? { body: sampleOf(jsonSchemaOf(route.body)) } : {}),
    ...(route.upload ? { body: formOf(route) } : {}),
    ...(route.query ? { query: stringsOf(sampleOf(jsonSchemaOf(route.query))) } : {}),
    headers: { ...key(), "if-match": '"1"' },
  });
  /** Whether a 400 is owed to a rule that only code states, which a sample made from the schema cannot know. */
  const brokeOwnRule = (route: Route<unknown>, { code, errors }: Awaited<ReturnType<typeof ask>>) =>
    code === "invalid-input" &&
    errors.every(({ rule, pointer }) =>
      rule === "required" ? !isRequired(route, pointer) : !["invalid-type", "unknown-field"].includes(rule),
    );

  test.each(named(() => true))("%s lets nobody in without a good token", async (_, route) => {
    for (const [what, authorization] of Object.entries(bad)) {
      const { status, code, headers } = await ask(route, { authorization });
      expect([what, status, code]).toEqual([what, 401, "not-signed-in"]);
      expect(headers.get("www-authenticate")).toBe("Bearer");
    }
  });

  test.each(named(({ allow }) => allow.length < roles.length))("%s is closed to every other office", async (_, route) => {
    for (const role of roles.filter((one) => !route.allow.includes(one))) {
      const { status, code } = await ask(route, { authorization: `Bearer ${await tokenOf(role)}` });
      expect([role, status, code]).toEqual([role, 403, "role-not-allowed"]);
    }
  });

  test.each(named(({ allow, officersOf }) => officersOf && allow.includes("department-officer")))(
    "%s is closed to officers of another department",
    async (_, route) => {
      const { status, code } = await ask(route, { authorization: `Bearer ${await tokenOf("department-officer", "elsewhere")}` });
      expect([status, code]).toEqual([403, "role-not-allowed"]);
    },
  );

  test.each(named(({ body, upload }) => body && !upload))("%s takes no field that it does not name", async (_, route) => {
    for (const { body, pointer } of strangersIn(route.body && jsonSchemaOf(route.body))) {
      const { status, errors } = await allowed(route, { body, headers: key() });
      expect([status, errors]).toEqual([
        400,
        expect.arrayContaining([expect.objectContaining({ pointer, rule: "unknown-field" })]),
      ]);
    }
  });

  test.each(named(({ query }) => query))(
    "%s takes no query that it does not name, nor a number above its limit",
    async (_, route) => {
      const limits = route.query ? limitsIn(jsonSchemaOf(route.query)) : [];
      const wrong = [["unheardOf", "1"] as const, ...limits.map(({ name, maximum }) => [name, String(maximum + 1)] as const)];
      for (const [name, value] of wrong) {
        const asked = wellFormed(route);
        const { status, errors } = await allowed(route, { ...asked, query: { ...asked.query, [name]: value } });
        expect([status, errors.map(({ pointer }) => pointer)]).toEqual([400, expect.arrayContaining([`#query/${name}`])]);
      }
    },
  );

  test.each(named(({ body, upload }) => body && !upload))(
    "%s reads JSON alone, and no more than 1 MB of it",
    async (_, route) => {
      expect(await allowed(route, { body: "{", headers: key() })).toMatchObject({ status: 400, code: "malformed-request" });
      expect(await allowed(route, { body: { tooLarge }, headers: key() })).toMatchObject({ status: 413, code: "body-too-large" });
    },
  );

  test.each(named(({ upload }) => upload))("%s takes a form with a file, of at most 10 MB", async (_, route) => {
    expect(await allowed(route, { body: {}, headers: key() })).toMatchObject({ status: 415, code: "unsupported-media-type" });
    expect(await allowed(route, { body: new FormData(), headers: key() })).toMatchObject({ status: 400, code: "invalid-input" });
    const form = new FormData();
    form.set("file", tooLargeFile, "large.csv");
    expect(await allowed(route, { body: form, headers: key() })).toMatchObject({ status: 413, code: "body-too-large" });
  });

  test.each(named(hasId))("%s knows no id that nothing in the caller's area has", async (_, route) => {
    if (route.params) {
      const malformed = Object.fromEntries(Object.keys(route.params.shape).map((name) => [name, "x".repeat(101)]));
      expect(await allowed(route, { ...wellFormed(route), params: malformed })).toMatchObject({ status: 404, code: "not-found" });
    }
    const answer = await allowed(route, wellFormed(route));
    if (answer.status === 400) expect(brokeOwnRule(route, answer), JSON.stringify(answer)).toBe(true);
    else expect(answer.status, answer.code).toBe(404);
    expect(problemsOf(route)).toContain(answer.code);
  });

  test.each(named(({ changes, method, reveals }) => changes && method === "post" && !reveals))(
    "%s asks for a request key",
    async (_, route) => {
      const answer = await allowed(route, { ...wellFormed(route), headers: { "if-match": '"1"' } });
      if (!brokeOwnRule(route, answer)) expect(answer).toMatchObject({ status: 400, code: "idempotency-key-required" });
    },
  );

  test.each(named(({ ifMatch }) => ifMatch))("%s asks which version it changes", async (_, route) => {
    const answer = await allowed(route, { ...wellFormed(route), headers: key() });
    if (!brokeOwnRule(route, answer)) expect(answer).toMatchObject({ status: 428, code: "version-required" });
  });
});

/**
 * Whether a path names a row: by a UUID, or by anything that the route says may not be there. A month in a path is no row, and where an uploaded picture alone
 * tells what a request is about there is no id before the picture was read.
 */
const hasId = (route: Route<unknown>): boolean =>
  (route.problems.some((code) => problems[code].status === 404) && !(route.upload && route.params === undefined)) ||
  Object.values(route.params?.shape ?? {}).some((field) => JSON.stringify(jsonSchemaOf(field)).includes('"uuid"'));

// Safe: the fields of an object schema are schemas.
const isRequired = (route: Route<unknown>, pointer: string): boolean =>
  Object.entries(route.body?.shape ?? {}).some(([name, field]) => pointer === `/${name}` && !(field as z.ZodType).isOptional());

const stringsOf = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(Object(value)).map(([name, one]) => [name, String(one)]));

function formOf(route: Route<unknown>): FormData {
  const form = new FormData();
  const fields = route.body ? sampleOf(jsonSchemaOf(route.body)) : {};
  for (const [name, value] of Object.entries(stringsOf(fields))) form.set(name, value);
  form.set("file", new Blob(["x"]), "x.csv");
  return form;
}
