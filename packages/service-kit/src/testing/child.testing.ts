import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { until } from "@shouwang/testkit";
import { type Callers, callersOf, type WardDatabase, wardEnvironment } from "./ward.testing.ts";

/** A service in a process of its own. */
export type Child = {
  url: string;
  as: Callers;
  /** All it has printed. */
  output(): string;
  signal(name: "SIGKILL" | "SIGTERM" | "SIGSTOP" | "SIGCONT"): void;
  /** Sends a signal and waits for its end. @returns exit code (null when it was killed) and how long it took, in milliseconds */
  end(name: "SIGKILL" | "SIGTERM"): Promise<{ code: number | null; tookMs: number }>;
};

const program = fileURLToPath(new URL("./clinic.process.ts", import.meta.url));
/** What a process answers is written down beside what the tests' own services answer. */
const recorder = new URL("../../../../test/record.ts", import.meta.url).href;

/** The test services, and under which department's name each runs. */
const departments = { clinic: "social", mirror: "cooperation", vault: "industry" } as const;

/** Starts a test service as a process and waits until it says that it is ready. */
export async function startChild(
  which: keyof typeof departments,
  database: WardDatabase,
  natsUrl: string,
  more: Record<string, string> = {},
): Promise<Child> {
  const env = {
    ...process.env,
    ...wardEnvironment(database, natsUrl),
    LOG_LEVEL: "info",
    WARD: which,
    NODE_ENV: "test",
    ...more,
  };
  const child = spawn(process.execPath, ["--import", recorder, program], { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  const port = await until(
    () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${output.slice(-500)}`);
      return /"port":(\d+)[^\n]*"ready"/.exec(output)?.[1];
    },
    { what: `${which} to be ready`, timeoutMs: 20_000 },
  );
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    as: callersOf(departments[which], () => url),
    output: () => output,
    signal: (name) => void child.kill(name),
    end: async (name) => {
      const startedAt = performance.now();
      child.kill(name);
      return { code: await ended, tookMs: performance.now() - startedAt };
    },
  };
}
