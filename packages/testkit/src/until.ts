import { setTimeout as pause } from "node:timers/promises";

export type UntilOptions = {
  /** What is awaited, for the failure message. */
  what?: string;
  /** How long to wait, in milliseconds; 30 s by default: a fact that holds is seen at once, and a busy machine is given its time. */
  timeoutMs?: number;
};

/**
 * Waits until the fact holds and answers it: anything but undefined, null and false. A fact that throws does not hold yet.
 * This is the one place where a test waits; the failure says what was awaited, what was seen last and what was thrown last.
 */
export async function until<T>(
  fact: () => T | Promise<T>,
  { what = String(fact).replace(/\s+/g, " ").slice(0, 160), timeoutMs = 30_000 }: UntilOptions = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = performance.now() + timeoutMs;
  for (let waitMs = 5; ; waitMs = Math.min(waitMs * 1.5, 200)) {
    let seen: string;
    try {
      const answer = await fact();
      // Safe: the three values that the return type excludes are exactly those tested for here.
      if (answer !== undefined && answer !== null && answer !== false) return answer as NonNullable<Exclude<T, false>>;
      seen = `it last answered ${String(answer)}`;
    } catch (error) {
      seen = `it last failed with ${error instanceof Error ? error.message : String(error)}`;
    }
    if (performance.now() + waitMs > deadline) throw new Error(`Waited ${timeoutMs} ms in vain for: ${what} (${seen})`);
    await pause(waitMs);
  }
}
