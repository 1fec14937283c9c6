import { type Broker, freshNats, until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { appendEvents } from "../../packages/service-kit/src/outbox.ts";
import { system } from "../../packages/service-kit/src/principal.ts";
import { type Child, startChild } from "../../packages/service-kit/src/testing/child.testing.ts";
import { type ClinicDb, clinic } from "../../packages/service-kit/src/testing/clinic.testing.ts";
import { VisitRecorded } from "../../packages/service-kit/src/testing/clinic-events.testing.ts";
import { type MirrorDb, mirror, mistake } from "../../packages/service-kit/src/testing/mirror.testing.ts";
import { startWard, type Ward, type WardDatabase, wardDatabase } from "../../packages/service-kit/src/testing/ward.testing.ts";
import { check, note } from "./checker.ts";
import { clinicAndMirror, clinicLoad, clinicProducer, mirrorSubscriber } from "./clinic-load.ts";
import { openLedger } from "./ledger.ts";

const perSecond = 1_000;
const seconds = process.env["FAULTS_LONG"] === "true" ? 30 : 1;
/** How long the readers may need to be through, on a machine that is busy. */
const mayTakeMs = 100_000 + seconds * 15_000;
const region = "451228100003";
const ledger = openLedger();
let broker: Broker;
let database: WardDatabase;
let quick: WardDatabase;
let slow: WardDatabase;
let producer: Ward<ClinicDb>;
let slowReader: Ward<MirrorDb>;
let quickReader: Child;
beforeAll(async () => {
  [broker, [database, quick], slow] = await Promise.all([freshNats(), clinicAndMirror(), wardDatabase(mirror, "kit_mirror")]);
  producer = await startWard(clinic, database, broker.url);
  // Only the one in this process is slow: a tenth of a second over each event.
  mistake.takesMs = 100;
  slowReader = await startWard(mirror, slow, broker.url);
  quickReader = await startChild("mirror", quick, broker.url);
});
afterAll(async () => {
  mistake.takesMs = undefined;
  await Promise.all([producer.stop(), slowReader.stop(), quickReader.end("SIGKILL")]);
  await Promise.all([database.drop(), quick.drop(), slow.drop()]);
  await broker.remove();
});

/** A hundred visits told in one transaction, as a chunk of an import does. */
async function tell(): Promise<void> {
  const visits = Array.from({ length: 100 }, () => {
    const visitId = uuidv7();
    return VisitRecorded.of(visitId, 1, region, { visitId, fileId: uuidv7(), amountFen: 0 });
  });
  await producer.db.withTx(system("test"), (tx) => appendEvents(tx, system("test"), visits));
  producer.relay.wake();
  ledger.alsoTold(visits.map(({ entity, entityId }) => ({ entity, entityId, version: 1 })));
}
const placeOf = async (reader: WardDatabase): Promise<number> =>
  (await reader.rows<{ position: number }>("select position from kit.lane where reader = 'test-files'"))[0]?.position ?? 0;
const told = async () => (await database.rows<{ n: number }>("select count(*)::int as n from kit.outbox"))[0]?.n ?? 0;

test(
  "fault 18: a subscriber takes 10 a second of 1,000 a second: the others are unaffected, its lag is visible, it catches up",
  async () => {
    const startedAt = performance.now();
    for (let n = 0; n < (seconds * perSecond) / 100; n += 1) {
      await tell();
      await until(() => performance.now() - startedAt > n * 100, { what: "the next tenth of a second" });
    }
    const rate = Math.round((await told()) / ((performance.now() - startedAt) / 1_000));
    const all = seconds * perSecond;
    await until(async () => (await placeOf(quick)) >= all, {
      what: "the quick one to be through",
      timeoutMs: 15_000 + seconds * 15_000,
    });
    const quickRate = Math.round(all / ((performance.now() - startedAt) / 1_000));
    expect(await placeOf(slow)).toBeLessThan(all / 3);
    await clinicLoad(ledger, () => producer.as).work(20);
    expect(ledger.slowestMs()).toBeLessThan(5_000);

    const lag = await until(
      async () => {
        const ready: unknown = await (await fetch(`${slowReader.url}/health/ready`)).json();
        const { parts }: { parts: { lanes: { reader: string; behind: number | null }[] } } = Object(ready);
        return (parts.lanes.find(({ reader }) => reader === "test-files")?.behind ?? 0) > all / 2 && parts.lanes;
      },
      { what: "the lag to be told at /health/ready" },
    );
    const place = await placeOf(slow);
    await until(async () => (await placeOf(slow)) > place, { what: "the slow one to move on in small steps" });
    const behind = lag.find(({ reader }) => reader === "test-files")?.behind;
    note(`${rate} events a second told; the quick reader took ${quickRate} a second, the slow one was ${behind} behind`);
    mistake.takesMs = undefined;
    // The visits of the transactions above cost nothing; those of the clinic are summed from its own table.
    const readers = [
      { ...mirrorSubscriber(quick, "the quick mirror"), projections: [] },
      mirrorSubscriber(slow, "the slow mirror"),
    ];
    await check(ledger, clinicProducer(database, broker.url), readers, { timeoutMs: mayTakeMs });
  },
  mayTakeMs * 2,
);
