import { spawn } from "node:child_process";
import { existsSync, lstatSync, readlinkSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { advanceDemo } from "./advance.ts";
import { readComposeFile } from "./compose-file.ts";
import { demoUsers } from "./demo-users.ts";
import { issuerAddress, requestToken } from "./issuer.ts";
import { dataLayout, makeFolders, ports } from "./layout.ts";
import { stopLeftovers } from "./leftovers.ts";
import { deploymentSecrets } from "./local-secrets.ts";
import { operateEvery, operateOne } from "./operate.ts";
import * as processes from "./process-identity.ts";
import { StartProblem } from "./start-problem.ts";
import { LocalSystem } from "./system.ts";
import { say, sayProblem } from "./voice.ts";

const layout = dataLayout();

/** Starts everything and stays until it is told to stop. */
async function up(args: string[]): Promise<void> {
  const { households, exitWhenReady, open } = wishes(args);
  const at = ports();
  makeFolders(layout);
  refuseSecondRunner();
  processes.rememberProcess(layout.runner, process.pid);
  const system = new LocalSystem(layout, at);
  // The servers are processes of their own and do not keep this one from ending.
  const awake = setInterval(() => {}, 60_000);
  const told = toldToStop(() => void system.kill().finally(() => process.exit(1)));
  try {
    const outcome = await Promise.race([
      system.start(households, () => introduce(at.gateway, at.issuer)).then(() => "ready" as const),
      told,
    ]);
    if (outcome === "ready") {
      if (!exitWhenReady) {
        if (open) openBrowser(`http://127.0.0.1:${at.gateway}`);
        await told;
      }
    }
  } finally {
    await system.stop();
    clearInterval(awake);
    processes.forgetProcess(layout.runner);
  }
  say("已停止 / stopped");
}

/** What was asked for on the command line. */
function wishes(args: string[]): { households: number; exitWhenReady: boolean; open: boolean } {
  const known = "--exit-when-ready  --households <n>  --no-open";
  try {
    const { values } = parseArgs({
      args,
      options: {
        "exit-when-ready": { type: "boolean" },
        households: { type: "string", default: "20000" },
        "no-open": { type: "boolean" },
      },
    });
    const households = Number(values.households);
    if (Number.isInteger(households) && households > 0) {
      return { households, exitWhenReady: values["exit-when-ready"] ?? false, open: !values["no-open"] };
    }
  } catch {
    // Answered below, in the same words as a wrong number.
  }
  throw new StartProblem(
    `看不懂参数 ${args.join(" ")}，可用的有：${known}`,
    `Did not understand ${args.join(" ")}; there are: ${known}`,
  );
}

/** Resolves when we are asked to stop: by signal, or because the program that started us is gone. Asked again, `insist` is called. */
function toldToStop(insist: () => void): Promise<"told"> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    const told = () => {
      // A terminal signals the whole group and our parent passes its own on: one wish, not two.
      if (firstAt !== undefined && performance.now() - firstAt > 500) return insist();
      firstAt ??= performance.now();
      resolve("told");
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, told);
    process.on("disconnect", () => resolve("told"));
  });
}

function refuseSecondRunner(): void {
  const other = processes.rememberedProcess(layout.runner);
  if (!other) return;
  throw new StartProblem(
    `守望已在运行（进程 ${other.pid}，数据目录 ${layout.root}），请先停止它。`,
    `Shouwang is running already (process ${other.pid}, data folder ${layout.root}); stop it first.`,
  );
}

function introduce(gateway: number, issuer: number): void {
  say("");
  say(`守望已就绪 / Shouwang is ready   http://127.0.0.1:${gateway}`);
  say(`登录服务 / sign-in               ${issuerAddress(issuer)}`);
  say("演示用户 / demo users            npm run --silent token -- <user>");
  for (const { id, label } of demoUsers) say(`  ${id.padEnd(26)} ${label.zh} / ${label.en}`);
}

function openBrowser(url: string): void {
  const hasDisplay = process.platform === "darwin" || process.env["DISPLAY"] || process.env["WAYLAND_DISPLAY"];
  if (!hasDisplay || !process.stdout.isTTY) return;
  const opener = spawn(process.platform === "darwin" ? "open" : "xdg-open", [url], { detached: true, stdio: "ignore" });
  opener.once("error", () => {}); // no browser is no reason to stop
  opener.unref();
}

/** Deletes this installation's data, also where it lies outside the clone. */
async function reset(): Promise<void> {
  refuseSecondRunner();
  await stopLeftovers(layout);
  if (existsSync(layout.postgres) && lstatSync(layout.postgres).isSymbolicLink())
    rmSync(readlinkSync(layout.postgres), { recursive: true, force: true });
  rmSync(layout.root, { recursive: true, force: true });
  say(`已清空 / cleared ${layout.root}`);
}

const [command = "", ...rest] = process.argv.slice(2);
try {
  if (command === "reset") await reset();
  else if (command === "token") say(await requestToken(issuerAddress(ports().issuer), rest[0] ?? ""));
  else if (command === "advance") say(`演示日期 / business date: ${await advanceDemo(layout, ports(), rest[0] ?? "")}`);
  else if (command === "secrets") {
    const file = deploymentSecrets(resolve(rest[0] ?? "secrets"), readComposeFile());
    say(`已生成密钥,并把 .env 所需各行写入 ${file} / secrets made; the lines for .env are in ${file}`);
  } else if (command === "audit:verify") process.exit(await operateEvery(layout, ports(), ["verify-audit", ...rest]));
  else if (command === "rebuild" || command === "dead-letters")
    process.exit(await operateOne(layout, ports(), rest[0] ?? "", [command, ...rest.slice(1)]));
  else await up(command ? [command, ...rest] : []);
  process.exit(0);
} catch (error) {
  if (error instanceof StartProblem) sayProblem(error);
  else sayProblem(new StartProblem(`出现意外错误：${String(error)}`, `Something unexpected went wrong: ${String(error)}`));
  process.exit(1);
}
