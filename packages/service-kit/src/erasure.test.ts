import { type Broker, freshNats, until } from "@shouwang/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClinicDb, clinic } from "./testing/clinic.testing.ts";
import { type MirrorDb, mirror } from "./testing/mirror.testing.ts";
import { readStream } from "./testing/source.testing.ts";
import { startWard, type Ward, type WardDatabase, wardDatabase } from "./testing/ward.testing.ts";

const region = "451228100003";
let broker: Broker;
let database: WardDatabase;
let mirrored: WardDatabase;
let producer: Ward<ClinicDb>;
let reader: Ward<MirrorDb>;
beforeAll(async () => {
  broker = await freshNats();
  [database, mirrored] = await Promise.all([wardDatabase(clinic, "kit_clinic"), wardDatabase(mirror, "kit_mirror")]);
  producer = await startWard(clinic, database, broker.url);
  reader = await startWard(mirror, mirrored, broker.url);
});
afterAll(async () => {
  await Promise.all([producer.stop(), reader.stop()]);
  await Promise.all([database.drop(), mirrored.drop(), broker.remove()]);
});

const open = async (weight: number) =>
  String((await producer.as("county-officer", "451228").post("/test-files", { region, weight })).json["fileId"]);
const positionOf = async (fileId: string) =>
  until(
    async () =>
      (await database.rows<{ position: number }>("select position from kit.outbox where entity_id = $1", [fileId]))[0]?.position,
  );
const erase = (position: number) =>
  producer.as("operator", "45").post(`/events/${position}/erasure`, { reason: "entered by mistake" });
const lanesAt = (of: WardDatabase, position: number) =>
  until(async () => (await of.rows("select from kit.lane where source = 'social' and position = $1", [position])).length === 2, {
    what: `both lanes at ${position}`,
  });
const sequences = async () => (await readStream(broker.url, "social")).map(({ seq }) => seq);

test("an erased event leaves outbox and stream but for its place; readers pass the hole by, at the end of the stream too, and a stream laid again has it empty", async () => {
  const files = [await open(91_001), await open(91_002), await open(91_003)];
  const [first = 0, middle = 0, last = 0] = await Promise.all(files.map(positionOf));
  await until(async () => (await mirrored.rows("select from mirror.file")).length === 3, { what: "all to be mirrored" });
  // A second reader that has seen nothing yet meets the holes themselves.
  await reader.stop();
  for (const position of [middle, last]) expect(await erase(position)).toMatchObject({ status: 200, json: { erased: true } });
  expect((await erase(middle)).status).toBe(404);
  expect((await erase(9_999)).status).toBe(404);
  await until(async () => (await database.rows("select from kit.erased_event where left_stream_at is null")).length === 0, {
    what: "the messages to leave the stream",
  });
  expect((await sequences()).filter((seq) => [first, middle, last].includes(seq))).toEqual([first]);
  const rows = await database.rows<{ position: number; envelope: string }>(
    "select position, envelope from kit.outbox where entity <> 'audit' order by position",
  );
  expect(rows.map(({ position }) => position)).toEqual([first, middle, last]);
  expect(JSON.parse(rows[1]?.envelope ?? "")).toMatchObject({ type: "social.event.erased.v1", subject: `test-file/${files[1]}` });
  expect(rows[1]?.envelope).not.toMatch(/\b91002\b|data"|actor/);
  expect(await database.rows("select entity_id, purpose from kit.audit where action = 'erase-event' order by id")).toEqual(
    [middle, last].map((position) => ({ entity_id: String(position), purpose: "entered by mistake" })),
  );

  const late = await wardDatabase(mirror, "kit_mirror");
  reader = await startWard(mirror, late, broker.url);
  await lanesAt(late, last);
  const next = await open(91_004);
  await lanesAt(late, await positionOf(next));
  expect(await late.rows("select weight from mirror.file order by weight")).toEqual([{ weight: 91_001 }, { weight: 91_004 }]);

  await broker.stop("SIGKILL");
  await broker.start({ wipeStore: true });
  await until(async () => (await sequences()).at(-1) === (await positionOf(next)), {
    what: "the stream to be laid again",
  });
  await reader.stop();
  const anew = await wardDatabase(mirror, "kit_mirror");
  reader = await startWard(mirror, anew, broker.url);
  await lanesAt(anew, await positionOf(next));
  expect(await anew.rows("select weight from mirror.file order by weight")).toEqual([{ weight: 91_001 }, { weight: 91_004 }]);
  expect(await anew.rows("select from kit.dead_letter")).toEqual([]);
  await reader.stop();
  await Promise.all([late.drop(), anew.drop()]);
});
