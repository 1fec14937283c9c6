import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Refusal } from "@shouwang/contract";
import type { Context } from "hono";
import { addressOf, type Env, endToEnd, nothingRuns, onward, securityHeaders } from "./http.ts";
import type { Upstream } from "./upstream.ts";

/**
 * Passes a request on to its department, unchanged, and the answer back. Both bodies flow through, nothing is kept; when the client goes
 * away the department's work is cut off, and when the department breaks off in mid-body the client's connection breaks too, since a
 * shortened answer must not look whole. Answers a refusal when the department is away.
 */
export async function forward(c: Context<Env>, upstream: Upstream): Promise<Response | Refusal<"dependency-unavailable">> {
  const { incoming, outgoing } = c.env;
  const gone = new AbortController();
  // Aborting costs an error each time: an answer that went out whole has nothing left to cut off.
  outgoing.once("close", () => outgoing.writableFinished || gone.abort());
  const hasBody = incoming.headers["transfer-encoding"] !== undefined || Number(incoming.headers["content-length"] ?? 0) > 0;
  const answer = await upstream.send({
    method: incoming.method ?? "GET",
    path: addressOf(incoming).pathAndQuery,
    headers: onward(c),
    // Through a pipe of its own: undici destroys a body it could not send, and the client's connection must outlive that to be told so.
    ...(hasBody ? { body: incoming.pipe(new PassThrough()) } : {}),
    signal: gone.signal,
  });
  if (answer instanceof Refusal) return answer;

  outgoing.writeHead(answer.statusCode, {
    ...securityHeaders,
    "content-security-policy": nothingRuns,
    ...endToEnd(answer.headers),
  });
  // An answer of known length follows at once, and goes out with its headers; a stream's headers must not wait for its first word.
  if (answer.headers["content-length"] === undefined) outgoing.flushHeaders();
  await pipeline(answer.body, outgoing).catch(() => outgoing.destroy());
  return RESPONSE_ALREADY_SENT;
}
