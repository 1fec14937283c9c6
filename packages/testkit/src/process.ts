import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { until } from "./until.ts";

/** A program of the platform in a process of its own, to be stopped, paused and killed. */
export type Child = {
  url: string;
  pid: number;
  /** All it has printed. */
  output(): string;
  /** Memory it holds now, in megabytes (Linux). */
  memoryMb(): number;
  /** Whether it has ended by itself or by a signal. */
  ended(): boolean;
  signal(name: "SIGKILL" | "SIGTERM" | "SIGSTOP" | "SIGCONT"): void;
  /** Sends a signal and waits for its end. @returns exit code (null when it was killed) and how long it took, in milliseconds */
  end(name: "SIGKILL" | "SIGTERM"): Promise<{ code: number | null; tookMs: number }>;
};

/** What a process answers is written down beside what the tests' own services answer. */
const recorder = new URL("../../../test/record.ts", import.meta.url).href;

/** Starts a service's or the gateway's main program and waits until it says that it is ready. It must log at `info` at least. */
export async function startProcess(program: string, environment: Record<string, string>): Promise<Child> {
  const env = { ...process.env, NODE_ENV: "test", LOG_LEVEL: "info", ...environment };
  const child = spawn(process.execPath, ["--import", recorder, program], { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const ending = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  const port = await until(
    () => {
      if (hasEnded()) throw new Error(`it ended with ${child.exitCode}: ${output.slice(-500)}`);
      return /"port":(\d+)[^\n]*"ready"/.exec(output)?.[1];
    },
    { what: `${program} to be ready`, timeoutMs: 120_000 },
  );
  const pid = child.pid ?? 0;
  return {
    url: `http://127.0.0.1:${port}`,
    pid,
    output: () => output,
    memoryMb: () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_024,
    ended: hasEnded,
    signal: (name) => void child.kill(name),
    end: async (name) => {
      const startedAt = performance.now();
      child.kill(name);
      // One that was paused hears of nothing but SIGKILL until it may go on.
      if (name === "SIGTERM") child.kill("SIGCONT");
      return { code: await ending, tookMs: performance.now() - startedAt };
    },
  };
}
