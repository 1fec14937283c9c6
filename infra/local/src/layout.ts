import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { CHECKOUT } from "./checkout.ts";
import { StartProblem } from "./start-problem.ts";

/** Where this installation keeps its data. */
export function dataLayout() {
  const root = resolve(process.env["SHOUWANG_DATA"] ?? join(CHECKOUT, ".data"));
  const within = (...path: string[]) => join(root, ...path);
  return {
    root,
    postgres: within("postgres"),
    nats: within("nats"),
    issuer: within("issuer"),
    secrets: within("secrets"),
    clock: within("clock.json"),
    seeded: within("seeded.json"),
    runner: within("run", "runner.json"),
    log: (name: string) => within("logs", `${name}.log`),
    pid: (name: string) => within("run", `${name}.json`),
  };
}

export type Layout = ReturnType<typeof dataLayout>;

/** Makes the folders that do not hold secrets; or says in one sentence why it may not. */
export function makeFolders(layout: Layout): void {
  try {
    for (const folder of ["logs", "run"]) mkdirSync(join(layout.root, folder), { recursive: true, mode: 0o755 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartProblem(
      `无法写入数据目录 ${layout.root}：${reason}`,
      `The data folder ${layout.root} cannot be written: ${reason}`,
    );
  }
}

/** The ports of one installation: `SHOUWANG_PORT` (8080) and those after it. */
export function ports() {
  const asked = process.env["SHOUWANG_PORT"] ?? "8080";
  const gateway = Number(asked);
  if (!Number.isInteger(gateway) || gateway < 1 || gateway > 65_000) {
    throw new StartProblem(
      `SHOUWANG_PORT=${asked} 不是可用的端口号（1 至 65000）。`,
      `SHOUWANG_PORT=${asked} is not a port from 1 to 65000.`,
    );
  }
  return {
    gateway,
    issuer: gateway + 1,
    nats: gateway + 2,
    postgres: gateway + 3,
    service: (index: number) => gateway + 10 + index,
  };
}

export type Ports = ReturnType<typeof ports>;
