import { spawn } from "node:child_process";
import * as fs from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { greetingOf, LOOPBACK, refuseTakenPort } from "./loopback.ts";
import { natsServer } from "./nats-server.ts";
import type { ServerHandle } from "./postgres.ts";
import * as processes from "./process-identity.ts";
import { StartProblem } from "./start-problem.ts";

export type NatsOptions = {
  /** Holds JetStream's files and the server's log. */
  storeDir: string;
  port: number;
  /** Users and permissions; without it everybody may do everything. */
  configFile?: string;
  /** What the configuration file refers to as `$NAME`, such as the users' public keys. */
  variables?: Record<string, string>;
};

const START_MS = 30_000;

/**
 * Starts a real nats-server with JetStream on files, on the loopback address alone. It is ready when it greets.
 * A server of ours that an earlier, killed run left behind on the same files is stopped first.
 */
export async function startNats({ storeDir, port, configFile, variables }: NatsOptions): Promise<ServerHandle> {
  const program = natsServer();
  fs.mkdirSync(storeDir, { recursive: true, mode: 0o700 });
  const home = resolve(storeDir);
  const pidFile = join(home, "server.json");
  const leftover = processes.rememberedProcess(pidFile);
  if (leftover) await processes.stopProcess(leftover, "SIGTERM", 10_000);
  await refuseTakenPort(port, "NATS");

  const logFile = join(home, "server.log");
  const mark = fs.existsSync(logFile) ? fs.statSync(logFile).size : 0;
  const log = fs.openSync(logFile, "a");
  const args = ["-a", LOOPBACK, "-p", String(port), "-js", "-sd", home].concat(configFile ? ["-c", resolve(configFile)] : []);
  const child = spawn(program, args, {
    cwd: home,
    env: { ...process.env, ...variables },
    detached: true,
    stdio: ["ignore", log, log],
  });
  fs.closeSync(log);
  await new Promise<void>((done, failed) => child.once("spawn", done).once("error", failed));
  const pid = child.pid ?? 0;
  const identity = processes.rememberProcess(pidFile, pid);
  const deadline = performance.now() + START_MS;
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  let ready = false;
  while (identity && !ended() && !ready && performance.now() < deadline) {
    ready = (await greetingOf(port, 1_000))?.includes('"jetstream":true') ?? false;
    if (!ready) await pause(15);
  }
  if (!identity || !ready) {
    if (identity) await processes.stopProcess(identity, "SIGKILL", 5_000);
    const words = fs.readFileSync(logFile).subarray(mark).toString("utf8").trim().split("\n");
    const reason = words.findLast((line) => /\[FTL\]|nats-server:|error|denied/i.test(line)) ?? words.at(-1) ?? "";
    throw new StartProblem(`NATS 无法在 ${storeDir} 启动：${reason}`, `NATS could not start in ${storeDir}: ${reason}`);
  }
  child.unref();
  return {
    url: `nats://${LOOPBACK}:${port}`,
    port,
    pid,
    stop: () => processes.stopProcess(identity, "SIGTERM", 10_000),
    kill: () => processes.stopProcess(identity, "SIGKILL", 5_000),
  };
}
