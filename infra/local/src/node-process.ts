import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { CHECKOUT } from "./checkout.ts";
import { refuseTakenPort } from "./loopback.ts";
import * as processes from "./process-identity.ts";
import { StartProblem } from "./start-problem.ts";

export type NodeProcess = {
  name: string;
  /** The program and its arguments. */
  args: string[];
  cwd: string;
  env: Record<string, string>;
  port: number;
  /** Answers 200 when the process is ready. */
  readyUrl: string;
  logFile: string;
  pidFile: string;
  /** How long it may take to become ready, in milliseconds. */
  readyWithinMs?: number;
  /** Gives up the wait, and the process, when everything is to stop. */
  giveUp?: AbortSignal;
};

export type RunningProcess = {
  pid: number;
  hasEnded(): boolean;
  stop(withinMs?: number): Promise<void>;
  kill(): Promise<void>;
};

/** Starts a program of ours in a process group of its own and waits until it says it is ready. */
export async function startNode(given: NodeProcess): Promise<RunningProcess> {
  const leftover = processes.rememberedProcess(given.pidFile);
  if (leftover) await processes.stopProcess(leftover, "SIGTERM", 10_000, true);
  await refuseTakenPort(given.port, given.name);
  const log = openSync(given.logFile, "a");
  const mark = statSync(given.logFile).size;
  const child = spawn(process.execPath, given.args, {
    cwd: given.cwd,
    env: { NODE_COMPILE_CACHE: join(CHECKOUT, "node_modules/.cache/node"), ...given.env },
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  await new Promise<void>((done, failed) => child.once("spawn", done).once("error", failed));
  const identity = processes.rememberProcess(given.pidFile, child.pid ?? 0);
  const deadline = performance.now() + (given.readyWithinMs ?? 60_000);
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  while (identity && !ended() && !given.giveUp?.aborted && performance.now() < deadline) {
    if (await isReady(given.readyUrl)) {
      child.unref();
      return {
        pid: identity.pid,
        hasEnded: () => !processes.isAlive(identity),
        stop: (withinMs = 8_000) => processes.stopProcess(identity, "SIGTERM", withinMs, true),
        kill: () => processes.stopProcess(identity, "SIGKILL", 5_000, true),
      };
    }
    await pause(50);
  }
  if (identity) await processes.stopProcess(identity, given.giveUp?.aborted ? "SIGTERM" : "SIGKILL", 3_000, true);
  const words = readFileSync(given.logFile).subarray(mark).toString("utf8").trim().split("\n");
  const reason = words.findLast((line) => /error|fatal/i.test(line)) ?? words.at(-1) ?? "";
  throw new StartProblem(
    `${given.name} 没有就绪：${reason.slice(0, 300)}（日志：${given.logFile}）`,
    `${given.name} did not become ready: ${reason.slice(0, 300)} (log: ${given.logFile})`,
  );
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
