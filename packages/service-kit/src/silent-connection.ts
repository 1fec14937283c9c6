import type { Duplex } from "node:stream";
import type pg from "pg";

/**
 * Breaks a connection whose far side does not answer: when something was asked and nothing has come for so long, it ends with ETIMEDOUT, and whoever waited fails at
 * once. Without this a request would wait for ever behind a line that went without a word (a machine that lost its power, a firewall that forgot the connection): TCP
 * gives up after a quarter of an hour only, and pg's own `query_timeout` leaves the connection standing, on which the rollback then waits as long again.
 * @param client connected already
 * @param silentMs longer than the server ever works on one question
 */
export function breakWhenSilent(client: pg.ClientBase, silentMs: number): void {
  // Safe: every client of pg has its connection, under TLS with the encrypted stream once it is connected; the types leave it out.
  const { connection } = client as pg.ClientBase & { connection: NodeJS.EventEmitter & { stream: Duplex } };
  const { stream } = connection;
  let waitsSince: number | undefined;
  const write = stream.write;
  stream.write = (...said: unknown[]) => {
    waitsSince ??= performance.now();
    return Reflect.apply(write, stream, said);
  };
  // Part of an answer shows that the other side is there; only its end shows that nothing more is owed.
  stream.on("data", () => {
    if (waitsSince !== undefined) waitsSince = performance.now();
  });
  connection.on("readyForQuery", () => {
    waitsSince = undefined;
  });
  const watch = setInterval(
    () => {
      if (waitsSince === undefined || performance.now() - waitsSince < silentMs) return;
      stream.destroy(Object.assign(new Error(`no answer for ${silentMs} ms`), { code: "ETIMEDOUT" }));
    },
    Math.min(1_000, silentMs / 4),
  );
  watch.unref();
  stream.once("close", () => clearInterval(watch));
}
