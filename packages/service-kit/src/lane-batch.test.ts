import { randomBytes, randomUUID } from "node:crypto";
import type { EventDraft } from "@shouwang/contract";
import { cloudEvent } from "@shouwang/contract";
import fc from "fast-check";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Database, openDatabase } from "./database.ts";
import { openDeadLetters } from "./dead-letter.ts";
import { kitFor } from "./declare.ts";
import { applyTogether } from "./lane-batch.ts";
import { applyEvent, type Met } from "./lane-event.ts";
import { openLog } from "./log.ts";
import { parseKeys } from "./personal-data.ts";
import { system } from "./principal.ts";
import type { Reader } from "./reader.ts";
import { FileChanged, VisitRecorded } from "./testing/clinic-events.testing.ts";
import { type MirrorDb, mirror } from "./testing/mirror.testing.ts";
import { type WardDatabase, wardDatabase } from "./testing/ward.testing.ts";

const key = () => randomBytes(32).toString("base64");
const keys = parseKeys(JSON.stringify({ current: "k1", keys: { k1: key() }, indexKey: key(), auditKey: key() }));
const log = openLog("test", "silent");
const region = "451228100003";
const files = [randomUUID(), randomUUID(), randomUUID()];

/** How many events came at once, each time. */
let batches: number[] = [];
/** The mirror of files and visits, taking many at once. */
const reader: Reader<MirrorDb> = kitFor<MirrorDb>().projection({
  name: "test-files-at-once",
  events: [FileChanged, VisitRecorded],
  reset: async () => {},
  applyAll: async (tx, batch) => {
    batches.push(batch.length);
    for (const { definition, data, envelope } of batch) {
      if (definition.type === FileChanged.type) {
        const { fileId, weight } = FileChanged.schema.parse(data);
        await sql`insert into mirror.file (file_id, weight, version) values (${fileId}, ${weight}, ${Number(envelope.sequence)})
          on conflict (file_id) do update set weight = excluded.weight, version = excluded.version`.execute(tx);
      } else {
        const { fileId, amountFen } = VisitRecorded.schema.parse(data);
        await sql`insert into mirror.tally as t (file_id, visits, amount_fen) values (${fileId}, 1, ${amountFen})
          on conflict (file_id) do update set visits = t.visits + 1, amount_fen = t.amount_fen + excluded.amount_fen`.execute(tx);
      }
    }
  },
});
const reading = { reader, keys, log };

let database: WardDatabase;
let db: Database<MirrorDb>;
beforeAll(async () => {
  database = await wardDatabase(mirror, "kit_mirror");
  db = openDatabase<MirrorDb>(database.url);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});
beforeEach(() => clear());

const clear = async () => {
  batches = [];
  await database.rows("truncate mirror.file, mirror.tally, kit.seen_version, kit.seen_fact, kit.dead_letter");
};
const told = (draft: EventDraft) =>
  JSON.stringify(cloudEvent(draft, { id: uuidv7(), time: new Date().toISOString(), actor: "test|source" }));
const metAll = (bodies: readonly string[]): Met[] => bodies.map((body, n) => ({ position: n + 1, item: 0, epoch: 1, body }));
const state = async () => ({
  files: await database.rows("select * from mirror.file order by file_id"),
  tallies: await database.rows("select * from mirror.tally order by file_id"),
  seen: await database.rows("select entity_id, version from kit.seen_version order by entity_id"),
});
const together = (batch: readonly Met[]) => db.withTx(system("test"), (tx) => applyTogether(tx, reading, batch));

const change = fc.record({ file: fc.nat(2), version: fc.integer({ min: 1, max: 5 }) });
const visit = fc.record({ file: fc.nat(2), fen: fc.integer({ min: 1, max: 9 }) });

test("cut into any batches, told twice or in any order, events come to what they come to one by one", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(change, visit), { minLength: 1, maxLength: 12 }),
      fc.array(fc.nat(11), { maxLength: 4 }),
      fc.integer({ min: 1, max: 6 }),
      async (changes, again, size) => {
        const once = changes.map((one) => {
          const fileId = files[one.file] ?? "";
          const visitId = uuidv7();
          return told(
            "fen" in one
              ? VisitRecorded.of(visitId, 1, region, { visitId, fileId, amountFen: one.fen })
              : FileChanged.of(fileId, one.version, region, { fileId, weight: 50 + one.version }),
          );
        });
        const events = metAll([...once, ...again.flatMap((n) => once[n] ?? [])]);
        await clear();
        await db.withTx(system("test"), async (tx) => {
          for (const met of events) await applyEvent(tx, reading, met);
        });
        const oneByOne = await state();
        await clear();
        for (let at = 0; at < events.length; at += size) await together(events.slice(at, at + size));
        expect(await state()).toEqual(oneByOne);
      },
    ),
    { numRuns: 25 },
  );
});

const changed = (file: number, version: number) => {
  const fileId = files[file] ?? "";
  return told(FileChanged.of(fileId, version, region, { fileId, weight: 50 + version }));
};

test("of each entity's states the newest comes alone", async () => {
  await together(metAll([changed(0, 1), changed(1, 1), changed(0, 2), changed(0, 3)]));
  expect(batches).toEqual([2]);
  const versions = new Map(
    (await database.rows<{ file_id: string; version: number }>("select * from mirror.file")).map((row) => [
      row.file_id,
      row.version,
    ]),
  );
  expect([versions.get(files[0] ?? ""), versions.get(files[1] ?? "")]).toEqual([3, 1]);
});

test("where one cannot be read it is put aside alone, and what follows of its entity waits behind it", async () => {
  const broken = JSON.stringify({ ...JSON.parse(changed(0, 1)), data: { fileId: files[0] } });
  await together(metAll([broken, changed(0, 2), changed(1, 1)]));
  expect((await state()).files).toMatchObject([{ file_id: files[1], version: 1 }]);
  await together([{ position: 4, item: 0, epoch: 1, body: changed(0, 3) }]);
  const letters = await db.withReadTx(system("test"), (tx) => openDeadLetters(tx, 10));
  expect(letters.map(({ position, state: standing }) => [position, standing])).toEqual([
    [1, "parked"],
    [2, "queued"],
    [4, "queued"],
  ]);
});
