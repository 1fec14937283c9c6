// `npm test`: every check and every test, one short line each, and their sum at the end.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environment, install, root } from "./install.mjs";

install();
const folder = mkdtempSync(join(tmpdir(), "shouwang-report-"));
/** Where the tests write down every problem that was answered and every event that left. */
const record = join(folder, "record.jsonl");
const total = { passed: 0, failed: 0 };

const check = (name, command, ...args) => ({ name, command, args });
const tests = (name, config) => {
  const report = join(folder, `${name.replaceAll(" ", "-")}.json`);
  const args = ["run", "--config", config, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  return { name, command: "vitest", args, report };
};

/** Each looks at the sources alone. The longest comes first, so that the two that run at a time end at about the same time. */
const checks = [
  // Every source once, while each package's own check reads those of all it depends on again.
  check("types", "node", "node_modules/typescript-7/bin/tsc", "-p", ".", "--checkers", "1"),
  check("format and lint", "biome", "check", "--error-on-warnings", "."),
  check("boundaries", "depcruise", "--config", ".dependency-cruiser.cjs", "packages", "services", "infra/local", "test"),
  check("dead code", "knip"),
  check("versions", "sherif"),
  check("API documents", "node", "test/openapi.ts", "--verify"),
  check("table types", "node", "test/codegen.ts", "--verify"),
];

const steps = [
  tests("unit and integration", "vitest.config.ts"),
  check("what tests have shown", "node", "test/shown.ts", record),
  tests("end to end", "test/vitest.config.ts"),
].filter(({ args, report }) => !report || existsSync(join(root, args[2])));

/** Runs one step. */
async function run(step) {
  const since = performance.now();
  const { code, output } = await collect(step.command, step.args);
  return { ...step, code, output, seconds: (performance.now() - since) / 1_000 };
}

/** Says in one line how a step ended and adds its numbers to the total; its output is shown only when something failed. */
function tell({ name, report, code, output, seconds }) {
  const counted = report && existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : undefined;
  const passed = counted?.numPassedTests ?? (code === 0 ? 1 : 0);
  // A run that broke outside any test (a file that cannot be loaded, a rejection nobody handled) failed once at least.
  const failed = counted ? Math.max(counted.numFailedTests, code === 0 ? 0 : 1) : code === 0 ? 0 : 1;
  total.passed += passed;
  total.failed += failed;
  console.log(
    `${failed ? "✗" : "✓"} ${name.padEnd(22)} ${seconds.toFixed(1).padStart(6)} s  ${counted ? `${passed} passed, ${failed} failed` : ""}`.trimEnd(),
  );
  if (failed) console.log(output);
}

function collect(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...environment, NO_COLOR: "1", TEST_RECORD: record },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
    child.once("error", (error) => resolve({ code: 1, output: String(error) }));
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/** Runs steps two at a time; their lines come in the order of the list. */
async function runInPairs(list) {
  const ended = [];
  const waiting = [...list];
  let told = 0;
  const lane = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) {
      ended[list.indexOf(step)] = await run(step);
      for (; ended[told]; told += 1) tell(ended[told]);
    }
  };
  await Promise.all([lane(), lane()]);
}

await runInPairs(checks);
for (const step of steps) tell(await run(step));
rmSync(folder, { recursive: true, force: true });
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed ? 1 : 0);
