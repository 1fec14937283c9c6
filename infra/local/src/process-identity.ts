import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** A process by more than its number: numbers are used again, a number together with a start time is not. */
export type ProcessIdentity = { pid: number; startedAt: string };

/** When the process began, in the operating system's own words; undefined when there is none (or it has ended and is not yet reaped). */
export function startTimeOf(pid: number): string | undefined {
  try {
    if (process.platform !== "linux") {
      return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      }).trim();
    }
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in brackets and may hold spaces, so count from its end.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie whose other threads have not ended yet still holds its files and ports.
    return fields[0] === "Z" && Number(fields[17]) <= 1 ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** The folder a live process works in, where the system tells (Linux). */
export function workingFolderOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** Whether exactly this process, and not a later one with its number, still runs. */
export const isAlive = (one: ProcessIdentity): boolean => startTimeOf(one.pid) === one.startedAt;

/** Writes down who was started, so that a later start recognises what it left behind. */
export function rememberProcess(file: string, pid: number): ProcessIdentity | undefined {
  const startedAt = startTimeOf(pid);
  if (startedAt === undefined) return undefined;
  const identity = { pid, startedAt };
  writeFileSync(file, `${JSON.stringify(identity)}\n`);
  return identity;
}

/** The process written down in the file, if it still runs. */
export function rememberedProcess(file: string): ProcessIdentity | undefined {
  try {
    const found: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof found !== "object" || found === null || !("pid" in found) || !("startedAt" in found)) return undefined;
    if (typeof found.pid !== "number" || typeof found.startedAt !== "string") return undefined;
    const identity = { pid: found.pid, startedAt: found.startedAt };
    return isAlive(identity) ? identity : undefined;
  } catch {
    return undefined;
  }
}

export const forgetProcess = (file: string): void => rmSync(file, { force: true });

/** Sends a signal to a process (negative: to its group); a process that has ended already is what was wanted. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Waits until the process has ended; false when it has not by then. */
async function hasEnded(one: ProcessIdentity, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (isAlive(one)) {
    if (performance.now() > deadline) return false;
    await pause(20);
  }
  return true;
}

/** Asks a process to stop by a gentle signal, and kills it when it does not within the time. */
export async function stopProcess(one: ProcessIdentity, gently: NodeJS.Signals, withinMs: number, group = false): Promise<void> {
  if (!isAlive(one)) return;
  const target = group ? -one.pid : one.pid;
  signal(target, gently);
  if (await hasEnded(one, withinMs)) return;
  signal(target, "SIGKILL");
  await hasEnded(one, 5_000);
}
