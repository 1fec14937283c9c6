import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { signToken, testIssuer } from "@shouwang/testkit";
import type { Hono } from "hono";
import { onTestFinished } from "vitest";
import { startGateway } from "./index.ts";

/** A county officer of Du'an, signed in. */
export const officer = { sub: "u-officer", sw_roles: ["county-officer"], sw_region: "451228" };
export const signedIn = async (claims: Parameters<typeof signToken>[0] = officer): Promise<{ authorization: string }> => ({
  authorization: `Bearer ${await signToken(claims)}`,
});

/** Serves a department's application over real HTTP on loopback until the test ends, or until `close`. */
export async function serveDepartment(app: Pick<Hono, "fetch">): Promise<{ url: string; close(): Promise<void> }> {
  const server = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Safe: a server listening on a TCP port has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      if ("closeAllConnections" in server) server.closeAllConnections();
    });
  onTestFinished(close);
  return { url: `http://127.0.0.1:${port}`, close };
}

/** An address at which nobody listens any more. */
export async function deadAddress(): Promise<string> {
  const { url, close } = await serveDepartment({ fetch: () => new Response() });
  await close();
  return url;
}

/** The environment of a gateway before these departments. */
export function environment(upstreams: Record<string, string>): Record<string, string> {
  const { issuer, jwksUrl } = testIssuer();
  return {
    PORT: "0",
    HOST: "127.0.0.1",
    LOG_LEVEL: "silent",
    OIDC_ISSUER: issuer,
    OIDC_JWKS_URL: jwksUrl,
    UPSTREAMS: Object.entries(upstreams)
      .map(([service, url]) => `${service}=${url}`)
      .join(","),
  };
}

/** Starts a gateway before these departments until the test ends; answers its address. */
export async function gatewayBefore(
  upstreams: Record<string, string>,
  more: Record<string, string> = {},
  now?: () => number,
): Promise<string> {
  const gateway = await startGateway({ ...environment(upstreams), ...more }, now);
  onTestFinished(() => gateway.stop());
  return gateway.url;
}
