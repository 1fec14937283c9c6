import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { wardDatabase } from "@shouwang/service-kit/testing/ward";
import { afterAll, describe, expect, test } from "vitest";
import { findDepartments } from "../departments.ts";
import { tableTypes } from "../table-types.ts";

const checkout = fileURLToPath(new URL("../../", import.meta.url));
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A small repository with the house's own settings for a tool, to plant something in. */
function repository(settings: readonly string[], files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), "shouwang-checks-"));
  folders.push(folder);
  for (const name of settings) copyFileSync(join(checkout, name), join(folder, name));
  symlinkSync(join(checkout, "node_modules"), join(folder, "node_modules"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** What a tool says about a folder, and whether it is content. */
function run(folder: string, tool: string, ...args: string[]): { content: boolean; says: string } {
  const { status, stdout, stderr } = spawnSync(join(checkout, "node_modules/.bin", tool), args, {
    cwd: folder,
    encoding: "utf8",
  });
  return { content: status === 0, says: stdout + stderr };
}

const packageOf = (name: string, more: object = {}) => JSON.stringify({ name, private: true, type: "module", ...more });

/** What each rule of Biome must find. */
const unclean: [rule: string, text: string][] = [
  ["format", "export const one   =  1\n"],
  ["noExplicitAny", "export const one = (given: any) => given;\n"],
  ["noNonNullAssertion", "export const one = (given?: string): string => given!;\n"],
  ["noProcessEnv", 'export const one = process.env["ONE"];\n'],
  ["noUnusedVariables", "const one = 1;\nexport {};\n"],
  ["noUnusedImports", 'import { join } from "node:path";\n\nexport {};\n'],
  ["useNodejsImportProtocol", 'import { join } from "path";\n\nexport const one = join("a", "b");\n'],
  ["noFloatingPromises", "const later = async (): Promise<void> => {};\nexport function one(): void {\n  later();\n}\n"],
];

describe("format and lint bite", () => {
  const sources = Object.fromEntries(unclean.map(([rule, text]) => [`services/x/src/${rule}.ts`, text]));
  const good = { "services/x/src/good.ts": "export const one = (given: number): number => given + 1;\n" };
  const options = ["--error-on-warnings", "--vcs-enabled=false", "--reporter=github", "--max-diagnostics=none"];
  const { content, says } = run(repository(["biome.json"], { ...sources, ...good }), "biome", "check", ...options, "services");
  const lines = says.split("\n").filter((line) => line.startsWith("::error"));

  test.each(unclean)("%s", (rule) => {
    expect(lines.some((line) => line.includes(`/${rule}.ts`) && line.includes(rule))).toBe(true);
  });
  test("and leave what is clean alone", () => {
    expect([content, lines.filter((line) => line.includes("good.ts"))]).toEqual([false, []]);
  });
});

/** What the compiler must refuse, by the code it says. */
const loose: [code: string, text: string][] = [
  ["TS2532", "export const one = (list: string[]): number => list[0].length;\n"],
  ["TS2375", "export const one: { given?: string } = { given: undefined };\n"],
  ["TS4111", "export const one = (record: Record<string, string>) => record.name;\n"],
  ["TS1294", "export enum One {\n  A,\n}\n"],
  ["TS1484", 'import { PathLike } from "node:fs";\nexport const one = (path: PathLike) => path;\n'],
];

describe("the compiler is strict", () => {
  const settings = { "tsconfig.json": JSON.stringify({ extends: "./tsconfig.base.json", include: ["src/*.ts"] }) };
  const sources = Object.fromEntries(loose.map(([code, text]) => [`src/${code}.ts`, text]));
  const folder = repository(["tsconfig.base.json"], { ...settings, ...sources, "package.json": packageOf("x") });
  const { says } = run(folder, "../typescript-7/bin/tsc", "-p", ".");
  test.each(loose)("%s", (code) => {
    expect(says).toMatch(new RegExp(`src/${code}\\.ts.*error ${code}`));
  });
});

test("dead code is found: a file, an export, a dependency", () => {
  const workspaces = ["services/*"];
  const folder = repository(["knip.jsonc"], {
    "package.json": packageOf("house", { workspaces }),
    "services/x/package.json": packageOf("@house/x", { exports: { ".": "./src/index.ts" }, dependencies: { zod: "*" } }),
    "services/x/src/index.ts": 'export { used } from "./used.ts";\n',
    "services/x/src/used.ts": "export const used = 1;\nexport const unused = 2;\n",
    "services/x/src/orphan.ts": "export const orphan = 3;\n",
    "services/x/src/main.ts": 'import { used } from "./used.ts";\n\nconsole.log(used);\n',
  });
  const { content, says } = run(folder, "knip", "--no-config-hints");
  expect(content).toBe(false);
  for (const found of ["services/x/src/orphan.ts", "zod", "unused"]) expect(says).toContain(found);
  expect(says).not.toContain("main.ts");
});

test("two versions of one dependency are found", () => {
  const workspaces = ["services/*"];
  const folder = repository([], {
    "package.json": packageOf("house", { workspaces, packageManager: "npm@11.0.0" }),
    "services/x/package.json": packageOf("@house/x", { dependencies: { zod: "^4.0.0" } }),
    "services/y/package.json": packageOf("@house/y", { dependencies: { zod: "^3.0.0" } }),
  });
  expect(run(folder, "sherif")).toMatchObject({ content: false, says: expect.stringContaining("multiple-dependency-versions") });
});

test("table types that are not what the migrations make are found", async () => {
  const [department] = await findDepartments();
  if (!department) throw new Error("there is no department");
  const { name, migrations } = department.service;
  const database = await wardDatabase({ migrations }, name);
  const committed = fileURLToPath(new URL("src/db.ts", department.folder));
  tableTypes(name, database.migrationUrl, committed, true);
  const folder = repository([], { "db.ts": readFileSync(committed, "utf8").replace(/^ {2}region: string;\n/m, "") });
  expect(() => tableTypes(name, database.migrationUrl, join(folder, "db.ts"), true)).toThrow("not what the migrations make");
  await database.drop();
});
