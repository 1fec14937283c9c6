import { connect, createServer, type Socket } from "node:net";

/** A TCP proxy in front of a server, to cut the line or to lose answers. */
export type Line = {
  port: number;
  /** Ends every connection and refuses new ones. */
  cut(): Promise<void>;
  /** Listens again on the same port. */
  heal(): Promise<void>;
  /** What the server says no longer arrives; what is sent to it still does. */
  loseAnswers(): void;
  /** Keeps what is sent back until it is let go: late, but all of it and in order. */
  hold(): void;
  /** What is kept back now. */
  held(): string;
  letGo(): void;
  close(): Promise<void>;
};

export async function openProxy(targetPort: number): Promise<Line> {
  const sockets = new Set<Socket>();
  let losing = false;
  let held: { data: Buffer; target: Socket }[] | undefined;
  const server = createServer((client) => {
    const target = connect(targetPort, "127.0.0.1");
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        target.destroy();
      });
    }
    client.on("data", (data) => {
      if (held) held.push({ data, target });
      else target.write(data);
    });
    target.on("data", (data) => {
      if (!losing) client.write(data);
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
  const heldText = () => (held ?? []).map(({ data }) => data.toString("latin1")).join("");
  const letGo = () => {
    for (const { data, target } of held ?? []) target.write(data);
    held = undefined;
  };
  const loseAnswers = () => {
    losing = true;
  };
  const hold = () => {
    held = [];
  };
  return { port, cut, heal: () => listen(port), loseAnswers, hold, held: heldText, letGo, close: cut };
}

/** An address with the proxy's port instead of the server's. */
export const through = (url: string, proxy: Line): string => {
  const address = new URL(url);
  address.port = String(proxy.port);
  return address.href.replace(/\/$/, "");
};
