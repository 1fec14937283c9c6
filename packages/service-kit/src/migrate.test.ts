import { cpSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { freshDatabase, type TestDatabase } from "@shouwang/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrate } from "./migrate.ts";
import { clinic } from "./testing/clinic.testing.ts";

let database: TestDatabase;
let folder: URL;
beforeAll(async () => {
  database = await freshDatabase("kit_migrate");
  const copy = mkdtempSync(join(tmpdir(), "shouwang-migrations-"));
  cpSync(fileURLToPath(clinic.migrations), copy, { recursive: true });
  folder = pathToFileURL(`${copy}/`);
});
afterAll(() => database.drop());
const run = () => migrate(database.migrationUrl, "kit_migrate_app", folder);

test("five starters at once run each file once, and a later start runs nothing", async () => {
  const ran = (await Promise.all([run(), run(), run(), run(), run()])).flat();
  expect(ran).toEqual([...new Set(ran)]);
  expect(ran).toContain("kit/0001_create_kit.sql");
  expect(ran.at(-1)).toBe("service/0001_create_clinic.sql");
  expect(await run()).toEqual([]);
});

test("a file that fails leaves nothing of itself, and runs once it is mended", async () => {
  const file = new URL("0002_add_ward.sql", folder);
  writeFileSync(file, "create table clinic.ward (id int); select 1 / 0;");
  await expect(run()).rejects.toThrow(/0002_add_ward.sql failed: division by zero/);
  writeFileSync(file, "create table clinic.ward (id int);");
  expect(await run()).toEqual(["service/0002_add_ward.sql"]);
});

test("a file that was changed after it ran is refused by its name", async () => {
  writeFileSync(new URL("0002_add_ward.sql", folder), "create table clinic.ward (id bigint);");
  await expect(run()).rejects.toThrow("migration service/0002_add_ward.sql was changed after it ran");
});

test("a role whose name could be more than a name is refused", async () => {
  await expect(migrate(database.migrationUrl, 'app"; drop schema kit', folder)).rejects.toThrow(/plain lower-case name/);
});
