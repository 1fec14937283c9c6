import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Bilingual, ProblemCode } from "@shouwang/contract";
import { type Route, refuseDoubles, type Service } from "./declare.ts";
import { problemAnswers, withProblemExamples } from "./openapi-problem.ts";
import type { RelayStates } from "./operator-routes.ts";
import { platformRoutes } from "./platform-routes.ts";

/** The path prefix of a department's API; the same behind the gateway and on the department's own machine. */
export const basePathOf = (service: string): string => `/api/v1/${service}`;

/** The relays of a service that is only described. */
const notRunning: RelayStates = () => ({ events: { kind: "stopped" }, privately: undefined, heads: async () => undefined });

/** A service's routes by slice, those that every department has last. Throws when a route of its own stands where one of those does. */
export function routesOf<Db>(
  service: Service<Db>,
  relays: RelayStates = notRunning,
): { tag: string; title: Bilingual; routes: readonly Route<Db>[] }[] {
  const platform = { tag: "platform", title: { zh: "每个部门都有的接口", en: "What every department has" } };
  const slices = [
    ...service.slices.map(({ name, title, routes = [] }) => ({ tag: name, title, routes })),
    { ...platform, routes: platformRoutes(service, relays) },
  ].filter(({ routes }) => routes.length > 0);
  refuseDoubles(
    service.name,
    slices.flatMap(({ routes }) => routes),
  );
  return slices;
}

/** The OpenAPI document of a service, made from its declaration alone: nothing need run for it. */
export function openApiDocument<Db>(service: Service<Db>) {
  const slices = routesOf(service);
  const app = new OpenAPIHono();
  describeSecurity(app);
  for (const { tag, routes } of slices)
    for (const route of routes) app.openAPIRegistry.registerPath(openApiRoute(route, basePathOf(service.name), tag));
  const { zh, en } = service.title;
  const info = {
    title: `守望 ${zh} · Shouwang ${en}`,
    version: "1.0.0",
    description: `${zh}部门的接口 · The API of the department ${en}`,
    license: { name: "MIT", identifier: "MIT" },
  };
  const tags = slices.map(({ tag, title }) => ({ name: tag, description: `${title.zh} · ${title.en}` }));
  return withProblemExamples(app.getOpenAPI31Document({ openapi: "3.1.0", info, servers: [{ url: "/" }], tags }));
}

/** Names the one way to sign in, to which every operation refers. */
export function describeSecurity(app: Pick<OpenAPIHono, "openAPIRegistry">): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "oidc", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "OIDC access token",
  });
}

const asksForKey = <Db>(route: Route<Db>): boolean => route.changes && route.method === "post" && !route.reveals;

/** Every problem a route can answer with: what it declares, and what the kit answers for it. */
export function problemsOf<Db>(route: Route<Db>): ProblemCode[] {
  const codes: ProblemCode[] = [
    "not-signed-in",
    "role-not-allowed",
    "acting-not-in-force",
    "rate-limited",
    "internal-error",
    "dependency-unavailable",
  ];
  // Readings that are noted in the audit write too.
  if (route.changes || route.opens) codes.push("storage-full");
  if (route.params) codes.push("not-found");
  if (route.query ?? route.body ?? route.upload) codes.push("invalid-input");
  if (route.upload) codes.push("unsupported-media-type");
  else if (route.body) codes.push("malformed-request");
  if (route.method !== "get") codes.push("body-too-large");
  if (asksForKey(route)) codes.push("idempotency-key-required", "idempotency-key-reused", "request-in-progress");
  if (route.ifMatch) codes.push("version-required", "version-mismatch");
  return [...new Set([...codes, ...route.problems])];
}

const idempotencyKey = z.string().min(8).max(200);
const headers = {
  "idempotency-key": idempotencyKey.describe("One key for one intended change; the same request sent again answers the same"),
  "if-match": z.string().describe('The version that is changed, as its ETag was: `"3"`'),
  "sw-acting": z.uuid().optional().describe("The acting appointment this is done under; absent: in one's own office"),
  "last-event-id": z
    .string()
    .max(200)
    .optional()
    .describe("The id of the last event that was seen; browsers send it by themselves"),
};

/** The OpenAPI operation of a declared route: its schemas, who may call it, its clauses, and every problem it can answer with. */
function openApiRoute<Db>(route: Route<Db>, basePath: string, tag: string) {
  const asked = {
    ...(asksForKey(route) ? { "idempotency-key": headers["idempotency-key"] } : {}),
    ...(route.ifMatch ? { "if-match": headers["if-match"] } : {}),
    "sw-acting": headers["sw-acting"],
    ...(route.follow ? { "last-event-id": headers["last-event-id"] } : {}),
  };
  const bodySchema = route.upload
    ? z.object({ file: z.any().openapi({ type: "string", format: "binary" }), ...(route.body?.shape ?? {}) })
    : route.body;
  return createRoute({
    method: route.method,
    path: `${basePath}${route.path}`,
    operationId: route.operation,
    tags: [tag],
    summary: `${route.summary.zh} · ${route.summary.en}`,
    description: descriptionOf(route),
    "x-roles": [...route.allow],
    "x-clauses": [...route.clauses],
    security: [{ oidc: [] }],
    request: {
      ...(route.params ? { params: route.params } : {}),
      ...(route.query ? { query: route.query } : {}),
      ...(Object.keys(asked).length > 0 ? { headers: z.object(asked) } : {}),
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
      [route.status]: { description: `${route.summary.zh} · ${route.summary.en}`, content: answerContent(route) },
      ...(route.follow ? { 204: { description: "已结束,无需再连 · It has ended, and the client has seen the end" } } : {}),
      ...problemAnswers(problemsOf(route)),
    },
  });
}

function answerContent<Db>(route: Route<Db>) {
  if (route.follow) return { "text/event-stream": { schema: route.reply } };
  if (!route.downloads) return { "application/json": { schema: route.reply } };
  const bytes = z.any().openapi({ type: "string", format: "binary" });
  return Object.fromEntries(route.downloads.map((mediaType) => [mediaType, { schema: bytes }]));
}

/** How a stream is read, for whoever reads the API. */
const followed = [
  "事件流:`state` 为当前状态(有变化即发),`end` 为最终状态;令牌到期、服务重启时断开,凭 Last-Event-ID 续接",
  "Server-sent events: `state` whenever it has changed, `end` with the last one, data as the schema says. It ends with the token and when the service restarts; come back with Last-Event-ID",
].join("\n\n");

function descriptionOf<Db>(route: Route<Db>): string {
  return [
    route.clauses.length > 0 ? `条款 clauses: ${route.clauses.join(", ")}` : "",
    `办理岗位 roles: ${route.allow.join(", ")}`,
    route.officersOf && route.allow.includes("department-officer")
      ? `其中部门干部限 · Department officers of: ${route.officersOf.join(", ")}`
      : "",
    route.follow ? followed : "",
    route.opens || route.reveals ? "每次调用记入审计 · Each call is an entry of the audit" : "",
  ]
    .filter(Boolean)
    .join("\n\n");
}
