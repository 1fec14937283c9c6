import { createHash } from "node:crypto";
import { SocialAuditHeadPublished } from "@shouwang/contract";
import { freshNats, until } from "@shouwang/testkit";
import pg from "pg";
import { v7 as uuidv7 } from "uuid";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sealOnce, startSealer, writeAudit } from "./audit.ts";
import { verifyAudit } from "./audit-verify.ts";
import { type Database, openDatabase } from "./database.ts";
import { openLog } from "./log.ts";
import { operate } from "./operate.ts";
import { appendEvents } from "./outbox.ts";
import { type Keys, loadKeys } from "./personal-data.ts";
import { system } from "./principal.ts";
import { clinic } from "./testing/clinic.testing.ts";
import { lastSequence } from "./testing/source.testing.ts";
import { noNats, startWard, type WardDatabase, wardDatabase, wardEnvironment } from "./testing/ward.testing.ts";

let database: WardDatabase;
let db: Database<Record<never, never>>;
let keys: Keys;
const actor = system("test");
const log = openLog("test", "silent");

beforeEach(async () => {
  database = await wardDatabase(clinic, "kit_clinic");
  db = openDatabase(database.url);
  keys = await loadKeys(wardEnvironment(database, noNats)["KEYS_FILE"] ?? "");
});
afterEach(async () => {
  await db.close();
  await database.drop();
});

const write = (entityIds: string[]) =>
  db.withTx(actor, (tx) =>
    writeAudit(
      tx,
      keys,
      actor,
      entityIds.map((entityId) => ({
        action: "test",
        entity: "file",
        entityId,
        region: "450000000000",
        changed: { weight: 60 },
      })),
    ),
  );
const verify = () => db.withTx(actor, (tx) => verifyAudit(tx, 0));
const five = ["a", "b", "c", "d", "e"];

describe("the audit chain", () => {
  test("seals what a running service does by itself, and verifies", async () => {
    const ward = await startWard(clinic, database, noNats);
    await ward.as("county-officer", "451228").post("/test-files", { region: "451228100003", weight: 60 });
    await until(async () => (await database.rows("select from kit.audit_seal")).length === 1);
    expect(await verify()).toMatchObject({ ok: true, entries: 1, head: expect.stringMatching(/^[0-9a-f]{64}$/) });
    await ward.stop();
  });

  test("holds keyed HMACs of values, never the values", async () => {
    await write(["a"]);
    const [row] = await database.rows<{ changed: Record<string, string> }>("select changed from kit.audit");
    expect(row?.changed).toEqual({ weight: expect.stringMatching(/^[\w-]{43}$/) });
    // Nor a hash that anybody could try values against.
    expect(row?.changed["weight"]).not.toBe(createHash("sha256").update("60").digest("base64url"));
  });

  test.each<[string, string, object]>([
    ["changed", "update kit.audit set actor = 'somebody else' where entity_id = 'c'", { seq: 3, because: "changed" }],
    ["removed", "delete from kit.audit where entity_id = 'c'", { seq: 3, because: "removed" }],
    [
      "removed with its seal",
      "with gone as (delete from kit.audit where entity_id = 'c' returning id) delete from kit.audit_seal where audit_id in (select id from gone)",
      { seq: 3, because: "out-of-order" },
    ],
    [
      "exchanged with another",
      "update kit.audit set entity_id = case entity_id when 'b' then 'c' else 'b' end where entity_id in ('b', 'c')",
      { seq: 2, because: "changed" },
    ],
    [
      "put in as sealed, with a date to come",
      "insert into kit.audit (at, actor, roles, action, entity, entity_id, region, changed, sealed) select now() + interval '1 day', actor, roles, action, entity, 'x', region, changed, true from kit.audit limit 1",
      { auditId: 6, because: "unsealed" },
    ],
    [
      "put in by hand",
      "insert into kit.audit (actor, roles, action, entity, entity_id, region, changed) select actor, roles, action, entity, 'x', region, changed from kit.audit limit 1",
      { auditId: 6, because: "unsealed" },
    ],
    ["robbed of its seal", "delete from kit.audit_seal where seq = 3", { seq: 3, because: "out-of-order" }],
    ["the last, and robbed of its seal", "delete from kit.audit_seal where seq = 5", { auditId: 5, because: "unsealed" }],
    ["given another seal", "update kit.audit_seal set hash = sha256('x') where seq = 4", { seq: 4, because: "changed" }],
  ])("fault 28: names the first bad entry when one was %s", async (_, tampering, firstBad) => {
    await write(five);
    await sealOnce(db.pool);
    expect(await verify()).toMatchObject({ ok: true, entries: 5 });
    await database.rows(tampering);
    expect(await verify()).toMatchObject({ ok: false, firstBad });
  });

  test("fault 28: that was cut short, or made anew from a changed entry on, is not what was published", async () => {
    await write(five);
    await sealOnce(db.pool);
    const [head] = await database.rows<{ hash: string }>("select encode(hash, 'hex') as hash from kit.audit_seal where seq = 5");
    const event = SocialAuditHeadPublished.of(uuidv7(), 1, "450000000000", {
      auditId: uuidv7(),
      sealed: 5,
      head: head?.hash ?? "",
      sealedAt: new Date().toISOString(),
    });
    await db.withTx(actor, (tx) => appendEvents(tx, actor, [event]));
    expect(await verify()).toMatchObject({ ok: true, entries: 5 });
    await database.rows(
      "with gone as (delete from kit.audit_seal where seq >= 4 returning audit_id) delete from kit.audit where id in (select audit_id from gone)",
    );
    expect(await verify()).toEqual({ ok: false, entries: 3, firstBad: { seq: 4, because: "removed" } });
    await database.rows(
      "delete from kit.audit_seal; update kit.audit set sealed = false, actor = case id when 2 then 'somebody else' else actor end",
    );
    await write(["d", "e"]);
    await sealOnce(db.pool);
    expect(await verify()).toMatchObject({ ok: false, firstBad: { seq: 5, because: "not-as-published" } });
  });

  test("fault 28: robbed of its newest entries, their seals and what the outbox says of them is not what stands on the bus", async () => {
    const broker = await freshNats();
    const ward = await startWard(clinic, database, broker.url);
    const auditor = () => ward.as("auditor", "45").get("/audit/verification");
    try {
      await write(five);
      await until(async () => (await database.rows("select from kit.audit_seal")).length >= 5);
      const [head] = await database.rows<{ hash: string }>(
        "select encode(hash, 'hex') as hash from kit.audit_seal where seq = 5",
      );
      const said = { auditId: uuidv7(), sealed: 5, head: head?.hash ?? "", sealedAt: new Date().toISOString() };
      await db.withTx(actor, (tx) =>
        appendEvents(tx, actor, [SocialAuditHeadPublished.of(said.auditId, 1, "450000000000", said)]),
      );
      await until(
        async () => (await database.rows("select from kit.outbox where position > 0 and entity = 'audit'")).length >= 1,
      );
      await until(async () => (await lastSequence(broker.url, "social")) >= 1);
      expect((await auditor()).json).toMatchObject({ ok: true, comparedWithBus: true });
      await database.rows(
        "with gone as (delete from kit.audit_seal where seq >= 3 returning audit_id) delete from kit.audit where id in (select audit_id from gone)",
      );
      await database.rows("delete from kit.outbox where entity = 'audit'");
      expect(await verify()).toMatchObject({ ok: true, entries: 2 });
      expect((await auditor()).json).toMatchObject({ ok: false, firstBad: { seq: 3, because: "removed" } });
      const told = await operate(clinic, ["verify-audit"], wardEnvironment(database, broker.url));
      expect(told).toMatchObject({ ok: false, lines: [expect.stringContaining("removed (seq 3)")] });
      await broker.stop("SIGKILL");
      await until(async () => (await auditor()).json["comparedWithBus"] === false);
    } finally {
      await ward.stop();
      await broker.remove();
    }
  });

  test("is one chain when sealers work at once, with entries that commit late chained late", async () => {
    const late = new pg.Client({ connectionString: database.adminUrl });
    await late.connect();
    await late.query("begin");
    await late.query(
      "insert into kit.audit (actor, roles, action, entity, entity_id, region, changed) values ('x', '{}', 'x', 'x', 'late', '45', '{}')",
    );
    const sealers = [1, 2, 3].map(() => startSealer(db.pool, log, 5));
    await Promise.all(Array.from({ length: 40 }, (_, n) => write([`${n}-1`, `${n}-2`])));
    const sealed = async (n: number) => (await database.rows("select from kit.audit_seal")).length === n;
    await until(() => sealed(80), { what: "eighty entries to be sealed" });
    await late.query("commit");
    await late.end();
    await until(() => sealed(81), { what: "the late entry to be sealed" });
    await Promise.all(sealers.map((sealer) => sealer.stop()));
    expect(await verify()).toMatchObject({ ok: true, entries: 81 });
    expect(
      await database.rows("select a.entity_id from kit.audit_seal s join kit.audit a on a.id = s.audit_id where seq = 81"),
    ).toEqual([{ entity_id: "late" }]);
  });
});
