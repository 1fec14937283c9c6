import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { CHECKOUT } from "./checkout.ts";
import { readComposeFile } from "./compose-file.ts";
import { demoClockOffset } from "./demo-clock.ts";
import type { Layout, Ports } from "./layout.ts";
import { localSecrets } from "./local-secrets.ts";
import { type LocalService, localServices } from "./service-environment.ts";
import { StartProblem } from "./start-problem.ts";

/** Runs an operator's command in one department, against this installation's database and bus. @returns its exit code */
export async function operateOne(layout: Layout, ports: Ports, name: string, args: string[]): Promise<number> {
  const all = departments(layout, ports);
  const service = all.find((each) => each.name === name);
  if (service) return await run(service, args);
  const names = all.map((each) => each.name).join(", ");
  throw new StartProblem(`请写明部门,可用的有:${names}`, `Say which department; there are: ${names}`);
}

/** The same in every department, one after another. @returns 1 when it failed in any */
export async function operateEvery(layout: Layout, ports: Ports, args: string[]): Promise<number> {
  let worst = 0;
  for (const service of departments(layout, ports)) worst = Math.max(worst, await run(service, args));
  return worst;
}

/** Each department with its environment on this machine; `<DEPARTMENT>_DATABASE_URL` names another database for it, a restored copy for instance. */
function departments(layout: Layout, ports: Ports): LocalService[] {
  const compose = readComposeFile();
  const names = compose.services.filter(({ environment }) => "DATABASE_URL" in environment).map(({ name }) => name);
  if (!existsSync(layout.clock)) {
    throw new StartProblem("守望尚未启动过,请先运行 npm start", "Shouwang was never started here; run npm start first");
  }
  const secrets = localSecrets(layout.secrets, compose);
  return localServices(compose, ports, secrets, demoClockOffset(layout.clock))
    .filter(({ name }) => names.includes(name))
    .map((service) => {
      const other = process.env[`${service.name.toUpperCase().replaceAll("-", "_")}_DATABASE_URL`];
      return other ? { ...service, environment: { ...service.environment, DATABASE_URL: other } } : service;
    });
}

function run(service: LocalService, args: string[]): Promise<number> {
  const program = join(CHECKOUT, "services", service.name, "src/main.ts");
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { cwd: CHECKOUT, env: service.environment, stdio: "inherit" });
    child.once("error", reject).once("exit", (code) => resolve(code ?? 1));
  });
}
