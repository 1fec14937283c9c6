import { z } from "zod";
import { ask } from "./ask.ts";
import type { Departments } from "./departments.ts";

/** By how many milliseconds business time differs from real time; 0 in production. */
export type DemoClock = () => Promise<number>;

const Ready = z.object({ clockOffsetMs: z.int().nullable() });
const rememberedForMs = 2_000;

/**
 * The demonstration's clock as the departments' databases have it: it can be moved on while everything runs, and every page says its date.
 * While no department answers, what was last known holds.
 * @param startedWith the offset this process was started with; 0 means real time, and nobody is asked
 */
export function demoClock(departments: Departments, startedWith: number, now: () => number): DemoClock {
  let offsetMs = startedWith;
  let askedAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (startedWith === 0 || now() - askedAt < rememberedForMs) return offsetMs;
    askedAt = now();
    for (const upstream of departments.connected) {
      const answer = await ask(upstream, "/health/ready", Ready, {}, 500);
      if (answer.state !== "ok" || answer.body.clockOffsetMs === null) continue;
      offsetMs = answer.body.clockOffsetMs;
      break;
    }
    return offsetMs;
  };
}
