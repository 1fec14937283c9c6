import { PassThrough } from "node:stream";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Refusal } from "@shouwang/contract";
import type { Context } from "hono";
import { addressOf, type Env, endToEnd, nothingRuns, onward, securityHeaders } from "./http.ts";
import type { Upstream } from "./upstream.ts";

// Made after a server of this process has put its lighter Response in place, it would be sent a second time; asked for its body it becomes a whole one.
void RESPONSE_ALREADY_SENT.body;

/** What every answer that is passed on carries besides the department's own headers. */
const ours = { ...securityHeaders, "content-security-policy": nothingRuns };

/** Passes a request on to its department, unchanged, and the answer back: both bodies flow through, nothing is kept. Answers a refusal when the department is away. */
export async function forward(c: Context<Env>, upstream: Upstream): Promise<Response | Refusal<"dependency-unavailable">> {
  const { incoming, outgoing } = c.env;
  const hasBody = incoming.headers["transfer-encoding"] !== undefined || Number(incoming.headers["content-length"] ?? 0) > 0;
  const away = await upstream.pass(
    {
      method: incoming.method ?? "GET",
      path: addressOf(incoming).pathAndQuery,
      headers: onward(c),
      // Through a pipe of its own: undici destroys a body it could not send, and the client's connection must outlive that to be told so.
      ...(hasBody ? { body: incoming.pipe(new PassThrough()) } : {}),
    },
    outgoing,
    (headers) => ({ ...ours, ...endToEnd(headers) }),
  );
  return away ?? RESPONSE_ALREADY_SENT;
}
