import { afterAll, beforeAll, expect, test } from "vitest";
import { type Database, openDatabase } from "./database.ts";
import { standingOf } from "./dead-letter.ts";
import { system } from "./principal.ts";
import { mirror } from "./testing/mirror.testing.ts";
import { type WardDatabase, wardDatabase } from "./testing/ward.testing.ts";

let database: WardDatabase;
let db: Database<Record<never, never>>;
beforeAll(async () => {
  database = await wardDatabase(mirror, "kit_mirror");
  db = openDatabase(database.url);
  await database.admin.query(
    `insert into kit.dead_letter (reader, source, position, item, epoch, entity_key, type, body, error, attempts, state) values
      ('r', 's', 7, 2, 1, 'person/a', 't', '{}', '', 1, 'skipped'), ('r', 's', 8, 0, 1, 'person/b', 't', '{}', '', 1, 'parked')`,
  );
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

test.each([
  ["the skipped one itself", "person/a", 7, 2, 1, "skipped"],
  ["another of the same message", "person/c", 7, 1, 1, "free"],
  ["the same place in another epoch", "person/a", 7, 2, 2, "free"],
  ["a later one of the skipped one's entity", "person/a", 9, 0, 1, "free"],
  ["a later one of the parked one's entity", "person/b", 9, 0, 1, "blocked"],
  ["the parked one itself", "person/b", 8, 0, 1, "free"],
] as const)("%s stands as it should", async (_, entityKey, position, item, epoch, standing) => {
  const event = { reader: "r", source: "s", entityKey, position, item, epoch };
  expect(await db.withReadTx(system("test"), (tx) => standingOf(tx, event))).toBe(standing);
});
