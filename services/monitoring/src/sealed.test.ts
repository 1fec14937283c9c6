import { migrate, misdeclaredBytes, openDatabase, system } from "@shouwang/service-kit";
import { cloneDatabase, templateDatabase } from "@shouwang/testkit";
import pg from "pg";
import { expect, test } from "vitest";
import { monitoring } from "./index.ts";

test("every column of bytes is declared as sealed or as what else it is; a new one that is not is named", async () => {
  await templateDatabase("monitoring", async (urls) => {
    await migrate(urls.migrationUrl, "monitoring_app", monitoring.migrations);
  });
  const database = await cloneDatabase("monitoring");
  const db = openDatabase(database.url);
  const walk = () => db.withReadTx(system("test"), (tx) => misdeclaredBytes(tx, monitoring));
  expect(await walk()).toEqual([]);

  const owner = new pg.Client({ connectionString: database.migrationUrl });
  await owner.connect();
  await owner.query("alter table monitoring.measure add column remark bytea; alter table monitoring.visit drop column note");
  await owner.end();
  expect(await walk()).toEqual(["monitoring.measure.remark", "monitoring.visit.note"]);
  await db.close();
  await database.drop();
});
