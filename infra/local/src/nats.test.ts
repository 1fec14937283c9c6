import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection, nkeyAuthenticator, nkeys } from "nats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHECKOUT } from "./checkout.ts";
import { readComposeFile } from "./compose-file.ts";
import { freePort, type ServerHandle, startNats } from "./index.ts";
import { startTimeOf } from "./process-identity.ts";

const storeDir = mkdtempSync(join(tmpdir(), "shouwang-nats-"));
const users = Object.fromEntries(readComposeFile().busUsers.map((user) => [user, nkeys.createUser()]));
const variables = Object.fromEntries(
  Object.entries(users).map(([user, key]) => [`NATS_KEY_${user.toUpperCase().replaceAll("-", "_")}`, key.getPublicKey()]),
);
const configFile = join(CHECKOUT, "infra/nats/nats.conf");
let server: ServerHandle;
const connections: NatsConnection[] = [];

async function as(user: string): Promise<NatsConnection> {
  const seed = users[user]?.getSeed();
  if (!seed) throw new Error(`no user ${user}`);
  const inboxPrefix = `_INBOX_${user.toUpperCase().replaceAll("-", "_")}`;
  const connection = await connect({
    servers: server.url,
    authenticator: nkeyAuthenticator(seed),
    inboxPrefix,
    reconnect: false,
  });
  connections.push(connection);
  return connection;
}
const managerOf = async (user: string) => jetstreamManager(await as(user), { timeout: 10_000 });

beforeAll(async () => {
  server = await startNats({ storeDir, port: await freePort(), configFile, variables });
  for (const department of ["monitoring", "employment"]) {
    const manager = await managerOf(department);
    for (const kind of ["evt", "pii"]) {
      await manager.streams.add({ name: `SW_${kind}_${department}`.toUpperCase(), subjects: [`sw.${kind}.${department}.>`] });
    }
  }
});
afterAll(async () => {
  await Promise.all(connections.map((connection) => connection.close()));
  await server.kill();
  rmSync(storeDir, { recursive: true, force: true });
});

describe("nats.conf", () => {
  it("lets each department publish its own events and its own private stream", async () => {
    for (const department of ["monitoring", "employment"]) {
      const js = jetstream(await as(department), { timeout: 10_000 });
      for (const kind of ["evt", "pii"]) {
        expect((await js.publish(`sw.${kind}.${department}.thing.happened.v1.4512.451228`, "{}")).stream).toBe(
          `SW_${kind}_${department}`.toUpperCase(),
        );
      }
    }
  });

  it.each([
    ["another department's event", "employment", "sw.evt.monitoring.household.registered.v1.4512.451228"],
    ["another department's private message", "employment", "sw.pii.monitoring.person.v1"],
    ["an event, by an integrator", "integrator-demo", "sw.evt.monitoring.household.registered.v1.4512.451228"],
    ["anything else", "monitoring", "hello"],
  ])("fault 29: refuses %s", async (_, user, subject) => {
    await expect(jetstream(await as(user), { timeout: 10_000 }).publish(subject, "{}")).rejects.toThrow(/permissions violation/i);
    expect((await (await managerOf("monitoring")).streams.info("SW_EVT_MONITORING")).state.messages).toBe(1);
  });

  it("lets a department read another's events in order, with a consumer that does not last", async () => {
    const connection = await as("employment");
    await (await managerOf("employment")).streams.info("SW_EVT_MONITORING");
    const consumer = await jetstream(connection, { timeout: 10_000 }).consumers.get("SW_EVT_MONITORING", {
      inactive_threshold: 60_000,
    });
    const message = await consumer.next({ expires: 2_000 });
    expect(message?.subject).toBe("sw.evt.monitoring.thing.happened.v1.4512.451228");
  });

  it.each([
    ["a department without a need", "cooperation", "SW_PII_MONITORING", false],
    ["an integrator", "integrator-demo", "SW_PII_MONITORING", false],
    ["funds, which pays", "funds", "SW_PII_MONITORING", true],
    ["the owner", "monitoring", "SW_PII_MONITORING", true],
  ])("fault 29: opens a private stream to those who need it only: %s", async (_, user, stream, may) => {
    const asking = (await managerOf(user)).consumers.add(stream, { name: `probe-${user}`, inactive_threshold: 5_000_000_000 });
    if (may) expect((await asking).stream_name).toBe(stream);
    else await expect(asking).rejects.toThrow(/permissions violation|timeout/i);
  });

  it.each([
    ["deletes a stream", (user: string) => managerOf(user).then((manager) => manager.streams.delete("SW_EVT_MONITORING"))],
    [
      "deletes an event",
      (user: string) => managerOf(user).then((manager) => manager.streams.deleteMessage("SW_EVT_MONITORING", 1)),
    ],
    [
      "changes a stream",
      (user: string) => managerOf(user).then((manager) => manager.streams.update("SW_EVT_MONITORING", { max_msgs: 1 })),
    ],
  ])("fault 29: lets nobody but its owner touch a stream: no other %s", async (_, act) => {
    for (const user of ["employment", "integrator-demo"])
      await expect(act(user)).rejects.toThrow(/permissions violation|timeout/i);
  });

  it("lets nobody listen to the inbox of another, where pulled messages arrive", async () => {
    const listener = await as("employment");
    const refused = listener.subscribe("_INBOX_MONITORING.>");
    await expect(
      (async () => {
        for await (const _ of refused) return "heard";
      })(),
    ).rejects.toThrow(/Permissions Violation/);
  });

  it("lets an integrator keep a durable consumer, and acknowledge", async () => {
    const connection = await as("integrator-demo");
    const manager = await jetstreamManager(connection, { timeout: 10_000 });
    await manager.consumers.add("SW_EVT_MONITORING", {
      durable_name: "demo",
      ack_policy: AckPolicy.Explicit,
      filter_subject: "sw.evt.monitoring.*.*.*.4512.>",
    });
    const message = await (await jetstream(connection).consumers.get("SW_EVT_MONITORING", "demo")).next({ expires: 2_000 });
    expect(await message?.ackAck({ timeout: 10_000 })).toBe(true);
  });

  it("knows no user without a key", async () => {
    await expect(connect({ servers: server.url, reconnect: false })).rejects.toThrow(/authorization/i);
    await expect(
      connect({ servers: server.url, reconnect: false, authenticator: nkeyAuthenticator(nkeys.createUser().getSeed()) }),
    ).rejects.toThrow(/authorization/i);
  });
});

describe("the local nats-server", () => {
  it("keeps its streams over a stop, a kill, and a killed run that left it behind", async () => {
    for (const end of ["stop", "kill", "left running"] as const) {
      if (end !== "left running") await server[end]();
      const before = server.pid;
      server = await startNats({ storeDir, port: server.port, configFile, variables });
      expect(startTimeOf(before), end).toBeUndefined();
      expect((await (await managerOf("monitoring")).streams.info("SW_EVT_MONITORING")).state.messages, end).toBe(1);
    }
  });

  it("says in one sentence what is wrong with its configuration", async () => {
    await expect(startNats({ storeDir: `${storeDir}/other`, port: await freePort(), configFile, variables: {} })).rejects.toThrow(
      /NATS could not start in .*NATS_KEY_/,
    );
  });
});
