import { connect, createServer, type Socket } from "node:net";

/** A TCP proxy in front of a server: the line between two parts of the platform, with everything that can be wrong with it. */
export type Line = {
  port: number;
  /** Ends every connection and refuses new ones. */
  cut(): Promise<void>;
  /** Breaks every connection with a reset in the middle of whatever it carries; new ones are taken. */
  reset(): void;
  /** From now on nobody's words arrive and no connection ends: a far side that has gone without a word. New connections are taken and as dumb. */
  fallSilent(): void;
  /** Everything arrives so much later, either way, in order. */
  delay(ms: number): void;
  /** New connections are as they should be again. One that fell silent stays dumb for good, as a machine that lost its power never speaks again. */
  heal(): Promise<void>;
  /** What the server says no longer arrives; what is sent to it still does. */
  loseAnswers(): void;
  /** Keeps what is sent to the server until it is let go: late, but all of it and in order. */
  hold(): void;
  /** What is kept back now. */
  held(): string;
  letGo(): void;
  close(): Promise<void>;
};

/** Opens a line to a server on this machine. It starts out as good as none. */
export async function openProxy(targetPort: number): Promise<Line> {
  const sockets = new Set<Socket>();
  const dumb = new WeakSet<Socket>();
  let silent = false;
  let losing = false;
  let lateMs = 0;
  let held: { data: Buffer; target: Socket }[] | undefined;
  /** Writes now or later; what comes after something late comes after it, since equal waits end in order. */
  const pass = (data: Buffer, to: Socket) => {
    if (lateMs === 0) to.write(data);
    else setTimeout(() => to.destroyed || to.write(data), lateMs);
  };
  const server = createServer((client) => {
    const target = connect(targetPort, "127.0.0.1");
    for (const socket of [client, target]) {
      sockets.add(socket);
      if (silent) dumb.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        if (dumb.has(socket)) return;
        client.destroy();
        target.destroy();
      });
    }
    client.on("data", (data) => {
      if (dumb.has(client)) return;
      if (held) held.push({ data, target });
      else pass(data, target);
    });
    target.on("data", (data) => {
      if (!losing && !dumb.has(target)) pass(data, client);
    });
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  await listen(0);
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const cut = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    port,
    cut,
    reset: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    fallSilent: () => {
      silent = true;
      for (const socket of sockets) dumb.add(socket);
    },
    delay: (ms) => {
      lateMs = ms;
    },
    heal: async () => {
      silent = false;
      losing = false;
      lateMs = 0;
      if (!server.listening) await listen(port);
    },
    loseAnswers: () => {
      losing = true;
    },
    hold: () => {
      held = [];
    },
    held: () => (held ?? []).map(({ data }) => data.toString("latin1")).join(""),
    letGo: () => {
      for (const { data, target } of held ?? []) target.write(data);
      held = undefined;
    },
    close: async () => {
      if (server.listening) await cut();
      else for (const socket of sockets) socket.destroy();
    },
  };
}

/** An address with the line's port instead of the server's. */
export const through = (url: string, line: Line): string => {
  const address = new URL(url);
  address.port = String(line.port);
  return address.href.replace(/\/$/, "");
};
