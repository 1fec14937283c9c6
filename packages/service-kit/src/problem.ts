import { z } from "@hono/zod-openapi";
import { type FieldError, type ProblemCode, problems, Reason, Refusal } from "@shouwang/contract";
import type { Context } from "hono";
import { traceId } from "./telemetry.ts";

/** An RFC 9457 problem document as this platform answers it: title and detail in Chinese, `en` beside. */
export const ProblemDocument = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string().optional(),
    instance: z.string(),
    clause: z.string().optional(),
    en: z.object({ title: z.string(), detail: z.string().optional() }),
    errors: z
      .array(z.object({ pointer: z.string(), rule: z.string(), zh: z.string(), en: z.string(), clause: z.string().optional() }))
      .optional(),
    reasons: z.array(Reason).optional(),
    traceId: z.string().optional(),
  })
  .openapi("ProblemDocument", { description: "Problem document (RFC 9457)" });

/** Answers a refusal as `application/problem+json`. A 503 and a 429 say when to try again. */
export function problemResponse(c: Context, refusal: Refusal): Response {
  const definition: { status: number; zh: string; en: string; clause?: string } = problems[refusal.code];
  const trace = traceId();
  const body: z.infer<typeof ProblemDocument> = {
    type: `/problems/${refusal.code}`,
    title: definition.zh,
    status: definition.status,
    code: refusal.code,
    ...(refusal.detail ? { detail: refusal.detail.zh } : {}),
    instance: new URL(c.req.url).pathname,
    ...(definition.clause ? { clause: definition.clause } : {}),
    en: { title: definition.en, ...(refusal.detail ? { detail: refusal.detail.en } : {}) },
    ...(refusal.errors.length > 0 ? { errors: [...refusal.errors] } : {}),
    ...(refusal.reasons.length > 0 ? { reasons: refusal.reasons.map((reason) => ({ ...reason })) } : {}),
    ...(trace ? { traceId: trace } : {}),
  };
  const headers: Record<string, string> = {
    "content-type": "application/problem+json; charset=utf-8",
    "cache-control": "no-store",
  };
  if (definition.status === 503 || definition.status === 429) headers["retry-after"] = String(refusal.retryAfterS ?? 2);
  // The rest of such a body is never read, so the connection cannot be used again.
  if (definition.status === 413) headers["connection"] = "close";
  if (definition.status === 401) headers["www-authenticate"] = "Bearer";
  return new Response(JSON.stringify(body), { status: definition.status, headers });
}

const zh = z.locales.zhCN().localeError;
const en = z.locales.en().localeError;
const said = (text: string | { message: string } | undefined | null): string =>
  typeof text === "string" ? text : (text?.message ?? "invalid");

const Stated = z.object({ rule: z.string(), zh: z.string(), en: z.string(), clause: z.string().optional() });

/**
 * What zod found, said for people: one entry a field, with a JSON pointer. A schema states its own rule with
 * `ctx.addIssue({ code: "custom", params: { rule, zh, en, clause } })`. The value itself is never repeated.
 * @param input what was parsed: a field that is not there at all is `required`, whatever its schema
 * @param base where the pointer starts: "" for the body, "query", "path"
 */
export function fieldErrors(error: z.ZodError, base: "" | "query" | "path", input: unknown): FieldError[] {
  return error.issues.slice(0, 50).flatMap((issue) => {
    const at = (path: readonly PropertyKey[]) =>
      `${base === "" ? "" : `#${base}`}/${path.map((part) => String(part).replaceAll("~", "~0").replaceAll("/", "~1")).join("/")}`;
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        pointer: at([...issue.path, key]),
        rule: "unknown-field",
        zh: "没有这个字段",
        en: "There is no such field",
      }));
    }
    if (issue.code === "custom") {
      const stated = Stated.safeParse(issue.params);
      if (stated.success) {
        const { clause, ...rest } = stated.data;
        return { pointer: at(issue.path), ...rest, ...(clause === undefined ? {} : { clause }) };
      }
    }
    // Safe: a raw issue is this issue plus the input, which no locale's message repeats.
    const raw = { ...issue, input: undefined } as Parameters<typeof zh>[0];
    const missing = valueAt(input, issue.path) === undefined;
    return {
      pointer: at(issue.path),
      rule: missing ? "required" : issue.code.replaceAll("_", "-"),
      zh: missing ? "必填" : said(zh(raw)),
      en: missing ? "Required" : said(en(raw)),
    };
  });
}

/** The value at a path of what was sent, or undefined where nothing is. */
const valueAt = (input: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    input,
  );

/** The refusal for a body or query that does not fit its schema. */
export const invalidInput = (errors: FieldError[]): Refusal<"invalid-input"> => new Refusal("invalid-input", { errors });

/** Thrown inside a transaction so that a refusal rolls it back; never leaves the kit. */
export class RolledBack extends Error {
  readonly refusal: Refusal<ProblemCode>;
  constructor(refusal: Refusal<ProblemCode>) {
    super("refused");
    this.refusal = refusal;
  }
}
