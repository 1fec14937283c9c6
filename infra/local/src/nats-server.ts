import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdirSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { TOOLS } from "./checkout.ts";
import { StartProblem } from "./start-problem.ts";

/** Debian keeps servers in sbin, which an ordinary user's PATH may lack; a package unpacked by us has the same layout. */
const PLACES = ["/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin", join(TOOLS, "nats-server/usr/sbin")];

/** The nats-server program: one that is there, or else the system's package, installed (root) or unpacked beside the clone (others). */
export function natsServer(): string {
  const found = find();
  if (found) return found;
  const arrived = process.getuid?.() === 0 ? install() : unpack();
  const now = arrived ? find() : undefined;
  if (now) return now;
  throw new StartProblem(
    "找不到 nats-server，请安装 2.9 或更高版本，例如：sudo apt-get install nats-server。",
    "nats-server was not found; install 2.9 or later, for example: sudo apt-get install nats-server.",
  );
}

function find(): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter).filter(Boolean), ...PLACES];
  return folders
    .map((folder) => join(folder, "nats-server"))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

const run = (program: string, args: string[], cwd = "/") =>
  spawnSync(program, args, { cwd, stdio: "ignore", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } }).status === 0;

function install(): boolean {
  const attempt = () => run("apt-get", ["install", "-y", "--no-install-recommends", "nats-server"]);
  return attempt() || (run("apt-get", ["update"]) && attempt());
}

function unpack(): boolean {
  const folder = join(TOOLS, "nats-server");
  mkdirSync(folder, { recursive: true });
  if (!run("apt-get", ["download", "nats-server"], folder)) return false;
  const archive = readdirSync(folder).find((name) => name.endsWith(".deb"));
  return archive !== undefined && run("dpkg", ["-x", archive, "."], folder);
}
