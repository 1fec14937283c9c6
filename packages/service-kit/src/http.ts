import { createHash } from "node:crypto";
import { channel } from "node:diagnostics_channel";
import { getConnInfo } from "@hono/node-server/conninfo";
import { type ProblemCode, problems, Refusal, refuse } from "@shouwang/contract";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { sql } from "kysely";
import type { z } from "zod";
import { actingHeader, inOffice } from "./acting.ts";
import { auditOfCommand, writeAudit } from "./audit.ts";
import { IssuerAway, NotSignedIn, type TokenVerifier, type Verified } from "./auth.ts";
import { businessDate } from "./calendar.ts";
import { businessNow } from "./clock.ts";
import { type Database, isDiskFull, isOutage, isTooSlow, type Tx } from "./database.ts";
import type { Route, Service, Upload } from "./declare.ts";
import { maxFileBytes } from "./file.ts";
import type { Followers } from "./follow.ts";
import type { Log } from "./log.ts";
import type { MeasuredRequest } from "./metrics.ts";
import { basePathOf, openApiDocument, routesOf } from "./openapi.ts";
import type { RelayStates } from "./operator-routes.ts";
import { appendEvents } from "./outbox.ts";
import type { Keys } from "./personal-data.ts";
import type { Principal } from "./principal.ts";
import { fieldErrors, invalidInput, problemResponse, RolledBack } from "./problem.ts";
import { classOf, countReveal, type RateLimiter } from "./rate-limit.ts";

export type HttpOptions<Db> = {
  service: Service<Db>;
  db: Database<Db>;
  keys: Keys;
  verify: TokenVerifier;
  log: Log;
  relays: RelayStates;
  /** Called after each commit: wakes relay and jobs. */
  afterCommit(): void;
  /** Readiness: every part of the service that is not as it should be. */
  readiness(): Promise<{ ready: boolean; clockOffsetMs: number | null; parts: Record<string, unknown> }>;
  /** Counts a request that was answered. */
  measure(request: MeasuredRequest): void;
  limiter: RateLimiter;
  /** How often a person may see personal data in clear on one business day; undefined without a limit. */
  revealsPerDay: number | undefined;
  followers: Followers;
};

type Env = { Variables: { outcome: string } };

/** Tells whoever listens in this process of every problem a route answers with: `{ service, operation, code, status }`. */
const answeredProblems = channel("shouwang:problem");

/**
 * Builds the service's HTTP application from its declared routes: sign-in, roles, validation, the one transaction of each command with its
 * idempotency key, events and audit, problem documents, and the OpenAPI document that cannot say anything else than what runs.
 */
export function buildHttp<Db>(options: HttpOptions<Db>): Hono<Env> {
  const { service, log } = options;
  const base = basePathOf(service.name);
  const app = new Hono<Env>();

  app.use("*", async (c, next) => {
    const startedAt = performance.now();
    await next();
    if (c.req.path.startsWith("/health")) return;
    const ms = performance.now() - startedAt;
    const route = c.get("outcome") ?? "unmatched";
    options.measure({ operation: route, method: c.req.method, status: c.res.status, ms });
    log.info({ method: c.req.method, route, status: c.res.status, ms: Math.round(ms) }, "request");
  });
  const problem = (c: Context<Env>, refusal: Refusal) => {
    const { code } = refusal;
    answeredProblems.publish({ service: service.name, operation: c.get("outcome"), code, status: problems[code].status });
    return problemResponse(c, refusal);
  };
  app.onError((error, c) => problem(c, refusalFor(error, log)));

  app.get("/health/live", (c) => c.json({ live: true }));
  app.get("/health/ready", async (c) => {
    const state = await options.readiness();
    return c.json(state, state.ready ? 200 : 503);
  });
  const document = openApiDocument(service);
  app.get(`${base}/openapi.json`, (c) => c.json(document));

  for (const route of routesOf(service, options.relays).flatMap((slice) => slice.routes)) {
    const limit = bodyLimit({
      maxSize: route.upload ? maxFileBytes + 65_536 : 1_048_576,
      onError: (c) => problem(c, refuse("body-too-large")),
    });
    const path = `${base}${route.path.replace(/\{(\w+)\}/g, ":$1")}`;
    const named: MiddlewareHandler<Env> = async (c, next) => {
      c.set("outcome", route.operation);
      await next();
    };
    app.on(route.method.toUpperCase(), path, named, limit, async (c) => {
      const answer = await answerRoute(c, route, options);
      return answer instanceof Refusal ? problem(c, answer) : answer;
    });
  }
  return app;
}

function refusalFor(error: unknown, log: Log): Refusal {
  if (error instanceof RolledBack) return error.refusal;
  if (isDiskFull(error)) {
    log.error({ error }, "the database's disk is full");
    return refuse("storage-full", { retryAfterS: 30 });
  }
  if (error instanceof IssuerAway || isOutage(error) || isTooSlow(error)) {
    log.warn({ error }, "dependency away");
    return refuse("dependency-unavailable");
  }
  log.error({ error }, "unexpected error");
  return refuse("internal-error");
}

async function answerRoute<Db>(c: Context<Env>, route: Route<Db>, options: HttpOptions<Db>): Promise<Response | Refusal> {
  const signedIn = await signIn(c, options);
  if (signedIn instanceof Refusal) return signedIn;
  const { expiresAt } = signedIn;
  const principal = await inOffice(options.db, signedIn.principal, c.req.header(actingHeader));
  if (principal instanceof Refusal) return principal;
  const tooMany = await options.limiter.signed(principal, classOf(route));
  if (tooMany) return tooMany;
  if (!mayCall(route, principal)) return refuse("role-not-allowed", { detail: rolesDetail(route.allow) });

  const request = await readRequest(c, route);
  if (request instanceof Refusal) return request;
  if (route.changes) return await runCommand(c, route, options, principal, request);
  const { follow } = route;
  if (!follow) return await answerQuery(route, options, principal, request);
  const read = () => readState(route, options, principal, request);
  return await options.followers.answer(c, { principal, expiresAt, follow, read });
}

/** Whether one of somebody's offices may call a route; that of a department's officer only where the route is for this department. */
const mayCall = <Db>({ allow, officersOf }: Route<Db>, { roles, department }: Principal): boolean =>
  allow.some(
    (role) => roles.includes(role) && (role !== "department-officer" || !officersOf || officersOf.includes(department ?? "")),
  );

/** Who asks, by the token; without a good one the request counts against the address it came from. */
async function signIn<Db>(c: Context<Env>, options: HttpOptions<Db>): Promise<Verified | Refusal> {
  const token = /^Bearer (.+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
  try {
    if (token !== undefined) return await options.verify(token);
  } catch (error) {
    if (!(error instanceof NotSignedIn)) throw error;
  }
  return (await options.limiter.unsigned(getConnInfo(c).remote.address ?? "")) ?? refuse("not-signed-in");
}

const rolesDetail = (allow: readonly string[]) => ({
  zh: `可办理岗位:${allow.join("、")}`,
  en: `Roles that may: ${allow.join(", ")}`,
});

type Request = {
  params: unknown;
  query: unknown;
  body: unknown;
  upload: Upload | undefined;
  bodyHash: Buffer;
  expectedVersion: number | undefined;
};

/** Parses everything a request carries with the route's own schemas, unknown fields refused; answers every wrong field at once. */
async function readRequest<Db>(c: Context<Env>, route: Route<Db>): Promise<Request | Refusal> {
  const hash = createHash("sha256").update(c.req.path).update(new URL(c.req.url).search);
  // The same request made in another office is another request.
  const office = c.req.header(actingHeader);
  if (office !== undefined) hash.update(`\n${actingHeader} ${office}\n`);
  let body: unknown;
  let upload: Upload | undefined;
  if (route.upload) {
    if (!c.req.header("content-type")?.startsWith("multipart/form-data")) return refuse("unsupported-media-type");
    const { file, ...fields } = await c.req.parseBody().catch(() => ({ file: undefined }));
    if (!(file instanceof File))
      return invalidInput([{ pointer: "/file", rule: "required", zh: "请上传文件", en: "A file is required" }]);
    upload = { name: file.name.slice(0, 200), mediaType: file.type, content: Buffer.from(await file.arrayBuffer()) };
    hash.update(upload.content).update(JSON.stringify(fields));
    body = fields;
  } else if (route.body) {
    const text = await c.req.text();
    hash.update(text);
    try {
      body = JSON.parse(text);
    } catch {
      return refuse("malformed-request", { detail: { zh: "请求内容不是有效的 JSON", en: "The body is not valid JSON" } });
    }
  }
  const errors = [];
  const parsed: Record<"params" | "query" | "body", unknown> = { params: undefined, query: undefined, body: undefined };
  for (const [key, schema, value, at] of [
    ["params", route.params, c.req.param(), "path"],
    ["query", route.query, c.req.query(), "query"],
    ["body", route.body, body, ""],
  ] as const) {
    if (!schema) continue;
    const result = (schema as z.ZodType).safeParse(value);
    if (result.success) parsed[key] = result.data;
    else if (key === "params") return refuse("not-found");
    else errors.push(...fieldErrors(result.error, at, value));
  }
  if (errors.length > 0) return invalidInput(errors);

  let expectedVersion: number | undefined;
  if (route.ifMatch) {
    const match = /^(?:W\/)?"(\d{1,15})"$/.exec(c.req.header("if-match") ?? "");
    if (!match) return refuse("version-required");
    expectedVersion = Number(match[1]);
  }
  return { ...parsed, upload, bodyHash: hash.digest(), expectedVersion };
}

async function givenFor<Db>(tx: Tx<Db>, actor: Principal, keys: Keys, request: Request) {
  const now = await businessNow(tx);
  return {
    tx,
    params: request.params,
    query: request.query,
    body: request.body,
    actor,
    now,
    today: businessDate(now),
    keys,
    expectedVersion: request.expectedVersion,
    upload: request.upload,
  };
}
type Handler<Db> = (given: Awaited<ReturnType<typeof givenFor<Db>>>) => ReturnType<Route<Db>["handle"]>;

async function answerQuery<Db>(
  route: Route<Db>,
  options: HttpOptions<Db>,
  principal: Principal,
  request: Request,
): Promise<Response | Refusal> {
  // Safe: the request was parsed with this route's schemas just above.
  const handle = route.handle as unknown as Handler<Db>;
  const answer = await options.db.withReadTx(
    principal,
    async (tx) => await handle(await givenFor(tx, principal, options.keys, request)),
  );
  if (answer instanceof Refusal) return answer;
  if ("download" in answer) {
    const { audit = [] } = answer;
    if (audit.length > 0) await options.db.withTx(principal, (tx) => writeAudit(tx, options.keys, principal, audit));
    const { name, mediaType, content } = answer.download;
    const headers = {
      "content-type": mediaType,
      "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
      "cache-control": "no-store",
    };
    return new Response(new Uint8Array(content), { headers });
  }
  const reply = route.reply.parse(answer.reply);
  if (route.opens) {
    const entry = route.opens({ params: request.params, query: request.query, body: request.body, reply });
    await options.db.withTx(principal, (tx) => writeAudit(tx, options.keys, principal, [entry]));
  }
  return replyResponse(route.status, reply);
}

/** The answer of a question that is followed, as it stands now. */
async function readState<Db>(
  route: Route<Db>,
  options: HttpOptions<Db>,
  principal: Principal,
  request: Request,
): Promise<unknown> {
  // Safe: as in answerQuery.
  const handle = route.handle as unknown as Handler<Db>;
  const answer = await options.db.withReadTx(
    principal,
    async (tx) => await handle(await givenFor(tx, principal, options.keys, request)),
  );
  if (answer instanceof Refusal) return answer;
  if (!("reply" in answer)) throw new Error(`${route.operation} answered a download to whoever follows it`);
  return route.reply.parse(answer.reply);
}

async function runCommand<Db>(
  c: Context<Env>,
  route: Route<Db>,
  options: HttpOptions<Db>,
  principal: Principal,
  request: Request,
): Promise<Response | Refusal> {
  const key = route.reveals ? undefined : c.req.header("idempotency-key");
  const asked = route.method === "post" && !route.reveals;
  if (key === undefined ? asked : key.length < 8 || key.length > 200) return refuse("idempotency-key-required");
  // Safe: as in answerQuery.
  const handle = route.handle as unknown as Handler<Db>;
  try {
    const answer = await options.db.withTx(principal, async (tx) => {
      if (key !== undefined) {
        const before = await takeRequest(tx, principal, route.operation, key, request.bodyHash);
        if (before instanceof Refusal) throw new RolledBack(before);
        if (before) return before;
      }
      const given = await givenFor(tx, principal, options.keys, request);
      const tooMany = route.reveals ? await countReveal(tx, principal, given.now, options.revealsPerDay) : undefined;
      if (tooMany) throw new RolledBack(tooMany);
      const done = await handle(given);
      if (done instanceof Refusal) throw new RolledBack(done);
      if (!("reply" in done)) throw new Error(`${route.operation} answered a download to a command`);
      const events = "events" in done ? (done.events ?? []) : [];
      const audit = "audit" in done ? (done.audit ?? []) : [];
      const reply = route.reply.parse(done.reply);
      await appendEvents(tx, principal, events);
      await writeAudit(tx, options.keys, principal, audit.length > 0 ? audit : auditOfCommand(route, events, principal));
      if (key !== undefined) await keepReply(tx, principal, route.operation, key, route.status, reply);
      return { status: route.status, reply };
    });
    options.afterCommit();
    return replyResponse(answer.status, answer.reply);
  } catch (error) {
    if (error instanceof RolledBack) return error.refusal;
    throw error;
  }
}

/** Inserts the request's key first, so that a second copy waits for this one's end; answers the kept reply when there is one. */
async function takeRequest<Db>(
  tx: Tx<Db>,
  principal: Principal,
  route: string,
  key: string,
  bodyHash: Buffer,
): Promise<{ status: number; reply: unknown } | Refusal<ProblemCode> | undefined> {
  const inserted =
    await sql`insert into kit.idempotency (issuer, subject, route, key, body_hash) values (${principal.issuer}, ${principal.subject}, ${route}, ${key}, ${bodyHash})
    on conflict do nothing`.execute(tx);
  if (inserted.numAffectedRows === 1n) return undefined;
  const { rows } = await sql<{
    body_hash: Buffer;
    status: number | null;
    reply: unknown;
  }>`select body_hash, status, reply from kit.idempotency
    where issuer = ${principal.issuer} and subject = ${principal.subject} and route = ${route} and key = ${key}`.execute(tx);
  const before = rows[0];
  if (!before || before.status === null) return refuse("request-in-progress");
  if (!before.body_hash.equals(bodyHash)) return refuse("idempotency-key-reused");
  return { status: before.status, reply: before.reply };
}

async function keepReply<Db>(
  tx: Tx<Db>,
  principal: Principal,
  route: string,
  key: string,
  status: number,
  reply: unknown,
): Promise<void> {
  await sql`update kit.idempotency set status = ${status}, reply = ${JSON.stringify(reply)}::jsonb
    where issuer = ${principal.issuer} and subject = ${principal.subject} and route = ${route} and key = ${key}`.execute(tx);
}

/** JSON with the entity's version as its ETag, where the reply has one. */
function replyResponse(status: number, reply: unknown): Response {
  const version =
    typeof reply === "object" && reply !== null && "version" in reply && typeof reply.version === "number"
      ? reply.version
      : undefined;
  const headers: Record<string, string> = { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" };
  if (version !== undefined) headers["etag"] = `"${version}"`;
  return new Response(JSON.stringify(reply), { status, headers });
}

/** Compares the version a client said it changes with the row's: a refusal when somebody was quicker. */
export const checkVersion = (actual: number, expected: number | undefined): Refusal<"version-mismatch"> | undefined =>
  expected === undefined || expected === actual ? undefined : refuse("version-mismatch");
