import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import { type Principal, traceparent } from "@shouwang/service-kit";
import type { Context } from "hono";

/** What the gateway's handlers find in their context: the Node request and response, who asks, and the route's name for the log. */
export type Env = { Bindings: HttpBindings; Variables: { principal: Principal; route: string } };

/** The address as one parser sees it, so that what is checked is what is sent on: dot segments are resolved before anybody looks. */
export function addressOf(incoming: IncomingMessage): { path: string; pathAndQuery: string; service: string | undefined } {
  // A target in absolute form, or one that begins with two slashes, names a host; only its path is ours.
  const raw = incoming.url?.replace(/^https?:\/\/[^/]*/i, "").replace(/^[/\\]*/, "/") ?? "/";
  const { pathname, search } = new URL(raw, "http://gateway");
  return { path: pathname, pathAndQuery: pathname + search, service: /^\/api\/v1\/([^/]+)\//.exec(pathname)?.[1] };
}

/** Headers of one hop, which end here (RFC 9110, 7.6.1); `expect` was answered by this server already. */
const hopByHop: ReadonlySet<string> = new Set([
  ...["connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"],
  ...["te", "trailer", "transfer-encoding", "upgrade", "expect"],
]);
/** What only the gateway may say; a client's own claim is dropped. */
const ofTheGateway: ReadonlySet<string> = new Set([
  "host",
  "forwarded",
  "x-real-ip",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-forwarded-port",
]);
const nothingMore: ReadonlySet<string> = new Set();

/** End-to-end headers of a message: all but those of the hop, those it names in `Connection`, and `also`. */
export function endToEnd(
  headers: Record<string, string | string[] | undefined>,
  also: ReadonlySet<string> = nothingMore,
): Record<string, string | string[]> {
  const connection = headers["connection"];
  // Nearly every connection names nothing, or itself: no list is made for those.
  const named =
    connection === undefined || connection === "keep-alive" || connection === "close"
      ? nothingMore
      : new Set(
          String(connection)
            .toLowerCase()
            .split(",")
            .map((name) => name.trim()),
        );
  const kept: Record<string, string | string[]> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && !hopByHop.has(name) && !also.has(name) && !named.has(name)) kept[name] = value;
  }
  return kept;
}

/** The headers a request goes on with: end to end, who came to this door, and the trace it belongs to. */
export function onward(c: Context<Env>): Record<string, string | string[]> {
  const { incoming } = c.env;
  return {
    ...endToEnd(incoming.headers, ofTheGateway),
    "x-forwarded-for": incoming.socket.remoteAddress ?? "unknown",
    "x-forwarded-host": incoming.headers.host ?? "",
    "x-forwarded-proto": "http",
    traceparent: traceOf(c),
  };
}

const wellFormed = /^00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;

/** The trace of a request: the active span's, else the client's, else a new one. */
function traceOf(c: Context<Env>): string {
  const given = c.req.header("traceparent") ?? "";
  const own = () => {
    // Ids are drawn from a store of random bytes, which costs a tenth of asking for some each time.
    const [trace, span] = [randomUUID(), randomUUID()].map((id) => id.replaceAll("-", ""));
    return `00-${trace}-${span?.slice(16)}-01`;
  };
  return traceparent() ?? (wellFormed.test(given) ? given : own());
}

/** Whether the caller is a browser that wants a page rather than a document for programs. */
export function wantsHtml(c: Context): boolean {
  const accept = c.req.header("accept") ?? "";
  const html = accept.indexOf("text/html");
  const json = accept.search(/application\/(problem\+)?json/);
  return html >= 0 && (json < 0 || html < json);
}

/** What every answer of this door carries, besides what the department says itself. */
export const securityHeaders = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
  "cross-origin-resource-policy": "same-origin",
};
/** Documents for programs run nothing, wherever they are opened. */
export const nothingRuns = "default-src 'none'; frame-ancestors 'none'";
