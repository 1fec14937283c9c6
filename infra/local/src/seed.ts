import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CHECKOUT } from "./checkout.ts";
import type { Layout } from "./layout.ts";
import * as processes from "./process-identity.ts";
import type { LocalService } from "./service-environment.ts";
import { StartProblem } from "./start-problem.ts";

/**
 * Fills a service's database for the demo, once per installation. A seed that was killed is run again, since only a whole one is marked.
 * Answers whether anything was done.
 */
export async function seedOnce(service: LocalService, layout: Layout, households: number, giveUp: AbortSignal): Promise<boolean> {
  const program = service.seed && join(CHECKOUT, "services", service.name, service.seed);
  const done = seeded(layout.seeded);
  if (!program || !existsSync(program) || service.name in done) return false;
  const name = `${service.name}-seed`;
  const leftover = processes.rememberedProcess(layout.pid(name));
  if (leftover) await processes.stopProcess(leftover, "SIGTERM", 5_000, true);
  const log = openSync(layout.log(name), "a");
  const child = spawn(process.execPath, [program, "--households", String(households)], {
    cwd: CHECKOUT,
    env: service.environment,
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const identity = processes.rememberProcess(layout.pid(name), child.pid ?? 0);
  giveUp.addEventListener("abort", () => identity && void processes.stopProcess(identity, "SIGTERM", 3_000, true), {
    once: true,
  });
  const code = await new Promise<number | null>((resolve, reject) => child.once("exit", resolve).once("error", reject));
  if (code !== 0) {
    throw new StartProblem(
      `${service.name} 的演示数据没有写完（日志：${layout.log(name)}），再次运行 npm start 会接着写。`,
      `The demo data of ${service.name} was not completed (log: ${layout.log(name)}); npm start goes on with it.`,
    );
  }
  writeFileSync(layout.seeded, `${JSON.stringify({ ...done, [service.name]: { households } })}\n`);
  return true;
}

function seeded(file: string): Record<string, unknown> {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
}
