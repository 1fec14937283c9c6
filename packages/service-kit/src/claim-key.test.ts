import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { releaseKey, takeKey } from "./claim-key.ts";
import { type Database, openDatabase } from "./database.ts";
import type { Principal } from "./principal.ts";
import { clinic } from "./testing/clinic.testing.ts";
import { type WardDatabase, wardDatabase } from "./testing/ward.testing.ts";

let database: WardDatabase;
let db: Database<Record<never, never>>;
beforeAll(async () => {
  database = await wardDatabase(clinic, "kit_clinic");
  db = openDatabase(database.url);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});
const officerOf = (region: string): Principal => ({ issuer: "i", subject: region, roles: ["county-officer"], region });

describe("a claim key", () => {
  test("fault 25: goes to one of a hundred who take it at once, whatever their areas", async () => {
    const takers = Array.from({ length: 100 }, (_, n) =>
      db.withTx(officerOf(n % 2 ? "451228" : "450102"), (tx) => takeKey(tx, "once", ["person", 2022], `h${n}`)),
    );
    expect((await Promise.all(takers)).filter(Boolean)).toHaveLength(1);
  });

  test("is free again when its transaction rolls back, also for one who was waiting", async () => {
    let waiting: Promise<boolean> | undefined;
    const first = db.withTx(officerOf("451228"), async (tx) => {
      expect(await takeKey(tx, "undone", ["k"], "first")).toBe(true);
      waiting = db.withTx(officerOf("450102"), (other) => takeKey(other, "undone", ["k"], "second"));
      await expect
        .poll(() => database.rows("select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"))
        .toHaveLength(1);
      throw new Error("undone");
    });
    await expect(first).rejects.toThrow("undone");
    expect(await waiting).toBe(true);
  });

  test("keeps its parts apart", async () => {
    const take = (key: string[]) => db.withTx(officerOf("45"), (tx) => takeKey(tx, "parts", key, "h"));
    expect([await take(["a,b"]), await take(["a", "b"]), await take(["a", "b"])]).toEqual([true, true, false]);
  });

  test("is given back by its holder alone", async () => {
    const as = <T>(fn: Parameters<typeof db.withTx<T>>[1]) => db.withTx(officerOf("45"), fn);
    await as((tx) => takeKey(tx, "held", ["k"], "holder"));
    expect(await as((tx) => releaseKey(tx, "held", ["k"], "thief"))).toBe(false);
    expect(await as((tx) => takeKey(tx, "held", ["k"], "thief"))).toBe(false);
    expect(await as((tx) => releaseKey(tx, "held", ["k"], "holder"))).toBe(true);
    expect(await as((tx) => takeKey(tx, "held", ["k"], "next"))).toBe(true);
  });

  test.each(["select * from kit.claim_key", "delete from kit.claim_key", "update kit.claim_key set holder = ''"])(
    "cannot be reached by the service with %s",
    async (statement) => {
      await expect(db.pool.query(statement)).rejects.toThrow(/permission denied/);
    },
  );
});
