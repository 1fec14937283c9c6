import { createRoute, z } from "@hono/zod-openapi";
import { problems } from "@shouwang/contract";
import type { Route } from "./declare.ts";
import { ProblemDocument } from "./problem.ts";

const problemContent = { "application/problem+json": { schema: ProblemDocument } };

const idempotencyHeader = z.object({
  "idempotency-key": z
    .string()
    .min(8)
    .max(200)
    .describe("One key for one intended change; the same request sent again answers the same"),
});

/** The OpenAPI operation of a declared route: its schemas, who may call it, its clauses, and every problem it can answer with. */
export function openApiRoute<Db>(route: Route<Db>, basePath: string, tag: string) {
  const asksForKey = route.changes && route.method === "post" && !route.reveals;
  const byStatus = new Map<number, string[]>();
  const add = (code: keyof typeof problems) => {
    const { status } = problems[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  };
  const common = ["not-signed-in", "role-not-allowed", "rate-limited", "internal-error", "dependency-unavailable"] as const;
  for (const code of new Set([
    ...common,
    ...((route.params ?? route.query ?? route.body) ? (["invalid-input"] as const) : []),
    ...route.problems,
  ]))
    add(code);
  if (asksForKey)
    for (const code of ["idempotency-key-required", "idempotency-key-reused", "request-in-progress"] as const) add(code);
  if (route.ifMatch) for (const code of ["version-required", "version-mismatch"] as const) add(code);
  const bodySchema = route.upload
    ? z.object({ file: z.any().openapi({ type: "string", format: "binary" }), ...(route.body?.shape ?? {}) })
    : route.body;
  return createRoute({
    method: route.method,
    path: `${basePath}${route.path}`,
    operationId: route.operation,
    tags: [tag],
    summary: `${route.summary.zh} · ${route.summary.en}`,
    description: [
      route.clauses.length > 0 ? `条款 clauses: ${route.clauses.join(", ")}` : "",
      `办理岗位 roles: ${route.allow.join(", ")}`,
      `问题代码 problems: ${[...byStatus.values()].flat().join(", ")}`,
    ]
      .filter(Boolean)
      .join("\n\n"),
    security: [{ oidc: [] }],
    request: {
      ...(route.params ? { params: route.params } : {}),
      ...(route.query ? { query: route.query } : {}),
      ...(asksForKey ? { headers: idempotencyHeader } : {}),
      ...(bodySchema
        ? {
            body: {
              required: true,
              content: { [route.upload ? "multipart/form-data" : "application/json"]: { schema: bodySchema } },
            },
          }
        : {}),
    },
    responses: {
      [route.status]: { description: route.summary.en, content: { "application/json": { schema: route.reply } } },
      ...Object.fromEntries(
        [...byStatus]
          .sort(([a], [b]) => a - b)
          .map(([status, codes]) => [status, { description: codes.join(" | "), content: problemContent }]),
      ),
    },
  });
}
