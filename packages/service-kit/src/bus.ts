import { readFile } from "node:fs/promises";
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { type Authenticator, connect, type NatsConnection, nkeyAuthenticator } from "nats";
import type { Log } from "./log.ts";

export type Bus = {
  connection: NatsConnection;
  js: JetStreamClient;
  jsm: JetStreamManager;
  /** False while the connection is lost: what is asked meanwhile would only pile up in memory until it is back. */
  connected(): boolean;
};

/** Who a department is to NATS, from the file with its nkey seed. Throws when the file cannot be read: a service that can never speak must not start. */
export async function readSeed(file: string): Promise<Authenticator> {
  return nkeyAuthenticator(new TextEncoder().encode((await readFile(file, "utf8")).trim()));
}

/**
 * Connects to NATS and keeps reconnecting for as long as the service lives: NATS being away is a state, not an error.
 * @param authenticator absent only against a server without users (tests)
 * @param stopping gives the first connection up
 * @returns undefined when the service stopped before NATS was ever reached
 */
export async function connectBus(
  name: string,
  url: string,
  authenticator: Authenticator | undefined,
  stopping: AbortSignal,
  log: Log,
): Promise<Bus | undefined> {
  for (let attempt = 1; !stopping.aborted; attempt += 1) {
    try {
      const connection = await connect({
        servers: url,
        name,
        inboxPrefix: `_INBOX_${name.toUpperCase()}`,
        reconnect: true,
        maxReconnectAttempts: -1,
        reconnectTimeWait: 250,
        reconnectJitter: 100,
        // A broker that went without a word is given up within six seconds.
        pingInterval: 2_000,
        maxPingOut: 2,
        timeout: 3_000,
        ...(authenticator ? { authenticator } : {}),
      });
      return {
        connection,
        js: jetstream(connection, { timeout: 5_000 }),
        jsm: await jetstreamManager(connection, { checkAPI: false, timeout: 5_000 }),
        connected: watchConnection(connection, log),
      };
    } catch (error) {
      if (attempt % 20 === 1) log.warn({ error, attempt }, "NATS could not be reached yet");
      await pause(500, stopping);
    }
  }
  return undefined;
}

function watchConnection(connection: NatsConnection, log: Log): () => boolean {
  let connected = true;
  void (async () => {
    for await (const status of connection.status()) {
      if (status.type !== "disconnect" && status.type !== "reconnect") continue;
      connected = status.type === "reconnect";
      log.warn({ nats: status.type }, "NATS connection");
    }
  })();
  return () => connected && !connection.isClosed();
}

/** Resolves after `waitMs`, or at once when one of the signals fires. */
export function pause(waitMs: number, ...signals: AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    if (signals.some((signal) => signal.aborted)) return resolve();
    const done = () => {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, waitMs);
    for (const signal of signals) signal.addEventListener("abort", done);
  });
}
