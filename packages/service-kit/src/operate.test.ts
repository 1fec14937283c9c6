import { randomUUID } from "node:crypto";
import { type Broker, freshNats, until } from "@shouwang/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { operate } from "./operate.ts";
import { FileChanged } from "./testing/clinic-events.testing.ts";
import { type MirrorDb, mirror, mistake } from "./testing/mirror.testing.ts";
import { fakeSource, type Source } from "./testing/source.testing.ts";
import { startWard, type Ward, type WardDatabase, wardDatabase, wardEnvironment } from "./testing/ward.testing.ts";

const region = "451228100003";
let broker: Broker;
let source: Source;
let database: WardDatabase;
let ward: Ward<MirrorDb>;
beforeAll(async () => {
  broker = await freshNats();
  source = await fakeSource(broker.url);
  database = await wardDatabase(mirror, "kit_mirror");
  ward = await startWard(mirror, database, broker.url);
});
afterAll(async () => {
  await ward.stop();
  await source.close();
  await Promise.all([database.drop(), broker.remove()]);
});

const say = async (...args: string[]) => {
  const said = await operate(mirror, args, wardEnvironment(database, broker.url));
  return { ok: said.ok, text: said.lines.join("\n") };
};
const weigh = (fileId: string, version: number, weight: number) =>
  source.publish(source.envelope(FileChanged.of(fileId, version, region, { fileId, weight })));
const letters = () => database.rows<{ id: number; state: string }>("select id, state from kit.dead_letter order by id");

test("dead letters are listed, skipped with a reason, and replayed by the running service; both stand in the audit", async () => {
  mistake.weight = 66;
  for (const file of [randomUUID(), randomUUID()]) await weigh(file, 1, 66);
  await until(async () => (await letters()).length === 2);
  const [first, second] = await letters();
  const listed = await say("dead-letters", "list");
  expect(listed.ok).toBe(true);
  expect(listed.text).toContain("RangeError: the mirror cannot take this weight");
  expect(await say("dead-letters", "skip", String(first?.id))).toMatchObject({ ok: false });
  expect(await say("dead-letters", "skip", String(first?.id), "--reason", "sent by mistake")).toMatchObject({ ok: true });
  mistake.weight = undefined;
  expect(await say("dead-letters", "replay", "all", "--reader", "test-files", "--reason", "mended")).toMatchObject({ ok: true });
  await until(async () => (await letters()).map(({ state }) => state).join() === "skipped,replayed");
  expect(await say("dead-letters", "replay", String(second?.id), "--reason", "again")).toMatchObject({ ok: false });
  const audited = await database.rows("select actor, action, entity_id from kit.audit order by id");
  expect(audited).toEqual([
    { actor: "system|operator", action: "dead-letter-skip", entity_id: String(first?.id) },
    { actor: "system|operator", action: "dead-letter-replay", entity_id: String(second?.id) },
  ]);
});

test("a rebuild prints both hashes, fails while they differ, and swaps when that is accepted", async () => {
  await weigh(randomUUID(), 1, 70);
  await until(async () => (await database.rows("select from mirror.file where weight = 70")).length === 1);
  // The skipped event is left out by the fold as well, so that all is equal.
  const equal = await say("rebuild", "test-files");
  expect(equal).toMatchObject({ ok: true, text: expect.stringMatching(/before ([0-9a-f]{64})\n {2}after {2}\1\n✓/) });
  await database.admin.query("update mirror.file set weight = 71 where weight = 70");
  expect(await say("rebuild", "test-files")).toMatchObject({ ok: false, text: expect.stringContaining("--accept") });
  expect(await database.rows("select from mirror.file where weight = 71")).toHaveLength(1);
  expect((await say("rebuild", "test-files", "--accept")).ok).toBe(true);
  expect(await database.rows("select from mirror.file where weight = 70")).toHaveLength(1);
  expect(await say("rebuild", "nobody")).toMatchObject({ ok: false, text: expect.stringContaining("test-files") });
});

test("the audit is verified, and what is wrong with it is named", async () => {
  await until(async () => (await database.rows("select from kit.audit where not sealed")).length === 0);
  expect(await say("verify-audit")).toMatchObject({ ok: true, text: expect.stringContaining("2 entries") });
  await database.admin.query("update kit.audit set action = 'nothing' where id = 2");
  expect(await say("verify-audit")).toMatchObject({ ok: false, text: expect.stringContaining("changed (seq 2, id 2)") });
});

test.each([["nonsense"], ["rebuild"], ["dead-letters"], ["verify-audit", "--what"]])(
  "%s is answered with what there is",
  async (...args) => {
    expect(await say(...args)).toMatchObject({ ok: false, text: expect.stringContaining("dead-letters list") });
  },
);
