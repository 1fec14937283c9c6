import { Refusal } from "@shouwang/contract";
import type { z } from "zod";
import type { Upstream } from "./upstream.ts";

/** What came of a question: an answer that fits its schema, a status that says no, or nothing in time. */
export type Asked<T> = { state: "ok"; body: T } | { state: "refused"; status: number } | { state: "down" };

const mostBytes = 8_388_608;

/**
 * Asks a department for JSON and checks it like a stranger's. Never throws and never waits longer than `waitMs`: late, broken or
 * oversized is `down`, so that what spans departments can go on with the others.
 */
export async function ask<S extends z.ZodType>(
  upstream: Upstream,
  path: string,
  schema: S,
  headers: Record<string, string | string[]> = {},
  waitMs = 2_000,
): Promise<Asked<z.output<S>>> {
  const asked = await upstream.send({
    method: "GET",
    path,
    headers: { ...headers, accept: "application/json" },
    signal: AbortSignal.timeout(waitMs),
  });
  if (asked instanceof Refusal) return { state: "down" };
  try {
    if (asked.statusCode !== 200) {
      await asked.body.dump();
      return asked.statusCode >= 500 ? { state: "down" } : { state: "refused", status: asked.statusCode };
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of asked.body) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > mostBytes) return { state: "down" };
    }
    const parsed = schema.safeParse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
    return parsed.success ? { state: "ok", body: parsed.data } : { state: "down" };
  } catch {
    return { state: "down" };
  }
}
