import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** Monday 15 August 2022, nine o'clock in Guangxi: the plan is under way and the half-year's figures are due. */
const DEMO_BEGINS = Date.parse("2022-08-15T09:00:00+08:00");

/** By how many milliseconds business time differs from real time: fixed when a demo is first started, the same ever after. */
export function demoClockOffset(file: string, now: number = Date.now()): number {
  if (!existsSync(file)) writeFileSync(file, `${JSON.stringify({ offsetMs: DEMO_BEGINS - now })}\n`);
  const found: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (typeof found === "object" && found !== null && "offsetMs" in found && Number.isInteger(found.offsetMs))
    return Number(found.offsetMs);
  throw new Error(`${file} does not hold a whole number offsetMs`);
}

/** Notes that the demonstration's clock was moved on by whole days. */
export function moveDemoClock(file: string, days: number): number {
  const offsetMs = demoClockOffset(file) + days * 86_400_000;
  writeFileSync(file, `${JSON.stringify({ offsetMs })}\n`);
  return offsetMs;
}
