import type { DepartmentUrls } from "@shouwang/local";

/** One measured figure beside what it is compared with in the same run: `ratio` = value / baseline. */
type BenchRow = {
  name: string;
  value: number;
  unit: string;
  baseline: number | null;
  ratio: number | null;
  goal: string;
};

/** Servers of a benchmark's own, gone with everything in them when it ends. */
export type Ground = {
  folder: string;
  /** An empty, migrated database of a department; `adminUrl` is the same one as its superuser. */
  database(department: string, migrations: URL): Promise<DepartmentUrls & { adminUrl: string }>;
  nats(): Promise<{ url: string }>;
  /** Says which part is under way. */
  say(step: string): void;
};

export type Bench = {
  name: string;
  /** What is measured, in a sentence. */
  about: string;
  /** @param share of the full size: 1 is what the goals speak of */
  run(ground: Ground, share: number): Promise<Measured[]>;
};

/** What a figure is to reach; several of them must all be reached. */
export type Goal = { says: string; of: "value" | "ratio"; most?: number; least?: number };
export const under = (most: number): Goal => ({ says: `< ${most}`, of: "value", most });
export const above = (least: number): Goal => ({ says: `≥ ${least}`, of: "value", least });
export const timesAtMost = (most: number): Goal => ({ says: `≤ ${most} × baseline`, of: "ratio", most });
export const timesAtLeast = (least: number): Goal => ({ says: `≥ ${least} × baseline`, of: "ratio", least });

export type Measured = BenchRow & {
  /** Whether the goal was reached; undefined where there is none, or where the run was too small to speak of it. */
  met: boolean | undefined;
};

/** A figure as a line of the table, rounded to what can be told apart. */
export function row(name: string, value: number, unit: string, against: { baseline?: number; goals?: Goal[] } = {}): Measured {
  const { baseline, goals = [] } = against;
  const ratio = baseline === undefined || baseline === 0 ? null : value / baseline;
  const reached = goals.map((goal) => {
    const figure = goal.of === "value" ? value : (ratio ?? Number.NaN);
    return (goal.most === undefined || figure <= goal.most) && (goal.least === undefined || figure >= goal.least);
  });
  return {
    name,
    value: rounded(value),
    unit,
    baseline: baseline === undefined ? null : rounded(baseline),
    ratio: ratio === null ? null : rounded(ratio),
    goal: goals.map(({ says }) => says).join(" and "),
    met: goals.length === 0 ? undefined : reached.every(Boolean),
  };
}

const rounded = (value: number): number => (Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 100) / 100);

/** Milliseconds that some work took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

/** Milliseconds of the fastest of several runs: what the work takes when nothing else is in its way. */
export async function fastest(work: () => Promise<unknown>, rounds = 5): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let n = 0; n < rounds; n += 1) best = Math.min(best, await timed(work));
  return best;
}

/** The value that so large a share of all lie at or below; 0 of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** A part of the full size, and never less than it takes to measure anything. */
export const sized = (full: number, share: number, least = 1): number => Math.max(least, Math.round(full * share));

/** Waits until something is so, looking again every few milliseconds. */
export async function until(holds: () => boolean | Promise<boolean>, everyMs = 5): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, everyMs));
}
