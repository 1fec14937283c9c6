import { type Bilingual, HouseholdId, Refusal, refuse } from "@shouwang/contract";
import { inSpan, type Log, problemResponse, rateLimiter, requestMeter, type TokenVerifier } from "@shouwang/service-kit";
import { type Context, Hono } from "hono";
import { compress } from "hono/compress";
import { gather } from "./across/gather.ts";
import { FilePart, fileOf } from "./across/household-file.ts";
import { ClausesReport, planAsItStands } from "./across/plan.ts";
import { lastLists, mergeTodo, TodoQuery, TodoReport } from "./across/todo.ts";
import { asyncApiDocument } from "./api/async-document.ts";
import { apiDocument } from "./api/document.ts";
import type { Config } from "./config.ts";
import { demoClock } from "./demo-clock.ts";
import type { Departments } from "./departments.ts";
import { forward } from "./forward.ts";
import { addressOf, type Env, nothingRuns, securityHeaders, wantsHtml } from "./http.ts";
import { assetResponse } from "./pages/assets.ts";
import { docsPage } from "./pages/docs.ts";
import { eventsPage } from "./pages/events.ts";
import { frameWith } from "./pages/frame.ts";
import { notFoundPage, problemEntry, problemPage, problemsPage } from "./pages/problems.ts";
import { standingsOf, startPage } from "./pages/start.ts";
import { signInWith } from "./sign-in.ts";

export type AppOptions = {
  config: Config;
  departments: Departments;
  verify: TokenVerifier;
  log: Log;
  /** Real time in milliseconds. */
  now: () => number;
  stopping: () => boolean;
};

/** The gateway's HTTP application: sign-in check, reads that span departments, documents and pages, and everything else passed on. */
export function buildApp(options: AppOptions): Hono<Env> {
  const { departments, now, log } = options;
  const signIn = signInWith(options.verify, now);
  const clock = demoClock(departments, options.config.CLOCK_OFFSET_MS, now);
  const businessNow = async () => new Date(now() + (await clock()));
  const frame = frameWith(clock, now);
  const standings = standingsOf(departments, now);
  const readDocument = apiDocument(departments, now);
  const lists = lastLists(now);
  const measure = requestMeter();
  // Who is signed in is counted by the departments, each by what is asked of it.
  const limiter = rateLimiter({ unsigned: options.config.RATE_UNSIGNED });
  const app = new Hono<Env>();

  const problem = (c: Context, refusal: Refusal) => secured(problemResponse(c, refusal));
  app.onError((error, c) => {
    log.error({ error }, "unexpected error");
    return problem(c, refuse("internal-error"));
  });
  app.notFound(async (c) => (wantsHtml(c) ? await notFoundPage(frame) : problem(c, refuse("route-not-found"))));

  app.use("*", async (c, next) => {
    const startedAt = performance.now();
    if (options.stopping()) c.header("connection", "close");
    await inSpan("gateway request", { "http.request.method": c.req.method }, c.req.header("traceparent"), async (span) => {
      await next();
      span.updateName(`${c.req.method} ${c.get("route") ?? "unmatched"}`);
    });
    if (c.req.path.startsWith("/health")) return;
    const status = c.env.outgoing.headersSent ? c.env.outgoing.statusCode : c.res.status;
    const ms = performance.now() - startedAt;
    const route = c.get("route") ?? "unmatched";
    measure({ operation: route, method: c.req.method, status, ms });
    log.info({ method: c.req.method, route, status, ms: Math.round(ms) }, "request");
  });

  app.get("/health/live", (c) => c.json({ live: true }));
  app.get("/health/ready", (c) => {
    const ready = !options.stopping();
    return c.json({ ready, departments: departments.connected.map(({ service }) => service) }, ready ? 200 : 503);
  });

  app.use("/api/*", async (c, next) => {
    if (isOpenDocument(addressOf(c.env.incoming).path)) return await next();
    const signedIn = await signIn(c.req.header("authorization"));
    if (signedIn instanceof Refusal) {
      const tooMany =
        signedIn.code === "not-signed-in" ? await limiter.unsigned(c.env.incoming.socket.remoteAddress ?? "") : undefined;
      return problem(c, tooMany ?? signedIn);
    }
    c.set("principal", signedIn);
    return await next();
  });

  app.get("/api/v1/plan", async (c) => {
    c.set("route", "read-plan");
    const reports = await gather(c, departments, "/clauses", ClausesReport);
    return answer(c, {
      asOf: (await businessNow()).toISOString(),
      clauses: planAsItStands(departments, reports, c.get("principal")),
    });
  });
  app.get("/api/v1/todo", async (c) => {
    c.set("route", "read-todo");
    const query = TodoQuery.safeParse(c.req.query());
    if (!query.success) return problem(c, refuse("invalid-input", { errors: [{ pointer: "#query/limit", ...limitRule }] }));
    const { limit } = query.data;
    const reports = await gather(c, departments, `/todo?limit=${limit}`, TodoReport);
    return answer(c, { asOf: (await businessNow()).toISOString(), ...mergeTodo(reports, lists, c.get("principal"), limit) });
  });
  app.get("/api/v1/households/:id/file", async (c) => {
    c.set("route", "read-household-file");
    const id = HouseholdId.safeParse(c.req.param("id"));
    if (!id.success) return problem(c, refuse("household-not-found"));
    const file = fileOf(id.data, await gather(c, departments, `/households/${id.data}/file`, FilePart), await businessNow());
    return file instanceof Refusal ? problem(c, file) : answer(c, file);
  });
  for (const path of ["/api/v1/plan", "/api/v1/todo", "/api/v1/households/:id/file"])
    app.all(path, (c) => problem(c, refuse("method-not-allowed")));

  app.all("/api/*", async (c) => {
    const { service, path } = addressOf(c.env.incoming);
    if (service === undefined || !path.startsWith("/api/v1/")) return problem(c, refuse("route-not-found"));
    const upstream = departments.find(service, isFollowed(path));
    if (upstream instanceof Refusal) return problem(c, upstream);
    c.set("route", `/api/v1/${service}`);
    const passed = await forward(c, upstream);
    return passed instanceof Refusal ? problem(c, passed) : passed;
  });

  const pages = new Hono<Env>().use(compress());
  pages.use(async (c, next) => {
    c.set("route", "page");
    await next();
  });
  pages.get("/", async () => await startPage(frame, departments, await standings(), options.config.NODE_ENV !== "production"));
  pages.get("/docs", async () => await docsPage(frame));
  pages.get("/events", eventsPage(frame, departments));
  pages.get("/problems", async () => await problemsPage(frame));
  pages.get("/problems/:code", async (c) => {
    const entry = problemEntry(c.req.param("code"));
    if (!entry) return await c.notFound();
    return wantsHtml(c) ? await problemPage(frame, entry) : answer(c, entry);
  });
  pages.get("/assets/:name", async (c) => (await assetResponse(c.req.path)) ?? c.notFound());
  pages.get("/openapi.json", async (c) => answer(c, await readDocument()));
  pages.get("/asyncapi.json", async (c) => {
    const document = await asyncApiDocument();
    if (document === undefined) return problem(c, refuse("dependency-unavailable", { detail: noAsyncApi }));
    return secured(new Response(document, { headers: { "content-type": "application/json; charset=utf-8" } }));
  });
  return app.route("/", pages);
}

/** A department's API description is open to everybody, as the merged one is. */
const isOpenDocument = (path: string): boolean => /^\/api\/v1\/[a-z][a-z-]*\/openapi\.json$/.test(path);

const limitRule = { rule: "too-big", zh: "应为 1 至 500 的整数", en: "A whole number from 1 to 500" };
const noAsyncApi: Bilingual = { zh: "事件文档尚未生成", en: "The event document has not been made yet" };

function answer(c: Context, body: object): Response {
  return secured(c.json(body, 200, { "cache-control": "no-store" }));
}

function secured(response: Response): Response {
  for (const [name, value] of Object.entries({ ...securityHeaders, "content-security-policy": nothingRuns }))
    response.headers.set(name, value);
  return response;
}

/** Whether an answer is a stream that is followed until its end. */
const isFollowed = (path: string): boolean => /^\/api\/v1\/[^/]+\/jobs\/[^/]+\/events$/.test(path);
