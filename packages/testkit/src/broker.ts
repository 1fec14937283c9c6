import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { freePort, startNats } from "@shouwang/local";
import { provided } from "./provided.ts";

/** The nats-server all tests share; a test keeps apart from others by a service name of its own. */
export const natsUrl = (): string => provided().natsUrl;

export type Broker = {
  url: string;
  port: number;
  /** Its process, to send it signals of one's own. */
  pid(): number;
  /** Stops it the given way (a clean stop by default) and leaves it down. */
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Starts it again on the same port; with `wipeStore` it has lost its disk. */
  start(how?: { wipeStore?: boolean }): Promise<void>;
  restart(how?: { signal?: "SIGTERM" | "SIGKILL"; wipeStore?: boolean }): Promise<void>;
  /** Stops it and deletes its files. */
  remove(): Promise<void>;
};

/** A nats-server for one test, to be stopped, killed and robbed of its disk. */
export async function freshNats(): Promise<Broker> {
  const folder = mkdtempSync(join(provided().folder, "nats-"));
  const port = await freePort();
  const run = () => startNats({ storeDir: folder, port });
  let server = await run();
  const stop = (signal: "SIGTERM" | "SIGKILL" = "SIGTERM") => (signal === "SIGKILL" ? server.kill() : server.stop());
  const start = async ({ wipeStore = false } = {}) => {
    if (wipeStore) rmSync(join(folder, "jetstream"), { recursive: true, force: true });
    server = await run();
  };
  return {
    url: server.url,
    port,
    pid: () => server.pid,
    stop,
    start,
    restart: async ({ signal = "SIGTERM", wipeStore = false } = {}) => {
      await stop(signal);
      await start({ wipeStore });
    },
    remove: async () => {
      await server.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
