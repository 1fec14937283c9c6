import type { Context } from "hono";
import type { z } from "zod";
import { type Asked, ask } from "../ask.ts";
import type { Departments } from "../departments.ts";
import { type Env, onward } from "../http.ts";

/** What is asked of a department in the caller's name: their token, the office they act in, their address, their trace, nothing else of their request. */
function inTheNameOf(c: Context<Env>): Record<string, string | string[]> {
  const wanted = ["authorization", "sw-acting", "traceparent", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"];
  return Object.fromEntries(Object.entries(onward(c)).filter(([name]) => wanted.includes(name)));
}

/** Asks every connected department the same question at once, under the caller's own rights; each answers, refuses or is down by itself. */
export async function gather<S extends z.ZodType>(
  c: Context<Env>,
  departments: Departments,
  path: string,
  schema: S,
): Promise<{ service: string; asked: Asked<z.output<S>> }[]> {
  const headers = inTheNameOf(c);
  return await Promise.all(
    departments.connected.map(async (upstream) => ({
      service: upstream.service,
      asked: await ask(upstream, `/api/v1/${upstream.service}${path}`, schema, headers),
    })),
  );
}
