import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, rememberedProcess, rememberProcess, startNats, startPostgres, stopProcess } from "@shouwang/local";
import type { TestProject } from "vitest/node";
import { serveIssuer } from "./issuer.ts";
import "./provided.ts";

const PREFIX = "shouwang-test-";

/** Starts one PostgreSQL, one nats-server and one token issuer for the whole run, and removes every trace of them at its end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeLeftovers();
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  rememberProcess(join(folder, "owner.json"), process.pid);
  // PostgreSQL's own account passes through here on the way to its data.
  chmodSync(folder, 0o711);
  const [postgres, nats, issuer] = await Promise.all([
    freePort().then((port) => startPostgres({ dataDir: join(folder, "postgres"), port, durable: false })),
    freePort().then((port) => startNats({ storeDir: join(folder, "nats"), port })),
    serveIssuer(),
  ]);
  project.provide("shouwang", {
    adminUrl: postgres.url,
    rolePassword: randomBytes(12).toString("hex"),
    natsUrl: nats.url,
    issuer: issuer.issuer,
    jwksUrl: issuer.jwksUrl,
    signingKey: issuer.signingKey,
    folder,
  });
  return async () => {
    await Promise.all([postgres.remove(), nats.kill(), issuer.close()]);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
}

/** What a killed run left behind: its servers are stopped and its folder goes. */
async function removeLeftovers(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const folder = join(tmpdir(), name);
    const owner = rememberedProcess(join(folder, "owner.json"));
    // A run that begins beside this one may not have written down its owner yet.
    const isNew = Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) < 60_000;
    if (owner || isNew) continue;
    for (const file of findRecords(folder)) {
      const server = rememberedProcess(file);
      if (server) await stopProcess(server, "SIGKILL", 5_000);
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function findRecords(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith("server.json"))
    .map((file) => join(folder, file));
}
