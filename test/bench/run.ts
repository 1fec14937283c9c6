import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Measured } from "./bench.ts";
import { benches } from "./benches.ts";
import { ownGround } from "./ground.ts";

/** `npm run bench`: every benchmark, or those named by `--only`; `--small` at a tenth of the size. Prints a table and writes bench.json. */
const { values } = parseArgs({
  options: { only: { type: "string", multiple: true }, small: { type: "boolean", default: false } },
});
const chosen = benches.filter(({ name }) => values.only === undefined || values.only.includes(name));
if (chosen.length === 0) {
  console.error(`no such benchmark; there are ${benches.map(({ name }) => name).join(", ")}`);
  process.exit(1);
}

const measured: Measured[] = [];
for (const bench of chosen) {
  console.error(`\n${bench.name}: ${bench.about}`);
  const startedAt = Date.now();
  const ground = ownGround((step) =>
    console.error(`  ${String(Math.round((Date.now() - startedAt) / 1_000)).padStart(4)} s  ${step}`),
  );
  const interrupted = () => void ground.remove().finally(() => process.exit(130));
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  try {
    const rows = await bench.run(ground, values.small ? 0.1 : 1);
    measured.push(...rows.map((row) => ({ ...row, name: `${bench.name}: ${row.name}` })));
  } finally {
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
    await ground.remove();
  }
}

const file = fileURLToPath(new URL("../../bench.json", import.meta.url));
writeFileSync(
  file,
  `${JSON.stringify(
    measured.map(({ met: _, ...row }) => row),
    null,
    2,
  )}\n`,
);
print(measured);
const missed = measured.filter(({ met }) => met === false);
console.log(
  `${measured.length} figures, ${missed.length} below their goal${values.small ? " (at a tenth of the size the goals speak of)" : ""}; bench.json`,
);

function print(rows: readonly Measured[]): void {
  const number = (value: number | null) => (value === null ? "" : value.toLocaleString("en"));
  const cells = rows.map(({ name, value, unit, baseline, ratio, goal, met }) => [
    name,
    number(value),
    unit,
    number(baseline),
    number(ratio),
    goal,
    met === undefined ? "" : met ? "yes" : "NO",
  ]);
  const table = [["figure", "value", "unit", "baseline", "ratio", "goal", "met"], ...cells];
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
  for (const line of table) {
    const padded = line.map((cell, column) =>
      isFigure(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
    );
    console.log(padded.join("  ").trimEnd());
  }
}

function isFigure(column: number): boolean {
  return column === 1 || column === 3 || column === 4;
}
