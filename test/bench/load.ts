import { type Dispatcher, Pool } from "undici";

/** A request of a load, made anew each time. */
export type Asked = Pick<Dispatcher.RequestOptions, "method" | "path" | "headers" | "body">;

/** Requests to one address over kept connections. */
export function openClient(origin: string, connections = 64) {
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const send = async (asked: Asked): Promise<number> => {
    const { statusCode, body } = await pool.request(asked);
    await body.dump();
    return statusCode;
  };
  return { send, close: () => pool.destroy() };
}

/** Requests a second of so many callers, each asking again as soon as it is answered. Throws at the first answer that is not as it should be. */
export async function closedLoop(origin: string, asked: Asked, requests: number, callers = 50): Promise<number> {
  const client = openClient(origin, callers);
  try {
    let left = requests;
    const caller = async () => {
      while (left-- > 0) {
        const status = await client.send(asked);
        if (status !== 200) throw new Error(`${asked.path} answered ${status}`);
      }
    };
    const from = performance.now();
    await Promise.all(Array.from({ length: callers }, caller));
    return (requests * 1_000) / (performance.now() - from);
  } finally {
    await client.close();
  }
}

/**
 * Sends at a steady rate whether earlier answers have come or not, as people do, and answers how long each took from the moment it was due: what waits behind
 * a slow one counts as slow too.
 */
export async function openLoop(perSecond: number, seconds: number, send: (n: number) => Promise<unknown>): Promise<number[]> {
  const total = Math.max(1, Math.round(perSecond * seconds));
  const took: number[] = [];
  const under: Promise<void>[] = [];
  const from = performance.now();
  for (let n = 0; n < total; n += 1) {
    const due = from + (n * 1_000) / perSecond;
    const early = due - performance.now();
    if (early > 1) await new Promise((resolve) => setTimeout(resolve, early));
    under.push(send(n).then(() => void took.push(performance.now() - due)));
  }
  await Promise.all(under);
  return took;
}
