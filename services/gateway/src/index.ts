import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { createAdaptorServer } from "@hono/node-server";
import { openLog, tokenVerifier } from "@shouwang/service-kit";
import { buildApp } from "./app.ts";
import { readConfig } from "./config.ts";
import { departmentsOf } from "./departments.ts";
import { openUpstream } from "./upstream.ts";

export { mergedDocument } from "./api/document.ts";
export { ApiDocument } from "./api/merge-documents.ts";

/** A running gateway. `stop` takes no new requests, lets the running ones finish for at most four seconds, and closes every connection. */
export type Gateway = { url: string; stop(): Promise<void> };

const drainMs = 4_000;
/** A connection on which nothing moves for so long is closed: an upload that stands still must not hold a place for ever. */
const idleMs = 65_000;

/**
 * Starts the one public door.
 * @param now real time in milliseconds, for the life of cached tokens and answers
 * @throws one sentence when the configuration is not as it must be or the port is taken
 */
export async function startGateway(env: Record<string, string | undefined>, now: () => number = Date.now): Promise<Gateway> {
  const config = readConfig(env);
  const log = openLog("gateway", config.LOG_LEVEL);
  const departments = departmentsOf(config.UPSTREAMS, (service, origin) =>
    openUpstream(service, origin, { running: config.UPSTREAM_LIMIT, answerMs: config.UPSTREAM_ANSWER_MS }, log),
  );
  const verify = tokenVerifier({ issuer: config.OIDC_ISSUER, audience: config.OIDC_AUDIENCE, jwksUrl: config.OIDC_JWKS_URL });
  let stopping = false;
  const app = buildApp({ config, departments, verify, log, now, stopping: () => stopping });

  const server = createAdaptorServer({ fetch: app.fetch, serverOptions: { keepAliveTimeout: 5_000 } });
  if (!("closeIdleConnections" in server)) throw new Error("the gateway serves HTTP/1.1");
  server.setTimeout(idleMs);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(config.PORT, config.HOST, resolve);
  });
  // Safe: a server listening on a TCP port has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  log.info({ port, departments: departments.connected.map(({ service }) => service) }, "ready");

  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      if (stopping) return;
      stopping = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // A connection becomes idle some time after its answer was sent; nothing tells when.
      const closing = setInterval(() => server.closeIdleConnections(), 20);
      await Promise.race([closed, pause(drainMs, undefined, { ref: false })]);
      clearInterval(closing);
      server.closeAllConnections();
      await departments.close();
      log.info("stopped");
    },
  };
}
