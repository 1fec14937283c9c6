import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, type RunningProcess, startNode } from "@shouwang/local";
import { importJWK, SignJWT } from "jose";
import { serveIssuer } from "../../packages/testkit/src/issuer.ts";

const checkout = fileURLToPath(new URL("../../", import.meta.url));

/** Programs of a benchmark in processes of their own, as in production, and people signed in to them. `stop` ends them all. */
export async function openProcesses(folder: string) {
  const issuer = await serveIssuer();
  const running: RunningProcess[] = [];
  const start = async (
    name: string,
    program: string,
    given: { env?: Record<string, string>; args?: (port: number) => string[]; ready?: string },
  ) => {
    const port = await freePort();
    const process = await startNode({
      name,
      args: [program, ...(given.args?.(port) ?? [])],
      cwd: checkout,
      env: {
        PATH: globalThis.process.env["PATH"] ?? "",
        PORT: String(port),
        HOST: "127.0.0.1",
        LOG_LEVEL: "silent",
        ...given.env,
      },
      port,
      readyUrl: `http://127.0.0.1:${port}${given.ready ?? "/health/ready"}`,
      logFile: join(folder, `${name}-${port}.log`),
      pidFile: join(folder, `${name}-${port}.json`),
    });
    running.push(process);
    return `http://127.0.0.1:${port}`;
  };
  const signedIn = async (role: string, region: string): Promise<{ authorization: string }> => {
    const token = await new SignJWT({ sub: `${role}-${region}`, sw_roles: [role], sw_region: region })
      .setProtectedHeader({ alg: "ES256", kid: "test", typ: "at+jwt" })
      .setIssuer(issuer.issuer)
      .setAudience("shouwang")
      .setIssuedAt()
      .setJti(crypto.randomUUID())
      .setExpirationTime("1h")
      .sign(await importJWK(issuer.signingKey, "ES256"));
    return { authorization: `Bearer ${token}` };
  };
  const who = { OIDC_ISSUER: issuer.issuer, OIDC_JWKS_URL: issuer.jwksUrl };
  const gateway = (upstream: string) =>
    start("gateway", "services/gateway/src/main.ts", {
      env: { ...who, UPSTREAMS: `monitoring=${upstream}`, UPSTREAM_LIMIT: "256" },
    });
  const stop = async () => {
    await Promise.all(running.map((process) => process.stop(5_000)));
    await issuer.close();
  };
  return { start, gateway, signedIn, who, issuer, stop };
}
