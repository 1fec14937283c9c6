import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { streamOf } from "@shouwang/contract";
import { type Broker, freshNats, freshPostgres, type OwnPostgres, until } from "@shouwang/testkit";
import { connect } from "nats";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ClinicDb, clinic } from "../../packages/service-kit/src/testing/clinic.testing.ts";
import { type MirrorDb, mirror } from "../../packages/service-kit/src/testing/mirror.testing.ts";
import { startWard, type Ward, type WardDatabase, withAdmin } from "../../packages/service-kit/src/testing/ward.testing.ts";
import { check, note } from "./checker.ts";
import { clinicAndMirror, clinicLoad, clinicProducer, mirrorSubscriber } from "./clinic-load.ts";
import { openLedger } from "./ledger.ts";

const region = "451228100003";
describe("a stream with a limit", () => {
  const ledger = openLedger();
  let broker: Broker;
  let database: WardDatabase;
  let mirrored: WardDatabase;
  let producer: Ward<ClinicDb>;
  let reader: Ward<MirrorDb>;
  beforeAll(async () => {
    [broker, [database, mirrored]] = await Promise.all([freshNats(), clinicAndMirror()]);
    producer = await startWard(clinic, database, broker.url);
    reader = await startWard(mirror, mirrored, broker.url);
  });
  afterAll(async () => {
    await Promise.all([producer.stop(), reader.stop()]);
    await Promise.all([broker.remove(), database.drop(), mirrored.drop()]);
  });
  const limit = async (bytes: number) => {
    const connection = await connect({ servers: broker.url });
    const { state, config } = await (await jetstreamManager(connection)).streams.update(streamOf("social"), { max_bytes: bytes });
    await connection.close();
    return { state, discard: config.discard };
  };

  test("fault 21: the stream is full: it drops nothing, what is new waits in the outbox and says why, and leaves once there is room", async () => {
    await until(() => producer.relay.state().kind === "running");
    await clinicLoad(ledger, () => producer.as).work(60);
    // As many bytes as there are and a few more: a limit below what stands in it would take the oldest away.
    const room = (await limit(-1)).state.bytes + 8_000;
    const { discard } = await limit(room);
    expect(discard).toBe("new");
    await clinicLoad(ledger, () => producer.as).work(150);
    const ready = async (): Promise<unknown> => (await fetch(`${producer.url}/health/ready`)).json();
    const saysSo = async () => {
      expect(await ready()).toMatchObject({ parts: { relay: { kind: "waiting", because: "the stream is full" } } });
      return true;
    };
    await until(saysSo, { what: "readiness to say that it is full" });
    // Nothing that stood in it has gone, and commands go on: the outbox has them.
    const { state } = await limit(room);
    expect(state.first_seq).toBe(1);
    expect(state.messages).toBe(state.last_seq);
    const [waiting] = await database.rows<{ n: number }>(
      "select count(*)::int as n from kit.outbox where position is null or position > $1",
      [state.last_seq],
    );
    expect(waiting?.n).toBeGreaterThan(0);
    expect(ledger.acknowledged()).toHaveLength(ledger.attempted());
    note(`the stream took ${state.last_seq} events, ${waiting?.n} waited`);
    await limit(-1);
    await check(ledger, clinicProducer(database, broker.url), [mirrorSubscriber(mirrored)]);
  });
});

/** A disk of its own, so small that it can be filled; undefined where this account may not mount one. */
const disk = mkdtempSync(join(tmpdir(), "shouwang-disk-"));
const isMounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=160m", "tmpfs", disk]).status === 0;
if (!isMounted) console.log("fault 21, PostgreSQL's disk: not shown here, since a small disk can be mounted by root alone");

describe.skipIf(!isMounted)("a PostgreSQL on a small disk", () => {
  const ledger = openLedger();
  const ballast = join(disk, "ballast");
  let broker: Broker;
  let postgres: OwnPostgres;
  let database: WardDatabase;
  let producer: Ward<ClinicDb>;
  beforeAll(async () => {
    [broker, postgres] = await Promise.all([freshNats(), freshPostgres(disk)]);
    database = withAdmin(await postgres.database("social"), "social");
    producer = await startWard(clinic, database, broker.url);
  });
  afterAll(async () => {
    await producer.stop();
    await database.admin.end();
    await Promise.all([broker.remove(), postgres.remove()]);
    spawnSync("umount", [disk]);
    rmSync(disk, { recursive: true, force: true });
  });
  const officer = () => producer.as("county-officer", "451228");

  test("fault 21: PostgreSQL's disk is full: new writes answer 503 storage-full, readings go on, nothing acknowledged is lost, it heals by itself", async () => {
    await clinicLoad(ledger, () => producer.as).work(60);
    const [known] = ledger.acknowledged().flatMap(({ told }) => told.filter(({ entity }) => entity === "test-file"));
    spawnSync("dd", ["if=/dev/zero", `of=${ballast}`, "bs=64k"]);
    const codes = new Map<string, number>();
    const fill = async () => {
      const name = "满".repeat(60);
      const reply = await officer().post("/test-files", {
        region,
        weight: 1,
        name: `${name.slice(0, 50)}${crypto.randomUUID().slice(0, 10)}`,
      });
      if (reply.status === 201) ledger.alsoTold([{ entity: "test-file", entityId: String(reply.json["fileId"]), version: 1 }]);
      const code = String(reply.json["code"] ?? "taken");
      codes.set(code, (codes.get(code) ?? 0) + 1);
      return reply;
    };
    const refused = await until(
      async () => {
        const reply = await fill();
        return reply.status === 503 && reply;
      },
      { what: "the disk to be full" },
    );
    expect(refused.json["code"]).toBe("storage-full");
    expect(refused.headers.get("retry-after")).toBe("30");
    // Whatever is read is read.
    const read = await officer().get(`/test-files/${known?.entityId}`);
    expect(read.status).toBe(200);
    await clinicLoad(ledger, () => producer.as).work(40);
    rmSync(ballast);
    await until(async () => (await fill()).status === 201, { what: "writes to be taken again" });
    await ledger.askAgain();
    expect(ledger.odd()).toEqual([]);
    note(`answers while it filled: ${[...codes].map(([code, n]) => `${n} ${code}`).join(", ")}`);
    await check(ledger, clinicProducer(database, broker.url));
  });
});
