import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHECKOUT } from "./checkout.ts";
import { freePort, rememberedProcess } from "./index.ts";

/** A clone of its own, whose two services do nothing but write down how they were started and be ready. */
const clone = mkdtempSync(join(tmpdir(), "shouwang-clone-"));
const data = join(clone, ".data");
let port: number;

const SERVICE = `
import { createServer } from "node:http";
import { appendFileSync } from "node:fs";
const server = createServer((_, response) => response.end()).listen(process.env.PORT, process.env.HOST);
process.once("SIGTERM", () => { appendFileSync(${JSON.stringify(join(clone, "stopped"))}, process.env.OTEL_SERVICE_NAME + "\\n"); server.close(() => process.exit(0)); });
`;
const SEED = `import { appendFileSync } from "node:fs"; appendFileSync(${JSON.stringify(join(clone, "seeded"))}, process.argv.slice(2).join(" ") + "\\n");`;

beforeAll(async () => {
  port = await freePort();
  cpSync(join(CHECKOUT, "infra"), join(clone, "infra"), {
    recursive: true,
    filter: (path) => !/node_modules|\.test\.ts$/.test(path),
  });
  for (const file of ["docker-compose.yml", "package.json"]) cpSync(join(CHECKOUT, file), join(clone, file));
  symlinkSync(join(CHECKOUT, "node_modules"), join(clone, "node_modules"));
  for (const name of ["monitoring", "gateway"]) {
    mkdirSync(join(clone, "services", name, "src"), { recursive: true });
    writeFileSync(join(clone, "services", name, "src/main.ts"), SERVICE);
  }
  writeFileSync(join(clone, "services/monitoring/src/seed.ts"), SEED);
});
afterAll(async () => {
  await run("reset");
  rmSync(clone, { recursive: true, force: true });
});

type Run = { child: ChildProcess; output(): string; ready: Promise<void>; ended: Promise<number | null> };

function launch(...args: string[]): Run {
  const env = { ...process.env, SHOUWANG_PORT: String(port), SHOUWANG_DATA: data };
  const child = spawn(process.execPath, [join(clone, "infra/local/src/start.ts"), ...args], {
    cwd: clone,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const ready = new Promise<void>((resolve, reject) => {
    const read = (text: string) => {
      output += text;
      if (output.includes("Shouwang is ready")) resolve();
    };
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", read);
    void ended.then(() => reject(new Error(`ended before it was ready:\n${output}`)));
  });
  ready.catch(() => {}); // only some tests await it
  return { child, output: () => output, ready, ended };
}
async function run(...args: string[]): Promise<{ code: number | null; output: string }> {
  const one = launch(...args);
  return { code: await one.ended, output: one.output() };
}
const stillRunning = () =>
  readdirSync(data, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".json"))
    .flatMap((file) => rememberedProcess(join(data, file)) ?? []);

// Starts the whole platform several times, each of which takes what the machine has left.
describe("npm start", { timeout: 120_000 }, () => {
  it("brings everything up, seeds once, gives tokens, and drains on SIGTERM within ten seconds with the gateway first", async () => {
    const system = launch("--no-open", "--households", "7");
    await system.ready;
    for (const part of ["PostgreSQL", "NATS", "issuer", "monitoring", "gateway"])
      expect(system.output()).toMatch(new RegExp(`✓ ${part} +[\\d.]+ s`));
    const token = await run("token", "county-451228");
    expect(token.output.trim().split(".")).toHaveLength(3);
    expect((await run("--no-open")).output).toMatch(/is running already/);
    const since = performance.now();
    system.child.kill("SIGTERM");
    expect(await system.ended).toBe(0);
    expect(performance.now() - since).toBeLessThan(10_000);
    expect(readFileSync(join(clone, "stopped"), "utf8")).toBe("gateway\nmonitoring\n");
    expect(stillRunning()).toEqual([]);

    expect(await run("--exit-when-ready")).toMatchObject({ code: 0 });
    expect(readFileSync(join(clone, "seeded"), "utf8")).toBe("--households 7\n");
    expect(stillRunning()).toEqual([]);
  });

  it("cleans up after a run that was killed, and keeps its clock", async () => {
    const killed = launch("--no-open");
    await killed.ready;
    const clock = readFileSync(join(data, "clock.json"), "utf8");
    killed.child.kill("SIGKILL");
    await killed.ended;
    const orphans = stillRunning();
    expect(orphans.length).toBeGreaterThanOrEqual(5);
    expect(await run("--exit-when-ready")).toMatchObject({ code: 0 });
    expect(readFileSync(join(data, "clock.json"), "utf8")).toBe(clock);
    expect(stillRunning()).toEqual([]);
  });

  it("stops what it began when it is told to in the middle of starting", async () => {
    const system = launch("--no-open");
    await new Promise<void>((resolve) =>
      system.child.stdout?.on("data", () => system.output().includes("PostgreSQL") && resolve()),
    );
    system.child.kill("SIGINT");
    expect(await system.ended).toBe(0);
    expect(stillRunning()).toEqual([]);
  });

  it("says in one sentence in each language that a port is in use, without a stack trace", async () => {
    const holder = createServer().listen(port + 3, "127.0.0.1");
    const { code, output } = await run("--exit-when-ready");
    holder.close();
    expect(code).toBe(1);
    expect(output).toBe(
      `✗ 端口 ${port + 3}（PostgreSQL）已被其他程序占用，请先停止它，或用 SHOUWANG_PORT 换一个端口。\n` +
        `  Port ${port + 3} (PostgreSQL) is in use by another program; stop it, or choose another with SHOUWANG_PORT.\n`,
    );
  });

  it.each([
    [["--households", "none"], /Did not understand --households none; there are: --exit-when-ready/],
    [["--househlds"], /Did not understand --househlds; there are/],
    [["token", "somebody"], /Shouwang is not running/],
  ])("answers a mistake in %j with a sentence", async (args, sentence) => {
    const { code, output } = await run(...args);
    expect(code).toBe(1);
    expect(output).toMatch(sentence);
    expect(output).not.toMatch(/^\s+at /m);
  });
});
