import { spawn } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { z } from "zod";

/**
 * `npm run test:faults`: every test that is named after a fault, and a table of what came of it. With `--long` the loads are those of a long night
 * (a backlog and an import of 100,000); `--seed 42` repeats the run that printed this seed; `--fault 12` runs one of them.
 */
const { values: wish } = parseArgs({
  options: { long: { type: "boolean", default: false }, seed: { type: "string" }, fault: { type: "string", default: "\\d+" } },
});
const checkout = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "shouwang-faults-"));
const record = join(folder, "record.jsonl");
const seed = wish.seed ?? String(Date.now() % 1_000_000);
const named = new RegExp(`fault (${wish.fault}): `);

const Report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({
          title: z.string(),
          fullName: z.string(),
          status: z.string(),
          duration: z.number().nullish(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});
const Line = z.object({ test: z.string(), line: z.string() });

const files = globSync("{packages,services,infra,test}/**/*.test.ts", {
  cwd: checkout,
  exclude: (name) => name === "node_modules" || name === "rules",
}).filter((file) => named.test(readFileSync(join(checkout, file), "utf8")));
const own = (file: string) => file.startsWith("test/faults/");
let failed = false;
/** Files that failed outside any test, so that what they would have shown is not shown. */
const broken: string[] = [];
const rows: { fault: number; what: string; status: string; seconds: string; lines: string[] }[] = [];
for (const [config, chosen] of [
  ["vitest.config.ts", files.filter((file) => !own(file))],
  ["test/vitest.config.ts", files.filter(own)],
] as const)
  if (chosen.length > 0) await runTests(config, chosen);
print();
rmSync(folder, { recursive: true, force: true });
process.exitCode = failed ? 1 : 0;

async function runTests(config: string, chosen: readonly string[]): Promise<void> {
  const report = join(folder, `${config.replaceAll("/", "-")}.json`);
  // Whole files: some tests build on what the one before them did.
  const args = ["run", "--config", config, "--reporter=json", `--outputFile=${report}`, ...chosen];
  const env = { ...process.env, NO_COLOR: "1", FAULTS_RECORD: record, FAULTS_SEED: seed, FAULTS_LONG: String(wish.long) };
  const child = spawn(join(checkout, "node_modules/.bin/vitest"), args, {
    cwd: checkout,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  const code = await new Promise<number>((resolve) => child.once("close", (status) => resolve(status ?? 1)));
  if (code !== 0) {
    failed = true;
    console.error(said);
  }
  if (!existsSync(report)) return void console.error(`the tests of ${config} broke off`);
  const lines = existsSync(record)
    ? readFileSync(record, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => Line.parse(JSON.parse(line)))
    : [];
  for (const { name, status, message, assertionResults } of Report.parse(JSON.parse(readFileSync(report, "utf8"))).testResults) {
    if (message) console.error(`${name}: ${message}`);
    if (status === "failed" && assertionResults.every((one) => one.status !== "failed")) broken.push(name);
    for (const { title, fullName, status: outcome, duration, failureMessages } of assertionResults) {
      const fault = named.exec(fullName)?.[1];
      if (fault === undefined || outcome === "skipped" || outcome === "pending") continue;
      rows.push({
        fault: Number(fault),
        what: fullName.replace(named, ""),
        status: outcome,
        seconds: ((duration ?? 0) / 1_000).toFixed(1),
        lines: [
          ...lines.filter(({ test }) => test.endsWith(title)).map(({ line }) => line),
          ...(failureMessages ?? []).flatMap((message) => message.split("\n").slice(0, 12)),
        ],
      });
    }
  }
}

function print(): void {
  rows.sort((a, b) => a.fault - b.fault);
  for (const { fault, what, status, seconds, lines } of rows) {
    console.log(`${status === "passed" ? "✓" : "✗"} ${String(fault).padStart(2)}  ${seconds.padStart(6)} s  ${what}`);
    for (const line of lines) console.log(`${" ".repeat(17)}${line}`);
  }
  for (const name of broken) console.log(`✗ ??           ${name} broke off`);
  const passed = rows.filter(({ status }) => status === "passed").length;
  console.log(`${passed} passed, ${rows.length - passed + broken.length} failed; seed ${seed}${wish.long ? ", long loads" : ""}`);
}
