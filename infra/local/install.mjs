// Runs on any Node from 20 on and before anything is installed: no dependencies here.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "../..");
const bin = join(root, "node_modules/.bin");
const lock = join(root, "package-lock.json");
const mark = join(root, "node_modules/.shouwang-lock");
const installed = join(root, "node_modules/.package-lock.json");

/** The environment in which `node` and every tool are the ones of this clone. What was compiled once is kept, types stripped: a service then starts in half the time. */
export const environment = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH ?? ""}`,
  NODE_COMPILE_CACHE: join(root, "node_modules/.cache/node"),
};

/** The Node of this clone (24), which runs TypeScript as it is. */
export const node = join(bin, "node");

/** Installs the packages when they are missing or not those of package-lock.json; otherwise does nothing. */
export function install() {
  const wanted = createHash("sha256").update(readFileSync(lock)).digest("hex");
  const marked = existsSync(mark) && readFileSync(mark, "utf8") === wanted;
  if (marked && existsSync(node)) return;
  // `npm install` by hand leaves its own record, newer than the lock file it wrote.
  const byHand = existsSync(node) && existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs;
  if (!byHand) {
    process.stderr.write("正在安装依赖…… / Installing packages…\n");
    // The `npm` that called us may be another than the one on PATH.
    const npm = process.env.npm_execpath;
    const [program, ...args] = npm?.endsWith(".js") ? [process.execPath, npm, "ci"] : ["npm", "ci"];
    const done = spawnSync(program, args, { cwd: root, stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
    if (done.status !== 0) {
      process.stderr.write(
        "✗ 依赖安装失败，请检查网络后运行 npm ci。\n  The packages could not be installed; check the network and run npm ci.\n",
      );
      process.exit(1);
    }
  }
  writeFileSync(mark, wanted);
}
