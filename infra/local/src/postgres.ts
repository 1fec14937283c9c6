import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { outside } from "./checkout.ts";
import { LOOPBACK, refuseTakenPort } from "./loopback.ts";
import { type Account, canReach, postgresBinaries, serverAccount } from "./postgres-binaries.ts";
import * as processes from "./process-identity.ts";
import { StartProblem } from "./start-problem.ts";

export type PostgresOptions = {
  /** Holds the cluster, its log and the superuser's password. When the server's account cannot reach it, it becomes a link. */
  dataDir: string;
  port: number;
  /** False lets a power cut lose data, for speed: tests only. */
  durable?: boolean;
};

export type ServerHandle = {
  /** With the administrator's password where there is one. */
  url: string;
  port: number;
  pid: number;
  /** Lets work in flight end, then stops. */
  stop(): Promise<void>;
  /** SIGKILL, for fault tests. */
  kill(): Promise<void>;
};

export type PostgresHandle = ServerHandle & {
  /** Kills it and deletes its data, wherever they lie: for throw-away clusters. */
  remove(): Promise<void>;
};

const START_MS = 60_000;
const FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0"];

/**
 * Starts PostgreSQL over TCP on the loopback address alone, every account with a scram password.
 * A server of ours that an earlier, killed run left behind in the same folder is stopped first.
 */
export async function startPostgres({ dataDir, port, durable = true }: PostgresOptions): Promise<PostgresHandle> {
  const account = serverAccount();
  const bin = postgresBinaries(account);
  const home = await reachableHome(dataDir, account);
  const at = {
    cluster: join(home, "cluster"),
    password: join(home, "superuser-password"),
    log: join(home, "server.log"),
    pid: join(home, "server.json"),
  };
  await stopLeftover(at.cluster, at.pid);
  await refuseTakenPort(port, "PostgreSQL");
  if (fs.existsSync(at.cluster)) refuseDamaged(at.cluster, at.password, dataDir);
  else createCluster(bin, at.cluster, at.password, account, durable);

  const url = `postgres://postgres:${fs.readFileSync(at.password, "utf8").trim()}@${LOOPBACK}:${port}/postgres`;
  const settings = [
    `port=${port}`,
    `listen_addresses=${LOOPBACK}`,
    "unix_socket_directories=",
    "max_connections=300",
    "max_wal_size=4GB",
  ]
    .concat(["timezone=UTC", "log_timezone=UTC", "password_encryption=scram-sha-256"], durable ? [] : FAST)
    .flatMap((setting) => ["-c", setting]);
  const deadline = performance.now() + START_MS;
  for (;;) {
    const mark = fs.existsSync(at.log) ? fs.statSync(at.log).size : 0;
    const log = fs.openSync(at.log, "a");
    const child = spawn(join(bin, "postgres"), ["-D", at.cluster, ...settings], {
      ...account,
      cwd: home,
      env: { PATH: process.env["PATH"], LC_ALL: "C" },
      detached: true,
      stdio: ["ignore", log, log],
    });
    fs.closeSync(log);
    const spawned = new Promise<void>((resolve, reject) => child.once("spawn", resolve).once("error", reject));
    await spawned;
    const pid = child.pid ?? 0;
    const identity = processes.rememberProcess(at.pid, pid);
    const ended = () => child.exitCode !== null || child.signalCode !== null;
    while (!ended() && !(await answers(url)) && performance.now() < deadline) await pause(25);
    if (!ended() && identity && performance.now() < deadline) {
      child.unref();
      return {
        url,
        port,
        pid,
        stop: () => processes.stopProcess(identity, "SIGINT", 10_000),
        kill: () => processes.stopProcess(identity, "SIGKILL", 5_000),
        remove: async () => {
          await processes.stopProcess(identity, "SIGKILL", 5_000);
          for (const path of [home, dataDir]) fs.rmSync(path, { recursive: true, force: true, maxRetries: 5 });
        },
      };
    }
    if (identity) await processes.stopProcess(identity, "SIGKILL", 5_000);
    const words = fs.readFileSync(at.log).subarray(mark).toString("utf8");
    // The children of a server that was killed let go of its memory a moment after it; until then a new one is refused.
    if (words.includes("shared memory block") && performance.now() < deadline) await pause(100);
    else throw notStarted(words, dataDir);
  }
}

/** The folder itself, or, where the server's account cannot get to it, one outside private homes with a link to it. */
async function reachableHome(dataDir: string, account: Account): Promise<string> {
  fs.mkdirSync(dataDir, { recursive: true, mode: 0o755 });
  const home = fs.realpathSync(dataDir);
  if (canReach(account, home)) return home;
  if (fs.readdirSync(home).length > 0) {
    throw new StartProblem(
      `PostgreSQL 的账户无法进入数据目录 ${dataDir}，请开放其上级目录的进入权限，或运行 npm run reset。`,
      `PostgreSQL's account cannot enter the data folder ${dataDir}; let it pass the folders above, or run npm run reset.`,
    );
  }
  const elsewhere = outside(dataDir);
  // Of an installation at the same path whose folder was deleted by hand.
  await stopLeftover(join(elsewhere, "cluster"), join(elsewhere, "server.json"));
  fs.rmSync(elsewhere, { recursive: true, force: true });
  fs.mkdirSync(elsewhere, { recursive: true, mode: 0o755 });
  fs.rmdirSync(home);
  fs.symlinkSync(elsewhere, dataDir);
  return elsewhere;
}

/** Made beside its place and moved there when whole, so that a kill in between leaves nothing that looks like a cluster. */
function createCluster(bin: string, cluster: string, passwordFile: string, account: Account, durable: boolean): void {
  const unfinished = `${cluster}.new`;
  fs.rmSync(unfinished, { recursive: true, force: true });
  fs.mkdirSync(unfinished, { mode: 0o700 });
  const forInitdb = `${passwordFile}.new`;
  fs.writeFileSync(passwordFile, randomBytes(24).toString("hex"), { mode: 0o600 });
  fs.copyFileSync(passwordFile, forInitdb);
  if (account) for (const path of [unfinished, forInitdb]) fs.chownSync(path, account.uid, account.gid);
  const made = spawnSync(
    join(bin, "initdb"),
    ["-D", unfinished, "--username=postgres", `--pwfile=${forInitdb}`, "--auth=scram-sha-256", "--encoding=UTF8"].concat(
      ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
      durable ? [] : ["--no-sync"],
    ),
    { ...account, cwd: "/", env: { PATH: process.env["PATH"], LC_ALL: "C" }, encoding: "utf8" },
  );
  fs.rmSync(forInitdb, { force: true });
  if (made.status !== 0) {
    const reason =
      (made.error?.message ?? made.stderr)
        .trim()
        .split("\n")
        .find((line) => /error|denied|FATAL/i.test(line)) ?? "initdb";
    throw new StartProblem(`无法建立数据库目录：${reason}`, `The database folder could not be created: ${reason}`);
  }
  fs.renameSync(unfinished, cluster);
}

function refuseDamaged(cluster: string, passwordFile: string, dataDir: string): void {
  const whole =
    ["PG_VERSION", "global/pg_control"].every((file) => fs.existsSync(join(cluster, file))) && fs.existsSync(passwordFile);
  if (!whole) {
    throw new StartProblem(
      `数据目录 ${dataDir} 不完整，请运行 npm run reset 重新建立（演示数据会清空）。`,
      `The data folder ${dataDir} is incomplete; run npm run reset to make it anew (this clears the demo's data).`,
    );
  }
}

/** A killed run leaves its server running, or the lock file of one that is gone; only a server that works in our folder is ours. */
async function stopLeftover(cluster: string, pidFile: string): Promise<void> {
  const lock = join(cluster, "postmaster.pid");
  const recorded = processes.rememberedProcess(pidFile);
  if (recorded) await processes.stopProcess(recorded, "SIGINT", 10_000);
  if (!fs.existsSync(lock)) return;
  const pid = Number.parseInt(fs.readFileSync(lock, "utf8"), 10);
  const startedAt = processes.startTimeOf(pid);
  const folder = processes.workingFolderOf(pid);
  if (startedAt !== undefined && folder === cluster) await processes.stopProcess({ pid, startedAt }, "SIGINT", 10_000);
  if (startedAt === undefined || (folder !== undefined && folder !== cluster)) fs.rmSync(lock, { force: true });
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on("error", () => {}); // a server going down while we ask is answered by the query's own failure
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

function notStarted(words: string, dataDir: string): StartProblem {
  const reason =
    words.match(/(?:FATAL|PANIC|LOG):\s*(.*(?:version|not|denied|invalid|could).*)/)?.[1] ??
    words.trim().split("\n").at(-1) ??
    "";
  return new StartProblem(`PostgreSQL 无法在 ${dataDir} 启动：${reason}`, `PostgreSQL could not start in ${dataDir}: ${reason}`);
}
