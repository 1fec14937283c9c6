// The door of `npm start` and of the commands beside it (reset, token, advance, audit:verify, rebuild, dead-letters): sees to the packages, then hands over to the runner under Node 24.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { environment, install, node, root } from "./install.mjs";

install();
const runner = spawn(node, [join(import.meta.dirname, "src/start.ts"), ...process.argv.slice(2)], {
  cwd: root,
  env: environment,
  // The channel tells the runner when we are gone, however that came about.
  stdio: ["inherit", "inherit", "inherit", "ipc"],
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => runner.kill(signal));
runner.once("exit", (code) => process.exit(code ?? 1));
