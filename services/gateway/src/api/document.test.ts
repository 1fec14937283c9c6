import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { deadAddress, gatewayBefore, serveDepartment } from "../testing.ts";
import { ApiDocument } from "./merge-documents.ts";

/** A department whose document has components of names that others use too. */
const described = (service: string, money: string) => ({
  openapi: "3.1.0",
  info: { title: service, version: "1.0.0" },
  tags: [{ name: "platform" }],
  paths: {
    [`/api/v1/${service}/todo`]: {
      get: {
        operationId: "todo",
        tags: ["platform"],
        security: [{ oidc: [] }],
        responses: {
          200: { description: "ok", content: { "application/json": { schema: { $ref: "#/components/schemas/List" } } } },
        },
      },
    },
    "/api/v1/elsewhere/x": { get: { operationId: "x", responses: { 200: { description: "not ours to describe" } } } },
  },
  components: {
    securitySchemes: { oidc: { type: "http", scheme: "bearer", bearerFormat: "JWT", description: "OIDC access token" } },
    schemas: {
      // The same words in every department, and yet not the same where Money differs.
      List: { type: "array", items: { $ref: "#/components/schemas/Money" } },
      Money: { type: money },
      Shared: { type: "string" },
    },
  },
});

const serveDescribed = (service: string, money: string) =>
  serveDepartment(new Hono().get(`/api/v1/${service}/openapi.json`, (c) => c.json(described(service, money))));

const readDocument = async (gateway: string) => {
  const response = await fetch(`${gateway}/openapi.json`);
  expect(response.status).toBe(200);
  return ApiDocument.parse(await response.json());
};

const found = (node: unknown, key: string): unknown[] =>
  typeof node !== "object" || node === null
    ? []
    : Object.entries(node).flatMap(([name, value]) => [...(name === key ? [value] : []), ...found(value, key)]);

/** What a reference points to, step by step. */
const follow = (document: unknown, reference: unknown): unknown =>
  String(reference)
    .replace(/^#\//, "")
    .split("/")
    .reduce<unknown>(
      (node, step) => (node === undefined ? undefined : z.record(z.string(), z.unknown()).parse(node)[step]),
      document,
    );

describe("one document for all departments", () => {
  test("names every operation once and every reference leads somewhere", async () => {
    const [monitoring, funds] = [await serveDescribed("monitoring", "string"), await serveDescribed("funds", "integer")];
    const gateway = await gatewayBefore({ monitoring: monitoring.url, funds: funds.url, social: await deadAddress() });
    const document = await readDocument(gateway);
    expect(document).toMatchObject({ openapi: "3.1.0", "x-missing-services": ["social"] });
    const ids = found(document.paths, "operationId");
    expect(ids).toEqual(["read-plan", "read-todo", "read-household-file", "monitoring.todo", "funds.todo"]);
    const references = found(document, "$ref");
    expect(references.length).toBeGreaterThan(4);
    for (const reference of references) expect(follow(document, reference), String(reference)).toBeDefined();
    expect(document.tags.map(({ name }) => name)).toEqual(["across", "monitoring/platform", "funds/platform"]);
    expect(document.paths).not.toHaveProperty("/api/v1/elsewhere/x");
  });

  test("renames what means something else, and what refers to it, and nothing more", async () => {
    const [monitoring, funds] = [await serveDescribed("monitoring", "string"), await serveDescribed("funds", "integer")];
    const gateway = await gatewayBefore({ monitoring: monitoring.url, funds: funds.url });
    const { components, paths } = await readDocument(gateway);
    expect(components["schemas"]).toMatchObject({
      Money: { type: "string" },
      "funds.Money": { type: "integer" },
      "funds.List": { items: { $ref: "#/components/schemas/funds.Money" } },
      Shared: { type: "string" },
    });
    expect(components["schemas"]).not.toHaveProperty("funds.Shared");
    expect(found(paths["/api/v1/funds/todo"], "$ref")).toEqual(["#/components/schemas/funds.List"]);
    expect(Object.keys(components["securitySchemes"] ?? {})).toEqual(["oidc"]);
  });

  test("every operation says who may call it and what can go wrong", async () => {
    const { paths } = await readDocument(await gatewayBefore({}));
    for (const path of Object.values(paths)) {
      expect(path["get"]).toMatchObject({
        security: [{ oidc: [] }],
        responses: { 401: expect.anything(), 503: expect.anything() },
      });
    }
  });

  test("is read anew after five seconds: a service that came up is in it", async () => {
    let later = 0;
    let up = false;
    const department = await serveDepartment(
      new Hono().get("*", (c) => (up ? c.json(described("monitoring", "string")) : c.json({}, 503))),
    );
    const gateway = await gatewayBefore({ monitoring: department.url }, {}, () => Date.now() + later);
    expect((await readDocument(gateway))["x-missing-services"]).toEqual(["monitoring"]);
    up = true;
    expect((await readDocument(gateway))["x-missing-services"]).toEqual(["monitoring"]);
    later = 5_001;
    expect((await readDocument(gateway))["x-missing-services"]).toEqual([]);
  });

  test("a department's own document is open through the gateway too", async () => {
    const monitoring = await serveDescribed("monitoring", "string");
    const gateway = await gatewayBefore({ monitoring: monitoring.url });
    expect(await (await fetch(`${gateway}/api/v1/monitoring/openapi.json`)).json()).toEqual(described("monitoring", "string"));
  });
});
