import type { EventDefinition } from "@shouwang/contract";
import { type Database, type Incoming, kitFor, openDatabase, type Reader, type Tx } from "@shouwang/service-kit";
import { FileChanged, VisitRecorded } from "@shouwang/service-kit/testing/clinic-events";
import { filesMirror, type MirrorDb, mirror, thanks } from "@shouwang/service-kit/testing/mirror";
import { type WardDatabase, wardDatabase } from "@shouwang/service-kit/testing/ward";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { faultsOf } from "./reader-faults.ts";
import { departments } from "./subjects.ts";

/** A migrated database of a service for the tests of one `describe`. */
function databaseOf<Db>(service: { migrations: URL }, prefix: string): () => Database<Db> {
  let database: WardDatabase;
  let db: Database<Db>;
  beforeAll(async () => {
    database = await wardDatabase(service, prefix);
    db = openDatabase<Db>(database.url);
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });
  return () => db;
}

const reading = departments.flatMap(({ name, prefix, service }) => {
  const readers = service.slices.flatMap((slice) => slice.readers ?? []);
  return readers.length > 0 ? [{ name, prefix, service, readers }] : [];
});

describe.each(reading)("what $name reads", ({ service, prefix, readers }) => {
  const db = databaseOf<unknown>(service, prefix);
  test.each(readers.map((reader) => [reader.name, reader] as const))("%s", async (_, reader) => {
    expect(await faultsOf(db(), service.name, reader)).toEqual([]);
  });
});

const { projection } = kitFor<MirrorDb>();
const wrong = (
  name: string,
  event: EventDefinition,
  apply: (tx: Tx<MirrorDb>, incoming: Incoming) => Promise<void>,
): Reader<MirrorDb> => projection({ name, events: [event], reset: async () => {}, apply });
// An event's definition by its general type: its data is read with its own schema where it is used.
const fileChanged: EventDefinition = FileChanged;
const visitRecorded: EventDefinition = VisitRecorded;

/** Readers of the kit's own tests, and some that are wrong on purpose: what is found in them shows that the suite bites. */
const known: [what: string, reader: Reader<MirrorDb>, faults: unknown[]][] = [
  ["says thanks once a visit: nothing", thanks, []],
  ["counts visits up", filesMirror, ["social.test-visit.recorded.v1: told again under a new id it leaves other rows"]],
  [
    "adds the weights of every state it meets",
    wrong("sums", fileChanged, async (tx, { data }) => {
      const { fileId, weight } = FileChanged.schema.parse(data);
      await sql`insert into mirror.file as f (file_id, weight, version) values (${fileId}, ${weight}, 1)
        on conflict (file_id) do update set weight = f.weight + excluded.weight`.execute(tx);
    }),
    ["1, 3, 2", "2, 1, 3", "2, 3, 1", "3, 1, 2", "3, 2, 1"].map(
      (order) => `test-file: versions ${order} in this order end otherwise`,
    ),
  ],
  [
    "reads the raw event with a schema of its own that knows no newer field",
    wrong("closed", visitRecorded, async (_, { envelope }) => {
      z.strictObject({ visitId: z.uuid(), fileId: z.uuid(), amountFen: z.int() }).parse(envelope.data);
    }),
    [expect.stringContaining("a field it does not know was not let through: ZodError")],
  ],
  [
    "cannot take the example",
    wrong("broken", fileChanged, async () => {
      throw new RangeError("not this one");
    }),
    [
      "social.test-file.changed.v1: its example was parked: RangeError: not this one",
      ...Array.from({ length: 6 }, () => expect.stringContaining("end otherwise")),
    ],
  ],
];

describe("what is found in a reader that", () => {
  const db = databaseOf<MirrorDb>(mirror, "kit_mirror");
  test.each(known)("%s", async (_, reader, faults) => {
    expect(await faultsOf(db(), "mirror", reader)).toEqual(faults);
  });
});
