import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";

const checkout = new URL("../../", import.meta.url).pathname;
const Report = z.object({
  summary: z.object({ violations: z.array(z.object({ from: z.string(), rule: z.object({ name: z.string() }) })) }),
});

/** One planted violation per import rule: the file that breaks it, and what it imports. */
const planted: [rule: string, file: string, imports: string][] = [
  ["no-cycles", "services/monitoring/src/ring/one.ts", "./two.ts"],
  ["regions-and-plan-are-leaves", "packages/plan/src/sin.ts", "../../contract/src/good.ts"],
  ["contract-knows-no-machinery", "packages/contract/src/sin.ts", "../../service-kit/src/good.ts"],
  ["kit-is-blind-to-services", "packages/service-kit/src/sin.ts", "../../../services/monitoring/src/good.ts"],
  ["services-are-islands", "services/gateway/src/sin.ts", "../../monitoring/src/good.ts"],
  ["infra-imports-nothing-of-ours", "infra/local/src/sin.ts", "../../../packages/contract/src/good.ts"],
  ["decide-is-pure", "services/monitoring/src/visit/decide.ts", "./store.ts"],
  ["decide-is-pure", "services/monitoring/src/visit/round-decide.ts", "kysely"],
  ["sql-lives-in-stores", "services/monitoring/src/visit/http.ts", "kysely"],
  ["sql-lives-in-stores", "services/monitoring/src/visit/job.ts", "kysely"],
  ["stores-know-no-http", "services/monitoring/src/visit/grid-store.ts", "./views.ts"],
  ["stores-know-no-http", "services/monitoring/src/visit/reaction.ts", "hono"],
  ["contract-needs-zod-alone", "packages/contract/src/heavy.ts", "kysely"],
  ["tests-stay-tests", "services/monitoring/src/visit/clauses.ts", "./visit.testing.ts"],
  ["tests-stay-tests", "packages/plan/src/sin-of-tests.ts", "../../../test/good.ts"],
];
const innocent: [file: string, text: string][] = [
  ["packages/contract/src/good.ts", ""],
  ["packages/service-kit/src/good.ts", ""],
  ["services/monitoring/src/good.ts", ""],
  ["test/good.ts", ""],
  ["services/monitoring/src/visit/views.ts", ""],
  ["services/monitoring/src/visit/visit.testing.ts", 'import "kysely";'],
  ["services/monitoring/src/visit/visit.test.ts", 'import "./visit.testing.ts";'],
  ["packages/contract/src/light.ts", 'import "zod";'],
  ["services/monitoring/src/visit/store.ts", 'import "kysely";'],
  ["services/monitoring/src/ring/two.ts", 'import "./one.ts";'],
  ...["kysely", "hono", "zod"].flatMap((name): [string, string][] => [
    [`node_modules/${name}/package.json`, JSON.stringify({ name, main: "index.js" })],
    [`node_modules/${name}/index.js`, ""],
  ]),
];

let folder: string;
let found: { from: string; rule: { name: string } }[];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "shouwang-rules-"));
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), file.endsWith(".ts") ? `${text}\nexport {};\n` : text);
  };
  for (const [file, text] of innocent) write(file, text);
  for (const [, file, imports] of planted) write(file, `import ${JSON.stringify(imports)};`);
  for (const name of ["tsconfig.base.json", ".dependency-cruiser.cjs"]) copyFileSync(join(checkout, name), join(folder, name));
  const run = spawnSync(
    join(checkout, "node_modules/.bin/depcruise"),
    ["--config", ".dependency-cruiser.cjs", "--output-type", "json", "packages", "services", "infra"],
    { cwd: folder, encoding: "utf8" },
  );
  found = Report.parse(JSON.parse(run.stdout)).summary.violations;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("each import rule bites", () => {
  test.each(planted)("%s: %s", (rule, file) => {
    expect(found.filter((violation) => violation.from === file).map((violation) => violation.rule.name)).toContain(rule);
  });
  test("and lets what is allowed pass", () => {
    const guilty = new Set([...planted.map(([, file]) => file), "services/monitoring/src/ring/two.ts"]);
    expect(found.filter((violation) => !guilty.has(violation.from))).toEqual([]);
  });
});
