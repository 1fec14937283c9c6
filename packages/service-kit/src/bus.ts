import { readFile } from "node:fs/promises";
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection, nkeyAuthenticator } from "nats";

export type Bus = { connection: NatsConnection; js: JetStreamClient; jsm: JetStreamManager };

/**
 * Connects to NATS and keeps reconnecting for as long as the service lives: NATS being away is a state, not an error.
 * @param seedFile file with the department's nkey seed; absent only against a server without users (tests)
 * @param stillWanted answers false once the service stops, so that the first connection is not tried for ever
 */
export async function connectBus(
  name: string,
  url: string,
  seedFile: string | undefined,
  stillWanted: () => boolean,
): Promise<Bus> {
  const authenticator =
    seedFile === undefined ? undefined : nkeyAuthenticator(new TextEncoder().encode((await readFile(seedFile, "utf8")).trim()));
  for (;;) {
    try {
      const connection = await connect({
        servers: url,
        name,
        reconnect: true,
        maxReconnectAttempts: -1,
        reconnectTimeWait: 250,
        reconnectJitter: 100,
        pingInterval: 5_000,
        maxPingOut: 2,
        timeout: 3_000,
        ...(authenticator ? { authenticator } : {}),
      });
      return {
        connection,
        js: jetstream(connection, { timeout: 5_000 }),
        jsm: await jetstreamManager(connection, { checkAPI: false, timeout: 5_000 }),
      };
    } catch (error) {
      if (!stillWanted()) throw error;
      await pause(500);
    }
  }
}

/** Resolves after `waitMs`, or at once when the signal fires. */
export function pause(waitMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, waitMs);
    signal?.addEventListener("abort", done, { once: true });
  });
}
