import type { StartProblem } from "./start-problem.ts";

/** One line to the person at the keyboard; nothing when the output is read by nobody any more. */
export const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** A component is ready: what it is, how long it took, where it is. */
export const sayReady = (what: string, sinceMs: number, where = ""): void =>
  say(`✓ ${what.padEnd(12)} ${((performance.now() - sinceMs) / 1_000).toFixed(1).padStart(5)} s  ${where}`.trimEnd());

/** The sentence in both languages, on the error output. */
export const sayProblem = (problem: StartProblem): void => void process.stderr.write(`✗ ${problem.zh}\n  ${problem.en}\n`);
