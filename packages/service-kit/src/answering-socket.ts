import { Socket } from "node:net";

/**
 * A connection to a server that answers whatever it is asked: when it was asked something and has said nothing for so long, it breaks with ETIMEDOUT.
 * Without this a request would wait for ever behind a line whose far side went without a word (a machine that lost its power, a firewall that forgot
 * the connection), since TCP itself gives up after a quarter of an hour only. Bytes are counted rather than heard, so that it works under TLS as well.
 * @param silentMs longer than the server ever works on one question
 */
export function answeringSocket(silentMs: number): Socket {
  const socket = new Socket();
  let read = 0;
  let written = 0;
  let since = performance.now();
  const watch = setInterval(
    () => {
      if (socket.bytesRead !== read || socket.bytesWritten === written) {
        read = socket.bytesRead;
        written = socket.bytesWritten;
        since = performance.now();
      } else if (performance.now() - since > silentMs) {
        socket.destroy(Object.assign(new Error(`no answer for ${silentMs} ms`), { code: "ETIMEDOUT" }));
      }
    },
    Math.min(1_000, silentMs / 4),
  );
  watch.unref();
  socket.once("close", () => clearInterval(watch));
  return socket;
}
