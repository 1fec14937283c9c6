import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const checkout = fileURLToPath(new URL("../..", import.meta.url));
const read = (file: string) => readFileSync(join(checkout, file), "utf8");
const rows = read("docs/faults.md")
  .split("\n")
  .flatMap((line) => {
    const [, number, , , where] = line.split("|").map((cell) => cell.trim());
    return number && where && /^\d+$/.test(number) ? [{ fault: Number(number), where }] : [];
  });
const filesIn = (where: string) => where.match(/[\w./-]+\.test\.ts/g) ?? [];

test("docs/faults.md has each of the 32 faults, with its test or without one yet", () => {
  expect(rows.map(({ fault }) => fault)).toEqual(Array.from({ length: 32 }, (_, index) => index + 1));
  const silent = rows.filter(({ where }) => filesIn(where).length === 0 && !where.startsWith("not yet"));
  expect(silent).toEqual([]);
});

test("a test that docs/faults.md names is there under the fault's number, and every test of a fault is named there", () => {
  const told = rows.flatMap(({ fault, where }) => filesIn(where).map((file) => `${fault} ${file}`));
  const there = globSync("{packages,services,infra,test}/**/*.test.ts", {
    cwd: checkout,
    exclude: (name) => name === "node_modules" || name === "rules",
  }).flatMap((file) => [...new Set([...read(file).matchAll(/fault (\d+): /g)].map(([, fault]) => `${fault} ${file}`))]);
  expect(told.sort()).toEqual(there.sort());
});
