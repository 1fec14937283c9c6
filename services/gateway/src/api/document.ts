import { OpenAPIHono } from "@hono/zod-openapi";
import { describeSecurity, withProblemExamples } from "@shouwang/service-kit";
import { householdFileRoute } from "../across/household-file.ts";
import { planRoute } from "../across/plan.ts";
import { todoRoute } from "../across/todo.ts";
import { ask } from "../ask.ts";
import type { Departments } from "../departments.ts";
import { ApiDocument, mergeDocuments } from "./merge-documents.ts";

const cachedForMs = 5_000;

/** The gateway's own routes, which are reads that span departments. */
function ownDocument(): ApiDocument {
  const app = new OpenAPIHono();
  describeSecurity(app);
  for (const route of [planRoute, todoRoute, householdFileRoute]) app.openAPIRegistry.registerPath(route);
  const info = {
    title: "守望 Shouwang",
    version: "1.0.0",
    description: "全部部门的接口,一份文档 · Every department's API in one document",
    license: { name: "MIT", identifier: "MIT" },
  };
  const tags = [{ name: "across", description: "跨部门查询 · Reads that span departments" }];
  return ApiDocument.parse(
    withProblemExamples(app.getOpenAPI31Document({ openapi: "3.1.0", info, servers: [{ url: "/" }], tags })),
  );
}

const own = ownDocument();

/** The gateway's own document and those of departments as one. @param missing departments that are connected and did not answer */
export function mergedDocument(
  parts: readonly { service: string; document: ApiDocument }[],
  missing: readonly string[],
): ApiDocument {
  const { openapi, info, ...rest } = mergeDocuments(own, parts);
  return { openapi, info, ...rest, "x-missing-services": missing };
}

/**
 * The one OpenAPI document: the gateway's own routes and those of every running service. Read anew after five seconds; a connected service
 * that does not answer is left out and named under `x-missing-services`.
 * @param now real time in milliseconds
 */
export function apiDocument(departments: Departments, now: () => number): () => Promise<ApiDocument> {
  let cached: { at: number; document: Promise<ApiDocument> } | undefined;
  const read = async () => {
    const asked = await Promise.all(
      departments.connected.map(async (upstream) => ({
        service: upstream.service,
        asked: await ask(upstream, `/api/v1/${upstream.service}/openapi.json`, ApiDocument),
      })),
    );
    return mergedDocument(
      asked.flatMap(({ service, asked: answer }) => (answer.state === "ok" ? { service, document: answer.body } : [])),
      asked.flatMap(({ service, asked: { state } }) => (state === "ok" ? [] : service)),
    );
  };
  return async () => {
    if (!cached || now() - cached.at >= cachedForMs) cached = { at: now(), document: read() };
    return await cached.document;
  };
}
