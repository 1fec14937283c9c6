import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type DemoUser, demoUsers } from "./demo-users.ts";
import { DEVELOPMENT_GRANT, TOKEN_CLIENT } from "./issuer-names.ts";
import type { IssuerSettings } from "./issuer-provider.ts";
import { LOOPBACK } from "./loopback.ts";
import { type RunningProcess, startNode } from "./node-process.ts";
import { StartProblem } from "./start-problem.ts";

export type IssuerOptions = {
  port: number;
  /** Holds the signing key, the log and the process's record. */
  dataDir: string;
  users?: readonly DemoUser[];
  /** Where the console is served; by default the port before the issuer's. */
  consoleOrigin?: string;
};

export type Issuer = RunningProcess & { issuer: string; jwksUrl: string; audience: string };

export const issuerAddress = (port: number): string => `http://${LOOPBACK}:${port}`;

/** Starts the development issuer as a process of its own: discovery, keys, sign-in by choosing a demo user, tokens of one hour. */
export async function startIssuer({ port, dataDir, users = demoUsers, consoleOrigin }: IssuerOptions): Promise<Issuer> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const issuer = issuerAddress(port);
  const settings: IssuerSettings = {
    issuer,
    keysFile: join(dataDir, "signing-key.json"),
    cookieKey: randomBytes(24).toString("hex"),
    consoleOrigin: consoleOrigin ?? `http://${LOOPBACK}:${port - 1}`,
    users,
  };
  const settingsFile = join(dataDir, "settings.json");
  writeFileSync(settingsFile, JSON.stringify(settings), { mode: 0o600 });
  const running = await startNode({
    name: "issuer",
    args: [join(import.meta.dirname, "issuer-main.ts"), settingsFile],
    cwd: dataDir,
    env: { PATH: process.env["PATH"] ?? "", NODE_ENV: "development" },
    port,
    readyUrl: `${issuer}/.well-known/openid-configuration`,
    logFile: join(dataDir, "issuer.log"),
    pidFile: join(dataDir, "issuer.json"),
  });
  return { ...running, issuer, jwksUrl: `${issuer}/jwks`, audience: "shouwang" };
}

/** An access token of one hour for a demo user, from a running development issuer. */
export async function requestToken(issuer: string, user: string): Promise<string> {
  const body = new URLSearchParams({ grant_type: DEVELOPMENT_GRANT, client_id: TOKEN_CLIENT, user });
  const response = await fetch(`${issuer}/token`, { method: "POST", body, signal: AbortSignal.timeout(10_000) }).catch(
    () => undefined,
  );
  if (!response) throw new StartProblem("守望没有在运行，请先运行 npm start。", "Shouwang is not running; run npm start first.");
  const answer: unknown = await response.json();
  if (response.ok && typeof answer === "object" && answer !== null && "access_token" in answer)
    return String(answer.access_token);
  const known = demoUsers.map(({ id }) => id).join(" ");
  throw new StartProblem(`没有演示用户 ${user}，可用的有：${known}`, `There is no demo user ${user}; there are: ${known}`);
}
