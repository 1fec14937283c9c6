import { type Broker, freshNats } from "@shouwang/testkit";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type ClinicDb, clinic } from "../../packages/service-kit/src/testing/clinic.testing.ts";
import { type MirrorDb, mirror } from "../../packages/service-kit/src/testing/mirror.testing.ts";
import { startWard, type Ward, type WardDatabase } from "../../packages/service-kit/src/testing/ward.testing.ts";
import { check, compare } from "./checker.ts";
import { clinicAndMirror, clinicLoad, clinicProducer, mirrorSubscriber } from "./clinic-load.ts";
import { type Ledger, openLedger } from "./ledger.ts";

test.each([
  ["nothing is wrong", ["a", "b"], ["b", "a"], { lost: [], duplicated: [], strange: [] }],
  ["one is lost", ["a", "b"], ["a"], { lost: ["b"], duplicated: [], strange: [] }],
  ["one is there twice", ["a", "b"], ["a", "b", "a"], { lost: [], duplicated: ["a"], strange: [] }],
  ["one was never asked for", ["a"], ["a", "c"], { lost: [], duplicated: [], strange: ["c"] }],
] as const)("compare: %s", (_, expected, found, difference) => {
  expect(compare(expected, found)).toEqual(difference);
});

describe("the checker of a clinic and its mirror", () => {
  let broker: Broker;
  let database: WardDatabase;
  let mirrored: WardDatabase;
  let producer: Ward<ClinicDb>;
  let reader: Ward<MirrorDb>;
  let ledger: Ledger;
  beforeAll(async () => {
    [broker, [database, mirrored]] = await Promise.all([freshNats(), clinicAndMirror()]);
    producer = await startWard(clinic, database, broker.url);
    reader = await startWard(mirror, mirrored, broker.url);
    ledger = openLedger();
  });
  afterAll(async () => {
    await Promise.all([producer.stop(), reader.stop()]);
    await Promise.all([broker.remove(), database.drop(), mirrored.drop()]);
  });
  const checked = () => check(ledger, clinicProducer(database, broker.url), [mirrorSubscriber(mirrored)]);
  /** While the broker hears nothing, what waits in the outbox can be tampered with as a fault would. */
  const tamperWith = async (sql: string) => {
    process.kill(broker.pid(), "SIGSTOP");
    const before = await database.rows<{ last: number }>("select coalesce(max(id), 0)::int as last from kit.outbox");
    await clinicLoad(ledger, () => producer.as).work(30);
    const result = await database.admin.query(sql, [before[0]?.last]);
    expect(result.rowCount).toBe(1);
    process.kill(broker.pid(), "SIGCONT");
  };

  test("finds nothing where nothing is wrong", async () => {
    await clinicLoad(ledger, () => producer.as).work(60);
    await checked();
    expect(ledger.odd()).toEqual([]);
  });

  test.each([
    [
      "an effect that was lost",
      "delete from mirror.thanks where visit_id = (select min(visit_id) from mirror.thanks) returning visit_id as id",
      "insert into mirror.thanks values ($1)",
      /3 effects of test-visit/,
    ],
    [
      "an effect that was had twice",
      "insert into mirror.thanks select min(visit_id) from mirror.thanks returning visit_id as id",
      "delete from mirror.thanks where ctid in (select max(ctid) from mirror.thanks where visit_id = $1)",
      /3 effects of test-visit/,
    ],
    [
      "money that is not in the ledger",
      "update mirror.tally set amount_fen = amount_fen + 1 where file_id = (select min(file_id) from mirror.tally) returning file_id as id",
      "update mirror.tally set amount_fen = amount_fen - 1 where file_id = $1",
      /point 5/,
    ],
    [
      "a projection that its rebuild would not make",
      "update mirror.file set weight = weight + 1 where file_id = (select min(file_id) from mirror.file) returning file_id as id",
      "update mirror.file set weight = weight - 1 where file_id = $1",
      /point 6/,
    ],
  ])("finds %s", async (_, spoil, mend, words) => {
    const [spoilt] = await mirrored.rows<{ id: string }>(spoil);
    await expect(checked()).rejects.toThrow(words);
    await mirrored.rows(mend, [spoilt?.id]);
  });

  test("finds an audit entry that was changed", async () => {
    const newest = "(select max(audit_id) from kit.audit_seal)";
    await database.rows(`update kit.audit set action = 'x' || action where id = ${newest}`);
    await expect(checked()).rejects.toThrow(/point 7/);
    await database.rows(`update kit.audit set action = substr(action, 2) where id = ${newest}`);
  });

  test("finds an event that was lost, and one that was told twice", async () => {
    await checked();
    await tamperWith("delete from kit.outbox where id = (select max(id) from kit.outbox where id > $1 and position is null)");
    await expect(checked()).rejects.toThrow(/point 2 events/);
    // The database itself refuses a second copy, so that has to go first.
    await database.rows("alter table kit.outbox drop constraint outbox_version");
    await tamperWith(`insert into kit.outbox (event_id, subject, entity, entity_id, version, envelope)
      select copy, subject, entity, entity_id, version, replace(envelope, event_id::text, copy::text)
      from (select gen_random_uuid() as copy, * from kit.outbox where id = (select max(id) from kit.outbox where id > $1)) newest`);
    const said = vi.spyOn(console, "log");
    await expect(checked()).rejects.toThrow(/point 2 events/);
    expect(said.mock.lastCall).toEqual([expect.stringMatching(/lost 1, duplicated 1; seed \d+$/)]);
  });
});
