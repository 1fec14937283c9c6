import { randomInt } from "node:crypto";
import { connect, createServer } from "node:net";
import { StartProblem } from "./start-problem.ts";

/** Everything the runner starts listens here and nowhere else. */
export const LOOPBACK = "127.0.0.1";

/** Whether nothing listens on this loopback port now. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(false);
      else if (error.code === "EACCES") reject(forbidden(port));
      else reject(error);
    });
    probe.listen({ port, host: LOOPBACK, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

const forbidden = (port: number) =>
  new StartProblem(
    `没有权限监听端口 ${port}，请用 SHOUWANG_PORT 换一个 1024 以上的端口。`,
    `Not permitted to listen on port ${port}; choose one above 1024 with SHOUWANG_PORT.`,
  );

/** Refuses with one sentence when another program holds the port. */
export async function refuseTakenPort(port: number, what: string): Promise<void> {
  if (await isFree(port)) return;
  throw new StartProblem(
    `端口 ${port}（${what}）已被其他程序占用，请先停止它，或用 SHOUWANG_PORT 换一个端口。`,
    `Port ${port} (${what}) is in use by another program; stop it, or choose another with SHOUWANG_PORT.`,
  );
}

/**
 * A free loopback port below the range from which the system takes the ports of outgoing connections, so that a server
 * that is stopped and started again finds its port still free.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) return port;
  }
  throw new StartProblem("找不到空闲端口。", "No free port was found.");
}

/** The first line a server says by itself after a connection, or undefined while nobody answers within the time. */
export function greetingOf(port: number, waitMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: LOOPBACK });
    const answer = (line: string | undefined) => {
      socket.destroy();
      resolve(line);
    };
    socket.setTimeout(waitMs, () => answer(undefined));
    socket.once("error", () => answer(undefined));
    socket.once("data", (data) => answer(data.toString("utf8").split("\r\n")[0]));
  });
}
