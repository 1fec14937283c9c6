import { OpenAPIHono } from "@hono/zod-openapi";
import { householdFileRoute } from "../across/household-file.ts";
import { planRoute } from "../across/plan.ts";
import { todoRoute } from "../across/todo.ts";
import { ask } from "../ask.ts";
import type { Departments } from "../departments.ts";
import { ApiDocument, mergeDocuments } from "./merge-documents.ts";

const cachedForMs = 5_000;

function ownDocument(): ApiDocument {
  const app = new OpenAPIHono();
  const { openAPIRegistry } = app;
  openAPIRegistry.registerComponent("securitySchemes", "oidc", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "OIDC access token",
  });
  for (const route of [planRoute, todoRoute, householdFileRoute]) openAPIRegistry.registerPath(route);
  const info = {
    title: "守望 Shouwang",
    version: "1.0.0",
    description: "全部部门的接口,一份文档 · Every department's API in one document",
    license: { name: "MIT", identifier: "MIT" },
  };
  const tags = [{ name: "across", description: "跨部门查询 · Reads that span departments" }];
  return ApiDocument.parse(app.getOpenAPI31Document({ openapi: "3.1.0", info, servers: [{ url: "/" }], tags }));
}

/**
 * The one OpenAPI document: the gateway's own routes and those of every running service. Read anew after five seconds; a connected service
 * that does not answer is left out and named under `x-missing-services`.
 * @param now real time in milliseconds
 */
export function apiDocument(departments: Departments, now: () => number): () => Promise<ApiDocument> {
  const own = ownDocument();
  let cached: { at: number; document: Promise<ApiDocument> } | undefined;
  const read = async () => {
    const asked = await Promise.all(
      departments.connected.map(async (upstream) => ({
        service: upstream.service,
        asked: await ask(upstream, `/api/v1/${upstream.service}/openapi.json`, ApiDocument),
      })),
    );
    const merged = mergeDocuments(
      own,
      asked.flatMap(({ service, asked: answer }) => (answer.state === "ok" ? { service, document: answer.body } : [])),
    );
    const { openapi, info, ...rest } = merged;
    return {
      openapi,
      info,
      ...rest,
      "x-missing-services": asked.flatMap(({ service, asked: { state } }) => (state === "ok" ? [] : service)),
    };
  };
  return async () => {
    if (!cached || now() - cached.at >= cachedForMs) cached = { at: now(), document: read() };
    return await cached.document;
  };
}
